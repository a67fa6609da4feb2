//! Named random streams.
//!
//! A draw is a function of (run seed, stream name, agent, tick) and of nothing else: adding an agent, a metric or a
//! thread changes no one else's draws, and two experiments with the same seed share their randomness pair by pair.

use bevy_ecs::prelude::Resource;
use fearless_simd::{Level, dispatch};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use sha2::{Digest, Sha256};

use super::ledger::AccountId;
use crate::numerics::lanes;
use crate::numerics::philox::{Philox, philox4x32};

/// The random streams of one run.
#[derive(Debug, Clone, Copy, Resource)]
pub struct Streams {
    seed: u64,
}

/// A named stream with one place for each (agent, tick).
#[derive(Debug, Clone, Copy)]
pub struct AgentStream {
    key: u64,
}

impl Streams {
    /// The streams of the run with this seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The streams of run number `run` of an experiment seeded with `seed`.
    #[must_use]
    pub fn of_run(seed: u64, run: u32) -> Self {
        let digest = digest(seed, &format!("run {run}"));
        Self { seed: first_u64(&digest) }
    }

    /// A sequential stream, for set-up and markets.
    #[must_use]
    pub fn sequential(&self, name: &str) -> ChaCha8Rng {
        ChaCha8Rng::from_seed(digest(self.seed, name))
    }

    /// A stream with a place for each (agent, tick), for what an agent draws when it wakes.
    #[must_use]
    pub fn per_agent(&self, name: &str) -> AgentStream {
        AgentStream { key: first_u64(&digest(self.seed, name)) }
    }
}

impl AgentStream {
    /// The generator of `agent` at `tick`.
    #[must_use]
    #[inline]
    pub fn at(&self, agent: u32, tick: u32) -> Philox {
        Philox::new(self.key, agent, tick)
    }

    /// What each of `agents` draws first at `tick`, in their order: the number in 0..1 that `at(agent, tick).random()` answers
    /// with, many worked out side by side.
    #[must_use]
    pub fn first_draws(&self, agents: &[AccountId], tick: u32) -> Vec<f64> {
        let mut draws = Vec::with_capacity(agents.len());
        dispatch!(Level::new(), _simd => first_draws(self.halves(), agents, tick, &mut draws));
        draws
    }

    /// The key of the stream, as the two words a counter-based generator takes.
    #[must_use]
    #[inline]
    const fn halves(&self) -> [u32; 2] {
        [self.key as u32, (self.key >> 32) as u32]
    }

    /// One 64-bit word at (agent, tick, lane), apart from what [`AgentStream::at`] draws.
    #[must_use]
    #[inline]
    pub fn word(&self, agent: u32, tick: u32, lane: u32) -> u64 {
        let words = philox4x32(self.halves(), [lane, u32::MAX, agent, tick]);
        u64::from(words[0]) | u64::from(words[1]) << 32
    }
}

/// Draws worked out together: a few registers of the widest vectors.
const SIDE_BY_SIDE: usize = 16;

#[inline(always)]
fn first_draws(key: [u32; 2], agents: &[AccountId], tick: u32, draws: &mut Vec<f64>) {
    for group in agents.chunks(SIDE_BY_SIDE) {
        let mut places = [0_u64; SIDE_BY_SIDE];
        places.iter_mut().zip(group).for_each(|(place, agent)| *place = u64::from(agent.0));
        let mut words = [0_u64; SIDE_BY_SIDE];
        for (word, place) in words.iter_mut().zip(places) {
            let [low, high, ..] = lanes::philox4x32(key, [0, 0, place, u64::from(tick)]);
            *word = low | high << 32;
        }
        draws.extend(words[..group.len()].iter().map(|word| uniform(*word)));
    }
}

/// The number in 0..1 that a generator makes of a word: its upper 53 bits.
#[inline(always)]
fn uniform(word: u64) -> f64 {
    const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
    (word >> 11) as f64 * STEP
}

fn digest(seed: u64, name: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(seed.to_le_bytes());
    hash.update(name.as_bytes());
    hash.finalize().into()
}

fn first_u64(bytes: &[u8; 32]) -> u64 {
    let mut head = [0; 8];
    head.copy_from_slice(&bytes[..8]);
    u64::from_le_bytes(head)
}

#[cfg(test)]
mod tests {
    use rand::RngExt;

    use super::*;

    #[test]
    fn first_draws_are_what_each_agent_would_draw_alone() {
        let stream = Streams::new(3).per_agent("voter");
        let agents: Vec<AccountId> =
            (0..37_u32).map(|agent| AccountId(agent * agent + u32::MAX / 2)).collect();
        let draws = stream.first_draws(&agents, u32::MAX - 1);
        let alone = agents.iter().map(|agent| stream.at(agent.0, u32::MAX - 1).random::<f64>());
        assert!(draws.into_iter().eq(alone));
    }

    #[test]
    fn a_name_is_a_stream() {
        let streams = Streams::of_run(1, 0);
        let draw = |name: &str| -> u64 { streams.sequential(name).random() };
        assert_eq!(draw("price"), draw("price"));
        assert_ne!(draw("price"), draw("order"));
        let other: u64 = Streams::of_run(1, 1).sequential("price").random();
        assert_ne!(draw("price"), other);
    }
}
