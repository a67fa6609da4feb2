//! What may be proposed, and what a measure does when it takes effect.
//!
//! Bounds are checked twice: when a measure is proposed, and again when it takes effect, for the supply, the reserve and the
//! phase may have changed in between. What cannot take effect is cancelled, and nothing of it happens.

use super::state::Governance;
use crate::protocol::governance::{Measure, MeasureError, ParameterError, ParameterId, Ramp};
use crate::quantity::{Amount, SECONDS_PER_HOUR};
use crate::venue::accrual::settle_attempt;
use crate::venue::issuance::{IssuanceRefusal, SaleOrder};
use crate::venue::{Deal, Refusal, Venues};
use crate::world::ledger::{AccountId, Ledger};

/// The longest that a measure can last: a year.
const LONGEST_HOURS: u32 = 8_760;

fn check_hours(hours: u32) -> Result<(), MeasureError> {
    if hours == 0 || hours > LONGEST_HOURS {
        return Err(MeasureError::Hours { most: LONGEST_HOURS, found: hours });
    }
    Ok(())
}

fn check_amount(found: Amount, most: Amount) -> Result<(), MeasureError> {
    if !found.is_positive() || found > most {
        return Err(MeasureError::Amount { most, found });
    }
    Ok(())
}

impl Venues {
    /// Says whether a measure could take effect now.
    ///
    /// # Errors
    /// [`MeasureError`] says what is out of bounds.
    pub fn check_measure(
        &self,
        ledger: &Ledger,
        measure: &Measure,
        now_seconds: i64,
    ) -> Result<(), MeasureError> {
        let Some(governance) = &self.governance else { return Err(MeasureError::LastPhase) };
        match *measure {
            Measure::Set { parameter, to, .. } => self.check_value(parameter, to),
            Measure::Schedule { parameter, to, hours, .. } => {
                check_hours(hours)?;
                self.check_value(parameter, to)
            }
            Measure::Issue { tokens, hours, .. } => {
                check_hours(hours)?;
                check_amount(tokens, governance.rules.most_issued(ledger.supply(governance.token)))?;
                self.check_token_market(governance)
            }
            Measure::BuyBack { cash, hours } => {
                check_hours(hours)?;
                check_amount(cash, governance.disposable(ledger))?;
                self.check_token_market(governance)
            }
            Measure::Spend { recipient, cash } => {
                // What reaches a venue's account unasked would be nobody's there.
                if recipient >= ledger.accounts() || !governance.holders().contains(&AccountId(recipient)) {
                    return Err(MeasureError::NoAccount(recipient));
                }
                check_amount(cash, governance.disposable(ledger))
            }
            Measure::Pause { venue, hours } => {
                check_hours(hours)?;
                if self.pausable().any(|(id, _)| id == venue) {
                    Ok(())
                } else {
                    Err(MeasureError::NoVenue(venue.0))
                }
            }
            Measure::AdvancePhase => {
                let readiness = governance.readiness().ok_or(MeasureError::LastPhase)?;
                readiness.check(&governance.progress(now_seconds)).map_err(MeasureError::NotReady)
            }
        }
    }

    fn check_value(&self, id: ParameterId, value: f64) -> Result<(), MeasureError> {
        let parameter = self.parameter(id).ok_or(ParameterError::Unknown(id.0))?;
        Ok(parameter.check(value)?)
    }

    fn check_token_market(&self, governance: &Governance) -> Result<(), MeasureError> {
        let Some(economy) = &self.token else { return Err(MeasureError::NoMarket) };
        if economy.record.sale.is_some() || economy.record.buy_back.is_some() {
            return Err(MeasureError::Busy);
        }
        if self.pools.iter().any(|pool| pool.coins.contains(&governance.token)) {
            Ok(())
        } else {
            Err(MeasureError::NoMarket)
        }
    }

    /// Puts a measure into effect. Answers with what happened, in words.
    pub(super) fn take_effect(
        &mut self,
        deal: &mut Deal<'_>,
        measure: &Measure,
        now_seconds: i64,
    ) -> Result<String, MeasureError> {
        self.check_measure(deal.ledger, measure, now_seconds)?;
        match *measure {
            Measure::Set { parameter, to, .. } => {
                let was = self.begin_change(parameter)?;
                self.set_parameter(parameter, to)?;
                Ok(format!("was {was}"))
            }
            Measure::Schedule { parameter, to, hours, .. } => {
                let from = self.begin_change(parameter)?;
                let ends_seconds = now_seconds.saturating_add(i64::from(hours) * SECONDS_PER_HOUR);
                let ramp = Ramp { parameter, from, to, begins_seconds: now_seconds, ends_seconds };
                if let Some(governance) = &mut self.governance {
                    governance.ramps.push(ramp);
                }
                Ok(format!("was {from}, moves for {hours} h"))
            }
            Measure::Issue { tokens, hours, purpose } => {
                let order =
                    SaleOrder { tokens, purpose, over_hours: f64::from(hours), least_price_usd: None };
                self.begin_program(deal, |venues, deal| venues.start_sale(deal, order))
            }
            Measure::BuyBack { cash, hours } => {
                self.begin_program(deal, |venues, deal| venues.start_buy_back(deal, cash, f64::from(hours)))
            }
            Measure::Spend { recipient, cash } => self.spend(deal.ledger, AccountId(recipient), cash),
            Measure::Pause { venue, hours } => {
                let until = now_seconds.saturating_add(i64::from(hours) * SECONDS_PER_HOUR);
                self.pauses.stop(venue, until);
                Ok(format!("stopped for {hours} h"))
            }
            Measure::AdvancePhase => {
                let Some(governance) = &mut self.governance else { return Err(MeasureError::LastPhase) };
                let next = governance.phase.next().ok_or(MeasureError::LastPhase)?;
                let was = std::mem::replace(&mut governance.phase, next);
                governance.phase_since_seconds = now_seconds;
                Ok(format!("{} -> {}", was.name(), next.name()))
            }
        }
    }

    /// The value of a parameter that is about to change; a ramp that moves it ends here.
    fn begin_change(&mut self, parameter: ParameterId) -> Result<f64, ParameterError> {
        let value = self.parameter_value(parameter).ok_or(ParameterError::Unknown(parameter.0))?;
        if let Some(governance) = &mut self.governance {
            governance.ramps.retain(|ramp| ramp.parameter != parameter);
            if governance.original(parameter).is_none() {
                governance.originals.push((parameter, value));
            }
        }
        Ok(value)
    }

    /// Moves every parameter that is on its way.
    pub(super) fn move_ramps(&mut self, now_seconds: i64) {
        let Some(governance) = &mut self.governance else { return };
        let ramps = std::mem::take(&mut governance.ramps);
        for ramp in &ramps {
            // Both ends were within the bounds, and the ramp lies between them. What has become fixed meanwhile stays.
            let _within = self.set_parameter(ramp.parameter, ramp.value(now_seconds));
        }
        if let Some(governance) = &mut self.governance {
            governance.ramps = ramps.into_iter().filter(|ramp| now_seconds < ramp.ends_seconds).collect();
        }
    }

    fn spend(
        &mut self,
        ledger: &mut Ledger,
        recipient: AccountId,
        cash: Amount,
    ) -> Result<String, MeasureError> {
        let Some(governance) = &self.governance else { return Err(MeasureError::LastPhase) };
        let most = governance.disposable(ledger);
        let Some(reserve) = governance.reserve else {
            return Err(MeasureError::Amount { most, found: cash });
        };
        let dollar = governance.dollar;
        let paid = ledger.transfer(reserve, recipient, dollar, cash);
        paid.map_err(|_| MeasureError::Amount { most, found: cash })?;
        Ok(format!(
            "{:.2} dollars paid to account {}",
            ledger.asset(dollar).decimals.units(cash),
            recipient.0
        ))
    }

    /// Starts a sale or a buy-back; all of it is undone where it cannot begin.
    fn begin_program(
        &mut self,
        deal: &mut Deal<'_>,
        begin: impl FnOnce(&mut Self, &mut Deal<'_>) -> Result<(), Refusal>,
    ) -> Result<String, MeasureError> {
        let outcome = begin(self, deal);
        settle_attempt(self, deal, outcome.is_ok());
        match outcome {
            Ok(()) => Ok("begins with the next tick".into()),
            Err(Refusal::Issuance(IssuanceRefusal::GoesOn { .. })) => Err(MeasureError::Busy),
            Err(_) => Err(MeasureError::NoMarket),
        }
    }
}

impl Governance {
    /// The most dollars of the reserve that one vote may dispose of, in atoms.
    #[must_use]
    pub fn disposable(&self, ledger: &Ledger) -> Amount {
        let Some(reserve) = self.reserve else { return Amount::ZERO };
        self.rules.most_spent(ledger.balance(reserve, self.dollar))
    }
}
