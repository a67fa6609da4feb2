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
    pub(super) drift: f32,
    /// Standard deviation of the diffusion.
    pub(super) deviation: f32,
    /// Number of the [`WORDS`] that are a jump. The probability is a whole number of 2^-31, wrong by at most 2.4e-10.
    pub(super) jumps: u32,
    /// What a jump adds to the logarithm.
    pub(super) jump: f32,
}

/// Number of words that an hour draws from.
pub(super) const WORDS: u32 = 1 << 31;

impl HourlyLaw {
    /// The hour of a law without problems.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 2^31, or single precision"
    )]
    pub(super) fn new(law: &JumpDiffusion) -> Self {
        let years = 1.0 / HOURS_PER_YEAR;
        let variance = law.volatility * law.volatility;
        let probability = law.jump_probability_per_hour * law.jump_amplifier;
        Self {
            drift: ((law.drift - 0.5 * variance) * years) as f32,
            deviation: (variance * years).sqrt() as f32,
            jumps: (probability * f64::from(WORDS)).round() as u32,
            jump: libm::log1p(law.jump_size) as f32,
        }
    }
}

/// The key of the stream that paths draw from.
pub(super) fn key(seed: u64, name: &str) -> [u32; 2] {
    let mut stream = Streams::new(seed).sequential(name);
    [stream.random(), stream.random()]
}

/// How one word of an hour tells both whether there is a jump and a number for a normal draw.
///
/// The highest words are jumps. Where a word lies among those that are jumps, or among those that are none, is uniform again
/// and independent of which it is, so that nothing else needs to be drawn.
#[derive(Debug, Clone, Copy)]
struct Cut {
    last_calm: i32,
    per_calm: f32,
    per_jump: f32,
}

impl Cut {
    /// `jumps` of the [`WORDS`] are jumps.
    #[allow(clippy::cast_possible_truncation, reason = "below 2^31, or single precision")]
    fn new(jumps: u32) -> Self {
        let calm = i64::from(WORDS) - i64::from(jumps);
        // Where there are none of a kind its width is not asked for.
        let per = |words: i64| 1.0 / words.max(1) as f32;
        Self { last_calm: (calm - 1) as i32, per_calm: per(calm), per_jump: per(i64::from(jumps)) }
    }

    /// A number above 0 up to 1, and 1 if there is a jump or else 0. The lowest bit of the word is dropped, because vector
    /// instruction sets convert signed integers only.
    #[inline(always)]
    fn take(self, word: u32) -> (f32, f32) {
        let word = (word >> 1).cast_signed();
        let jumps = word > self.last_calm;
        // Counted from the end where numbers are dense: tails are at small numbers.
        let place = if jumps { i32::MAX ^ word } else { word };
        let width = if jumps { self.per_jump } else { self.per_calm };
        ((place as f32 + 0.5) * width, if jumps { 1.0 } else { 0.0 })
    }
}

/// Hours that one block of random words gives draws for.
const BATCH: usize = 4;

/// Standard normal draws and jumps for a block of paths, hour by hour from a multiple of four on.
///
/// One block of Philox words at (path, four hours) gives them to four hours: two pairs of a radius and an angle.
#[derive(Debug)]
pub(super) struct Normals {
    key: [u32; 2],
    first_path: u64,
    cut: Cut,
    draws: [Lane; BATCH],
    jumps: [Lane; BATCH],
}

impl Normals {
    /// For the paths from `first_path` on; `jumps` of the [`WORDS`] are jumps.
    pub(super) fn new(key: [u32; 2], first_path: u64, jumps: u32) -> Self {
        let none = [[0.0; LANES]; BATCH];
        Self { key, first_path, cut: Cut::new(jumps), draws: none, jumps: none }
    }

    /// The draws of an hour, and for each path 1 if there is a jump or else 0.
    #[inline(always)]
    pub(super) fn hour(&mut self, hour: usize) -> (&Lane, &Lane) {
        if hour.is_multiple_of(BATCH) {
            self.draw((hour / BATCH) as u64);
        }
        (&self.draws[hour % BATCH], &self.jumps[hour % BATCH])
    }

    #[allow(clippy::cast_possible_truncation, reason = "words are below 2^32")]
    #[allow(clippy::needless_range_loop, reason = "the lanes of several arrays, side by side")]
    #[inline(always)]
    fn draw(&mut self, batch: u64) {
        // Locals, which the compiler can see do not overlap: in fields the loops are not made into vectors.
        let (key, first_path, cut) = (self.key, self.first_path, self.cut);
        let mut words = [[0; LANES]; BATCH];
        for lane in 0..LANES {
            let path = first_path + lane as u64;
            let block = philox4x32(key, [batch, 0, path, path >> 32]);
            for (word, lanes) in block.into_iter().zip(&mut words) {
                lanes[lane] = word as u32;
            }
        }
        for first in (0..BATCH).step_by(2) {
            let [mut draws, mut others, mut jumps, mut other_jumps] = [[0.0; LANES]; 4];
            for lane in 0..LANES {
                let (radius, angle);
                (radius, jumps[lane]) = cut.take(words[first][lane]);
                (angle, other_jumps[lane]) = cut.take(words[first + 1][lane]);
                (draws[lane], others[lane]) = normal_pair(radius, angle - 0.5);
            }
            (self.draws[first], self.draws[first + 1]) = (draws, others);
            (self.jumps[first], self.jumps[first + 1]) = (jumps, other_jumps);
        }
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
        Self { law, normals: Normals::new(key, first_path, law.jumps) }
    }
}

impl Moves for Diffusing {
    #[allow(clippy::needless_range_loop, reason = "the lanes of several arrays, side by side")]
    #[inline(always)]
    fn hour(&mut self, hour: usize, _block: &Block) -> Lane {
        let HourlyLaw { drift, deviation, jump, .. } = self.law;
        let (draws, jumps) = self.normals.hour(hour);
        let mut moves = [0.0; LANES];
        for lane in 0..LANES {
            moves[lane] = (drift + deviation * draws[lane]) + jump * jumps[lane];
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
