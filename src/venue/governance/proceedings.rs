//! How a governed world proceeds: proposing and voting within a block, closing and enacting between ticks.

use super::{Ballot, Before, GovernAction, GovernRefusal, Governance};
use crate::protocol::governance::{ParameterError, ParameterId, Proposal, ProposalState, Rejection};
use crate::quantity::Amount;
use crate::venue::{Deal, Refusal, Undo, Venues};
use crate::world::clock::Clock;
use crate::world::ledger::{AccountId, Ledger, LedgerError};
use crate::world::notes::{Note, Notes};

impl Venues {
    /// The same venues, governed.
    #[must_use]
    pub fn governed_by(mut self, governance: Governance) -> Self {
        self.governance = Some(governance);
        self
    }

    /// Governance, if this world has one.
    #[must_use]
    pub const fn governance(&self) -> Option<&Governance> {
        self.governance.as_ref()
    }

    /// Performs a governance action. Its sender receives nothing.
    pub(in crate::venue) fn perform_govern(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        action: GovernAction,
        previous: Amount,
    ) -> Result<Amount, Refusal> {
        let before = match action {
            GovernAction::Propose { parameter, value } => self.propose(deal, actor, parameter, value)?,
            GovernAction::Vote { support, weight } => {
                let governance = self.governance.as_mut().ok_or(GovernRefusal::NoGovernance)?;
                governance.vote(deal, actor, support, weight.resolve(previous))?
            }
        };
        self.undo.push(Undo::Governance(before));
        Ok(Amount::ZERO)
    }

    fn propose(
        &mut self,
        deal: &mut Deal<'_>,
        proposer: AccountId,
        id: ParameterId,
        value: f64,
    ) -> Result<Before, GovernRefusal> {
        let governance = self.governance.as_ref().ok_or(GovernRefusal::NoGovernance)?;
        let now = deal.clock.now_seconds();
        let supply = deal.ledger.supply(governance.token());
        governance.may_propose(deal.ledger.balance(proposer, governance.token()), supply, now)?;
        if let Some(queued) = governance.queued(id) {
            let executes_seconds = queued.proposal.executes_seconds;
            return Err(GovernRefusal::AlreadyQueued { executes_seconds });
        }
        let unknown = ParameterError::Unknown(id.0);
        let (parameter, old) = self.parameter(id).zip(self.parameter_value(id)).ok_or(unknown)?;
        parameter.check(value)?;
        if value == old {
            return Err(GovernRefusal::NoChange);
        }
        let proposal = Proposal::open(governance.rules(), id, [old, value], supply, now);
        let outcomes = governance.outcomes();
        let number = 1 + outcomes.passed + outcomes.without_quorum + outcomes.not_approved;
        let ballot = Ballot { number, proposer, proposal };
        if let Some(governance) = &mut self.governance {
            governance.begin(ballot);
        }
        let detail = format!("from {old} to {value} {}", parameter.unit);
        deal.notes.add(note(deal.clock, "proposal", ballot, parameter.name, detail));
        Ok(Before::NothingOpen)
    }

    /// Closes the vote whose window is over and puts into effect what has waited long enough, at the end of a tick.
    ///
    /// # Errors
    /// [`LedgerError`] if locked votes cannot be given back, which means that something else has used the escrow.
    pub fn govern(
        &mut self,
        ledger: &mut Ledger,
        notes: &mut Notes,
        clock: &Clock,
    ) -> Result<(), LedgerError> {
        let Some(governance) = &mut self.governance else { return Ok(()) };
        // The tick's blocks are over: it is now the moment at which the next one begins.
        let now = (i64::from(clock.tick().0) + 1).saturating_mul(clock.tick_seconds());
        if let Some(ballot) = governance.close(ledger, now)? {
            ledger.commit();
            let scale = ledger.asset(governance.token()).decimals;
            let proposal = ballot.proposal;
            let verdict = match proposal.state {
                ProposalState::Rejected(Rejection::NoQuorum) => "rejected, no quorum",
                ProposalState::Rejected(Rejection::NotApproved) => "rejected, not approved",
                _ => "passed",
            };
            let detail = format!(
                "{verdict}: {} for, {} against, turnout {:.3} %",
                scale.units(proposal.power_for),
                scale.units(proposal.power_against),
                proposal.turnout().unwrap_or(0.0) * 100.0,
            );
            let name = self.name_of(proposal.parameter);
            notes.add(note(clock, "vote_result", ballot, name, detail));
        }
        while let Some(ballot) = self.governance.as_mut().and_then(|governance| governance.due(now)) {
            notes.add(self.put_into_effect(ballot, clock));
        }
        notes.keep();
        Ok(())
    }

    fn put_into_effect(&mut self, ballot: Ballot, clock: &Clock) -> Note {
        let id = ballot.proposal.parameter;
        let name = self.name_of(id);
        let previous = self.parameter_value(id);
        let outcome = self.set_parameter(id, ballot.proposal.new_value);
        let Some(governance) = &mut self.governance else {
            return note(clock, "cancelled", ballot, name, "there is no governance".into());
        };
        match (outcome, previous) {
            (Ok(()), Some(previous)) => {
                governance.enacted(id, previous);
                note(clock, "enacted", ballot, name, format!("was {previous}"))
            }
            (outcome, _) => {
                governance.cancelled();
                let why = outcome.err().unwrap_or(ParameterError::Unknown(id.0));
                note(clock, "cancelled", ballot, name, why.to_string())
            }
        }
    }

    fn name_of(&self, id: ParameterId) -> String {
        self.parameter(id).map_or_else(|| format!("parameter {}", id.0), |parameter| parameter.name)
    }
}

/// An event of a ballot; its figure is the value proposed, in the parameter's unit.
fn note(clock: &Clock, kind: &'static str, ballot: Ballot, parameter: String, detail: String) -> Note {
    Note {
        tick: clock.tick(),
        block: clock.block(),
        agent: Some(ballot.proposer),
        kind,
        subject: format!("#{} {parameter}", ballot.number),
        detail,
        value: Some(ballot.proposal.new_value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::amm::Curve;
    use crate::protocol::governance::Rules;
    use crate::quantity::{Asset, AssetId, Tick};
    use crate::venue::exchange::{Exchange, ExchangeSettings};
    use crate::venue::pool::oracle::PoolOracle;
    use crate::venue::pool::{Pool, PoolRecord};
    use crate::world::ledger::Issuance;

    const ANYBODY: AccountId = AccountId(0);

    /// What no action lets through: a passed proposal for a value outside the bounds, or for no parameter at all.
    #[test]
    fn what_cannot_take_effect_is_cancelled() {
        let rules = Rules { voting_hours: 1.0, timelock_hours: 0.0, ..Rules::default() };
        let pool = Pool {
            name: "pool".into(),
            account: ANYBODY,
            coins: [AssetId(0); 2],
            shares: AssetId(0),
            reserve: ANYBODY,
            curve: Curve::ConstantProduct,
            follows_nav: false,
            fee: 0.003,
            rebate: 1.0,
            oracle: PoolOracle::default(),
            provision: None,
            record: PoolRecord::default(),
        };
        let exchange = Exchange::new(ExchangeSettings::default(), AssetId(0), Vec::new());
        let mut venues = Venues::new(exchange, vec![pool], None)
            .governed_by(Governance::new(rules, AssetId(0), ANYBODY).unwrap());
        let mut ledger = Ledger::new(vec![(Asset::new("GOV", 6), Issuance::By(ANYBODY))]);
        let mut notes = Notes::default();
        let mut clock = Clock::new(3_600, 1);
        for (tick, parameter) in [0_u16, 9].into_iter().enumerate() {
            clock.begin(Tick(tick as u32));
            let (id, ten) = (ParameterId(parameter), Amount::from_atoms(10));
            let proposal = Proposal::open(&rules, id, [30.0, 500.0], ten, clock.now_seconds());
            let proposal = proposal.vote(clock.now_seconds(), true, ten).unwrap();
            venues.governance.as_mut().unwrap().begin(Ballot { number: 1, proposer: ANYBODY, proposal });
            venues.govern(&mut ledger, &mut notes, &clock).unwrap();
        }
        let kinds: Vec<_> = notes.all().iter().map(|note| note.kind).collect();
        assert_eq!(kinds, ["vote_result", "cancelled", "vote_result", "cancelled"]);
        assert_eq!(notes.all()[1].detail, "expected a value from 0 to 100, found 500");
        assert_eq!(venues.parameter_value(ParameterId(0)), Some(30.0));
        let outcomes = venues.governance().unwrap().outcomes();
        assert_eq!((outcomes.passed, outcomes.cancelled, outcomes.enacted), (2, 2, 0));
    }
}
