//! When staking opens, and which cycle a block belongs to.
//!
//! The first contract opened a pool by its crowd: the 20th distinct wallet to register set the activation height 150
//! blocks ahead. From January 2022 on the owner simply sets the height. From it on time is cut into cycles of 525 blocks,
//! about 3.65 days:
//!
//! `cycle(height) = floor((height - activation) / 525)`
//!
//! Source: `alex-reserve-pool` of `alexgo-io/alex-v1` at `5e4480a4` (December 2021) and at `5146658f`.

use serde::{Deserialize, Serialize};

use super::refusal::Refusal;
use super::staker::Staker;

/// Blocks of a cycle.
pub const CYCLE_BLOCKS: u64 = 525;
/// The last cycle of which a pool keeps a total: some thousand years at [`CYCLE_BLOCKS`].
pub const LAST_CYCLE: u32 = 100_000;
/// Activation height on mainnet: the end of the claim of the token's launch.
pub const MAINNET_ACTIVATION: u64 = 46_601;

/// How a crowd of wallets opens a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivationRules {
    /// The wallet with this number, counted from one, starts the countdown.
    pub wallets: u32,
    /// Blocks from its registration to the opening.
    pub delay_blocks: u64,
}

impl ActivationRules {
    /// December 2021: 20 wallets and 150 blocks, about a day.
    pub const DEC_2021: Self = Self { wallets: 20, delay_blocks: 150 };
}

/// The clock of one pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Activation {
    /// First block of cycle 0; `None` while nobody has set it. The contract's stand-in for never is 100,000,000.
    pub height: Option<u64>,
    /// Blocks of a cycle. Changing it renumbers every cycle, past and future.
    pub cycle_blocks: u64,
    /// Wallets known to the pool: those that registered and those that staked.
    pub wallets: u32,
}

impl Default for Activation {
    fn default() -> Self {
        Self { height: None, cycle_blocks: CYCLE_BLOCKS, wallets: 0 }
    }
}

impl Activation {
    /// A pool that its owner opens at `height`.
    #[must_use]
    pub fn at(height: u64) -> Self {
        Self { height: Some(height), ..Self::default() }
    }

    /// Registers a wallet, and starts the countdown if it is the one that was waited for. Later registrations change
    /// nothing.
    ///
    /// # Errors
    /// [`Refusal::AlreadyRegistered`].
    ///
    /// ```
    /// use ballast::protocol::staking::{Activation, ActivationRules, Staker};
    ///
    /// let (mut clock, rules) = (Activation::default(), ActivationRules::DEC_2021);
    /// for minute in 0..25 {
    ///     clock.register(&rules, &mut Staker::default(), 3_810 + minute)?;
    /// }
    /// // The 20th came at 3,829.
    /// assert_eq!(clock.height, Some(3_979));
    /// # Ok::<(), ballast::protocol::staking::Refusal>(())
    /// ```
    pub fn register(
        &mut self,
        rules: &ActivationRules,
        staker: &mut Staker,
        height: u64,
    ) -> Result<(), Refusal> {
        if staker.known {
            return Err(Refusal::AlreadyRegistered);
        }
        self.welcome(staker);
        // Equal, not at least: a threshold that is lowered below the count never opens the pool.
        if self.wallets == rules.wallets {
            self.height = Some(height.saturating_add(rules.delay_blocks));
        }
        Ok(())
    }

    /// Counts a wallet that is seen for the first time.
    pub(super) fn welcome(&mut self, staker: &mut Staker) {
        if !staker.known {
            staker.known = true;
            self.wallets = self.wallets.saturating_add(1);
        }
    }

    /// The cycle of a block, or `None` before activation. A length of zero counts as one block.
    #[must_use]
    pub fn cycle_of(&self, height: u64) -> Option<u64> {
        Some(height.checked_sub(self.height?)? / self.cycle_blocks.max(1))
    }

    /// The cycle that runs at `height`.
    ///
    /// # Errors
    /// [`Refusal::NotActive`], [`Refusal::BeyondHorizon`].
    pub fn cycle_at(&self, height: u64) -> Result<u32, Refusal> {
        let found = self.cycle_of(height).ok_or(Refusal::NotActive { height })?;
        match u32::try_from(found) {
            Ok(cycle) if cycle <= LAST_CYCLE => Ok(cycle),
            _ => Err(Refusal::BeyondHorizon { found, last: LAST_CYCLE }),
        }
    }

    /// First block of a cycle; `None` while there is no activation height.
    #[must_use]
    pub fn first_block(&self, cycle: u32) -> Option<u64> {
        Some(self.height?.saturating_add(self.cycle_blocks.saturating_mul(u64::from(cycle))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_twentieth_wallet_starts_the_countdown_and_nobody_after_it() {
        let (mut clock, rules) = (Activation::default(), ActivationRules::DEC_2021);
        let mut wallets = vec![Staker::default(); 21];
        for (index, wallet) in wallets.iter_mut().enumerate().take(19) {
            clock.register(&rules, wallet, 100 + index as u64).unwrap();
        }
        assert_eq!(clock.register(&rules, &mut wallets[3], 119), Err(Refusal::AlreadyRegistered));
        assert_eq!((clock.height, clock.wallets), (None, 19), "a duplicate does not count");
        clock.register(&rules, &mut wallets[19], 120).unwrap();
        assert_eq!(clock.height, Some(270));
        clock.register(&rules, &mut wallets[20], 121).unwrap();
        assert_eq!((clock.height, clock.wallets), (Some(270), 21));
        assert_eq!(clock.cycle_at(269), Err(Refusal::NotActive { height: 269 }));
        assert_eq!(clock.cycle_at(270), Ok(0));
    }

    #[test]
    fn a_cycle_is_525_blocks() {
        let clock = Activation::at(100);
        let cycles = [99, 100, 624, 625, 1_149, 1_150].map(|height| clock.cycle_of(height));
        assert_eq!(cycles, [None, Some(0), Some(0), Some(1), Some(1), Some(2)]);
        assert_eq!(clock.first_block(3), Some(1_675));
        assert_eq!(Activation::default().first_block(3), None);
    }

    #[test]
    fn heights_out_of_range_are_refused() {
        let clock = Activation::at(0);
        assert!(matches!(clock.cycle_at(u64::MAX), Err(Refusal::BeyondHorizon { .. })));
        let zero = Activation { cycle_blocks: 0, ..clock };
        assert_eq!(zero.cycle_of(7), Some(7), "no division by zero");
    }
}
