//! Scenario `fixed-weight-pool`: swaps, deposits and the resilient oracle of a weighted pool.
//!
//! Coin `x` is the pool's own (wrapped STX, or ALEX in its sister contract), whose name the direct calls carry; the general
//! calls name both tokens and may name them the other way round. As in [`super::yield_pool`], each call starts from the
//! record that the vector shows after the call before.

mod contract;

use std::collections::BTreeMap;

use ballast::protocol::amm::SwapError;
use ballast::protocol::amm::fees::InputFee;
use ballast::protocol::amm::fixed_weight::{FixedWeightPool, FixedWeightTerms};
use ballast::protocol::amm::ratio_cap::CoinCaps;
use serde_json::Value;

use super::equations::Coin;
use super::fixed::{ONE, mul_down};
use super::reading::{
    Answer, Chain, Named, Outcome, Rounded, amount, answer, exactly, is_reserve_balance, library, lone,
    optional, text, tokens, unsigned,
};
use super::weighted::{code, power_loss, sell, to_price};
use crate::report::{Report, Verdict};
use contract::Pool;

/// Calls that prepare a chain and move no pool.
const PREPARATIONS: [&str; 6] = [
    "mint-fixed",
    "add-approved-contract",
    "add-approved-token",
    "set-approved-contract",
    "set-max-in-ratio",
    "set-max-out-ratio",
];

/// A pool, who holds its shares, and what it has sent to the reserve.
#[derive(Default)]
struct World {
    pool: Option<Pool>,
    /// Names of x and y.
    coins: [String; 2],
    holders: BTreeMap<String, u128>,
    credited: BTreeMap<String, u128>,
}

pub fn replay(group: &str, steps: &[Value], chain: &Chain, report: &mut Report) {
    let mut world = World::default();
    for (index, step) in steps.iter().enumerate() {
        let id = format!("step {index} {}", text(step, "fn"));
        let verdict = match world.step(step, chain) {
            Ok(()) => Verdict::Passed,
            Err(why) => Verdict::Failed(why),
        };
        report.note(group, &id, verdict);
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

fn caps(factor: f64) -> CoinCaps {
    CoinCaps { max_x: CoinCaps::WEIGHTED.max_x * factor, max_y: CoinCaps::WEIGHTED.max_y * factor }
}

fn terms(pool: &Pool, factor: f64) -> FixedWeightTerms {
    let rebate_share = tokens(pool.fee_rebate);
    FixedWeightTerms {
        fees: pool.fee_rates.map(|rate| InputFee { rate: tokens(rate), rebate_share }),
        caps: caps(factor),
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
        if !contract.starts_with("fixed-weight-pool") {
            return Err(format!("unknown contract {contract}"));
        }
        let done = self.call(step, function);
        // Whatever was found, the next step starts from the record shown.
        if let (Some(pool), Ok(shown)) = (&mut self.pool, Pool::read(&step["pool"])) {
            let shown = Pool { weights: pool.weights, ..shown };
            let same = *pool == shown;
            *pool = shown;
            return done
                .and_then(|()| if same { Ok(()) } else { Err("the record differs in integers".into()) });
        }
        done
    }

    fn pool(&self) -> Outcome<Pool> {
        self.pool.ok_or_else(|| "no pool was created".into())
    }

    fn call(&mut self, step: &Value, function: &str) -> Outcome {
        // The direct calls name x in themselves and take y and its weight.
        let general = function.replace("wstx", "x").replace("alex", "x");
        let direct = general != function;
        // Where amounts start: after two tokens and two weights, or after one of each.
        let at = if direct { 2 } else { 4 };
        match general.as_str() {
            "create-pool" => self.create(step),
            "set-fee-rate-x" | "set-fee-rate-y" | "set-fee-rebate" | "set-oracle-enabled"
            | "set-oracle-average" => self.configure(step, function),
            "add-to-position" => self.add(step, 5),
            "reduce-position" => self.reduce(step),
            "swap-x-for-y" | "swap-y-for-x" | "swap-helper" => {
                let named = if general == "swap-y-for-x" { Coin::Y } else { Coin::X };
                let sold = self.coin(step, direct, named)?;
                self.swap(step, &general, direct, sold, at)
            }
            _ => self.question(step, &general, direct, at),
        }
    }

    /// The pool's coin that a call means by its own `x` or `y`.
    fn coin(&self, step: &Value, direct: bool, named: Coin) -> Outcome<Coin> {
        let known = |index: usize, coin: usize| token(step, index) == self.coins[coin];
        if direct || (known(0, 0) && known(1, 1)) {
            Ok(named)
        } else if known(0, 1) && known(1, 0) {
            Ok(named.other())
        } else {
            Err(format!("no pool of {} and {}", token(step, 0), token(step, 1)))
        }
    }

    fn create(&mut self, step: &Value) -> Outcome {
        let weights = [argument(step, 2)?, argument(step, 3)?];
        if self.pool.replace(Pool { weights, ..Pool::default() }).is_some() {
            return Err("a second pool".into());
        }
        self.coins = [token(step, 0).to_owned(), token(step, 1).to_owned()];
        let most = argument(step, 7)?;
        self.deposit(step, argument(step, 6)?, Some(most), true)
    }

    fn configure(&mut self, step: &Value, function: &str) -> Outcome {
        let pool = self.pool()?;
        let value = if function == "set-oracle-enabled" { 0 } else { argument(step, 4)? };
        let next = pool.configured(function, value);
        match (answer(step)?, next) {
            (Answer::Value(_), Ok(next)) => {
                self.pool = Some(next);
                Ok(())
            }
            (theirs, next) => exactly(theirs, next.map(|_| Vec::new())),
        }
    }

    fn add(&mut self, step: &Value, at: usize) -> Outcome {
        let most = optional(&step["args"][at + 1]).map(unsigned).transpose()?;
        self.deposit(step, argument(step, at)?, most, false)
    }

    fn deposit(&mut self, step: &Value, dx: u128, most: Option<u128>, creates: bool) -> Outcome {
        let theirs = answer(step)?;
        let before = self.pool()?;
        let moved = before.deposit(dx, most);
        if let (Answer::Value(Value::Bool(true)), true, Ok(_)) = (theirs, creates, &moved) {
            // Creation says only that it was done; the record says the rest.
        } else {
            exactly(theirs, moved.map(|(_, [supply, dy])| vec![("supply", supply), ("dx", dx), ("dy", dy)]))?;
        }
        let Ok((next, [shares, _])) = moved else { return Ok(()) };
        *self.holders.entry(text(step, "sender").to_owned()).or_default() += shares;
        self.pool = Some(next);
        let ours = library_pool(&before).deposit(tokens(dx), most.map_or(f64::MAX, tokens));
        self.compare_record(step, ours.map(|moved| moved.next), [0.0; 2])
    }

    fn reduce(&mut self, step: &Value) -> Outcome {
        let percent = argument(step, 5)?;
        let theirs = answer(step)?;
        let before = self.pool()?;
        let holder = self.holders.entry(text(step, "sender").to_owned()).or_default();
        let shares = if percent == ONE { *holder } else { mul_down(*holder, percent).unwrap_or(u128::MAX) };
        let moved = before.withdraw(percent, shares);
        exactly(theirs, moved.map(|(_, [dx, dy])| vec![("dx", dx), ("dy", dy)]))?;
        let Ok((next, _)) = moved else { return Ok(()) };
        *holder = holder.saturating_sub(shares);
        self.pool = Some(next);
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
        self.pool = Some(done.next);
        let brought = self.coins[usize::from(sold == Coin::Y)].clone();
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

    fn question(&self, step: &Value, general: &str, direct: bool, at: usize) -> Outcome {
        let theirs = answer(step)?;
        let pool = self.pool()?;
        let turned = self.coin(step, direct, Coin::X)? == Coin::Y;
        let given = if step["args"].get(at).is_some() { argument(step, at)? } else { 0 };
        if matches!(general, "get-oracle-instant" | "get-oracle-resilient") {
            exactly(theirs, pool.oracle(general, turned).map(lone))?;
            return library(theirs, |_| {
                if !pool.oracle_enabled {
                    return Err(Some(7002));
                }
                let ours = library_pool(&pool);
                // From the other side both prices are turned over before they are averaged.
                let ours = if turned {
                    let [x, y] = ours.balances;
                    let resilient_price =
                        if ours.resilient_price > 0.0 { 1.0 / ours.resilient_price } else { 0.0 };
                    FixedWeightPool {
                        balances: [y, x],
                        weight_x: 1.0 - ours.weight_x,
                        resilient_price,
                        ..ours
                    }
                } else {
                    ours
                };
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
        let coin = |named: Coin| if turned { named.other() } else { named };
        library(theirs, |factor| {
            let caps = caps(factor);
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
