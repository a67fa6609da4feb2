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
    pub(super) fn new(law: &JumpDiffusion) -> Self {
        let years = 1.0 / HOURS_PER_YEAR;
        let variance = law.volatility * law.volatility;
        Self {
            drift: (law.drift - 0.5 * variance) * years,
            deviation: (variance * years).sqrt(),
            jump_below: words_below(law.jump_probability_per_hour * law.jump_amplifier),
            jump: libm::log1p(law.jump_size),
        }
    }
}

/// How many of the 2^32 words make up this probability.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 2^32")]
pub(super) fn words_below(probability: f64) -> u64 {
    (probability * 4_294_967_296.0).round() as u64
}

/// The key of the stream that paths draw from.
pub(super) fn key(seed: u64, name: &str) -> [u32; 2] {
    let mut stream = Streams::new(seed).sequential(name);
    [stream.random(), stream.random()]
}

/// The jump-diffusion for a block of paths.
///
/// One block of Philox words at (path, pair of hours) gives two hours: a radius and an angle for two normal draws, and a
/// word for each hour's jump.
#[derive(Debug)]
pub(super) struct Diffusing {
    law: HourlyLaw,
    key: [u32; 2],
    first_path: u64,
}

impl Diffusing {
    /// For the paths from `first_path` on.
    pub(super) fn new(law: HourlyLaw, key: [u32; 2], first_path: u64) -> Self {
        Self { law, key, first_path }
    }
}

impl Moves for Diffusing {
    #[inline(always)]
    fn pair(&mut self, pair: usize, _block: &Block) -> [Lane; 2] {
        let (mut first, mut second) = ([0.0; LANES], [0.0; LANES]);
        for lane in 0..LANES {
            let path = self.first_path + lane as u64;
            let words = philox4x32(self.key, [pair as u64, 0, path, path >> 32]);
            let normals = normal_pair(words[0], words[1]);
            let jump = |word: u64| if word < self.law.jump_below { self.law.jump } else { 0.0 };
            first[lane] = (self.law.drift + self.law.deviation * normals.0) + jump(words[2]);
            second[lane] = (self.law.drift + self.law.deviation * normals.1) + jump(words[3]);
        }
        [first, second]
    }
}

/// Moves laid down beforehand, an hour after the other.
#[derive(Debug)]
pub(super) struct Given(pub(super) Vec<Lane>);

impl Moves for Given {
    #[inline(always)]
    fn pair(&mut self, pair: usize, _block: &Block) -> [Lane; 2] {
        let at = |hour: usize| self.0.get(hour).copied().unwrap_or([0.0; LANES]);
        [at(2 * pair), at(2 * pair + 1)]
    }
}
