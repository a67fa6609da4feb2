//! Swap mathematics.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a swap is refused.
#[derive(Debug, Clone, Copy, PartialEq, Error, Serialize, Deserialize)]
pub enum SwapError {
    /// Bad.
    #[error("the amount must be a positive finite number")]
    BadAmount,
}

/// Which coin goes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// Base in, quote out: a sale.
    BaseIn,
    /// Quote in, base out: a purchase.
    QuoteIn,
}

/// The curve of a two-coin pool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Curve {
    /// x y = k.
    ConstantProduct,
}

impl Curve {
    /// Out.
    #[inline]
    pub fn out_given_in(&self, reserves: [f64; 2], side: Side, amount_in: f64) -> Result<f64, SwapError> {
        let (x, y) = match side {
            Side::BaseIn => (reserves[0], reserves[1]),
            Side::QuoteIn => (reserves[1], reserves[0]),
        };
        if amount_in > 0.0 && x > 0.0 {
            Ok(y * amount_in / (x + amount_in))
        } else {
            Err(SwapError::BadAmount)
        }
    }
    /// Spot.
    pub fn spot_price(&self, reserves: [f64; 2]) -> f64 {
        reserves[1] / reserves[0]
    }
}
