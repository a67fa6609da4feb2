//! What can be voted on at a staking pool: how much it emits, how long an era lasts, what comes with a reward, and what
//! whoever rolls its vault keeps.
//!
//! A change is made in place, as in the contracts: it holds for every cycle that is not claimed, past ones included.

use super::registry::Governed;
use crate::protocol::governance::{Holding, Parameter, Remedy, Sensitivity};
use crate::protocol::staking::Coinbase;
use crate::quantity::Amount;
use crate::venue::stake_pools::EmissionPool;

const EMISSION_PER_CYCLE: usize = 0;
const HALVING_CYCLES: usize = 1;
const APOWER_MULTIPLIER: usize = 2;
const VAULT_BOUNTY: usize = 3;

/// How far votes can raise the emission, and stretch an era, as multiples of what they were at the start.
const MOST_EMISSION: f64 = 2.0;
const LONGEST_ERA: f64 = 4.0;
/// How far votes can raise the `APower` of a reward, and a bounty, as multiples of what they were at the start or of one.
const MOST_APOWER: f64 = 2.0;
const MOST_BOUNTY: f64 = 10.0;

/// A staking pool's schedule.
///
/// A token more a cycle is a gain for those who hold what is staked, spread over what the pool was founded with, and dilutes
/// whoever holds the token. How long an era lasts, voters think nothing of by itself; nor of `APower`, which has no price, nor
/// of a bounty that barely pays for the transaction.
impl Governed for EmissionPool {
    fn parameter_count(&self) -> usize {
        if self.vault().is_some() { 4 } else { 3 }
    }

    fn parameters(&self) -> Vec<Parameter> {
        let gain = |holding, yearly_share_per_unit| Sensitivity { holding, yearly_share_per_unit };
        let first = self.tokens(self.initial().amounts[0]);
        let silent = |name: &str, unit, high, meaning| Parameter {
            name: format!("{}.{name}", self.name),
            unit,
            low: 0.0,
            high,
            meaning,
            sensitivities: Vec::new(),
            remedy: Remedy::default(),
        };
        let (apower, bounty) = (self.initial_apower_multiplier(), self.tokens(self.initial_bounty()));
        let mut parameters = vec![
            Parameter {
                name: format!("{}.emission_per_cycle", self.name),
                unit: "tokens",
                low: 0.0,
                high: MOST_EMISSION * first,
                meaning: "new tokens a cycle in the first era; those of later eras in proportion",
                sensitivities: vec![
                    gain(Holding::Asset(self.asset), self.view.gain_per_year),
                    gain(Holding::GovernanceToken, -self.view.dilution_per_year),
                ],
                remedy: Remedy::default(),
            },
            Parameter {
                name: format!("{}.halving_cycles", self.name),
                unit: "cycles",
                low: 1.0,
                high: LONGEST_ERA * f64::from(self.initial().last_cycles[0]),
                meaning: "cycles of an era, after which the next amount is emitted",
                sensitivities: Vec::new(),
                remedy: Remedy::default(),
            },
            silent(
                "apower_multiplier",
                "1",
                MOST_APOWER * apower.max(1.0),
                "APower for each token of reward that is claimed",
            ),
        ];
        if self.vault().is_some() {
            let meaning = "what whoever rolls a cycle of the vault keeps";
            parameters.push(silent("vault_bounty", "tokens", MOST_BOUNTY * bounty.max(1.0), meaning));
        }
        parameters
    }

    fn parameter_value(&self, place: usize) -> Option<f64> {
        let coinbase = &self.rules.coinbase;
        match place {
            EMISSION_PER_CYCLE => Some(self.tokens(coinbase.amounts[0])),
            HALVING_CYCLES => Some(f64::from(coinbase.last_cycles[0])),
            APOWER_MULTIPLIER => Some(self.rules.apower_multiplier),
            VAULT_BOUNTY => self.vault().map(|vault| self.tokens(vault.vault.bounty)),
            _ => None,
        }
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked against the bounds")]
    fn set_parameter(&mut self, place: usize, value: f64) {
        let coinbase = self.rules.coinbase;
        match place {
            EMISSION_PER_CYCLE => {
                let first = self.tokens(self.initial().amounts[0]);
                let part = if first > 0.0 { value / first } else { 0.0 };
                let scaled = |amount: Amount| (amount.atoms() as f64 * part).round() as i64;
                let amounts = self.initial().amounts.map(|amount| Amount::from_atoms(scaled(amount)));
                self.rules.coinbase = Coinbase { amounts, ..coinbase };
            }
            HALVING_CYCLES => self.rules.coinbase = coinbase.with_halving(value.round() as u32),
            APOWER_MULTIPLIER => self.rules.apower_multiplier = value,
            VAULT_BOUNTY => self.set_bounty(value),
            _ => {}
        }
    }
}
