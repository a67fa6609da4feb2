//! Staking for emission in the world: who has locked what for how long, what a cycle pays, and out of whose pocket.
//!
//! A pool takes one asset: the governance token, or the shares of a pool. Principal lies in an account of its own, which
//! nothing else touches: neither the reserve nor a draw on it (the deployed contracts booked it into the reserve's ledger).
//! Rewards are governance tokens out of the community's part of the supply, never more than it holds: what is missing is
//! told and not paid. With every reward comes APower, which nobody can transfer.
//!
//! Blocks are counted from the start of the run; a height is the number of whole blocks since.
//!
//! | file | content |
//! |---|---|
//! | `verbs` | registering, staking, claiming |
//! | `vault` | the vault that compounds |
//! | `books` | what was emitted and what became of it, what staking pays |
//! | `undo` | how all of it was before an action |

mod books;
mod undo;
mod vault;
mod verbs;

use std::collections::BTreeMap;

use thiserror::Error;

pub use books::EmissionBooks;
pub(super) use undo::Before;
pub use vault::{ShareVault, VAULT_PREFIX};

use crate::protocol::staking::{self, ActivationRules, Coinbase, Staker, StakingPool};
use crate::quantity::{Amount, AssetId, Decimals, SECONDS_PER_YEAR};
use crate::world::clock::Clock;
use crate::world::ledger::AccountId;
use crate::world::mempool::Size;

/// The ticker of APower.
pub const APOWER: &str = "APower";

/// The place of a staking pool among those of a world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmissionPoolId(pub u8);

/// What can be done at a staking pool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StakeAction {
    /// Register a wallet: enough of them open a pool.
    Register {
        /// Where.
        pool: EmissionPoolId,
    },
    /// Lock the pool's asset from the next cycle on.
    Stake {
        /// Where.
        pool: EmissionPoolId,
        /// How much.
        amount: Size,
        /// For how many cycles, 1 to 32.
        lock_cycles: u32,
    },
    /// Take the rewards of all cycles that are over, and the principal whose lock is. Answers with the reward.
    Claim {
        /// Where.
        pool: EmissionPoolId,
    },
    /// Give tokens to the vault for shares of it. Answers with the shares.
    VaultDeposit {
        /// Where.
        pool: EmissionPoolId,
        /// How many tokens.
        amount: Size,
    },
    /// Roll the vault's oldest cycle that is over: claims, stakes again. Answers with the bounty.
    VaultRoll {
        /// Where.
        pool: EmissionPoolId,
    },
    /// Give shares of the vault back for tokens, once it has ended. Answers with the tokens.
    VaultRedeem {
        /// Where.
        pool: EmissionPoolId,
        /// Which share of one's shares.
        share: f64,
    },
}

impl StakeAction {
    /// The pool addressed.
    #[must_use]
    pub const fn pool(&self) -> EmissionPoolId {
        match self {
            Self::Register { pool }
            | Self::Stake { pool, .. }
            | Self::Claim { pool }
            | Self::VaultDeposit { pool, .. }
            | Self::VaultRoll { pool }
            | Self::VaultRedeem { pool, .. } => *pool,
        }
    }

    /// Whether what it answers with is earned: governance tokens that were nobody's before.
    #[must_use]
    pub const fn earns(&self) -> bool {
        matches!(self, Self::Claim { .. } | Self::VaultRoll { .. })
    }
}

/// Why a staking pool refuses.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum StakeRefusal {
    /// By the rules of staking.
    #[error(transparent)]
    Rules(#[from] staking::Refusal),
    /// There is no such pool.
    #[error("there is no such staking pool in this world")]
    NoSuchPool,
    /// Pools that open at a height register nobody.
    #[error("this pool opens at a height: nobody registers")]
    NoRegistration,
    /// There is no vault.
    #[error("there is no vault beside this staking pool")]
    NoVault,
    /// No cycle is over that has not been claimed.
    #[error("nothing can be claimed yet")]
    NothingDue,
    /// The principal has voted.
    #[error(
        "{voting} atoms of the stake have voted in an open poll and stay until it closes, {left} would be left"
    )]
    StillVoting {
        /// What must stay.
        voting: Amount,
        /// What would.
        left: Amount,
    },
    /// The community cannot pay what the vault is due.
    #[error("{due} atoms are due, and the community's account holds {held}")]
    CommunityEmpty {
        /// Due.
        due: Amount,
        /// Held.
        held: Amount,
    },
}

/// A staking pool in the world.
#[derive(Debug, Clone, PartialEq)]
pub struct EmissionPool {
    /// Name in configs, metrics and events.
    pub name: String,
    /// What is staked in it.
    pub asset: AssetId,
    /// How a crowd of wallets opens it; `None` where it opens at a height.
    pub opening: Option<ActivationRules>,
    /// Seconds from block to block.
    pub block_seconds: i64,
    /// What voters think of its emission.
    pub view: VoterView,
    /// Its cycles, its schedule, its totals.
    pub rules: StakingPool,
    /// The schedule at the start, on which voters' changes are counted.
    initial: Coinbase,
    /// `APower` for each token of reward at the start, and the vault's bounty.
    initial_apower_multiplier: f64,
    initial_bounty: Amount,
    stakers: BTreeMap<AccountId, Staker>,
    vault: Option<ShareVault>,
    /// Rewards that the community could not pay.
    unpaid: Amount,
    /// The scale of the governance token.
    token: Decimals,
}

/// What an emission of one token a cycle means to those who vote, as shares a year of what they hold.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct VoterView {
    /// What it brings holders of the staked asset.
    pub gain_per_year: f64,
    /// What it costs holders of the token.
    pub dilution_per_year: f64,
}

impl EmissionPool {
    /// A pool without stakers that pays in atoms of the scale `token`.
    #[must_use]
    pub fn new(
        name: String,
        asset: AssetId,
        block_seconds: i64,
        rules: StakingPool,
        token: Decimals,
    ) -> Self {
        Self {
            name,
            asset,
            opening: None,
            block_seconds: block_seconds.max(1),
            view: VoterView::default(),
            initial: rules.coinbase,
            initial_apower_multiplier: rules.apower_multiplier,
            initial_bounty: Amount::ZERO,
            rules,
            stakers: BTreeMap::new(),
            vault: None,
            unpaid: Amount::ZERO,
            token,
        }
    }

    /// The same, with a vault beside it.
    #[must_use]
    pub fn with_vault(self, vault: ShareVault) -> Self {
        Self { initial_bounty: vault.vault.bounty, vault: Some(vault), ..self }
    }

    /// The number of whole blocks since the start.
    #[must_use]
    pub fn height(&self, clock: &Clock) -> u64 {
        u64::try_from(clock.now_seconds() / self.block_seconds).unwrap_or(0)
    }

    /// The cycle that runs; `None` before the pool opens.
    #[must_use]
    pub fn cycle(&self, clock: &Clock) -> Option<u32> {
        self.rules.activation.cycle_at(self.height(clock)).ok()
    }

    /// Cycles in a year of 365 days.
    #[must_use]
    pub fn cycles_per_year(&self) -> f64 {
        let seconds = self.block_seconds as f64 * self.rules.activation.cycle_blocks.max(1) as f64;
        SECONDS_PER_YEAR / seconds
    }

    /// An amount of reward in tokens.
    #[must_use]
    pub fn tokens(&self, reward: Amount) -> f64 {
        self.token.units(reward)
    }

    /// The schedule at the start.
    #[must_use]
    pub const fn initial(&self) -> &Coinbase {
        &self.initial
    }

    /// `APower` for each token of reward at the start.
    #[must_use]
    pub const fn initial_apower_multiplier(&self) -> f64 {
        self.initial_apower_multiplier
    }

    /// The vault's bounty at the start; nothing without a vault.
    #[must_use]
    pub const fn initial_bounty(&self) -> Amount {
        self.initial_bounty
    }

    /// Gives whoever rolls the vault another bounty, in tokens. What does not fit the ledger changes nothing.
    pub(super) fn set_bounty(&mut self, tokens: f64) {
        if let (Some(standing), Ok(bounty)) = (&mut self.vault, self.token.floor(tokens)) {
            standing.vault.bounty = bounty;
        }
    }

    /// What a wallet has here, if it is known.
    #[must_use]
    pub fn staker(&self, account: AccountId) -> Option<&Staker> {
        self.stakers.get(&account)
    }

    /// Those who are known here, in the order of accounts.
    pub fn stakers(&self) -> impl Iterator<Item = (AccountId, &Staker)> {
        self.stakers.iter().map(|(account, staker)| (*account, staker))
    }

    /// The vault beside it.
    #[must_use]
    pub const fn vault(&self) -> Option<&ShareVault> {
        self.vault.as_ref()
    }

    /// Rewards that the community could not pay.
    #[must_use]
    pub const fn unpaid(&self) -> Amount {
        self.unpaid
    }
}

/// The accounts and assets that all staking pools share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StakeAccounts {
    /// Holds all principal, and what the vaults have not staked.
    pub stakes: AccountId,
    /// Out of which rewards are paid.
    pub community: AccountId,
    /// What rewards are paid in.
    pub token: AssetId,
    /// What comes with them.
    pub apower: AssetId,
}

/// The staking pools of a world; none by default.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EmissionPools {
    accounts: Option<StakeAccounts>,
    pools: Vec<EmissionPool>,
}

impl EmissionPools {
    /// These pools.
    #[must_use]
    pub const fn new(accounts: StakeAccounts, pools: Vec<EmissionPool>) -> Self {
        Self { accounts: Some(accounts), pools }
    }

    /// The pools, by id.
    #[must_use]
    pub fn pools(&self) -> &[EmissionPool] {
        &self.pools
    }

    /// The pools, for voters to change.
    pub(super) fn pools_mut(&mut self) -> impl Iterator<Item = &mut EmissionPool> {
        self.pools.iter_mut()
    }

    /// The pool of that id.
    #[must_use]
    pub fn pool(&self, id: EmissionPoolId) -> Option<&EmissionPool> {
        self.pools.get(usize::from(id.0))
    }

    /// What they share; `None` where there are none.
    #[must_use]
    pub const fn accounts(&self) -> Option<&StakeAccounts> {
        self.accounts.as_ref()
    }

    /// The first pool that takes `asset`.
    #[must_use]
    pub fn for_asset(&self, asset: AssetId) -> Option<EmissionPoolId> {
        let place = self.pools.iter().position(|pool| pool.asset == asset)?;
        u8::try_from(place).ok().map(EmissionPoolId)
    }

    /// Principal of `owner` in all pools of `asset`. What it gave to a vault is the vault's.
    #[must_use]
    pub fn principal_of(&self, asset: AssetId, owner: AccountId) -> Amount {
        let parts = self.staked_by(owner).filter(|(staked, _)| *staked == asset);
        // Parts of one supply.
        parts.fold(Amount::ZERO, |sum, (_, part)| sum.checked_add(part).unwrap_or(Amount::MAX))
    }

    /// The same for every asset, pool by pool.
    pub fn staked_by(&self, owner: AccountId) -> impl Iterator<Item = (AssetId, Amount)> + '_ {
        let stakes = move |pool: &EmissionPool| Some((pool.asset, pool.stakers.get(&owner)?.principal()));
        self.pools.iter().filter_map(stakes)
    }

    /// Everybody's principal in pools of `asset`, by pool and account.
    pub fn principals(&self, asset: AssetId) -> impl Iterator<Item = (AccountId, Amount)> + '_ {
        let pools = self.pools.iter().filter(move |pool| pool.asset == asset);
        pools.flat_map(|pool| pool.stakers.iter().map(|(owner, staker)| (*owner, staker.principal())))
    }
}
