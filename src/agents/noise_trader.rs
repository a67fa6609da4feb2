//! The noise trader: sees nothing, trades at random.
//!
//! Whenever it wakes it swaps a random part of one of its two balances in a pool, or, if it knows an order book, it may
//! bring it there, at the market or with a limit a little way off; whoever was too far off tries again the next time. It
//! stands for all flow that is not modelled: Kyle (1985), "Continuous auctions and insider trading".

use bevy_ecs::prelude::*;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::profile::{Archetype, Check, Drawn, Endowment, ProfileProblem, Surroundings};
use super::{Awake, Dice, Eyes, add_decision};
use crate::numerics::distribution::Dist;
use crate::protocol::amm::Side;
use crate::protocol::order_book::{Budget, Side as OrderSide, TimeInForce};
use crate::quantity::Amount;
use crate::venue::book::{Book, BookAction, BookId};
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
    /// What it does in an order book, if it knows one.
    pub orders: Option<OrderHabit>,
}

/// How a noise trader uses an order book.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OrderHabit {
    /// Which.
    pub book: BookId,
    /// Probability that a trade goes there and not to the pool.
    pub share: f32,
    /// Probability that it is a limit order and not a market order.
    pub limit_share: f32,
    /// The limit is off the middle of the book, on the patient side, by a part of the price uniform between zero and this.
    pub largest_distance: f32,
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
    /// What it does in an order book of the pool's two coins; nothing if not given.
    #[serde(default)]
    pub orders: Option<OrderHabitProfile>,
}

/// What habits with order books are drawn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderHabitProfile {
    /// Name of the order book.
    pub book: String,
    /// Probability that a trade goes there and not to the pool, 0 to 1.
    pub share: Dist,
    /// Probability that it is a limit order and not a market order, 0 to 1.
    pub limit_share: Dist,
    /// The limit is off the middle of the book by a part of the price uniform between zero and this, in basis points.
    pub largest_distance_bps: Dist,
}

impl Archetype for NoiseTrader {
    const KIND: &'static str = "noise_trader";
    type Profile = NoiseTraderProfile;

    fn problems(profile: &NoiseTraderProfile) -> Vec<ProfileProblem> {
        let check = Check::default()
            .law("activity_per_day", &profile.activity_per_day, 0.0, f64::INFINITY)
            .endowment(&profile.endowment)
            .law("largest_trade_share", &profile.largest_trade_share, 0.0, 1.0);
        let Some(orders) = &profile.orders else { return check.done() };
        check
            .law("orders.share", &orders.share, 0.0, 1.0)
            .law("orders.limit_share", &orders.limit_share, 0.0, 1.0)
            .law("orders.largest_distance_bps", &orders.largest_distance_bps, 0.0, 9_999.0)
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
        let activity = around.activity(profile.activity_per_day.sample(random));
        let wealth_usd = profile.endowment.wealth_usd.sample(random);
        let largest_trade_share = profile.largest_trade_share.sample(random) as f32;
        let orders = match &profile.orders {
            None => None,
            Some(orders) => Some(OrderHabit {
                book: {
                    let book = around.book("orders.book", &orders.book)?;
                    around.pool_of_coins("pool", &profile.pool, book)?;
                    book
                },
                share: orders.share.sample(random) as f32,
                limit_share: orders.limit_share.sample(random) as f32,
                largest_distance: (orders.largest_distance_bps.sample(random) * 1e-4) as f32,
            }),
        };
        Ok(Drawn { activity, wealth_usd, agent: Self { pool, largest_trade_share, orders } })
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

/// What goes to an order book, from two uniform draws in 0..1: a market order, or a limit order in place of the one before.
/// `middle` is the price around which limits lie.
#[must_use]
pub fn order(
    habit: &OrderHabit,
    book: &Book,
    (side, amount): (Side, Amount),
    middle: Option<f64>,
    limit_draw: f64,
    distance_draw: f64,
) -> Option<[Action; 2]> {
    let id = habit.book;
    let tidy = Action::Book(BookAction::CancelAll { book: id });
    let side = match side {
        Side::SellBase => OrderSide::Sell,
        Side::BuyBase => OrderSide::Buy,
    };
    if limit_draw >= f64::from(habit.limit_share) {
        if matches!(book.budget(side, amount), Budget::Lots(0) | Budget::Notional(0)) {
            return None;
        }
        let amount = Size::Exact(amount);
        return Some([
            tidy,
            Action::Book(BookAction::Market { book: id, side, amount, min_out: Amount::ZERO }),
        ]);
    }
    let distance = f64::from(habit.largest_distance) * distance_draw;
    let limit = middle?
        * match side {
            OrderSide::Buy => 1.0 - distance,
            OrderSide::Sell => 1.0 + distance,
        };
    let price = book.ticks(side, limit)?;
    let lots = match side {
        OrderSide::Buy => book.lots_for(amount, price),
        OrderSide::Sell => book.lots(amount),
    };
    let time_in_force = TimeInForce::GoodTillCancelled;
    (lots > 0)
        .then_some([tidy, Action::Book(BookAction::Limit { book: id, side, price, lots, time_in_force })])
}

/// Submits the trades of those awake.
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
        if !amount.is_positive() {
            return;
        }
        let habit = trader.orders.filter(|habit| draws.random::<f64>() < f64::from(habit.share));
        if let Some(habit) = habit {
            let book = eyes.venues.book(habit.book);
            let middle = book.mid().or_else(|| eyes.venues.pool(trader.pool).price(&eyes.ledger));
            let wish = order(&habit, book, (side, amount), middle, draws.random(), draws.random());
            if let Some(actions) = wish {
                mempool.submit(id, &actions);
            }
        } else {
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
    use crate::protocol::order_book::{FeeRate, SelfMatch};
    use crate::quantity::AssetId;
    use crate::venue::book::BookTerms;
    use crate::world::ledger::AccountId;

    #[test]
    fn the_draws_choose_side_and_size() {
        let balances = [Amount::from_atoms(1_000), Amount::from_atoms(500)];
        assert_eq!(choose(0.1, balances, 0.2, 0.5), (Side::SellBase, Amount::from_atoms(50)));
        assert_eq!(choose(0.1, balances, 0.7, 1.0), (Side::BuyBase, Amount::from_atoms(50)));
    }

    #[test]
    fn the_draws_choose_between_the_market_and_a_limit() {
        let book = Book::new(BookTerms {
            name: "book".into(),
            account: AccountId(0),
            coins: [AssetId(1), AssetId(0)],
            reserve: AccountId(0),
            tick_size: 0.01,
            lot_atoms: 1_000_000,
            tick_lot_atoms: 10,
            maker_fee: FeeRate::default(),
            taker_fee: FeeRate::default(),
            self_match: SelfMatch::default(),
        });
        let id = BookId(0);
        let habit = OrderHabit { book: id, share: 1.0, limit_share: 0.5, largest_distance: 0.01 };
        let dollars = (Side::BuyBase, Amount::from_atoms(1_000_000_000));
        let tidy = Action::Book(BookAction::CancelAll { book: id });
        let amount = Size::Exact(dollars.1);
        let market = BookAction::Market { book: id, side: OrderSide::Buy, amount, min_out: Amount::ZERO };
        assert_eq!(order(&habit, &book, dollars, None, 0.6, 0.0), Some([tidy, Action::Book(market)]));
        // Half a per cent below 2,000 is 1,990: a thousand dollars buy 502 thousandths there.
        let limit = |side, price, lots| {
            let time_in_force = TimeInForce::GoodTillCancelled;
            Some([tidy, Action::Book(BookAction::Limit { book: id, side, price, lots, time_in_force })])
        };
        let patient = |wish| order(&habit, &book, wish, Some(2_000.0), 0.4, 0.5);
        assert_eq!(patient(dollars), limit(OrderSide::Buy, 199_000, 502));
        assert_eq!(
            patient((Side::SellBase, Amount::from_atoms(5_999_999))),
            limit(OrderSide::Sell, 201_000, 5)
        );
        assert_eq!(patient((Side::SellBase, Amount::from_atoms(999_999))), None, "less than a lot");
        assert_eq!(order(&habit, &book, dollars, None, 0.4, 0.5), None, "around what?");
    }
}
