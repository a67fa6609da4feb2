//! A block: applies what the mempool holds, transaction by transaction, and writes receipts.

use bevy_ecs::prelude::*;

use super::attribution::{self, Attribution, Cause};
use super::token_loans::DeskAction;
use super::transactions::{Deed, Heading, TransactionLog};
use super::{Action, Deal, Mempool, Refusal, Valuation, Venues};
use crate::quantity::{Amount, AssetId};
use crate::world::clock::Clock;
use crate::world::ledger::{AccountId, Ledger};
use crate::world::mempool::Transaction;
use crate::world::notes::Notes;
use crate::world::oracle::Oracle;
use crate::world::read_ahead::Groups;

/// What became of a transaction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Receipt {
    /// Whose it was.
    pub agent: AccountId,
    /// What its last action paid out, or why all of it was refused.
    pub outcome: Result<Amount, Refusal>,
}

/// The receipts of the current tick, in the order of execution.
#[derive(Debug, Default, Resource)]
pub struct Receipts {
    receipts: Vec<Receipt>,
    succeeded: u64,
    refused: u64,
    log: TransactionLog,
}

impl Receipts {
    /// No receipts yet, and a log of what is to be told of them.
    #[must_use]
    pub fn logged(log: TransactionLog) -> Self {
        Self { log, ..Self::default() }
    }

    /// The log of the transactions since the start.
    #[must_use]
    pub const fn transactions(&self) -> &TransactionLog {
        &self.log
    }

    /// The receipts of the current tick.
    #[must_use]
    pub fn of_tick(&self) -> &[Receipt] {
        &self.receipts
    }

    /// Transactions that went through since the start.
    #[must_use]
    pub const fn succeeded(&self) -> u64 {
        self.succeeded
    }

    /// Transactions that were refused since the start.
    #[must_use]
    pub const fn refused(&self) -> u64 {
        self.refused
    }

    /// Begins a new tick.
    pub fn begin(&mut self) {
        self.receipts.clear();
    }

    #[inline]
    fn write(&mut self, receipt: Receipt) {
        match receipt.outcome {
            Ok(_) => self.succeeded += 1,
            Err(_) => self.refused += 1,
        }
        self.receipts.push(receipt);
    }
}

/// What the network itself takes for a transaction that goes through.
///
/// Refused transactions pay nothing: senders are assumed to simulate before they send, or to use private bundles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Resource)]
pub struct Network {
    /// Where gas and priority fees go.
    pub account: AccountId,
    /// The asset in which they are paid.
    pub asset: AssetId,
    /// Gas of one action.
    pub gas_per_action: Amount,
}

/// Applies the block: the system of [`crate::world::phase::Phase::Execute`].
#[allow(clippy::too_many_arguments, reason = "a system's parameters are its permissions")]
pub fn execute_block(
    mut mempool: ResMut<Mempool>,
    mut venues: ResMut<Venues>,
    mut ledger: ResMut<Ledger>,
    mut notes: ResMut<Notes>,
    mut receipts: ResMut<Receipts>,
    oracle: Res<Oracle>,
    clock: Res<Clock>,
    network: Res<Network>,
    valuation: Res<Valuation>,
    mut attribution: ResMut<Attribution>,
) {
    mempool.seal(clock.tick(), clock.block());
    let deal = Deal { ledger: &mut ledger, oracle: &oracle, clock: &clock, notes: &mut notes };
    let mut block = Block {
        venues: &mut venues,
        deal,
        network: &network,
        valuation: &valuation,
        receipts: &mut receipts,
        attribution: &mut attribution,
    };
    block.execute_all(&mempool);
    mempool.clear();
}

/// What a block's transactions are applied to.
struct Block<'b> {
    venues: &'b mut Venues,
    deal: Deal<'b>,
    network: &'b Network,
    valuation: &'b Valuation,
    receipts: &'b mut Receipts,
    attribution: &'b mut Attribution,
}

impl Block<'_> {
    /// Applies the transactions in order.
    fn execute_all(&mut self, mempool: &Mempool) {
        let mut groups = Groups::of(mempool.in_order());
        while let Some(group) = groups.next() {
            self.fetch(group);
            group.iter().for_each(|(transaction, actions)| self.execute(*transaction, actions));
        }
    }

    /// Brings nearer what transactions are going to look at.
    fn fetch(&self, group: &[(Transaction, &[Action])]) {
        let senders = || group.iter().map(|(transaction, _)| transaction.agent);
        self.deal.ledger.fetch(senders());
        self.attribution.fetch(senders());
        if let Some(governance) = self.venues.governance() {
            let votes =
                group.iter().filter(|(_, actions)| matches!(actions.first(), Some(Action::Govern(_))));
            governance.fetch_votes(self.deal.ledger, votes.map(|(transaction, _)| transaction.agent));
        }
    }

    /// Applies a transaction, all of it or nothing, and writes its receipt.
    fn execute(&mut self, transaction: Transaction, actions: &[Action]) {
        let (deal, receipts) = (&mut self.deal, &mut *self.receipts);
        let (tick, block) = (deal.clock.tick(), deal.clock.block());
        let number = receipts.succeeded + receipts.refused;
        let heading = Heading { tick, block, agent: transaction.agent, number };
        let mut course = Course {
            gains: [0.0; Cause::ALL.len()],
            step: 0,
            heading,
            log: &mut receipts.log,
            attribution: self.attribution,
        };
        let outcome =
            apply(self.venues, deal, self.network, self.valuation, transaction, actions, &mut course);
        match outcome {
            Ok(_) => {
                course.attribution.book(transaction.agent, course.gains);
                course.log.keep();
                deal.ledger.commit();
                self.venues.commit();
                deal.notes.keep();
            }
            Err(refusal) => {
                course.log.refuse(heading, actions, course.step, refusal);
                course.attribution.forget();
                deal.ledger.rollback();
                self.venues.rollback();
                deal.notes.forget();
            }
        }
        receipts.write(Receipt { agent: transaction.agent, outcome });
    }
}

/// What is noted of a transaction while it is applied.
struct Course<'l> {
    gains: [f64; Cause::ALL.len()],
    /// The action that is being performed; after the last one, the gas.
    step: usize,
    heading: Heading,
    log: &'l mut TransactionLog,
    attribution: &'l mut Attribution,
}

#[inline]
fn apply(
    venues: &mut Venues,
    deal: &mut Deal<'_>,
    network: &Network,
    valuation: &Valuation,
    transaction: Transaction,
    actions: &[Action],
    course: &mut Course<'_>,
) -> Result<Amount, Refusal> {
    let agent = transaction.agent;
    let before = transaction.terms.minimum_gain.map(|gain| deal.ledger.balance(agent, gain.asset));
    let mut received = Amount::ZERO;
    for action in actions {
        let writes = deal.ledger.pending_writes();
        received = venues.perform(deal, agent, *action, received)?;
        if let Some(cause) = Cause::of(action) {
            course.gains[cause as usize] += attribution::change(deal.ledger, valuation, agent, writes);
        } else if let Action::Stake(action) = action
            && action.earns()
        {
            course.gains[Cause::Protocol as usize] += venues.reward_value(deal.ledger, valuation, received);
        } else if *action == Action::Desk(DeskAction::Return) {
            let dollar = venues.exchange.dollar();
            let cost = deal.ledger.asset(dollar).decimals.units(received) * valuation.price(dollar);
            course.gains[Cause::Protocol as usize] -= cost;
        }
        if let Action::Launch(action) = action {
            let held = venues.launch(action.launch()).terms.account;
            course.gains[Cause::Protocol as usize] +=
                attribution::change(deal.ledger, valuation, held, writes);
        }
        if let Action::Book(action) = action {
            course.attribution.await_orders(venues.moved_at(action.book()), deal.ledger, valuation);
        }
        if course.log.tells_actions() {
            course.log.enter(course.heading, course.step as u32, Deed::of(action), deal.ledger, writes);
        }
        course.step += 1;
    }
    let gas = network.gas_per_action.atoms().saturating_mul(actions.len() as i64);
    let due = Amount::from_atoms(gas.saturating_add(transaction.terms.priority_fee.atoms()));
    if due.is_positive() {
        let writes = deal.ledger.pending_writes();
        deal.ledger.transfer(agent, network.account, network.asset, due)?;
        course.gains[Cause::Gas as usize] += attribution::change(deal.ledger, valuation, agent, writes);
        if course.log.tells_actions() {
            course.log.enter(course.heading, course.step as u32, Deed::GAS, deal.ledger, writes);
        }
    }
    if let (Some(gain), Some(before)) = (transaction.terms.minimum_gain, before) {
        let found = deal.ledger.balance(agent, gain.asset).checked_sub(before).unwrap_or(Amount::ZERO);
        if found < gain.amount {
            return Err(Refusal::GainTooSmall { wanted: gain.amount, found });
        }
    }
    Ok(received)
}
