//! What a proposal would do: set a parameter, move it by and by, or set something off.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::parameter::{ParameterError, ParameterId};
use crate::quantity::Amount;

/// What a sale of new tokens is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// Dollars for the reserve, up to its target if it has one.
    Reserve,
    /// Collateral for the treasury, up to the ratio that recapitalisation aims at.
    Recapitalise,
}

impl Purpose {
    /// The name in events.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reserve => "reserve",
            Self::Recapitalise => "recapitalisation",
        }
    }
}

/// The place of a venue among those that can be paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PauseId(pub u8);

/// What a proposal does when it takes effect. Plain data: governance knows parameters and venues by their places only.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Measure {
    /// Gives a parameter a new value at once.
    Set {
        /// Which parameter.
        parameter: ParameterId,
        /// Its value when the proposal was made, in its unit.
        from: f64,
        /// The value proposed, in its unit.
        to: f64,
    },
    /// Moves a parameter to a new value in a straight line.
    Schedule {
        /// Which parameter.
        parameter: ParameterId,
        /// Its value when the proposal was made, in its unit.
        from: f64,
        /// The value at the end, in its unit.
        to: f64,
        /// How long the move takes, in hours.
        hours: u32,
    },
    /// Mints tokens and sells them in the market by and by.
    Issue {
        /// How many, in atoms: at most, for what is not needed is burned.
        tokens: Amount,
        /// Over how many hours they are sold.
        hours: u32,
        /// What the proceeds are for.
        purpose: Purpose,
    },
    /// Spends dollars of the reserve on tokens in the market, and burns them.
    BuyBack {
        /// How many dollars, in atoms.
        cash: Amount,
        /// Over how many hours.
        hours: u32,
    },
    /// Pays dollars of the reserve to an account: a grant, or a robbery.
    Spend {
        /// Whose account, by its number.
        recipient: u32,
        /// How many dollars, in atoms.
        cash: Amount,
    },
    /// Stops a venue for a while; it goes on by itself.
    Pause {
        /// Which venue.
        venue: PauseId,
        /// For how many hours.
        hours: u32,
    },
    /// Goes to the next phase of decentralisation.
    AdvancePhase,
}

/// Why a measure cannot be proposed, or not take effect.
#[derive(Debug, Clone, Copy, PartialEq, Error, Serialize, Deserialize)]
pub enum MeasureError {
    /// No such parameter, or a value it cannot take.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// Nothing would change.
    #[error("nothing would change: the parameter has this value already")]
    NoChange,
    /// A time that is none.
    #[error("expected from 1 to {most} hours, found {found}")]
    Hours {
        /// The longest.
        most: u32,
        /// What was asked for.
        found: u32,
    },
    /// An amount of nothing, or of more than one vote may dispose of.
    #[error("expected more than 0 and at most {most} atoms, found {found}")]
    Amount {
        /// What one vote may dispose of now.
        most: Amount,
        /// What was asked for.
        found: Amount,
    },
    /// There is no such venue.
    #[error("there is no venue number {0} that could be paused")]
    NoVenue(u8),
    /// The token has no market in which it could be sold or bought.
    #[error("the governance token has no pool: nothing can be sold or bought there")]
    NoMarket,
    /// A sale or a purchase is under way.
    #[error("another sale or purchase of the token is still under way")]
    Busy,
    /// Nobody holds such an account, or a venue does.
    #[error("account number {0} is not a holder's: only people can be paid")]
    NoAccount(u32),
    /// The last phase has been reached.
    #[error("there is no phase after this one")]
    LastPhase,
    /// The conditions of the next phase are not met.
    #[error("the next phase is not due: {0}")]
    NotReady(Unready),
}

/// The first condition of the next phase that is not met.
#[derive(Debug, Clone, Copy, PartialEq, Error, Serialize, Deserialize)]
pub enum Unready {
    /// Too early.
    #[error("it takes {needed} days in this phase, found {found:.1}")]
    Days {
        /// Required.
        needed: f64,
        /// So far.
        found: f64,
    },
    /// Power is in too few hands.
    #[error("it takes {needed} holders to outvote the rest, found {found}")]
    Nakamoto {
        /// Required.
        needed: u32,
        /// Now.
        found: u32,
    },
    /// Too few vote.
    #[error("it takes a turnout of {needed}, found {found:.4}")]
    Turnout {
        /// Required, as a share.
        needed: f64,
        /// In the last vote, as a share.
        found: f64,
    },
    /// Too little practice.
    #[error("it takes {needed} enacted proposals, found {found}")]
    Enacted {
        /// Required.
        needed: u32,
        /// So far.
        found: u32,
    },
}

impl Measure {
    /// The parameter that it moves, if it moves one, and the value it moves it to.
    #[must_use]
    pub const fn target(&self) -> Option<(ParameterId, f64)> {
        match *self {
            Self::Set { parameter, to, .. } | Self::Schedule { parameter, to, .. } => Some((parameter, to)),
            _ => None,
        }
    }

    /// True if both would act on the same thing, so that one of them has to wait.
    #[must_use]
    pub fn collides(&self, other: &Self) -> bool {
        match (self.target(), other.target()) {
            (Some((one, _)), Some((two, _))) => one == two,
            (None, None) => match (self, other) {
                (Self::Pause { venue: one, .. }, Self::Pause { venue: two, .. }) => one == two,
                (Self::Spend { recipient: one, .. }, Self::Spend { recipient: two, .. }) => one == two,
                (Self::Issue { .. } | Self::BuyBack { .. }, Self::Issue { .. } | Self::BuyBack { .. })
                | (Self::AdvancePhase, Self::AdvancePhase) => true,
                _ => false,
            },
            _ => false,
        }
    }

    /// True if both do the same, wherever a parameter stands when they do it.
    #[must_use]
    pub fn does_same(&self, other: &Self) -> bool {
        match (*self, *other) {
            (Self::Set { parameter, to, .. }, Self::Set { parameter: other, to: there, .. }) => {
                (parameter, to) == (other, there)
            }
            (
                Self::Schedule { parameter, to, hours, .. },
                Self::Schedule { parameter: other, to: there, hours: long, .. },
            ) => (parameter, to, hours) == (other, there, long),
            (one, other) => one == other,
        }
    }

    /// A short name that stays.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Set { .. } => "set",
            Self::Schedule { .. } => "schedule",
            Self::Issue { purpose: Purpose::Reserve, .. } => "issue_for_reserve",
            Self::Issue { purpose: Purpose::Recapitalise, .. } => "issue_for_recapitalisation",
            Self::BuyBack { .. } => "buy_back",
            Self::Spend { .. } => "spend",
            Self::Pause { .. } => "pause",
            Self::AdvancePhase => "advance_phase",
        }
    }
}

/// A parameter on its way from one value to another, in a straight line.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ramp {
    /// Which parameter.
    pub parameter: ParameterId,
    /// Where it starts.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// When it starts, in seconds.
    pub begins_seconds: i64,
    /// When it is there, in seconds.
    pub ends_seconds: i64,
}

impl Ramp {
    /// The value at a time: always between the two ends.
    #[must_use]
    pub fn value(&self, now_seconds: i64) -> f64 {
        if now_seconds >= self.ends_seconds || self.ends_seconds <= self.begins_seconds {
            return self.to;
        }
        let gone = now_seconds.saturating_sub(self.begins_seconds).max(0) as f64;
        let whole = self.ends_seconds.saturating_sub(self.begins_seconds) as f64;
        let value = self.from + (self.to - self.from) * (gone / whole);
        value.clamp(self.from.min(self.to), self.from.max(self.to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(parameter: u16) -> Measure {
        Measure::Set { parameter: ParameterId(parameter), from: 1.0, to: 2.0 }
    }

    #[test]
    fn what_acts_on_the_same_thing_collides() {
        let later = Measure::Schedule { parameter: ParameterId(1), from: 1.0, to: 3.0, hours: 5 };
        assert!(set(1).collides(&later) && later.collides(&set(1)));
        assert!(!set(1).collides(&set(2)) && !set(1).collides(&Measure::AdvancePhase));
        let cash = Amount::from_atoms(5);
        let buy = Measure::BuyBack { cash, hours: 1 };
        let issue = Measure::Issue { tokens: cash, hours: 1, purpose: Purpose::Reserve };
        assert!(buy.collides(&issue) && issue.collides(&issue) && !issue.collides(&Measure::AdvancePhase));
        let pause = |venue| Measure::Pause { venue: PauseId(venue), hours: 1 };
        assert!(pause(0).collides(&pause(0)) && !pause(0).collides(&pause(1)));
        let spend = |recipient| Measure::Spend { recipient, cash };
        assert!(spend(1).collides(&spend(1)) && !spend(1).collides(&spend(2)));
    }

    #[test]
    fn a_ramp_goes_straight_and_stays() {
        let ramp =
            Ramp { parameter: ParameterId(0), from: 30.0, to: 10.0, begins_seconds: 100, ends_seconds: 300 };
        let values = [0, 100, 150, 200, 299, 300, 1_000].map(|now| ramp.value(now));
        assert_eq!(values[..4], [30.0, 30.0, 25.0, 20.0]);
        assert!(values[4] > 10.0 && values[5..] == [10.0, 10.0]);
        assert_eq!(Ramp { ends_seconds: 100, ..ramp }.value(100), 10.0, "no time at all");
    }
}
