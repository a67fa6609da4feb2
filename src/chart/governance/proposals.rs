//! Proposals as the events of a run tell them: through which stages each went, when, and how it ended.

use crate::chart::Stages;
use crate::chart::events::Events;

/// How a proposal ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It took effect.
    Enacted,
    /// It passed and waits.
    Passed,
    /// It found no majority or no quorum, in the referendum or in the vote.
    Rejected,
    /// The team struck it out.
    Vetoed,
    /// It was withdrawn, or could not take effect when its time came.
    Cancelled,
    /// Nothing is known yet.
    Pending,
}

impl Outcome {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enacted => "enacted",
            Self::Passed => "passed",
            Self::Rejected => "rejected",
            Self::Vetoed => "vetoed",
            Self::Cancelled => "cancelled",
            Self::Pending => "pending",
        }
    }
}

/// The stages that a proposal goes through, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// It can be read.
    Review,
    /// Voters say whether it shall go on.
    Referendum,
    /// What will be executed is written.
    Implementation,
    /// Voters say whether it takes effect.
    Vote,
    /// It waits to take effect.
    Timelock,
}

/// What a proposal aims at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aim<'a> {
    /// In words: `peg`, `collateral ratio`, `reserve`.
    pub what: &'a str,
    /// Whether it is for it, and not at its cost.
    pub helps: bool,
}

impl<'a> Aim<'a> {
    /// As the end of the words of the event `proposal` tells it.
    fn of(detail: &'a str) -> Option<Self> {
        let [helped, harmed] = ["; for the ", "; at the cost of the "].map(|words| detail.rsplit_once(words));
        let aim = helped.map(|(_, what)| Self { what, helps: true });
        aim.or_else(|| harmed.map(|(_, what)| Self { what, helps: false }))
    }
}

/// A proposal, with the ticks of its life.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal<'a> {
    /// What it is about.
    pub name: &'a str,
    /// What it aims at, if at anything.
    pub aim: Option<Aim<'a>>,
    /// When it was made.
    pub opened: i64,
    /// When the referendum was counted.
    pub polled: Option<i64>,
    /// When the votes were counted.
    pub counted: Option<i64>,
    /// When it took effect or was given up.
    pub ended: Option<i64>,
    /// How it ended.
    pub outcome: Outcome,
}

impl Proposal<'_> {
    /// What it is about, without its number: the name of a parameter, or a word for another measure.
    #[must_use]
    pub fn subject(&self) -> &str {
        subject(self.name)
    }

    /// The stages it went through, each from tick to tick, up to `now` where it is still under way.
    ///
    /// Events tell when votes were counted; when they began follows from the `lengths` of the stages. Without lengths all of
    /// the time before a count is that of the vote.
    #[must_use]
    pub fn stages(&self, lengths: Option<&Stages>, now: i64) -> Vec<(Stage, i64, i64)> {
        let end = match (self.ended, self.outcome, self.counted.or(self.polled)) {
            (Some(ended), ..) => ended,
            (None, Outcome::Rejected, Some(counted)) => counted,
            _ => now,
        };
        let mut stages = Vec::new();
        let mut at = self.opened;
        let mut until = |stage: Stage, to: i64| {
            let to = to.clamp(at, end.max(at));
            if at < to {
                stages.push((stage, at, to));
            }
            at = to;
        };
        let has_referendum = self.polled.is_some()
            || lengths.is_some_and(|lengths| lengths.referendum > 0 && self.counted.is_none());
        if has_referendum {
            let begins = lengths.map(|lengths| {
                self.polled.map_or(self.opened + lengths.review, |polled| polled - lengths.referendum)
            });
            until(Stage::Review, begins.unwrap_or(self.opened));
            until(Stage::Referendum, self.polled.unwrap_or(end));
        }
        let before = if has_referendum { Stage::Implementation } else { Stage::Review };
        let from = self.polled.unwrap_or(self.opened);
        let begins = lengths.map(|lengths| {
            let wait = if has_referendum { lengths.implementation } else { lengths.review };
            self.counted.map_or(from + wait, |counted| counted - lengths.vote)
        });
        until(before, begins.unwrap_or(from));
        until(Stage::Vote, self.counted.unwrap_or(end));
        until(Stage::Timelock, end);
        stages
    }
}

/// What an event of governance is about, without the number of a proposal.
#[must_use]
pub fn subject(words: &str) -> &str {
    words.strip_prefix('#').and_then(|rest| rest.split_once(' ')).map_or(words, |(_, subject)| subject)
}

/// The proposals that events tell of, in the order in which they were made.
#[must_use]
pub fn proposals<'a>(events: &Events<'a>) -> Vec<Proposal<'a>> {
    let mut found: Vec<Proposal<'a>> = Vec::new();
    for event in events.all() {
        if event.kind == "proposal" && !found.iter().any(|proposal| proposal.name == event.subject) {
            found.push(Proposal {
                name: event.subject,
                aim: Aim::of(event.detail),
                opened: event.tick,
                polled: None,
                counted: None,
                ended: None,
                outcome: Outcome::Pending,
            });
            continue;
        }
        let Some(proposal) = found.iter_mut().find(|proposal| proposal.name == event.subject) else {
            continue;
        };
        let refused = ["reject", "fail", "no quorum", "refus"];
        let detail = event.detail.to_lowercase();
        let refused = refused.iter().any(|word| detail.contains(word));
        match event.kind {
            "vote_result" => {
                proposal.counted = Some(event.tick);
                proposal.outcome = if refused { Outcome::Rejected } else { Outcome::Passed };
            }
            // A referendum that succeeds is a step on the way; one that fails is the end.
            "referendum_result" => {
                proposal.polled = Some(event.tick);
                if refused {
                    proposal.outcome = Outcome::Rejected;
                }
            }
            kind => {
                let ends = [Outcome::Enacted, Outcome::Rejected, Outcome::Vetoed, Outcome::Cancelled];
                if let Some(outcome) = ends.into_iter().find(|outcome| outcome.name() == kind) {
                    (proposal.ended, proposal.outcome) = (Some(event.tick), outcome);
                }
            }
        }
    }
    found.sort_by_key(|proposal| proposal.opened);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::table::{Cells, Column, Table};

    const LENGTHS: Stages = Stages { review: 10, referendum: 20, implementation: 5, vote: 30 };

    fn table(told: &[(i64, &str, &str, &str)]) -> Table {
        let column = |name: &str, cells| Column {
            name: name.into(),
            unit: String::new(),
            meaning: String::new(),
            cells,
        };
        let words = |read: fn(&(i64, &str, &str, &str)) -> String| {
            Cells::Text(told.iter().map(|event| Some(read(event))).collect())
        };
        Table::new(vec![
            column("tick", Cells::Integer(told.iter().map(|event| event.0).collect())),
            column("kind", words(|event| event.1.to_owned())),
            column("subject", words(|event| event.2.to_owned())),
            column("detail", words(|event| event.3.to_owned())),
        ])
        .unwrap()
    }

    #[test]
    fn a_proposal_goes_through_the_stages_of_the_article() {
        let table = table(&[
            (100, "proposal", "#1", ""),
            (130, "referendum_result", "#1", "passed"),
            (165, "vote_result", "#1", "passed"),
            (213, "enacted", "#1", ""),
        ]);
        let events = Events::of(&table, 0).unwrap();
        let made = proposals(&events);
        let whole = made[0].stages(Some(&LENGTHS), 500);
        let expected = [
            (Stage::Review, 100, 110),
            (Stage::Referendum, 110, 130),
            (Stage::Implementation, 130, 135),
            (Stage::Vote, 135, 165),
            (Stage::Timelock, 165, 213),
        ];
        assert_eq!(whole, expected);
        let unknown = [(Stage::Referendum, 100, 130), (Stage::Vote, 130, 165), (Stage::Timelock, 165, 213)];
        assert_eq!(made[0].stages(None, 500), unknown);
        assert_eq!(made[0].outcome, Outcome::Enacted);
    }

    #[test]
    fn an_end_on_the_way_and_an_open_one_end_where_they_are() {
        let table = table(&[
            (100, "proposal", "#1", ""),
            (100, "proposal", "#2", ""),
            (100, "proposal", "#3", ""),
            (107, "vetoed", "#1", ""),
            (130, "referendum_result", "#2", "rejected: no quorum"),
            (140, "cancelled", "#3", ""),
            (480, "proposal", "#4", ""),
        ]);
        let events = Events::of(&table, 0).unwrap();
        let made = proposals(&events);
        let ends: Vec<_> = made.iter().map(|one| (one.outcome, one.stages(Some(&LENGTHS), 500))).collect();
        assert_eq!(ends[0], (Outcome::Vetoed, vec![(Stage::Review, 100, 107)]));
        let polled = vec![(Stage::Review, 100, 110), (Stage::Referendum, 110, 130)];
        assert_eq!(ends[1], (Outcome::Rejected, polled));
        assert_eq!(ends[2].0, Outcome::Cancelled);
        assert_eq!(
            ends[3],
            (Outcome::Pending, vec![(Stage::Review, 480, 490), (Stage::Referendum, 490, 500)])
        );
        let short = Stages { referendum: 0, implementation: 0, ..LENGTHS };
        assert_eq!(made[3].stages(Some(&short), 500), [(Stage::Review, 480, 490), (Stage::Vote, 490, 500)]);
    }

    #[test]
    fn what_a_proposal_aims_at_is_told_when_it_is_made() {
        let table = table(&[
            (1, "proposal", "#1 fx.beta", "from 0.1 to 0.3; for the collateral ratio"),
            (2, "proposal", "#2 buy_back", "100 dollars over 24 h; at the cost of the reserve"),
            (3, "proposal", "#3 advance_phase", "to the next phase"),
        ]);
        let events = Events::of(&table, 0).unwrap();
        let made = proposals(&events);
        let told: Vec<_> = made.iter().map(|one| (one.subject(), one.aim)).collect();
        let aim = |what, helps| Some(Aim { what, helps });
        let expected = [
            ("fx.beta", aim("collateral ratio", true)),
            ("buy_back", aim("reserve", false)),
            ("advance_phase", None),
        ];
        assert_eq!(told, expected);
        assert_eq!((subject("redeem fee"), subject("#7")), ("redeem fee", "#7"));
    }
}
