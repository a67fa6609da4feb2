//! What charts ask of tables: the runs of a series, a metric along one run, and its quantiles over all runs.

use std::collections::BTreeMap;

use thiserror::Error;

use super::axis::{self, Axis, LARGEST, Scale};
use super::calendar;
use super::figure::{Mark, Point};
use super::style::{Colour, Fill};
use crate::record::table::{Column, Table, TableError};

/// A chart that is not drawn, and why.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotDrawn {
    /// A column it lives on is absent.
    #[error("the chart `{chart}` is not drawn: {source}")]
    Column {
        /// The chart.
        chart: &'static str,
        /// What is missing.
        source: TableError,
    },
    /// None of the columns it can show is there.
    #[error("the chart `{chart}` is not drawn: no column {wanted}")]
    NoColumn {
        /// The chart.
        chart: &'static str,
        /// What would have done.
        wanted: String,
    },
    /// A table it lives on was not recorded, or has no rows.
    #[error("the chart `{chart}` is not drawn: the table `{table}` is missing or has no rows")]
    NoRows {
        /// The chart.
        chart: &'static str,
        /// The table.
        table: &'static str,
    },
}

/// The five quantiles a fan shows at one place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantiles {
    /// 5 %.
    pub p05: f64,
    /// 25 %.
    pub p25: f64,
    /// 50 %.
    pub p50: f64,
    /// 75 %.
    pub p75: f64,
    /// 95 %.
    pub p95: f64,
}

/// Quantiles along the horizontal axis.
pub type Fan = Vec<(f64, Option<Quantiles>)>;

/// A table `series` with its rows found by run.
#[derive(Debug)]
pub struct Series<'a> {
    table: &'a Table,
    rows: BTreeMap<i64, Vec<usize>>,
    ticks: &'a [i64],
    places: BTreeMap<i64, f64>,
    dated: bool,
}

/// The quantile of sorted values, linear between neighbours (type 7 of Hyndman and Fan 1996).
#[must_use]
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = share.clamp(0.0, 1.0) * last as f64;
    let below = (place as usize).min(last);
    let above = (below + 1).min(last);
    Some(sorted[below] + (place - below as f64) * (sorted[above] - sorted[below]))
}

/// The five quantiles of values in any order; `None` of none.
#[must_use]
pub fn quantiles(values: &mut [f64]) -> Option<Quantiles> {
    values.sort_by(f64::total_cmp);
    let at = |share| quantile(values, share);
    Some(Quantiles { p05: at(0.05)?, p25: at(0.25)?, p50: at(0.5)?, p75: at(0.75)?, p95: at(0.95)? })
}

/// A number that can be drawn.
#[must_use]
pub fn drawable(number: Option<f64>) -> Option<f64> {
    number.filter(|number| number.is_finite() && number.abs() <= LARGEST)
}

impl<'a> Series<'a> {
    /// Finds the runs of a table.
    ///
    /// # Errors
    /// [`NotDrawn`] without rows, `run` or `tick`.
    pub fn new(table: &'a Table, chart: &'static str) -> Result<Self, NotDrawn> {
        let missing = |source| NotDrawn::Column { chart, source };
        let runs = table.integer("run").map_err(missing)?;
        let ticks = table.integer("tick").map_err(missing)?;
        if ticks.is_empty() {
            return Err(NotDrawn::NoRows { chart, table: "series" });
        }
        let mut rows: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        for (row, run) in runs.iter().enumerate() {
            rows.entry(*run).or_default().push(row);
        }
        for rows in rows.values_mut() {
            rows.sort_by_key(|row| ticks[*row]);
        }
        let times = table.text("time").ok();
        let mut places = BTreeMap::new();
        let mut dated = times.is_some();
        for (row, tick) in ticks.iter().enumerate() {
            places.entry(*tick).or_insert_with(|| {
                let time = times.and_then(|times| times[row].as_deref()).and_then(calendar::seconds);
                dated &= time.is_some();
                time.unwrap_or(f64::NAN)
            });
        }
        dated &= places.values().is_sorted();
        if !dated {
            places.iter_mut().for_each(|(tick, place)| *place = *tick as f64);
        }
        Ok(Self { table, rows, ticks, places, dated })
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> &'a Table {
        self.table
    }

    /// The number of runs.
    #[must_use]
    pub fn runs(&self) -> usize {
        self.rows.len()
    }

    /// The run asked for, or the first there is.
    #[must_use]
    pub fn run(&self, wanted: i64) -> i64 {
        if self.rows.contains_key(&wanted) {
            return wanted;
        }
        self.rows.keys().next().copied().unwrap_or(wanted)
    }

    /// The runs.
    pub fn run_numbers(&self) -> impl Iterator<Item = i64> + '_ {
        self.rows.keys().copied()
    }

    /// The column of real numbers of a name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&'a Column> {
        self.table.real(name).ok()?;
        self.table.column(name)
    }

    /// Names of real columns, in order.
    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        let table = self.table;
        table.columns().iter().map(|column| column.name.as_str()).filter(|name| table.real(name).is_ok())
    }

    /// Where a tick stands on the horizontal axis.
    #[must_use]
    pub fn place(&self, tick: i64) -> Option<f64> {
        if let Some(place) = self.places.get(&tick) {
            return Some(*place);
        }
        // A tick that was not sampled stands between its neighbours.
        let below = self.places.range(..tick).next_back()?;
        let above = self.places.range(tick..).next()?;
        let share = (tick as f64 - *below.0 as f64) / (*above.0 as f64 - *below.0 as f64);
        Some(below.1 + share * (above.1 - below.1))
    }

    /// First and last place.
    #[must_use]
    pub fn ends(&self) -> (f64, f64) {
        let ends = self.places.values().next().zip(self.places.values().next_back());
        ends.map_or((0.0, 1.0), |(first, last)| (*first, *last))
    }

    /// The last tick.
    #[must_use]
    pub fn last_tick(&self) -> i64 {
        self.places.keys().next_back().copied().unwrap_or(0)
    }

    /// The last place in words.
    #[must_use]
    pub fn moment(&self, place: f64) -> String {
        if self.dated { calendar::day(place) } else { format!("tick {}", axis::number(place, 6)) }
    }

    /// The horizontal axis all panels of a chart over time share.
    #[must_use]
    pub fn axis(&self) -> Axis {
        let (from, to) = self.ends();
        let axis = if self.dated {
            let hint = format!("date (UTC), {}", calendar::years(from, to));
            Axis::of(Scale::Date).label(hint)
        } else {
            Axis::linear().label("tick")
        };
        if from < to { axis.limits(from, to) } else { axis.reach(&[from]) }
    }

    /// A metric along a run, each value times `factor`.
    ///
    /// # Errors
    /// [`NotDrawn::Column`] if there is no such column.
    pub fn path(
        &self,
        chart: &'static str,
        name: &str,
        run: i64,
        factor: f64,
    ) -> Result<Vec<Point>, NotDrawn> {
        let cells = self.table.real(name).map_err(|source| NotDrawn::Column { chart, source })?;
        let rows = self.rows.get(&run).map_or(&[][..], Vec::as_slice);
        Ok(rows
            .iter()
            .filter_map(|row| {
                let place = self.places.get(&self.ticks[*row])?;
                Some((*place, drawable(cells[*row]).map(|value| value * factor)))
            })
            .collect())
    }

    /// As [`Series::path`] for a metric that is read at surveys only: its figures are joined across the ticks between.
    ///
    /// # Errors
    /// As [`Series::path`].
    pub fn surveyed(&self, chart: &'static str, name: &str, run: i64) -> Result<Vec<Point>, NotDrawn> {
        let mut path = self.path(chart, name, run, 1.0)?;
        path.retain(|point| point.1.is_some());
        Ok(path)
    }

    /// The quantiles of a metric over all runs, at no more than about 500 ticks; empty for a single run.
    #[must_use]
    pub fn fan(&self, name: &str, factor: f64) -> Fan {
        let Ok(cells) = self.table.real(name) else { return Fan::new() };
        if self.rows.len() < 2 {
            return Fan::new();
        }
        let every = self.places.len().div_ceil(500).max(1);
        let mut values: BTreeMap<i64, Vec<f64>> = self
            .places
            .keys()
            .step_by(every)
            .chain(self.places.keys().next_back())
            .map(|tick| (*tick, Vec::new()))
            .collect();
        for (tick, cell) in self.ticks.iter().zip(cells) {
            if let Some((at, value)) = values.get_mut(tick).zip(drawable(*cell)) {
                at.push(value * factor);
            }
        }
        let fan = values
            .into_iter()
            .filter_map(|(tick, mut values)| Some((*self.places.get(&tick)?, quantiles(&mut values))));
        fan.collect()
    }

    /// The last defined value of a metric in every run, times `factor`.
    #[must_use]
    pub fn terminal(&self, name: &str, factor: f64) -> Vec<f64> {
        let Ok(cells) = self.table.real(name) else { return Vec::new() };
        let last = |rows: &Vec<usize>| rows.iter().rev().find_map(|row| drawable(cells[*row]));
        self.rows.values().filter_map(last).map(|value| value * factor).collect()
    }

    /// `run 0 of 8`, or `run 0` of one.
    #[must_use]
    pub fn run_words(&self, run: i64) -> String {
        match self.runs() {
            0 | 1 => format!("run {run}"),
            runs => format!("run {run} of {runs}"),
        }
    }
}

/// The bands of a fan as marks in one colour: they do not overlap, so that each looks as its key in the legend.
#[must_use]
pub fn fan_marks(fan: &Fan, colour: Colour, named: &str) -> Vec<Mark> {
    if fan.is_empty() {
        return Vec::new();
    }
    let band = |ends: fn(&Quantiles) -> (f64, f64), opacity: f64, words: Option<&str>| Mark::Band {
        points: fan.iter().map(|(x, quantiles)| (*x, quantiles.as_ref().map(ends))).collect(),
        fill: Fill::veil(colour, opacity),
        legend: words.map(|words| format!("{named}{words}")),
    };
    vec![
        band(|q| (q.p25, q.p75), 0.38, Some("25\u{2013}75 %")),
        band(|q| (q.p05, q.p25), 0.16, Some("5\u{2013}95 % of runs")),
        band(|q| (q.p75, q.p95), 0.16, None),
    ]
}

/// The fan behind a single path, where there are several runs.
#[must_use]
pub fn backdrop(series: &Series<'_>, name: &str, factor: f64) -> Vec<Mark> {
    fan_marks(&series.fan(name, factor), super::style::GREY, "")
}

/// The median line of a fan.
#[must_use]
pub fn median(fan: &Fan) -> Vec<Point> {
    fan.iter().map(|(x, quantiles)| (*x, quantiles.map(|quantiles| quantiles.p50))).collect()
}

/// Factor and unit in which a column is shown: shares as `%`, the rest as recorded.
#[must_use]
pub fn percent(column: &Column) -> (f64, &'static str) {
    if column.unit == "%" { (1.0, "%") } else { (100.0, "%") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::table::Cells;
    use proptest::prelude::*;

    fn table(times: &[&str]) -> Table {
        let column = |name: &str, cells| Column {
            name: name.into(),
            unit: String::new(),
            meaning: String::new(),
            cells,
        };
        Table::new(vec![
            column("run", Cells::Integer(vec![0, 0, 1, 1])),
            column("tick", Cells::Integer(vec![0, 4, 0, 4])),
            column("time", Cells::Text(times.iter().map(|time| Some((*time).to_owned())).collect())),
            column("x", Cells::Real(vec![Some(1.0), None, Some(3.0), Some(f64::NAN)])),
        ])
        .unwrap()
    }

    #[test]
    fn runs_ticks_and_times_are_found() {
        let day =
            ["2025-01-01T00:00:00Z", "2025-01-02T00:00:00Z", "2025-01-01T00:00:00Z", "2025-01-02T00:00:00Z"];
        let table_ = table(&day);
        let series = Series::new(&table_, "test").unwrap();
        assert_eq!((series.runs(), series.run(1), series.run(7)), (2, 1, 0));
        let start = calendar::seconds(day[0]).unwrap();
        assert_eq!(
            series.path("test", "x", 0, 100.0).unwrap(),
            [(start, Some(100.0)), (start + 86_400.0, None)]
        );
        assert_eq!(series.place(1), Some(start + 21_600.0));
        let fan = series.fan("x", 1.0);
        assert_eq!(fan[0].1.map(|q| (q.p05, q.p50)), Some((1.1, 2.0)));
        assert_eq!(fan[1].1, None);
        assert_eq!(series.terminal("x", 1.0), [1.0, 3.0]);
        let undated = table(&["never"; 4]);
        assert_eq!(Series::new(&undated, "test").unwrap().ends(), (0.0, 4.0));
        assert!(series.path("test", "y", 0, 1.0).unwrap_err().to_string().contains("no real column `y`"));
    }

    proptest! {
        #[test]
        fn quantiles_rise_and_lie_between_the_extremes(mut values in prop::collection::vec(-1e9_f64..1e9, 1..50)) {
            let q = quantiles(&mut values).unwrap();
            let all = [values[0], q.p05, q.p25, q.p50, q.p75, q.p95, values[values.len() - 1]];
            prop_assert!(all.is_sorted());
        }
    }
}
