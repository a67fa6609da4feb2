//! What a pool holds, and the terms it trades on.

use super::curve::Reserves;
use super::maturity::Maturity;
use super::refusal::{Refusal, not_negative};
use crate::protocol::amm::weighted::RatioCaps;

/// What a pool holds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct State {
    /// Tokens, X.
    pub token: f64,
    /// Yield tokens the pool really holds: the most it can pay.
    pub yield_token: f64,
    /// Yield tokens that only the curve sees. A fresh pool has no others.
    pub virtual_yield_token: f64,
    /// Pool tokens of its liquidity providers.
    pub shares: f64,
}

impl State {
    /// What the curve sees.
    #[must_use]
    #[inline]
    pub const fn reserves(&self) -> Reserves {
        Reserves { token: self.token, yield_token: self.yield_token + self.virtual_yield_token }
    }

    /// Refuses a record whose numbers are not finite and at least zero.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        [self.token, self.yield_token, self.virtual_yield_token, self.shares]
            .into_iter()
            .try_for_each(|amount| not_negative(amount, Refusal::Reserves).map(drop))
    }
}

/// The terms a pool trades on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// When it was listed and when it expires.
    pub maturity: Maturity,
    /// Fee on tokens brought in, as a share of the interest they earn.
    pub token_fee_rate: f64,
    /// Fee on yield tokens brought in, as a share of the interest they pay.
    pub yield_token_fee_rate: f64,
    /// Part of each fee that stays in the pool, 0 to 1; the rest goes to the reserve ledger.
    pub rebate_share: f64,
    /// Least fee of a trade, in what is brought in.
    pub min_fee: f64,
    /// Net inputs up to this are quoted at the spot price; above it the curve is used.
    pub small_threshold: f64,
    /// Largest trade as a share of the reserves, real and virtual.
    pub caps: RatioCaps,
}

impl Terms {
    /// Caps of the contract as deployed: 5 % each, the bound itself refused.
    pub const DEPLOYED_CAPS: RatioCaps = RatioCaps { max_in: 0.05, max_out: 0.05, strict: true };
    /// Caps voted on mainnet: 30 % each.
    pub const MAINNET_CAPS: RatioCaps = RatioCaps { max_in: 0.3, max_out: 0.3, strict: true };

    /// Mainnet 2022: 1 % of the interest, half of it back to the pool, spot quotes up to 500, caps of 30 %.
    /// Source: AGP070, AGP073.
    #[must_use]
    pub const fn mainnet(maturity: Maturity) -> Self {
        Self {
            maturity,
            token_fee_rate: 0.01,
            yield_token_fee_rate: 0.01,
            rebate_share: 0.5,
            min_fee: 0.0,
            small_threshold: 500.0,
            caps: Self::MAINNET_CAPS,
        }
    }

    pub(super) fn check(&self) -> Result<(), Refusal> {
        for amount in [self.token_fee_rate, self.yield_token_fee_rate, self.min_fee, self.small_threshold] {
            not_negative(amount, Refusal::Terms)?;
        }
        for share in [self.rebate_share, self.caps.max_in, self.caps.max_out] {
            if !(0.0..=1.0).contains(&share) {
                return Err(Refusal::Terms);
            }
        }
        Ok(())
    }
}
