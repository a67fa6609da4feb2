//! Venues that are stopped for a while: whatever is sent to them is refused, and they go on by themselves.

use crate::protocol::governance::PauseId;
use crate::venue::pool::PoolId;
use crate::venue::{Action, Refusal, Venues};

/// Which venues are stopped, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::venue) struct Pauses {
    stopped: Vec<(PauseId, i64)>,
}

impl Pauses {
    /// Stops a venue until a time, in seconds; a longer stop stays.
    pub(super) fn stop(&mut self, venue: PauseId, until_seconds: i64) {
        match self.stopped.iter_mut().find(|(other, _)| *other == venue) {
            Some((_, until)) => *until = (*until).max(until_seconds),
            None => self.stopped.push((venue, until_seconds)),
        }
    }

    /// Takes the venues that go on by now.
    pub(super) fn ended(&mut self, now_seconds: i64) -> Vec<PauseId> {
        let ended = self.stopped.iter().filter(|(_, until)| now_seconds >= *until).map(|(venue, _)| *venue);
        let ended = ended.collect();
        self.stopped.retain(|(_, until)| now_seconds < *until);
        ended
    }

    fn until(&self, venue: PauseId, now_seconds: i64) -> Option<i64> {
        self.stopped
            .iter()
            .find(|(other, until)| *other == venue && now_seconds < *until)
            .map(|(_, until)| *until)
    }
}

impl Venues {
    /// The venues that can be stopped, by place: the pools, then the treasury.
    pub fn pausable(&self) -> impl Iterator<Item = (PauseId, &str)> {
        let pools = self.pools.iter().map(|pool| pool.name.as_str());
        let names = pools.chain(self.treasury.iter().map(|_| "fx"));
        (0..).map(PauseId).zip(names)
    }

    /// Refuses an action at a venue that is stopped.
    #[inline]
    pub(in crate::venue) fn refuse_paused(&self, now_seconds: i64, action: &Action) -> Result<(), Refusal> {
        if self.pauses.stopped.is_empty() {
            return Ok(());
        }
        let venue = match action {
            Action::Pool(action) => {
                let PoolId(place) = action.pool();
                PauseId(place)
            }
            Action::Fx(_) => PauseId(u8::try_from(self.pools.len()).unwrap_or(u8::MAX)),
            _ => return Ok(()),
        };
        match self.pauses.until(venue, now_seconds) {
            Some(until_seconds) => Err(Refusal::Paused { until_seconds }),
            None => Ok(()),
        }
    }

    /// When a venue goes on, if it is stopped.
    #[must_use]
    pub fn paused_until(&self, venue: PauseId, now_seconds: i64) -> Option<i64> {
        self.pauses.until(venue, now_seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_ends_by_itself() {
        let mut pauses = Pauses::default();
        pauses.stop(PauseId(1), 100);
        pauses.stop(PauseId(1), 50);
        assert_eq!((pauses.until(PauseId(1), 99), pauses.until(PauseId(1), 100)), (Some(100), None));
        assert_eq!(pauses.until(PauseId(0), 0), None);
        assert!(pauses.ended(99).is_empty());
        assert_eq!(pauses.ended(100), [PauseId(1)]);
        assert_eq!(pauses, Pauses::default());
    }
}
