//! What the functions of the router and of the exchange behind it answer.

use ballast::protocol::amm::fixed_weight::{FixedWeightPool, Sell};

use super::call::{Reply, set_ratio, unknown};
use super::check::{Answer, Field, Record, Stop};
use super::exchange::{Exchange, HubPool, Kind, Leg, Market, stop};
use super::world::{Call, World};

/// A function of the router.
pub fn router(world: &mut World, call: &Call<'_>) -> Reply {
    let (from, to) = (call.text(0)?, call.text(1)?);
    let World { market, reserve, .. } = world;
    let number = |found: Result<f64, Stop>| Ok(Answer::number(found?));
    let exchange = match market {
        Market::Real(exchange) => exchange,
        Market::Stub { spot } => {
            // The stub quotes tokens for collateral: of the two names, the collateral's comes first.
            let into_token = to == super::exchange::ALEX;
            return match call.function {
                "oracle-resilient-helper" | "oracle-instant-helper" => Ok(Answer::number(*spot)),
                "get-helper" | "swap-helper" => number(market.quote(from, to, call.fixed(2)?, into_token)),
                _ => unknown(call),
            };
        }
    };
    match call.function {
        "oracle-resilient-helper" => number(exchange.resilient(from, to)),
        "oracle-instant-helper" => number(exchange.instant(from, to)),
        "get-helper" => number(exchange.quote(from, to, call.fixed(2)?)),
        "get-given-helper" => number(exchange.quote_given(from, to, call.fixed(2)?)),
        "fee-helper" => Ok(Answer::number(exchange.fee(from, to))),
        "route-helper" => {
            let legs = exchange.route(from, to);
            let known = exchange.instant_route(&legs);
            let ends = legs.iter().map(|leg| leg.to.clone());
            let stops: Vec<String> = std::iter::once(from.to_owned()).chain(ends).collect();
            let stops = if known { stops } else { vec![from.to_owned(), to.to_owned()] };
            Ok(Answer::List(stops.into_iter().map(|name| Ok(Answer::Text(name))).collect()))
        }
        "swap-helper" => {
            let out = exchange.swap(from, to, call.fixed(2)?, call.now, reserve)?;
            at_least(out, call)?;
            number(Ok(out))
        }
        _ => unknown(call),
    }
}

/// The least output, which is the last argument of a swap.
fn at_least(out: f64, call: &Call<'_>) -> Result<(), Stop> {
    let least = call.limit(call.args.len().saturating_sub(1))?;
    if call.args.last().copied().flatten().is_some() && least.is_some_and(|least| out < least) {
        return Err(Stop::Code(2020));
    }
    Ok(())
}

/// The equations behind a kind of pools, which keep its caps.
pub fn equation(world: &mut World, call: &Call<'_>) -> Reply {
    let owned = world.owned(call);
    let Market::Real(exchange) = &mut world.market else { return unknown(call) };
    let kind = if call.contract.starts_with("simple") { Kind::Simple } else { Kind::Weighted };
    let caps = &mut exchange.caps[kind as usize];
    match call.function {
        "get-max-in-ratio" => Ok(Answer::number(caps.max_x)),
        "get-max-out-ratio" => Ok(Answer::number(caps.max_y)),
        "set-max-in-ratio" => owned.and_then(|()| set_ratio(&mut caps.max_x, call.fixed(0)?, 1.0, 4001)),
        "set-max-out-ratio" => owned.and_then(|()| set_ratio(&mut caps.max_y, call.fixed(0)?, 1.0, 4002)),
        _ => unknown(call),
    }
}

impl Exchange {
    /// Whether every pool of a route is there.
    fn instant_route(&self, legs: &[Leg]) -> bool {
        let coin = |leg: &Leg| if leg.from == leg.kind.hub() { leg.to.clone() } else { leg.from.clone() };
        legs.iter().all(|leg| self.pool(leg.kind, &coin(leg)).is_some())
    }
}

impl HubPool {
    pub fn record(&self, kind: Kind) -> Record {
        let [balance_x, balance_y] = self.pool.balances;
        let mut fields: Record = [
            ("total-supply", self.pool.shares),
            ("balance-x", balance_x),
            ("balance-y", balance_y),
            ("fee-rate-x", self.fee_rates[0]),
            ("fee-rate-y", self.fee_rates[1]),
            ("fee-rebate", self.rebate_share),
            ("oracle-average", self.oracle_average),
            ("oracle-resilient", self.pool.resilient_price),
        ]
        .map(|(name, number)| (name, Field::Number(number)))
        .into();
        fields.push(("oracle-enabled", Field::Flag(self.oracle_enabled)));
        fields.push(("fee-to-address", Field::Text(self.fee_to.clone())));
        fields.push(("pool-token", Field::Text(self.pool_token.clone())));
        if kind == Kind::Simple {
            fields.push(("start-block", Field::Plain(self.open[0])));
            fields.push(("end-block", Field::Plain(self.open[1])));
        }
        fields
    }
}

/// How a call of a pool contract names its pool: both coins and their weights, or the coin that is not the hub.
struct Named<'a> {
    kind: Kind,
    x: &'a str,
    y: &'a str,
    /// Weights of x and y, in units of 1e-8.
    weights: [u64; 2],
    /// The first argument behind the names.
    at: usize,
}

const WHOLE: u64 = 100_000_000;

impl<'a> Named<'a> {
    /// Reads the names of a call; `function` is the call's with the hub written as x.
    fn read(call: &Call<'a>, kind: Kind, function: &str) -> Result<Self, Stop> {
        let weighted = kind == Kind::Weighted;
        if function != call.function {
            let weight_y = if weighted { call.plain(1)? } else { WHOLE / 2 };
            let weights = [WHOLE.saturating_sub(weight_y), weight_y];
            return Ok(Self {
                kind,
                x: kind.hub(),
                y: call.text(0)?,
                weights,
                at: 1 + usize::from(weighted),
            });
        }
        let weights = if weighted { [call.plain(2)?, call.plain(3)?] } else { [WHOLE / 2; 2] };
        let at = if weighted { 4 } else { 2 };
        Ok(Self { kind, x: call.text(0)?, y: call.text(1)?, weights, at })
    }

    /// Legs from x to y, each with the weight of its coin that is not the hub.
    fn legs(&self, from_y: bool) -> Vec<(Leg, u64)> {
        let (from, to) = if from_y { (self.y, self.x) } else { (self.x, self.y) };
        let weight = |leg: &Leg| {
            let coin = if leg.from == self.kind.hub() { &leg.to } else { &leg.from };
            if coin == self.x { self.weights[0] } else { self.weights[1] }
        };
        Exchange::legs(self.kind, from, to).into_iter().map(|leg| (leg.clone(), weight(&leg))).collect()
    }

    fn key(&self) -> (Kind, String, u64) {
        (self.kind, self.y.to_owned(), self.weights[1])
    }
}

/// A function of the pools behind the router.
pub fn exchange(world: &mut World, call: &Call<'_>) -> Reply {
    let kind = if call.contract.starts_with("simple") { Kind::Simple } else { Kind::Weighted };
    let owner = call.sender == world.owner(call.contract);
    let World { market: Market::Real(exchange), reserve, shares, .. } = world else { return unknown(call) };
    if call.function == "get-pool-count" {
        return Ok(Answer::Plain(exchange.pools.keys().filter(|(of, ..)| *of == kind).count() as f64));
    }
    let function = call.function.replace("wstx", "x").replace("alex", "x");
    let named = Named::read(call, kind, &function)?;
    let (at, direct) = (named.at, function != call.function);
    match function.as_str() {
        "create-pool" => return create(world, call, &named),
        "swap-x-for-y" | "swap-y-for-x" | "swap-helper" => {
            let from_y = function == "swap-y-for-x";
            let paid = call.fixed(at)?;
            let (mut net, mut out) = (paid, paid);
            for (index, (leg, weight)) in named.legs(from_y).iter().enumerate() {
                let [netted, bought] = exchange.swap_leg(leg, *weight, out, call.now, reserve)?;
                net = if index == 0 { netted } else { net };
                out = bought;
            }
            at_least(out, call)?;
            if function == "swap-helper" {
                return Ok(Answer::number(out));
            }
            // The direct calls tell the net input, the general ones echo what was paid.
            let sent = if direct { net } else { paid };
            let [dx, dy] = if from_y { [out, sent] } else { [sent, out] };
            return Ok(Answer::Tuple(vec![("dx", dx), ("dy", dy)]));
        }
        "get-y-given-x" | "get-x-given-y" | "get-helper" => {
            let legs = named.legs(function == "get-x-given-y");
            let quote = legs
                .iter()
                .try_fold(call.fixed(at)?, |sum, (leg, weight)| exchange.quote_leg(leg, *weight, sum));
            return Ok(Answer::number(quote?));
        }
        "get-y-in-given-x-out" | "get-x-in-given-y-out" => {
            // Input of y for an output of x sells y; by way of the hub the contract goes the way of an output.
            let legs = named.legs(function == "get-y-in-given-x-out");
            let quote = legs
                .iter()
                .rev()
                .try_fold(call.fixed(at)?, |sum, (leg, weight)| exchange.quote_leg_in(leg, *weight, sum));
            return Ok(Answer::number(quote?));
        }
        "get-pool-exists" => {
            let found = exchange.pools.get(&named.key()).filter(|_| named.x == kind.hub());
            return Ok(found.map_or(Answer::Nothing, |pool| Answer::Record(pool.record(kind))));
        }
        // The simple pools price pairs of any two coins and either way round.
        "get-oracle-instant" | "get-oracle-resilient" if kind == Kind::Simple => {
            let past = function == "get-oracle-resilient";
            let price = |from: &str, to: &str| {
                let coin = if from == kind.hub() { to } else { from };
                let pool = exchange.pool(kind, coin).ok_or(Stop::Code(2001))?;
                let instant = pool.instant(from == kind.hub())?;
                let (average, old) = (pool.oracle_average, pool.pool.resilient_price);
                // The contract does not turn the old price over for the other direction.
                Ok::<f64, Stop>(if past { (1.0 - average) * instant + average * old } else { instant })
            };
            if named.x == kind.hub() || named.y == kind.hub() {
                return Ok(Answer::number(price(named.x, named.y)?));
            }
            return Ok(Answer::number(price(kind.hub(), named.y)? / price(kind.hub(), named.x)?));
        }
        _ => {}
    }
    // Everything else knows the pool by its own names alone.
    if named.x != kind.hub() {
        return Err(Stop::Code(2001));
    }
    let known = exchange.pools.get_mut(&named.key());
    match function.as_str() {
        "add-to-position" => {
            let (amount, most) = (call.fixed(at + 1)?, call.limit(at + 2)?.unwrap_or(f64::MAX));
            if amount <= 0.0 {
                return Err(Stop::Code(2003));
            }
            let known = known.ok_or(Stop::Code(2001))?;
            let moved = known.pool.deposit(amount, most).map_err(stop)?;
            if call.text(at)? != known.pool_token {
                return Err(Stop::Code(2026));
            }
            known.pool = moved.next;
            *shares.entry((known.pool_token.clone(), call.sender.to_owned())).or_default() += moved.shares;
            let [dx, dy] = moved.amounts;
            return Ok(Answer::Tuple(vec![("supply", moved.shares), ("dx", dx), ("dy", dy)]));
        }
        "reduce-position" => {
            let share = call.fixed(at + 1)?;
            if share > 1.0 {
                return Err(Stop::Code(5000));
            }
            let known = known.ok_or(Stop::Code(2001))?;
            let held = shares.entry((call.text(at)?.to_owned(), call.sender.to_owned())).or_default();
            let moved = known.pool.withdraw(*held * share).map_err(stop)?;
            if call.text(at)? != known.pool_token {
                return Err(Stop::Code(2026));
            }
            *held -= moved.shares;
            known.pool = moved.next;
            let [dx, dy] = moved.amounts;
            return Ok(Answer::Tuple(vec![("dx", dx), ("dy", dy)]));
        }
        _ => {}
    }
    let pool = known.ok_or(Stop::Code(2001))?;
    if function.starts_with("set-") {
        return configure(pool, call, &function, at, owner);
    }
    question(pool, call, &function, at, kind)
}

fn create(world: &mut World, call: &Call<'_>, named: &Named<'_>) -> Reply {
    if call.sender != world.owner(call.contract) {
        return Err(Stop::Code(1000));
    }
    let World { market: Market::Real(exchange), shares, .. } = world else { return unknown(call) };
    if exchange.pools.contains_key(&named.key()) {
        return Err(Stop::Code(2000));
    }
    if named.x != named.kind.hub() {
        return Err(Stop::Unknown(format!("a pool of {} on the x side", named.x)));
    }
    let (dx, dy) = (call.fixed(named.at + 2)?, call.fixed(named.at + 3)?);
    if dx <= 0.0 {
        return Err(Stop::Code(2003));
    }
    let weight_x = named.weights[0] as f64 / WHOLE as f64;
    let moved = FixedWeightPool { weight_x, ..Default::default() }.deposit(dx, dy).map_err(stop)?;
    let pool_token = call.text(named.at)?.to_owned();
    *shares.entry((pool_token.clone(), call.sender.to_owned())).or_default() += moved.shares;
    let made = HubPool {
        pool: moved.next,
        fee_rates: [0.0; 2],
        rebate_share: 0.0,
        oracle_enabled: false,
        oracle_average: 0.0,
        // Closed in the contract until a block is set; where no step sets one, the harness has.
        open: [0.0, f64::INFINITY],
        fee_to: call.text(named.at + 1)?.to_owned(),
        pool_token,
    };
    exchange.pools.insert(named.key(), made);
    Ok(Answer::Flag(true))
}

fn configure(pool: &mut HubPool, call: &Call<'_>, function: &str, at: usize, owner: bool) -> Reply {
    let by_fee_taker = matches!(function, "set-fee-rate-x" | "set-fee-rate-y") && call.sender == pool.fee_to;
    if !owner && !by_fee_taker {
        return Err(Stop::Code(1000));
    }
    match function {
        "set-oracle-enabled" if pool.oracle_enabled => return Err(Stop::Code(7003)),
        "set-oracle-enabled" => pool.oracle_enabled = true,
        "set-oracle-average" if !pool.oracle_enabled => return Err(Stop::Code(7002)),
        "set-oracle-average" if call.fixed(at)? >= 1.0 => return Err(Stop::Code(7004)),
        "set-oracle-average" => {
            pool.oracle_average = call.fixed(at)?;
            pool.pool.resilient_price = pool.pool.spot_price().map_err(stop)?;
        }
        "set-fee-rate-x" => pool.fee_rates[0] = call.fixed(at)?,
        "set-fee-rate-y" => pool.fee_rates[1] = call.fixed(at)?,
        "set-fee-rebate" => pool.rebate_share = call.fixed(at)?,
        "set-fee-to-address" => call.text(at)?.clone_into(&mut pool.fee_to),
        "set-start-block" => pool.open[0] = call.height(at)?,
        "set-end-block" => pool.open[1] = call.height(at)?,
        _ => return unknown(call),
    }
    Ok(Answer::Flag(true))
}

fn question(pool: &HubPool, call: &Call<'_>, function: &str, at: usize, kind: Kind) -> Reply {
    let number = |number: f64| Ok(Answer::number(number));
    match function {
        "get-pool-details" => Ok(Answer::Record(pool.record(kind))),
        "get-balances" => {
            let [x, y] = pool.pool.balances;
            Ok(Answer::Tuple(vec![("balance-x", x), ("balance-y", y)]))
        }
        "get-oracle-enabled" => Ok(Answer::Flag(pool.oracle_enabled)),
        "get-oracle-average" => number(pool.oracle_average),
        "get-oracle-instant" | "get-oracle-resilient" => {
            if !pool.oracle_enabled {
                return Err(Stop::Code(7002));
            }
            let now = pool.pool.spot_price();
            let past = || pool.pool.refreshed_price(pool.oracle_average);
            number(if function == "get-oracle-instant" { now } else { past() }.map_err(stop)?)
        }
        "get-fee-rate-x" => number(pool.fee_rates[0]),
        "get-fee-rate-y" => number(pool.fee_rates[1]),
        "get-fee-rebate" => number(pool.rebate_share),
        "get-fee-to-address" => Ok(Answer::Text(pool.fee_to.clone())),
        "get-start-block" => Ok(Answer::Plain(pool.open[0])),
        "get-end-block" => Ok(Answer::Plain(pool.open[1])),
        "get-x-given-price" => number(pool.pool.quote_to_price(Sell::X, call.fixed(at)?).map_err(stop)?),
        "get-y-given-price" => number(pool.pool.quote_to_price(Sell::Y, call.fixed(at)?).map_err(stop)?),
        "get-token-given-position" => {
            let moved = pool.pool.deposit(call.fixed(at)?, f64::MAX).map_err(stop)?;
            Ok(Answer::Tuple(vec![("token", moved.shares), ("dy", moved.amounts[1])]))
        }
        "get-position-given-mint" | "get-position-given-burn" => {
            let [dx, dy] = pool.pool.amounts_of_shares(call.fixed(at)?).map_err(stop)?;
            Ok(Answer::Tuple(vec![("dx", dx), ("dy", dy)]))
        }
        _ => unknown(call),
    }
}
