//! Which trades a bot sends: the best few, each with its own part of the inventory and each through other places.

use crate::quantity::AssetId;

use super::Arbitrageur;
use super::cycle::Cycle;
use super::market::Market;

/// The most trades of a bot in a block.
pub const MOST_TRADES: usize = 4;

/// A trade that a bot has chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trade {
    /// Its place among the cycles found.
    pub cycle: usize,
    /// Where the cycle is entered.
    pub entry: usize,
    /// With which asset.
    pub asset: AssetId,
    /// How much of it goes in, in units.
    pub amount: f64,
    /// What a unit of it counts for, in dollars.
    pub value: f64,
    /// What the trade is expected to gain, gas paid, in dollars.
    pub profit_usd: f64,
    /// What of that is bid for priority, in dollars.
    pub bid_usd: f64,
}

/// The trades of a bot in a block, best first.
pub type Trades = [Option<Trade>; MOST_TRADES];

/// Chooses the trades of `bot`, which holds `wallet` of each asset (in units), from the cycles found.
///
/// Greedy: the trade that leaves most after gas and bid comes first; then the best one that goes through none of its
/// pools and books, with what is left of the inventory. Nothing is chosen that would leave less than the bot's minimum.
#[must_use]
pub fn choose(
    bot: &Arbitrageur,
    wallet: impl Fn(AssetId) -> f64,
    gas_usd_per_action: f64,
    market: &Market<'_>,
    cycles: &mut [Cycle],
) -> Trades {
    let mut trades: Trades = [None; MOST_TRADES];
    let mut used = bot.watched.others();
    for place in 0..MOST_TRADES.min(bot.trades_per_block as usize) {
        let (chosen, open) = trades.split_at_mut(place);
        let left = |asset: AssetId| {
            let spent: f64 = chosen.iter().flatten().filter(|t| t.asset == asset).map(|t| t.amount).sum();
            (wallet(asset) - spent).max(0.0)
        };
        let mut best: Option<Trade> = None;
        for (number, cycle) in cycles.iter_mut().enumerate() {
            if cycle.places().meets(used) {
                continue;
            }
            for entry in 0..cycle.entries().len() {
                let Some(trade) = weigh(bot, &left, gas_usd_per_action, market, cycle, entry) else {
                    continue;
                };
                let left_to_bot = |trade: &Trade| trade.profit_usd - trade.bid_usd;
                if best.as_ref().is_none_or(|best| left_to_bot(&trade) > left_to_bot(best)) {
                    best = Some(Trade { cycle: number, ..trade });
                }
            }
        }
        let Some(trade) = best else { break };
        used = used.and(cycles[trade.cycle].places());
        open[0] = Some(trade);
    }
    trades
}

/// The trade that enters `cycle` at `entry`, if it leaves the bot its minimum.
fn weigh(
    bot: &Arbitrageur,
    left: &impl Fn(AssetId) -> f64,
    gas_usd_per_action: f64,
    market: &Market<'_>,
    cycle: &mut Cycle,
    entry: usize,
) -> Option<Trade> {
    let asset = cycle.entries()[entry];
    let most = left(asset) * f64::from(bot.max_trade_share);
    if most <= 0.0 {
        return None;
    }
    let amount = cycle.best_size(market, entry).min(most);
    if amount <= 0.0 {
        return None;
    }
    let value = market.value(asset)?;
    let gas_usd = gas_usd_per_action * cycle.legs(entry).len() as f64;
    let profit_usd = cycle.gain(market, entry, amount)? * value - gas_usd;
    let bid_usd = (profit_usd * f64::from(bot.bid_share)).max(0.0);
    let kept_usd = profit_usd - bid_usd;
    // False for NaN.
    let pays = kept_usd > 0.0 && kept_usd >= f64::from(bot.min_profit_usd);
    // A trade in dollars pays gas and bid out of its proceeds; others need the dollars at hand.
    let affordable = asset == market.dollar() || left(market.dollar()) >= gas_usd + bid_usd;
    (pays && affordable).then_some(Trade { cycle: 0, entry, asset, amount, value, profit_usd, bid_usd })
}
