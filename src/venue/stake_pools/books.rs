//! What was emitted and what became of it, and what staking pays now.

use super::EmissionPool;
use crate::protocol::staking::Staker;
use crate::quantity::Amount;
use crate::venue::{Valuation, Venues};
use crate::world::clock::Clock;
use crate::world::ledger::Ledger;

/// Emission of all cycles that are over, in tokens: `scheduled = minted + lapsed`, and `claimed` is part of `minted`.
///
/// By the schedule in force: as in the contracts, a change of it reaches back to every cycle that is not claimed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct EmissionBooks {
    /// The most that could have been paid.
    pub scheduled: f64,
    /// Paid out, or owed to those who staked; what rounding leaves included.
    pub minted: f64,
    /// Paid out.
    pub claimed: f64,
    /// Fell in cycles in which nobody had staked: never paid.
    pub lapsed: f64,
}

impl EmissionPool {
    /// Its emission so far; nothing before it opens.
    #[must_use]
    pub fn books(&self, clock: &Clock) -> EmissionBooks {
        let Ok(emission) = self.rules.emission(self.height(clock)) else { return EmissionBooks::default() };
        // Beyond what a ledger holds nobody looks at the figure.
        let units = |atoms: i128| self.tokens(Amount::from_atoms(i64::try_from(atoms).unwrap_or(i64::MAX)));
        EmissionBooks {
            scheduled: units(emission.scheduled),
            minted: units(emission.staked),
            claimed: units(emission.minted - i128::from(self.unpaid.atoms())),
            lapsed: units(emission.lapsed()),
        }
    }

    /// Stake that counts in the running cycle, in atoms; nothing before the pool opens.
    #[must_use]
    pub fn staked(&self, clock: &Clock) -> Amount {
        self.cycle(clock).map_or(Amount::ZERO, |cycle| self.rules.total_at(cycle))
    }

    /// Rewards over stake, in atoms of reward a year for each atom staked, for a further stake of `more` that is locked for
    /// `lock_cycles` from the next cycle on, if emission and what counts stay as they are: the rate that a pool displays. The
    /// cycle in which a stake waits to be renewed is unpaid: `weight L / (L + 1) e / (S + weight more)` times the cycles in a
    /// year. `None` before the pool opens.
    #[must_use]
    pub fn reward_per_year(&self, clock: &Clock, more: Amount, lock_cycles: u32) -> Option<f64> {
        let next = self.cycle(clock)? + 1;
        let tiers = self.rules.tiers();
        let own = tiers.weigh(more, tiers.of_lock(lock_cycles)) as f64;
        let total = (self.rules.weighted_total_at(next) as f64 + own) / tiers.unit();
        let paid = f64::from(lock_cycles) / (f64::from(lock_cycles) + 1.0);
        let emission = self.rules.coinbase.at(next).atoms() as f64;
        let yearly = tiers.weight_of(lock_cycles) * paid * emission * self.cycles_per_year();
        Some(if total > 0.0 { yearly / total } else { 0.0 })
    }

    /// What a claim would pay a staker now: reward and principal, in atoms.
    #[must_use]
    pub fn due(&self, clock: &Clock, staker: &Staker) -> [Amount; 2] {
        let due = self.rules.quote_due(staker, self.height(clock)).unwrap_or_default();
        [due.reward, due.principal]
    }
}

impl Venues {
    /// What a reward is worth, in on-chain dollars.
    #[must_use]
    pub fn reward_value(&self, ledger: &Ledger, valuation: &Valuation, reward: Amount) -> f64 {
        let token = self.stakes.accounts().map(|accounts| accounts.token);
        token.map_or(0.0, |token| ledger.asset(token).decimals.units(reward) * valuation.price(token))
    }
}
