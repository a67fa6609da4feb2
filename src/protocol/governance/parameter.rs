//! A governable parameter: its name, its bounds, and who gains when it rises.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::quantity::AssetId;

/// The place of a parameter in a world's registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ParameterId(pub u16);

impl ParameterId {
    /// The registry index.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// What someone may hold whose value depends on a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holding {
    /// An asset.
    Asset(AssetId),
    /// The governance token, whichever asset that is.
    GovernanceToken,
}

/// How the value of a holding answers to a parameter: a first-order estimate that a voter could make.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sensitivity {
    /// What is held.
    pub holding: Holding,
    /// Change of its value in a year, as a share of it, when the parameter rises by one of its units.
    pub yearly_share_per_unit: f64,
}

/// What raising a parameter across its whole range does for the health of the protocol, from -1 (harms as much as a
/// parameter can) to 1 (helps as much). Signs are what matters: they say which way is the remedy.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Remedy {
    /// For a market price that is off the peg.
    pub peg: f64,
    /// For a collateral ratio that is too low.
    pub collateral: f64,
    /// For a reserve below its target.
    pub reserve: f64,
}

/// A part of the protocol's health, at which a measure may aim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// The market price at the net asset value.
    Peg,
    /// The value of the collateral over that of what it backs.
    CollateralRatio,
    /// The dollars in the reserve.
    Reserve,
}

impl Aim {
    /// The name in events.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Peg => "peg",
            Self::CollateralRatio => "collateral ratio",
            Self::Reserve => "reserve",
        }
    }
}

impl Remedy {
    /// What a rise of the parameter does most for or against, and how much; `None` where it does nothing. Of equals the peg
    /// comes before the collateral ratio, and that before the reserve.
    #[must_use]
    pub fn aim(&self) -> Option<(Aim, f64)> {
        let mut most = (Aim::Peg, self.peg);
        for other in [(Aim::CollateralRatio, self.collateral), (Aim::Reserve, self.reserve)] {
            if other.1.abs() > most.1.abs() {
                most = other;
            }
        }
        (most.1 != 0.0).then_some(most)
    }
}

/// A parameter that can be voted on.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Venue and field, with the unit: `feth_pool.fee_bps`.
    pub name: String,
    /// Unit of its value.
    pub unit: &'static str,
    /// Smallest value that a vote can give it.
    pub low: f64,
    /// Largest value that a vote can give it.
    pub high: f64,
    /// One line of meaning.
    pub meaning: &'static str,
    /// Who gains when it rises.
    pub sensitivities: Vec<Sensitivity>,
    /// What it cures when it rises.
    pub remedy: Remedy,
}

/// Why a parameter does not take a value.
#[derive(Debug, Clone, Copy, PartialEq, Error, Serialize, Deserialize)]
pub enum ParameterError {
    /// No venue registered it.
    #[error("there is no governable parameter number {0}; take one that the venues register")]
    Unknown(u16),
    /// NaN or infinite.
    #[error("a parameter's value must be a finite number")]
    NotFinite,
    /// Its time is over.
    #[error("it stands at {at} and can no longer be changed")]
    Fixed {
        /// Its value.
        at: f64,
    },
    /// Below or above what a vote may decide.
    #[error("expected a value from {low} to {high}, found {found}")]
    OutOfBounds {
        /// Smallest value.
        low: f64,
        /// Largest value.
        high: f64,
        /// The value asked for.
        found: f64,
    },
}

impl Parameter {
    /// Says whether a vote could give it this value.
    ///
    /// # Errors
    /// [`ParameterError`] if the value is not a finite number within the bounds, or the bounds leave no choice.
    pub fn check(&self, value: f64) -> Result<(), ParameterError> {
        if !value.is_finite() {
            return Err(ParameterError::NotFinite);
        }
        if self.low == self.high && value != self.low {
            return Err(ParameterError::Fixed { at: self.low });
        }
        if value < self.low || value > self.high {
            return Err(ParameterError::OutOfBounds { low: self.low, high: self.high, found: value });
        }
        Ok(())
    }

    /// `change` as a share of the range between the bounds; zero for a parameter that cannot move.
    #[must_use]
    pub fn share_of_range(&self, change: f64) -> f64 {
        let range = self.high - self.low;
        if range > 0.0 { change / range } else { 0.0 }
    }

    /// What a year after a `change` of the parameter does to a portfolio, as a share of its value.
    ///
    /// `values` are dollars held, by asset; `token` is the governance token. An empty portfolio feels nothing.
    #[must_use]
    pub fn effect(&self, change: f64, values: &[f64], token: AssetId) -> f64 {
        let whole: f64 = values.iter().sum();
        if whole.is_nan() || whole <= 0.0 {
            return 0.0;
        }
        let gain: f64 = self
            .sensitivities
            .iter()
            .map(|sensitivity| {
                let asset = match sensitivity.holding {
                    Holding::Asset(asset) => asset,
                    Holding::GovernanceToken => token,
                };
                values.get(asset.index()).copied().unwrap_or(0.0) * sensitivity.yearly_share_per_unit
            })
            .sum();
        gain * change / whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fee() -> Parameter {
        Parameter {
            name: "pool.fee_bps".into(),
            unit: "bps",
            low: 0.0,
            high: 100.0,
            meaning: "fee on the input",
            sensitivities: vec![
                Sensitivity { holding: Holding::Asset(AssetId(1)), yearly_share_per_unit: 0.003 },
                Sensitivity { holding: Holding::GovernanceToken, yearly_share_per_unit: -0.001 },
            ],
            remedy: Remedy::default(),
        }
    }

    #[test]
    fn the_bounds_belong_to_the_range() {
        let fee = fee();
        assert_eq!(fee.check(0.0), Ok(()));
        assert_eq!(fee.check(100.0), Ok(()));
        assert_eq!(fee.check(-0.1), Err(ParameterError::OutOfBounds { low: 0.0, high: 100.0, found: -0.1 }));
        assert!(fee.check(100.0_f64.next_up()).is_err());
        assert_eq!(fee.check(f64::NAN), Err(ParameterError::NotFinite));
    }

    #[test]
    fn a_remedy_aims_where_it_does_most() {
        let remedy = |peg, collateral, reserve| Remedy { peg, collateral, reserve }.aim();
        assert_eq!(remedy(-0.5, 1.0, 0.0), Some((Aim::CollateralRatio, 1.0)));
        assert_eq!(remedy(0.25, 0.0, -0.5), Some((Aim::Reserve, -0.5)));
        assert_eq!(remedy(-1.0, 1.0, 1.0), Some((Aim::Peg, -1.0)), "the first of equals");
        assert_eq!(remedy(0.0, 0.0, 0.0), None);
    }

    #[test]
    fn the_effect_is_weighted_by_what_is_held() {
        // Half in pool shares, a quarter in the token: (50 x 0.003 - 25 x 0.001) x 10 / 100.
        let effect = fee().effect(10.0, &[25.0, 50.0, 25.0], AssetId(2));
        assert!((effect - 0.0125).abs() < 1e-15, "{effect}");
        assert!((fee().effect(-10.0, &[25.0, 50.0, 25.0], AssetId(2)) + effect).abs() < 1e-15);
        assert_eq!(fee().effect(10.0, &[], AssetId(2)), 0.0);
        assert_eq!(fee().effect(10.0, &[0.0; 3], AssetId(2)), 0.0);
    }
}
