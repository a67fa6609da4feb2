//! What the voters of a block look at, and for whom of them there is something to do.

use super::Voter;
use super::agenda::Agenda;
use crate::agents::{Dice, Eyes, Population};
use crate::protocol::governance::{Executive, InForce, Reclaim};
use crate::quantity::Amount;
use crate::venue::governance::{Governance, Health};
use crate::venue::{Action, Valuation};
use crate::world::ledger::AccountId;

/// What the voters of a block look at; the agenda is made when the first of them notices something.
pub(super) struct Sight<'a, 'w> {
    pub(super) eyes: &'a Eyes<'w>,
    pub(super) valuation: &'a Valuation,
    pub(super) health: &'a Health,
    pub(super) governance: &'a Governance,
    pub(super) dice: &'a Dice<Voter>,
    pub(super) in_force: InForce,
    supply: Amount,
    now_seconds: i64,
    /// Tokens lie in the escrow that come back only to those who ask.
    reclaimed: bool,
    /// The team may call for something.
    guarded: bool,
    /// Something may be proposed at all: what keeps everybody from it does not keep this block.
    room: bool,
    /// The youngest poll open.
    youngest: u32,
    pub(super) agenda: Option<Agenda>,
    /// What the voter who looks holds of each asset, and what that is worth in dollars.
    pub(super) atoms: Vec<Amount>,
    pub(super) values: Vec<f64>,
    pub(super) votes: Vec<Action>,
}

impl<'a, 'w> Sight<'a, 'w> {
    pub(super) fn new(
        eyes: &'a Eyes<'w>,
        valuation: &'a Valuation,
        health: &'a Health,
        governance: &'a Governance,
        dice: &'a Dice<Voter>,
        youngest: u32,
    ) -> Self {
        let now_seconds = eyes.clock.now_seconds();
        let supply = governance.power_supply(&eyes.ledger, eyes.venues.stakes());
        let in_force = governance.in_force(now_seconds);
        let escrow = eyes.ledger.balance(governance.escrow(), governance.token());
        Self {
            eyes,
            valuation,
            health,
            governance,
            dice,
            in_force,
            reclaimed: governance.rules().reclaim == Reclaim::Called && escrow.is_positive(),
            guarded: in_force.veto || in_force.executive != Executive::Nothing,
            supply,
            now_seconds,
            room: governance.may_anybody_propose(now_seconds),
            youngest,
            agenda: None,
            atoms: Vec::new(),
            values: Vec::new(),
            votes: Vec::new(),
        }
    }

    /// Whether there may be anything to do for anybody.
    pub(super) fn concerns_somebody(&self) -> bool {
        self.youngest > 0 || self.concerns_everybody() || self.guarded
    }

    /// Whether there may be something to do for everybody who notices, whatever they have looked at.
    pub(super) const fn concerns_everybody(&self) -> bool {
        self.room || self.reclaimed
    }

    /// Whether there is certainly nothing to do for somebody who has no reason to look but the polls.
    pub(super) fn is_powerless(&self, id: AccountId) -> bool {
        !self.governance.may_have_votes(&self.eyes.ledger, self.eyes.venues.stakes(), id) && !self.guards(id)
    }

    /// Whether the team may call for something and this is one of its members.
    pub(super) fn guards(&self, id: AccountId) -> bool {
        self.guarded && self.governance.team().has(id)
    }

    /// Whether any of a population does.
    pub(super) fn guards_among(&self, population: &Population) -> bool {
        let members = population.first.0..population.first.0 + population.count;
        self.guarded && self.governance.team().members().iter().any(|member| members.contains(&member.0))
    }

    /// Whether there may be anything to do for somebody who notices and has looked at the polls up to `seen`: no account is
    /// looked up for it.
    pub(super) fn concerns(&self, id: AccountId, seen: u32) -> bool {
        self.youngest > seen || self.concerns_everybody() || self.guards(id)
    }

    /// What there is to do for somebody who notices and has looked at the polls up to `seen`; nothing for most who hold no
    /// tokens.
    pub(super) fn business(&self, id: AccountId, seen: u32) -> Option<Business> {
        let (governance, ledger, stakes) = (self.governance, &self.eyes.ledger, self.eyes.venues.stakes());
        let held = governance.power_of(ledger, stakes, id);
        let citizen = governance.citizens().get(id);
        let leads = citizen.leads();
        let votes = || leads || (held.is_positive() && citizen.delegate().is_none());
        let business = Business {
            held,
            leads,
            seen,
            votes: self.youngest > seen && votes(),
            proposes: self.room && governance.may_propose(id, held, self.supply, self.now_seconds).is_ok(),
            reclaims: self.reclaimed && governance.reclaimable(id).is_positive(),
            guards: self.guards(id),
        };
        let any = business.votes || business.proposes || business.reclaims || business.guards;
        any.then_some(business)
    }

    /// What decides whether each of them notices, before anything else that it draws.
    pub(super) fn attention(&self, ids: &[AccountId]) -> Vec<f64> {
        self.dice.stream.first_draws(ids, self.eyes.clock.tick().0)
    }
}

/// What there is to do for a voter, and what that depends on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Business {
    /// What it could vote with.
    pub(super) held: Amount,
    /// Others have left their votes to it.
    pub(super) leads: bool,
    /// The last poll that it had looked at before.
    pub(super) seen: u32,
    /// There are others, and it can vote.
    pub(super) votes: bool,
    /// It may propose something.
    pub(super) proposes: bool,
    /// Tokens wait for it in the escrow.
    pub(super) reclaims: bool,
    /// The team may call for something, and it is a member.
    pub(super) guards: bool,
}
