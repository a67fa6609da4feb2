//! From tables of runs to a [`Summary`], one run after another.
//!
//! A run gives two figures a metric: its mean over time (over the ticks at which it is defined) and its final value (that of
//! the last tick). What is spread over runs are those figures; runs are independent, ticks of one run are not, so the
//! intervals say how sure the ensemble is. Memory does not grow with the number of runs.

use thiserror::Error;

use super::summary::{AssertionOutcome, MetricSummary, Spread, Summary};
use super::table::{Cells, Column, Table, TableError};
use crate::numerics::accumulator::Accumulator;
use crate::numerics::quantile::{FAN, QuantileSketch};
use crate::numerics::statistics::{CONFIDENCE, mean_interval};

/// Columns that say where a row belongs and are no metrics.
const KEYS: [&str; 3] = ["run", "tick", "time"];

/// A table that does not continue those before it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SummaryError {
    /// The table lacks the column `run`.
    #[error(transparent)]
    Table(#[from] TableError),
    /// Runs must come in ascending order, so that sums have the same bits for any number of threads.
    #[error("expected rows of run {after} or later, found run {found}: add runs in ascending order")]
    Order {
        /// The run added last.
        after: i64,
        /// The run that came after it.
        found: i64,
    },
    /// Tables of one experiment have the same metrics.
    #[error("expected the metrics {expected:?}, found {found:?}")]
    Metrics {
        /// Those of the first table.
        expected: Vec<String>,
        /// Those of this table.
        found: Vec<String>,
    },
}

/// Reads tables of runs one after another and keeps figures only.
#[derive(Debug, Clone, Default)]
pub struct Summariser {
    metrics: Option<Vec<Metric>>,
    run: Option<i64>,
    runs: u64,
}

#[derive(Debug, Clone, Default)]
struct Metric {
    name: String,
    unit: String,
    meaning: String,
    /// Every tick of the run that is being read.
    present: Accumulator,
    last: Option<f64>,
    minimum: Option<f64>,
    maximum: Option<f64>,
    time_means: Figures,
    finals: Figures,
}

#[derive(Debug, Clone, Default)]
struct Figures {
    moments: Accumulator,
    quantiles: QuantileSketch,
}

impl Summariser {
    /// Reads a table with the columns `run`, `tick`, `time` and metrics: real and integer columns.
    ///
    /// It may hold a part of a run, a run, or several; a run may go on in the next table. A table that is refused changes
    /// nothing.
    ///
    /// # Errors
    /// [`SummaryError`] if there is no column `run`, runs do not ascend, or the metrics differ from those before.
    pub fn add(&mut self, table: &Table) -> Result<(), SummaryError> {
        let runs = table.integer("run")?;
        let mut after = self.run;
        for run in runs {
            if let Some(after) = after.filter(|after| run < after) {
                return Err(SummaryError::Order { after, found: *run });
            }
            after = Some(*run);
        }
        let columns: Vec<_> = table
            .columns()
            .iter()
            .filter(|column| !KEYS.contains(&column.name.as_str()) && !matches!(column.cells, Cells::Text(_)))
            .collect();
        let metrics = self.metrics.get_or_insert_with(|| {
            let metric = |column: &&Column| Metric {
                name: column.name.clone(),
                unit: column.unit.clone(),
                meaning: column.meaning.clone(),
                ..Metric::default()
            };
            columns.iter().map(metric).collect()
        });
        if !metrics.iter().map(|metric| &metric.name).eq(columns.iter().map(|column| &column.name)) {
            return Err(SummaryError::Metrics {
                expected: metrics.iter().map(|metric| metric.name.clone()).collect(),
                found: columns.iter().map(|column| column.name.clone()).collect(),
            });
        }
        let mut from = 0;
        for rows in runs.chunk_by(|a, b| a == b) {
            let range = from..from + rows.len();
            from = range.end;
            if self.run != Some(rows[0]) {
                metrics.iter_mut().for_each(Metric::end_run);
                self.run = Some(rows[0]);
                self.runs += 1;
            }
            for (metric, column) in metrics.iter_mut().zip(&columns) {
                match &column.cells {
                    Cells::Real(cells) => cells[range.clone()].iter().for_each(|cell| metric.observe(*cell)),
                    Cells::Integer(cells) => {
                        cells[range.clone()].iter().for_each(|cell| metric.observe(Some(*cell as f64)));
                    }
                    Cells::Text(_) => {}
                }
            }
        }
        Ok(())
    }

    /// The figures of all that was read, with what came of the experiment's assertions.
    #[must_use]
    pub fn finish(self, assertions: Vec<AssertionOutcome>) -> Summary {
        let mut metrics = self.metrics.unwrap_or_default();
        metrics.iter_mut().for_each(Metric::end_run);
        Summary {
            runs: self.runs,
            loan_rules: Vec::new(),
            metrics: metrics.into_iter().map(Metric::summary).collect(),
            assertions,
            response: Vec::new(),
            variants: Vec::new(),
        }
    }
}

impl Metric {
    fn observe(&mut self, cell: Option<f64>) {
        self.last = cell.filter(|value| value.is_finite());
        if let Some(value) = self.last {
            self.present.push(value);
        }
    }

    fn end_run(&mut self) {
        let seen = std::mem::take(&mut self.present);
        self.time_means.push(seen.mean());
        self.finals.push(self.last.take());
        self.minimum = self.minimum.into_iter().chain(seen.minimum()).reduce(f64::min);
        self.maximum = self.maximum.into_iter().chain(seen.maximum()).reduce(f64::max);
    }

    fn summary(self) -> MetricSummary {
        MetricSummary {
            name: self.name,
            unit: self.unit,
            meaning: self.meaning,
            minimum: unsigned_zero(self.minimum),
            maximum: unsigned_zero(self.maximum),
            time_mean: self.time_means.spread(),
            last: self.finals.spread(),
        }
    }
}

impl Figures {
    fn push(&mut self, figure: Option<f64>) {
        if let Some(figure) = figure {
            self.moments.push(figure);
            self.quantiles.push(figure);
        }
    }

    fn spread(&self) -> Spread {
        let interval = mean_interval(&self.moments, CONFIDENCE);
        let quantiles = self.quantiles.quantiles(FAN);
        let quantile = |place: usize| unsigned_zero(quantiles.map(|found| found[place]));
        Spread {
            runs_with_data: self.moments.count(),
            mean: unsigned_zero(self.moments.mean()),
            sd: unsigned_zero(self.moments.sd()),
            mean_low_95: unsigned_zero(interval.map(|interval| interval.low)),
            mean_high_95: unsigned_zero(interval.map(|interval| interval.high)),
            q05: quantile(0),
            q25: quantile(1),
            q50: quantile(2),
            q75: quantile(3),
            q95: quantile(4),
        }
    }
}

/// `-0.0` and `0.0` are equal and must not print differently; what overflowed is undefined.
fn unsigned_zero(value: Option<f64>) -> Option<f64> {
    value.filter(|value| value.is_finite()).map(|value| value + 0.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::summary::AssertionVerdict;

    /// Rows of `(run, price, mode)`.
    fn table(rows: &[(i64, Option<f64>, i64)]) -> Table {
        let column = |name: &str, unit: &str, cells| Column {
            name: name.into(),
            unit: unit.into(),
            meaning: format!("the {name}"),
            cells,
        };
        Table::new(vec![
            column("run", "", Cells::Integer(rows.iter().map(|row| row.0).collect())),
            column("tick", "", Cells::Integer((0..).take(rows.len()).collect())),
            column("time", "", Cells::Text(vec![None; rows.len()])),
            column("price", "usd", Cells::Real(rows.iter().map(|row| row.1).collect())),
            column("mode", "1", Cells::Integer(rows.iter().map(|row| row.2).collect())),
        ])
        .unwrap()
    }

    fn summarise(tables: &[Table]) -> Summary {
        let mut summariser = Summariser::default();
        tables.iter().for_each(|table| summariser.add(table).unwrap());
        summariser.finish(vec![])
    }

    /// Run 0: 1, null, 3 (mean 2, final 3). Run 1: 5, 7, null (mean 6, no final). Run 4: never defined.
    #[test]
    fn worked_example() {
        let all = [
            (0, Some(1.0), 0),
            (0, None, 0),
            (0, Some(3.0), 1),
            (1, Some(5.0), 0),
            (1, Some(7.0), 0),
            (1, None, 2),
            (4, None, 0),
            (4, Some(f64::NAN), 0),
        ];
        let found = summarise(&[table(&all)]);
        assert_eq!((found.runs, found.metrics.len()), (3, 2));
        let price = &found.metrics[0];
        assert_eq!((price.name.as_str(), price.unit.as_str()), ("price", "usd"));
        assert_eq!((price.minimum, price.maximum), (Some(1.0), Some(7.0)));
        let mean = &price.time_mean;
        assert_eq!((mean.runs_with_data, mean.mean, mean.sd), (2, Some(4.0), Some(8.0_f64.sqrt())));
        // t(1) = 12.706205, standard error 2.
        assert!((mean.mean_low_95.unwrap() - (4.0 - 25.412_409)).abs() < 1e-6);
        assert_eq!((mean.q05, mean.q25, mean.q50), (Some(2.2), Some(3.0), Some(4.0)));
        let last = &price.last;
        assert_eq!((last.runs_with_data, last.mean, last.sd, last.mean_low_95), (1, Some(3.0), None, None));
        assert_eq!(last.q95, Some(3.0));
        let mode = &found.metrics[1];
        assert_eq!((mode.last.mean, mode.maximum, mode.last.runs_with_data), (Some(1.0), Some(2.0), 3));
    }

    #[test]
    fn what_is_undefined_is_null_and_the_form_is_stable() {
        let json = summarise(&[table(&[(0, None, 0)])]).to_json().unwrap();
        let expected = r#""name": "price",
      "unit": "usd",
      "meaning": "the price",
      "minimum": null,
      "maximum": null,
      "time_mean": {
        "runs_with_data": 0,
        "mean": null,"#;
        assert!(json.contains(expected), "{json}");
        assert!(json.contains("\"final\": {") && json.ends_with("\"assertions\": []\n}\n"));
        assert_eq!(Summariser::default().finish(vec![]).runs, 0);
        let zero = summarise(&[table(&[(0, Some(-0.0), 0)])]).to_json().unwrap();
        assert!(!zero.contains("-0"), "{zero}");
        let outcome = AssertionOutcome {
            assertion: "P(collateral_ratio < 1.3) < 0.01".into(),
            verdict: AssertionVerdict::Undecided,
            estimate: Some(0.1),
            low_95: Some(0.005),
            high_95: None,
            runs: 9,
        };
        let json = serde_json::to_string(&outcome).unwrap();
        assert!(
            json.contains(r#""verdict":"undecided","estimate":0.1,"low_95":0.005,"high_95":null,"runs":9"#)
        );
    }

    #[test]
    fn what_does_not_continue_is_refused_and_changes_nothing() {
        let mut summariser = Summariser::default();
        summariser.add(&table(&[(3, Some(1.0), 0)])).unwrap();
        let back = summariser.add(&table(&[(3, Some(5.0), 0), (2, Some(1.0), 0)]));
        assert_eq!(back, Err(SummaryError::Order { after: 3, found: 2 }));
        let narrow = Table::new(table(&[(3, Some(1.0), 0)]).columns()[..4].to_vec()).unwrap();
        assert!(matches!(summariser.add(&narrow), Err(SummaryError::Metrics { .. })));
        let no_run = Table::new(table(&[(3, Some(1.0), 0)]).columns()[1..].to_vec()).unwrap();
        assert!(matches!(summariser.add(&no_run), Err(SummaryError::Table(_))));
        assert_eq!(summariser.finish(vec![]), summarise(&[table(&[(3, Some(1.0), 0)])]));
    }

    proptest! {
        /// However an experiment is cut into tables, the bytes are the same.
        #[test]
        fn cuts_change_nothing(
            cells in prop::collection::vec((0..4_i64, prop::option::of(-1e6..1e6_f64), 0..5_i64), 1..60),
            cut in 0..60_usize,
        ) {
            let mut rows = cells;
            rows.sort_by_key(|row| row.0);
            let (left, right) = rows.split_at(cut.min(rows.len()));
            let whole = summarise(&[table(&rows)]);
            prop_assert_eq!(summarise(&[table(left), table(right)]).to_json().unwrap(), whole.to_json().unwrap());
            for metric in &whole.metrics {
                if let (Some(low), Some(mean), Some(high)) = (metric.minimum, metric.time_mean.q50, metric.maximum) {
                    prop_assert!(low - 1e-9 <= mean && mean <= high + 1e-9);
                }
            }
        }
    }
}
