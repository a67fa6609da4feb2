//! What charts ask of the table of events.

use crate::record::table::Table;

/// Events of one run, in order of the table.
#[derive(Debug)]
pub struct Events<'a> {
    events: Vec<Event<'a>>,
}

/// One event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event<'a> {
    /// When.
    pub tick: i64,
    /// What: `mode_change`, `proposal`, ...
    pub kind: &'a str,
    /// To whom or what.
    pub subject: &'a str,
    /// More in words.
    pub detail: &'a str,
}

impl<'a> Events<'a> {
    /// The events of a run; `None` if the table has no `tick` and `kind`, or no event of that run. A table without
    /// `run` is that of a single run.
    #[must_use]
    pub fn of(table: &'a Table, run: i64) -> Option<Self> {
        let ticks = table.integer("tick").ok()?;
        let kinds = table.text("kind").ok()?;
        let runs = table.integer("run").ok();
        let word = |name: &str| table.text(name).ok();
        let (subjects, details) = (word("subject"), word("detail"));
        let cell = |cells: Option<&'a [Option<String>]>, row: usize| {
            cells.and_then(|cells| cells[row].as_deref()).unwrap_or_default()
        };
        let events: Vec<Event<'a>> = (0..table.rows())
            .filter(|row| runs.is_none_or(|runs| runs[*row] == run))
            .filter_map(|row| {
                let kind = kinds[row].as_deref()?;
                Some(Event {
                    tick: ticks[row],
                    kind,
                    subject: cell(subjects, row),
                    detail: cell(details, row),
                })
            })
            .collect();
        (!events.is_empty()).then_some(Self { events })
    }

    /// All events.
    #[must_use]
    pub fn all(&self) -> &[Event<'a>] {
        &self.events
    }

    /// Those of a kind.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Event<'a>> {
        self.events.iter().filter(move |event| event.kind == kind)
    }
}

/// `once`, `3 times`.
#[must_use]
pub fn times(count: usize) -> String {
    if count == 1 { "once".into() } else { format!("{} times", super::axis::number(count as f64, 6)) }
}
