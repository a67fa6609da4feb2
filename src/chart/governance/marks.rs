//! When proposals were made, passed, took effect or were struck out: upright lines through a panel.

use super::proposals::{Outcome, Proposal};
use crate::chart::data::Series;
use crate::chart::figure::{Mark, Panel};
use crate::chart::style::{GREEN, GREY, INK, Marker, ORANGE, PURPLE, Stroke};

/// Up to so many proposals have whole lines for every step; of more, those that changed nothing stand at the foot.
const ROOMY: usize = 9;
/// From so many on lines are thin.
const DENSE: usize = 36;

/// What happens to a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Proposed,
    Passed,
    Vetoed,
    Enacted,
    Executed,
}

impl Step {
    /// In the order in which they are drawn: what changed something covers the rest.
    const ALL: [Self; 5] = [Self::Proposed, Self::Passed, Self::Vetoed, Self::Enacted, Self::Executed];

    const fn name(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Passed => "passed",
            Self::Vetoed => "vetoed",
            Self::Enacted => "enacted",
            Self::Executed => "executed by the team",
        }
    }

    const fn stroke(self) -> Stroke {
        match self {
            Self::Proposed => Stroke::dashed(GREY, 0.9, &[1.5, 3.0]),
            Self::Passed => Stroke::dashed(ORANGE, 1.2, &[4.0, 2.5]),
            Self::Vetoed => Stroke::dashed(PURPLE, 1.5, &[7.0, 2.0, 1.5, 2.0]),
            Self::Enacted => Stroke::solid(GREEN, 1.2),
            Self::Executed => Stroke::dashed(INK, 1.4, &[9.0, 2.5]),
        }
    }

    /// When it happened to the proposal.
    fn of(self, proposal: &Proposal<'_>) -> Option<i64> {
        let ended = |outcome| proposal.ended.filter(|_| proposal.outcome == outcome);
        match self {
            Self::Proposed => Some(proposal.opened),
            Self::Passed => proposal.counted.filter(|_| proposal.outcome != Outcome::Rejected),
            Self::Vetoed => ended(Outcome::Vetoed),
            Self::Enacted => ended(Outcome::Enacted),
            Self::Executed => None,
        }
    }
}

/// Draws the steps of proposals, and what the team executed by itself, into panels, each explained where it first appears.
#[derive(Debug)]
pub(super) struct Marks<'a> {
    series: &'a Series<'a>,
    explained: Vec<&'static str>,
    /// Some stand at the foot of their panel.
    shortened: bool,
}

impl<'a> Marks<'a> {
    pub(super) const fn new(series: &'a Series<'a>) -> Self {
        Self { series, explained: Vec::new(), shortened: false }
    }

    /// What a reader should know of those drawn so far.
    pub(super) fn footnote(&self) -> Option<&'static str> {
        self.shortened.then_some("Short strokes at the foot of a panel: proposed, passed.")
    }

    /// Draws into a panel whose vertical axis begins at `foot`.
    pub(super) fn draw<'b>(
        &mut self,
        panel: &mut Panel,
        made: impl Iterator<Item = &'b Proposal<'b>>,
        executed: &[i64],
        foot: f64,
    ) {
        let made: Vec<&Proposal<'_>> = made.collect();
        for step in Step::ALL {
            let ticks = made.iter().filter_map(|proposal| step.of(proposal));
            let ticks = ticks.chain(executed.iter().copied().filter(|_| step == Step::Executed));
            let places: Vec<f64> = ticks.filter_map(|tick| self.series.place(tick)).collect();
            if places.is_empty() {
                continue;
            }
            let mut legend = (!self.explained.contains(&step.name())).then(|| {
                self.explained.push(step.name());
                step.name().to_owned()
            });
            let Stroke { colour, width, .. } = step.stroke();
            if made.len() > ROOMY && matches!(step, Step::Proposed | Step::Passed) {
                // Their legend is that of the whole lines, in the same colour.
                let points = places.into_iter().map(|place| (place, foot)).collect();
                self.shortened = true;
                panel.draw(Mark::Dots { points, marker: Marker::Stroke, colour, legend });
                continue;
            }
            let thin = if made.len() > DENSE { 0.55 } else { 1.0 };
            let stroke = Stroke { width: width * thin, ..step.stroke() };
            for place in places {
                panel.draw(Mark::Upright { place, stroke, legend: legend.take() });
            }
        }
    }
}
