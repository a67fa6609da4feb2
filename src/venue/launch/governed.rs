//! What can be voted on at a launch while it has not been drawn: how many tickets it takes, how many one account may have,
//! and how long they are registered.
//!
//! What tickets cost, bring and burn cannot be changed: somebody may have paid. Nor can registration end earlier than was
//! announced, and once winners are drawn nothing changes any more.

use super::Launch;
use crate::protocol::governance::{Parameter, Remedy};
use crate::quantity::SECONDS_PER_HOUR;
use crate::venue::governance::registry::Governed;

const ACTIVATION_THRESHOLD: usize = 0;
const MOST_TICKETS: usize = 1;
const REGISTRATION_END: usize = 2;

/// A height of a launch as hours since the start of a run.
fn hours(height: u64) -> f64 {
    height.saturating_sub(1) as f64 / SECONDS_PER_HOUR as f64
}

/// The terms that may still change. Voters think nothing of them by themselves: who gains has not bought yet, and who has
/// bought holds nothing yet that has a price.
impl Governed for Launch {
    fn parameter_count(&self) -> usize {
        3
    }

    fn parameters(&self) -> Vec<Parameter> {
        let tickets = self.sale.tickets as f64;
        let founded = &self.founded;
        let all: [(_, _, [f64; 2], _); 3] = [
            (
                "activation_threshold",
                "tickets",
                [0.0, tickets.max(founded.activation_threshold as f64)],
                "registered tickets below which nothing is sold and everybody is paid back",
            ),
            (
                "most_tickets",
                "tickets",
                [1.0, tickets.max(founded.max_tickets as f64)],
                "most tickets of an account that registers from now on",
            ),
            (
                "closes_hours",
                "hours",
                [hours(founded.registration_end), hours(founded.claim_end.saturating_sub(1))],
                "end of the registration, in hours since the start",
            ),
        ];
        let terms = (0..).zip(all).map(|(place, (name, unit, [low, high], meaning))| {
            let fixed = self.parameter_value(place).filter(|_| self.record.drawn);
            Parameter {
                name: format!("{}.{name}", self.terms.name),
                unit,
                low: fixed.unwrap_or(low),
                high: fixed.unwrap_or(high),
                meaning,
                sensitivities: Vec::new(),
                remedy: Remedy::default(),
            }
        });
        terms.collect()
    }

    fn parameter_value(&self, place: usize) -> Option<f64> {
        let terms = &self.sale.terms;
        match place {
            ACTIVATION_THRESHOLD => Some(terms.activation_threshold as f64),
            MOST_TICKETS => Some(terms.max_tickets as f64),
            REGISTRATION_END => Some(hours(terms.registration_end)),
            _ => None,
        }
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked against the bounds")]
    fn set_parameter(&mut self, place: usize, value: f64) {
        let terms = &mut self.sale.terms;
        match place {
            ACTIVATION_THRESHOLD => terms.activation_threshold = value.round() as u64,
            MOST_TICKETS => terms.max_tickets = value.round() as u64,
            REGISTRATION_END => {
                terms.registration_end = Self::height_of((value * SECONDS_PER_HOUR as f64).round() as i64);
            }
            _ => {}
        }
    }
}
