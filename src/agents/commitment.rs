//! How long to lock for a reward: what stakers of a token and providers of liquidity have in common.
//!
//! A lock of `L` cycles pays, per year and share of the value staked,
//!
//! `r(L) = w(L) L / (L + 1) e n p / (S v)`
//!
//! with `w` the weight of the commitment tier, `e` the emission of the next cycle, `n` cycles a year, `S` what counts already,
//! `p` and `v` the prices of the reward and of what is staked; `L / (L + 1)` because a stake waits a cycle unpaid each time it
//! is renewed. It is the rate on display: nobody reckons with a halving before it is there, an assumption about people who
//! follow rates. Against it stands what being locked is worth: a premium for each cycle beyond the first,
//! which each agent draws for itself (patience). The lock with the largest `r(L) - premium (L - 1)` is taken.

use super::Eyes;
use crate::protocol::staking::MAX_LOCK_CYCLES;
use crate::quantity::Amount;
use crate::venue::stake_pools::{EmissionPool, EmissionPoolId};
use crate::venue::{Venues, stake_pools::StakeAccounts};
use crate::world::clock::Clock;
use crate::world::ledger::Ledger;
use crate::world::oracle::Oracle;

/// How long somebody is willing to be locked, and what for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Patience {
    /// The longest lock it accepts, in cycles.
    pub longest_cycles: f32,
    /// Return per year that it asks for each cycle of lock beyond the first.
    pub premium: f32,
}

/// A lock and what it is expected to bring.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lock {
    /// For how many cycles.
    pub cycles: u32,
    /// Reward over what is staked, per year.
    pub rate: f64,
    /// The same, less the premium.
    pub net: f64,
}

/// The best lock for a further stake of `more`, where an atom of reward is worth `reward_over_stake` atoms of what is staked;
/// `None` before the pool opens.
#[must_use]
pub fn best_lock(
    pool: &EmissionPool,
    clock: &Clock,
    patience: Patience,
    more: Amount,
    reward_over_stake: f64,
) -> Option<Lock> {
    let longest = f64::from(patience.longest_cycles).max(1.0);
    let mut best: Option<Lock> = None;
    for cycles in (1..=MAX_LOCK_CYCLES).take_while(|cycles| f64::from(*cycles) <= longest) {
        let rate = pool.reward_per_year(clock, more, cycles)? * reward_over_stake;
        let net = rate - f64::from(patience.premium) * f64::from(cycles - 1);
        if net.is_finite() && best.is_none_or(|best| net > best.net) {
            best = Some(Lock { cycles, rate, net });
        }
    }
    best
}

/// What people can see of staking: the pool, what its reward is worth.
#[derive(Debug, Clone, Copy)]
pub struct Farm<'w> {
    /// Its place.
    pub id: EmissionPoolId,
    /// The pool.
    pub pool: &'w EmissionPool,
    /// What it shares with others.
    pub accounts: StakeAccounts,
    /// Value of one unit of reward, in dollars.
    pub token_usd: f64,
}

impl<'w> Farm<'w> {
    /// The staking pool of that id, its reward at the average price of its market or at what it was worth at the start.
    #[must_use]
    pub fn of(
        venues: &'w Venues,
        ledger: &Ledger,
        oracle: &Oracle,
        clock: &Clock,
        id: EmissionPoolId,
    ) -> Option<Self> {
        let accounts = *venues.stakes().accounts()?;
        let at_first = venues.token().map_or(0.0, |economy| economy.initial_price_usd);
        let token_usd = venues.average_price(ledger, oracle, clock, accounts.token).unwrap_or(at_first);
        Some(Self { id, pool: venues.stakes().pool(id)?, accounts, token_usd })
    }

    /// The same, before these eyes.
    #[must_use]
    pub fn seen(eyes: &'w Eyes<'_>, id: EmissionPoolId) -> Option<Self> {
        Self::of(&eyes.venues, &eyes.ledger, &eyes.oracle, &eyes.clock, id)
    }

    /// Worth of an atom of reward over that of an atom of what is staked, at `stake_usd` a unit; zero where that is nothing.
    #[must_use]
    pub fn reward_over_stake(&self, ledger: &Ledger, stake_usd: f64) -> f64 {
        let atom = Amount::from_atoms(1);
        let reward = self.pool.tokens(atom) * self.token_usd;
        let stake = ledger.asset(self.pool.asset).decimals.units(atom) * stake_usd;
        if stake > 0.0 { reward / stake } else { 0.0 }
    }
}
