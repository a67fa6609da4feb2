//! Governance: what was proposed, how long it took, what it changed, and who cared to vote.

use super::axis::{self, Axis, Scale};
use super::data::{NotDrawn, Series};
use super::events::Events;
use super::figure::{Figure, Mark, Panel, Row};
use super::style::{BLUE, Colour, Fill, GREEN, GREY, Hatch, INK, Marker, Stroke, VERMILION};
use super::words::heading;
use super::{Options, subtitle};
use crate::record::table::Table;

const CHART: &str = "governance";
const MOST_PROPOSALS: usize = 14;
const MOST_PARAMETERS: usize = 5;

/// What became of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It took effect.
    Enacted,
    /// The vote carried it, but it has not taken effect.
    Passed,
    /// The vote or a veto ended it.
    Rejected,
    /// Nothing yet.
    Pending,
}

/// The ticks of a proposal's life.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal<'a> {
    /// Its name: the subject of its events.
    pub name: &'a str,
    /// When it was made.
    pub opened: i64,
    /// When voting began.
    pub voted: Option<i64>,
    /// When the votes were counted.
    pub counted: Option<i64>,
    /// When it was enacted, rejected or cancelled.
    pub ended: Option<i64>,
    /// What became of it.
    pub outcome: Outcome,
}

/// The proposals in a run's events, by the tick they were made.
#[must_use]
pub fn proposals<'a>(events: &Events<'a>) -> Vec<Proposal<'a>> {
    let mut found: Vec<Proposal<'a>> = Vec::new();
    for event in events.all() {
        if event.kind == "proposal" && !found.iter().any(|proposal| proposal.name == event.subject) {
            found.push(Proposal {
                name: event.subject,
                opened: event.tick,
                voted: None,
                counted: None,
                ended: None,
                outcome: Outcome::Pending,
            });
            continue;
        }
        let Some(proposal) = found.iter_mut().find(|proposal| proposal.name == event.subject) else {
            continue;
        };
        match event.kind {
            "vote" | "vote_open" => proposal.voted = proposal.voted.or(Some(event.tick)),
            "vote_result" => {
                proposal.counted = Some(event.tick);
                let refused = ["reject", "fail", "no quorum", "refus"];
                let detail = event.detail.to_lowercase();
                proposal.outcome = if refused.iter().any(|word| detail.contains(word)) {
                    Outcome::Rejected
                } else {
                    Outcome::Passed
                };
            }
            // A referendum that succeeds is a step on the way; one that fails is the end.
            "referendum_result" => {
                if event.detail.to_lowercase().contains("reject") {
                    (proposal.ended, proposal.outcome) = (Some(event.tick), Outcome::Rejected);
                }
            }
            "enacted" => (proposal.ended, proposal.outcome) = (Some(event.tick), Outcome::Enacted),
            "rejected" | "cancelled" | "vetoed" => {
                (proposal.ended, proposal.outcome) = (Some(event.tick), Outcome::Rejected);
            }
            _ => {}
        }
    }
    found.sort_by_key(|proposal| proposal.opened);
    found
}

/// Draws proposals as bars, parameters as steps, and turnout.
///
/// # Errors
/// [`NotDrawn`] if there is neither a proposal, nor a column `param_<name>`, nor `turnout`.
pub fn draw(series: &Table, events: Option<&Table>, options: &Options) -> Result<Figure, NotDrawn> {
    let series = Series::new(series, CHART)?;
    let run = series.run(options.run);
    let events = events.and_then(|table| Events::of(table, run));
    let made = events.as_ref().map(proposals).unwrap_or_default();
    let mut rows = Vec::new();
    let mut footnote = Vec::new();
    if !made.is_empty() {
        if made.len() > MOST_PROPOSALS {
            footnote.push(format!("{} later proposals are not shown.", made.len() - MOST_PROPOSALS));
        }
        rows.push(timeline(&series, &made[..made.len().min(MOST_PROPOSALS)]));
    }
    parameters(&series, run, &made, &mut rows, &mut footnote);
    if let Ok(turnout) = series.path(CHART, "turnout", run, turnout_factor(&series)) {
        let mut panel =
            Panel::new("Turnout (% of voting power)", series.axis(), Axis::linear().reach(&[0.0]));
        panel.draw(Mark::line(turnout, Stroke::solid(INK, 1.7), ""));
        rows.push(Row::of(110.0, panel));
    }
    if rows.is_empty() {
        let wanted = "`param_<name>` or `turnout`, and no event `proposal`".into();
        return Err(NotDrawn::NoColumn { chart: CHART, wanted });
    }
    let count = |outcome| made.iter().filter(|proposal| proposal.outcome == outcome).count();
    let facts = match made.len() {
        0 => String::new(),
        1 => "1 proposal".into(),
        all => format!(
            "{all} proposals: {} enacted, {} rejected",
            count(Outcome::Enacted),
            count(Outcome::Rejected)
        ),
    };
    Ok(Figure {
        name: CHART.into(),
        title: "Governance: proposals, parameters, turnout".into(),
        subtitle: subtitle(options, &series.run_words(run), &facts),
        reading: "Each bar is a proposal: light while it is debated, dark while it is voted on, hatched while it waits \
                  to take effect. Below, the parameters it may have changed, on the same dates."
            .into(),
        footnote: footnote.join(" "),
        rows,
    }
    .sharing_x())
}

fn turnout_factor(series: &Series<'_>) -> f64 {
    if series.column("turnout").is_some_and(|column| column.unit == "%") { 1.0 } else { 100.0 }
}

const DEBATE: Fill = Fill::plain(Colour(0xc6, 0xde, 0xee));
const VOTE: Fill = Fill::plain(BLUE);
const WAIT: Fill = Fill::hatched(Colour(0xe9, 0xe9, 0xe9), Hatch::Rising);

fn timeline(series: &Series<'_>, made: &[Proposal<'_>]) -> Row {
    let names = made.iter().map(|proposal| proposal.name.to_owned()).collect();
    let mut panel = Panel::new("Proposals", series.axis(), Axis::of(Scale::Names(names)));
    let end = series.ends().1;
    let (mut enacted, mut rejected) = (Vec::new(), Vec::new());
    let mut bars: Vec<(usize, Mark)> = Vec::new();
    for (lane, proposal) in made.iter().enumerate() {
        let lane = lane as f64;
        let at = |tick: Option<i64>| tick.and_then(|tick| series.place(tick));
        let Some(opened) = at(Some(proposal.opened)) else { continue };
        let finish = at(proposal.ended).unwrap_or(if proposal.outcome == Outcome::Rejected {
            at(proposal.counted).unwrap_or(end)
        } else {
            end
        });
        let voted = at(proposal.voted).or(at(proposal.counted)).unwrap_or(finish);
        let counted = at(proposal.counted).unwrap_or(finish);
        for (order, from, to, fill, legend) in [
            (0, opened, voted, DEBATE, "debate"),
            (1, voted, counted, VOTE, "vote"),
            (2, counted, finish, WAIT, "waiting to take effect"),
        ] {
            if from < to {
                let legend = Some(legend.to_owned());
                bars.push((order, Mark::Bar { x: (from, to), y: (lane - 0.3, lane + 0.3), fill, legend }));
            }
        }
        let words = match proposal.outcome {
            Outcome::Enacted => "enacted",
            Outcome::Passed => "passed",
            Outcome::Rejected => "rejected",
            Outcome::Pending => "pending",
        };
        match proposal.outcome {
            Outcome::Enacted => enacted.push((finish, lane)),
            Outcome::Rejected => rejected.push((finish, lane)),
            Outcome::Passed | Outcome::Pending => {}
        }
        panel.draw(Mark::Aside { value: lane, words: words.into() });
    }
    bars.sort_by_key(|(order, _)| *order);
    panel.marks.extend(bars.into_iter().map(|(_, mark)| mark));
    let dots = |points, marker, colour, legend: &str| Mark::Dots {
        points,
        marker,
        colour,
        legend: Some(legend.into()),
    };
    if !enacted.is_empty() {
        panel.draw(dots(enacted, Marker::Disc, GREEN, "enacted"));
    }
    if !rejected.is_empty() {
        panel.draw(dots(rejected, Marker::Cross, VERMILION, "rejected"));
    }
    Row::of(25.0 * made.len() as f64 + 6.0, panel)
}

/// A panel for each parameter that changed; of those that did not, the footnote gives the value.
fn parameters(
    series: &Series<'_>,
    run: i64,
    made: &[Proposal<'_>],
    rows: &mut Vec<Row>,
    footnote: &mut Vec<String>,
) {
    let mut steady = Vec::new();
    let mut left_out = 0;
    let mut drawn = 0;
    for name in series.names().filter(|name| name.starts_with("param_")) {
        let bare = name.trim_start_matches("param_");
        let Ok(path) = series.path(CHART, name, run, 1.0) else { continue };
        let defined: Vec<f64> = path.iter().filter_map(|point| point.1).collect();
        let Some(first) = defined.first() else { continue };
        if defined.iter().all(|value| value == first) {
            steady.push(format!("{} {}", heading(bare), axis::number(*first, 4)));
            continue;
        }
        drawn += 1;
        if drawn > MOST_PARAMETERS {
            left_out += 1;
            continue;
        }
        let unit = series.column(name).map_or("", |column| column.unit.as_str());
        let (title, unit) = match (unit, bare.rsplit_once('_')) {
            ("" | "1", _) => (heading(bare), String::new()),
            (unit, Some((rest, last))) if last == unit => (heading(rest), format!(" ({unit})")),
            (unit, _) => (heading(bare), format!(" ({unit})")),
        };
        let (low, high) = defined.iter().fold((*first, *first), |(low, high), x| (low.min(*x), high.max(*x)));
        let air = 0.18 * (high - low);
        let y = Axis::linear().limits(low - air, high + air);
        let mut panel = Panel::new(format!("{title}{unit}"), series.axis(), y);
        for place in made.iter().filter_map(|proposal| {
            series.place(proposal.ended.filter(|_| proposal.outcome == Outcome::Enacted)?)
        }) {
            panel.draw(Mark::Upright { place, stroke: Stroke::dashed(GREY, 0.9, &[2.0, 3.0]) });
        }
        let last = defined.last().copied().unwrap_or(*first);
        panel.draw(Mark::line(path, Stroke::solid(BLUE, 2.0), "").stepped());
        panel.draw(Mark::Aside { value: last, words: axis::number(last, 4) });
        rows.push(Row::of(72.0, panel));
    }
    if drawn > 0 && made.iter().any(|proposal| proposal.outcome == Outcome::Enacted) {
        footnote.push("Dotted lines: a proposal is enacted.".into());
    }
    if !steady.is_empty() {
        footnote.push(format!("Unchanged: {}.", steady.join(", ")));
    }
    if left_out > 0 {
        footnote.push(format!("{left_out} further parameters changed and are not shown."));
    }
}
