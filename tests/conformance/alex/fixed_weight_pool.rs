//! Scenario `fixed-weight-pool`: swaps, deposits and the resilient oracle of a weighted pool.
//!
//! Coin `x` is the pool's own (wrapped STX, or ALEX in its sister contract), whose name the direct calls carry; the general
//! calls name both tokens and may name them the other way round, or two tokens that each have a pool: those trade in both.
//! As in [`super::yield_pool`], each call starts from the record that the vector shows after the call before.

mod contract;
mod route;

use std::collections::BTreeMap;

use ballast::protocol::amm::SwapError;
use ballast::protocol::amm::fees::InputFee;
use ballast::protocol::amm::fixed_weight::{FixedWeightPool, FixedWeightTerms};
use ballast::protocol::amm::ratio_cap::CoinCaps;
use serde_json::{Value, json};

use super::equations::{CAP, Coin};
use super::fixed::{Failure, Fixed, ONE, mul_down, require};
use super::reading::{
    Answer, Chain, Named, Outcome, Rounded, amount, answer, exactly, is_reserve_balance, library, lone,
    optional, text, tokens, unsigned,
};
use super::weighted::{code, power_loss, sell, to_price};
use crate::report::{Report, Verdict};
use contract::Pool;

/// Calls that prepare a chain and move no pool.
const PREPARATIONS: [&str; 4] =
    ["mint-fixed", "add-approved-contract", "add-approved-token", "set-approved-contract"];

/// Who owns the contracts.
const OWNER: &str = "deployer";

/// A pool with the names in its record.
struct Known {
    pool: Pool,
    /// Names of x and y.
    coins: [String; 2],
    fee_to: String,
    pool_token: String,
    holders: BTreeMap<String, u128>,
}

/// The pools, the caps of their equations, and what they have sent to the reserve.
struct World {
    pools: Vec<Known>,
    /// The pool that the present call names, and whether it names its tokens the other way round.
    named: Option<(usize, bool)>,
    /// Largest share of x and of y.
    caps: [u128; 2],
    credited: BTreeMap<String, u128>,
}

pub fn replay(group: &str, steps: &[Value], chain: &Chain, report: &mut Report) {
    let mut world = World { pools: Vec::new(), named: None, caps: [CAP; 2], credited: BTreeMap::new() };
    for (index, step) in steps.iter().enumerate() {
        let id = format!("step {index} {}", text(step, "fn"));
        let verdict = match world.step(step, chain) {
            Ok(()) => Verdict::Passed,
            Err(why) => Verdict::Failed(why),
        };
        report.note(group, &id, verdict);
    }
}

/// Calls that know a pool by its own names alone.
const KNOWN_BY_NAME: [&str; 17] = [
    "add-to-position",
    "reduce-position",
    "set-fee-rate-x",
    "set-fee-rate-y",
    "set-fee-rebate",
    "set-fee-to-address",
    "set-oracle-enabled",
    "set-oracle-average",
    "get-pool-details",
    "get-pool-exists",
    "get-balances",
    "get-oracle-enabled",
    "get-oracle-average",
    "get-fee-rate-x",
    "get-fee-rate-y",
    "get-fee-rebate",
    "get-fee-to-address",
];

/// Holds a refusal against an answer.
fn refused(theirs: Answer<'_>, code: u32) -> Outcome {
    exactly(theirs, Err(Failure::Code(code)))
}

/// Holds a setting, which answers only that it was done, against an answer.
fn done_or_refused(theirs: Answer<'_>, ours: Fixed<()>) -> Outcome {
    match (theirs, ours) {
        (Answer::Value(Value::Bool(true)), Ok(())) => Ok(()),
        (theirs, ours) => exactly(theirs, ours.map(|()| Vec::new())),
    }
}

fn argument(step: &Value, index: usize) -> Outcome<u128> {
    unsigned(&step["args"][index])
}

fn token(step: &Value, index: usize) -> &str {
    step["args"][index].as_str().unwrap_or_default()
}

fn library_pool(pool: &Pool) -> FixedWeightPool {
    FixedWeightPool {
        balances: pool.balances.map(tokens),
        weight_x: tokens(pool.weights[0]),
        shares: tokens(pool.total_supply),
        resilient_price: tokens(pool.oracle_resilient),
    }
}

fn caps(pool: &Pool, factor: f64) -> CoinCaps {
    let [max_x, max_y] = pool.caps.map(tokens).map(|cap| cap * factor);
    CoinCaps { max_x, max_y }
}

fn terms(pool: &Pool, factor: f64) -> FixedWeightTerms {
    let rebate_share = tokens(pool.fee_rebate);
    FixedWeightTerms {
        fees: pool.fee_rates.map(|rate| InputFee { rate: tokens(rate), rebate_share }),
        caps: caps(pool, factor),
        oracle_average: pool.oracle_enabled.then(|| tokens(pool.oracle_average)),
    }
}

/// What a power may lose of the coin that is bought.
fn loss(pool: &Pool, sold: Coin) -> f64 {
    let [w_in, w_out] = sold.first(pool.weights.map(tokens));
    let [_, balance] = sold.first(pool.balances.map(tokens));
    balance * power_loss(w_in / w_out)
}

impl World {
    fn step(&mut self, step: &Value, chain: &Chain) -> Outcome {
        if is_reserve_balance(step) {
            let token = token(step, 0);
            let Answer::Value(theirs) = answer(step)? else { return Err("expected a balance".into()) };
            let credited = tokens(self.credited.get(token).copied().unwrap_or(0));
            return chain.check_reserve(token, credited, amount(theirs)?);
        }
        let (contract, function) = (text(step, "contract"), text(step, "fn"));
        if PREPARATIONS.contains(&function) {
            return match answer(step)? {
                Answer::Value(_) => Ok(()),
                other => Err(format!("the chain could not be prepared: {other:?}")),
            };
        }
        if contract.starts_with("weighted-equation") {
            return self.equation(step, function);
        }
        if !contract.starts_with("fixed-weight-pool") {
            return Err(format!("unknown contract {contract}"));
        }
        let done = self.call(step, function);
        // Whatever was found, the next step starts from the record shown.
        let Ok(shown) = Pool::read(&step["pool"]) else { return done };
        let fits = |pool: &Pool| *pool == Pool { weights: pool.weights, caps: pool.caps, ..shown };
        if let Some((at, _)) = self.named {
            let pool = &mut self.pools[at].pool;
            let same = fits(pool);
            *pool = Pool { weights: pool.weights, caps: pool.caps, ..shown };
            return done
                .and_then(|()| if same { Ok(()) } else { Err("the record differs in integers".into()) });
        }
        // A route goes through two pools, of which the vector shows one.
        let any = self.pools.iter().any(|known| fits(&known.pool));
        done.and_then(|()| if any { Ok(()) } else { Err("the record fits no pool in integers".into()) })
    }

    /// The equations keep the caps of all pools.
    fn equation(&mut self, step: &Value, function: &str) -> Outcome {
        let theirs = answer(step)?;
        let coin = usize::from(function.ends_with("max-out-ratio"));
        match function {
            "get-max-in-ratio" | "get-max-out-ratio" => exactly(theirs, Ok(lone(self.caps[coin]))),
            "set-max-in-ratio" | "set-max-out-ratio" => {
                let cap = argument(step, 0)?;
                let set = require(text(step, "sender") == OWNER, 1000)
                    .and_then(|()| require(cap > 0 && cap < ONE, if coin == 0 { 4001 } else { 4002 }));
                if set.is_ok() {
                    self.caps[coin] = cap;
                    self.pools.iter_mut().for_each(|known| known.pool.caps[coin] = cap);
                }
                done_or_refused(theirs, set)
            }
            _ => Err(format!("unknown function {function} of the equations")),
        }
    }

    fn known(&self) -> Outcome<&Known> {
        let (at, _) = self.named.ok_or("no pool of these names")?;
        Ok(&self.pools[at])
    }

    fn pool(&self) -> Outcome<Pool> {
        Ok(self.known()?.pool)
    }

    /// Keeps the record of the pool that the call names.
    fn keep(&mut self, pool: Pool) {
        if let Some((at, _)) = self.named {
            self.pools[at].pool = pool;
        }
    }

    /// The pool that a call names, and whether it names it the other way round.
    fn find(&self, step: &Value, direct: bool) -> Option<(usize, bool)> {
        let weight = |index: usize| argument(step, index).ok();
        self.pools.iter().enumerate().find_map(|(at, known)| {
            let ([x, y], [w_x, w_y]) = (&known.coins, known.pool.weights);
            if direct {
                return (token(step, 0) == y && weight(1) == Some(w_y)).then_some((at, false));
            }
            let names = |x: &str, y: &str, w_x, w_y| {
                [token(step, 0), token(step, 1)] == [x, y] && [weight(2), weight(3)] == [Some(w_x), Some(w_y)]
            };
            if names(x, y, w_x, w_y) {
                Some((at, false))
            } else {
                names(y, x, w_y, w_x).then_some((at, true))
            }
        })
    }

    fn call(&mut self, step: &Value, function: &str) -> Outcome {
        // The direct calls name x in themselves and take y and its weight.
        let general = function.replace("wstx", "x").replace("alex", "x");
        let direct = general != function;
        // Where amounts start: after two tokens and two weights, or after one of each.
        let at = if direct { 2 } else { 4 };
        self.named = None;
        match general.as_str() {
            "create-pool" => return self.create(step),
            "get-pool-count" => return exactly(answer(step)?, Ok(lone(self.pools.len() as u128))),
            _ => {}
        }
        self.named = self.find(step, direct);
        if self.named.is_none() {
            return self.elsewhere(step, &general, direct, at);
        }
        if self.named.is_some_and(|(_, turned)| turned) && KNOWN_BY_NAME.contains(&general.as_str()) {
            self.named = None;
            return self.elsewhere(step, &general, direct, at);
        }
        match general.as_str() {
            name if name.starts_with("set-") => self.configure(step, name),
            "add-to-position" => self.add(step, 5),
            "reduce-position" => self.reduce(step),
            "swap-x-for-y" | "swap-y-for-x" | "swap-helper" => {
                let named = if general == "swap-y-for-x" { Coin::Y } else { Coin::X };
                let sold = self.coin(named);
                self.swap(step, &general, direct, sold, at)
            }
            _ => self.question(step, &general, at),
        }
    }

    /// A call that names no pool: a route through two, or a refusal.
    fn elsewhere(&mut self, step: &Value, general: &str, direct: bool, at: usize) -> Outcome {
        let theirs = answer(step)?;
        if !direct && let Some(legs) = route::legs(&self.pools, step, general)? {
            return self.route(step, general, legs, at);
        }
        match general {
            "get-pool-exists" => match theirs {
                Answer::Value(Value::Null) => Ok(()),
                theirs => Err(format!("expected {theirs:?}, found no pool")),
            },
            // Amounts and shares are looked at before the pool.
            name if name.starts_with("swap-x") || name.starts_with("swap-y") => {
                refused(theirs, if argument(step, at)? == 0 { 2003 } else { 2001 })
            }
            "add-to-position" => refused(theirs, if argument(step, 5)? == 0 { 2003 } else { 2001 }),
            "reduce-position" => refused(theirs, if argument(step, 5)? > ONE { 5000 } else { 2001 }),
            name if name.starts_with("get-") || name.starts_with("set-") || name == "swap-helper" => {
                refused(theirs, 2001)
            }
            _ => Err(format!("unknown function {}", text(step, "fn"))),
        }
    }

    /// The pool's coin that a call means by its own `x` or `y`.
    fn coin(&self, named: Coin) -> Coin {
        if self.named.is_some_and(|(_, turned)| turned) { named.other() } else { named }
    }

    fn create(&mut self, step: &Value) -> Outcome {
        let theirs = answer(step)?;
        if text(step, "sender") != OWNER {
            return refused(theirs, 1000);
        }
        if self.find(step, false).is_some() {
            return refused(theirs, 2000);
        }
        let weights = [argument(step, 2)?, argument(step, 3)?];
        let name = |index| token(step, index).to_owned();
        self.pools.push(Known {
            pool: Pool { weights, caps: self.caps, ..Pool::default() },
            coins: [name(0), name(1)],
            pool_token: name(4),
            fee_to: name(5),
            holders: BTreeMap::new(),
        });
        self.named = Some((self.pools.len() - 1, false));
        let most = argument(step, 7)?;
        let made = self.deposit(step, argument(step, 6)?, Some(most), true);
        if matches!(theirs, Answer::Code(_) | Answer::Abort(_)) {
            self.pools.pop();
            self.named = None;
        }
        made
    }

    fn configure(&mut self, step: &Value, function: &str) -> Outcome {
        let theirs = answer(step)?;
        let (pool, sender) = (self.pool()?, text(step, "sender"));
        let by_taker = matches!(function, "set-fee-rate-x" | "set-fee-rate-y");
        if sender != OWNER && !(by_taker && sender == self.known()?.fee_to) {
            return refused(theirs, 1000);
        }
        if function == "set-fee-to-address" {
            if let Some((at, _)) = self.named {
                token(step, 4).clone_into(&mut self.pools[at].fee_to);
            }
            return done_or_refused(theirs, Ok(()));
        }
        let value = if function == "set-oracle-enabled" { 0 } else { argument(step, 4)? };
        let next = pool.configured(function, value).ok_or_else(|| format!("unknown function {function}"))?;
        if let Ok(next) = next {
            self.keep(next);
        }
        done_or_refused(theirs, next.map(drop))
    }

    fn add(&mut self, step: &Value, at: usize) -> Outcome {
        let most = optional(&step["args"][at + 1]).map(unsigned).transpose()?;
        self.deposit(step, argument(step, at)?, most, false)
    }

    /// Whether a call brings the token that the pool's shares are kept in.
    fn brings(&self, step: &Value, index: usize) -> Outcome<bool> {
        Ok(token(step, index) == self.known()?.pool_token)
    }

    fn deposit(&mut self, step: &Value, dx: u128, most: Option<u128>, creates: bool) -> Outcome {
        let theirs = answer(step)?;
        let before = self.pool()?;
        let right = creates || self.brings(step, 4)?;
        let moved = before.deposit(dx, most).and_then(|moved| require(right, 2026).map(|()| moved));
        if let (Answer::Value(Value::Bool(true)), true, Ok(_)) = (theirs, creates, &moved) {
            // Creation says only that it was done; the record says the rest.
        } else {
            exactly(theirs, moved.map(|(_, [supply, dy])| vec![("supply", supply), ("dx", dx), ("dy", dy)]))?;
        }
        let Ok((next, [shares, _])) = moved else { return Ok(()) };
        *self.holder(step)? += shares;
        self.keep(next);
        let ours = library_pool(&before).deposit(tokens(dx), most.map_or(f64::MAX, tokens));
        self.compare_record(step, ours.map(|moved| moved.next), [0.0; 2])
    }

    /// What the sender holds of the pool that the call names.
    fn holder(&mut self, step: &Value) -> Outcome<&mut u128> {
        let (at, _) = self.named.ok_or("no pool of these names")?;
        Ok(self.pools[at].holders.entry(text(step, "sender").to_owned()).or_default())
    }

    fn reduce(&mut self, step: &Value) -> Outcome {
        let percent = argument(step, 5)?;
        let theirs = answer(step)?;
        let before = self.pool()?;
        let right = self.brings(step, 4)?;
        let holder = self.holder(step)?;
        let shares = if percent == ONE { *holder } else { mul_down(*holder, percent).unwrap_or(u128::MAX) };
        let moved = before.withdraw(percent, shares).and_then(|moved| require(right, 2026).map(|()| moved));
        exactly(theirs, moved.map(|(_, [dx, dy])| vec![("dx", dx), ("dy", dy)]))?;
        let Ok((next, _)) = moved else { return Ok(()) };
        *holder = holder.saturating_sub(shares);
        self.keep(next);
        let ours = library_pool(&before).withdraw(tokens(shares));
        library(theirs, |_| {
            let [dx, dy] = ours.map_err(code)?.amounts;
            Ok(vec![("dx", Rounded::close(dx)), ("dy", Rounded::close(dy))])
        })?;
        self.compare_record(step, ours.map(|moved| moved.next), [0.0; 2])
    }

    fn swap(&mut self, step: &Value, general: &str, direct: bool, sold: Coin, at: usize) -> Outcome {
        let (gross, least) =
            (argument(step, at)?, optional(&step["args"][at + 1]).map(unsigned).transpose()?);
        let theirs = answer(step)?;
        let before = self.pool()?;
        let done = before.swap(sold, gross, least);
        // The general calls echo the gross input, the direct ones the net; the helper tells the output alone.
        let shown = |net: u128, out: u128| -> Named<u128> {
            if general == "swap-helper" {
                return lone(out);
            }
            let sent = if direct { net } else { gross };
            // Named as the call names them, which for turned tokens is not as the pool does.
            let [dx, dy] = if general == "swap-x-for-y" { [sent, out] } else { [out, sent] };
            vec![("dx", dx), ("dy", dy)]
        };
        exactly(theirs, done.map(|done| shown(done.net, done.out)))?;
        let old = library_pool(&before);
        let least_out = least.map_or(0.0, tokens);
        let compute = |factor| {
            let done = old.swap(&terms(&before, factor), sell(sold), tokens(gross))?;
            // A limit within the loss of the power may fall either way, as a cap may.
            let slack = if factor < 1.0 { loss(&before, sold) } else { 0.0 };
            done.at_least(least_out - slack)
        };
        library(theirs, |factor| {
            let done = compute(factor).map_err(code)?;
            let out = Rounded::new(done.out, loss(&before, sold));
            if general == "swap-helper" {
                return Ok(lone(out));
            }
            let sent = Rounded::close(if direct { done.net_in } else { tokens(gross) });
            let [dx, dy] = if general == "swap-x-for-y" { [sent, out] } else { [out, sent] };
            Ok(vec![("dx", dx), ("dy", dy)])
        })?;
        let Ok(done) = done else { return Ok(()) };
        self.keep(done.next);
        let brought = self.known()?.coins[usize::from(sold == Coin::Y)].clone();
        *self.credited.entry(brought).or_default() += done.to_reserve;
        let lost = loss(&before, sold);
        self.compare_record(step, compute(1.0).map(|done| done.next), sold.first([0.0, lost]))
    }

    fn compare_record(
        &self,
        step: &Value,
        ours: Result<FixedWeightPool, SwapError>,
        loss: [f64; 2],
    ) -> Outcome {
        let ours = ours.map_err(|refusal| format!("refused, {refusal}"))?;
        let shown = &step["pool"];
        if !shown.is_object() {
            return Ok(());
        }
        Rounded::new(ours.balances[0], loss[0]).check("balance-x", amount(&shown["balance-x"])?)?;
        Rounded::new(ours.balances[1], loss[1]).check("balance-y", amount(&shown["balance-y"])?)?;
        Rounded::close(ours.shares).check("total-supply", amount(&shown["total-supply"])?)?;
        Rounded::close(ours.resilient_price).check("oracle-resilient", amount(&shown["oracle-resilient"])?)
    }

    /// A field of the record, or the whole of it.
    fn told(&self, general: &str) -> Outcome<Option<Value>> {
        let known = self.known()?;
        let (pool, number) = (&known.pool, |number: u128| Value::String(number.to_string()));
        let [x, y] = pool.balances.map(number);
        Ok(Some(match general {
            "get-pool-details" | "get-pool-exists" => json!({
                "balance-x": x, "balance-y": y, "total-supply": number(pool.total_supply),
                "fee-rate-x": number(pool.fee_rates[0]), "fee-rate-y": number(pool.fee_rates[1]),
                "fee-rebate": number(pool.fee_rebate), "fee-to-address": known.fee_to,
                "pool-token": known.pool_token, "oracle-enabled": pool.oracle_enabled,
                "oracle-average": number(pool.oracle_average),
                "oracle-resilient": number(pool.oracle_resilient),
            }),
            "get-balances" => json!({"balance-x": x, "balance-y": y}),
            "get-fee-rate-x" => number(pool.fee_rates[0]),
            "get-fee-rate-y" => number(pool.fee_rates[1]),
            "get-fee-rebate" => number(pool.fee_rebate),
            "get-fee-to-address" => Value::String(known.fee_to.clone()),
            "get-oracle-enabled" => Value::Bool(pool.oracle_enabled),
            "get-oracle-average" => number(pool.oracle_average),
            _ => return Ok(None),
        }))
    }

    fn question(&self, step: &Value, general: &str, at: usize) -> Outcome {
        let theirs = answer(step)?;
        if let Some(told) = self.told(general)? {
            return match theirs {
                Answer::Value(shown) if optional(shown) == Some(&told) => Ok(()),
                theirs => Err(format!("expected {theirs:?}, found {told}")),
            };
        }
        let pool = self.pool()?;
        let turned = self.coin(Coin::X) == Coin::Y;
        let given = if step["args"].get(at).is_some() { argument(step, at)? } else { 0 };
        if matches!(general, "get-oracle-instant" | "get-oracle-resilient") {
            exactly(theirs, pool.oracle(general, turned).map(lone))?;
            return library(theirs, |_| {
                if turned {
                    return Err(Some(2001));
                }
                if !pool.oracle_enabled {
                    return Err(Some(7002));
                }
                let ours = library_pool(&pool);
                let found = if general == "get-oracle-instant" {
                    ours.spot_price()
                } else {
                    ours.refreshed_price(tokens(pool.oracle_average))
                };
                Ok(lone(Rounded::close(found.map_err(code)?)))
            });
        }
        let exact = pool
            .question(general, turned, given)
            .ok_or_else(|| format!("unknown function {}", text(step, "fn")))?;
        exactly(theirs, exact)?;
        let (ours, given) = (library_pool(&pool), tokens(given));
        let coin = |named: Coin| self.coin(named);
        library(theirs, |factor| {
            let caps = caps(&pool, factor);
            let amount = |found: Result<f64, SwapError>, sold: Coin| {
                Ok(lone(Rounded::new(found.map_err(code)?, loss(&pool, sold))))
            };
            // An input is lost on the coin that is sold.
            let input = |found, sold: Coin| amount(found, sold.other());
            let (x, y) = (coin(Coin::X), coin(Coin::Y));
            match general {
                "get-y-given-x" | "get-helper" => amount(ours.quote_out(&caps, sell(x), given), x),
                "get-x-given-y" => amount(ours.quote_out(&caps, sell(y), given), y),
                "get-y-in-given-x-out" => input(ours.quote_in(&caps, sell(y), given), y),
                "get-x-in-given-y-out" => input(ours.quote_in(&caps, sell(x), given), x),
                "get-x-given-price" => to_price(&ours, sell(Coin::X), given, factor),
                "get-y-given-price" => to_price(&ours, sell(Coin::Y), given, factor),
                "get-token-given-position" => {
                    let moved = ours.deposit(given, f64::MAX).map_err(code)?;
                    Ok(vec![
                        ("token", Rounded::close(moved.shares)),
                        ("dy", Rounded::close(moved.amounts[1])),
                    ])
                }
                _ => {
                    let [dx, dy] = ours.amounts_of_shares(given).map_err(code)?;
                    Ok(vec![("dx", Rounded::close(dx)), ("dy", Rounded::close(dy))])
                }
            }
        })
    }
}
