//! The noise trader: sees nothing, trades at random.
//!
//! Whenever it wakes it swaps a random part of one of its two balances in a pool. It stands for all flow that is not
//! modelled: Kyle (1985), "Continuous auctions and insider trading".

use bevy_ecs::prelude::*;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::profile::{Archetype, Check, Drawn, Endowment, ProfileProblem, Surroundings};
use super::{Awake, Dice, Eyes, add_decision};
use crate::numerics::distribution::Dist;
use crate::protocol::amm::Side;
use crate::quantity::Amount;
use crate::venue::pool::{PoolAction, PoolId};
use crate::venue::{Action, Mempool};
use crate::world::mempool::Size;
use crate::world::phase::Stage;

/// A noise trader.
#[derive(Debug, Clone, Copy, PartialEq, Component)]
pub struct NoiseTrader {
    /// Where it trades.
    pub pool: PoolId,
    /// It swaps a part of the balance uniform between zero and this share.
    pub largest_trade_share: f32,
}

/// What noise traders are drawn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoiseTraderProfile {
    /// Wake-ups per day.
    pub activity_per_day: Dist,
    /// What it owns at the start.
    pub endowment: Endowment,
    /// Name of the pool it trades in.
    pub pool: String,
    /// It swaps a part of one balance uniform between zero and this share.
    pub largest_trade_share: Dist,
}

impl Archetype for NoiseTrader {
    const KIND: &'static str = "noise_trader";
    type Profile = NoiseTraderProfile;

    fn problems(profile: &NoiseTraderProfile) -> Vec<ProfileProblem> {
        Check::default()
            .law("activity_per_day", &profile.activity_per_day, 0.0, f64::INFINITY)
            .endowment(&profile.endowment)
            .law("largest_trade_share", &profile.largest_trade_share, 0.0, 1.0)
            .done()
    }

    fn endowment(profile: &NoiseTraderProfile) -> &Endowment {
        &profile.endowment
    }

    fn draw(
        profile: &NoiseTraderProfile,
        around: &Surroundings<'_>,
        random: &mut ChaCha8Rng,
    ) -> Result<Drawn<Self>, ProfileProblem> {
        let pool = around.pool("pool", &profile.pool)?;
        Ok(Drawn {
            activity: around.activity(profile.activity_per_day.sample(random)),
            wealth_usd: profile.endowment.wealth_usd.sample(random),
            agent: Self { pool, largest_trade_share: profile.largest_trade_share.sample(random) as f32 },
        })
    }

    fn schedule(world: &mut World) {
        add_decision(world, Stage::PeopleBlock, decide);
    }
}

/// Which side, and how much of `balances` (base, quote) goes in, from two uniform draws in 0..1.
#[must_use]
#[inline]
pub fn choose(largest_share: f64, balances: [Amount; 2], side_draw: f64, size_draw: f64) -> (Side, Amount) {
    let (side, balance) =
        if side_draw < 0.5 { (Side::SellBase, balances[0]) } else { (Side::BuyBase, balances[1]) };
    (side, balance.share(largest_share * size_draw))
}

/// Submits the swaps of those awake.
pub fn decide(
    mut awake: Awake<NoiseTrader>,
    eyes: Eyes,
    dice: Res<Dice<NoiseTrader>>,
    mut mempool: ResMut<Mempool>,
) {
    let tick = eyes.clock.tick().0;
    awake.each(|id, trader| {
        let coins = eyes.venues.pool(trader.pool).coins;
        let balances = coins.map(|coin| eyes.ledger.balance(id, coin));
        let mut draws = dice.stream.at(id.0, tick);
        let (side, amount) =
            choose(f64::from(trader.largest_trade_share), balances, draws.random(), draws.random());
        if amount.is_positive() {
            let swap = PoolAction::Swap {
                pool: trader.pool,
                side,
                amount: Size::Exact(amount),
                min_out: Amount::ZERO,
            };
            mempool.submit(id, &[Action::Pool(swap)]);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_draws_choose_side_and_size() {
        let balances = [Amount::from_atoms(1_000), Amount::from_atoms(500)];
        assert_eq!(choose(0.1, balances, 0.2, 0.5), (Side::SellBase, Amount::from_atoms(50)));
        assert_eq!(choose(0.1, balances, 0.7, 1.0), (Side::BuyBase, Amount::from_atoms(50)));
    }
}
