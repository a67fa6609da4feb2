//! The parameters that votes moved, and below them what those votes aimed at, on the same dates.

use super::marks::Marks;
use super::proposals::{Outcome, Proposal};
use super::upon;
use crate::chart::axis::{self, Axis};
use crate::chart::data::Series;
use crate::chart::figure::{Mark, Panel, Point, Row};
use crate::chart::style::{BLUE, GREY, INK, Stroke};
use crate::chart::words::heading;

const CHART: &str = "governance";
const MOST_PARAMETERS: usize = 7;
/// The part of a panel's height that stays free above and below the line.
const AIR: f64 = 0.18;

/// Something that proposals aim at: its name in events; column, factor and heading of the metric that tells of it, the best
/// first; where it should be, and the column of what it should stay above.
struct Target {
    aim: &'static str,
    metrics: [(&'static str, f64, &'static str); 2],
    level: Option<(f64, &'static str)>,
    floor: Option<(&'static str, &'static str)>,
}

const TARGETS: [Target; 3] = [
    Target {
        aim: "peg",
        metrics: [
            ("feth_peg_deviation", 1.0, "Peg: price of fETH over its NAV, less one (%)"),
            ("feth_price", 1.0, "Peg: price of fETH (usd)"),
        ],
        level: Some((0.0, "at NAV")),
        floor: None,
    },
    Target {
        aim: "collateral ratio",
        metrics: [
            ("collateral_ratio", 100.0, "Collateral ratio (%)"),
            ("xeth_leverage", 1.0, "Leverage of xETH (times)"),
        ],
        level: None,
        floor: Some(("param_fx_stability_threshold", "where stability mode begins")),
    },
    Target {
        aim: "reserve",
        metrics: [
            ("reserve_over_target", 100.0, "Reserve (% of its target)"),
            ("reserve_usd", 1e-3, "Reserve (thousand usd)"),
        ],
        level: Some((100.0, "target")),
        floor: None,
    },
];

/// What is drawn of a run.
pub(super) struct Seen<'a> {
    pub(super) series: &'a Series<'a>,
    pub(super) run: i64,
    pub(super) made: &'a [Proposal<'a>],
    /// What the team executed by itself: when, and on what.
    pub(super) executed: &'a [(i64, &'a str)],
    pub(super) ground: &'a [Mark],
}

/// A parameter that changed.
struct Moved<'a> {
    column: &'a str,
    path: Vec<Point>,
    low: f64,
    high: f64,
    last: f64,
}

/// The column of a parameter.
fn column_of(subject: &str) -> String {
    format!("param_{}", subject.replace('.', "_"))
}

impl Seen<'_> {
    /// A panel for each parameter that changed, those with the same aim together above the metric that they aim at; of those
    /// that did not change, the footnote gives the value.
    pub(super) fn panels(&self, rows: &mut Vec<Row>, footnote: &mut Vec<String>) {
        let mut moved = self.moved(footnote);
        // Those with most proposals are shown, in the order of the table.
        let mut busiest: Vec<&str> = moved.iter().map(|one| one.column).collect();
        busiest.sort_by_key(|column| std::cmp::Reverse(self.about(column).count()));
        let left_out = busiest.split_off(busiest.len().min(MOST_PARAMETERS));
        moved.retain(|one| busiest.contains(&one.column));
        let mut marks = Marks::new(self.series);
        for target in &TARGETS {
            let aims = |one: &Moved<'_>| self.aim_of(one.column) == Some(target.aim);
            for one in moved.extract_if(.., |one| aims(one)) {
                rows.push(self.parameter(one, &mut marks));
            }
            rows.extend(self.target(target, &mut marks));
        }
        rows.extend(moved.into_iter().map(|one| self.parameter(one, &mut marks)));
        footnote.extend(marks.footnote().map(str::to_owned));
        if !left_out.is_empty() {
            let names: Vec<String> = left_out.into_iter().map(name_of).collect();
            footnote.push(format!("Changed as well, by fewer proposals: {}.", names.join(", ")));
        }
    }

    /// The proposals about a parameter.
    fn about(&self, column: &str) -> impl Iterator<Item = &Proposal<'_>> {
        self.made.iter().filter(move |proposal| column_of(proposal.subject()) == column)
    }

    fn aim_of(&self, column: &str) -> Option<&str> {
        self.about(column).find_map(|proposal| proposal.aim).map(|aim| aim.what)
    }

    fn moved(&self, footnote: &mut Vec<String>) -> Vec<Moved<'_>> {
        let (mut moved, mut steady) = (Vec::new(), Vec::new());
        for column in self.series.names().filter(|name| name.starts_with("param_")) {
            let Ok(path) = self.series.path(CHART, column, self.run, 1.0) else { continue };
            let Some((low, high)) = ends(&path) else { continue };
            let last = path.iter().rev().find_map(|point| point.1).unwrap_or(low);
            if low < high {
                moved.push(Moved { column, path, low, high, last });
            } else {
                steady.push(format!("{} {}", name_of(column), axis::number(low, 4)));
            }
        }
        if !steady.is_empty() {
            footnote.push(format!("Unchanged: {}.", steady.join(", ")));
        }
        moved
    }

    fn parameter(&self, moved: Moved<'_>, marks: &mut Marks<'_>) -> Row {
        let Moved { column, path, low, high, last } = moved;
        let unit = self.series.column(column).map_or("", |column| column.unit.as_str());
        let bare = column.trim_start_matches("param_");
        let title = match (unit, bare.rsplit_once('_')) {
            ("" | "1", _) => heading(bare),
            (unit, Some((rest, last))) if last == unit => format!("{} ({unit})", heading(rest)),
            (unit, _) => format!("{} ({unit})", heading(bare)),
        };
        let (y, foot) = aired(low, high);
        let mut panel = upon(self.ground, Panel::new(title, self.series.axis(), y));
        let executed = self.executed.iter().filter(|(_, subject)| column_of(subject) == column);
        let executed: Vec<i64> = executed.map(|(tick, _)| *tick).collect();
        marks.draw(&mut panel, self.about(column), &executed, foot);
        panel.draw(Mark::line(path, Stroke::solid(BLUE, 2.0), "").stepped());
        panel.draw(Mark::Aside { value: last, words: axis::number(last, 4) });
        Row::of(72.0, panel)
    }

    /// What proposals aimed at, with all of those proposals; none where nobody aimed at it or it was not recorded.
    fn target(&self, target: &Target, marks: &mut Marks<'_>) -> Option<Row> {
        let aims = |proposal: &&Proposal<'_>| proposal.aim.is_some_and(|aim| aim.what == target.aim);
        let aimed: Vec<&Proposal<'_>> = self.made.iter().filter(aims).collect();
        if aimed.is_empty() {
            return None;
        }
        let (place, (_, factor, words), path) =
            target.metrics.iter().enumerate().find_map(|(place, metric)| {
                let path = self.series.path(CHART, metric.0, self.run, metric.1).ok()?;
                ends(&path).is_some().then_some((place, metric, path))
            })?;
        let level = target.level.filter(|_| place == 0);
        let floor = target.floor.filter(|_| place == 0).and_then(|(column, words)| {
            Some((self.series.path(CHART, column, self.run, *factor).ok()?, words))
        });
        let mut reach: Vec<Point> = path.clone();
        reach.extend(level.map(|(value, _)| (0.0, Some(value))));
        reach.extend(floor.iter().flat_map(|(path, _)| path).copied());
        let (low, high) = ends(&reach)?;
        let (y, foot) = aired(low, high);
        let helping = aimed.iter().filter(|proposal| proposal.aim.is_some_and(|aim| aim.helps)).count();
        let enacted = aimed.iter().filter(|proposal| proposal.outcome == Outcome::Enacted).count();
        let title = format!(
            "{words}, with the proposals for it ({helping}) and at its cost ({}), {enacted} enacted",
            aimed.len() - helping
        );
        let mut panel = upon(self.ground, Panel::new(title, self.series.axis(), y));
        marks.draw(&mut panel, aimed.into_iter(), &[], foot);
        if let Some((value, label)) = level {
            panel.draw(Mark::level(value, Stroke::dashed(GREY, 1.0, &[6.0, 3.0]), label));
        }
        if let Some((path, words)) = floor {
            panel.draw(Mark::line(path, Stroke::dashed(GREY, 1.4, &[6.0, 3.0]), words).stepped());
        }
        panel.draw(Mark::line(path, Stroke::solid(INK, 1.4), ""));
        Some(Row::of(120.0, panel))
    }
}

fn name_of(column: &str) -> String {
    heading(column.trim_start_matches("param_"))
}

/// Smallest and largest value of a path.
fn ends(path: &[Point]) -> Option<(f64, f64)> {
    path.iter().filter_map(|point| point.1).fold(None, |ends: Option<(f64, f64)>, value| {
        Some(ends.map_or((value, value), |(low, high)| (low.min(value), high.max(value))))
    })
}

/// An axis with air above and below, and the height of its foot.
fn aired(low: f64, high: f64) -> (Axis, f64) {
    let whole = if low < high { high - low } else { low.abs().max(1.0) * 0.1 };
    let air = AIR * whole;
    (Axis::linear().limits(low - air, high + air), low - 0.7 * air)
}
