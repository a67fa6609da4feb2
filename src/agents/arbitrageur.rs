//! The arbitrageur (bot).

use bevy_ecs::prelude::*;

use super::{Awake, Eyes};
use crate::protocol::amm::Side;
use crate::quantity::Amount;
use crate::venue::exchange::Order;
use crate::venue::pool::{PoolAction, PoolId};
use crate::venue::{Action, Mempool};
use crate::world::mempool::Size;

/// An arbitrageur.
#[derive(Debug, Clone, Copy, PartialEq, Component)]
pub struct Arbitrageur {
    /// Where it trades.
    pub pool: PoolId,
}

/// Submits the trades of those awake.
pub fn decide(mut awake: Awake<Arbitrageur>, eyes: Eyes, mut mempool: ResMut<Mempool>) {
    awake.each(|id, bot| {
        let pool = eyes.venues.pool(bot.pool);
        let [x, y] = pool.reserves(&eyes.ledger);
        let Some(outside) = eyes.venues.exchange.mid(&eyes.oracle, pool.coins[0]) else { return };
        let gamma = 1.0 - pool.fee;
        let (side, amount, coin) = if outside * gamma > y / x {
            (Side::BuyBase, ((gamma * outside * x * y).sqrt() - y) / gamma, 1)
        } else if outside < gamma * y / x {
            (Side::SellBase, ((gamma * x * y / outside).sqrt() - x) / gamma, 0)
        } else {
            return;
        };
        let scale = eyes.ledger.asset(pool.coins[coin]).decimals;
        let Ok(amount) = scale.floor(amount) else { return };
        let amount = amount.min(eyes.ledger.balance(id, pool.coins[coin]));
        if amount.is_positive() {
            let swap = Action::Pool(PoolAction::Swap {
                pool: bot.pool,
                side,
                amount: Size::Exact(amount),
                min_out: Amount::ZERO,
            });
            let hedge = match side {
                Side::BuyBase => Order::Sell { asset: pool.coins[0], amount: Size::Previous },
                Side::SellBase => Order::Buy { asset: pool.coins[0], dollars: Size::Previous },
            };
            mempool.submit(id, &[swap, Action::Exchange(hedge)]);
        }
    });
}
