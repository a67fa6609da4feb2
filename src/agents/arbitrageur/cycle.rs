//! Cycles: chains of trades that end in the asset they began with.
//!
//! Every arbitrage here is a cycle through at least one pool or order book. What closes it is the cheapest thing there is
//! beside it: the outside market, the treasury, another pool or book.
//!
//! | arbitrage | cycle |
//! |---|---|
//! | pool under the outside price | pool: USD to ETH; outside: ETH to USD |
//! | fETH under its NAV | pool: USD to fETH; redeem: fETH to ETH; outside: ETH to USD |
//! | fETH over its NAV | outside: USD to ETH; mint: ETH to fETH; pool: fETH to USD |
//! | stress, incentive on redeeming | as fETH under its NAV, by liquidation |
//! | stress, bonus on xETH | add collateral: ETH to xETH; pool: xETH to USD; outside: USD to ETH |
//! | two pools | pool: USD to fETH; other pool: fETH to ETH; outside: ETH to USD |
//! | offer under the price of a pool | book: USD to ETH; pool: ETH to USD |
//! | bid over the outside price | outside: USD to ETH; book: ETH to USD |
//!
//! A cycle can be entered at any asset on it, so that a bot uses what it holds; being one transaction it leaves the mix
//! of what is held as it was. The gain is in the asset it was entered with.

use crate::protocol::order_book::Side as OrderSide;
use crate::quantity::AssetId;
use crate::venue::book::BookId;
use crate::venue::pool::PoolId;

use super::market::{BUY_BASE, Door, Leg, Market, SELL_BASE};
use super::size::{golden_section, optimal_pool_trade, paying_depth};

/// The most legs of a cycle: two markets, three that close it, or one market, three, and the way from dollars and back.
pub const MOST_LEGS: usize = 6;

/// A cycle that pays at the margin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cycle {
    path: Path,
    /// Number of assets, from the first, at which it can be entered.
    entries: u8,
    /// The pools and the order books it goes through.
    places: Places,
    /// What one unit becomes at the margin.
    edge: f64,
    /// The best size for each entry, in units of that asset, once somebody has asked.
    best: [Option<f64>; MOST_LEGS],
}

/// Pools and order books, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Places {
    /// Pools; those from the 65th on are in no set.
    pub pools: u64,
    /// Order books.
    pub books: u8,
}

impl Places {
    /// Every one.
    pub const ALL: Self = Self { pools: u64::MAX, books: u8::MAX };

    /// That of a leg.
    fn of(leg: Leg) -> Self {
        match leg {
            Leg::Swap(pool, _) => Self { pools: 1_u64.checked_shl(u32::from(pool.0)).unwrap_or(0), books: 0 },
            Leg::Order(book, _) => Self { pools: 0, books: 1_u8.checked_shl(u32::from(book.0)).unwrap_or(0) },
            Leg::Fx(_) | Leg::Sell(_) | Leg::Buy(_) => Self::default(),
        }
    }

    /// Those of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self { pools: self.pools | other.pools, books: self.books | other.books }
    }

    /// Those that are not in this set.
    #[must_use]
    pub const fn others(self) -> Self {
        Self { pools: !self.pools, books: !self.books }
    }

    /// True if the two sets share any.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.pools & other.pools != 0 || self.books & other.books != 0
    }
}

/// A pool or an order book: its coins, and the legs that buy and sell the base coin there.
#[derive(Debug, Clone, Copy)]
struct Spot {
    coins: [AssetId; 2],
    buy: Leg,
    sell: Leg,
}

/// The pools and then the order books of a market, by place.
fn spot(market: &Market<'_>, place: usize) -> Option<Spot> {
    let (pools, books) = (market.venues.pools(), market.venues.books());
    if let Some(pool) = pools.get(place) {
        let id = PoolId(place as u8);
        return Some(Spot {
            coins: pool.coins,
            buy: Leg::Swap(id, BUY_BASE),
            sell: Leg::Swap(id, SELL_BASE),
        });
    }
    let place = place - pools.len();
    let id = BookId(place as u8);
    let (buy, sell) = (Leg::Order(id, OrderSide::Buy), Leg::Order(id, OrderSide::Sell));
    books.get(place).map(|book| Spot { coins: book.terms.coins, buy, sell })
}

/// Legs, and the asset that each takes in.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Path {
    legs: [Leg; MOST_LEGS],
    assets: [AssetId; MOST_LEGS],
    count: u8,
}

impl Path {
    /// No leg. (The filler is never read.)
    const EMPTY: Self =
        Self { legs: [Leg::Sell(AssetId(0)); MOST_LEGS], assets: [AssetId(0); MOST_LEGS], count: 0 };

    fn then(mut self, leg: Leg, takes: AssetId) -> Option<Self> {
        let place = self.count as usize;
        *self.legs.get_mut(place)? = leg;
        self.assets[place] = takes;
        self.count += 1;
        Some(self)
    }

    fn and(self, other: &Self) -> Option<Self> {
        let legs = other.legs.iter().zip(other.assets);
        legs.take(other.count as usize).try_fold(self, |path, (leg, takes)| path.then(*leg, takes))
    }

    /// The same cycle, beginning with leg number `first`.
    fn from(&self, first: usize) -> Self {
        let mut turned = *self;
        for place in 0..self.count as usize {
            let old = (first + place) % self.count as usize;
            turned.legs[place] = self.legs[old];
            turned.assets[place] = self.assets[old];
        }
        turned
    }
}

/// The legs that change `from` into `to` without a pool or a book, through the treasury and the outside market; `None` where there
/// is no such way.
fn way(market: &Market<'_>, from: AssetId, to: AssetId, incentive: bool) -> Option<Path> {
    let fx = market.treasury.as_ref().map(|window| window.assets);
    let dollar = market.dollar();
    let mut path = Path::EMPTY;
    let mut at = from;
    if let Some(fx) = fx
        && (from == fx.feth || from == fx.xeth)
    {
        let door = match (from == fx.feth, incentive) {
            (true, false) => Door::RedeemFeth,
            (true, true) => Door::Liquidate,
            (false, _) => Door::RedeemXeth,
        };
        path = path.then(Leg::Fx(door), at)?;
        at = fx.collateral;
    }
    let minted = fx.filter(|fx| to == fx.feth || to == fx.xeth);
    let target = minted.map_or(to, |fx| fx.collateral);
    if at != target {
        if at != dollar {
            market.mid(at)?;
            path = path.then(Leg::Sell(at), at)?;
        }
        if target != dollar {
            market.mid(target)?;
            path = path.then(Leg::Buy(target), dollar)?;
        }
    }
    if let Some(fx) = minted {
        let door = match (to == fx.feth, incentive) {
            (true, _) => Door::MintFeth,
            (false, false) => Door::MintXeth,
            (false, true) => Door::AddCollateral,
        };
        path = path.then(Leg::Fx(door), target)?;
    }
    Some(path)
}

/// Looks for every cycle that pays at the margin, fees and half-spreads counted, and puts it into `found`.
pub fn find(market: &Market<'_>, found: &mut Vec<Cycle>) {
    found.clear();
    let spots = (0..).map_while(|place| spot(market, place));
    let view = market.treasury.as_ref().map(|window| window.view);
    let stress = view.is_some_and(|view| view.xeth_mint_bonus > 0.0 || view.feth_redeem_bonus > 0.0);
    for (place, here) in spots.clone().enumerate() {
        let [base, quote] = here.coins;
        for (leg, paid, received) in [(here.buy, quote, base), (here.sell, base, quote)] {
            for incentive in [false, true].into_iter().take(1 + usize::from(stress)) {
                let Some(closing) = way(market, received, paid, incentive) else { continue };
                let special = |leg: &Leg| matches!(leg, Leg::Fx(Door::Liquidate | Door::AddCollateral));
                if incentive && !closing.legs[..closing.count as usize].iter().any(special) {
                    continue;
                }
                add(market, found, Path::EMPTY.then(leg, paid).and_then(|path| path.and(&closing)));
            }
        }
        for (other_place, other) in spots.clone().enumerate() {
            if other_place == place || other.coins[0] != base {
                continue;
            }
            // Buy the base here and sell it there: the other way round is the same with the two exchanged.
            let Some(closing) = way(market, other.coins[1], quote, false) else { continue };
            let path = Path::EMPTY
                .then(here.buy, quote)
                .and_then(|path| path.then(other.sell, base))
                .and_then(|path| path.and(&closing));
            add(market, found, path);
        }
    }
}

/// Adds the cycle along `path` if it pays; where no leg touches dollars, also the one that comes from dollars and ends
/// in them.
fn add(market: &Market<'_>, found: &mut Vec<Cycle>, path: Option<Path>) {
    let Some(path) = path else { return };
    let legs = &path.legs[..path.count as usize];
    let edge: f64 = legs.iter().map(|leg| market.rate(*leg)).product();
    // False for NaN.
    if !(edge > 1.0 && edge.is_finite()) {
        return;
    }
    let places = legs.iter().fold(Places::default(), |all, leg| all.and(Places::of(*leg)));
    let best = [None; MOST_LEGS];
    found.push(Cycle { path, entries: path.count, places, edge, best });

    let dollar = market.dollar();
    let assets = &path.assets[..path.count as usize];
    if assets.contains(&dollar) {
        return;
    }
    let Some(place) = assets.iter().position(|asset| market.mid(*asset).is_some()) else { return };
    let listed = assets[place];
    let edge = edge * market.rate(Leg::Buy(listed)) * market.rate(Leg::Sell(listed));
    let path = Path::EMPTY
        .then(Leg::Buy(listed), dollar)
        .and_then(|bought| bought.and(&path.from(place)))
        .and_then(|through| through.then(Leg::Sell(listed), listed));
    if let Some(path) = path
        && edge > 1.0
    {
        found.push(Cycle { path, entries: 1, places, edge, best });
    }
}

impl Cycle {
    /// Its legs from entry number `entry` on.
    pub fn legs(&self, entry: usize) -> impl ExactSizeIterator<Item = Leg> + '_ {
        let count = self.path.count as usize;
        (0..count).map(move |place| self.path.legs[(entry + place) % count])
    }

    /// The assets with which it can be entered.
    #[must_use]
    pub fn entries(&self) -> &[AssetId] {
        &self.path.assets[..self.entries as usize]
    }

    /// The pools and the order books it goes through.
    #[must_use]
    pub const fn places(&self) -> Places {
        self.places
    }

    /// What one unit becomes at the margin.
    #[must_use]
    pub const fn edge(&self) -> f64 {
        self.edge
    }

    /// What `amount` units put in at entry number `entry` gain, in units of that asset, before gas. `None` where a leg
    /// would be refused. What an order book leaves over of another asset on the way, less than a lot, counts as nothing.
    ///
    /// A bonus that the reserve pays beside a trade counts only where the cycle is entered with the collateral it is
    /// paid in: only then can the transaction insist on it.
    #[must_use]
    pub fn gain(&self, market: &Market<'_>, entry: usize, amount: f64) -> Option<f64> {
        let window = market.treasury.as_ref();
        let entered = self.path.assets[entry];
        let insured = window.filter(|window| window.assets.collateral == entered);
        let mut at = amount;
        let mut beside = 0.0;
        for leg in self.legs(entry) {
            let out = market.quote(leg, at)?;
            if let Some(window) = insured {
                beside += match leg {
                    Leg::Fx(Door::MintXeth) => window.beside_xeth_mint * at,
                    Leg::Fx(Door::RedeemFeth) => window.beside_feth_redeem * out,
                    _ => 0.0,
                };
            }
            at = out;
        }
        let used = self.legs(entry).next().map_or(amount, |first| market.used(first, amount));
        let gain = at + beside - used;
        gain.is_finite().then_some(gain)
    }

    /// The size that gains most at entry number `entry`, in units of that asset; zero where no size gains.
    pub fn best_size(&mut self, market: &Market<'_>, entry: usize) -> f64 {
        if let Some(size) = self.best[entry] {
            return size;
        }
        let size = self.search(market, entry).unwrap_or(0.0);
        self.best[entry] = Some(size);
        size
    }

    /// The closed form against each pool, and the levels that pay of each book, everything else at its marginal rate, bound
    /// the size; price impact elsewhere can only make it smaller.
    fn search(&self, market: &Market<'_>, entry: usize) -> Option<f64> {
        let mut known = f64::INFINITY;
        let mut into = 1.0;
        for leg in self.legs(entry) {
            let rate = market.rate(leg);
            let rest = self.edge / rate;
            match leg {
                Leg::Swap(id, side) => {
                    let target = if side == BUY_BASE { rest } else { 1.0 / rest };
                    let trade = optimal_pool_trade(market.venues.pool(id), market.ledger, target)?;
                    known = known.min(trade.amount_in / into);
                }
                Leg::Order(id, side) => {
                    let depth = paying_depth(market.venues.book(id), market.ledger, side, rest);
                    known = known.min(depth / into);
                }
                Leg::Fx(_) | Leg::Sell(_) | Leg::Buy(_) => {}
            }
            into *= rate;
        }
        // Legs on the way to the pool that have impact need more for the same; more than the edge takes all profit.
        // Twice that is on the safe side.
        let high = 2.0 * self.edge * known;
        if !(high > 0.0 && high.is_finite()) {
            return None;
        }
        let searched = golden_section(high, |size| self.gain(market, entry, size));
        // Where nothing but the pool has impact the closed form is exact, and the flat top of the profit hides it from the
        // search.
        let at = |size: f64| self.gain(market, entry, size).unwrap_or(0.0);
        let (known_gain, searched_gain) = (at(known), at(searched));
        let (size, gain) = if searched_gain > known_gain * (1.0 + 1e-9) {
            (searched, searched_gain)
        } else {
            (known, known_gain)
        };
        (gain > 0.0).then_some(size)
    }
}
