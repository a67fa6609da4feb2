//! Governance: what was proposed, through which stages it went, what it changed, who cared to vote, and what it would cost to
//! capture the vote.

mod marks;
mod parameters;
mod proposals;

use super::axis::{Axis, Scale};
use super::data::{NotDrawn, Series, drawable};
use super::events::{Event, Events};
use super::figure::{Figure, Mark, Panel, Row};
use super::stress::stretches;
use super::style::{BLUE, Colour, Fill, GREEN, Hatch, INK, Marker, PAPER, PURPLE, Stroke, VERMILION};
use super::{Options, Stages, subtitle};
use crate::record::table::Table;
use parameters::Seen;
pub use proposals::{Aim, Outcome, Proposal, Stage, proposals, subject};

const CHART: &str = "governance";
const MOST_LANES: usize = 30;
/// Up to so many proposals have a lane each; up to so many lanes have room.
const ROOMY: usize = 14;

/// Fill and name of each stage: what waits is pale, what is voted on is blue.
const STAGES: [(Stage, Fill, &str); 5] = [
    (Stage::Review, Fill::plain(Colour(0xcf, 0xcf, 0xcf)), "review"),
    (Stage::Referendum, Fill::plain(Colour(0x8c, 0xc5, 0xe8)), "referendum"),
    (Stage::Implementation, Fill::hatched(Colour(0xe9, 0xe9, 0xe9), Hatch::Level), "implementation"),
    (Stage::Vote, Fill::plain(BLUE), "vote"),
    (Stage::Timelock, Fill::hatched(Colour(0xe9, 0xe9, 0xe9), Hatch::Rising), "timelock"),
];
/// Name and background of each phase: the more the team decides, the darker.
const PHASES: [(&str, Colour); 3] =
    [("Foundation", Colour(0xf3, 0xe3, 0xc3)), ("Genesis", Colour(0xfb, 0xf4, 0xe4)), ("DAO", PAPER)];
/// How each end of a proposal is marked.
const ENDS: [(Outcome, Marker, Colour); 4] = [
    (Outcome::Enacted, Marker::Disc, GREEN),
    (Outcome::Rejected, Marker::Cross, VERMILION),
    (Outcome::Vetoed, Marker::Diamond, PURPLE),
    (Outcome::Cancelled, Marker::Down, INK),
];

/// Draws proposals over time, the parameters that changed, turnout, capture and the concentration of votes.
///
/// # Errors
/// [`NotDrawn`] if there is no proposal, no `param_` column and no `turnout`.
pub fn draw(series: &Table, events: Option<&Table>, options: &Options) -> Result<Figure, NotDrawn> {
    let series = Series::new(series, CHART)?;
    let run = series.run(options.run);
    let events = events.and_then(|table| Events::of(table, run));
    let made = events.as_ref().map(proposals).unwrap_or_default();
    let ground = phases(&series, run);
    let mut rows = Vec::new();
    let mut footnote = Vec::new();
    if !made.is_empty() {
        let mut lanes = lanes(&made);
        let left_out = lanes.split_off(lanes.len().min(MOST_LANES));
        if !left_out.is_empty() {
            footnote.push(format!("Proposals on {} further things are not shown.", left_out.len()));
        }
        rows.push(timeline(&series, &lanes, options.stages.as_ref(), &ground));
    }
    let executed: Vec<(i64, &str)> =
        events.iter().flat_map(|events| events.of_kind("executed")).map(told).collect();
    let seen = Seen { series: &series, run, made: &made, executed: &executed, ground: &ground };
    seen.panels(&mut rows, &mut footnote);
    for (name, factor, words) in [
        ("turnout", turnout_factor(&series), "Turnout (% of voting power)"),
        ("pass_rate", 100.0, "Pass rate (% of the proposals decided by votes so far)"),
    ] {
        let Ok(path) = series.path(CHART, name, run, factor) else { continue };
        let y = Axis::linear().reach(&[0.0]);
        let mut panel = upon(&ground, Panel::new(words, series.axis(), y));
        panel.draw(Mark::line(path, Stroke::solid(INK, 1.7), "").stepped());
        rows.push(Row::of(90.0, panel));
    }
    if rows.is_empty() {
        let wanted = "`param_<name>` or `turnout`, and no event `proposal`".into();
        return Err(NotDrawn::NoColumn { chart: CHART, wanted });
    }
    rows.extend(capture(&series, run, &ground));
    rows.extend(concentration(&series, run, &ground));
    Ok(Figure {
        name: CHART.into(),
        title: "Governance: proposals, what they moved and aimed at, turnout".into(),
        subtitle: subtitle(options, &series.run_words(run), &facts(&made)),
        reading: "Each bar is a proposal, filled by the stage it is in: dark while it is voted on, hatched while it waits. \
                  Below, on the same dates, the parameters that proposals moved, and under those with one aim the metric \
                  that they aimed at; what follows a measure need not come from it. Where the value that a vote can take \
                  stands above the cost of carrying one, capture pays."
            .into(),
        footnote: footnote.join(" "),
        rows,
    }
    .sharing_x())
}

fn told<'a>(event: &Event<'a>) -> (i64, &'a str) {
    (event.tick, subject(event.subject))
}

fn facts(made: &[Proposal<'_>]) -> String {
    let all = match made.len() {
        0 => return String::new(),
        1 => "1 proposal".to_owned(),
        all => format!("{all} proposals"),
    };
    let count = |outcome| made.iter().filter(|proposal| proposal.outcome == outcome).count();
    let ends = ENDS.iter().map(|(outcome, ..)| (count(*outcome), outcome.name()));
    // Vetoes and cancellations are told where there are any.
    let told = ends.enumerate().filter(|(place, (count, _))| *place < 2 || *count > 0);
    let told: Vec<String> = told.map(|(_, (count, name))| format!("{count} {name}")).collect();
    format!("{all}: {}", told.join(", "))
}

/// Turnout is a share in the tables; a column that says per cent is taken at its word.
fn turnout_factor(series: &Series<'_>) -> f64 {
    if series.column("turnout").is_some_and(|column| column.unit == "%") { 1.0 } else { 100.0 }
}

/// The background of a panel: the phases, unless all of the run is one.
fn phases(series: &Series<'_>, run: i64) -> Vec<Mark> {
    let found = stretches(&series.path(CHART, "governance_phase", run, 1.0).unwrap_or_default());
    if found.iter().all(|(.., phase)| Some(*phase) == found.first().map(|first| first.2)) {
        return Vec::new();
    }
    let span = |(from, to, phase): (f64, f64, u8)| {
        let (name, colour) = PHASES.get(usize::from(phase))?;
        let legend = Some(format!("phase {name}"));
        Some(Mark::Span { from, to, fill: Fill::plain(*colour), tag: None, legend })
    };
    found.into_iter().filter_map(span).collect()
}

/// The panel upon the background, which the first panel of a figure explains.
fn upon(ground: &[Mark], mut panel: Panel) -> Panel {
    panel.marks.extend(ground.iter().cloned().map(|mark| match mark {
        Mark::Span { from, to, fill, tag, .. } => Mark::Span { from, to, fill, tag, legend: None },
        other => other,
    }));
    panel
}

/// A line of the timeline.
struct Lane<'a> {
    name: String,
    /// No two of them at once.
    made: Vec<&'a Proposal<'a>>,
    /// What became of them.
    outcome: String,
}

/// A lane for each proposal; where there are many, one for each thing that they are about, for no two proposals on one thing
/// are ever under way together. Busy lanes come first.
fn lanes<'a>(made: &'a [Proposal<'a>]) -> Vec<Lane<'a>> {
    if made.len() <= ROOMY {
        let lane = |proposal: &'a Proposal<'a>| Lane {
            name: proposal.name.to_owned(),
            made: vec![proposal],
            outcome: proposal.outcome.name().to_owned(),
        };
        return made.iter().map(lane).collect();
    }
    let mut lanes: Vec<Lane<'a>> = Vec::new();
    for proposal in made {
        match lanes.iter_mut().find(|lane| lane.name == proposal.subject()) {
            Some(lane) => lane.made.push(proposal),
            None => lanes.push(Lane {
                name: proposal.subject().to_owned(),
                made: vec![proposal],
                outcome: String::new(),
            }),
        }
    }
    for lane in &mut lanes {
        let enacted = lane.made.iter().filter(|proposal| proposal.outcome == Outcome::Enacted).count();
        lane.outcome = format!("{enacted} of {} enacted", lane.made.len());
    }
    lanes.sort_by_key(|lane| std::cmp::Reverse(lane.made.len()));
    lanes
}

/// Every proposal is a bar in its lane.
fn timeline(series: &Series<'_>, lanes: &[Lane<'_>], lengths: Option<&Stages>, ground: &[Mark]) -> Row {
    let names = lanes.iter().map(|lane| lane.name.clone()).collect();
    let mut panel = Panel::new("Proposals", series.axis(), Axis::of(Scale::Names(names)));
    let mut bars: Vec<(Stage, Mark)> = Vec::new();
    let mut ends: [Vec<(f64, f64)>; ENDS.len()] = Default::default();
    for (height, lane) in lanes.iter().enumerate() {
        let height = height as f64;
        for proposal in &lane.made {
            let stages = proposal.stages(lengths, series.last_tick());
            for (stage, from, to) in &stages {
                let (Some((from, to)), Some((_, fill, words))) = (
                    series.place(*from).zip(series.place(*to)),
                    STAGES.iter().find(|known| known.0 == *stage),
                ) else {
                    continue;
                };
                let (y, legend) = ((height - 0.3, height + 0.3), Some((*words).to_owned()));
                bars.push((*stage, Mark::Bar { x: (from, to), y, fill: *fill, legend }));
            }
            let end =
                stages.last().map(|stage| stage.2).or(proposal.ended).and_then(|tick| series.place(tick));
            if let Some((place, end)) = ENDS.iter().position(|known| known.0 == proposal.outcome).zip(end) {
                ends[place].push((end, height));
            }
        }
        panel.draw(Mark::Aside { value: height, words: lane.outcome.clone() });
    }
    // The legend has the stages in their order.
    bars.sort_by_key(|(stage, _)| *stage);
    panel.marks.extend(bars.into_iter().map(|(_, mark)| mark));
    for (points, (outcome, marker, colour)) in ends.into_iter().zip(ENDS) {
        if !points.is_empty() {
            panel.draw(Mark::Dots { points, marker, colour, legend: Some(outcome.name().into()) });
        }
    }
    panel.marks.extend(ground.iter().cloned());
    let room = if lanes.len() <= ROOMY { 25.0 } else { 17.0 };
    Row::of(room * lanes.len() as f64 + 6.0, panel)
}

/// What carrying a vote costs against what it can take.
fn capture(series: &Series<'_>, run: i64, ground: &[Mark]) -> Option<Row> {
    let path = |name: &str| series.path(CHART, name, run, 1.0).ok();
    let (cost, value) = (path("capture_cost_usd")?, path("capture_value_usd")?);
    // Nothing to take is no place on this axis.
    let shown = |point: &(f64, Option<f64>)| drawable(point.1).is_some_and(|value| value > 0.0);
    // Where votes are not to be had, or nothing is to be taken, there is nothing to compare.
    if !cost.iter().any(shown) || !value.iter().any(shown) {
        return None;
    }
    let y = Axis::of(Scale::Log);
    let mut panel = upon(ground, Panel::new("Capture of a vote (usd)", series.axis(), y));
    panel.draw(Mark::line(cost, Stroke::solid(INK, 1.5), "what carrying a vote costs"));
    let stroke = Stroke::dashed(VERMILION, 1.9, &[8.0, 3.0]);
    panel.draw(Mark::line(value, stroke, "what a vote can take"));
    Some(Row::of(110.0, panel))
}

/// In how few hands the votes are; the chart of concentration has the rest.
fn concentration(series: &Series<'_>, run: i64, ground: &[Mark]) -> Option<Row> {
    let path = series.surveyed(CHART, "voting_power_nakamoto", run).ok().filter(|path| !path.is_empty())?;
    let title = "Fewest holders with more than half of the votes (Nakamoto coefficient)";
    let mut panel = upon(ground, Panel::new(title, series.axis(), Axis::linear().reach(&[0.0])));
    panel.draw(Mark::line(path, Stroke::solid(BLUE, 1.7), "").stepped());
    Some(Row::of(72.0, panel))
}
