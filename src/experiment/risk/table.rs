//! The tables of a study of risk: `estimates`, a row for each model, loan and level, and `losses`, how losses are spread.

use super::case::RiskCase;
use super::summary::Estimate;
use crate::record::table::{Cells, Column, Table, TableError};
use crate::risk::{Figure, Outcomes, TailEstimate};

/// The tables, in the order in which they are stored.
pub const TABLES: [&str; 2] = ["estimates", "losses"];

/// Width of the bins of losses, as a share of the initial pool value.
const BIN: f64 = 0.0025;

/// A row of `estimates`.
struct Row<'a> {
    estimate: &'a Estimate,
    all: &'a TailEstimate,
    given_default: Option<&'a TailEstimate>,
    published: Option<f64>,
}

impl Row<'_> {
    /// The figures of the row that rest on too few events.
    fn few(&self) -> Option<String> {
        let risk = &self.estimate.risk;
        let given = self.given_default.is_some_and(|tail| tail.too_few_tail_events);
        let above = risk.exceedances.first().is_some_and(|exceedance| exceedance.too_few_tail_events);
        let marks = [
            (risk.too_few_defaults, "default_probability"),
            (self.all.too_few_tail_events, "value_at_risk"),
            (given, "value_at_risk_given_default"),
            (above, "exceedance_probability"),
        ];
        let few: Vec<&str> = marks.into_iter().filter(|mark| mark.0).map(|mark| mark.1).collect();
        (!few.is_empty()).then(|| few.join(" "))
    }
}

/// The table `estimates`.
///
/// # Errors
/// None in practice: all columns have a cell a row, and no name stands twice.
pub fn estimates(estimates: &[Estimate]) -> Result<Table, TableError> {
    let rows: Vec<Row<'_>> = estimates
        .iter()
        .flat_map(|estimate| {
            estimate.risk.tails.iter().enumerate().map(move |(place, all)| Row {
                estimate,
                all,
                given_default: estimate.risk.tails_given_default.get(place),
                published: estimate.published_at(all.level),
            })
        })
        .collect();
    let mut columns = Columns { rows: &rows, columns: Vec::new() };
    columns.text("part", "part of the study", |row| Some(row.estimate.part.clone()));
    columns.text("model", "name of the model in its part", |row| Some(row.estimate.model.clone()));
    columns.text("rules", "by whose rules the pool is run", |row| Some(row.estimate.rules.clone()));
    columns.real("jump_amplifier", "jumps over those of history", |row| row.estimate.jump_amplifier);
    columns.real("ltv", "debt at face value over initial pool value", |row| Some(row.estimate.risk.ltv));
    columns.real("confidence", "level of value-at-risk and expected shortfall", |row| Some(row.all.level));
    columns.count("paths", "paths simulated", |row| row.estimate.risk.paths);
    columns
        .count("defaults", "paths on which the pool ends below the debt", |row| row.estimate.risk.defaults);
    columns.figure("default_probability", "probability of default", |row| {
        Some(row.estimate.risk.default_probability)
    });
    columns.figure("expected_loss", "mean loss over all paths", |row| Some(row.estimate.risk.expected_loss));
    columns.figure("loss_given_default", "mean loss over paths that default", |row| {
        row.estimate.risk.loss_given_default
    });
    columns.figure("value_at_risk", "quantile of the loss over all paths", |row| Some(row.all.value_at_risk));
    columns.figure("expected_shortfall", "mean loss beyond the level over all paths", |row| {
        Some(row.all.expected_shortfall)
    });
    columns.count("tail_events", "losses above the value-at-risk", |row| row.all.tail_events);
    columns.figure("value_at_risk_given_default", "quantile of the loss over paths that default", |row| {
        row.given_default.map(|tail| tail.value_at_risk)
    });
    columns.figure(
        "expected_shortfall_given_default",
        "mean loss beyond the level over paths that default",
        |row| row.given_default.map(|tail| tail.expected_shortfall),
    );
    columns.count("tail_events_given_default", "losses above that value-at-risk", |row| {
        row.given_default.map_or(0, |tail| tail.tail_events)
    });
    columns.real("published_value_at_risk_given_default", "published quantile", |row| row.published);
    columns.real("loss_threshold", "the loss whose probability is told", |row| {
        row.estimate.risk.exceedances.first().map(|exceedance| exceedance.threshold)
    });
    columns.figure("exceedance_probability", "probability of a loss above the threshold", |row| {
        row.estimate.risk.exceedances.first().map(|exceedance| exceedance.probability)
    });
    columns.figure("exceedance_given_default", "the same among paths that default", |row| {
        row.estimate.risk.exceedances.first().and_then(|exceedance| exceedance.given_default)
    });
    columns.count("exceedance_events", "losses above the threshold", |row| {
        row.estimate.risk.exceedances.first().map_or(0, |exceedance| exceedance.tail_events)
    });
    columns.figure("rare_default_probability", "probability of default by importance sampling", |row| {
        row.estimate.rare.map(|rare| rare.default_probability)
    });
    columns.text("few_events", "figures of the row that rest on fewer than 30 tail events", |row| row.few());
    Table::new(columns.columns)
}

/// Columns over rows.
struct Columns<'a> {
    rows: &'a [Row<'a>],
    columns: Vec<Column>,
}

impl Columns<'_> {
    fn push(&mut self, name: String, unit: &str, meaning: String, cells: Cells) {
        self.columns.push(Column { name, unit: unit.into(), meaning, cells });
    }

    fn text(&mut self, name: &str, meaning: &str, read: impl Fn(&Row<'_>) -> Option<String>) {
        let cells = Cells::Text(self.rows.iter().map(read).collect());
        self.push(name.into(), "", meaning.into(), cells);
    }

    fn real(&mut self, name: &str, meaning: &str, read: impl Fn(&Row<'_>) -> Option<f64>) {
        let cells = Cells::Real(self.rows.iter().map(read).collect());
        self.push(name.into(), "1", meaning.into(), cells);
    }

    fn count(&mut self, name: &str, meaning: &str, read: impl Fn(&Row<'_>) -> u64) {
        let count = |row: &Row<'_>| i64::try_from(read(row)).unwrap_or(i64::MAX);
        let cells = Cells::Integer(self.rows.iter().map(count).collect());
        self.push(name.into(), "1", meaning.into(), cells);
    }

    /// A figure and the ends of its 95 % interval.
    fn figure(&mut self, name: &str, meaning: &str, read: impl Fn(&Row<'_>) -> Option<Figure>) {
        self.real(name, meaning, |row| read(row).map(|figure| figure.value));
        let end = |which: &str| format!("{which} end of the 95 % interval: {meaning}");
        self.real(&format!("{name}_low"), &end("lower"), |row| read(row)?.low);
        self.real(&format!("{name}_high"), &end("upper"), |row| read(row)?.high);
    }
}

/// How the losses of one loan are spread.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Spread {
    model: String,
    ltv: f64,
    /// Paths with a loss in each bin; a bin holds its upper end, the first starts above zero.
    bins: Vec<u64>,
    paths: u64,
}

impl Spread {
    /// The losses of a loan of a case.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a loss is between 0 and 1")]
    pub(super) fn of(case: &RiskCase, ltv: f64, outcomes: &Outcomes, place: usize) -> Option<Self> {
        let losses = outcomes.losses(place)?;
        let mut bins = Vec::new();
        for loss in losses.iter().filter(|loss| **loss > 0.0) {
            let bin = ((loss / BIN).ceil() as usize).max(1) - 1;
            if bins.len() <= bin {
                bins.resize(bin + 1, 0);
            }
            bins[bin] += 1;
        }
        Some(Self { model: case.name.clone(), ltv, bins, paths: losses.len() as u64 })
    }
}

/// The table `losses`.
///
/// # Errors
/// None in practice, as of [`estimates`].
pub(super) fn losses(spreads: &[Spread]) -> Result<Table, TableError> {
    let (mut model, mut ltv, mut from, mut to) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut count, mut above, mut above_given) = (Vec::new(), Vec::new(), Vec::new());
    for spread in spreads {
        let defaults: u64 = spread.bins.iter().sum();
        let mut left = defaults;
        for (bin, paths) in spread.bins.iter().enumerate() {
            model.push(Some(spread.model.clone()));
            ltv.push(Some(spread.ltv));
            from.push(Some(bin as f64 * BIN));
            to.push(Some((bin + 1) as f64 * BIN));
            count.push(i64::try_from(*paths).unwrap_or(i64::MAX));
            above.push(Some(left as f64 / spread.paths as f64));
            above_given.push(Some(left as f64 / defaults as f64));
            left -= paths;
        }
    }
    let column = |name: &str, unit: &str, meaning: &str, cells: Cells| Column {
        name: name.into(),
        unit: unit.into(),
        meaning: meaning.into(),
        cells,
    };
    Table::new(vec![
        column("model", "", "name of the model of the grid", Cells::Text(model)),
        column("ltv", "1", "debt at face value over initial pool value", Cells::Real(ltv)),
        column("loss_from", "1", "lower end of the bin, over initial pool value", Cells::Real(from)),
        column("loss_to", "1", "upper end of the bin, which it holds", Cells::Real(to)),
        column("paths", "1", "paths with a loss in the bin", Cells::Integer(count)),
        column(
            "share_above",
            "1",
            "share of all paths that lose more than the lower end",
            Cells::Real(above),
        ),
        column(
            "share_above_given_default",
            "1",
            "share of the paths that default that lose more than the lower end",
            Cells::Real(above_given),
        ),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_add_up_to_the_paths_that_default() {
        let spread = Spread { model: "1x".into(), ltv: 0.75, bins: vec![3, 0, 1], paths: 8 };
        let table = losses(&[spread]).unwrap();
        assert_eq!(table.real("share_above").unwrap(), [Some(0.5), Some(0.125), Some(0.125)]);
        assert_eq!(table.real("share_above_given_default").unwrap(), [Some(1.0), Some(0.25), Some(0.25)]);
        assert_eq!(table.real("loss_to").unwrap()[2], Some(0.0075));
    }
}
