//! The staker: holds the governance token and locks it for new ones, for as long as its patience is paid.
//!
//! It sees the pool's schedule, what is staked already, the token's price. While the pool waits for its crowd, it registers.
//! Later it keeps a share of its tokens staked, for the lock with the largest reward less what being locked is worth to it
//! ([`super::commitment`]), as long as that exceeds the return it asks for at all; it claims what is due and, if it restakes,
//! locks rewards too. One that prefers the vault deposits there instead, which rolls for it at the longest lock. What is
//! staked votes all the same.

use bevy_ecs::prelude::*;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::commitment::{Farm, Lock, Patience, best_lock};
use super::profile::{Archetype, Check, Drawn, Endowment, ProfileProblem, Surroundings};
use super::{Awake, Eyes, add_decision};
use crate::numerics::distribution::Dist;
use crate::quantity::Amount;
use crate::venue::stake_pools::{EmissionPool, EmissionPoolId, StakeAction};
use crate::venue::{Action, Mempool};
use crate::world::ledger::AccountId;
use crate::world::mempool::Size;
use crate::world::phase::Stage;

/// A staker. Shares and rates as numbers (0.01 is 1 %); the profile says what each means.
#[derive(Debug, Clone, Copy, PartialEq, Component)]
#[allow(missing_docs, reason = "the fields are those of the profile")]
pub struct Staker {
    pub pool: EmissionPoolId,
    pub prefers_vault: bool,
    pub restakes: bool,
    pub stake_share: f32,
    pub reservation_return: f32,
    pub patience: Patience,
    pub min_trade_usd: f32,
}

/// What stakers are drawn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StakerProfile {
    /// Wake-ups per day.
    pub activity_per_day: Dist,
    /// What it owns at the start.
    pub endowment: Endowment,
    /// Name of the staking pool, which takes the governance token.
    pub pool: String,
    /// The part of its tokens that it would have staked.
    pub stake_share: Dist,
    /// Reward over stake, less what being locked is worth, below which it stakes nothing, per year.
    pub reservation_return_per_year: Dist,
    /// Longest lock that it accepts, cycles.
    pub lock_cycles: Dist,
    /// Return per year that it asks for each cycle of lock beyond the first: its impatience.
    pub lock_premium_per_year: Dist,
    /// Probability that it prefers the vault, where there is one.
    pub vault_probability: Dist,
    /// Stakes what it is paid.
    pub restakes: bool,
    /// Smallest stake, and smallest reward worth a claim, dollars.
    pub min_trade_usd: Dist,
}

impl Archetype for Staker {
    const KIND: &'static str = "staker";
    type Profile = StakerProfile;

    fn problems(profile: &StakerProfile) -> Vec<ProfileProblem> {
        const ANY: f64 = f64::INFINITY;
        Check::default()
            .law("activity_per_day", &profile.activity_per_day, 0.0, ANY)
            .endowment(&profile.endowment)
            .law("stake_share", &profile.stake_share, 0.0, 1.0)
            .law("reservation_return_per_year", &profile.reservation_return_per_year, 0.0, ANY)
            .law("lock_cycles", &profile.lock_cycles, 1.0, 32.0)
            .law("lock_premium_per_year", &profile.lock_premium_per_year, 0.0, ANY)
            .law("vault_probability", &profile.vault_probability, 0.0, 1.0)
            .law("min_trade_usd", &profile.min_trade_usd, 0.0, ANY)
            .done()
    }

    fn endowment(profile: &StakerProfile) -> &Endowment {
        &profile.endowment
    }

    fn draw(
        profile: &StakerProfile,
        around: &Surroundings<'_>,
        random: &mut ChaCha8Rng,
    ) -> Result<Drawn<Self>, ProfileProblem> {
        let pool = around.staking_pool("pool", &profile.pool)?;
        let activity = around.activity(profile.activity_per_day.sample(random));
        let wealth_usd = profile.endowment.wealth_usd.sample(random);
        let mut draw = |law: &Dist| law.sample(random) as f32;
        let agent = Self {
            pool,
            prefers_vault: false,
            restakes: profile.restakes,
            stake_share: draw(&profile.stake_share),
            reservation_return: draw(&profile.reservation_return_per_year),
            patience: Patience {
                longest_cycles: draw(&profile.lock_cycles),
                premium: draw(&profile.lock_premium_per_year),
            },
            min_trade_usd: draw(&profile.min_trade_usd),
        };
        let odds = profile.vault_probability.sample(random);
        let prefers_vault = random.random::<f64>() < odds;
        Ok(Drawn { activity, wealth_usd, agent: Self { prefers_vault, ..agent } })
    }

    fn schedule(world: &mut World) {
        add_decision(world, Stage::PeopleBlock, decide);
    }
}

/// What a staker sees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sight {
    /// Known to the pool: it has registered or staked.
    pub known: bool,
    /// The pool has opened.
    pub open: bool,
    /// The pool is opened by registrations.
    pub registers: bool,
    /// There is a vault.
    pub vault: bool,
    /// Tokens in the wallet.
    pub wallet: Amount,
    /// Principal that it has staked, what is due and what its shares of the vault stand for included.
    pub staked: Amount,
    /// Reward and principal that a claim would pay.
    pub due: [Amount; 2],
    /// Value of an atom, dollars.
    pub atom_usd: f64,
}

/// What a staker does.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Choice {
    /// Registers.
    pub register: bool,
    /// Claims what is due.
    pub claim: bool,
    /// Locks this much, for so many cycles.
    pub stake: Option<(Amount, u32)>,
    /// Gives this much to the vault.
    pub deposit: Option<Amount>,
}

/// What a staker does about what it sees; `lock` is the best lock for a further stake of so many tokens.
#[must_use]
pub fn choose(staker: &Staker, sight: &Sight, lock: impl Fn(Amount) -> Option<Lock>) -> Choice {
    if !sight.open {
        return Choice { register: sight.registers && !sight.known, ..Choice::default() };
    }
    let min_trade = f64::from(staker.min_trade_usd);
    let worth = |amount: Amount| amount.atoms() as f64 * sight.atom_usd;
    let [reward, returning] = sight.due;
    let claim = returning.is_positive() || (reward.is_positive() && worth(reward) >= min_trade);
    let back = if claim { returning } else { Amount::ZERO };
    let free = sight.wallet.checked_add(back).unwrap_or(sight.wallet);
    // One that does not restake keeps what it is paid: only what comes back is locked again.
    let locked = sight.staked.saturating_less(back);
    let all = free.checked_add(locked).unwrap_or(Amount::MAX);
    let gap = all.share(f64::from(staker.stake_share)).saturating_less(locked).min(free);
    let gap = if staker.restakes || !sight.known { gap } else { gap.min(back) };
    let wish = (gap.is_positive() && worth(gap) >= min_trade).then(|| lock(gap)).flatten();
    let wish = wish.filter(|lock| lock.net > f64::from(staker.reservation_return));
    let in_vault = staker.prefers_vault && sight.vault;
    Choice {
        register: false,
        claim,
        stake: wish.filter(|_| !in_vault).map(|lock| (gap, lock.cycles)),
        deposit: wish.filter(|_| in_vault).map(|_| gap),
    }
}

/// What the vault holds for somebody.
fn in_vault(eyes: &Eyes<'_>, pool: &EmissionPool, id: AccountId) -> Amount {
    let Some(vault) = pool.vault() else { return Amount::ZERO };
    let (held, all) = (eyes.ledger.balance(id, vault.shares), eyes.ledger.supply(vault.shares));
    let part = if all.is_positive() { held.atoms() as f64 / all.atoms() as f64 } else { 0.0 };
    if part > 0.0 { vault.backing(&pool.rules, pool.height(&eyes.clock)).share(part) } else { Amount::ZERO }
}

/// Submits what those awake choose.
pub fn decide(mut awake: Awake<Staker>, eyes: Eyes, mut mempool: ResMut<Mempool>) {
    awake.each(|id, staker| tend(&eyes, id, staker, &mut mempool));
}

/// Submits what a staker chooses.
pub(super) fn tend(eyes: &Eyes<'_>, id: AccountId, staker: &Staker, mempool: &mut Mempool) {
    let Some(farm) = Farm::seen(eyes, staker.pool) else { return };
    let (pool, clock) = (farm.pool, &eyes.clock);
    let known = pool.staker(id);
    let staked = known.map_or(Amount::ZERO, |staker| staker.principal());
    let sight = Sight {
        known: known.is_some(),
        open: pool.cycle(clock).is_some(),
        registers: pool.opening.is_some(),
        vault: pool.vault().is_some(),
        wallet: eyes.ledger.balance(id, pool.asset),
        staked: staked.checked_add(in_vault(eyes, pool, id)).unwrap_or(Amount::MAX),
        due: known.map_or([Amount::ZERO; 2], |staker| pool.due(clock, staker)),
        atom_usd: pool.tokens(Amount::from_atoms(1)) * farm.token_usd,
    };
    // Reward and stake are the same token.
    let choice = choose(staker, &sight, |more| best_lock(pool, clock, staker.patience, more, 1.0));
    let here = farm.id;
    let mut send = |action| mempool.submit(id, &[Action::Stake(action)]);
    if choice.register {
        send(StakeAction::Register { pool: here });
    }
    if let Some(amount) = choice.deposit {
        send(StakeAction::VaultDeposit { pool: here, amount: Size::Exact(amount) });
    }
    let claim = Action::Stake(StakeAction::Claim { pool: here });
    let stake = choice.stake.map(|(amount, lock_cycles)| {
        Action::Stake(StakeAction::Stake { pool: here, amount: Size::Exact(amount), lock_cycles })
    });
    match (choice.claim, stake) {
        (true, Some(stake)) => mempool.submit(id, &[claim, stake]),
        (true, None) => mempool.submit(id, &[claim]),
        (false, Some(stake)) => mempool.submit(id, &[stake]),
        (false, None) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAKER: Staker = Staker {
        pool: EmissionPoolId(0),
        prefers_vault: false,
        restakes: true,
        stake_share: 0.5,
        reservation_return: 0.05,
        patience: Patience { longest_cycles: 32.0, premium: 0.01 },
        min_trade_usd: 10.0,
    };

    fn atoms(atoms: i64) -> Amount {
        Amount::from_atoms(atoms)
    }

    fn sight(wallet: i64, staked: i64, due: [i64; 2]) -> Sight {
        Sight {
            known: staked > 0,
            open: true,
            registers: true,
            vault: true,
            wallet: atoms(wallet),
            staked: atoms(staked),
            due: due.map(atoms),
            atom_usd: 1.0,
        }
    }

    fn pays(net: f64) -> impl Fn(Amount) -> Option<Lock> {
        move |_| Some(Lock { cycles: 8, rate: net, net })
    }

    #[test]
    fn it_registers_once_while_the_pool_waits() {
        let waits = Sight { open: false, ..sight(1_000, 0, [0, 0]) };
        assert!(choose(&STAKER, &waits, pays(1.0)).register);
        assert_eq!(choose(&STAKER, &Sight { known: true, ..waits }, pays(1.0)), Choice::default());
        assert_eq!(choose(&STAKER, &Sight { registers: false, ..waits }, pays(1.0)), Choice::default());
    }

    #[test]
    fn it_stakes_what_is_missing_if_that_pays() {
        let choice = choose(&STAKER, &sight(1_000, 0, [0, 0]), pays(0.06));
        assert_eq!(choice.stake, Some((atoms(500), 8)));
        assert_eq!(choose(&STAKER, &sight(1_000, 0, [0, 0]), pays(0.05)).stake, None, "its reservation");
        assert_eq!(choose(&STAKER, &sight(600, 590, [0, 0]), pays(0.06)).stake, None, "five are too few");
        let vault = Staker { prefers_vault: true, ..STAKER };
        let choice = choose(&vault, &sight(1_000, 0, [0, 0]), pays(0.06));
        assert_eq!((choice.stake, choice.deposit), (None, Some(atoms(500))));
    }

    #[test]
    fn what_comes_back_is_staked_again_and_rewards_only_by_those_who_restake() {
        // 300 of 500 come back, and 100 of reward lie in the wallet.
        let back = sight(600, 500, [40, 300]);
        let choice = choose(&STAKER, &back, pays(0.06));
        assert_eq!((choice.claim, choice.stake), (true, Some((atoms(350), 8))));
        let keeps = Staker { restakes: false, ..STAKER };
        assert_eq!(choose(&keeps, &back, pays(0.06)).stake, Some((atoms(300), 8)));
        let bad_times = choose(&STAKER, &back, pays(0.0));
        assert_eq!((bad_times.claim, bad_times.stake), (true, None));
        assert!(!choose(&STAKER, &sight(0, 500, [9, 0]), pays(0.06)).claim, "not worth a claim");
    }

    #[test]
    fn a_staker_is_small() {
        assert!(size_of::<Staker>() <= 40);
    }
}
