//! Rewards that a pool pays out evenly over a period.

use serde::{Deserialize, Serialize};

use super::refusal::{Refusal, positive};

/// A reward that both generations of pools can stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PooledReward {
    /// Harvested staking yield, in collateral tokens.
    Yield,
    /// A second token that governance grants.
    Incentive,
}

impl PooledReward {
    /// Both, in the order of [`super::RewardSums::streamed`].
    pub const ALL: [Self; 2] = [Self::Yield, Self::Incentive];

    /// Place in [`super::RewardSums::streamed`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// What a top-up in the middle of a period does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TopUp {
    /// Re-spreads what is left together with the new amount over a new full period (first generation).
    Always,
    /// Does so only when the new amount is at least nine tenths of what this period has paid out already, and waits
    /// otherwise (second generation).
    UnlessRateFalls,
}

/// One stream.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stream {
    /// Tokens per second.
    pub rate_per_second: f64,
    /// Length of a period, in seconds.
    pub period_seconds: i64,
    /// Up to when the stream has been paid out, in seconds.
    pub last_update_seconds: i64,
    /// When the running period ends, in seconds.
    pub finish_at_seconds: i64,
    /// Tokens that wait: for a stake, or for a larger top-up.
    pub queued: f64,
}

impl Stream {
    /// A stream that has not begun.
    #[must_use]
    pub const fn new(period_seconds: i64) -> Self {
        Self {
            rate_per_second: 0.0,
            period_seconds,
            last_update_seconds: 0,
            finish_at_seconds: 0,
            queued: 0.0,
        }
    }

    /// Tokens that have become due by `now`, and the stream after paying them.
    #[must_use]
    pub fn paid_out(self, now_seconds: i64) -> (Self, f64) {
        let until = self.finish_at_seconds.min(now_seconds);
        let elapsed = until.saturating_sub(self.last_update_seconds);
        if elapsed <= 0 {
            return (self, 0.0);
        }
        (Self { last_update_seconds: now_seconds, ..self }, elapsed as f64 * self.rate_per_second)
    }

    /// The stream (paid out up to `now`) after `amount` more tokens.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotPositive`] for an amount that is none.
    pub fn topped_up(self, amount: f64, now_seconds: i64, top_up: TopUp) -> Result<Self, Refusal> {
        let amount = positive("the reward", amount)? + self.queued;
        let left = (self.finish_at_seconds.saturating_sub(now_seconds)).max(0) as f64 * self.rate_per_second;
        if top_up == TopUp::UnlessRateFalls && now_seconds < self.finish_at_seconds {
            let begun = self.finish_at_seconds.saturating_sub(self.period_seconds);
            let distributed = self.rate_per_second * now_seconds.saturating_sub(begun) as f64;
            if distributed * 9.0 > amount * 10.0 {
                return Ok(Self { queued: amount, ..self });
            }
        }
        Ok(Self {
            rate_per_second: (amount + left) / self.period_seconds.max(1) as f64,
            last_update_seconds: now_seconds,
            finish_at_seconds: now_seconds.saturating_add(self.period_seconds),
            queued: 0.0,
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_top_up_spreads_the_remainder_over_a_new_period() -> Result<(), Refusal> {
        let stream = Stream::new(100).topped_up(100.0, 0, TopUp::Always)?;
        let (stream, due) = stream.paid_out(40);
        assert_eq!(due, 40.0);
        let stream = stream.topped_up(40.0, 40, TopUp::Always)?;
        assert_eq!((stream.rate_per_second, stream.finish_at_seconds), (1.0, 140));
        Ok(())
    }

    #[test]
    fn a_small_top_up_waits_in_the_second_generation() -> Result<(), Refusal> {
        let (stream, _) = Stream::new(100).topped_up(100.0, 0, TopUp::UnlessRateFalls)?.paid_out(50);
        let waiting = stream.topped_up(44.9, 50, TopUp::UnlessRateFalls)?;
        assert_eq!((waiting.queued, waiting.rate_per_second), (44.9, 1.0));
        let restarted = stream.topped_up(45.0, 50, TopUp::UnlessRateFalls)?;
        assert_eq!((restarted.queued, restarted.rate_per_second), (0.0, 0.95));
        Ok(())
    }
}
