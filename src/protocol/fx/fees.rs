//! Fees that change where a trade crosses the stability threshold.
//!
//! A trade is never charged one rate for a mode: the part before the threshold and the part beyond it are charged
//! apart, and where the threshold lies follows from the maxima of [`super::threshold`].

use serde::{Deserialize, Serialize};

/// A fee ratio and what is added to it in stability mode (the sum stays in 0 to 1).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeePair {
    /// In normal times.
    pub default: f64,
    /// Added in stability mode; negative for trades that help.
    pub extra: f64,
}

impl FeePair {
    /// The fee ratio in stability mode.
    #[must_use]
    pub fn stressed(self) -> f64 {
        self.default + self.extra
    }
}

/// Fee on `base_in` when its first part is charged `first` and the rest `then`.
///
/// `boundary` is the largest deposit *after* fees on the first side of the threshold, so the zone reaches up to
/// `boundary / (1 - first)` of payment:
///
/// `fee = b first` if `b <= g`, else `g first + (b - g) then`, with `g = boundary / (1 - first)`.
///
/// Source: `Market._deductMintFee`. A `first` of one makes the zone endless (the contract divides by zero).
#[must_use]
pub fn mint_fee(base_in: f64, first: f64, then: f64, boundary: f64) -> f64 {
    let zone = if first < 1.0 { boundary / (1.0 - first) } else { f64::INFINITY };
    if base_in <= zone { base_in * first } else { zone * first + (base_in - zone) * then }
}

/// Fee ratio on a redemption of `amount` tokens when the first `boundary` are charged `first` and the rest `then`:
/// the *ratio* is blended by tokens. Source: `Market._computeRedeemFeeRatio`.
#[must_use]
pub fn blended_redeem_fee_ratio(amount: f64, first: f64, then: f64, boundary: f64) -> f64 {
    if amount <= boundary { first } else { (boundary * first + (amount - boundary) * then) / amount }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zone_of_a_mint_is_grossed_up() {
        // 1 % before the threshold at 99 ETH of deposit: 100 ETH of payment are in the first zone.
        assert!((mint_fee(100.0, 0.01, 0.08, 99.0) - 1.0).abs() < 1e-12);
        assert!((mint_fee(110.0, 0.01, 0.08, 99.0) - 1.8).abs() < 1e-12);
    }

    #[test]
    fn a_redemption_blends_the_ratio() {
        assert_eq!(blended_redeem_fee_ratio(10.0, 0.01, 0.08, 10.0), 0.01);
        assert!((blended_redeem_fee_ratio(20.0, 0.01, 0.08, 10.0) - 0.045).abs() < 1e-15);
    }
}
