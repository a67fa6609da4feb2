//! A liquidity bootstrapping pool: a weighted pool whose weight slides.

use crate::protocol::launchpad::sliding_weight;
use crate::world::clock::Clock;

/// How the weight of the base coin goes from one value to another, by the second.
///
/// Before it begins and after it ends the pool trades at the weight of that moment. The contract instead trades within the
/// life of the pool only.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightSlide {
    /// Weight of the base coin at the start and at the end.
    pub weights: [f64; 2],
    /// First second of the slide, and the one in which it ends.
    pub seconds: [u64; 2],
}

impl WeightSlide {
    /// The weight of the base coin now.
    #[must_use]
    pub fn weight(&self, clock: &Clock) -> f64 {
        let [start, end] = self.seconds;
        sliding_weight(self.weights, start..end, clock.now_seconds().max(0).unsigned_abs())
    }
}
