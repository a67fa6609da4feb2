//! Where the moves of the price come from: the jump-diffusion in lanes, or paths laid down beforehand.

use rand::RngExt;

use crate::numerics::lanes::{normal_pair, philox4x32};
use crate::world::streams::Streams;

use super::model::{HOURS_PER_YEAR, JumpDiffusion};
use super::pool::{Block, LANES, Lane, Moves};

/// The jump-diffusion as an hour sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct HourlyLaw {
    /// Deterministic part of the move.
    pub(super) drift: f64,
    /// Standard deviation of the diffusion.
    pub(super) deviation: f64,
    /// A word below this is a jump. The probability is a whole number of 2^-32, wrong by at most 1.2e-10.
    pub(super) jump_below: u64,
    /// What a jump adds to the logarithm.
    pub(super) jump: f64,
}

impl HourlyLaw {
    /// The hour of a law without problems.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 2^32")]
    pub(super) fn new(law: &JumpDiffusion) -> Self {
        let years = 1.0 / HOURS_PER_YEAR;
        let variance = law.volatility * law.volatility;
        let probability = law.jump_probability_per_hour * law.jump_amplifier;
        Self {
            drift: (law.drift - 0.5 * variance) * years,
            deviation: (variance * years).sqrt(),
            jump_below: (probability * 4_294_967_296.0).round() as u64,
            jump: libm::log1p(law.jump_size),
        }
    }
}

/// The key of the stream that paths draw from.
pub(super) fn key(seed: u64, name: &str) -> [u32; 2] {
    let mut stream = Streams::new(seed).sequential(name);
    [stream.random(), stream.random()]
}

/// Standard normal draws and random words for a block of paths, hour by hour from an even one on.
///
/// One block of Philox words at (path, pair of hours) gives two hours: a radius and an angle for two normal draws, and a
/// word for each hour's jump.
#[derive(Debug)]
pub(super) struct Normals {
    key: [u32; 2],
    first_path: u64,
    odd: Lane,
    odd_words: [u64; LANES],
}

impl Normals {
    /// For the paths from `first_path` on.
    pub(super) fn new(key: [u32; 2], first_path: u64) -> Self {
        Self { key, first_path, odd: [0.0; LANES], odd_words: [0; LANES] }
    }

    /// The draws of an hour, and a word below 2^32 for each path.
    #[allow(clippy::needless_range_loop, reason = "the lanes of several arrays, side by side")]
    #[inline(always)]
    pub(super) fn hour(&mut self, hour: usize) -> (Lane, [u64; LANES]) {
        if hour % 2 == 1 {
            return (self.odd, self.odd_words);
        }
        // Locals, which the compiler can see do not overlap: in fields the loop is not made into vectors.
        let (key, first_path, pair) = (self.key, self.first_path, hour as u64 / 2);
        let (mut even, mut odd) = ([0.0; LANES], [0.0; LANES]);
        let (mut even_words, mut odd_words) = ([0; LANES], [0; LANES]);
        for lane in 0..LANES {
            let path = first_path + lane as u64;
            let words = philox4x32(key, [pair, 0, path, path >> 32]);
            let draws = normal_pair(words[0], words[1]);
            even[lane] = draws.0;
            odd[lane] = draws.1;
            even_words[lane] = words[2];
            odd_words[lane] = words[3];
        }
        (self.odd, self.odd_words) = (odd, odd_words);
        (even, even_words)
    }
}

/// The jump-diffusion for a block of paths.
#[derive(Debug)]
pub(super) struct Diffusing {
    law: HourlyLaw,
    normals: Normals,
}

impl Diffusing {
    /// For the paths from `first_path` on.
    pub(super) fn new(law: HourlyLaw, key: [u32; 2], first_path: u64) -> Self {
        Self { law, normals: Normals::new(key, first_path) }
    }
}

impl Moves for Diffusing {
    #[allow(clippy::needless_range_loop, reason = "the lanes of several arrays, side by side")]
    #[inline(always)]
    fn hour(&mut self, hour: usize, _block: &Block) -> Lane {
        let (draws, words) = self.normals.hour(hour);
        let mut moves = [0.0; LANES];
        for lane in 0..LANES {
            let jump = if words[lane] < self.law.jump_below { self.law.jump } else { 0.0 };
            moves[lane] = (self.law.drift + self.law.deviation * draws[lane]) + jump;
        }
        moves
    }
}

/// Moves laid down beforehand, an hour after the other.
#[derive(Debug)]
pub(super) struct Given<'a>(pub(super) &'a [Lane]);

impl Moves for Given<'_> {
    #[inline(always)]
    fn hour(&mut self, hour: usize, _block: &Block) -> Lane {
        self.0[hour]
    }
}
