//! The market outside: the stub of most vectors, and the exchange that the real router trades on.
//!
//! The exchange has two kinds of pools, each with one coin on every x side: half-and-half weighted pools of wrapped STX, and
//! simple pools of ALEX. The router joins them, a pool a leg. It keeps an oracle of its own, `(1 - a) instant + a previous`
//! for each direction, which only swaps through the router refresh: before they trade where all legs are simple, after they
//! have traded otherwise.

use std::cell::Cell;
use std::collections::BTreeMap;

use ballast::protocol::amm::SwapError;
use ballast::protocol::amm::fees::InputFee;
use ballast::protocol::amm::fixed_weight::{FixedWeightPool, FixedWeightTerms, Sell};
use ballast::protocol::amm::ratio_cap::{CoinCaps, alex_code};
use ballast::protocol::amm::resilient;

use super::check::Stop;
use crate::alex::weighted::power_loss;

/// A token by its contract's name.
pub type Token = String;

/// What swaps credit and shortfalls debit, by token.
pub type Ledger = BTreeMap<Token, f64>;

/// The coin of every simple pool.
pub const ALEX: &str = ".age000-governance-token";
/// The coin of every weighted pool.
pub const WRAPPED_STX: &str = ".token-wstx";
/// The weight with which the router looks for pools, in units of 1e-8.
const HALF: u64 = 50_000_000;

/// Which contract a pool belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Weighted,
    Simple,
}

impl Kind {
    /// The coin on the x side.
    pub fn hub(self) -> &'static str {
        match self {
            Self::Weighted => WRAPPED_STX,
            Self::Simple => ALEX,
        }
    }
}

/// A pool, and what its contract keeps beside its balances.
#[derive(Debug, Clone, PartialEq)]
pub struct HubPool {
    pub pool: FixedWeightPool,
    /// Of x and of y.
    pub fee_rates: [f64; 2],
    pub rebate_share: f64,
    pub oracle_enabled: bool,
    pub oracle_average: f64,
    /// First and last block of trading; simple pools only.
    pub open: [f64; 2],
    pub fee_to: String,
    pub pool_token: Token,
}

impl HubPool {
    fn terms(&self, caps: CoinCaps) -> FixedWeightTerms {
        let fee = |rate| InputFee { rate, rebate_share: self.rebate_share };
        FixedWeightTerms {
            fees: self.fee_rates.map(fee),
            caps,
            oracle_average: self.oracle_enabled.then_some(self.oracle_average),
        }
    }

    /// Price of x in y by the balances alone, as the router and the simple pools take it, or of y in x.
    pub fn instant(&self, of_x: bool) -> Result<f64, Stop> {
        if !self.oracle_enabled {
            return Err(Stop::Code(7002));
        }
        let [x, y] = self.pool.balances;
        Ok(if of_x { y / x } else { x / y })
    }
}

/// One leg of a route.
#[derive(Debug, Clone, PartialEq)]
pub struct Leg {
    pub kind: Kind,
    pub from: Token,
    pub to: Token,
}

/// The pools, their caps and the router's oracle.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// By contract, the coin that is not the hub, and its weight in units of 1e-8.
    pub pools: BTreeMap<(Kind, Token, u64), HubPool>,
    pub resilient: BTreeMap<(Kind, Token, Token), f64>,
    /// Of the weighted and of the simple pools.
    pub caps: [CoinCaps; 2],
    /// What the powers of the contract may have lost since it was last set to nothing, in what was paid out.
    pub lost: Cell<f64>,
}

impl Default for Exchange {
    fn default() -> Self {
        Self {
            pools: BTreeMap::new(),
            resilient: BTreeMap::new(),
            caps: [CoinCaps::WEIGHTED, CoinCaps::SIMPLE],
            lost: Cell::new(0.0),
        }
    }
}

/// The contract's code of a refusal.
pub fn stop(refusal: SwapError) -> Stop {
    match alex_code(refusal).and_then(|code| u16::try_from(code).ok()) {
        Some(code) => Stop::Code(code),
        None => Stop::Unknown(refusal.to_string()),
    }
}

/// The coin of a pool that is not its hub, and what is sold to it.
fn sides<'a>(kind: Kind, from: &'a str, to: &'a str) -> (&'a str, Sell) {
    if from == kind.hub() { (to, Sell::X) } else { (from, Sell::Y) }
}

impl Exchange {
    pub fn pool(&self, kind: Kind, coin: &str) -> Option<&HubPool> {
        self.pools.get(&(kind, coin.to_owned(), HALF))
    }

    fn has(&self, kind: Kind, coin: &str) -> bool {
        self.pool(kind, coin).is_some()
    }

    /// Whether both coins trade in pools of one kind: directly, or by way of its hub.
    fn joined(&self, kind: Kind, from: &str, to: &str) -> bool {
        let reached = |coin: &str| coin == kind.hub() || self.has(kind, coin);
        reached(from) && reached(to) && from != to
    }

    /// Legs within one kind of pools.
    pub fn legs(kind: Kind, from: &str, to: &str) -> Vec<Leg> {
        let leg = |from: &str, to: &str| Leg { kind, from: from.to_owned(), to: to.to_owned() };
        if from == kind.hub() || to == kind.hub() {
            vec![leg(from, to)]
        } else {
            vec![leg(from, kind.hub()), leg(kind.hub(), to)]
        }
    }

    /// The way of the router. Where there is none, the legs that it tries.
    pub fn route(&self, from: &str, to: &str) -> Vec<Leg> {
        for kind in [Kind::Weighted, Kind::Simple] {
            if self.joined(kind, from, to) {
                return Self::legs(kind, from, to);
            }
        }
        let from_weighted = from == WRAPPED_STX || self.has(Kind::Weighted, from);
        let [first, second] = if from_weighted && self.has(Kind::Simple, to) {
            [Kind::Weighted, Kind::Simple]
        } else {
            [Kind::Simple, Kind::Weighted]
        };
        let mut legs = Self::legs(first, from, ALEX);
        legs.extend(Self::legs(second, ALEX, to));
        legs
    }

    /// Output of a pool for a net input, within its caps.
    pub fn quote_leg(&self, leg: &Leg, weight: u64, net: f64) -> Result<f64, Stop> {
        let (coin, sell) = sides(leg.kind, &leg.from, &leg.to);
        let pool = self.pools.get(&(leg.kind, coin.to_owned(), weight)).ok_or(Stop::Code(2001))?;
        self.lose(leg.kind, &pool.pool, sell);
        pool.pool.quote_out(&self.caps[leg.kind as usize], sell, net).map_err(stop)
    }

    /// Net input of a pool for an output, within its caps.
    pub fn quote_leg_in(&self, leg: &Leg, weight: u64, out: f64) -> Result<f64, Stop> {
        let (coin, sell) = sides(leg.kind, &leg.from, &leg.to);
        let pool = self.pools.get(&(leg.kind, coin.to_owned(), weight)).ok_or(Stop::Code(2001))?;
        let paid = if sell == Sell::X { Sell::Y } else { Sell::X };
        self.lose(leg.kind, &pool.pool, paid);
        pool.pool.quote_in(&self.caps[leg.kind as usize], sell, out).map_err(stop)
    }

    /// Notes what a power may take from the coin that is paid out.
    fn lose(&self, kind: Kind, pool: &FixedWeightPool, sell: Sell) {
        if kind == Kind::Weighted {
            let (out, ratio) = match sell {
                Sell::X => (pool.balances[1], pool.weight_x / (1.0 - pool.weight_x)),
                Sell::Y => (pool.balances[0], (1.0 - pool.weight_x) / pool.weight_x),
            };
            self.lost.set(self.lost.get() + out * power_loss(ratio));
        }
    }

    /// A swap in one pool. Returns net input and output.
    pub fn swap_leg(
        &mut self,
        leg: &Leg,
        weight: u64,
        amount: f64,
        now: f64,
        ledger: &mut Ledger,
    ) -> Result<[f64; 2], Stop> {
        let (coin, sell) = sides(leg.kind, &leg.from, &leg.to);
        let key = (leg.kind, coin.to_owned(), weight);
        let simple = leg.kind == Kind::Simple;
        let known = self.pools.get(&key);
        if simple {
            // The simple pools ask first whether they are open.
            let [first, last] = known.ok_or(Stop::Code(2001))?.open;
            if now < first || now > last {
                return Err(Stop::Code(1000));
            }
        }
        if amount <= 0.0 {
            return Err(Stop::Code(2003));
        }
        let known = known.ok_or(Stop::Code(2001))?;
        self.lose(leg.kind, &known.pool, sell);
        let caps = self.caps[leg.kind as usize];
        let swapped = known.pool.swap(&known.terms(caps), sell, amount).map_err(stop)?;
        if let Some(pool) = self.pools.get_mut(&key) {
            pool.pool = swapped.next;
        }
        *ledger.entry(leg.from.clone()).or_default() += swapped.to_reserve;
        Ok([swapped.net_in, swapped.out])
    }

    /// Output of a route, fees not counted.
    pub fn quote(&self, from: &str, to: &str, amount: f64) -> Result<f64, Stop> {
        self.route(from, to).iter().try_fold(amount, |amount, leg| self.quote_leg(leg, HALF, amount))
    }

    /// What the router takes an input to be: the output of the way back.
    pub fn quote_given(&self, from: &str, to: &str, out: f64) -> Result<f64, Stop> {
        self.route(from, to).iter().rev().try_fold(out, |amount, leg| {
            let back = Leg { kind: leg.kind, from: leg.to.clone(), to: leg.from.clone() };
            self.quote_leg(&back, HALF, amount)
        })
    }

    /// Fee rates of a route, added up; nothing where the router knows no way.
    pub fn fee(&self, from: &str, to: &str) -> f64 {
        let rate = |leg: &Leg| {
            let (coin, sell) = sides(leg.kind, &leg.from, &leg.to);
            self.pool(leg.kind, coin).map(|pool| pool.fee_rates[usize::from(sell == Sell::Y)])
        };
        self.route(from, to).iter().map(rate).sum::<Option<f64>>().unwrap_or(0.0)
    }

    /// Price of `from` in `to` within one kind of pools, direction by direction.
    fn price(
        kind: Kind,
        from: &str,
        to: &str,
        direct: &dyn Fn(&str, &str) -> Result<f64, Stop>,
    ) -> Result<f64, Stop> {
        if from == kind.hub() || to == kind.hub() {
            return direct(from, to);
        }
        Ok(direct(kind.hub(), to)? / direct(kind.hub(), from)?)
    }

    /// A price of the router, made of the prices of pools.
    fn routed(
        &self,
        from: &str,
        to: &str,
        direct: &dyn Fn(Kind, &str, &str) -> Result<f64, Stop>,
    ) -> Result<f64, Stop> {
        let legs = self.route(from, to);
        let within =
            |kind, from: &str, to: &str| Self::price(kind, from, to, &|from, to| direct(kind, from, to));
        let kinds = legs.first().zip(legs.last()).map(|(first, last)| (first.kind, last.kind));
        match kinds {
            Some((first, last)) if first == last => within(first, from, to),
            Some((first, last)) => Ok(within(last, ALEX, to)? / within(first, ALEX, from)?),
            None => Err(Stop::Code(2001)),
        }
    }

    fn instant_of(&self, kind: Kind, from: &str, to: &str) -> Result<f64, Stop> {
        let (coin, sell) = sides(kind, from, to);
        self.pool(kind, coin).ok_or(Stop::Code(2001))?.instant(sell == Sell::X)
    }

    fn resilient_of(&self, kind: Kind, from: &str, to: &str) -> Result<f64, Stop> {
        let instant = self.instant_of(kind, from, to)?;
        let average = self.pool(kind, sides(kind, from, to).0).map_or(0.0, |pool| pool.oracle_average);
        let previous = self.resilient.get(&(kind, from.to_owned(), to.to_owned()));
        resilient::reading(previous.copied(), instant, average).map_err(stop)
    }

    /// Price of `from` in `to` by the balances.
    pub fn instant(&self, from: &str, to: &str) -> Result<f64, Stop> {
        self.routed(from, to, &|kind, from, to| self.instant_of(kind, from, to))
    }

    /// The router's oracle: price of `from` in `to`.
    pub fn resilient(&self, from: &str, to: &str) -> Result<f64, Stop> {
        self.routed(from, to, &|kind, from, to| self.resilient_of(kind, from, to))
    }

    fn refresh(&mut self, legs: &[Leg]) -> Result<(), Stop> {
        for leg in legs {
            let price = self.resilient_of(leg.kind, &leg.from, &leg.to)?;
            self.resilient.insert((leg.kind, leg.from.clone(), leg.to.clone()), price);
        }
        Ok(())
    }

    /// A swap through the router.
    pub fn swap(
        &mut self,
        from: &str,
        to: &str,
        amount: f64,
        now: f64,
        ledger: &mut Ledger,
    ) -> Result<f64, Stop> {
        let legs = self.route(from, to);
        let simple = legs.iter().all(|leg| leg.kind == Kind::Simple);
        if simple {
            self.refresh(&legs)?;
        }
        let mut amount = amount;
        for leg in &legs {
            [_, amount] = self.swap_leg(leg, HALF, amount, now, ledger)?;
        }
        if !simple {
            self.refresh(&legs)?;
        }
        Ok(amount)
    }
}

/// Where collateral is sold.
#[derive(Debug, Clone)]
pub enum Market {
    /// Sells at the price, whatever the size.
    Stub {
        spot: f64,
    },
    Real(Exchange),
}

impl Market {
    /// Loan tokens per collateral token, as the pool sees it.
    pub fn spot(&self, collateral: &str, token: &str) -> Result<f64, Stop> {
        match self {
            Self::Stub { spot } => Ok(*spot),
            Self::Real(exchange) => exchange.resilient(collateral, token),
        }
    }

    /// What the router would pay for `amount`; `into_token` where collateral is sold.
    pub fn quote(&self, from: &str, to: &str, amount: f64, into_token: bool) -> Result<f64, Stop> {
        match self {
            Self::Stub { spot } if into_token => Ok(amount * spot),
            Self::Stub { spot } => Ok(amount / spot),
            Self::Real(exchange) => exchange.quote(from, to, amount),
        }
    }

    /// As [`Market::quote`], and done.
    pub fn swap(
        &mut self,
        [from, to]: [&str; 2],
        amount: f64,
        into_token: bool,
        now: f64,
        ledger: &mut Ledger,
    ) -> Result<f64, Stop> {
        match self {
            Self::Stub { .. } => self.quote(from, to, amount, into_token),
            Self::Real(exchange) => exchange.swap(from, to, amount, now, ledger),
        }
    }
}
