//! The xETH speculator: wants leverage on ETH, in one of three styles.
//!
//! What it sees: the outside price of ETH over its own look-back window, the leverage of xETH, fees and bonuses at the
//! treasury, its own purse.
//!
//! - *Trend*: holds xETH in proportion to the return over the window in units of its own volatility, and none when that is
//!   negative: time-series momentum (Moskowitz, Ooi and Pedersen 2012, "Time series momentum", Journal of Financial
//!   Economics 104), long only because xETH cannot be borrowed.
//! - *Mean reversion*: half of its largest share at the window's mean price, more below and less above: the contrarian
//!   (De Bondt and Thaler 1985, "Does the stock market overreact?", Journal of Finance 40).
//! - *Constant leverage*: keeps its exposure to ETH at a multiple of its wealth by adjusting the share of xETH as the
//!   leverage of xETH moves, as a levered fund does (Cheng and Madhavan 2009, "The dynamics of leveraged and inverse
//!   exchange-traded funds", Journal of Investment Management 7).
//!
//! Whatever the style, a stress bonus on xETH that pays more than the premium it requires makes it buy more. It leaves
//! with its own stop-loss or take-profit, measured from its average cost, and then keeps out for a while. Its cost is the
//! NAV at the time it decided to buy: an approximation, since the block may fill it elsewhere.
//!
//! It adjusts only beyond a band and a smallest sum, over the cheapest route (treasury or pool), never at a larger cost
//! than it accepts.

mod profile;

use bevy_ecs::prelude::*;
pub use profile::{StyleProfile, XethSpeculatorProfile};

use super::routes::{Market, treasury_quote};
use super::wallet::{Purse, Trade};
use super::{Awake, Eyes};
use crate::protocol::fx::StressMode;
use crate::quantity::{Amount, AssetId, SECONDS_PER_DAY};
use crate::venue::Mempool;
use crate::venue::execute::Network;
use crate::world::clock::Clock;
use crate::world::ledger::AccountId;

/// How a speculator finds the share of its wealth that it wants in xETH.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Style {
    /// With the trend.
    Trend {
        /// Look-back window, ticks.
        look_back_ticks: u32,
        /// Return, in standard deviations of the window, at which it is fully invested.
        full_signal: f32,
    },
    /// Against it.
    MeanReversion {
        /// Look-back window, ticks.
        look_back_ticks: u32,
        /// Distance from the mean, in standard deviations of the window, at which it is fully in or out.
        full_signal: f32,
    },
    /// At a constant exposure.
    ConstantLeverage {
        /// Exposure to ETH over wealth.
        exposure: f32,
    },
}

/// A speculator. Shares as numbers (0.01 is 1 %); the profile says what each means.
#[derive(Debug, Clone, Copy, PartialEq, Component)]
#[allow(missing_docs, reason = "the fields are those of the profile")]
pub struct XethSpeculator {
    pub asset: AssetId,
    pub cash: AssetId,
    pub style: Style,
    pub most_share: f32,
    pub band_share: f32,
    pub min_trade_usd: f32,
    pub most_cost_share: f32,
    pub slippage_share: f32,
    pub required_premium: f32,
    pub bonus_appetite_share: f32,
    pub stop_loss: f32,
    pub take_profit: f32,
    pub exit_cost_share: f32,
    pub pause_days: f32,
    pub memory: Memory,
}

/// What a speculator remembers.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Memory {
    /// Average cost of a token, dollars.
    pub cost_basis: f32,
    /// NAV when it last decided to buy, dollars; zero when no purchase is on its way.
    pub entry_price: f32,
    /// Tokens at the last look.
    pub held: Amount,
    /// Keeps out until this tick.
    pub pauses_until: u32,
}

/// Points of the price path that a speculator looks at.
pub const PATH: usize = 9;

/// What a speculator sees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sight {
    /// The tick.
    pub tick: u32,
    /// Length of a tick, days.
    pub tick_days: f64,
    /// Outside price of the collateral at equal steps over the window, oldest first, dollars.
    pub path: [f64; PATH],
    /// NAV of xETH, dollars.
    pub nav: f64,
    /// Leverage of xETH.
    pub leverage: Option<f64>,
    /// Stress mode of the treasury.
    pub mode: StressMode,
    /// Bonus for minting xETH now, less the fee, as a share.
    pub mint_premium: f64,
    /// Cash.
    pub cash: Purse,
    /// Whether cash is itself the collateral, and so carries an exposure of one.
    pub cash_is_collateral: bool,
    /// xETH, at NAV.
    pub held: Purse,
}

/// Return over the whole path, and distance of the last price from the mean of the path, both of logarithms and in
/// standard deviations; zero where the path stands still or is no path of prices. Both lie within the square root of the
/// number of steps, up to sign.
#[must_use]
pub fn signals(path: &[f64; PATH]) -> [f64; 2] {
    if path.iter().any(|price| !(price.is_finite() && *price > 0.0)) {
        return [0.0; 2];
    }
    let logs = path.map(libm::log);
    let squares: f64 = logs.windows(2).map(|two| (two[1] - two[0]) * (two[1] - two[0])).sum();
    let mean = logs.iter().sum::<f64>() / PATH as f64;
    let spread: f64 = logs.iter().map(|log| (log - mean) * (log - mean)).sum();
    let (first, last) = (logs[0], logs[PATH - 1]);
    // Sum of squared returns: the variance over the whole window, without drift.
    let trend = if squares > 0.0 { (last - first) / squares.sqrt() } else { 0.0 };
    let off = if spread > 0.0 { (last - mean) / (spread / PATH as f64).sqrt() } else { 0.0 };
    [trend, off]
}

/// The share of wealth wanted in xETH: 0 to `most_share`.
#[must_use]
pub fn wanted_share(sight: &Sight, speculator: &XethSpeculator) -> f64 {
    let most = f64::from(speculator.most_share);
    let [trend, off] = signals(&sight.path);
    let share = match speculator.style {
        Style::Trend { full_signal, .. } => most * trend / f64::from(full_signal),
        Style::MeanReversion { full_signal, .. } => most * 0.5 * (1.0 - off / f64::from(full_signal)),
        Style::ConstantLeverage { exposure } => {
            // exposure = leverage x share + exposure of cash x (1 - share).
            let of_cash = if sight.cash_is_collateral { 1.0 } else { 0.0 };
            let more = sight.leverage.unwrap_or(0.0) - of_cash;
            if more > 0.0 { (f64::from(exposure) - of_cash) / more } else { 0.0 }
        }
    };
    if share.is_nan() { 0.0 } else { share.clamp(0.0, most) }
}

/// Brings the average cost up to what is held now.
pub fn learn(sight: &Sight, memory: &mut Memory) {
    let (before, now) = (memory.held.atoms() as f64, sight.held.amount.atoms() as f64);
    if now > before {
        let paid = if memory.entry_price > 0.0 { f64::from(memory.entry_price) } else { sight.nav };
        let basis = ((f64::from(memory.cost_basis) * before + paid * (now - before)) / now) as f32;
        if basis.is_finite() {
            memory.cost_basis = basis;
        }
    }
    memory.held = sight.held.amount;
    memory.entry_price = 0.0;
}

/// What a speculator does about what it sees; learns on the way.
#[must_use]
pub fn choose(sight: &Sight, speculator: &mut XethSpeculator) -> Option<Trade> {
    learn(sight, &mut speculator.memory);
    let worthwhile = |usd: f64| usd > 0.0 && usd >= f64::from(speculator.min_trade_usd);
    // A claim that is worth nothing can neither be bought nor sold at a price that means anything.
    if !(sight.nav.is_finite() && sight.nav > 0.0) {
        return None;
    }
    let basis = f64::from(speculator.memory.cost_basis);
    let stopped = sight.nav <= basis * (1.0 - f64::from(speculator.stop_loss));
    let satisfied = sight.nav >= basis * (1.0 + f64::from(speculator.take_profit));
    if basis > 0.0 && (stopped || satisfied) && worthwhile(sight.held.usd) {
        let pause = (f64::from(speculator.pause_days) / sight.tick_days).ceil() as u32;
        speculator.memory.pauses_until = sight.tick.saturating_add(pause);
        let most_cost_share = f64::from(speculator.exit_cost_share);
        return Some(Trade::Sell { tokens: sight.held.amount, most_cost_share });
    }
    if sight.tick < speculator.memory.pauses_until {
        return None;
    }
    let wealth = sight.cash.usd + sight.held.usd;
    let mut wanted = wanted_share(sight, speculator) * wealth;
    let mut most_cost_share = f64::from(speculator.most_cost_share);
    let mut band = f64::from(speculator.band_share) * wealth;
    let tempted = sight.mint_premium > f64::from(speculator.required_premium)
        && sight.mode < StressMode::Recapitalisation
        && speculator.bonus_appetite_share > 0.0;
    if tempted {
        wanted = wanted.max(sight.held.usd) + f64::from(speculator.bonus_appetite_share) * wealth;
        most_cost_share = -f64::from(speculator.required_premium);
        band = 0.0;
    }
    let gap = wanted - sight.held.usd;
    if gap.abs() <= band {
        return None;
    }
    if gap > 0.0 {
        let spend = gap.min(sight.cash.usd);
        worthwhile(spend).then(|| {
            speculator.memory.entry_price = sight.nav as f32;
            Trade::Buy { cash: sight.cash.worth(spend), most_cost_share }
        })
    } else {
        worthwhile(-gap).then(|| Trade::Sell { tokens: sight.held.worth(-gap), most_cost_share })
    }
}

/// What the speculator `id` sees; `None` without a treasury that has a view.
fn look(market: &Market<'_>, clock: &Clock, id: AccountId, speculator: &XethSpeculator) -> Option<Sight> {
    let (assets, view) = market.fx.filter(|(assets, _)| assets.xeth == speculator.asset)?;
    let listing =
        market.venues.exchange.listings().iter().find(|listing| listing.asset == assets.collateral)?;
    let look_back = match speculator.style {
        Style::Trend { look_back_ticks, .. } | Style::MeanReversion { look_back_ticks, .. } => {
            look_back_ticks
        }
        Style::ConstantLeverage { .. } => 0,
    };
    let steps = PATH as u32 - 1;
    let path = std::array::from_fn(|place| {
        let back = u64::from(look_back) * u64::from(steps - place as u32) / u64::from(steps);
        market.oracle.spot_before(listing.feed, back as u32)
    });
    Some(Sight {
        tick: clock.tick().0,
        tick_days: clock.tick_seconds() as f64 / SECONDS_PER_DAY as f64,
        path,
        nav: view.xeth_nav,
        leverage: view.leverage,
        mode: view.mode,
        mint_premium: view.xeth_mint_bonus - view.xeth_mint_fee,
        cash: Purse::of(market, id, speculator.cash),
        cash_is_collateral: speculator.cash == assets.collateral,
        held: Purse::of(market, id, speculator.asset),
    })
}

/// Submits what those awake choose.
pub fn decide(
    mut awake: Awake<XethSpeculator>,
    eyes: Eyes,
    network: Res<Network>,
    mut mempool: ResMut<Mempool>,
) {
    let quote = |action, amount| treasury_quote(&eyes, action, amount);
    let market = Market::new(&eyes, &network, &quote);
    awake.each(|id, speculator| {
        let Some(sight) = look(&market, &eyes.clock, id, speculator) else { return };
        if let Some(trade) = choose(&sight, speculator) {
            let slippage = f64::from(speculator.slippage_share);
            trade.submit(&market, &mut mempool, id, speculator.asset, speculator.cash, slippage);
        }
    });
}

#[cfg(test)]
mod tests;
