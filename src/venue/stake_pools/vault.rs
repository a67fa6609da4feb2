//! The vault that compounds, in the world: one staker of its pool, whose shares are an asset.
//!
//! It follows the rules of `auto-alex-v2`: every cycle must be rolled before anybody can deposit, and deposits roll the last
//! one themselves. It opens with its first deposit, because a vault that has nothing to claim cannot be rolled.

use super::verbs::Desk;
use super::{Before, StakeAccounts, StakeRefusal};
use crate::protocol::staking::{AutoVault, Claimed, Generation, Rolled, StakingPool};
use crate::quantity::{Amount, AssetId};
use crate::venue::{Refusal, Undo};

/// What the ticker of a vault's shares begins with.
pub const VAULT_PREFIX: &str = "auto_";

/// A vault and what its shares are.
#[derive(Debug, Clone, PartialEq)]
pub struct ShareVault {
    /// The asset that its shares are.
    pub shares: AssetId,
    /// The vault.
    pub vault: AutoVault,
}

impl ShareVault {
    /// A vault without depositors that pays `bounty` for a roll, and stakes for cycles up to `end_cycle`.
    #[must_use]
    pub fn new(shares: AssetId, bounty: Amount, end_cycle: Option<u32>) -> Self {
        let generation = Generation::Second {
            start_cycle: None,
            create_paused: false,
            redeem_paused: false,
            rolled: std::collections::BTreeSet::new(),
        };
        Self { shares, vault: AutoVault { end_cycle, ..AutoVault::new(generation, bounty) } }
    }

    /// The oldest cycle that is over and not rolled.
    #[must_use]
    pub fn unrolled(&self, current: u32) -> Option<u32> {
        self.vault.staker.first_unclaimed().filter(|first| *first < current)
    }

    /// Tokens behind all shares: principal, what is idle, rewards of cycles that are over. Those of the running cycle, which
    /// may still fall as others stake, are left out.
    #[must_use]
    pub fn backing(&self, pool: &StakingPool, height: u64) -> Amount {
        let due = pool.quote_due(&self.vault.staker, height).unwrap_or_default().reward;
        let parts = [self.vault.staker.principal(), self.vault.idle, due];
        parts.into_iter().fold(Amount::ZERO, |sum, part| sum.checked_add(part).unwrap_or(Amount::MAX))
    }
}

impl Desk<'_, '_> {
    /// Takes the vault out of the pool, so that both can change, and remembers how they were.
    fn on_vault<T>(
        &mut self,
        act: impl FnOnce(&mut AutoVault, &mut StakingPool, u64) -> Result<T, crate::protocol::staking::Refusal>,
        staked: impl Fn(&T) -> [Option<crate::protocol::staking::Staked>; 2],
    ) -> Result<(AssetId, T), Refusal> {
        let height = self.pool.height(self.deal.clock);
        let Some(mut standing) = self.pool.vault.take() else { return Err(StakeRefusal::NoVault.into()) };
        let before = Before::of_vault(self.pool, self.id, &standing.vault);
        let outcome = act(&mut standing.vault, &mut self.pool.rules, height);
        let shares = standing.shares;
        self.pool.vault = Some(standing);
        let made = outcome.as_ref().map(staked).unwrap_or_default();
        let before = made.into_iter().fold(before, Before::having_staked);
        self.undo.push(Undo::Emission(Box::new(before)));
        Ok((shares, outcome.map_err(StakeRefusal::Rules)?))
    }

    pub(super) fn deposit(&mut self, amount: Amount) -> Result<Amount, Refusal> {
        let (shares, deposited) = self.on_vault(
            |vault, pool, height| {
                if matches!(vault.generation, Generation::Second { start_cycle: None, .. }) {
                    vault.start_with(pool.activation.cycle_at(height)?);
                }
                vault.deposit(pool, height, amount)
            },
            |deposited| [Some(deposited.staked), deposited.rolled.and_then(|rolled| rolled.staked)],
        )?;
        self.deal.ledger.transfer(self.actor, self.accounts.stakes, self.pool.asset, amount)?;
        if let Some(rolled) = deposited.rolled {
            self.pay_roll(&rolled)?;
        }
        self.deal.ledger.mint(self.accounts.stakes, self.actor, shares, deposited.shares)?;
        Ok(deposited.shares)
    }

    pub(super) fn roll(&mut self) -> Result<Amount, Refusal> {
        let current = self.pool.cycle(self.deal.clock).unwrap_or(0);
        let vault = self.pool.vault.as_ref().ok_or(StakeRefusal::NoVault)?;
        let cycle = vault.unrolled(current).ok_or(StakeRefusal::NothingDue)?;
        let (_, rolled) = self.on_vault(
            |vault, pool, height| vault.roll(pool, height, cycle),
            |rolled| [rolled.staked, None],
        )?;
        self.pay_roll(&rolled)?;
        let units = self.deal.ledger.asset(self.accounts.token).decimals.units(rolled.claimed.reward);
        self.tell("vault_rolled", format!("cycle {cycle}: {units} tokens of reward compounded"), units);
        Ok(rolled.bounty)
    }

    pub(super) fn redeem(&mut self, share: f64) -> Result<Amount, Refusal> {
        let vault = self.pool.vault.as_ref().ok_or(StakeRefusal::NoVault)?;
        let held = self.deal.ledger.balance(self.actor, vault.shares);
        let (shares, redeemed) =
            self.on_vault(|vault, pool, height| vault.redeem(pool, height, held, share), |_| [None, None])?;
        self.receive(&redeemed.claimed)?;
        self.deal.ledger.burn(self.accounts.stakes, self.actor, shares, redeemed.burned)?;
        self.deal.ledger.transfer(self.accounts.stakes, self.actor, self.pool.asset, redeemed.payout)?;
        Ok(redeemed.payout)
    }

    /// Moves a roll's reward to the stakes and its bounty to whoever called.
    fn pay_roll(&mut self, rolled: &Rolled) -> Result<(), Refusal> {
        self.receive(&rolled.claimed)?;
        self.deal.ledger.transfer(self.accounts.stakes, self.actor, self.pool.asset, rolled.bounty)?;
        Ok(())
    }

    /// Moves a reward to the stakes. A vault must be paid in full, for its books hold the reward already.
    fn receive(&mut self, claimed: &Claimed) -> Result<(), Refusal> {
        let StakeAccounts { stakes, community, token, apower } = self.accounts;
        let held = self.deal.ledger.balance(community, token);
        if claimed.reward > held {
            return Err(StakeRefusal::CommunityEmpty { due: claimed.reward, held }.into());
        }
        self.deal.ledger.transfer(community, stakes, token, claimed.reward)?;
        self.deal.ledger.mint(stakes, stakes, apower, claimed.apower)?;
        Ok(())
    }
}
