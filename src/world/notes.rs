//! The event log of a world: what happened that a reader of the results wants to be told.

use bevy_ecs::prelude::Resource;

use super::ledger::AccountId;
use crate::quantity::Tick;

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    /// When.
    pub tick: Tick,
    /// In which block of the tick.
    pub block: u32,
    /// Who caused it, where somebody did.
    pub agent: Option<AccountId>,
    /// What kind of event: `mode_change`, `protocol_rebalance`, `enacted`.
    pub kind: &'static str,
    /// To what it happened: the name of a venue, a parameter, an asset.
    pub subject: String,
    /// The rest in words.
    pub detail: String,
    /// The figure that matters, where there is one; the kind says its unit.
    pub value: Option<f64>,
}

/// The events of a run so far. Those of a transaction that is rolled back are forgotten.
#[derive(Debug, Default, Resource)]
pub struct Notes {
    notes: Vec<Note>,
    kept: usize,
}

impl Notes {
    /// Adds an event; it stands once [`Self::keep`] is called.
    pub fn add(&mut self, note: Note) {
        self.notes.push(note);
    }

    /// Lets everything added since the last call stand.
    #[inline]
    pub fn keep(&mut self) {
        self.kept = self.notes.len();
    }

    /// Forgets what was added since the last [`Self::keep`].
    #[inline]
    pub fn forget(&mut self) {
        self.notes.truncate(self.kept);
    }

    /// All events that stand, oldest first.
    #[must_use]
    pub fn all(&self) -> &[Note] {
        &self.notes[..self.kept]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_rolled_back_is_forgotten() {
        let note = |kind| Note {
            tick: Tick(0),
            block: 0,
            agent: None,
            kind,
            subject: String::new(),
            detail: String::new(),
            value: None,
        };
        let mut notes = Notes::default();
        notes.add(note("stands"));
        notes.keep();
        notes.add(note("rolled back"));
        notes.forget();
        assert_eq!(notes.all().len(), 1);
    }
}
