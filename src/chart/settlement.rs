//! Settlement: ETH falls from 2000 to 900 usd, and what fETH is worth depends on how often it was settled on the way.
//!
//! Between settlements the net asset value is linear in the price, so `k` settlements multiply:
//! `f = f0 * product(1 + beta * r_i)`. With beta 0.1 one settlement gives `1 - 0.1 * 0.55 = 0.945`, infinitely many
//! `0.45^0.1 = 0.923`; and a treasury that began with as much fETH as xETH can pay no more than 0.90.

use super::axis::{self, Axis, Scale};
use super::data::{NotDrawn, drawable};
use super::figure::{Figure, Mark, Panel, Row};
use super::style::{BLUE, GREY, INK, Marker, Stroke, stroke};
use super::{Options, subtitle};
use crate::record::table::Table;

const CHART: &str = "settlement";

/// The three answers to the same fall.
const REFERENCES: [(f64, &str); 3] =
    [(0.945, "settled once: 0.945"), (0.9233, "without pause: 0.923"), (0.90, "all there is to pay: 0.90")];

/// Draws net asset value against the number of settlements (columns `settlements`, `feth_nav`), and its path against
/// the price under each rule (columns `rule`, `eth_price`, `feth_nav`).
///
/// # Errors
/// [`NotDrawn`] if a column is missing or both tables are empty.
pub fn draw(counts: &Table, paths: Option<&Table>, options: &Options) -> Result<Figure, NotDrawn> {
    let missing = |source| NotDrawn::Column { chart: CHART, source };
    let navs = counts.real("feth_nav").map_err(missing)?;
    let settlements: Vec<Option<f64>> = match counts.integer("settlements") {
        Ok(cells) => cells.iter().map(|count| Some(*count as f64)).collect(),
        Err(_) => counts.real("settlements").map_err(missing)?.to_vec(),
    };
    if navs.is_empty() {
        return Err(NotDrawn::NoRows { chart: CHART, table: "settlements" });
    }
    let mut points: Vec<(f64, f64)> = settlements
        .iter()
        .zip(navs)
        .filter_map(|(count, nav)| drawable(*count).zip(drawable(*nav)))
        .collect();
    points.retain(|point| point.0 > 0.0);
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let x = Axis::of(Scale::Log).label("settlements on the way down");
    let y = Axis::linear().reach(&[0.895, 0.95]);
    let mut by_count = Panel::new("fETH net asset value after the fall (usd)", x, y);
    by_count.x_written = true;
    for (value, words) in REFERENCES {
        by_count.draw(Mark::level(value, Stroke::dashed(GREY, 1.1, &[4.0, 3.0]), words));
    }
    let line = points.iter().map(|(x, y)| (*x, Some(*y))).collect();
    by_count.draw(Mark::line(line, Stroke::solid(BLUE, 2.0), ""));
    let facts = match (points.first(), points.last()) {
        (Some(first), Some(last)) => format!(
            "fETH ends at {} usd with {} settlement{}, at {} with {}",
            axis::number(first.1, 3),
            axis::number(first.0, 4),
            if first.0 == 1.0 { "" } else { "s" },
            axis::number(last.1, 3),
            axis::number(last.0, 4)
        ),
        _ => String::new(),
    };
    by_count.draw(Mark::Dots { points, marker: Marker::Disc, colour: BLUE, legend: None });
    let mut rows = vec![Row::of(250.0, by_count)];
    if let Some(panel) = paths.and_then(by_price) {
        rows.push(Row::of(250.0, panel));
    }
    Ok(Figure {
        name: CHART.into(),
        title: "What a fall from 2000 to 900 usd leaves of one fETH".into(),
        subtitle: subtitle(options, "", &facts),
        reading: "Above, the more often the net asset value is settled during the fall, the less remains of it, down \
                  to a limit. Below, its path under each rule as the price falls from left to right."
            .into(),
        footnote: "Beta 0.1. The lowest line is what the collateral can pay when half of it was fETH at the start.".into(),
        rows,
    })
}

fn by_price(paths: &Table) -> Option<Panel> {
    let (rules, prices) = (paths.text("rule").ok()?, paths.real("eth_price").ok()?);
    let navs = paths.real("feth_nav").ok()?;
    let mut names: Vec<&str> = Vec::new();
    for rule in rules.iter().flatten() {
        if !names.contains(&rule.as_str()) {
            names.push(rule);
        }
    }
    names.truncate(8);
    let mut x = Axis::linear().label("ETH price (usd), falling");
    x.reversed = true;
    let mut panel = Panel::new("fETH net asset value against the price (usd)", x, Axis::linear());
    panel.x_written = true;
    for (place, name) in names.iter().enumerate() {
        let mut points: Vec<(f64, Option<f64>)> = (0..paths.rows())
            .filter(|row| rules[*row].as_deref() == Some(name))
            .filter_map(|row| Some((drawable(prices[row])?, drawable(navs[row]))))
            .collect();
        // The panel draws from left to right, and the axis runs downwards.
        points.sort_by(|a, b| b.0.total_cmp(&a.0));
        panel.draw(Mark::named_line(points, stroke(place), name));
    }
    panel.draw(Mark::level(1.0, Stroke::solid(INK, 0.8), ""));
    (!names.is_empty()).then_some(panel)
}
