//! f(x): a quiet and a levered claim on the same collateral.

use serde::{Deserialize, Serialize};

/// The stress mode of a treasury, by its collateral ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum StressMode {
    /// Normal.
    Normal,
    /// Stability.
    Stability,
    /// User rebalance.
    UserRebalance,
    /// Protocol rebalance.
    ProtocolRebalance,
    /// Recapitalisation.
    Recapitalisation,
}
