//! Reads the metrics of a world, tick by tick, into columns.

use std::cell::OnceCell;

use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemParam;
use jiff::Timestamp;

use super::table::{Cells, Column, Table, TableError};
use crate::venue::attribution::Attribution;
use crate::venue::execute::Receipts;
use crate::venue::{Equity, Kept, Valuation, Venues};
use crate::world::calendar::Calendar;
use crate::world::clock::Clock;
use crate::world::ledger::Ledger;
use crate::world::notes::Notes;
use crate::world::oracle::Oracle;

/// Who looks at a world to record it.
#[derive(SystemParam)]
pub struct Onlooker<'w> {
    ledger: Res<'w, Ledger>,
    venues: Res<'w, Venues>,
    oracle: Res<'w, Oracle>,
    clock: Res<'w, Clock>,
    calendar: Res<'w, Calendar>,
    receipts: Res<'w, Receipts>,
    valuation: Res<'w, Valuation>,
    attribution: Res<'w, Attribution>,
    notes: Res<'w, Notes>,
}

impl Onlooker<'_> {
    /// What there is to see.
    #[must_use]
    pub fn scene(&self) -> Scene<'_> {
        Scene {
            ledger: &self.ledger,
            venues: &self.venues,
            oracle: &self.oracle,
            clock: &self.clock,
            calendar: &self.calendar,
            receipts: &self.receipts,
            valuation: &self.valuation,
            attribution: &self.attribution,
            notes: &self.notes,
            kept: OnceCell::new(),
        }
    }
}

/// All that a metric may read.
#[derive(Debug)]
pub struct Scene<'w> {
    /// Every balance.
    pub ledger: &'w Ledger,
    /// Every venue.
    pub venues: &'w Venues,
    /// Outside prices.
    pub oracle: &'w Oracle,
    /// The time.
    pub clock: &'w Clock,
    /// Who is awake.
    pub calendar: &'w Calendar,
    /// What became of the tick's transactions.
    pub receipts: &'w Receipts,
    /// What things are worth.
    pub valuation: &'w Valuation,
    /// Where profit came from.
    pub attribution: &'w Attribution,
    /// The event log.
    pub notes: &'w Notes,
    /// What venues keep for everybody, once somebody has asked: several metrics do, and it takes a look at every venue's books.
    kept: OnceCell<Kept>,
}

impl Scene<'_> {
    /// What accounts are worth now.
    #[must_use]
    pub fn equity(&self) -> Equity<'_> {
        let kept = self.kept.get_or_init(|| Kept::new(self.valuation, self.ledger, self.venues));
        Equity::given(kept, self.valuation, self.ledger, self.venues)
    }
}

/// How often a metric is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cadence {
    /// At every recorded tick.
    Tick,
    /// At surveys only, because reading it costs a look at every account; null in between.
    Survey,
}

type Read = Box<dyn FnMut(&Scene<'_>) -> Option<f64> + Send + Sync>;

/// A figure that is read off the world: `None` is "undefined", never a sentinel number.
pub struct Metric {
    /// Bare name of its column.
    pub name: String,
    /// Unit: `usd`, `%`, `x`, `1`.
    pub unit: &'static str,
    /// One line of meaning.
    pub meaning: String,
    /// How often it is read.
    pub cadence: Cadence,
    read: Read,
}

impl Metric {
    /// A metric read at every recorded tick.
    pub fn new(
        name: impl Into<String>,
        unit: &'static str,
        meaning: impl Into<String>,
        read: impl FnMut(&Scene<'_>) -> Option<f64> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            unit,
            meaning: meaning.into(),
            cadence: Cadence::Tick,
            read: Box::new(read),
        }
    }

    /// The same metric, read at surveys only.
    #[must_use]
    pub fn at_surveys(mut self) -> Self {
        self.cadence = Cadence::Survey;
        self
    }
}

/// The metrics of a run and what they have read so far.
#[derive(Resource)]
pub struct Recorder {
    every_ticks: u32,
    survey_every_ticks: u32,
    last_tick: u32,
    metrics: Vec<Metric>,
    ticks: Vec<i64>,
    columns: Vec<Vec<Option<f64>>>,
}

impl Recorder {
    /// A recorder of `metrics`, read every `every_ticks` and surveyed every `survey_every_ticks`, both also at
    /// `last_tick`. A cadence of zero counts as one.
    #[must_use]
    pub fn new(metrics: Vec<Metric>, every_ticks: u32, survey_every_ticks: u32, last_tick: u32) -> Self {
        let columns = metrics.iter().map(|_| Vec::new()).collect();
        Self {
            every_ticks: every_ticks.max(1),
            survey_every_ticks: survey_every_ticks.max(1),
            last_tick,
            metrics,
            ticks: Vec::new(),
            columns,
        }
    }

    /// The metrics.
    #[must_use]
    pub fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    /// Takes a row. A figure that is not finite is recorded as undefined.
    fn look(&mut self, scene: &Scene<'_>) {
        let tick = scene.clock.tick().0;
        let last = tick == self.last_tick;
        if !tick.is_multiple_of(self.every_ticks) && !last {
            return;
        }
        let survey = tick.is_multiple_of(self.survey_every_ticks) || last;
        self.ticks.push(i64::from(tick));
        for (metric, column) in self.metrics.iter_mut().zip(&mut self.columns) {
            let due = survey || metric.cadence == Cadence::Tick;
            let figure = if due { (metric.read)(scene) } else { None };
            column.push(figure.filter(|figure| figure.is_finite()));
        }
    }

    /// Gives up what was recorded as the `series` table of run number `run`.
    ///
    /// # Errors
    /// [`TableError::Shape`] if two metrics share a name.
    pub fn take_series(
        &mut self,
        run: u32,
        start_unix_seconds: i64,
        tick_seconds: i64,
    ) -> Result<Table, TableError> {
        let ticks = std::mem::take(&mut self.ticks);
        let times = ticks.iter().map(|tick| time_of(start_unix_seconds + tick * tick_seconds)).collect();
        let mut columns = vec![
            column(
                "run",
                "",
                "number of the run, from zero",
                Cells::Integer(vec![i64::from(run); ticks.len()]),
            ),
            column("tick", "", "time step, from zero", Cells::Integer(ticks)),
            column("time", "", "RFC 3339, UTC", Cells::Text(times)),
        ];
        for (metric, cells) in self.metrics.iter().zip(&mut self.columns) {
            columns.push(column(
                &metric.name,
                metric.unit,
                &metric.meaning,
                Cells::Real(std::mem::take(cells)),
            ));
        }
        Table::new(columns)
    }
}

/// The instant in RFC 3339, or none for one outside the calendar.
#[must_use]
pub fn time_of(unix_seconds: i64) -> Option<String> {
    Timestamp::from_second(unix_seconds).ok().map(|instant| instant.to_string())
}

pub(super) fn column(name: &str, unit: &str, meaning: &str, cells: Cells) -> Column {
    Column { name: name.into(), unit: unit.into(), meaning: meaning.into(), cells }
}

/// Takes a row: the system of [`crate::world::phase::Phase::Record`].
pub fn record(onlooker: Onlooker, mut recorder: ResMut<Recorder>) {
    recorder.look(&onlooker.scene());
}
