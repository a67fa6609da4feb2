//! The order books of an experiment.

use serde::{Deserialize, Serialize};

use crate::protocol::order_book::SelfMatch;

/// An order book: orders wait in it, best price first, first come first served, until somebody trades with them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderBookSettings {
    /// Name, unique and no pool's: the prefix of its metrics.
    pub name: String,
    /// Ticker of the base coin: the one that is priced.
    pub base: String,
    /// Ticker of the quote coin.
    #[serde(default = "dollar")]
    pub quote: String,
    /// Step of the price, in quote units per base unit.
    pub tick_size: f64,
    /// Step of the size, in base units; a tick times a lot is a whole number of the quote coin's atoms.
    pub lot_size: f64,
    /// Fee on what an order that rested receives, in basis points.
    #[serde(default)]
    pub maker_fee_bps: f64,
    /// Fee on what an order that trades at once receives, in basis points.
    #[serde(default)]
    pub taker_fee_bps: f64,
    /// What is cancelled before somebody would trade with himself.
    #[serde(default)]
    pub self_match: SelfMatch,
}

fn dollar() -> String {
    "USD".into()
}
