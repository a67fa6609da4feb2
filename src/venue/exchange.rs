//! The outside market: a centralised exchange where bridged assets trade against the dollar.
//!
//! Orders fill at the outside mid price, worse by a half-spread and by an impact linear in the size over the hourly
//! depth. Coins cross the ledger's bridge, so that the books of the world still balance. The dollars are on-chain
//! dollars: when these lose their peg, the same outside price costs more of them.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Deal, Refusal};
use crate::quantity::{Amount, AssetId};
use crate::world::ledger::AccountId;
use crate::world::mempool::Size;
use crate::world::oracle::Oracle;

/// What trading outside costs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExchangeSettings {
    /// Half the bid-ask spread, in basis points of the mid price.
    pub half_spread_bps: f64,
    /// Dollars that trade in an hour; an order of this size moves its own price by `impact_bps`.
    pub hourly_depth_usd: f64,
    /// Price impact of an order as large as the hourly depth, in basis points.
    pub impact_bps: f64,
}

impl Default for ExchangeSettings {
    fn default() -> Self {
        Self { half_spread_bps: 2.0, hourly_depth_usd: 50e6, impact_bps: 100.0 }
    }
}

/// A bridged asset listed on the exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listing {
    /// The asset.
    pub asset: AssetId,
    /// Its place among the exogenous assets of the oracle.
    pub feed: usize,
}

/// The exchange. It holds nothing: both sides of a trade cross the bridge.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    settings: ExchangeSettings,
    dollar: AssetId,
    listings: Vec<Listing>,
}

/// An order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Pay `dollars`, receive `asset`.
    Buy {
        /// What is bought.
        asset: AssetId,
        /// Dollars paid.
        dollars: Size,
    },
    /// Pay `amount` of `asset`, receive dollars.
    Sell {
        /// What is sold.
        asset: AssetId,
        /// How much.
        amount: Size,
    },
}

/// Why an order is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ExchangeRefusal {
    /// The asset is not traded outside.
    #[error("the asset is not listed on the outside exchange")]
    NotListed,
    /// Nothing would change hands.
    #[error("the order is too small to fill")]
    Dust,
    /// The order is so large that its own impact would take the whole price.
    #[error("the order is larger than the outside market can take")]
    TooLarge,
}

impl Exchange {
    /// An exchange that trades these assets against `dollar`.
    #[must_use]
    pub const fn new(settings: ExchangeSettings, dollar: AssetId, listings: Vec<Listing>) -> Self {
        Self { settings, dollar, listings }
    }

    /// The on-chain dollar.
    #[must_use]
    pub const fn dollar(&self) -> AssetId {
        self.dollar
    }

    /// What is traded here.
    #[must_use]
    pub fn listings(&self) -> &[Listing] {
        &self.listings
    }

    /// The mid price of `asset` in on-chain dollars, if it is listed. The dollar itself is worth one.
    #[must_use]
    pub fn mid(&self, oracle: &Oracle, asset: AssetId) -> Option<f64> {
        if asset == self.dollar {
            return Some(1.0);
        }
        let listing = self.listings.iter().find(|listing| listing.asset == asset)?;
        Some(oracle.spot(listing.feed) / oracle.dollar_token())
    }

    /// The part of the price that an order of `dollars` loses to spread and impact.
    #[must_use]
    pub fn cost_share(&self, dollars: f64) -> f64 {
        let impact = if self.settings.hourly_depth_usd > 0.0 {
            self.settings.impact_bps * dollars / self.settings.hourly_depth_usd
        } else {
            0.0
        };
        (self.settings.half_spread_bps + impact) * 1e-4
    }

    /// Units of an asset of mid price `mid` bought with `dollars`.
    #[must_use]
    pub fn quote_buy(&self, mid: f64, dollars: f64) -> f64 {
        dollars / (mid * (1.0 + self.cost_share(dollars)))
    }

    /// Dollars received for `units` of an asset of mid price `mid`.
    #[must_use]
    pub fn quote_sell(&self, mid: f64, units: f64) -> f64 {
        let dollars = units * mid;
        dollars * (1.0 - self.cost_share(dollars)).max(0.0)
    }

    /// Dollars' worth at mid that must be sold to receive `dollars`: the smaller root of `G (1 - cost_share(G)) = dollars`,
    /// not a number where no sale brings as much.
    #[must_use]
    pub fn worth_to_receive(&self, dollars: f64) -> f64 {
        let kept = 1.0 - self.cost_share(0.0);
        let impact = if self.settings.hourly_depth_usd > 0.0 {
            self.settings.impact_bps * 1e-4 / self.settings.hourly_depth_usd
        } else {
            0.0
        };
        2.0 * dollars / (kept + (kept * kept - 4.0 * impact * dollars).sqrt())
    }

    /// Dollars that buy `units` of an asset of mid price `mid`: the solution of `D = units mid (1 + cost_share(D))`, infinite
    /// where the impact grows faster than what is bought.
    #[must_use]
    pub fn dollars_to_buy(&self, mid: f64, units: f64) -> f64 {
        let worth = units * mid;
        let spread = self.cost_share(0.0);
        let impact_of_worth = self.cost_share(worth) - spread;
        if impact_of_worth < 1.0 { worth * (1.0 + spread) / (1.0 - impact_of_worth) } else { f64::INFINITY }
    }

    pub(super) fn perform(
        &self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        order: Order,
        previous: Amount,
    ) -> Result<Amount, Refusal> {
        let (paid_asset, received_asset, paid) = match order {
            Order::Buy { asset, dollars } => (self.dollar, asset, dollars.resolve(previous)),
            Order::Sell { asset, amount } => (asset, self.dollar, amount.resolve(previous)),
        };
        let priced = if paid_asset == self.dollar { received_asset } else { paid_asset };
        let mid = self.mid(deal.oracle, priced).ok_or(ExchangeRefusal::NotListed)?;
        if priced == self.dollar {
            return Err(ExchangeRefusal::NotListed.into());
        }
        let units = deal.ledger.asset(paid_asset).decimals.units(paid);
        let (dollars, received_units) = match order {
            Order::Buy { .. } => (units, self.quote_buy(mid, units)),
            Order::Sell { .. } => (units * mid, self.quote_sell(mid, units)),
        };
        if !received_units.is_finite() || self.cost_share(dollars) >= 1.0 {
            return Err(ExchangeRefusal::TooLarge.into());
        }
        let received = deal
            .ledger
            .asset(received_asset)
            .decimals
            .floor(received_units.max(0.0))
            .map_err(|_| ExchangeRefusal::TooLarge)?;
        if !paid.is_positive() || received.is_zero() {
            return Err(ExchangeRefusal::Dust.into());
        }
        deal.ledger.bridge_out(actor, paid_asset, paid)?;
        deal.ledger.bridge_in(actor, received_asset, received)?;
        Ok(received)
    }
}
