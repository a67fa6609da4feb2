//! The four levels of stress.
//!
//! Modes have no memory: each call reads them off the collateral ratio anew. The bounds are those of the contracts: a
//! rescue needs `recapitalisation <= CR < threshold`, so a ratio exactly at a threshold is still in the calmer mode,
//! except that an fETH mint needs to be strictly above the first.

use serde::{Deserialize, Serialize};

use super::rules::Thresholds;

/// How stressed a market is, from calm to lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub enum StressMode {
    /// At or above the stability threshold.
    #[default]
    Normal,
    /// fETH mints are off, fees favour those who help, added collateral earns an incentive.
    Stability,
    /// Users redeem fETH with an incentive.
    UserRebalance,
    /// The protocol buys fETH back.
    ProtocolRebalance,
    /// Incentives are off; new capital is needed.
    Recapitalisation,
}

impl StressMode {
    /// All modes, from calm to lost, each at its own number.
    pub const ALL: [Self; 5] =
        [Self::Normal, Self::Stability, Self::UserRebalance, Self::ProtocolRebalance, Self::Recapitalisation];

    /// The mode at `collateral_ratio`. A ratio that is not a number is the worst mode, never the calm one.
    #[must_use]
    pub fn at(collateral_ratio: f64, thresholds: &Thresholds) -> Self {
        if collateral_ratio >= thresholds.stability {
            Self::Normal
        } else if collateral_ratio >= thresholds.user_rebalance {
            Self::Stability
        } else if collateral_ratio >= thresholds.protocol_rebalance {
            Self::UserRebalance
        } else if collateral_ratio >= thresholds.recapitalisation {
            Self::ProtocolRebalance
        } else {
            Self::Recapitalisation
        }
    }

    /// The mode as people write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Stability => "stability",
            Self::UserRebalance => "user rebalance",
            Self::ProtocolRebalance => "protocol rebalance",
            Self::Recapitalisation => "recapitalisation",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::Rules;
    use super::*;

    #[test]
    fn a_threshold_belongs_to_the_calmer_mode() {
        let thresholds = Rules::whitepaper_v1().thresholds;
        let ratios = [f64::INFINITY, 1.3, 1.299, 1.2, 1.199, 1.14, 1.139, 1.0, 0.999, f64::NAN];
        let modes: Vec<_> = ratios.iter().map(|ratio| StressMode::at(*ratio, &thresholds)).collect();
        use StressMode::{Normal, ProtocolRebalance, Recapitalisation, Stability, UserRebalance};
        assert_eq!(
            modes,
            [
                Normal,
                Normal,
                Stability,
                Stability,
                UserRebalance,
                UserRebalance,
                ProtocolRebalance,
                ProtocolRebalance,
                Recapitalisation,
                Recapitalisation
            ]
        );
    }
}
