//! Registering, staking, claiming: the rules' answer, and what moves in the ledger for it.

use super::{Before, EmissionPool, EmissionPoolId, EmissionPools, StakeAccounts, StakeAction, StakeRefusal};
use crate::protocol::staking::Claimed;
use crate::quantity::Amount;
use crate::venue::{Deal, Refusal, Undo, Venues};
use crate::world::ledger::AccountId;
use crate::world::notes::Note;

impl Venues {
    /// The same venues with these staking pools.
    #[must_use]
    pub fn emitting(self, stakes: EmissionPools) -> Self {
        Self { stakes, ..self }
    }

    /// The staking pools.
    #[must_use]
    pub const fn stakes(&self) -> &EmissionPools {
        &self.stakes
    }

    /// Performs an action at a staking pool. Answers with what [`StakeAction`] says.
    pub(in crate::venue) fn perform_stake(
        &mut self,
        deal: &mut Deal<'_>,
        actor: AccountId,
        action: StakeAction,
        previous: Amount,
    ) -> Result<Amount, Refusal> {
        // What must stay of the actor's staked governance tokens, because it has voted.
        let voting =
            self.governance.as_ref().map_or(Amount::ZERO, |governance| governance.voting_stake(actor));
        let EmissionPools { accounts: Some(accounts), pools } = &mut self.stakes else {
            return Err(StakeRefusal::NoSuchPool.into());
        };
        let (id, accounts) = (action.pool(), *accounts);
        let elsewhere: Amount = pools
            .iter()
            .enumerate()
            .filter(|(place, pool)| *place != usize::from(id.0) && pool.asset == accounts.token)
            .filter_map(|(_, pool)| pool.stakers.get(&actor))
            .fold(Amount::ZERO, |sum, staker| sum.checked_add(staker.principal()).unwrap_or(Amount::MAX));
        let pool = pools.get_mut(usize::from(id.0)).ok_or(StakeRefusal::NoSuchPool)?;
        let mut desk = Desk { pool, id, accounts, undo: &mut self.undo, deal, actor };
        match action {
            StakeAction::Register { .. } => desk.register(),
            StakeAction::Stake { amount, lock_cycles, .. } => {
                desk.stake(amount.resolve(previous), lock_cycles)
            }
            StakeAction::Claim { .. } => desk.claim(voting.saturating_less(elsewhere)),
            StakeAction::VaultDeposit { amount, .. } => desk.deposit(amount.resolve(previous)),
            StakeAction::VaultRoll { .. } => desk.roll(),
            StakeAction::VaultRedeem { share, .. } => desk.redeem(share),
        }
    }
}

/// Who acts where, and what may be touched.
pub(super) struct Desk<'a, 'w> {
    pub(super) pool: &'a mut EmissionPool,
    pub(super) id: EmissionPoolId,
    pub(super) accounts: StakeAccounts,
    pub(super) undo: &'a mut Vec<Undo>,
    pub(super) deal: &'a mut Deal<'w>,
    pub(super) actor: AccountId,
}

impl Desk<'_, '_> {
    fn register(&mut self) -> Result<Amount, Refusal> {
        let opening = self.pool.opening.ok_or(StakeRefusal::NoRegistration)?;
        let height = self.pool.height(self.deal.clock);
        let before = Before::of_staker(self.pool, self.id, self.actor);
        let staker = self.pool.stakers.entry(self.actor).or_default();
        self.undo.push(Undo::Emission(Box::new(before)));
        let was = self.pool.rules.activation.height;
        self.pool.rules.activation.register(&opening, staker, height).map_err(StakeRefusal::Rules)?;
        if let (None, Some(opens)) = (was, self.pool.rules.activation.height) {
            let detail = format!("{} wallets have registered: it opens at block {opens}", opening.wallets);
            self.tell("staking_opens", detail, opens as f64);
        }
        Ok(Amount::ZERO)
    }

    fn stake(&mut self, amount: Amount, lock_cycles: u32) -> Result<Amount, Refusal> {
        let height = self.pool.height(self.deal.clock);
        let before = Before::of_staker(self.pool, self.id, self.actor);
        let staker = self.pool.stakers.entry(self.actor).or_default();
        let staked = self.pool.rules.stake(staker, height, amount, lock_cycles);
        self.undo.push(Undo::Emission(Box::new(before.having_staked(staked.ok()))));
        staked.map_err(StakeRefusal::Rules)?;
        self.deal.ledger.transfer(self.actor, self.accounts.stakes, self.pool.asset, amount)?;
        Ok(Amount::ZERO)
    }

    /// Pays what is due; of the principal `voting` atoms must stay.
    fn claim(&mut self, voting: Amount) -> Result<Amount, Refusal> {
        let height = self.pool.height(self.deal.clock);
        let before = Before::of_staker(self.pool, self.id, self.actor);
        let staker = self.pool.stakers.get_mut(&self.actor);
        let staker = staker.ok_or(StakeRefusal::Rules(crate::protocol::staking::Refusal::UnknownStaker))?;
        self.undo.push(Undo::Emission(Box::new(before)));
        let paid = self.pool.rules.claim_due(staker, height).map_err(StakeRefusal::Rules)?;
        if paid == Claimed::default() {
            return Err(StakeRefusal::NothingDue.into());
        }
        let left = staker.principal();
        if self.pool.asset == self.accounts.token && paid.principal.is_positive() && left < voting {
            return Err(StakeRefusal::StillVoting { voting, left }.into());
        }
        let StakeAccounts { stakes, community, token, apower } = self.accounts;
        self.deal.ledger.transfer(stakes, self.actor, self.pool.asset, paid.principal)?;
        let reward = paid.reward.min(self.deal.ledger.balance(community, token));
        self.deal.ledger.transfer(community, self.actor, token, reward)?;
        self.deal.ledger.mint(stakes, self.actor, apower, paid.apower)?;
        let missing = paid.reward.saturating_less(reward);
        if missing.is_positive() {
            self.pool.unpaid = self.pool.unpaid.checked_add(missing).unwrap_or(Amount::MAX);
            let units = self.deal.ledger.asset(token).decimals.units(missing);
            self.tell(
                "emission_short",
                format!("the community's account lacks {units} tokens of a reward"),
                units,
            );
        }
        Ok(reward)
    }

    pub(super) fn tell(&mut self, kind: &'static str, detail: String, value: f64) {
        self.deal.notes.add(Note {
            tick: self.deal.clock.tick(),
            block: self.deal.clock.block(),
            agent: Some(self.actor),
            kind,
            subject: self.pool.name.clone(),
            detail,
            value: Some(value),
        });
    }
}
