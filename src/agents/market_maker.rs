//! The market maker: stands ready on both sides of an order book, and lives on the spread.
//!
//! It sees what the base coin is worth (outside mid price or net asset value, or the price in a pool), how much that has
//! been moving, and what it holds. It wants to buy below and sell above, and to end with the mix that it began with. Around
//! what the coin is worth to *it*, which is less the more of it it has, it places a few orders on each side; when that has
//! moved, or an order is gone, it takes all back and quotes anew. It pays for priority, so that it is there before others
//! trade on its old prices, and more for taking back than for quoting: a venue that lets cancellations go first is where
//! makers dare to be near.
//!
//! Behaviour: M. Avellaneda and S. Stoikov, "High-frequency trading in a limit order book", Quantitative Finance 8 (2008).
//! For a maker of risk aversion `gamma` that is `q` long, over a horizon `tau`, with volatility `sigma`:
//!
//! ```text
//! reservation price   r = s - q gamma sigma^2 tau
//! half-spread         d = gamma sigma^2 tau / 2 + ln(1 + gamma / k) / gamma
//! ```
//!
//! Here everything is relative: `q` is the base held beyond the target as a share of all it holds, so that `gamma` is a
//! relative risk aversion, and the second term of the half-spread, what the density of orders `k` lets it earn beside the
//! risk, is a number of the profile.

use bevy_ecs::prelude::*;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::profile::{Archetype, Check, Drawn, Endowment, ProfileProblem, Surroundings};
use super::{Awake, Eyes, add_decision};
use crate::numerics::distribution::Dist;
use crate::protocol::order_book::{Side, TimeInForce, Trader};
use crate::quantity::{Amount, HOURS_PER_YEAR};
use crate::venue::book::{Book, BookAction, BookId};
use crate::venue::execute::Network;
use crate::venue::pool::PoolId;
use crate::venue::{Action, Mempool, Valuation};
use crate::world::ledger::AccountId;
use crate::world::mempool::Terms;
use crate::world::phase::Stage;

/// The most orders of a maker on each side.
pub const MOST_LEVELS: usize = 8;

/// What a market maker takes for the worth of the base coin.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum FairValue {
    /// What it is worth by itself: the outside mid price, or the net asset value.
    #[default]
    Value,
    /// The marginal price in the pool of that name, of the same two coins.
    Pool(String),
}

/// A market maker.
#[derive(Debug, Clone, Copy, PartialEq, Component)]
pub struct MarketMaker {
    /// Where it quotes.
    pub book: BookId,
    /// The pool whose price it believes; what the coin is worth by itself if none.
    pub pool: Option<PoolId>,
    /// How it quotes.
    pub style: Style,
    /// What it pays for priority when it quotes anew, in dollars; twice as much when it takes its orders back.
    pub priority_fee_usd: f32,
    /// What it remembers of the price.
    pub memory: Memory,
    /// The reservation price around which it last quoted; zero before the first time.
    pub quoted: f64,
    /// How many orders it placed then.
    pub placed: u8,
}

/// How a market maker quotes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    /// Half of the spread in a market without risk, as a share of the price.
    pub half_spread: f64,
    /// Relative risk aversion.
    pub risk_aversion: f64,
    /// How long it expects to hold what it buys, in hours.
    pub horizon_hours: f64,
    /// The share of what it holds that it wants in the base coin.
    pub target_base_share: f64,
    /// The part of its holding of each coin that it offers.
    pub offered_share: f64,
    /// Orders on each side.
    pub levels: u8,
    /// Distance between them, as a share of the price.
    pub level_step: f64,
    /// It quotes anew when its reservation price has moved by this share.
    pub requote: f64,
}

/// What market makers are drawn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarketMakerProfile {
    /// Probability of being awake in a tick, 0 to 1.
    pub alertness: Dist,
    /// What it owns at the start.
    pub endowment: Endowment,
    /// Name of the order book in which it quotes.
    pub book: String,
    /// What it takes for the worth of the base coin: `Value` (outside mid price or net asset value) or `Pool("NAME")`.
    #[serde(default)]
    pub fair_value: FairValue,
    /// Half of the spread in a market without risk, in basis points.
    pub half_spread_bps: Dist,
    /// Relative risk aversion: how much it leans and widens with risk.
    pub risk_aversion: Dist,
    /// How long it expects to hold what it buys, in hours.
    pub horizon_hours: Dist,
    /// Volatility that it begins with, per square root of a year (0.8 is 80 %).
    pub initial_volatility: Dist,
    /// Time in which a move counts half as much in its estimate of volatility, in hours.
    pub volatility_half_life_hours: Dist,
    /// The share of what it holds that it wants in the base coin, 0 to 1.
    pub target_base_share: Dist,
    /// The part of its holding of each coin that it offers, 0 to 1.
    pub offered_share: Dist,
    /// Orders on each side, 1 to 8.
    pub levels: u8,
    /// Distance between them, in basis points.
    pub level_step_bps: Dist,
    /// It quotes anew when its reservation price has moved by so many basis points.
    pub requote_bps: Dist,
    /// What it pays for priority when it quotes anew, in dollars; twice as much when it takes its orders back.
    pub priority_fee_usd: Dist,
}

impl Archetype for MarketMaker {
    const KIND: &'static str = "market_maker";
    type Profile = MarketMakerProfile;

    fn problems(profile: &MarketMakerProfile) -> Vec<ProfileProblem> {
        Check::default()
            .law("alertness", &profile.alertness, 0.0, 1.0)
            .endowment(&profile.endowment)
            .law("half_spread_bps", &profile.half_spread_bps, 0.0, f64::INFINITY)
            .law("risk_aversion", &profile.risk_aversion, 0.0, f64::INFINITY)
            .law("horizon_hours", &profile.horizon_hours, 0.0, f64::INFINITY)
            .law("initial_volatility", &profile.initial_volatility, 0.0, f64::INFINITY)
            .law("volatility_half_life_hours", &profile.volatility_half_life_hours, 0.0, f64::INFINITY)
            .law("target_base_share", &profile.target_base_share, 0.0, 1.0)
            .law("offered_share", &profile.offered_share, 0.0, 1.0)
            .number("levels", f64::from(profile.levels), 1.0, MOST_LEVELS as f64)
            .law("level_step_bps", &profile.level_step_bps, 0.0, f64::INFINITY)
            .law("requote_bps", &profile.requote_bps, 0.0, f64::INFINITY)
            .law("priority_fee_usd", &profile.priority_fee_usd, 0.0, 1e6)
            .done()
    }

    fn endowment(profile: &MarketMakerProfile) -> &Endowment {
        &profile.endowment
    }

    fn draw(
        profile: &MarketMakerProfile,
        around: &Surroundings<'_>,
        random: &mut ChaCha8Rng,
    ) -> Result<Drawn<Self>, ProfileProblem> {
        let book = around.book("book", &profile.book)?;
        let pool = match &profile.fair_value {
            FairValue::Value => None,
            FairValue::Pool(name) => Some(around.pool_of_coins("fair_value", name, book)?),
        };
        let mut draw = |law: &Dist| law.sample(random);
        let (activity, wealth_usd) = (draw(&profile.alertness), draw(&profile.endowment.wealth_usd));
        let style = Style {
            half_spread: draw(&profile.half_spread_bps) * 1e-4,
            risk_aversion: draw(&profile.risk_aversion),
            horizon_hours: draw(&profile.horizon_hours),
            target_base_share: draw(&profile.target_base_share),
            offered_share: draw(&profile.offered_share),
            levels: profile.levels,
            level_step: draw(&profile.level_step_bps) * 1e-4,
            requote: draw(&profile.requote_bps) * 1e-4,
        };
        let volatility = draw(&profile.initial_volatility);
        let memory = Memory {
            variance_per_hour: volatility * volatility / HOURS_PER_YEAR,
            half_life_hours: draw(&profile.volatility_half_life_hours),
            last: None,
        };
        let priority_fee_usd = draw(&profile.priority_fee_usd) as f32;
        let agent = Self { book, pool, style, priority_fee_usd, memory, quoted: 0.0, placed: 0 };
        Ok(Drawn { activity, wealth_usd, agent })
    }

    fn schedule(world: &mut World) {
        add_decision(world, Stage::PeopleBlock, decide);
    }
}

/// An estimate of how much a price moves: squared returns, each counting half as much after each half-life.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Memory {
    /// Variance of the logarithm of the price in an hour.
    pub variance_per_hour: f64,
    /// Hours after which a return counts half as much; zero believes the last one alone.
    pub half_life_hours: f64,
    /// The price last seen, and when, in hours since the start.
    pub last: Option<(f64, f64)>,
}

impl Memory {
    /// Takes notice of a price.
    pub fn see(&mut self, price: f64, hours: f64) {
        if let Some((before, since)) = self.last
            && hours > since
        {
            let (length, moved) = (hours - since, libm::log(price / before));
            let kept = super::wallet::remembered(length, self.half_life_hours);
            self.variance_per_hour = kept * self.variance_per_hour + (1.0 - kept) * moved * moved / length;
        }
        self.last = Some((price, hours));
    }
}

/// What a market maker quotes around, and how far from it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stance {
    /// What a unit of base is worth to it, in quote.
    pub reservation: f64,
    /// Half of the spread, as a share of that.
    pub half_spread: f64,
}

impl Style {
    /// The stance of a maker to whom a unit of base is worth `fair` in itself, and who holds so much base and quote, all
    /// counted in quote. `None` if it has nothing.
    ///
    /// The lean is at most what halves or doubles the price, so that no quote is nonsense.
    #[must_use]
    pub fn stance(&self, fair: f64, variance_per_hour: f64, [base, quote]: [f64; 2]) -> Option<Stance> {
        let whole = base + quote;
        if !(whole > 0.0 && fair > 0.0 && fair.is_finite()) {
            return None;
        }
        let risk = self.risk_aversion * variance_per_hour * self.horizon_hours;
        let long = base / whole - self.target_base_share;
        let reservation = fair * (1.0 - (risk * long).clamp(-1.0, 0.5));
        let half_spread = (self.half_spread + 0.5 * risk).min(0.9);
        reservation.is_finite().then_some(Stance { reservation, half_spread })
    }

    /// The orders of that stance for what it offers of base and quote: side, price in ticks, lots.
    pub fn orders(
        &self,
        stance: Stance,
        book: &Book,
        held: [Amount; 2],
    ) -> impl Iterator<Item = (Side, u32, u32)> {
        let share = self.offered_share / f64::from(self.levels.max(1));
        let offered = held.map(|amount| amount.share(share));
        let steps =
            (0..self.levels).map(move |level| stance.half_spread + f64::from(level) * self.level_step);
        let highest_bid = book.ticks(Side::Buy, stance.reservation * (1.0 - stance.half_spread)).unwrap_or(0);
        steps
            .flat_map(move |away| {
                let bid = book
                    .ticks(Side::Buy, stance.reservation * (1.0 - away))
                    .map(|price| (Side::Buy, price, book.lots_for(offered[1], price)));
                let ask = book.ticks(Side::Sell, stance.reservation * (1.0 + away)).map(|price| {
                    // Never its own counterparty, however fine the spread.
                    (Side::Sell, price.max(highest_bid.saturating_add(1)), book.lots(offered[0]))
                });
                bid.into_iter().chain(ask)
            })
            .filter(|(_, _, lots)| *lots > 0)
    }
}

/// Submits the quotes of those awake that have a reason to quote anew.
pub fn decide(
    mut awake: Awake<MarketMaker>,
    eyes: Eyes,
    network: Res<Network>,
    valuation: Res<Valuation>,
    mut mempool: ResMut<Mempool>,
) {
    let hours = eyes.clock.now_seconds() as f64 / 3_600.0;
    awake.each(|id, maker| {
        let book = eyes.venues.book(maker.book);
        let [base, quote] = book.terms.coins;
        let fair = match maker.pool {
            Some(pool) => eyes.venues.pool(pool).price(&eyes.ledger),
            None => Some(valuation.price(base) / valuation.price(quote)),
        };
        let Some(fair) = fair.filter(|fair| fair.is_finite() && *fair > 0.0) else { return };
        maker.memory.see(fair, hours);
        let held = holdings(id, book, &eyes);
        let units = |place: usize| eyes.ledger.asset(book.terms.coins[place]).decimals.units(held[place]);
        let worth = [units(0) * fair, units(1)];
        let Some(stance) = maker.style.stance(fair, maker.memory.variance_per_hour, worth) else { return };
        let standing = book.orders().orders_of(Trader(id.0)).count();
        let moved = (stance.reservation / maker.quoted - 1.0).abs();
        // True for what is no number: it has never quoted.
        if !(standing < usize::from(maker.placed) || maker.placed == 0 || moved > maker.style.requote) {
            return;
        }
        quote_anew(id, maker, (stance, held), &eyes, &network, &mut mempool);
    });
}

/// Base and quote that it has, in its wallet and behind its orders.
fn holdings(id: AccountId, book: &Book, eyes: &Eyes<'_>) -> [Amount; 2] {
    let mut held = book.reserved_by(id);
    for (amount, coin) in held.iter_mut().zip(book.terms.coins) {
        // Both are part of one supply, which fits.
        *amount = amount.checked_add(eyes.ledger.balance(id, coin)).unwrap_or(*amount);
    }
    held
}

/// Takes all orders back, and places the new ones at half the fee: where fees decide who goes first, no maker trades on the
/// orders that another is about to take back.
fn quote_anew(
    id: AccountId,
    maker: &mut MarketMaker,
    (stance, mut held): (Stance, [Amount; 2]),
    eyes: &Eyes<'_>,
    network: &Network,
    mempool: &mut Mempool,
) {
    let book = eyes.venues.book(maker.book);
    let cancel = Action::Book(BookAction::CancelAll { book: maker.book });
    let mut actions = [cancel; 2 * MOST_LEVELS];
    let fee = eyes.ledger.asset(network.asset).decimals.floor(f64::from(maker.priority_fee_usd));
    let priority_fee = fee.unwrap_or(Amount::ZERO);
    // What it will owe the network, three fees in all, does not stand behind an order.
    let most_actions = 1 + 2 * i64::from(maker.style.levels);
    let due =
        network.gas_per_action.atoms().saturating_mul(most_actions).saturating_add(3 * priority_fee.atoms());
    for (amount, coin) in held.iter_mut().zip(book.terms.coins) {
        if coin == network.asset {
            *amount = amount.saturating_less(Amount::from_atoms(due));
        }
    }
    let mut count = 0;
    for ((side, price, lots), place) in maker.style.orders(stance, book, held).zip(&mut actions) {
        let time_in_force = TimeInForce::GoodTillCancelled;
        *place = Action::Book(BookAction::Limit { book: maker.book, side, price, lots, time_in_force });
        count += 1;
    }
    maker.quoted = stance.reservation;
    maker.placed = count as u8;
    let first = Amount::from_atoms(priority_fee.atoms().saturating_mul(2));
    mempool.submit_on(id, &[cancel], Terms { priority_fee: first, minimum_gain: None });
    mempool.submit_on(id, &actions[..count], Terms { priority_fee, minimum_gain: None });
}

#[cfg(test)]
mod tests;
