//! Philox4x32-10, the counter-based generator an agent draws from when it wakes.
//!
//! Any (key, counter) is reached at once, so that each (agent, tick) has a stream of its own without storing state for
//! agents that sleep. Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011);
//! the unit tests hold the known answers published with it.

use std::convert::Infallible;

use rand::TryRng;

const MULTIPLIER_0: u32 = 0xD251_1F53;
const MULTIPLIER_1: u32 = 0xCD9E_8D57;
const WEYL_0: u32 = 0x9E37_79B9;
const WEYL_1: u32 = 0xBB67_AE85;
const ROUNDS: u32 = 10;

/// One Philox4x32-10 block: four random words from a 64-bit key and a 128-bit counter.
#[must_use]
#[inline]
pub fn philox4x32(mut key: [u32; 2], mut counter: [u32; 4]) -> [u32; 4] {
    for round in 0..ROUNDS {
        if round > 0 {
            key[0] = key[0].wrapping_add(WEYL_0);
            key[1] = key[1].wrapping_add(WEYL_1);
        }
        let product_0 = u64::from(MULTIPLIER_0) * u64::from(counter[0]);
        let product_1 = u64::from(MULTIPLIER_1) * u64::from(counter[2]);
        counter = [
            (product_1 >> 32) as u32 ^ counter[1] ^ key[0],
            product_1 as u32,
            (product_0 >> 32) as u32 ^ counter[3] ^ key[1],
            product_0 as u32,
        ];
    }
    counter
}

/// A random stream at a fixed place: the key names the stream, the two upper counter words the agent and the tick.
#[derive(Debug, Clone)]
pub struct Philox {
    key: [u32; 2],
    place: [u32; 2],
    block: u64,
    words: [u32; 4],
    used: u8,
}

impl Philox {
    /// The stream `key` at (`agent`, `tick`).
    #[must_use]
    #[inline]
    pub fn new(key: u64, agent: u32, tick: u32) -> Self {
        Self { key: [key as u32, (key >> 32) as u32], place: [agent, tick], block: 0, words: [0; 4], used: 4 }
    }

    #[inline]
    fn next_word(&mut self) -> u32 {
        if self.used == 4 {
            let counter = [self.block as u32, (self.block >> 32) as u32, self.place[0], self.place[1]];
            self.words = philox4x32(self.key, counter);
            self.block += 1;
            self.used = 0;
        }
        let word = self.words[self.used as usize];
        self.used += 1;
        word
    }
}

impl TryRng for Philox {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.next_word())
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let low = u64::from(self.next_word());
        Ok(low | u64::from(self.next_word()) << 32)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(4) {
            chunk.copy_from_slice(&self.next_word().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rand::RngExt;

    use super::*;

    /// The three known answers of the reference implementation.
    #[test]
    fn known_answers() {
        assert_eq!(philox4x32([0; 2], [0; 4]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(
            philox4x32([u32::MAX; 2], [u32::MAX; 4]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        assert_eq!(
            philox4x32([0xa409_3822, 0x299f_31d0], [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn neighbouring_places_are_unrelated_and_each_repeats() {
        let draw = |agent, tick| -> f64 { Philox::new(7, agent, tick).random() };
        assert_eq!(draw(3, 4).to_bits(), draw(3, 4).to_bits());
        assert_ne!(draw(3, 4).to_bits(), draw(4, 3).to_bits());
        let mean = (0..10_000).map(|agent| draw(agent, 1)).sum::<f64>() / 1e4;
        assert!((mean - 0.5).abs() < 4.0 / (12.0_f64 * 1e4).sqrt(), "{mean}");
    }
}
