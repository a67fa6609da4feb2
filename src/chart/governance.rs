//! Governance: what was proposed, through which stages it went, what it changed, who cared to vote, and what it would cost to
//! capture the vote.

mod proposals;

use super::axis::{self, Axis, Scale};
use super::data::{NotDrawn, Series, drawable};
use super::events::Events;
use super::figure::{Figure, Mark, Panel, Row};
use super::stress::stretches;
use super::style::{BLUE, Colour, Fill, GREEN, GREY, Hatch, INK, Marker, PAPER, PURPLE, Stroke, VERMILION};
use super::words::heading;
use super::{Options, Stages, subtitle};
use crate::record::table::Table;
pub use proposals::{Outcome, Proposal, Stage, chosen, proposals};

const CHART: &str = "governance";
const MOST_PROPOSALS: usize = 30;
/// Up to so many proposals have room for themselves; more move together.
const ROOMY: usize = 14;
const MOST_PARAMETERS: usize = 5;

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
        if made.len() > MOST_PROPOSALS {
            let left_out = made.len() - MOST_PROPOSALS;
            let words =
                format!("{left_out} further proposals are not shown; those enacted or vetoed come first.");
            footnote.push(words);
        }
        rows.push(timeline(&series, &chosen(&made, MOST_PROPOSALS), options.stages.as_ref(), &ground));
    }
    parameters(&series, run, &made, &ground, &mut rows, &mut footnote);
    if let Ok(turnout) = series.path(CHART, "turnout", run, turnout_factor(&series)) {
        let y = Axis::linear().reach(&[0.0]);
        let mut panel = upon(&ground, Panel::new("Turnout (% of voting power)", series.axis(), y));
        panel.draw(Mark::line(turnout, Stroke::solid(INK, 1.7), ""));
        rows.push(Row::of(110.0, panel));
    }
    if rows.is_empty() {
        let wanted = "`param_<name>` or `turnout`, and no event `proposal`".into();
        return Err(NotDrawn::NoColumn { chart: CHART, wanted });
    }
    rows.extend(capture(&series, run, &ground));
    rows.extend(concentration(&series, run, &ground));
    Ok(Figure {
        name: CHART.into(),
        title: "Governance: proposals, parameters, turnout".into(),
        subtitle: subtitle(options, &series.run_words(run), &facts(&made)),
        reading: "Each bar is a proposal, filled by the stage it is in: dark while it is voted on, hatched while it waits. \
                  Below, the parameters it may have changed, on the same dates; where the value that a vote can take \
                  stands above the cost of carrying one, capture pays."
            .into(),
        footnote: footnote.join(" "),
        rows,
    }
    .sharing_x())
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

/// One bar a proposal.
fn timeline(series: &Series<'_>, made: &[Proposal<'_>], lengths: Option<&Stages>, ground: &[Mark]) -> Row {
    let names = made.iter().map(|proposal| proposal.name.to_owned()).collect();
    let mut panel = Panel::new("Proposals", series.axis(), Axis::of(Scale::Names(names)));
    let mut bars: Vec<(Stage, Mark)> = Vec::new();
    let mut ends: [Vec<(f64, f64)>; ENDS.len()] = Default::default();
    for (lane, proposal) in made.iter().enumerate() {
        let lane = lane as f64;
        let stages = proposal.stages(lengths, series.last_tick());
        for (stage, from, to) in &stages {
            let (Some((from, to)), Some((_, fill, words))) =
                (series.place(*from).zip(series.place(*to)), STAGES.iter().find(|known| known.0 == *stage))
            else {
                continue;
            };
            let (y, legend) = ((lane - 0.3, lane + 0.3), Some((*words).to_owned()));
            bars.push((*stage, Mark::Bar { x: (from, to), y, fill: *fill, legend }));
        }
        let end = stages.last().map(|stage| stage.2).or(proposal.ended).and_then(|tick| series.place(tick));
        if let Some((place, end)) = ENDS.iter().position(|known| known.0 == proposal.outcome).zip(end) {
            ends[place].push((end, lane));
        }
        panel.draw(Mark::Aside { value: lane, words: proposal.outcome.name().into() });
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
    let lane = if made.len() <= ROOMY { 25.0 } else { 17.0 };
    Row::of(lane * made.len() as f64 + 6.0, panel)
}

/// What carrying a vote costs against what it can take.
fn capture(series: &Series<'_>, run: i64, ground: &[Mark]) -> Option<Row> {
    let path = |name: &str| series.path(CHART, name, run, 1.0).ok();
    let (cost, value) = (path("capture_cost_usd")?, path("capture_value_usd")?);
    // Nothing to take is no place on this axis.
    let shown = |point: &(f64, Option<f64>)| drawable(point.1).is_some_and(|value| value > 0.0);
    if !cost.iter().any(shown) && !value.iter().any(shown) {
        return None;
    }
    let y = Axis::of(Scale::Log);
    let mut panel = upon(ground, Panel::new("Capture of a vote (usd)", series.axis(), y));
    panel.draw(Mark::line(cost, Stroke::solid(INK, 1.5), "what carrying a vote costs"));
    let stroke = Stroke::dashed(VERMILION, 1.9, &[8.0, 3.0]);
    panel.draw(Mark::line(value, stroke, "what a vote can take"));
    Some(Row::of(110.0, panel))
}

/// In how few hands the votes are.
fn concentration(series: &Series<'_>, run: i64, ground: &[Mark]) -> Vec<Row> {
    let wanted = [
        ("voting_power_nakamoto", "Fewest holders with more than half of the votes (Nakamoto coefficient)"),
        ("voting_power_hhi", "Concentration of votes (Herfindahl-Hirschman index, 0 to 1)"),
    ];
    let panel = |(name, title): (&str, &str)| {
        let path = series.surveyed(CHART, name, run).ok().filter(|path| !path.is_empty())?;
        let y = Axis::linear().reach(&[0.0]);
        let mut panel = upon(ground, Panel::new(title, series.axis(), y));
        panel.draw(Mark::line(path, Stroke::solid(BLUE, 1.7), ""));
        Some(Row::of(72.0, panel))
    };
    wanted.into_iter().filter_map(panel).collect()
}

/// A panel for each parameter that changed; of those that did not, the footnote gives the value.
fn parameters(
    series: &Series<'_>,
    run: i64,
    made: &[Proposal<'_>],
    ground: &[Mark],
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
        let mut panel = upon(ground, Panel::new(format!("{title}{unit}"), series.axis(), y));
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
