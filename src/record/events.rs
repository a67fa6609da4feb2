//! The event log as a table.

use super::recorder::{column, time_of};
use super::table::{Cells, Table, TableError};
use crate::world::notes::Note;

/// The `events` table of run number `run`; `kind_of` names the population of an agent's account.
///
/// # Errors
/// None in practice: the columns are built to one length.
pub fn events_table(
    notes: &[Note],
    run: u32,
    start_unix_seconds: i64,
    tick_seconds: i64,
    kind_of: impl Fn(u32) -> Option<String>,
) -> Result<Table, TableError> {
    let integers = |read: fn(&Note) -> i64| Cells::Integer(notes.iter().map(read).collect());
    let words = |read: &dyn Fn(&Note) -> Option<String>| Cells::Text(notes.iter().map(read).collect());
    Table::new(vec![
        column("run", "", "number of the run", Cells::Integer(vec![i64::from(run); notes.len()])),
        column("tick", "", "time step", integers(|note| i64::from(note.tick.0))),
        column("block", "", "block of the tick", integers(|note| i64::from(note.block))),
        column(
            "time",
            "",
            "RFC 3339, UTC",
            words(&|note| time_of(start_unix_seconds + i64::from(note.tick.0) * tick_seconds)),
        ),
        column("kind", "", "what happened", words(&|note| Some(note.kind.to_owned()))),
        column(
            "agent",
            "",
            "account of whoever caused it",
            words(&|note| note.agent.map(|agent| agent.0.to_string())),
        ),
        column(
            "agent_kind",
            "",
            "population of that agent",
            words(&|note| note.agent.and_then(|agent| kind_of(agent.0))),
        ),
        column("subject", "", "to what it happened", words(&|note| Some(note.subject.clone()))),
        column("detail", "", "the rest in words", words(&|note| Some(note.detail.clone()))),
        column(
            "value",
            "",
            "the figure that matters",
            Cells::Real(notes.iter().map(|note| note.value.filter(|value| value.is_finite())).collect()),
        ),
    ])
}
