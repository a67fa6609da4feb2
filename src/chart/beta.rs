//! The beta spectrum: what a protocol buys and what it pays when the stable side takes a share `beta` of ETH's moves.
//!
//! At beta 0 the stable asset does not move and leverage carries everything; at beta 1 it is ETH.

use super::axis::{self, Axis, LARGEST};
use super::data::{NotDrawn, Quantiles, drawable, quantiles};
use super::figure::{Figure, Mark, Panel, Row};
use super::style::{BLUE, Colour, Fill, GREEN, Marker, Stroke, VERMILION};
use super::{Options, subtitle};
use crate::record::table::Table;

const CHART: &str = "beta";

/// The three virtues: column, heading, what is better, colour, dash.
const VIRTUES: [(&str, &str, &str, Colour); 3] = [
    (
        "feth_nav_volatility",
        "Value stability: volatility of fETH net asset value (% a year; lower is stabler)",
        "",
        BLUE,
    ),
    ("feth_capacity_usd", "Scalability: fETH the collateral carries (usd; higher is more liquid)", "", GREEN),
    ("eth_growth_captured", "Growth: share of a rise of ETH that fETH keeps (%)", "", VERMILION),
];

/// Draws the three virtues over `beta`. The table has a column `beta` and, a row a run, `feth_nav_volatility`
/// (per cent a year), `feth_capacity_usd` and `eth_growth_captured` (per cent); rows of the same beta give a median
/// and a 5-95 % band.
///
/// # Errors
/// [`NotDrawn`] without `beta` or without all of the others.
pub fn draw(spectrum: &Table, options: &Options) -> Result<Figure, NotDrawn> {
    let betas = spectrum.real("beta").map_err(|source| NotDrawn::Column { chart: CHART, source })?;
    if betas.is_empty() {
        return Err(NotDrawn::NoRows { chart: CHART, table: "beta spectrum" });
    }
    let mut rows = Vec::new();
    for (name, title, _, colour) in VIRTUES {
        let Ok(cells) = spectrum.real(name) else { continue };
        let x = Axis::linear().label("beta: share of ETH's moves that fETH takes").reach(&[0.0]);
        let mut panel = Panel::new(title, x, Axis::linear().reach(&[0.0]));
        let found = by_beta(betas, cells);
        if found.iter().any(|(_, q)| q.p05 < q.p95) {
            panel.draw(Mark::Band {
                points: found.iter().map(|(beta, q)| (*beta, Some((q.p05, q.p95)))).collect(),
                fill: Fill::veil(colour, 0.2),
                legend: Some("5\u{2013}95 % of runs".into()),
            });
        }
        let middle = || found.iter().map(|(beta, q)| (*beta, q.p50));
        panel.draw(Mark::line(
            middle().map(|(x, y)| (x, Some(y))).collect(),
            Stroke::solid(colour, 2.0),
            "median",
        ));
        panel.draw(Mark::Dots { points: middle().collect(), marker: Marker::Disc, colour, legend: None });
        if let Some((_, q)) = found.iter().find(|(beta, _)| (beta - 0.1).abs() < 1e-9) {
            let words = format!("at beta 0.1: {}", axis::number(q.p50, 3));
            let stroke = Stroke::dashed(super::style::GREY, 1.0, &[3.0, 3.0]);
            panel.draw(Mark::level(q.p50, stroke, &words));
        }
        rows.push(Row::of(150.0, panel));
    }
    if rows.is_empty() {
        let wanted = "`feth_nav_volatility`, `feth_capacity_usd` or `eth_growth_captured`".into();
        return Err(NotDrawn::NoColumn { chart: CHART, wanted });
    }
    Ok(Figure {
        name: CHART.into(),
        title: "The beta spectrum".into(),
        subtitle: subtitle(options, "", "what the stable side gains and gives up as it takes more of ETH's moves"),
        reading: "To the left fETH is a plain stable asset, to the right it is ETH. Read the three panels down one \
                  beta: stability falls while scale and growth rise."
            .into(),
        footnote: String::new(),
        rows,
    }
    .sharing_x())
}

/// Quantiles of the cells of each beta, by rising beta.
fn by_beta(betas: &[Option<f64>], cells: &[Option<f64>]) -> Vec<(f64, Quantiles)> {
    let mut pairs: Vec<(f64, f64)> =
        betas.iter().zip(cells).filter_map(|(beta, cell)| drawable(*beta).zip(drawable(*cell))).collect();
    pairs.retain(|(beta, _)| beta.abs() <= LARGEST);
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let groups = pairs.chunk_by(|a, b| a.0 == b.0);
    let group = |group: &[(f64, f64)]| {
        let mut values: Vec<f64> = group.iter().map(|pair| pair.1).collect();
        Some((group.first()?.0, quantiles(&mut values)?))
    };
    groups.filter_map(group).collect()
}
