//! How much is emitted per cycle: five eras, each about half of the one before, then nothing.
//!
//! ```text
//! coinbase(cycle) = c1  for cycle <= t1        t = 100, 200, 300, 400, 500
//!                   ck  for t(k-1) < cycle <= tk
//!                   0   for cycle > t5
//! ```
//!
//! Both bounds count: era 1 has the 101 indices 0 to 100, of which cycle 0 can have no staker. Amounts and thresholds are
//! one record that governance replaces at any time, and rewards are computed when they are claimed: a change reaches back
//! to every cycle that is not claimed yet.
//!
//! Source: `get-coinbase-amount-or-default` of `alex-reserve-pool` (`alexgo-io/alex-v1` at `5146658f`).

use serde::{Deserialize, Serialize};

use crate::quantity::{Amount, AmountError, Decimals};

/// Cycles of an era.
pub const HALVING_CYCLES: u32 = 100;

/// An emission schedule, in atoms of the reward token per cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coinbase {
    /// Emission per cycle, by era.
    pub amounts: [Amount; 5],
    /// Last cycle of each era.
    pub last_cycles: [u32; 5],
}

impl Coinbase {
    /// No emission, as for a token nobody has set one for.
    pub const NONE: Self = Self { amounts: [Amount::ZERO; 5], last_cycles: thresholds(HALVING_CYCLES) };

    /// A schedule of amounts, halving every [`HALVING_CYCLES`].
    #[must_use]
    pub const fn new(amounts: [Amount; 5]) -> Self {
        Self { amounts, last_cycles: thresholds(HALVING_CYCLES) }
    }

    /// The same from whole tokens, rounded down to atoms.
    ///
    /// # Errors
    /// [`AmountError`] for an amount that is none.
    ///
    /// ```
    /// use ballast::protocol::staking::{Coinbase, preset};
    /// use ballast::quantity::{Amount, Decimals};
    ///
    /// let alex = Coinbase::of_tokens(preset::ALEX.tokens_per_cycle, Decimals::new(8))?;
    /// assert_eq!(alex.at(100), Amount::from_atoms(413_000 * 100_000_000));
    /// assert_eq!(alex.at(101), Amount::from_atoms(206_500 * 100_000_000));
    /// assert_eq!(alex.at(501), Amount::ZERO);
    /// # Ok::<(), ballast::quantity::AmountError>(())
    /// ```
    pub fn of_tokens(tokens_per_cycle: [f64; 5], decimals: Decimals) -> Result<Self, AmountError> {
        let mut amounts = [Amount::ZERO; 5];
        for (amount, tokens) in amounts.iter_mut().zip(tokens_per_cycle) {
            *amount = decimals.floor(tokens)?;
        }
        Ok(Self::new(amounts))
    }

    /// The schedule with eras of another length (`set-token-halving-cycle`).
    #[must_use]
    pub const fn with_halving(self, cycles: u32) -> Self {
        Self { last_cycles: thresholds(cycles), ..self }
    }

    /// Frozen as it is in `cycle`, with nothing after `last`: what the proposal AGP100 did.
    #[must_use]
    pub fn ending_with(self, cycle: u32, last: u32) -> Self {
        let mut amounts = [Amount::ZERO; 5];
        amounts[0] = self.at(cycle);
        Self { amounts, last_cycles: thresholds(last) }
    }

    /// Emission of a cycle.
    #[must_use]
    pub fn at(&self, cycle: u32) -> Amount {
        let era = self.last_cycles.iter().position(|&last| cycle <= last);
        era.map_or(Amount::ZERO, |era| self.amounts[era])
    }

    /// Emission of cycles 1 to `cycle` together, in atoms: what is scheduled, hence the most that can be minted. Wider than
    /// an amount, so that no schedule overflows.
    #[must_use]
    pub fn scheduled_through(&self, cycle: u32) -> i128 {
        let mut before = 0;
        let mut sum = 0;
        for (&amount, &last) in self.amounts.iter().zip(&self.last_cycles) {
            let end = last.min(cycle).max(before);
            sum += i128::from(amount.atoms()) * i128::from(end - before);
            before = end;
        }
        sum
    }
}

const fn thresholds(cycles: u32) -> [u32; 5] {
    [
        cycles,
        cycles.saturating_mul(2),
        cycles.saturating_mul(3),
        cycles.saturating_mul(4),
        cycles.saturating_mul(5),
    ]
}

/// Schedules that were in force, and what was published about them.
pub mod preset {
    /// What one pool emits and how much APower its rewards bring.
    #[derive(Debug, Clone, Copy, PartialEq)]
    pub struct Preset {
        /// Tokens per cycle, by era.
        pub tokens_per_cycle: [f64; 5],
        /// APower per token of reward.
        pub apower_multiplier: f64,
    }

    const fn preset(tokens_per_cycle: [f64; 5], apower_multiplier: f64) -> Preset {
        Preset { tokens_per_cycle, apower_multiplier }
    }

    /// ALEX by itself at launch. Source: AGP005.
    pub const ALEX: Preset = preset([413_000.0, 206_500.0, 103_250.0, 51_625.0, 25_813.0], 1.0);
    /// STX-ALEX liquidity at launch. Source: AGP005, AGP012.
    pub const STX_ALEX: Preset = preset([138_000.0, 69_000.0, 34_500.0, 17_250.0, 8_625.0], 0.3);
    /// STX-xBTC liquidity at launch. Source: AGP006, AGP012.
    pub const STX_XBTC: Preset = preset([688_000.0, 344_000.0, 172_000.0, 86_000.0, 43_000.0], 0.3);
    /// Each of the three launch pools when they were made alike; the multiplier is that of the single-token pool, the
    /// proposal changes none. Source: AGP013.
    pub const THREE_ALIKE: Preset = preset([344_000.0, 172_000.0, 86_000.0, 43_000.0, 21_500.0], 1.0);
    /// ALEX by itself from AGP014 on, and again from AGP130.
    pub const ALEX_AGP014: Preset = preset([206_400.0, 103_200.0, 51_600.0, 25_800.0, 12_900.0], 1.0);
    /// STX-ALEX liquidity from AGP014 on.
    pub const STX_ALEX_AGP014: Preset = preset([567_600.0, 283_800.0, 141_900.0, 70_950.0, 35_475.0], 0.3);
    /// STX-xBTC liquidity from AGP014 on.
    pub const STX_XBTC_AGP014: Preset = preset([258_000.0, 129_000.0, 64_500.0, 32_250.0, 16_125.0], 0.3);
    /// ALEX-BANANA liquidity. Source: AGP035.
    pub const ALEX_BANANA: Preset = preset([2_000.0, 1_000.0, 500.0, 250.0, 125.0], 0.3);
    /// ALEX-USDA liquidity; AGP130 had it end with era 1. Source: AGP131.
    pub const ALEX_USDA: Preset = preset([2_000.0, 1_000.0, 500.0, 250.0, 125.0], 0.6);
    /// STX-xUSD liquidity. Source: AGP052.
    pub const STX_XUSD: Preset = preset([20_000.0, 10_000.0, 5_000.0, 2_500.0, 1_250.0], 0.3);

    /// The published cap on the emission of all staking pools together, in tokens, by year: 500 million. It is not the sum
    /// of the pools' schedules, and no contract enforces it. Source: ALEXnomics, figure.
    pub const PUBLISHED_CAP_TOKENS: [f64; 5] = [259e6, 130e6, 65e6, 33e6, 13e6];
}

#[cfg(test)]
mod tests {
    use super::preset::{ALEX, PUBLISHED_CAP_TOKENS, STX_ALEX, STX_XBTC};
    use super::*;

    fn tokens(amounts: [f64; 5]) -> Coinbase {
        Coinbase::of_tokens(amounts, Decimals::new(0)).unwrap()
    }

    #[test]
    fn both_ends_of_an_era_count() {
        let alex = tokens(ALEX.tokens_per_cycle);
        let at = [0, 1, 100, 101, 200, 201, 300, 301, 400, 401, 500, 501].map(|cycle| alex.at(cycle).atoms());
        assert_eq!(
            at,
            [
                413_000, 413_000, 413_000, 206_500, 206_500, 103_250, 103_250, 51_625, 51_625, 25_813,
                25_813, 0
            ]
        );
    }

    #[test]
    fn what_is_scheduled_leaves_cycle_zero_out() {
        let alex = tokens(ALEX.tokens_per_cycle);
        for cycle in [0, 1, 99, 100, 101, 250, 500, 700] {
            let sum: i64 = (1..=cycle).map(|cycle| alex.at(cycle).atoms()).sum();
            assert_eq!(alex.scheduled_through(cycle), i128::from(sum));
        }
        assert_eq!(alex.scheduled_through(100), 41_300_000);
    }

    #[test]
    fn published_caps_are_not_the_sum_of_the_pools() {
        let pools = [ALEX, STX_ALEX, STX_XBTC].map(|preset| tokens(preset.tokens_per_cycle));
        let through = |cycle| pools.iter().map(|pool| pool.scheduled_through(cycle)).sum::<i128>() as f64;
        assert_eq!(through(100), 123.9e6, "era 1 of the three launch pools");
        assert!(through(100) < 0.5 * PUBLISHED_CAP_TOKENS[0]);
        assert!(
            (through(500) / 240e6 - 1.0).abs() < 1e-3 && PUBLISHED_CAP_TOKENS.iter().sum::<f64>() == 500e6
        );
    }

    #[test]
    fn governance_changes_eras_in_place() {
        let alex = tokens(ALEX.tokens_per_cycle);
        assert_eq!(alex.with_halving(10).at(11).atoms(), 206_500);
        // AGP100, in cycle 74: the rate of that cycle until 108, then nothing.
        let frozen = alex.ending_with(74, 108);
        assert_eq!([108, 109].map(|cycle| frozen.at(cycle).atoms()), [413_000, 0]);
        assert_eq!(alex.with_halving(u32::MAX).at(u32::MAX).atoms(), 413_000, "thresholds do not wrap");
        assert_eq!(Coinbase::NONE.at(1), Amount::ZERO);
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        assert!(Coinbase::of_tokens([f64::NAN; 5], Decimals::new(8)).is_err());
        assert!(Coinbase::of_tokens([-1.0; 5], Decimals::new(8)).is_err());
    }
}
