//! How losses are spread: the histogram of one loan with its quantiles, and how often losses are exceeded, over all paths
//! beside given default.

use super::axis::{Axis, Scale};
use super::data::NotDrawn;
use super::figure::{Figure, Mark, Panel, Row as FigureRow};
use super::risk_rows::{self, Row, models, per_cent, rows};
use super::style::{BLUE, Fill, GREEN, INK, PURPLE, Stroke, VERMILION};
use super::{Options, subtitle};
use crate::record::table::{Table, TableError};

const CHART: &str = "loss_distribution";

/// How the losses of one loan are spread, shares in per cent.
struct Spread {
    /// Lower and upper end of each bin.
    bins: Vec<(f64, f64)>,
    /// Share of all paths in each bin.
    share: Vec<f64>,
    /// Share of all paths above the lower end of each bin.
    above: Vec<f64>,
    /// The same among the paths that default.
    above_given: Vec<f64>,
}

/// Draws it from the tables `estimates` and `losses` for the loan `ltv` (a share) of the model of that name.
///
/// # Errors
/// [`NotDrawn`] if a table lacks the loan or a column.
pub fn draw(
    estimates: &Table,
    losses: &Table,
    (model, ltv): (&str, f64),
    options: &Options,
) -> Result<Figure, NotDrawn> {
    let rows = rows(estimates, "grid", CHART)?;
    let read =
        |model: &str| spread(losses, model, ltv).map_err(|source| NotDrawn::Column { chart: CHART, source });
    let main = read(model)?;
    if main.bins.is_empty() {
        return Err(NotDrawn::NoRows { chart: CHART, table: "losses" });
    }
    let other = models(&rows).first().copied().filter(|first| *first != model);
    let other = other.map(|name| read(name).map(|spread| (name, spread))).transpose()?;
    let reach = main.bins.iter().chain(other.iter().flat_map(|(_, spread)| &spread.bins));
    let widest = reach.map(|bin| bin.1).fold(0.0, f64::max);
    let x = || Axis::linear().limits(0.0, widest * 1.02);
    let named = |name: &str| if name == "model" { String::new() } else { format!("{name} jumps, ") };
    let heading =
        format!("{}loan-to-value {}: share of all paths by loss, %", named(model), per_cent(100.0 * ltv));
    let mut histogram = Panel::new(heading, x(), Axis::linear().reach(&[0.0]));
    for (bin, share) in main.bins.iter().zip(&main.share).filter(|(_, share)| **share > 0.0) {
        histogram.draw(Mark::Bar {
            x: *bin,
            y: (0.0, *share),
            fill: Fill::plain(BLUE.tint(0.45)),
            legend: None,
        });
    }
    let tallest = main.share.iter().copied().fold(0.0, f64::max);
    let is_it = |row: &&Row| row.model == model && (row.ltv - 100.0 * ltv).abs() < 1e-9;
    for mark in rows.iter().filter(is_it).enumerate().flat_map(|(n, row)| quantiles(row, n, tallest)) {
        histogram.draw(mark);
    }
    let heading = "Share of paths that lose more, % (logarithmic scale)";
    let mut tail =
        Panel::new(heading, x().label("loss, % of initial pool value"), Axis::of(Scale::Log).reach(&[100.0]));
    curves(&mut tail, model, &main, [Stroke::solid(BLUE, 2.2), Stroke::dashed(BLUE, 1.6, &[7.0, 3.0])]);
    if let Some((name, spread)) = &other {
        let strokes = [Stroke::solid(VERMILION, 2.2), Stroke::dashed(VERMILION, 1.6, &[7.0, 3.0])];
        curves(&mut tail, name, spread, strokes);
    }
    for row in rows.iter().filter(is_it) {
        let label = format!("{} quantile", risk_rows::level(row.confidence));
        tail.draw(Mark::level(100.0 - row.confidence, Stroke::dashed(INK, 0.9, &[2.0, 3.0]), &label));
    }
    Ok(Figure {
        name: CHART.into(),
        title: "How losses are spread, over all loans and among those that default".into(),
        subtitle: subtitle(options, "", ""),
        reading: "Above: how often each loss occurs. Below: where a curve crosses a dotted line stands the quantile of its \
                  population. A curve given default starts at 100 % by definition; the one over all loans starts at the \
                  probability of default."
            .into(),
        footnote: format!(
            "Bins of {} percentage points. Paths without a loss stand in no bin.",
            main.bins.first().map_or(0.0, |bin| ((bin.1 - bin.0) * 1e6).round() / 1e6)
        ),
        rows: vec![FigureRow::of(230.0, histogram), FigureRow::of(300.0, tail)],
    }
    .sharing_x())
}

/// Value-at-risk and expected shortfall of a level as lines from top to bottom.
fn quantiles(row: &Row, place: usize, tallest: f64) -> Vec<Mark> {
    let dash: [&'static [f64]; 3] = [&[6.0, 3.0], &[], &[2.2, 2.6]];
    let level = risk_rows::level(row.confidence);
    let line = |value: Option<f64>, colour, name: &str| {
        let value = value?;
        let stroke = Stroke::dashed(colour, 2.0, dash[place.min(2)]);
        let words = format!("{name} {level}: {}", per_cent(value));
        Some(Mark::line(vec![(value, Some(0.0)), (value, Some(tallest))], stroke, &words))
    };
    let marks = [
        line(row.value_at_risk.value, VERMILION, "value-at-risk"),
        line(row.expected_shortfall, if place == 0 { GREEN } else { PURPLE }, "expected shortfall"),
    ];
    marks.into_iter().flatten().collect()
}

/// How often losses are exceeded; one curve where all paths default.
fn curves(panel: &mut Panel, name: &str, spread: &Spread, [all, given]: [Stroke; 2]) {
    let name = if name == "model" { String::new() } else { format!("{name}, ") };
    let curve =
        |above: &[f64]| spread.bins.iter().zip(above).map(|(bin, share)| (bin.0, Some(*share))).collect();
    let everything_defaults = spread.above.first().is_some_and(|share| *share >= 99.995);
    if everything_defaults {
        panel.draw(Mark::line(curve(&spread.above), all, &format!("{name}all loans = given default")));
        return;
    }
    panel.draw(Mark::line(curve(&spread.above), all, &format!("{name}all loans")));
    panel.draw(Mark::line(curve(&spread.above_given), given, &format!("{name}given default")));
}

fn spread(losses: &Table, model: &str, ltv: f64) -> Result<Spread, TableError> {
    let table = losses.only("model", model);
    let loans = table.real("ltv")?;
    let own: Vec<usize> =
        (0..table.rows()).filter(|row| loans[*row].is_some_and(|loan| (loan - ltv).abs() < 1e-12)).collect();
    let column = |name: &str| {
        let cells = table.real(name)?;
        Ok::<Vec<f64>, TableError>(own.iter().map(|row| 100.0 * cells[*row].unwrap_or(0.0)).collect())
    };
    let (from, to) = (column("loss_from")?, column("loss_to")?);
    let (above, above_given) = (column("share_above")?, column("share_above_given_default")?);
    let next = above.iter().skip(1).copied().chain([0.0]);
    let share = above.iter().zip(next).map(|(here, next)| here - next).collect();
    Ok(Spread { bins: from.into_iter().zip(to).collect(), share, above, above_given })
}
