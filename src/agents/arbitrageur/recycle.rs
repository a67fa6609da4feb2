//! Keeping the mix: a bot whose dollars and coins have drifted from its target trades the difference outside.

use serde::{Deserialize, Serialize};

/// How many assets have a place in the mix: the dollar and the first coins listed outside.
pub const PLACES: usize = 4;

/// The mix that a bot wants: shares of the dollar and of each listed coin, in the exchange's order.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Mix {
    /// The shares; all zero for a bot that lets its inventory drift.
    pub target: [f32; PLACES],
    /// A share may be this far from its target before the bot trades.
    pub tolerance: f32,
}

/// A trade outside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rebalance {
    /// Which coin, by its place in the mix (1 is the first listed).
    pub place: usize,
    /// Dollars' worth of it to buy, or (below zero) to sell.
    pub dollars: f64,
}

impl Mix {
    /// The coin furthest from its target if it is out of tolerance, and what brings it back: bounded by the dollars held,
    /// and by `largest_share` of what is given up.
    #[must_use]
    pub fn rebalance(&self, held_usd: [f64; PLACES], largest_share: f64) -> Option<Rebalance> {
        let whole: f64 = held_usd.iter().sum();
        if self.target == [0.0; PLACES] || !(whole > 0.0 && whole.is_finite()) {
            return None;
        }
        let mut furthest = Rebalance { place: 0, dollars: 0.0 };
        for (place, (target, held)) in self.target.iter().zip(held_usd).enumerate().skip(1) {
            let missing = f64::from(*target) * whole - held;
            if missing.abs() > furthest.dollars.abs() {
                furthest = Rebalance { place, dollars: missing };
            }
        }
        if furthest.dollars.abs() <= f64::from(self.tolerance) * whole {
            return None;
        }
        let given_up = if furthest.dollars > 0.0 { held_usd[0] } else { held_usd[furthest.place] };
        let most = given_up * largest_share;
        let dollars = furthest.dollars.clamp(-most, most);
        (dollars != 0.0).then_some(Rebalance { dollars, ..furthest })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HALF: Mix = Mix { target: [0.5, 0.5, 0.0, 0.0], tolerance: 0.1 };

    #[test]
    fn drift_within_tolerance_is_left_alone() {
        assert_eq!(HALF.rebalance([59.0, 41.0, 0.0, 0.0], 1.0), None);
        assert_eq!(Mix::default().rebalance([100.0, 0.0, 0.0, 0.0], 1.0), None);
    }

    #[test]
    fn the_difference_to_the_target_is_traded() {
        let buy = HALF.rebalance([80.0, 20.0, 0.0, 0.0], 1.0);
        assert_eq!(buy, Some(Rebalance { place: 1, dollars: 30.0 }));
        let sell = HALF.rebalance([20.0, 80.0, 0.0, 0.0], 1.0);
        assert_eq!(sell, Some(Rebalance { place: 1, dollars: -30.0 }));
        let bounded = HALF.rebalance([80.0, 20.0, 0.0, 0.0], 0.25);
        assert_eq!(bounded, Some(Rebalance { place: 1, dollars: 20.0 }));
    }

    proptest! {
        /// Never more than is held, and never further from the target than before.
        #[test]
        fn it_moves_towards_the_target(
            held in proptest::array::uniform4(0.0..1e9_f64), dollar_share in 0.0..1.0_f32, largest in 0.0..=1.0_f64,
        ) {
            let mix = Mix { target: [dollar_share, 1.0 - dollar_share, 0.0, 0.0], tolerance: 0.05 };
            if let Some(Rebalance { place, dollars }) = mix.rebalance(held, largest) {
                prop_assert!(dollars <= held[0] && -dollars <= held[place]);
                let whole: f64 = held.iter().sum();
                let off = |value: f64| (value - f64::from(mix.target[place]) * whole).abs();
                prop_assert!(off(held[place] + dollars) < off(held[place]));
            }
        }
    }
}
