//! What governance remembers: proposals under way and their votes, the queue, locks, the team, the phase, the outcomes.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::ballot::{Ballot, Bribe, Poll};
use super::citizens::{Citizen, Citizens};
use super::effects::Effect;
use super::roll::Entry;
use super::team::Team;
use super::{GovernRefusal, VoteMarket, Which};
use crate::protocol::governance::{
    InForce, Measure, ParameterId, Phase, Powers, Progress, Ramp, Readiness, Rules, RulesError,
};
use crate::quantity::{Amount, AssetId, SECONDS_PER_DAY};
use crate::venue::Undo;
use crate::world::ledger::AccountId;

/// How many proposals came to what, since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outcomes {
    /// Votes that passed.
    pub passed: u64,
    /// Votes and referendums that failed for want of a quorum.
    pub without_quorum: u64,
    /// Votes and referendums that failed for want of approval.
    pub not_approved: u64,
    /// Measures that took effect.
    pub enacted: u64,
    /// Proposals that were withdrawn, vetoed, or could not take effect.
    pub cancelled: u64,
    /// Measures executed by the team.
    pub executed: u64,
}

/// The phases: where they begin, what the team may do in each, what the next one takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PhaseRules {
    /// The first phase.
    pub first: Phase,
    /// What the team may do in the foundation, genesis and DAO phases.
    pub powers: [Powers; 3],
    /// What it takes to leave the foundation and the genesis phase.
    pub readiness: [Readiness; 2],
}

impl Default for PhaseRules {
    /// Token holders alone, from the start.
    fn default() -> Self {
        Self { first: Phase::Dao, powers: [Powers::NONE; 3], readiness: [Readiness::default(); 2] }
    }
}

/// What a vote weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Counts {
    /// Tokens: in the wallet and staked.
    #[default]
    Tokens,
    /// APower, which only staking brings.
    Apower,
}

/// Governance as it was before an action.
#[derive(Debug, Clone)]
pub(in crate::venue) enum Before {
    /// One proposal less was under way.
    NotProposed,
    /// Somebody had not cast this vote, had voted so before it, and this was known of it.
    Vote {
        number: u32,
        voter: AccountId,
        support: bool,
        weight: Amount,
        entry: Option<Entry>,
        citizen: Citizen,
    },
    /// This was left of the offer for votes; `None` where there was no offer.
    Bribe { number: u32, left: Option<Amount> },
    /// This was known of somebody.
    Known { voter: AccountId, citizen: Citizen },
    /// Somebody had delegated to this account.
    Delegated { account: AccountId, to: Option<AccountId> },
    /// The team's calls.
    Team(Box<Team>),
    /// This many orders were waiting for the end of the tick.
    Orders(usize),
}

impl From<Before> for Undo {
    fn from(before: Before) -> Self {
        Self::Governance(before)
    }
}

/// What the end of the tick has to carry out before anything else.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Order {
    /// The team has suspended governance.
    Suspend,
    /// The team has decided on a measure.
    Execute(Measure),
    /// The team has vetoed a proposal.
    Veto(u32),
    /// Its proposer has withdrawn a proposal.
    Withdraw(u32),
}

/// Governance by token.
#[derive(Debug, Clone, PartialEq)]
pub struct Governance {
    pub(super) rules: Rules,
    pub(super) token: AssetId,
    pub(super) counts: Counts,
    pub(super) escrow: AccountId,
    /// In which offers for votes are paid, and the reserve is counted.
    pub(super) dollar: AssetId,
    pub(super) reserve: Option<AccountId>,
    /// The first account of each population, in order: whose votes are told together.
    pub(super) electorate: Vec<(String, AccountId)>,
    /// The first account after theirs.
    electorate_end: AccountId,
    pub(super) vote_market: VoteMarket,
    /// Who offers to vote for others.
    pub(super) candidates: Vec<AccountId>,
    pub(super) phases: PhaseRules,
    pub(super) phase: Phase,
    pub(super) phase_since_seconds: i64,
    pub(super) team: Team,
    pub(super) open: Vec<Poll>,
    pub(super) queue: Vec<Ballot>,
    pub(super) made: u32,
    pub(super) polls: u32,
    pub(super) citizens: Citizens,
    pub(super) orders: Vec<Order>,
    pub(super) ramps: Vec<Ramp>,
    pub(super) effects: Vec<Effect>,
    pub(super) last: Option<Ballot>,
    pub(super) turnout_average: Option<f64>,
    pub(super) nakamoto: u32,
    pub(super) next_proposal_seconds: i64,
    pub(super) suspended_until_seconds: i64,
    pub(super) outcomes: Outcomes,
    /// The value of each parameter before the first measure that changed it.
    pub(super) originals: Vec<(ParameterId, f64)>,
}

impl Governance {
    /// Governance by holders of `token` under `rules`; votes are locked in the account `escrow`, which nothing else uses.
    ///
    /// # Errors
    /// [`RulesError`] if a rule is out of range.
    pub fn new(rules: Rules, token: AssetId, escrow: AccountId) -> Result<Self, RulesError> {
        rules.check()?;
        Ok(Self {
            rules,
            token,
            counts: Counts::default(),
            escrow,
            dollar: AssetId(0),
            reserve: None,
            electorate: Vec::new(),
            electorate_end: AccountId(u32::MAX),
            vote_market: VoteMarket::default(),
            candidates: Vec::new(),
            phases: PhaseRules::default(),
            phase: Phase::Dao,
            phase_since_seconds: 0,
            team: Team::default(),
            open: Vec::new(),
            queue: Vec::new(),
            made: 0,
            polls: 0,
            citizens: Citizens::default(),
            orders: Vec::new(),
            ramps: Vec::new(),
            effects: Vec::new(),
            last: None,
            turnout_average: None,
            nakamoto: 0,
            next_proposal_seconds: 0,
            suspended_until_seconds: 0,
            outcomes: Outcomes::default(),
            originals: Vec::new(),
        })
    }

    /// The same, with the account whose dollars votes may spend.
    #[must_use]
    pub fn with_reserve(self, reserve: AccountId) -> Self {
        Self { reserve: Some(reserve), ..self }
    }

    /// The same, with what a vote weighs.
    #[must_use]
    pub fn with_counts(self, counts: Counts) -> Self {
        Self { counts, ..self }
    }

    /// What a vote weighs.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// The same, in phases.
    #[must_use]
    pub fn with_phases(self, phases: PhaseRules) -> Self {
        Self { phase: phases.first, phases, ..self }
    }

    /// The same, with what votes cost.
    #[must_use]
    pub fn with_vote_market(self, vote_market: VoteMarket) -> Self {
        Self { vote_market, ..self }
    }

    /// The populations, by name and first account, in the order of accounts, and the first account after them: only their tokens count where power is measured.
    pub fn count_populations(&mut self, populations: Vec<(String, AccountId)>, end: AccountId) {
        (self.electorate, self.electorate_end) = (populations, end);
    }

    /// Appoints the team.
    pub fn appoint(&mut self, team: Team) {
        self.team = team;
    }

    /// Lets these accounts stand for delegation.
    pub fn nominate(&mut self, candidates: Vec<AccountId>) {
        self.candidates = candidates;
    }

    /// Who offers to vote for others.
    #[must_use]
    pub fn candidates(&self) -> &[AccountId] {
        &self.candidates
    }

    /// False while no proposal by anybody would be taken.
    #[must_use]
    pub fn may_anybody_propose(&self, now_seconds: i64) -> bool {
        self.suspended_until(now_seconds).is_none()
            && self.open.len() < self.rules.most_open as usize
            && now_seconds >= self.next_proposal_seconds
    }

    /// The rules.
    #[must_use]
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The governance token.
    #[must_use]
    pub const fn token(&self) -> AssetId {
        self.token
    }

    /// The account that holds locked votes.
    #[must_use]
    pub const fn escrow(&self) -> AccountId {
        self.escrow
    }

    /// The account whose dollars votes may spend.
    #[must_use]
    pub const fn reserve(&self) -> Option<AccountId> {
        self.reserve
    }

    /// The accounts of people: before them, and after them, venues have theirs.
    #[must_use]
    pub fn holders(&self) -> Range<AccountId> {
        self.electorate.first().map_or(AccountId(0), |(_, first)| *first)..self.electorate_end
    }

    /// Proposals from review to vote, oldest first.
    #[must_use]
    pub fn open(&self) -> &[Poll] {
        &self.open
    }

    /// Passed proposals that wait out their timelock, in the order they passed.
    #[must_use]
    pub fn queue(&self) -> &[Ballot] {
        &self.queue
    }

    /// How many proposals have been made.
    #[must_use]
    pub const fn made(&self) -> u32 {
        self.made
    }

    /// How many referendums and votes have been opened.
    #[must_use]
    pub const fn polls(&self) -> u32 {
        self.polls
    }

    /// Tokens of each voter in the escrow, in the order of accounts. They belong to their voters.
    pub fn locks(&self) -> impl Iterator<Item = (AccountId, Amount)> + '_ {
        let locks = self.citizens.iter().map(|(voter, citizen)| (voter, citizen.locked()));
        locks.filter(|(_, locked)| locked.is_positive())
    }

    /// Tokens of one voter in the escrow.
    #[must_use]
    pub fn locked(&self, voter: AccountId) -> Amount {
        self.citizens.get(voter).locked()
    }

    /// What is locked, and who votes for whom.
    #[must_use]
    pub const fn citizens(&self) -> &Citizens {
        &self.citizens
    }

    /// The team.
    #[must_use]
    pub const fn team(&self) -> &Team {
        &self.team
    }

    /// The proposal whose vote or referendum closed last, as it stood then.
    #[must_use]
    pub const fn last(&self) -> Option<&Ballot> {
        self.last.as_ref()
    }

    /// Votes cast over supply in the vote or referendum that closed last; `None` before the first.
    #[must_use]
    pub fn turnout(&self) -> Option<f64> {
        self.last.and_then(|ballot| ballot.proposal.turnout())
    }

    /// Turnout as people remember it: each poll counts a quarter of what is remembered; `None` before the first.
    #[must_use]
    pub const fn turnout_average(&self) -> Option<f64> {
        self.turnout_average
    }

    /// How many proposals came to what.
    #[must_use]
    pub const fn outcomes(&self) -> Outcomes {
        self.outcomes
    }

    /// How far power has been handed over.
    #[must_use]
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// What the team may do now. A team of nobody may do nothing.
    #[must_use]
    pub fn in_force(&self, now_seconds: i64) -> InForce {
        let powers = if self.team.members().is_empty() {
            Powers::NONE
        } else {
            self.phases.powers[usize::from(self.phase.number())]
        };
        powers.in_force(now_seconds.saturating_sub(self.phase_since_seconds))
    }

    /// When governance goes on, if it is suspended.
    #[must_use]
    pub fn suspended_until(&self, now_seconds: i64) -> Option<i64> {
        (now_seconds < self.suspended_until_seconds).then_some(self.suspended_until_seconds)
    }

    /// How far things have come towards the next phase.
    #[must_use]
    pub fn progress(&self, now_seconds: i64) -> Progress {
        Progress {
            days: now_seconds.saturating_sub(self.phase_since_seconds) as f64 / SECONDS_PER_DAY as f64,
            nakamoto: self.nakamoto,
            turnout: self.turnout().unwrap_or(0.0),
            enacted: u32::try_from(self.outcomes.enacted).unwrap_or(u32::MAX),
        }
    }

    /// What it takes to go to the next phase; `None` in the last one.
    #[must_use]
    pub fn readiness(&self) -> Option<&Readiness> {
        self.phases.readiness.get(usize::from(self.phase.number()))
    }

    /// The value of a parameter before the first measure that changed it, if one did.
    #[must_use]
    pub fn original(&self, parameter: ParameterId) -> Option<f64> {
        self.originals.iter().find(|(id, _)| *id == parameter).map(|(_, value)| *value)
    }

    /// The proposal under way, or waiting, that acts on the same thing as this measure.
    #[must_use]
    pub fn in_the_way(&self, measure: &Measure) -> Option<&Ballot> {
        let open = self.open.iter().map(|poll| &poll.ballot);
        open.chain(&self.queue).find(|ballot| ballot.proposal.measure.collides(measure))
    }

    /// The proposal meant, while it is under way.
    #[must_use]
    pub fn poll(&self, which: Which) -> Option<&Poll> {
        match which {
            Which::Newest => self.open.last(),
            Which::Number(number) => self.open.iter().find(|poll| poll.ballot.number == number),
        }
    }

    pub(super) fn poll_mut(&mut self, which: Which) -> Option<&mut Poll> {
        match which {
            Which::Newest => self.open.last_mut(),
            Which::Number(number) => self.open.iter_mut().find(|poll| poll.ballot.number == number),
        }
    }

    /// Says whether somebody who holds `held` of a token of this `supply` could make a proposal now.
    ///
    /// # Errors
    /// [`GovernRefusal`]: governance is suspended, too many proposals are under way, the last vote is too recent, only the
    /// team may propose, or the proposer holds too little.
    pub fn may_propose(
        &self,
        proposer: AccountId,
        held: Amount,
        supply: Amount,
        now_seconds: i64,
    ) -> Result<(), GovernRefusal> {
        if let Some(until_seconds) = self.suspended_until(now_seconds) {
            return Err(GovernRefusal::Suspended { until_seconds });
        }
        if self.open.len() >= self.rules.most_open as usize {
            let ends = self.open.iter().map(|poll| poll.ballot.proposal.ends_seconds).min();
            return Err(GovernRefusal::TooManyOpen { ends_seconds: ends.unwrap_or(now_seconds) });
        }
        if now_seconds < self.next_proposal_seconds {
            return Err(GovernRefusal::CoolingDown { until_seconds: self.next_proposal_seconds });
        }
        if self.in_force(now_seconds).alone_proposes {
            // The team proposes by right, whatever it holds.
            return if self.team.has(proposer) { Ok(()) } else { Err(GovernRefusal::NotTeam) };
        }
        let needed = self.rules.proposal_threshold(supply);
        if held < needed {
            return Err(GovernRefusal::BelowThreshold { needed, held });
        }
        Ok(())
    }

    /// Undoes one step.
    pub(in crate::venue) fn restore(&mut self, before: Before) {
        match before {
            Before::NotProposed => {
                if let Some(poll) = self.open.pop() {
                    self.made -= 1;
                    self.polls -= u32::from(poll.ballot.poll > 0);
                }
            }
            Before::Vote { number, voter, support, weight, entry, citizen } => {
                if let Some(poll) = self.poll_mut(Which::Number(number)) {
                    poll.ballot.proposal = poll.ballot.proposal.without(support, weight);
                    poll.roll.restore(voter, entry);
                }
                self.citizens.restore(voter, citizen);
            }
            Before::Bribe { number, left } => {
                if let Some(poll) = self.poll_mut(Which::Number(number)) {
                    let bribe = poll.ballot.bribe.zip(left);
                    poll.ballot.bribe = bribe.map(|(bribe, left)| Bribe { left, ..bribe });
                }
            }
            Before::Known { voter, citizen } => {
                self.citizens.restore(voter, citizen);
            }
            Before::Delegated { account, to } => {
                self.citizens.delegate(account, to);
            }
            Before::Team(team) => self.team = *team,
            Before::Orders(count) => self.orders.truncate(count),
        }
    }
}
