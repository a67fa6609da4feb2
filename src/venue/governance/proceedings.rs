//! How a governed world proceeds within a block: proposing, calling, withdrawing.

use super::ballot::{Ballot, Bribe, Poll};
use super::closing::{figure, note, told};
use super::roll::Roll;
use super::state::{Before, Order};
use super::{Call, GovernAction, GovernRefusal, Governance, Which};
use crate::protocol::governance::{Aim, Executive, Measure, MeasureError, Proposal, Purpose};
use crate::quantity::Amount;
use crate::venue::{Deal, Refusal, Undo, Venues};
use crate::world::ledger::{AccountId, Ledger};

impl Venues {
    /// The same venues, governed.
    #[must_use]
    pub fn governed_by(mut self, mut governance: Governance) -> Self {
        governance.dollar = self.exchange.dollar();
        self.governance = Some(governance);
        self
    }

    /// Governance, if this world has one.
    #[must_use]
    pub const fn governance(&self) -> Option<&Governance> {
        self.governance.as_ref()
    }

    /// Governance, to appoint a team or to say who counts.
    pub const fn governance_mut(&mut self) -> Option<&mut Governance> {
        self.governance.as_mut()
    }

    /// Performs a governance action. Answers with the dollars that it brings its sender.
    pub(in crate::venue) fn perform_govern(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        action: GovernAction,
        previous: Amount,
    ) -> Result<Amount, Refusal> {
        // Out of the venues for as long as they are looked at whole.
        let mut undo = std::mem::take(&mut self.undo);
        let outcome = self.govern_action(deal, &mut undo, actor, action, previous);
        self.undo = undo;
        outcome
    }

    fn govern_action(
        &mut self,
        deal: &mut Deal<'_>,
        undo: &mut Vec<Undo>,
        actor: AccountId,
        action: GovernAction,
        previous: Amount,
    ) -> Result<Amount, Refusal> {
        match action {
            GovernAction::Propose { measure } => self.propose(deal, undo, actor, measure)?,
            GovernAction::Execute { measure } => self.call_for_measure(deal, undo, actor, measure)?,
            GovernAction::Vote { ballot, support, weight } => {
                let governance = self.governance.as_mut().ok_or(GovernRefusal::NoGovernance)?;
                let weight = weight.resolve(previous);
                return governance.vote(deal, undo, &self.stakes, actor, ballot, support, weight);
            }
            _ => {
                let governance = self.governance.as_mut().ok_or(GovernRefusal::NoGovernance)?;
                governance.perform(deal, undo, actor, action)?;
            }
        }
        Ok(Amount::ZERO)
    }

    fn propose(
        &mut self,
        deal: &mut Deal<'_>,
        undo: &mut Vec<Undo>,
        proposer: AccountId,
        measure: Measure,
    ) -> Result<(), GovernRefusal> {
        let governance = self.governance.as_ref().ok_or(GovernRefusal::NoGovernance)?;
        let now = deal.clock.now_seconds();
        let supply = governance.power_supply(deal.ledger, &self.stakes);
        let held = governance.power_of(deal.ledger, &self.stakes, proposer);
        governance.may_propose(proposer, held, supply, now)?;
        if let Some(other) = governance.in_the_way(&measure) {
            return Err(GovernRefusal::Collides {
                number: other.number,
                ends_seconds: other.proposal.ends_seconds,
            });
        }
        let measure = self.at_present(measure);
        self.check_measure(deal.ledger, &measure, now)?;
        if let Measure::Set { from, to, .. } | Measure::Schedule { from, to, .. } = measure
            && from == to
        {
            return Err(MeasureError::NoChange.into());
        }
        let (subject, what) = self.describe(deal.ledger, &measure);
        let detail = format!("{what}{}", self.aim_in_words(&measure));
        let Some(governance) = &mut self.governance else { return Err(GovernRefusal::NoGovernance) };
        let proposal = Proposal::open(&governance.rules, measure, supply, now);
        governance.made += 1;
        governance.polls += u32::from(proposal.is_polled());
        let poll = if proposal.is_polled() { governance.polls } else { 0 };
        let ballot = Ballot { number: governance.made, poll, proposer, proposal, bribe: None };
        governance.open.push(Poll { ballot, roll: Roll::default() });
        undo.push(Before::NotProposed.into());
        deal.notes.add(note(deal.clock, "proposal", Some(ballot), &subject, detail, figure(&measure)));
        Ok(())
    }

    /// The same measure, from the present value of its parameter.
    fn at_present(&self, measure: Measure) -> Measure {
        let value = measure.target().and_then(|(parameter, _)| self.parameter_value(parameter));
        match (measure, value) {
            (Measure::Set { parameter, to, .. }, Some(from)) => Measure::Set { parameter, from, to },
            (Measure::Schedule { parameter, to, hours, .. }, Some(from)) => {
                Measure::Schedule { parameter, from, to, hours }
            }
            (other, _) => other,
        }
    }

    fn call_for_measure(
        &mut self,
        deal: &mut Deal<'_>,
        undo: &mut Vec<Undo>,
        member: AccountId,
        measure: Measure,
    ) -> Result<(), GovernRefusal> {
        let now = deal.clock.now_seconds();
        let measure = self.at_present(measure);
        let governance = self.governance.as_ref().ok_or(GovernRefusal::NoGovernance)?;
        let allowed = match governance.in_force(now).executive {
            Executive::Anything => true,
            Executive::Pauses => matches!(measure, Measure::Pause { .. }),
            Executive::Nothing => false,
        };
        if !governance.team.has(member) {
            return Err(GovernRefusal::NotTeam);
        }
        if !allowed {
            return Err(GovernRefusal::NoSuchRight);
        }
        self.check_measure(deal.ledger, &measure, now)?;
        let Some(governance) = &mut self.governance else { return Err(GovernRefusal::NoGovernance) };
        governance.call(undo, member, Call::Execute(measure), Order::Execute(measure))
    }

    /// What a measure does most for or against, as the end of a sentence; nothing where it does nothing for the protocol's health.
    fn aim_in_words(&self, measure: &Measure) -> String {
        let aim = match *measure {
            Measure::Set { parameter, from, to } | Measure::Schedule { parameter, from, to, .. } => {
                let remedy = self.parameter(parameter).and_then(|parameter| parameter.remedy.aim());
                remedy.map(|(aim, rise)| (aim, rise * (to - from) > 0.0))
            }
            Measure::Issue { purpose: Purpose::Recapitalise, .. } => Some((Aim::CollateralRatio, true)),
            Measure::Issue { purpose: Purpose::Reserve, .. } => Some((Aim::Reserve, true)),
            Measure::BuyBack { .. } | Measure::Spend { .. } => Some((Aim::Reserve, false)),
            Measure::Pause { .. } | Measure::AdvancePhase => None,
        };
        aim.map_or_else(String::new, |(aim, helps)| {
            format!("; {} the {}", if helps { "for" } else { "at the cost of" }, aim.name())
        })
    }

    /// What a measure acts on, and how, in words.
    pub(super) fn describe(&self, ledger: &Ledger, measure: &Measure) -> (String, String) {
        let unit = |asset| ledger.asset(asset).decimals;
        let named = |id| self.parameter(id).map(|parameter| (parameter.name, parameter.unit));
        let (token, dollar) = self.governance.as_ref().map_or_else(
            || (self.exchange.dollar(), self.exchange.dollar()),
            |governance| (governance.token, governance.dollar),
        );
        match *measure {
            Measure::Set { parameter, from, to } | Measure::Schedule { parameter, from, to, .. } => {
                let (name, unit) = named(parameter).unwrap_or((format!("parameter {}", parameter.0), ""));
                let over = match measure {
                    Measure::Schedule { hours, .. } => format!(" over {hours} h"),
                    _ => String::new(),
                };
                let unit = if unit == "1" { String::new() } else { format!(" {unit}") };
                (name, format!("from {from} to {to}{unit}{over}"))
            }
            Measure::Issue { tokens, hours, .. } => {
                (measure.name().into(), format!("{} tokens over {hours} h", told(unit(token).units(tokens))))
            }
            Measure::BuyBack { cash, hours } => {
                (measure.name().into(), format!("{} dollars over {hours} h", told(unit(dollar).units(cash))))
            }
            Measure::Spend { recipient, cash } => (
                measure.name().into(),
                format!("{} dollars to account {recipient}", told(unit(dollar).units(cash))),
            ),
            Measure::Pause { venue, hours } => {
                (format!("pause {}", self.pause_name(venue)), format!("for {hours} h"))
            }
            Measure::AdvancePhase => (measure.name().into(), "to the next phase".into()),
        }
    }
}

impl Governance {
    fn perform(
        &mut self,
        deal: &mut Deal<'_>,
        undo: &mut Vec<Undo>,
        actor: AccountId,
        action: GovernAction,
    ) -> Result<(), Refusal> {
        let now = deal.clock.now_seconds();
        match action {
            GovernAction::Reclaim => {
                undo.push(Before::Known { voter: actor, citizen: self.citizens.get(actor) }.into());
                if self.release(deal.ledger, actor)?.is_zero() {
                    return Err(GovernRefusal::NothingToReclaim.into());
                }
            }
            GovernAction::Delegate { to } => {
                if to == Some(actor) {
                    return Err(GovernRefusal::OwnDelegate.into());
                }
                let before = self.citizens.delegate(actor, to);
                undo.push(Before::Delegated { account: actor, to: before }.into());
            }
            GovernAction::OfferBribe { ballot, support, cash, rate } => {
                self.offer(deal, undo, ballot, Bribe { briber: actor, support, rate, left: cash })?;
            }
            GovernAction::Cancel { ballot } => {
                let made = self.ballot(ballot).ok_or(GovernRefusal::NoSuchProposal)?;
                if made.proposer != actor {
                    return Err(GovernRefusal::NotYours.into());
                }
                undo.push(Before::Orders(self.orders.len()).into());
                self.orders.push(Order::Withdraw(ballot));
            }
            GovernAction::Veto { ballot } => {
                self.ballot(ballot).ok_or(GovernRefusal::NoSuchProposal)?;
                if !self.in_force(now).veto {
                    return Err(GovernRefusal::NoSuchRight.into());
                }
                self.call(undo, actor, Call::Veto(ballot), Order::Veto(ballot))?;
            }
            GovernAction::Suspend => {
                if self.in_force(now).suspension_seconds == 0 {
                    return Err(GovernRefusal::NoSuchRight.into());
                }
                if let Some(until_seconds) = self.suspended_until(now) {
                    return Err(GovernRefusal::Suspended { until_seconds }.into());
                }
                self.call(undo, actor, Call::Suspend, Order::Suspend)?;
            }
            GovernAction::Propose { .. } | GovernAction::Execute { .. } | GovernAction::Vote { .. } => {}
        }
        Ok(())
    }

    /// Lets a member of the team make a call; enough of them become an order.
    fn call(
        &mut self,
        undo: &mut Vec<Undo>,
        member: AccountId,
        call: Call,
        order: Order,
    ) -> Result<(), GovernRefusal> {
        if !self.team.has(member) {
            return Err(GovernRefusal::NotTeam);
        }
        if self.team.has_called(member, call) {
            return Err(GovernRefusal::AlreadyCalled);
        }
        undo.push(Before::Team(Box::new(self.team.clone())).into());
        undo.push(Before::Orders(self.orders.len()).into());
        if self.team.call(member, call) {
            self.orders.push(order);
        }
        Ok(())
    }

    /// The proposal of that number, under way or waiting.
    #[must_use]
    pub fn ballot(&self, number: u32) -> Option<&Ballot> {
        let open = self.poll(Which::Number(number)).map(|poll| &poll.ballot);
        open.or_else(|| self.queue.iter().find(|ballot| ballot.number == number))
    }
}
