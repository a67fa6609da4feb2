//! What a measure means to those who vote on it: for the protocol and for what they hold.

use super::Voter;
use crate::protocol::governance::{Measure, Parameter, ParameterId, Purpose, Remedy};
use crate::quantity::AssetId;
use crate::venue::governance::Health;

/// A parameter, where it stands, and where it stood before votes moved it.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Its place in the registry.
    pub id: ParameterId,
    /// What it is.
    pub parameter: Parameter,
    /// Its present value.
    pub value: f64,
    /// Its value before any vote.
    pub default: f64,
    /// Another proposal on it is under way.
    pub busy: bool,
}

/// How much a remedy is needed, from 0 (not at all) to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Need {
    /// For the peg: 0 within tolerance, 1 at twice the tolerance and beyond.
    pub peg: f64,
    /// For the collateral ratio: 0 at the target, 1 at a ratio of one and below; at least a third for each stress mode beyond
    /// stability. Where stability mode begins is itself voted on: an alarm at it would call for a higher threshold, and that
    /// for the alarm, without end.
    pub collateral: f64,
    /// For the reserve: 0 at its target, 1 where it is empty.
    pub reserve: f64,
}

impl Need {
    fn is_felt(&self) -> bool {
        self.peg > 0.0 || self.collateral > 0.0 || self.reserve > 0.0
    }

    /// How much of it a remedy meets; negative where it makes things worse.
    fn met_by(&self, remedy: Remedy) -> f64 {
        self.peg * remedy.peg + self.collateral * remedy.collateral + self.reserve * remedy.reserve
    }

    /// Whether moving a parameter could help at all.
    pub(super) fn is_met_by(&self, standing: &Standing) -> bool {
        if self.is_felt() {
            self.met_by(standing.parameter.remedy) != 0.0
        } else {
            standing.value != standing.default
        }
    }
}

/// What everybody sees who votes: the protocol's health and the token's books, in dollars.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Situation {
    /// How the protocol is doing.
    pub health: Health,
    /// The governance token; what it is worth in the market, all of it.
    pub token: Option<AssetId>,
    /// Value of the token's supply.
    pub market_cap_usd: f64,
    /// Units of the token's supply.
    pub token_supply: f64,
    /// Dollars in the reserve.
    pub reserve_usd: f64,
    /// Dollars that it should hold, if somebody has said so.
    pub reserve_target_usd: Option<f64>,
    /// Atoms of a unit of the dollar and of the token.
    pub dollar_atoms: f64,
    /// Atoms of a unit of the token.
    pub token_atoms: f64,
    /// What fETH and xETH are, where there is a treasury that could be recapitalised.
    pub claims: Option<[AssetId; 2]>,
}

/// What a voter looks at: the situation, and what it holds.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// Its account.
    pub account: u32,
    /// What it holds, in dollars, by asset.
    pub values: &'a [f64],
    /// All of that.
    pub whole: f64,
    /// What everybody sees.
    pub situation: &'a Situation,
    /// What it thinks the protocol needs.
    pub need: Need,
}

impl<'a> View<'a> {
    /// What a voter looks at that owns `account`.
    #[must_use]
    pub fn new(voter: &Voter, account: u32, values: &'a [f64], situation: &'a Situation) -> Self {
        Self { account, values, whole: values.iter().sum(), situation, need: voter.need(situation) }
    }

    fn share_of(&self, asset: Option<AssetId>) -> f64 {
        let value = asset.and_then(|asset| self.values.get(asset.index())).copied().unwrap_or(0.0);
        if self.whole > 0.0 { value / self.whole } else { 0.0 }
    }
}

/// What of a loss of collateral a holder of fETH or xETH expects to be spared if the treasury is recapitalised in need.
const RESCUE_SHARE: f64 = 0.1;
/// What of the dollars raised for the reserve comes back to holders of the token as its value.
const RESERVE_BACKS_TOKEN: f64 = 0.5;

impl Voter {
    /// What this voter thinks the protocol needs. What is undefined needs nothing.
    #[must_use]
    pub fn need(&self, situation: &Situation) -> Need {
        let health = situation.health;
        let peg = match health.peg_deviation {
            Some(deviation) if !deviation.is_nan() => {
                deviation.abs() / f64::from(self.peg_tolerance_share) - 1.0
            }
            _ => 0.0,
        };
        let shortfall = match health.collateral_ratio {
            Some(ratio) if !ratio.is_nan() => {
                let target = f64::from(self.collateral_ratio_target);
                (target - ratio) / (target - 1.0)
            }
            _ => 0.0,
        };
        let collateral = shortfall.max(f64::from(health.stress_mode.saturating_sub(1)) / 3.0);
        let reserve = match situation.reserve_target_usd {
            Some(target) if target > 0.0 => 1.0 - situation.reserve_usd / target,
            _ => 0.0,
        };
        Need {
            peg: peg.clamp(0.0, 1.0),
            collateral: collateral.clamp(0.0, 1.0),
            reserve: reserve.clamp(0.0, 1.0),
        }
    }

    /// What moving a parameter to `value` does for the protocol, from -1 to 1 for a move across the whole range.
    ///
    /// In need it is the remedy; in calm it is how much closer the parameter comes to where it stood before votes.
    fn benefit_of_value(standing: &Standing, value: f64, need: Need) -> f64 {
        let Standing { parameter, value: now, default, .. } = standing;
        if need.is_felt() {
            need.met_by(parameter.remedy) * parameter.share_of_range(value - now)
        } else {
            parameter.share_of_range((now - default).abs() - (value - default).abs())
        }
    }

    /// What a measure does for the protocol, from -1 to 1. `standing` is that of the parameter it moves, if it moves one.
    ///
    /// Assumptions, where no theory says: new tokens help as much as what they are for is needed, and otherwise do a little
    /// harm; a buy-back helps a little while the reserve is over its target; money that leaves the reserve harms by the share
    /// of it that leaves; a pause helps in stress and harms otherwise; handing over power, once it is due, helps.
    #[must_use]
    pub fn benefit(&self, measure: &Measure, standing: Option<&Standing>, view: View<'_>) -> f64 {
        let View { situation, need, .. } = view;
        match *measure {
            Measure::Set { to, .. } | Measure::Schedule { to, .. } => {
                standing.map_or(0.0, |standing| Self::benefit_of_value(standing, to, need))
            }
            Measure::Issue { purpose: Purpose::Recapitalise, .. } => {
                if need.collateral > 0.0 {
                    need.collateral
                } else {
                    -0.2
                }
            }
            Measure::Issue { purpose: Purpose::Reserve, .. } => {
                if need.reserve > 0.0 {
                    need.reserve
                } else {
                    -0.2
                }
            }
            Measure::BuyBack { .. } => {
                if need.reserve > 0.0 {
                    -need.reserve
                } else if situation.reserve_target_usd.is_some_and(|target| situation.reserve_usd > target) {
                    0.2
                } else {
                    -0.1
                }
            }
            Measure::Spend { cash, .. } => {
                let dollars = cash.atoms() as f64 / situation.dollar_atoms.max(1.0);
                if situation.reserve_usd > 0.0 { -(dollars / situation.reserve_usd).min(1.0) } else { -1.0 }
            }
            Measure::Pause { .. } => {
                if need.collateral > 1.0 / 3.0 {
                    0.3
                } else {
                    -0.3
                }
            }
            Measure::AdvancePhase => 0.2,
        }
    }

    /// What a measure does to what the voter holds, as a share of it.
    #[must_use]
    pub fn own_effect(&self, measure: &Measure, standing: Option<&Standing>, view: View<'_>) -> f64 {
        let situation = view.situation;
        let Some(token) = situation.token else { return 0.0 };
        let tokens = view.share_of(Some(token));
        let per_cap = |dollars: f64| {
            if situation.market_cap_usd > 0.0 { dollars / situation.market_cap_usd } else { 0.0 }
        };
        match *measure {
            Measure::Set { to, .. } | Measure::Schedule { to, .. } => standing
                .map_or(0.0, |standing| standing.parameter.effect(to - standing.value, view.values, token)),
            Measure::Issue { tokens: minted, purpose, .. } => {
                let minted = minted.atoms() as f64 / situation.token_atoms.max(1.0);
                let dilution = minted / (minted + situation.token_supply).max(f64::MIN_POSITIVE);
                match purpose {
                    Purpose::Recapitalise => {
                        let claims = situation.claims.map_or(0.0, |claims| {
                            claims.into_iter().map(|asset| view.share_of(Some(asset))).sum()
                        });
                        claims * view.need.collateral * RESCUE_SHARE - dilution * tokens
                    }
                    Purpose::Reserve => -dilution * tokens * (1.0 - RESERVE_BACKS_TOKEN),
                }
            }
            Measure::BuyBack { cash, .. } => {
                per_cap(cash.atoms() as f64 / situation.dollar_atoms.max(1.0)) * tokens
            }
            Measure::Spend { recipient, cash } => {
                let dollars = cash.atoms() as f64 / situation.dollar_atoms.max(1.0);
                let gain =
                    if recipient == view.account && view.whole > 0.0 { dollars / view.whole } else { 0.0 };
                gain - per_cap(dollars) * tokens
            }
            Measure::Pause { .. } | Measure::AdvancePhase => 0.0,
        }
    }
}
