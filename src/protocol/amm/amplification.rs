//! The amplification of a StableSwap pool, and its slow change.
//!
//! `A` runs linearly in time between two values, so that nobody can profit from a jump of the curve. Source: Curve
//! `StableSwap3Pool.vy` (`_A`, `ramp_A`: at most tenfold, over at least a day).

use super::error::{SwapError, positive};

/// The largest factor of one ramp in Curve's contract.
pub const MAX_CHANGE: f64 = 10.0;
/// The shortest ramp in Curve's contract, in seconds.
pub const MIN_RAMP_S: u64 = 86_400;

/// A linear change of the amplification.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AmplificationRamp {
    initial: f64,
    target: f64,
    start_s: u64,
    end_s: u64,
}

impl AmplificationRamp {
    /// No change: `amplification` at every time.
    ///
    /// # Errors
    /// [`SwapError::Amplification`].
    pub fn constant(amplification: f64) -> Result<Self, SwapError> {
        Self::new(amplification, amplification, 0, 0)
    }

    /// From `initial` at `start_s` to `target` at `end_s`.
    ///
    /// # Errors
    /// [`SwapError::Amplification`] for a value that is not above zero, or an end before the start.
    pub fn new(initial: f64, target: f64, start_s: u64, end_s: u64) -> Result<Self, SwapError> {
        positive(initial, SwapError::Amplification)?;
        positive(target, SwapError::Amplification)?;
        if end_s < start_s {
            return Err(SwapError::Amplification);
        }
        Ok(Self { initial, target, start_s, end_s })
    }

    /// A new ramp from where this one stands at `now_s`, within the contract's limits ([`MAX_CHANGE`], [`MIN_RAMP_S`]).
    ///
    /// # Errors
    /// [`SwapError::Amplification`].
    pub fn redirect(&self, now_s: u64, target: f64, duration_s: u64) -> Result<Self, SwapError> {
        let initial = self.at(now_s);
        let within = target <= initial * MAX_CHANGE && initial <= target * MAX_CHANGE;
        if !within || duration_s < MIN_RAMP_S {
            return Err(SwapError::Amplification);
        }
        Self::new(initial, target, now_s, now_s.saturating_add(duration_s))
    }

    /// The amplification at `time_s`.
    #[must_use]
    pub fn at(&self, time_s: u64) -> f64 {
        if time_s >= self.end_s {
            return self.target;
        }
        let elapsed = time_s.saturating_sub(self.start_s) as f64;
        let duration = (self.end_s - self.start_s) as f64;
        self.initial + (self.target - self.initial) * (elapsed / duration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_is_linear_and_holds_at_both_ends() {
        let ramp = AmplificationRamp::new(100.0, 200.0, 1_000, 2_000).unwrap();
        let read = [0, 1_000, 1_250, 2_000, 9_000].map(|time| ramp.at(time));
        assert_eq!(read, [100.0, 100.0, 125.0, 200.0, 200.0]);
        let back = ramp.redirect(1_500, 50.0, MIN_RAMP_S).unwrap();
        assert_eq!(back.at(1_500), 150.0);
        assert_eq!(back.at(1_500 + MIN_RAMP_S / 2), 100.0);
        assert_eq!(AmplificationRamp::constant(7.0).unwrap().at(3), 7.0);
    }

    #[test]
    fn ramps_outside_the_limits_are_refused() {
        let ramp = AmplificationRamp::constant(100.0).unwrap();
        assert_eq!(ramp.redirect(0, 1_001.0, MIN_RAMP_S), Err(SwapError::Amplification));
        assert_eq!(ramp.redirect(0, 9.9, MIN_RAMP_S), Err(SwapError::Amplification));
        assert_eq!(ramp.redirect(0, 200.0, MIN_RAMP_S - 1), Err(SwapError::Amplification));
        assert_eq!(AmplificationRamp::new(0.0, 1.0, 0, 1), Err(SwapError::Amplification));
        assert_eq!(AmplificationRamp::new(1.0, f64::NAN, 0, 1), Err(SwapError::Amplification));
        assert_eq!(AmplificationRamp::new(1.0, 1.0, 2, 1), Err(SwapError::Amplification));
    }
}
