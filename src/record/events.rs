//! The event log as a table: what the protocols did, and what became of transactions.
//!
//! Rows stand in the order of blocks. Three kinds of row come from transactions: `refusals` (how often a block refused the
//! same for the same reason), `transaction` and `refused` (an action of one that went through, of one that did not).

use super::recorder::{Scene, column, time_of};
use super::table::{Cells, Column, Table, TableError};
use crate::quantity::{Amount, AssetId};
use crate::venue::Venues;
use crate::venue::transactions::{CountedRefusal, Deed, LoggedAction, TransactionLog};
use crate::world::ledger::{AccountId, Ledger};
use crate::world::notes::Note;

/// One row of the table.
#[derive(Debug, Clone, Copy)]
enum Event<'a> {
    Note(&'a Note),
    Refusals(&'a CountedRefusal),
    Action(&'a LoggedAction),
}

impl Event<'_> {
    const fn when(&self) -> (u32, u32) {
        match self {
            Self::Note(note) => (note.tick.0, note.block),
            Self::Refusals(count) => (count.tick.0, count.block),
            Self::Action(action) => (action.heading.tick.0, action.heading.block),
        }
    }

    const fn kind(&self) -> &'static str {
        match self {
            Self::Note(note) => note.kind,
            Self::Refusals(_) => "refusals",
            Self::Action(action) if action.succeeded => "transaction",
            Self::Action(_) => "refused",
        }
    }

    /// Somebody of the population concerned.
    const fn member(&self) -> Option<AccountId> {
        match self {
            Self::Note(note) => note.agent,
            Self::Refusals(count) => Some(count.agent),
            Self::Action(action) => Some(action.heading.agent),
        }
    }

    /// Who it was, where it was one alone.
    const fn agent(&self) -> Option<AccountId> {
        match self {
            Self::Refusals(_) => None,
            _ => self.member(),
        }
    }

    const fn deed(&self) -> Option<Deed> {
        match self {
            Self::Note(_) => None,
            Self::Refusals(count) => Some(count.deed),
            Self::Action(action) => Some(action.deed),
        }
    }

    const fn action(&self) -> Option<&LoggedAction> {
        match self {
            Self::Action(action) => Some(action),
            _ => None,
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            Self::Note(note) => Some(note.detail.clone()),
            Self::Refusals(_) => None,
            Self::Action(action) => action.refusal.as_ref().map(ToString::to_string),
        }
    }

    fn value(&self) -> Option<f64> {
        match self {
            Self::Note(note) => note.value.filter(|value| value.is_finite()),
            Self::Refusals(count) => Some(f64::from(count.count)),
            Self::Action(_) => None,
        }
    }

    fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Note(_) => None,
            Self::Refusals(count) => Some(count.reason),
            Self::Action(action) => action.refusal.as_ref().map(|refusal| refusal.reason()),
        }
    }
}

/// Notes and logged events by block; both are in order by themselves, and notes go first.
fn merge<'a>(notes: &'a [Note], logged: impl Iterator<Item = Event<'a>>) -> Vec<Event<'a>> {
    let mut notes = notes.iter().map(Event::Note).peekable();
    let mut events = Vec::new();
    for event in logged {
        while let Some(note) = notes.next_if(|note| note.when() <= event.when()) {
            events.push(note);
        }
        events.push(event);
    }
    events.extend(notes);
    events
}

/// Everything that happened in a run, in the order of blocks.
#[derive(Debug)]
pub struct Happened<'a> {
    events: Vec<Event<'a>>,
    ledger: &'a Ledger,
    venues: &'a Venues,
}

impl<'a> Happened<'a> {
    /// What `notes` and the scene's log of transactions say.
    #[must_use]
    pub fn of(notes: &'a [Note], scene: &'a Scene<'_>) -> Self {
        Self::merged(notes, scene.receipts.transactions(), scene.ledger, scene.venues)
    }

    fn merged(notes: &'a [Note], log: &'a TransactionLog, ledger: &'a Ledger, venues: &'a Venues) -> Self {
        // A log counts or tells, never both.
        let logged = log.counts().iter().map(Event::Refusals).chain(log.actions().iter().map(Event::Action));
        Self { events: merge(notes, logged), ledger, venues }
    }

    fn words(&self, name: &str, meaning: &str, read: impl Fn(&Event<'a>) -> Option<String>) -> Column {
        column(name, "", meaning, Cells::Text(self.events.iter().map(read).collect()))
    }

    fn reals(&self, name: &str, meaning: &str, read: impl Fn(&Event<'a>) -> Option<f64>) -> Column {
        column(name, "", meaning, Cells::Real(self.events.iter().map(read).collect()))
    }

    fn integers(&self, name: &str, meaning: &str, read: impl Fn(&Event<'a>) -> i64) -> Column {
        column(name, "", meaning, Cells::Integer(self.events.iter().map(read).collect()))
    }

    /// How much of which asset moved: two columns.
    fn amounts(
        &self,
        name: &str,
        meaning: &str,
        read: fn(&LoggedAction) -> Option<(AssetId, Amount)>,
    ) -> [Column; 2] {
        let moved = |event: &Event<'a>| event.action().and_then(read);
        [
            self.reals(name, &format!("units {meaning}"), |event| {
                moved(event).map(|(asset, amount)| self.ledger.asset(asset).decimals.units(amount))
            }),
            self.words(&format!("{name}_asset"), &format!("ticker of what was {name}"), |event| {
                moved(event).map(|(asset, _)| self.ledger.asset(asset).symbol.clone())
            }),
        ]
    }
}

/// The `events` table of run number `run`; `kind_of` names the population of an agent's account.
///
/// # Errors
/// None in practice: the columns are built to one length.
pub fn events_table(
    happened: &Happened<'_>,
    run: u32,
    start_unix_seconds: i64,
    tick_seconds: i64,
    kind_of: impl Fn(u32) -> Option<String>,
) -> Result<Table, TableError> {
    let time = |tick: u32| time_of(start_unix_seconds + i64::from(tick) * tick_seconds);
    let subject = |event: &Event<'_>| match (event, event.deed()) {
        (Event::Note(note), _) => Some(note.subject.clone()),
        (_, deed) => deed.map(|deed| happened.venues.place_name(deed.place).to_owned()),
    };
    let mut columns = vec![
        happened.integers("run", "number of the run", |_| i64::from(run)),
        happened.integers("tick", "time step", |event| i64::from(event.when().0)),
        happened.integers("block", "block of the tick", |event| i64::from(event.when().1)),
        happened.words("time", "RFC 3339, UTC", |event| time(event.when().0)),
        happened.words("kind", "what happened", |event| Some(event.kind().to_owned())),
        happened.words("agent", "account of whoever caused it", |event| {
            event.agent().map(|agent| agent.0.to_string())
        }),
        happened.words("agent_kind", "population of that agent", |event| {
            event.member().and_then(|agent| kind_of(agent.0))
        }),
        happened.words("subject", "to what it happened, or where", subject),
        happened.words("detail", "the rest in words", Event::detail),
        happened.reals("value", "the figure that matters; of refusals, how many", Event::value),
        happened.reals("transaction", "number of the transaction in the run, from zero", |event| {
            event.action().map(|action| action.heading.number as f64)
        }),
        happened.reals("step", "place of the action in its transaction, from zero", |event| {
            event.action().map(|action| f64::from(action.step))
        }),
        happened.words("action", "what was asked", |event| event.deed().map(|deed| deed.name.to_owned())),
    ];
    columns.extend(happened.amounts("paid", "that left the agent's wallet", |action| action.paid));
    columns.extend(happened.amounts("received", "that entered the agent's wallet", |action| action.received));
    columns
        .push(happened.words("refusal", "why it was refused, in a word", |event| {
            event.reason().map(ToOwned::to_owned)
        }));
    Table::new(columns)
}

#[cfg(test)]
mod tests;
