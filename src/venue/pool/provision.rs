//! Rules on the provision of liquidity, and what a pool remembers for them: who waits at its gate, who is committed.
//!
//! A pool without rules has none of this. Where there are rules, time is divided into cycles of equal length, counted from
//! the start of the run; gates open and claims are settled at the end of each (`gate.rs`).
//!
//! Shares that wait and shares that are committed lie in the pool's escrow account. They are shares like any others and
//! earn fees until they are burned. The cap counts them with what their owner holds in the wallet.

use std::collections::BTreeMap;

use super::Pool;
use crate::protocol::liquidity::Billionths;
use crate::protocol::liquidity::cap::room;
use crate::protocol::liquidity::gate::GateRule;
use crate::quantity::Amount;
use crate::world::ledger::{AccountId, Ledger};

/// The smallest cap and the smallest gate that can be set or voted.
pub const LEAST_SHARE: f64 = 1e-3;
/// The most that an insurance can promise, in multiples of the impermanent loss.
pub const MOST_COVERAGE: f64 = 2.0;
/// The longest commitment that can be set or voted, in cycles.
pub const MOST_COMMITTED_CYCLES: u16 = 1_000;

/// What binds the providers of a pool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProvisionRules {
    /// Largest share of the pool that a wallet may hold after adding, 0 to 1.
    pub cap_share: Option<f64>,
    /// Length of a cycle.
    pub cycle_seconds: i64,
    /// The gate.
    pub gate: Option<GateRules>,
    /// The insurance of committed liquidity.
    pub insurance: Option<InsuranceRules>,
}

/// How fast liquidity may leave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GateRules {
    /// Largest share of the pool that leaves in a cycle, 0 to 1.
    pub max_share: f64,
    /// Who leaves first.
    pub rule: GateRule,
}

/// What committed providers are promised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InsuranceRules {
    /// Claim over impermanent loss, of what is committed from now on.
    pub coverage: f64,
    /// The part of what providers do not keep of fees in quote that goes to the fund in place of the reserve.
    pub fee_share: f64,
    /// Fewest and most cycles of a commitment.
    pub cycles: [u16; 2],
}

/// The accounts behind the rules of a pool. Nothing else uses them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProvisionAccounts {
    /// Holds shares that wait or are committed.
    pub escrow: AccountId,
    /// Holds the quote that insures commitments.
    pub fund: AccountId,
}

/// A request to withdraw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// Whose shares wait.
    pub holder: AccountId,
    /// Who is paid.
    pub payee: AccountId,
    /// What is still to be granted.
    pub shares: Amount,
}

/// Liquidity bound until a cycle has ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Commitment {
    /// How many shares.
    pub shares: Amount,
    /// The base and quote for which they stood.
    pub original: [Amount; 2],
    /// The last cycle in which they are bound.
    pub until_cycle: u32,
    /// Claim over impermanent loss, as promised when they were bound.
    pub coverage: f64,
}

/// What somebody is to be paid by the fund at the end of the cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// Who.
    pub payee: AccountId,
    /// Quote.
    pub amount: Amount,
}

/// Counts and sums since the start, and of the last cycle that ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ProvisionRecord {
    /// The cycle that runs.
    pub cycle: u32,
    /// Shares of ended commitments that left in the cycle that runs.
    pub left_in_cycle: Amount,
    /// Shares that could leave at the end of the last cycle.
    pub last_allowance: Amount,
    /// Shares that left in the last cycle.
    pub last_outflow: Amount,
    /// Supply of shares before they left.
    pub last_supply: Amount,
    /// Quote claimed from the fund.
    pub claimed: Amount,
    /// Quote that it paid.
    pub paid: Amount,
}

/// Rules on the provision of liquidity, with what is remembered for them.
#[derive(Debug, Clone, PartialEq)]
pub struct Provision {
    /// Where escrowed shares and the fund lie.
    pub accounts: ProvisionAccounts,
    /// The rules.
    pub rules: ProvisionRules,
    /// Counts and sums.
    pub record: ProvisionRecord,
    pub(super) queue: Vec<Request>,
    pub(super) commitments: BTreeMap<AccountId, Commitment>,
    pub(super) claims: Vec<Claim>,
}

/// What the rules remembered of a wallet before an action of its.
#[derive(Debug, Clone)]
pub(in crate::venue) struct Before {
    holder: AccountId,
    request: Option<(usize, Request)>,
    commitment: Option<Commitment>,
    claims: usize,
    record: ProvisionRecord,
}

impl Provision {
    /// These rules, with nobody waiting or committed.
    #[must_use]
    pub const fn new(accounts: ProvisionAccounts, rules: ProvisionRules) -> Self {
        let record = ProvisionRecord {
            cycle: 0,
            left_in_cycle: Amount::ZERO,
            last_allowance: Amount::ZERO,
            last_outflow: Amount::ZERO,
            last_supply: Amount::ZERO,
            claimed: Amount::ZERO,
            paid: Amount::ZERO,
        };
        Self { accounts, rules, record, queue: Vec::new(), commitments: BTreeMap::new(), claims: Vec::new() }
    }

    /// Who waits at the gate, oldest first.
    #[must_use]
    pub fn queue(&self) -> &[Request] {
        &self.queue
    }

    /// All shares that wait.
    #[must_use]
    pub fn queued(&self) -> Amount {
        let atoms = self.queue.iter().map(|request| request.shares.atoms()).sum();
        Amount::from_atoms(atoms)
    }

    /// The request of a wallet and how many are before it.
    #[must_use]
    pub fn request(&self, holder: AccountId) -> Option<(usize, Request)> {
        let mut places = self.queue.iter().copied().enumerate();
        places.find(|(_, request)| request.holder == holder)
    }

    /// Who is committed, by account.
    pub fn commitments(&self) -> impl Iterator<Item = (AccountId, &Commitment)> {
        self.commitments.iter().map(|(account, commitment)| (*account, commitment))
    }

    /// The commitment of a wallet.
    #[must_use]
    pub fn commitment(&self, holder: AccountId) -> Option<&Commitment> {
        self.commitments.get(&holder)
    }

    /// What is claimed and not settled yet.
    #[must_use]
    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// Every wallet's shares in escrow, one item for each that waits and each that is committed.
    pub fn escrowed(&self) -> impl Iterator<Item = (AccountId, Amount)> + '_ {
        let waiting = self.queue.iter().map(|request| (request.holder, request.shares));
        waiting.chain(self.commitments().map(|(holder, commitment)| (holder, commitment.shares)))
    }

    /// The part of the pool that may leave at the end of the cycle; everything where there is no gate.
    #[must_use]
    pub fn gate_share(&self) -> Billionths {
        share(self.rules.gate.map(|gate| gate.max_share))
    }

    pub(in crate::venue) fn before(&self, holder: AccountId) -> Before {
        Before {
            holder,
            request: self.request(holder),
            commitment: self.commitment(holder).copied(),
            claims: self.claims.len(),
            record: self.record,
        }
    }

    /// Undoes the last action that is not undone yet.
    pub(in crate::venue) fn restore(&mut self, before: &Before) {
        if let Some((place, _)) = self.request(before.holder) {
            self.queue.remove(place);
        }
        if let Some((place, request)) = before.request {
            self.queue.insert(place, request);
        }
        match before.commitment {
            Some(commitment) => self.commitments.insert(before.holder, commitment),
            None => self.commitments.remove(&before.holder),
        };
        self.claims.truncate(before.claims);
        self.record = before.record;
    }
}

/// A share that was validated or voted within bounds; the whole where there is none.
fn share(share: Option<f64>) -> Billionths {
    share.and_then(|share| Billionths::nearest(share).ok()).unwrap_or(Billionths::ONE)
}

impl Pool {
    /// Shares that `holder` has: in its wallet, at the gate, committed.
    #[must_use]
    pub fn provided(&self, ledger: &Ledger, holder: AccountId) -> Amount {
        let wallet = ledger.balance(holder, self.shares);
        let Some(provision) = &self.provision else { return wallet };
        let waiting = provision.request(holder).map_or(Amount::ZERO, |(_, request)| request.shares);
        let committed = provision.commitment(holder).map_or(Amount::ZERO, |commitment| commitment.shares);
        // All three are parts of one supply, which fits.
        Amount::from_atoms(wallet.atoms() + waiting.atoms() + committed.atoms())
    }

    /// Shares that `holder` may still add under the cap, where `staked` of its shares lie in staking pools.
    #[must_use]
    pub fn room(&self, ledger: &Ledger, holder: AccountId, staked: Amount) -> Amount {
        let Some(cap) = self.provision.as_ref().and_then(|provision| provision.rules.cap_share) else {
            return Amount::MAX;
        };
        // Parts of one supply.
        let held = self.provided(ledger, holder).checked_add(staked).unwrap_or(Amount::MAX);
        room(held, ledger.supply(self.shares), share(Some(cap)))
    }
}
