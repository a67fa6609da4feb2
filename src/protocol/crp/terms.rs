//! What is agreed when a pool is created, and the parameter sets that are known.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Blocks of ten minutes in a year: the contract's unit of time.
pub const BLOCKS_PER_YEAR: f64 = 52_560.0;

/// Which text of the protocol is in force: the parameters alone do not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Profile {
    /// The contract of 2022: what ran on mainnet.
    Contract,
    /// The white papers: what the design says.
    Whitepaper,
}

impl Profile {
    /// The name under which results are recorded.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Contract => "contract",
            Self::Whitepaper => "whitepaper",
        }
    }
}

/// The terms of one pool. They do not change; what does is in [`Pool`](super::Pool).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Which text is in force.
    pub profile: Profile,
    /// Debt at face value over collateral value for the first borrower.
    pub initial_loan_to_value: f64,
    /// Ratio from which on the pool leaves the collateral.
    pub conversion_ltv: f64,
    /// Volatility in the delta, per square root of a year.
    pub volatility: f64,
    /// Share of the *old* weight in the new one (the white paper's smoothing factor is one less this).
    pub moving_average: f64,
    /// Height of expiry, in blocks of ten minutes.
    pub expiry_block: f64,
    /// Blocks before expiry over which the contract blends into a weight of `y` that repays the debt.
    pub token_to_maturity_blocks: f64,
    /// Where the strike lies between the price (0) and the initial loan-to-value ratio of it (1).
    pub strike_multiplier: f64,
    /// Fee on collateral sold to the pool, as a share.
    pub fee_rate_x: f64,
    /// Fee on loan tokens sold to the pool, as a share.
    pub fee_rate_y: f64,
    /// Share of the fee that stays in the pool.
    pub rebate_share: f64,
    /// Cap on a net input, as a share of its balance, itself excluded.
    pub max_in_ratio: f64,
    /// Cap on an output, as a share of its balance, itself excluded.
    pub max_out_ratio: f64,
    /// What settlement buys for each missing loan token.
    pub shortfall_coverage: f64,
    /// How many times what the market can take the pool may grow to.
    pub capacity_multiplier: f64,
}

/// Terms that no pool could have been created with.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum TermError {
    /// A term is outside its range.
    #[error("{field} must be in {range}, found {found}")]
    OutOfRange {
        /// Field of [`Terms`].
        field: &'static str,
        /// The range in words.
        range: &'static str,
        /// The value found.
        found: f64,
    },
    /// The loan starts where it converts.
    #[error("initial_loan_to_value must be below conversion_ltv, found {initial} and {conversion}")]
    StartsConverted {
        /// Initial loan-to-value ratio.
        initial: f64,
        /// Conversion ratio.
        conversion: f64,
    },
    /// The closing blend is not shorter than the loan.
    #[error("token_to_maturity_blocks must be below the {left} blocks until expiry, found {found}")]
    BlendTooLong {
        /// Blocks until expiry.
        left: f64,
        /// The value found.
        found: f64,
    },
}

impl Terms {
    /// Mainnet since AGP073 (March 2022): auto-ALEX against ALEX, two staking cycles, no fee.
    #[must_use]
    pub const fn mainnet(expiry_block: f64) -> Self {
        Self {
            profile: Profile::Contract,
            initial_loan_to_value: 0.75,
            conversion_ltv: 0.95,
            volatility: 0.6,
            moving_average: 0.0,
            expiry_block,
            token_to_maturity_blocks: 525.0,
            strike_multiplier: 0.25,
            fee_rate_x: 0.0,
            fee_rate_y: 0.0,
            rebate_share: 0.0,
            max_in_ratio: 0.3,
            max_out_ratio: 0.3,
            shortfall_coverage: 1.1,
            capacity_multiplier: 1.0,
        }
    }

    /// Mainnet as AGP066 first set it: 525 without its eight decimals, which is no closing blend at all, and room for
    /// eight times what the market can take.
    #[must_use]
    pub const fn mainnet_agp066(expiry_block: f64) -> Self {
        Self { token_to_maturity_blocks: 525e-8, capacity_multiplier: 8.0, ..Self::mainnet(expiry_block) }
    }

    /// The tests of the contracts' repository: LTV 50 and 90 %, volatility 100 %, 95 % of the old weight, caps of 5 %.
    #[must_use]
    pub const fn repository_tests(expiry_block: f64) -> Self {
        Self {
            initial_loan_to_value: 0.5,
            conversion_ltv: 0.9,
            volatility: 1.0,
            moving_average: 0.95,
            max_in_ratio: 0.05,
            max_out_ratio: 0.05,
            ..Self::mainnet(expiry_block)
        }
    }

    /// White paper 3: LTV 75 and 90 %, volatility 80 %, strike at the price; three months are 13,140 blocks, updated every
    /// hour (six blocks).
    ///
    /// The paper does not print the smoothing: 7 % of the new delta an update reproduces its charts. It has no caps, no
    /// fee and no cushion; a cap of 1 leaves the side of the pool that it bounds.
    #[must_use]
    pub const fn white_paper_3(expiry_block: f64) -> Self {
        Self {
            profile: Profile::Whitepaper,
            initial_loan_to_value: 0.75,
            conversion_ltv: 0.9,
            volatility: 0.8,
            moving_average: 0.93,
            expiry_block,
            token_to_maturity_blocks: 0.0,
            strike_multiplier: 0.0,
            fee_rate_x: 0.0,
            fee_rate_y: 0.0,
            rebate_share: 0.0,
            max_in_ratio: 1.0,
            max_out_ratio: 1.0,
            shortfall_coverage: 1.0,
            capacity_multiplier: 1.0,
        }
    }

    /// Strike over spot at creation: `ks = m ltv_0 + (1 - m)`.
    ///
    /// ```
    /// use ballast::protocol::crp::Terms;
    /// assert_eq!(Terms::mainnet(1_050.0).strike_share(), 0.9375);
    /// assert_eq!(Terms::white_paper_3(13_140.0).strike_share(), 1.0);
    /// ```
    #[must_use]
    pub fn strike_share(&self) -> f64 {
        self.strike_multiplier * self.initial_loan_to_value + (1.0 - self.strike_multiplier)
    }

    /// Everything that keeps a pool from being created with these terms at this height; empty when nothing does.
    ///
    /// The first four of the contract (2001) come first.
    #[must_use]
    pub fn violations(&self, height: f64) -> Vec<TermError> {
        let mut found: Vec<TermError> = self.contract_violation(height).into_iter().collect();
        let mut range = |field, range, value: f64, ok: bool| {
            if !(value.is_finite() && ok) {
                found.push(TermError::OutOfRange { field, range, found: value });
            }
        };
        let unit = |value: f64| (0.0..=1.0).contains(&value);
        let below_one = |value: f64| (0.0..1.0).contains(&value);
        let cap = |value: f64| value > 0.0 && value <= 1.0;
        let initial = self.initial_loan_to_value;
        range("initial_loan_to_value", "(0, conversion_ltv)", initial, initial > 0.0);
        range("volatility", "(0, inf)", self.volatility, self.volatility > 0.0);
        range("moving_average", "[0, 1)", self.moving_average, below_one(self.moving_average));
        let blend = self.token_to_maturity_blocks;
        range("token_to_maturity_blocks", "[0, blocks until expiry)", blend, blend >= 0.0);
        range("strike_multiplier", "[0, 1]", self.strike_multiplier, unit(self.strike_multiplier));
        range("fee_rate_x", "[0, 1)", self.fee_rate_x, below_one(self.fee_rate_x));
        range("fee_rate_y", "[0, 1)", self.fee_rate_y, below_one(self.fee_rate_y));
        range("rebate_share", "[0, 1]", self.rebate_share, unit(self.rebate_share));
        range("max_in_ratio", "(0, 1]", self.max_in_ratio, cap(self.max_in_ratio));
        range("max_out_ratio", "(0, 1]", self.max_out_ratio, cap(self.max_out_ratio));
        range("shortfall_coverage", "[1, inf)", self.shortfall_coverage, self.shortfall_coverage >= 1.0);
        range("capacity_multiplier", "(0, inf)", self.capacity_multiplier, self.capacity_multiplier > 0.0);
        found
    }

    /// The first of the contract's own conditions that these terms break.
    fn contract_violation(&self, height: f64) -> Option<TermError> {
        let (initial, conversion) = (self.initial_loan_to_value, self.conversion_ltv);
        let out_of_range = |field, found| Some(TermError::OutOfRange { field, range: "[0, 1)", found });
        if !(0.0..1.0).contains(&conversion) {
            return out_of_range("conversion_ltv", conversion);
        }
        if initial.is_nan() || initial >= conversion {
            return Some(TermError::StartsConverted { initial, conversion });
        }
        if !(0.0..1.0).contains(&self.moving_average) {
            return out_of_range("moving_average", self.moving_average);
        }
        let (left, found) = (self.expiry_block - height, self.token_to_maturity_blocks);
        if left > found && left < f64::INFINITY {
            None
        } else {
            Some(TermError::BlendTooLong { left, found })
        }
    }
}
