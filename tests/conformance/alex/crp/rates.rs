//! The pool of yield tokens, where borrowers turn their debt into coins, as far as loans reach into it.
//!
//! The library alone answers here; scenario `yield-token-pool` pins the contract's integers (`super::super::yield_pool`).

use ballast::protocol::amm::weighted::RatioCaps;
use ballast::protocol::yield_token::{
    self, Maturity, Refusal, Side, State, Terms, TimeScale, quote_deposit, quote_in, quote_out, quote_shares,
    quote_to_price, quote_to_yield,
};

use super::call::{Reply, set_ratio, unknown};
use super::check::{Answer, Field, Record, Stop};
use super::exchange::Token;
use super::world::{Call, Who, World};
use crate::alex::yield_equation::curve_loss;

/// A pool and what its record tells beside the library's.
#[derive(Debug, Clone)]
pub struct RatePool {
    pub state: State,
    pub terms: Terms,
    pub token: Token,
    pub pool_token: Token,
    pub fee_to: String,
    pub oracle_enabled: bool,
    pub oracle_average: f64,
    pub oracle_resilient: f64,
}

/// Variables of the contract that are not of one pool.
#[derive(Debug, Clone, Copy)]
pub struct RateGlobals {
    pub latest_expiry: u64,
    pub caps: RatioCaps,
    /// By how much more than the quote a deposit buys yield tokens.
    pub buffer: f64,
}

impl Default for RateGlobals {
    fn default() -> Self {
        Self { latest_expiry: Maturity::LATEST_EXPIRY, caps: Terms::DEPLOYED_CAPS, buffer: 1.01 }
    }
}

fn stop(refusal: Refusal) -> Stop {
    match refusal.code().and_then(|code| u16::try_from(code).ok()) {
        Some(code) => Stop::Code(code),
        None => Stop::Unknown(refusal.to_string()),
    }
}

/// What the contract's power for the curve may lose of a reserve.
fn lost(pool: &RatePool, now: u64) -> f64 {
    let reserves = pool.state.reserves();
    let t = pool.terms.maturity.time_at(now).unwrap_or(0.0);
    curve_loss(t) * reserves.token.max(reserves.yield_token)
}

impl RatePool {
    pub fn record(&self) -> Record {
        let (state, terms) = (&self.state, &self.terms);
        let number = |(name, number)| (name, Field::Number(number));
        let mut fields: Record = [
            ("total-supply", state.shares),
            ("balance-token", state.token),
            ("balance-yield-token", state.yield_token),
            ("balance-virtual", state.virtual_yield_token),
            ("fee-rate-token", terms.token_fee_rate),
            ("fee-rate-yield-token", terms.yield_token_fee_rate),
            ("fee-rebate", terms.rebate_share),
            ("oracle-average", self.oracle_average),
            ("oracle-resilient", self.oracle_resilient),
            ("small-threshold", terms.small_threshold),
            ("min-fee", terms.min_fee),
        ]
        .map(number)
        .into();
        fields.push(("listed", Field::Plain(terms.maturity.listed as f64)));
        fields.push(("oracle-enabled", Field::Flag(self.oracle_enabled)));
        for (name, text) in [
            ("fee-to-address", &self.fee_to),
            ("pool-token", &self.pool_token),
            ("underlying-token", &self.token),
        ] {
            fields.push((name, Field::Text(text.clone())));
        }
        fields
    }

    /// Tokens for a yield token.
    fn instant(&self, now: u64) -> Result<f64, Stop> {
        Ok(1.0 / yield_token::price(&self.state, &self.terms, now).map_err(stop)?)
    }

    fn resilient(&self, now: u64) -> Result<f64, Stop> {
        if !self.oracle_enabled {
            return Err(Stop::Code(7002));
        }
        Ok((1.0 - self.oracle_average) * self.instant(now)? + self.oracle_average * self.oracle_resilient)
    }
}

impl World {
    pub fn rate_pool(&self, expiry: u64, yield_token: &str) -> Result<RatePool, Stop> {
        let mut pool =
            self.rate_pools.get(&(yield_token.to_owned(), expiry)).cloned().ok_or(Stop::Code(2001))?;
        pool.terms.caps = self.rates.caps;
        pool.terms.maturity.scale = TimeScale::LatestExpiry { height: self.rates.latest_expiry };
        Ok(pool)
    }

    fn keep_rate_pool(&mut self, expiry: u64, yield_token: &str, pool: RatePool) {
        self.rate_pools.insert((yield_token.to_owned(), expiry), pool);
    }

    /// A trade of `token` for yield tokens or back. Returns net input and output.
    pub fn trade_rate(
        &mut self,
        who: Who<'_>,
        (expiry, yield_token, token): (u64, &str, &str),
        side: Side,
        amount: f64,
        least: Option<f64>,
    ) -> Result<[f64; 2], Stop> {
        if amount <= 0.0 {
            return Err(Stop::Code(2003));
        }
        let now = who.block();
        let mut pool = self.rate_pool(expiry, yield_token)?;
        let swap =
            |least| yield_token::swap(&pool.state, &pool.terms, now, side, amount, least).map_err(stop);
        let done = swap(None).map_err(|refusal| match refusal {
            // A trade that pays nothing is refused for its limit, of whose check the token's comes first.
            Stop::Code(2020) if pool.token != token => Stop::Code(2026),
            refusal => refusal,
        })?;
        if pool.token != token {
            return Err(Stop::Code(2026));
        }
        swap(least)?;
        let taken = lost(&pool, now);
        self.lost.set(self.lost.get() + taken);
        pool.oracle_resilient = if pool.oracle_enabled { pool.resilient(now)? } else { 0.0 };
        let (brought, [paid, got]) = match side {
            Side::BuyYield => (token, [0.0, done.out]),
            Side::SellYield => (yield_token, [amount, 0.0]),
        };
        *self.reserve.entry(brought.to_owned()).or_default() += done.to_reserve;
        *self.holding(yield_token, expiry, who.sender) += got - paid;
        if side == Side::BuyYield {
            self.leave(yield_token, Some((expiry, who.sender)), taken);
        }
        // The fee is a share of an interest that the contract rounds up.
        self.leave(brought, None, 1e-7 * amount);
        pool.state = done.next;
        self.keep_rate_pool(expiry, yield_token, pool);
        Ok([done.net_in, done.out])
    }

    /// A deposit of tokens. Returns shares, tokens, real and virtual yield tokens.
    fn deposit_rate(
        &mut self,
        who: Who<'_>,
        (expiry, yield_token, token, pool_token): (u64, &str, &str, &str),
        amount: f64,
        most: Option<f64>,
    ) -> Result<[f64; 4], Stop> {
        if amount <= 0.0 {
            return Err(Stop::Code(2003));
        }
        let mut pool = self.rate_pool(expiry, yield_token)?;
        // The quote asks for the time, which may be out of range.
        pool.terms.maturity.time_at(who.block()).map_err(stop)?;
        quote_deposit(&pool.state, amount).map_err(stop)?;
        if pool.token != token || pool.pool_token != pool_token {
            return Err(Stop::Code(2026));
        }
        let made = yield_token::deposit(&pool.state, amount, most).map_err(stop)?;
        let position = made.position;
        pool.state = made.next;
        *self.holding(pool_token, expiry, who.sender) += position.shares;
        *self.holding(yield_token, expiry, who.sender) -= position.yield_token;
        self.keep_rate_pool(expiry, yield_token, pool);
        Ok([position.shares, amount, position.yield_token, position.virtual_yield_token])
    }

    /// A withdrawal of a share of what the sender holds. Returns tokens and real yield tokens.
    fn withdraw_rate(
        &mut self,
        who: Who<'_>,
        (expiry, yield_token, token, pool_token): (u64, &str, &str, &str),
        share: f64,
    ) -> Result<[f64; 2], Stop> {
        if share > 1.0 {
            return Err(Stop::Code(5000));
        }
        let mut pool = self.rate_pool(expiry, yield_token)?;
        let shares = *self.holding(pool_token, expiry, who.sender) * share;
        pool.terms.maturity.time_at(who.block()).map_err(stop)?;
        let moved = yield_token::withdraw(&pool.state, shares).map_err(stop)?;
        if pool.token != token || pool.pool_token != pool_token {
            return Err(Stop::Code(2026));
        }
        pool.state = moved.next;
        *self.holding(pool_token, expiry, who.sender) -= shares;
        *self.holding(yield_token, expiry, who.sender) += moved.position.yield_token;
        self.keep_rate_pool(expiry, yield_token, pool);
        Ok([moved.position.token, moved.position.yield_token])
    }

    /// A deposit that first buys the yield tokens it needs.
    fn buy_and_deposit(
        &mut self,
        who: Who<'_>,
        names: (u64, &str, &str, &str),
        amount: f64,
    ) -> Result<[f64; 4], Stop> {
        let (expiry, yield_token, token, _) = names;
        let pool = self.rate_pool(expiry, yield_token)?;
        pool.terms.maturity.time_at(who.block()).map_err(stop)?;
        let wanted = quote_deposit(&pool.state, amount).map_err(stop)?.yield_token;
        let mut paid = 0.0;
        if wanted > 0.0 {
            let quoted = quote_in(&pool.state, &pool.terms, who.block(), Side::BuyYield, wanted);
            paid = self.rates.buffer * quoted.map_err(stop)?;
            self.lost.set(self.lost.get() + lost(&pool, who.block()));
            self.trade_rate(who, (expiry, yield_token, token), Side::BuyYield, paid, None)?;
        }
        if paid > amount {
            return Err(Stop::Abort("ArithmeticUnderflow"));
        }
        // The contract's limit is its own quote, so that rounding cannot exceed it.
        self.deposit_rate(who, names, amount - paid, None)
    }
}

fn deposited([shares, token, real, virtual_]: [f64; 4]) -> Reply {
    Ok(Answer::Tuple(vec![
        ("supply", shares),
        ("balance-token", token),
        ("balance-yield-token", real),
        ("balance-virtual", virtual_),
    ]))
}

/// A function of the pool of yield tokens.
pub fn rates(world: &mut World, call: &Call<'_>) -> Reply {
    let who = call.who();
    let names = || -> Result<_, Stop> { Ok((call.plain(0)?, call.text(1)?, call.text(2)?, call.text(3)?)) };
    match call.function {
        "create-pool" | "create-and-configure-pool" => create(world, call),
        "add-to-position" => deposited(world.deposit_rate(who, names()?, call.fixed(4)?, call.limit(5)?)?),
        "buy-and-add-to-position" => deposited(world.buy_and_deposit(who, names()?, call.fixed(4)?)?),
        "reduce-position" => {
            let [dx, dy] = world.withdraw_rate(who, names()?, call.fixed(4)?)?;
            Ok(Answer::Tuple(vec![("dx", dx), ("dy", dy)]))
        }
        "roll-position" => {
            let (expiry, yield_token, token, pool_token) = names()?;
            let [dx, dy] = world.withdraw_rate(who, names()?, call.fixed(4)?)?;
            let pair = (expiry, yield_token, token);
            let [_, sold] = world.trade_rate(who, pair, Side::SellYield, dy, None)?;
            let next = (call.plain(5)?, yield_token, token, pool_token);
            deposited(world.buy_and_deposit(who, next, dx + sold)?)
        }
        "swap-x-for-y" | "swap-y-for-x" => {
            let side = if call.function == "swap-x-for-y" { Side::BuyYield } else { Side::SellYield };
            let (amount, least) = (call.fixed(3)?, call.limit(4)?);
            let pair = (call.plain(0)?, call.text(1)?, call.text(2)?);
            let [net, out] = world.trade_rate(who, pair, side, amount, least)?;
            let [dx, dy] = if side == Side::BuyYield { [net, out] } else { [out, net] };
            world.lost.set(world.lost.get() + 1e-7 * amount);
            Ok(Answer::Tuple(vec![("dx", dx), ("dy", dy)]))
        }
        "set-max-expiry" => {
            world.owned(call)?;
            let height = call.plain(0)?;
            if height as f64 <= call.now {
                return Err(Stop::Code(2009));
            }
            world.rates.latest_expiry = height;
            Ok(Answer::Flag(true))
        }
        "get-max-expiry" => Ok(Answer::Plain(world.rates.latest_expiry as f64)),
        "get-max-in-ratio" => Ok(Answer::Number(world.rates.caps.max_in)),
        "get-max-out-ratio" => Ok(Answer::Number(world.rates.caps.max_out)),
        "set-max-in-ratio" | "set-max-out-ratio" => {
            world.owned(call)?;
            let caps = &mut world.rates.caps;
            let input = call.function == "set-max-in-ratio";
            let (ratio, code) = if input { (&mut caps.max_in, 4001) } else { (&mut caps.max_out, 4002) };
            set_ratio(ratio, call.fixed(0)?, f64::INFINITY, code)
        }
        "get-buy-and-add-buffer" => Ok(Answer::Number(world.rates.buffer)),
        "set-buy-and-add-buffer" => {
            world.owned(call)?;
            world.rates.buffer = call.fixed(0)?;
            Ok(Answer::Flag(true))
        }
        "get-t" => {
            let scale = TimeScale::LatestExpiry { height: world.rates.latest_expiry };
            let maturity = Maturity { listed: call.plain(1)?, expiry: call.plain(0)?, scale };
            Ok(Answer::Number(maturity.time_at(who.block()).map_err(stop)?))
        }
        _ => of_pool(world, call),
    }
}

fn create(world: &mut World, call: &Call<'_>) -> Reply {
    let (expiry, yield_token) = (call.plain(0)?, call.text(1)?);
    let configured = call.function == "create-and-configure-pool";
    if call.sender != world.owner(call.contract) && !world.approved(call) {
        return Err(Stop::Code(1000));
    }
    if world.rate_pool(expiry, yield_token).is_ok() {
        return Err(Stop::Code(2000));
    }
    let number = |index: usize| if configured { call.fixed(index) } else { Ok(0.0) };
    let terms = Terms {
        maturity: Maturity::contract(call.who().block(), expiry),
        rebate_share: number(5)?,
        yield_token_fee_rate: number(6)?,
        token_fee_rate: number(7)?,
        small_threshold: number(8)?,
        min_fee: number(9)?,
        caps: world.rates.caps,
    };
    let (token, pool_token) = (call.text(2)?, call.text(3)?);
    let pool = RatePool {
        state: State::default(),
        terms,
        token: token.to_owned(),
        pool_token: pool_token.to_owned(),
        fee_to: call.text(4)?.to_owned(),
        oracle_enabled: false,
        oracle_average: 0.0,
        oracle_resilient: 0.0,
    };
    world.keep_rate_pool(expiry, yield_token, pool);
    let (at, most) = if configured { (10, 11) } else { (5, 6) };
    let names = (expiry, yield_token, token, pool_token);
    deposited(world.deposit_rate(call.who(), names, call.fixed(at)?, call.limit(most)?)?)
}

/// A setting of one pool or a question to it.
fn of_pool(world: &mut World, call: &Call<'_>) -> Reply {
    let (expiry, yield_token, now) = (call.plain(0)?, call.text(1)?, call.who().block());
    let mut pool = world.rate_pool(expiry, yield_token)?;
    let owner = call.sender == world.owner(call.contract);
    if call.function.starts_with("set-") {
        let allowed = match call.function {
            "set-oracle-enabled" | "set-oracle-average" | "set-fee-to-address" => owner,
            "set-fee-rate-token" | "set-fee-rate-yield-token" => {
                owner || call.sender == pool.fee_to || world.approved(call)
            }
            _ => owner || world.approved(call),
        };
        if !allowed {
            return Err(Stop::Code(1000));
        }
        let terms = &mut pool.terms;
        match call.function {
            "set-fee-rebate" => terms.rebate_share = call.fixed(2)?,
            "set-small-threshold" => terms.small_threshold = call.fixed(2)?,
            "set-min-fee" => terms.min_fee = call.fixed(2)?,
            "set-fee-rate-token" => terms.token_fee_rate = call.fixed(2)?,
            "set-fee-rate-yield-token" => terms.yield_token_fee_rate = call.fixed(2)?,
            "set-fee-to-address" => call.text(2)?.clone_into(&mut pool.fee_to),
            "set-oracle-enabled" if pool.oracle_enabled => return Err(Stop::Code(7003)),
            "set-oracle-enabled" => pool.oracle_enabled = true,
            "set-oracle-average" if !pool.oracle_enabled => return Err(Stop::Code(7002)),
            "set-oracle-average" if call.fixed(2)? >= 1.0 => return Err(Stop::Code(7004)),
            "set-oracle-average" => {
                pool.oracle_average = call.fixed(2)?;
                pool.oracle_resilient = pool.instant(now)?;
            }
            _ => return unknown(call),
        }
        world.keep_rate_pool(expiry, yield_token, pool);
        return Ok(Answer::Flag(true));
    }
    let (state, terms) = (&pool.state, &pool.terms);
    let number = |found: Result<f64, Refusal>| Ok(Answer::Number(found.map_err(stop)?));
    let curve = |found: Result<f64, Refusal>| {
        world.lost.set(world.lost.get() + lost(&pool, now));
        number(found)
    };
    let position = |first: &'static str, found: [f64; 3]| {
        let [first_amount, real, virtual_] = found;
        Ok(Answer::Tuple(vec![(first, first_amount), ("dy-act", real), ("dy-vir", virtual_)]))
    };
    match call.function {
        "get-pool-details" => Ok(Answer::Record(pool.record())),
        "get-price" | "get-price-down" => number(yield_token::price(state, terms, now)),
        "get-yield" => number(yield_token::price(state, terms, now).map(|price| price - 1.0)),
        "get-y-given-x" => curve(quote_out(state, terms, now, Side::BuyYield, call.fixed(2)?)),
        "get-x-given-y" => curve(quote_out(state, terms, now, Side::SellYield, call.fixed(2)?)),
        "get-y-in-given-x-out" => curve(quote_in(state, terms, now, Side::SellYield, call.fixed(2)?)),
        "get-x-in-given-y-out" => curve(quote_in(state, terms, now, Side::BuyYield, call.fixed(2)?)),
        "get-x-given-price" => curve(quote_to_price(state, terms, now, Side::BuyYield, call.fixed(2)?)),
        "get-y-given-price" => curve(quote_to_price(state, terms, now, Side::SellYield, call.fixed(2)?)),
        "get-x-given-yield" => curve(quote_to_yield(state, terms, now, Side::BuyYield, call.fixed(2)?)),
        "get-y-given-yield" => curve(quote_to_yield(state, terms, now, Side::SellYield, call.fixed(2)?)),
        "get-token-given-position" => {
            let found = quote_deposit(state, call.fixed(2)?).map_err(stop)?;
            position("token", [found.shares, found.yield_token, found.virtual_yield_token])
        }
        "get-position-given-mint" | "get-position-given-burn" => {
            let found = quote_shares(state, call.fixed(2)?).map_err(stop)?;
            position("dx", [found.token, found.yield_token, found.virtual_yield_token])
        }
        "get-oracle-enabled" => Ok(Answer::Flag(pool.oracle_enabled)),
        "get-oracle-average" => Ok(Answer::Number(pool.oracle_average)),
        "get-oracle-instant" => Ok(Answer::Number(pool.instant(now)?)),
        "get-oracle-resilient" => Ok(Answer::Number(pool.resilient(now)?)),
        "get-fee-rebate" => Ok(Answer::Number(terms.rebate_share)),
        "get-small-threshold" => Ok(Answer::Number(terms.small_threshold)),
        "get-min-fee" => Ok(Answer::Number(terms.min_fee)),
        "get-fee-rate-token" => Ok(Answer::Number(terms.token_fee_rate)),
        "get-fee-rate-yield-token" => Ok(Answer::Number(terms.yield_token_fee_rate)),
        "get-fee-to-address" => Ok(Answer::Text(pool.fee_to.clone())),
        _ => unknown(call),
    }
}
