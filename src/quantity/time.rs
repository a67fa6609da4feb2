//! Time: ticks count, seconds measure.

use serde::{Deserialize, Serialize};

/// Seconds in a day.
pub const SECONDS_PER_DAY: i64 = 86_400;
/// Seconds in an hour.
pub const SECONDS_PER_HOUR: i64 = 3_600;
/// Hours in the 365-day year by which every annual rate and volatility is scaled.
pub const HOURS_PER_YEAR: f64 = 8_760.0;
/// Seconds in the same year.
pub const SECONDS_PER_YEAR: f64 = 31_536_000.0;

/// The number of a time step, counted from zero at the start of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tick(pub u32);

impl Tick {
    /// The tick `steps` later (saturating: a run is never that long).
    #[must_use]
    pub const fn after(self, steps: u32) -> Self {
        Self(self.0.saturating_add(steps))
    }

    /// The tick as an index into a table with one row a tick.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}
