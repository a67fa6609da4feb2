//! What people who hold one token against cash have in common: purses, trades, fading memories.

use super::routes::Market;
use crate::quantity::{Amount, AssetId};
use crate::venue::Mempool;
use crate::world::ledger::AccountId;

/// What an agent can spend of one asset, and what it is worth.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Purse {
    /// How much.
    pub amount: Amount,
    /// Worth of all of it, in on-chain dollars.
    pub usd: f64,
}

impl Purse {
    /// `amount` of `asset` at `unit_usd` a unit. A value that is no number counts as nothing.
    #[must_use]
    pub fn new(market: &Market<'_>, asset: AssetId, amount: Amount, unit_usd: f64) -> Self {
        let usd = market.ledger.asset(asset).decimals.units(amount) * unit_usd;
        Self { amount, usd: if usd.is_finite() { usd.max(0.0) } else { 0.0 } }
    }

    /// What `account` can spend of `asset`, at its value.
    #[must_use]
    pub fn of(market: &Market<'_>, account: AccountId, asset: AssetId) -> Self {
        let unit_usd = market.value(asset).unwrap_or(0.0);
        Self::new(market, asset, market.spendable(account, asset), unit_usd)
    }

    /// The part that is worth `usd`: never more than there is.
    #[must_use]
    pub fn worth(&self, usd: f64) -> Amount {
        if self.usd > 0.0 { self.amount.share(usd / self.usd) } else { Amount::ZERO }
    }
}

/// A wish to change cash into the token or back, and what it may cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Trade {
    /// Pay cash.
    Buy {
        /// How much cash.
        cash: Amount,
        /// Do less or nothing where more than this part of the value would be lost; below zero asks for a bargain.
        most_cost_share: f64,
    },
    /// Part with the token.
    Sell {
        /// How much of the token.
        tokens: Amount,
        /// As for buying.
        most_cost_share: f64,
    },
}

impl Trade {
    /// Sends the trade over its cheapest route; does nothing where no route is cheap enough.
    pub fn submit(
        &self,
        market: &Market<'_>,
        mempool: &mut Mempool,
        agent: AccountId,
        token: AssetId,
        cash: AssetId,
        slippage: f64,
    ) {
        let (from, to, amount, most) = match *self {
            Self::Buy { cash: amount, most_cost_share } => (cash, token, amount, most_cost_share),
            Self::Sell { tokens, most_cost_share } => (token, cash, tokens, most_cost_share),
        };
        if let Some(route) = market.best_within(from, to, amount, slippage, most) {
            mempool.submit_on(agent, route.plan.actions(), route.terms);
        }
    }
}

/// What is left of a memory after `days`: one half after each half-life; nothing where the half-life is zero.
#[must_use]
pub fn remembered(days: f64, half_life_days: f64) -> f64 {
    if half_life_days > 0.0 { libm::exp2(-days.max(0.0) / half_life_days) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purse_never_pays_more_than_it_holds() {
        let purse = Purse { amount: Amount::from_atoms(1_000), usd: 50.0 };
        assert_eq!(purse.worth(10.0), Amount::from_atoms(200));
        assert_eq!(purse.worth(1e9), purse.amount);
        for nothing in [0.0, -1.0, f64::NAN] {
            assert_eq!(purse.worth(nothing), Amount::ZERO);
        }
        assert_eq!(Purse::default().worth(1.0), Amount::ZERO);
    }

    #[test]
    fn half_is_forgotten_in_a_half_life() {
        assert_eq!([0.0, 7.0, 14.0].map(|days| remembered(days, 7.0)), [1.0, 0.5, 0.25]);
        assert_eq!((remembered(1.0, 0.0), remembered(-1.0, 3.0)), (0.0, 1.0));
    }
}
