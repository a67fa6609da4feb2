//! What is kept in mind of the governance token beside its balances.

use crate::quantity::Amount;

/// What the token remembers of what has vested.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TokenRecord {
    /// Second of the run up to which grants have been released.
    pub vested_until_seconds: i64,
    /// Released since it was last told.
    pub released_since_told: Amount,
}
