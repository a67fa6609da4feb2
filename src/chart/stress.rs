//! Collateral ratio and stress modes: how near the treasury came to the edge, and what was done about it.

use super::axis::{self, Axis, Scale};
use super::data::{NotDrawn, Quantiles, Series, percent, quantile};
use super::events::{self, Events};
use super::figure::{Figure, Mark, Panel, Point, Row};
use super::style::{BLUE, Colour, GREY, INK, Marker, PURPLE, Stroke, VERMILION, mode_fill};
use super::{Options, subtitle};
use crate::record::table::Table;

const CHART: &str = "stress";
const MODES: [&str; 5] =
    ["normal", "stability mode", "user rebalance", "protocol rebalance", "recapitalisation"];

/// The threshold that votes can move.
const VOTED: &str = "stability";

/// What is marked, in order from the top: kind in the event table, name, marker, colour.
const MARKED: [(&str, &str, Marker, Colour); 6] = [
    ("mode_change", "mode change", Marker::Diamond, INK),
    ("user_rebalance", "user rebalance", Marker::Up, VERMILION),
    ("rebalance", "rebalance", Marker::Up, VERMILION),
    ("liquidation", "liquidation", Marker::Down, GREY),
    ("protocol_rebalance", "protocol rebalance", Marker::Square, PURPLE),
    ("recapitalisation", "recapitalisation", Marker::Disc, BLUE),
];

/// Stretches of one mode: from, to, mode. A mode lasts until the next tick says otherwise.
#[must_use]
pub fn stretches(modes: &[Point]) -> Vec<(f64, f64, u8)> {
    let mut found: Vec<(f64, f64, u8)> = Vec::new();
    let mut open: Option<(f64, u8)> = None;
    for (place, value) in modes {
        let mode = value.filter(|value| (-0.5..4.5).contains(value)).map(|value| value.round() as u8);
        if let Some((start, before)) = open.filter(|(_, before)| Some(*before) != mode) {
            found.push((start, *place, before));
            open = None;
        }
        if let Some(mode) = mode.filter(|_| open.is_none()) {
            open = Some((*place, mode));
        }
    }
    if let Some(((start, mode), last)) = open.zip(modes.last()) {
        found.push((start, last.0, mode));
    }
    found
}

/// Draws the collateral ratio over the modes, the events of the treasury, and the price of ETH.
///
/// # Errors
/// [`NotDrawn`] without `collateral_ratio`.
pub fn draw(series: &Table, events: Option<&Table>, options: &Options) -> Result<Figure, NotDrawn> {
    let series = Series::new(series, CHART)?;
    let run = series.run(options.run);
    let factor = series.column("collateral_ratio").map_or(100.0, |column| percent(column).0);
    let ratio = series.path(CHART, "collateral_ratio", run, factor)?;
    let modes = stretches(&series.path(CHART, "stress_mode", run, 1.0).unwrap_or_default());
    let mut y = Axis::linear();
    let mut footnote = String::new();
    if let Some((low, high)) = readable(&ratio) {
        y = y.limits(low, high);
        footnote = format!("Values above {} % are cut off. ", axis::number(high, 3));
    }
    let lowest_threshold =
        options.thresholds.iter().map(|threshold| threshold.ratio * 100.0).fold(100.0, f64::min);
    let mut panel = Panel::new("Collateral ratio (%)", series.axis(), y.reach(&[lowest_threshold]));
    shade(&mut panel, &modes, true);
    let fan = series.fan("collateral_ratio", factor);
    // Thin lines here, not bands: bands would muddle the modes beneath.
    for edge in [|q: &Quantiles| q.p05, |q: &Quantiles| q.p95].into_iter().filter(|_| !fan.is_empty()) {
        let points = fan.iter().map(|(x, quantiles)| (*x, quantiles.as_ref().map(edge))).collect();
        panel.draw(Mark::line(points, Stroke::dashed(GREY, 1.3, &[1.5, 2.5]), "5 and 95 % of runs"));
    }
    let voted = voted(&series, run);
    for threshold in &options.thresholds {
        let value = threshold.ratio * 100.0;
        let dashed = Stroke::dashed(GREY, 1.1, &[4.0, 3.0]);
        if let Some(path) = voted.as_ref().filter(|_| threshold.name == VOTED) {
            let words = format!("{}, as voted", threshold.name);
            panel.draw(Mark::named_line(path.clone(), Stroke { width: 1.4, ..dashed }, &words).stepped());
            continue;
        }
        let words = format!("{} {} %", threshold.name, axis::number(value, 5));
        panel.draw(Mark::level(value, dashed, &words));
    }
    panel.draw(Mark::line(ratio.clone(), Stroke::solid(INK, 1.9), &format!("run {run}")));
    let mut rows = vec![Row::of(330.0, panel)];
    if let Some(lanes) =
        events.and_then(|table| Events::of(table, run)).and_then(|events| lanes(&events, &series))
    {
        rows.push(lanes);
    }
    if let Ok(path) = series.path(CHART, "eth_price", run, 1.0) {
        let mut price = Panel::new("ETH price (usd)", series.axis(), Axis::linear());
        shade(&mut price, &modes, false);
        price.draw(Mark::line(path, Stroke::solid(BLUE, 1.5), ""));
        rows.push(Row::of(130.0, price));
    }
    if series.runs() > 1 {
        footnote
            .push_str("Dotted: quantiles over all runs at each tick; modes and events are those of one run.");
    }
    Ok(Figure {
        name: CHART.into(),
        title: "Collateral ratio and stress modes".into(),
        subtitle: subtitle(options, &series.run_words(run), &facts(&series, &ratio, &modes)),
        reading: "The line is the value of the collateral over that of all fETH; at 100 % xETH is worth nothing. The \
                  darker the background, the deeper the stress mode; the dashed lines are where modes begin."
            .into(),
        footnote,
        rows,
    }
    .sharing_x())
}

/// Where stability mode began, tick by tick, if votes moved it.
fn voted(series: &Series<'_>, run: i64) -> Option<Vec<Point>> {
    let path = series.path(CHART, "param_fx_stability_threshold", run, 100.0).ok()?;
    let first = path.iter().find_map(|point| point.1);
    path.iter().any(|point| point.1.is_some() && point.1 != first).then_some(path)
}

fn facts(series: &Series<'_>, ratio: &[Point], modes: &[(f64, f64, u8)]) -> String {
    let lowest = ratio.iter().filter_map(|(x, y)| Some((*x, (*y)?))).min_by(|a, b| a.1.total_cmp(&b.1));
    let mut facts = lowest.map_or_else(String::new, |(place, value)| {
        format!("lowest {} % on {}", axis::number(value, 4), series.moment(place))
    });
    let all: f64 = modes.iter().map(|(from, to, _)| to - from).sum();
    if all > 0.0 {
        let stressed: f64 = modes.iter().filter(|mode| mode.2 > 0).map(|(from, to, _)| to - from).sum();
        facts =
            format!("{facts}; outside normal mode {} % of the time", axis::number(100.0 * stressed / all, 2));
    }
    facts.trim_start_matches("; ").to_owned()
}

/// Ends that keep the thresholds legible where the ratio soars, as it does when hardly any fETH is left.
fn readable(ratio: &[Point]) -> Option<(f64, f64)> {
    let mut values: Vec<f64> = ratio.iter().filter_map(|point| point.1).collect();
    values.sort_by(f64::total_cmp);
    let (usual, highest) = (quantile(&values, 0.9)?, *values.last()?);
    let lowest = values.first()?.min(100.0);
    (highest > 3.0 * usual.max(150.0)).then(|| (lowest * 0.95, usual.max(150.0) * 1.5))
}

fn shade(panel: &mut Panel, modes: &[(f64, f64, u8)], named: bool) {
    for (from, to, mode) in modes {
        panel.draw(Mark::Span {
            from: *from,
            to: *to,
            fill: mode_fill(*mode),
            tag: named.then(|| mode.to_string()),
            legend: named.then(|| format!("{mode} {}", MODES[usize::from(*mode).min(4)])),
        });
    }
    // The legend lists the modes in order of depth, not of appearance.
    panel.marks.sort_by(|a, b| match (a, b) {
        (Mark::Span { legend: a, .. }, Mark::Span { legend: b, .. }) => a.cmp(b),
        _ => std::cmp::Ordering::Equal,
    });
}

/// One lane a kind of event that occurred.
fn lanes(events: &Events<'_>, series: &Series<'_>) -> Option<Row> {
    let mut names = Vec::new();
    let mut marks = Vec::new();
    for (kind, name, marker, colour) in MARKED {
        let places: Vec<f64> = events.of_kind(kind).filter_map(|event| series.place(event.tick)).collect();
        if places.is_empty() {
            continue;
        }
        let lane = names.len() as f64;
        let times = events::times(places.len());
        marks.push(Mark::Aside { value: lane, words: format!("{name}, {times}") });
        let points = places.into_iter().map(|place| (place, lane)).collect();
        marks.push(Mark::Dots { points, marker, colour, legend: None });
        names.push(String::new());
    }
    let height = 20.0 * names.len() as f64 + 8.0;
    let mut panel = Panel::new("Events", series.axis(), Axis::of(Scale::Names(names)));
    panel.marks = marks;
    (!panel.marks.is_empty()).then(|| Row::of(height, panel))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_lasts_until_the_next_tick_says_otherwise() {
        let path: Vec<Point> = [Some(0.0), Some(0.0), Some(2.0), None, Some(1.0), Some(1.0)]
            .into_iter()
            .enumerate()
            .map(|(n, y)| (n as f64, y))
            .collect();
        assert_eq!(stretches(&path), [(0.0, 2.0, 0), (2.0, 3.0, 2), (4.0, 5.0, 1)]);
        assert!(stretches(&[]).is_empty());
    }
}
