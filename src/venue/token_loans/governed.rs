//! What can be voted on at the desk: what a loan costs and what backs it. A loan keeps the rate at which it was made, and what
//! was put up for it; the next one is made on the new terms.

use super::LendingDesk;
use crate::protocol::governance::{Parameter, Remedy};
use crate::venue::governance::registry::Governed;

/// A governable field of the terms.
struct Field {
    name: &'static str,
    unit: &'static str,
    meaning: &'static str,
    low: f64,
    high: f64,
}

const FIELDS: [Field; 3] = [
    Field {
        name: "base_rate_per_year",
        unit: "1/year",
        meaning: "what a loan of the token costs where hardly anything is lent, as a share of its value",
        low: 0.0,
        high: 1.0,
    },
    Field {
        name: "rate_slope_per_year",
        unit: "1/year",
        meaning: "what comes on top where all that is offered is lent, as a share of its value",
        low: 0.0,
        high: 5.0,
    },
    Field {
        name: "collateral_ratio",
        unit: "1",
        meaning: "dollars put up for each dollar of tokens borrowed",
        low: 1.05,
        high: 10.0,
    },
];

impl Governed for LendingDesk {
    fn parameter_count(&self) -> usize {
        FIELDS.len()
    }

    /// Nobody is thought to have a stake in them: whoever lends weighs the rate when it lends.
    fn parameters(&self) -> Vec<Parameter> {
        let parameter = |field: &Field| Parameter {
            name: format!("token_loans.{}", field.name),
            unit: field.unit,
            low: field.low,
            high: field.high,
            meaning: field.meaning,
            sensitivities: Vec::new(),
            remedy: Remedy::default(),
        };
        FIELDS.iter().map(parameter).collect()
    }

    fn parameter_value(&self, place: usize) -> Option<f64> {
        let terms = &self.terms;
        [terms.base_rate_per_year, terms.rate_slope_per_year, terms.collateral_ratio].get(place).copied()
    }

    fn set_parameter(&mut self, place: usize, value: f64) {
        let terms = &mut self.terms;
        let fields =
            [&mut terms.base_rate_per_year, &mut terms.rate_slope_per_year, &mut terms.collateral_ratio];
        if let Some(field) = fields.into_iter().nth(place) {
            *field = value;
        }
    }
}
