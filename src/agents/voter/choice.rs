//! How a voter chooses: what a measure is worth to it, how it votes, what it proposes.

use super::Voter;
use super::situation::{Standing, View};
use crate::protocol::governance::Measure;

/// What a voter does about a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// It votes for.
    Yes,
    /// It votes against.
    No,
    /// Too little is at stake.
    Abstain,
}

impl Voter {
    /// What a measure is worth to this voter, as a share of its portfolio, before the cost of voting.
    #[must_use]
    pub fn appeal(&self, measure: &Measure, standing: Option<&Standing>, view: View<'_>) -> f64 {
        self.own_effect(measure, standing, view)
            + f64::from(self.civic_weight) * self.benefit(measure, standing, view)
    }

    /// How it votes where a measure is worth this much to it, and where somebody pays for a side of the vote.
    ///
    /// `bribe` is what is paid for votes for, and against, as a share of the portfolio. A bribe below the voter's reluctance
    /// counts for nothing, and above it for what exceeds it.
    #[must_use]
    pub fn vote(&self, appeal: f64, bribe: [f64; 2]) -> Choice {
        let taken = bribe.map(|share| (share - f64::from(self.bribe_reluctance_share)).max(0.0));
        let (yes, no) = (appeal + taken[0], taken[1] - appeal);
        let cost = f64::from(self.turnout_cost_share);
        if yes > cost && yes >= no {
            Choice::Yes
        } else if no > cost {
            Choice::No
        } else {
            Choice::Abstain
        }
    }

    /// What it proposes: of the measures that would help the protocol the one that appeals most, if that is worth the cost.
    ///
    /// `others` are measures beside those that move a parameter by a step.
    #[must_use]
    pub fn propose(&self, standings: &[Standing], others: &[Measure], view: View<'_>) -> Option<Measure> {
        let mut best = None;
        let mut most = f64::from(self.turnout_cost_share);
        let mut consider = |measure: Measure, standing: Option<&Standing>| {
            let benefit = self.benefit(&measure, standing, view);
            if benefit <= 0.0 {
                return;
            }
            let appeal = self.own_effect(&measure, standing, view) + f64::from(self.civic_weight) * benefit;
            if appeal > most {
                most = appeal;
                best = Some(measure);
            }
        };
        for standing in standings.iter().filter(|standing| !standing.busy && view.need.is_met_by(standing)) {
            for to in self.steps(standing) {
                let measure = Measure::Set { parameter: standing.id, from: standing.value, to };
                consider(measure, Some(standing));
            }
        }
        others.iter().for_each(|measure| consider(*measure, None));
        best
    }

    /// A step down, a step up, and back to the default where that is nearer than a step.
    fn steps(&self, standing: &Standing) -> impl Iterator<Item = f64> {
        let Standing { parameter, value: now, default, .. } = standing;
        let (now, default, low, high) = (*now, *default, parameter.low, parameter.high);
        let step = self.step_share * (high - low);
        let near = ((default - now).abs() < step).then_some(default);
        [now - step, now + step]
            .into_iter()
            .chain(near)
            // Rounded to the billionth of the unit: people propose round numbers.
            .map(move |value| (libm::round(value * 1e9) / 1e9).max(low).min(high))
            .filter(move |value| value.is_finite() && *value != now)
    }
}

#[cfg(test)]
mod tests;
