//! What one run has to say: the figure of a quantity, from the rows of its `series` table.

use std::ops::Range;

use super::{Comparison, Condition, Figure, Mention, Quantity, When};
use crate::numerics::accumulator::Accumulator;
use crate::numerics::quantile::quantiles;
use crate::record::table::{Cells, Table, TableError};

/// The rows of one run.
#[derive(Debug, Clone)]
pub(super) struct Rows<'a> {
    /// The table they stand in.
    pub(super) table: &'a Table,
    /// Which rows.
    pub(super) rows: Range<usize>,
    /// Length of a tick, in seconds.
    pub(super) tick_seconds: u64,
}

/// The runs of a `series` table with their numbers; the rows of a run stand together.
pub(super) fn runs<'a>(
    table: &'a Table,
    tick_seconds: u64,
) -> Result<impl Iterator<Item = (i64, Rows<'a>)>, TableError> {
    let mut from = 0;
    Ok(table.integer("run")?.chunk_by(|a, b| a == b).map(move |rows| {
        let run = Rows { table, rows: from..from + rows.len(), tick_seconds };
        from = run.rows.end;
        (rows[0], run)
    }))
}

/// The figure of a quantity in every run of a `series` table, by the number of the run: of a probability 1 or 0, happened
/// or not; `None` if the run has nothing to say. Ticks have that many seconds.
///
/// # Errors
/// [`TableError::Missing`] if the table lacks a column that the quantity names, or `run` or `tick`.
pub fn figures(
    quantity: &Quantity,
    table: &Table,
    tick_seconds: u64,
) -> Result<Vec<(i64, Option<f64>)>, TableError> {
    runs(table, tick_seconds)?.map(|(number, run)| Ok((number, figure(quantity, &run)?))).collect()
}

/// Of a probability 1 or 0, happened or not; `None` if the run has nothing to say.
pub(super) fn figure(quantity: &Quantity, run: &Rows<'_>) -> Result<Option<f64>, TableError> {
    match quantity {
        Quantity::Probability(condition, when) => {
            Ok(run.happened(condition, *when)?.map(|happened| f64::from(u8::from(happened))))
        }
        Quantity::Share(condition) => {
            let mut defined = Accumulator::default();
            let condition = run.bind(condition)?;
            let met = run.rows.clone().filter_map(|row| condition.met(row));
            met.for_each(|met| defined.push(f64::from(u8::from(met))));
            Ok(defined.mean())
        }
        Quantity::Figure(figure, metric) => run.over_time(*figure, metric),
    }
}

/// A condition with the columns that it reads.
struct Bound<'a>(Vec<Vec<(&'a Cells, Comparison, f64)>>);

impl Bound<'_> {
    /// Whether it is met at a row; `None` where one of its metrics is undefined.
    fn met(&self, row: usize) -> Option<bool> {
        let mut any = false;
        for terms in &self.0 {
            let mut all = true;
            for (cells, comparison, bound) in terms {
                all &= comparison.holds(value(cells, row)?, *bound);
            }
            any |= all;
        }
        Some(any)
    }
}

impl<'a> Rows<'a> {
    fn cells(&self, metric: &Mention) -> Result<&'a Cells, TableError> {
        match self.table.column(&metric.name).map(|column| &column.cells) {
            Some(cells @ (Cells::Real(_) | Cells::Integer(_))) => Ok(cells),
            _ => Err(TableError::Missing { name: metric.name.clone(), kind: "real" }),
        }
    }

    fn bind(&self, condition: &Condition) -> Result<Bound<'a>, TableError> {
        let mut any_of = Vec::new();
        for terms in &condition.any_of {
            let bind = |term: &super::Term| Ok((self.cells(&term.metric)?, term.comparison, term.bound));
            any_of.push(terms.iter().map(bind).collect::<Result<_, TableError>>()?);
        }
        Ok(Bound(any_of))
    }

    fn happened(&self, condition: &Condition, when: When) -> Result<Option<bool>, TableError> {
        let condition = self.bind(condition)?;
        let mut met = self.rows.clone().map(|row| condition.met(row));
        match when {
            When::AtEnd => Ok(met.next_back().flatten()),
            When::Ever => Ok(met.flatten().fold(None, |before, met| Some(met || before.unwrap_or(false)))),
            When::For { at_least_seconds } => self.lasted(&condition, at_least_seconds),
        }
    }

    /// Whether a stretch of rows that meet the condition lasts that long.
    fn lasted(&self, condition: &Bound<'_>, at_least_seconds: u64) -> Result<Option<bool>, TableError> {
        let ticks = self.table.integer("tick")?;
        let (mut defined, mut began) = (false, None);
        for row in self.rows.clone() {
            let met = condition.met(row);
            defined |= met.is_some();
            if met != Some(true) {
                began = None;
                continue;
            }
            let from = *began.get_or_insert(ticks[row]);
            // A recorded tick stands for the time until the next one, the last for its own tick.
            let until = if row + 1 < self.rows.end { ticks[row + 1] } else { ticks[row].saturating_add(1) };
            let length = u64::try_from(until.saturating_sub(from)).unwrap_or(0);
            if length.saturating_mul(self.tick_seconds) >= at_least_seconds {
                return Ok(Some(true));
            }
        }
        Ok(defined.then_some(false))
    }

    fn over_time(&self, figure: Figure, metric: &Mention) -> Result<Option<f64>, TableError> {
        let cells = self.cells(metric)?;
        let mut values = self.rows.clone().map(|row| value(cells, row));
        Ok(match figure {
            Figure::Final => values.next_back().flatten(),
            Figure::Mean => values.flatten().collect::<Accumulator>().mean(),
            Figure::Min => values.flatten().reduce(f64::min),
            Figure::Max => values.flatten().reduce(f64::max),
            Figure::Quantile(percent) => {
                let values: Vec<f64> = values.flatten().collect();
                quantiles(&values, [f64::from(percent) / 100.0]).map(|[found]| found)
            }
        })
    }
}

fn value(cells: &Cells, row: usize) -> Option<f64> {
    match cells {
        Cells::Real(cells) => cells[row].filter(|value| value.is_finite()),
        Cells::Integer(cells) => Some(cells[row] as f64),
        Cells::Text(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::assertion::Assertion;
    use crate::record::table::Column;

    fn column(name: &str, cells: Cells) -> Column {
        Column { name: name.into(), unit: String::new(), meaning: String::new(), cells }
    }

    /// Rows of `(tick, a, b)`.
    fn table(rows: &[(i64, Option<f64>, i64)]) -> Table {
        Table::new(vec![
            column("tick", Cells::Integer(rows.iter().map(|row| row.0).collect())),
            column("a", Cells::Real(rows.iter().map(|row| row.1).collect())),
            column("b", Cells::Integer(rows.iter().map(|row| row.2).collect())),
        ])
        .unwrap()
    }

    /// What the quantity is in a run of hourly ticks.
    fn of(quantity: &str, rows: &[(i64, Option<f64>, i64)]) -> Option<f64> {
        let table = table(rows);
        let assertion: Assertion = format!("{quantity} < 1").parse().unwrap();
        let run = Rows { table: &table, rows: 0..rows.len(), tick_seconds: 3_600 };
        figure(&assertion.quantity, &run).unwrap()
    }

    const RUN: [(i64, Option<f64>, i64); 6] = [
        (0, Some(1.0), 0),
        (1, Some(2.0), 1),
        (2, None, 1),
        (3, Some(3.0), 0),
        (4, Some(4.0), 1),
        (5, Some(0.5), 0),
    ];

    #[test]
    fn figures_are_those_of_the_defined_ticks() {
        assert_eq!(of("mean(a)", &RUN), Some(2.1));
        assert_eq!(
            (of("min(a)", &RUN), of("max(a)", &RUN), of("final(a)", &RUN)),
            (Some(0.5), Some(4.0), Some(0.5))
        );
        assert_eq!(
            (of("q50(a)", &RUN), of("q25(a)", &RUN), of("mean(b)", &RUN)),
            (Some(2.0), Some(1.0), Some(0.5))
        );
        // The last tick is undefined.
        assert_eq!((of("final(a)", &RUN[..3]), of("max(a)", &RUN[..3])), (None, Some(2.0)));
        assert_eq!((of("mean(a)", &RUN[2..3]), of("q50(a)", &RUN[2..3])), (None, None));
    }

    #[test]
    fn a_condition_is_met_by_its_parts_at_one_tick() {
        assert_eq!(of("P(a > 3.5)", &RUN), Some(1.0));
        assert_eq!(of("P(a > 4)", &RUN), Some(0.0));
        assert_eq!(of("P(a > 2.5 and b < 1)", &RUN), Some(1.0));
        assert_eq!(of("P(a < 1.5 and b > 0)", &RUN), Some(0.0), "each is met, never together");
        assert_eq!(of("P(a < 1.5 and b > 0 or a >= 4)", &RUN), Some(1.0));
        // Where `a` is undefined nothing is met, whatever `b` says.
        assert_eq!(of("share(a > 9 or b > 0)", &RUN), Some(0.4));
        assert_eq!(of("share(b > 0)", &RUN), Some(0.5));
    }

    #[test]
    fn at_end_looks_at_the_last_tick_alone() {
        assert_eq!((of("P(a < 1 at end)", &RUN), of("P(a >= 1 at end)", &RUN)), (Some(1.0), Some(0.0)));
        assert_eq!(of("P(a < 1 at end)", &RUN[..3]), None);
    }

    #[test]
    fn a_stretch_lasts_as_many_hours_as_ticks_and_a_gap_breaks_it() {
        // Ticks 0 and 1, a gap, ticks 3 and 4.
        assert_eq!(of("P(a >= 1 for >= 2h)", &RUN), Some(1.0));
        assert_eq!(of("P(a >= 1 for > 119min)", &RUN), Some(1.0));
        assert_eq!(of("P(a >= 1 for > 2h)", &RUN), Some(0.0), "five hours but for the gap");
        // To the end of the run: ticks 3, 4 and 5.
        assert_eq!((of("P(a > 0 for >= 3h)", &RUN), of("P(a > 0 for > 3h)", &RUN)), (Some(1.0), Some(0.0)));
    }

    #[test]
    fn a_recorded_tick_stands_for_the_time_until_the_next_one() {
        // Every fourth tick, and the last.
        let rows = [(0, Some(1.0), 0), (4, Some(0.0), 0), (8, Some(0.0), 0), (10, Some(0.0), 0)];
        assert_eq!((of("P(a > 0 for >= 4h)", &rows), of("P(a > 0 for > 4h)", &rows)), (Some(1.0), Some(0.0)));
        assert_eq!((of("P(a < 1 for >= 7h)", &rows), of("P(a < 1 for > 7h)", &rows)), (Some(1.0), Some(0.0)));
    }

    #[test]
    fn a_run_without_the_metric_has_nothing_to_say() {
        let rows = [(0, None, 0), (1, Some(f64::NAN), 0)];
        for quantity in ["P(a > 0)", "P(a > 0 for > 1h)", "P(a > 0 at end)", "share(a > 0)", "min(a)"] {
            assert_eq!(of(quantity, &rows), None, "{quantity}");
        }
        let table = table(&rows);
        let assertion: Assertion = "P(absent > 0) < 1".parse().unwrap();
        let run = Rows { table: &table, rows: 0..2, tick_seconds: 1 };
        assert!(
            matches!(figure(&assertion.quantity, &run), Err(TableError::Missing { name, .. }) if name == "absent")
        );
    }
}
