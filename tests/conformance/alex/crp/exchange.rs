//! The market outside: the stub of most vectors, and the pool of two equal weights with its oracle that the real one has.
//!
//! The oracle of the real one is the router's: `(1 - a) instant + a previous`, refreshed by swaps through the router only,
//! before they trade, and kept for each direction.

use std::collections::BTreeMap;

use super::check::Stop;

/// A token by its contract's name.
pub type Token = String;

/// What swaps credit and shortfalls debit, by token.
pub type Ledger = BTreeMap<Token, f64>;

/// The token that one side of every pool here is.
pub const ALEX: &str = ".age000-governance-token";

/// ALEX (x) against another token (y), weights equal.
#[derive(Debug, Clone, PartialEq)]
pub struct SimplePool {
    pub balance_x: f64,
    pub balance_y: f64,
    pub supply: f64,
    pub fee_rate_x: f64,
    pub fee_rate_y: f64,
    pub rebate_share: f64,
    pub oracle_enabled: bool,
    pub oracle_average: f64,
    pub oracle_resilient: f64,
    pub start_block: f64,
    pub end_block: f64,
}

/// Where collateral is sold.
#[derive(Debug, Clone, PartialEq)]
pub enum Market {
    /// Sells at the price, whatever the size.
    Stub {
        spot: f64,
    },
    Real(Exchange),
}

/// The pools and the router's oracle.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    pub pools: BTreeMap<Token, SimplePool>,
    pub resilient: BTreeMap<(Token, Token), f64>,
    pub max_in_ratio: f64,
    pub max_out_ratio: f64,
}

impl Default for Exchange {
    fn default() -> Self {
        Self { pools: BTreeMap::new(), resilient: BTreeMap::new(), max_in_ratio: 0.05, max_out_ratio: 0.05 }
    }
}

impl SimplePool {
    /// Loan tokens of the direction per token in.
    pub fn instant(&self, selling_alex: bool) -> Result<f64, Stop> {
        if !self.oracle_enabled {
            return Err(Stop::Code(7002));
        }
        Ok(if selling_alex { self.balance_y / self.balance_x } else { self.balance_x / self.balance_y })
    }

    pub fn own_resilient(&self) -> Result<f64, Stop> {
        let instant = self.instant(true)?;
        Ok((1.0 - self.oracle_average) * instant + self.oracle_average * self.oracle_resilient)
    }
}

impl Exchange {
    /// The pool of a pair that has ALEX on one side, and whether ALEX is what is sold.
    fn pair(&self, from: &str, to: &str) -> Result<(&SimplePool, bool), Stop> {
        let selling_alex = from == ALEX;
        let other = if selling_alex { to } else { from };
        let pool = self.pools.get(other).ok_or(Stop::Code(2001))?;
        if selling_alex || to == ALEX {
            Ok((pool, selling_alex))
        } else {
            Err(Stop::Unknown(format!("a route from {from} to {to}")))
        }
    }

    /// Output for a net input, within the caps. The contract crosses them where ALEX is bought.
    pub fn quote(&self, from: &str, to: &str, net: f64) -> Result<f64, Stop> {
        let (pool, selling_alex) = self.pair(from, to)?;
        let (held_in, held_out) =
            if selling_alex { (pool.balance_x, pool.balance_y) } else { (pool.balance_y, pool.balance_x) };
        let (in_cap, out_cap, in_code, out_code) = if selling_alex {
            (self.max_in_ratio, self.max_out_ratio, 4001, 4002)
        } else {
            (self.max_out_ratio, self.max_in_ratio, 4002, 4001)
        };
        if net >= in_cap * held_in {
            return Err(Stop::Code(in_code));
        }
        let out = held_out * net / (held_in + net);
        if out >= out_cap * held_out {
            return Err(Stop::Code(out_code));
        }
        Ok(out)
    }

    /// A swap in the pool itself. Returns net input and output.
    pub fn swap(
        &mut self,
        from: &str,
        to: &str,
        amount: f64,
        now: f64,
        ledger: &mut Ledger,
    ) -> Result<[f64; 2], Stop> {
        let (pool, selling_alex) = self.pair(from, to)?;
        if now < pool.start_block || now > pool.end_block {
            return Err(Stop::Code(1000));
        }
        if amount <= 0.0 {
            return Err(Stop::Code(2003));
        }
        let fee = amount * if selling_alex { pool.fee_rate_x } else { pool.fee_rate_y };
        let rebate = fee * pool.rebate_share;
        let out = self.quote(from, to, amount - fee)?;
        let other = if selling_alex { to } else { from };
        let Some(pool) = self.pools.get_mut(other) else { return Err(Stop::Code(2001)) };
        pool.oracle_resilient = if pool.oracle_enabled { pool.own_resilient()? } else { 0.0 };
        let (held_in, held_out) = if selling_alex {
            (&mut pool.balance_x, &mut pool.balance_y)
        } else {
            (&mut pool.balance_y, &mut pool.balance_x)
        };
        *held_in += amount - fee + rebate;
        *held_out -= out;
        *ledger.entry(from.to_owned()).or_default() += fee - rebate;
        Ok([amount - fee, out])
    }

    pub fn instant(&self, from: &str, to: &str) -> Result<f64, Stop> {
        let (pool, selling_alex) = self.pair(from, to)?;
        pool.instant(selling_alex)
    }

    /// The router's oracle: price of `from` in `to`.
    pub fn resilient(&self, from: &str, to: &str) -> Result<f64, Stop> {
        let (pool, _) = self.pair(from, to)?;
        let instant = self.instant(from, to)?;
        let average = pool.oracle_average;
        let previous = self.resilient.get(&(from.to_owned(), to.to_owned()));
        Ok(previous.map_or(instant, |previous| (1.0 - average) * instant + average * previous))
    }

    /// A swap through the router, which refreshes its oracle first.
    fn route(
        &mut self,
        from: &str,
        to: &str,
        amount: f64,
        now: f64,
        ledger: &mut Ledger,
    ) -> Result<f64, Stop> {
        let price = self.resilient(from, to)?;
        let [_, out] = self.swap(from, to, amount, now, ledger)?;
        self.resilient.insert((from.to_owned(), to.to_owned()), price);
        Ok(out)
    }
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
            Self::Real(exchange) => exchange.route(from, to, amount, now, ledger),
        }
    }
}
