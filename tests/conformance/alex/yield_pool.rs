//! Scenario `yield-token-pool`: a pool from its first deposit to after its expiry.
//!
//! Every call is answered twice, by the contract in integers ([`contract`]) and by the library. Each starts from the record
//! that the vector shows after the call before, so that the rounding of one trade is not carried into the next.

mod contract;

use ballast::protocol::amm::weighted::RatioCaps;
use ballast::protocol::yield_token::{
    Maturity, Refusal, State, Terms, deposit, price, quote_deposit, quote_in, quote_out, quote_shares, swap,
    withdraw,
};
use serde_json::Value;

use super::equations::Coin;
use super::fixed::{ONE, mul_down};
use super::reading::{
    Answer, Chain, Named, Ours, Outcome, Rounded, amount, answer, exactly, integer, is_reserve_balance,
    library, list, lone, optional, text, tokens, unsigned,
};
use super::yield_equation::{curve_loss, side, to_price};
use crate::report::{Report, Verdict};
use contract::Pool;

/// The pool, who holds its shares, and what it has sent to the reserve.
#[derive(Default)]
struct World {
    pool: Option<Pool>,
    /// Shares by sender.
    holders: std::collections::BTreeMap<String, u128>,
    /// What the pool has credited to the reserve, by token, in units of 1e-8.
    credited: std::collections::BTreeMap<String, u128>,
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

fn height(step: &Value) -> Outcome<u64> {
    u64::try_from(integer(&step["block_height"])?).map_err(|error| format!("height: {error}"))
}

/// The library's terms of a pool, its caps moved by a factor.
fn terms(pool: &Pool, expiry: u128, factor: f64) -> Terms {
    let block = |height: u128| u64::try_from(height).unwrap_or(u64::MAX);
    let caps = Terms::DEPLOYED_CAPS;
    Terms {
        maturity: Maturity::contract(block(pool.listed), block(expiry)),
        token_fee_rate: tokens(pool.fee_rate_token),
        yield_token_fee_rate: tokens(pool.fee_rate_yield_token),
        rebate_share: tokens(pool.fee_rebate),
        min_fee: tokens(pool.min_fee),
        small_threshold: tokens(pool.small_threshold),
        caps: RatioCaps { max_in: caps.max_in * factor, max_out: caps.max_out * factor, ..caps },
    }
}

fn state(pool: &Pool) -> State {
    State {
        token: tokens(pool.balance_token),
        yield_token: tokens(pool.balance_yield_token),
        virtual_yield_token: tokens(pool.balance_virtual),
        shares: tokens(pool.total_supply),
    }
}

/// What rounding may move in a record: the loss of a curve on its reserves.
fn record(state: &State, loss: f64) -> Named<Rounded> {
    let allowed = loss * (state.yield_token + state.virtual_yield_token);
    vec![
        ("balance-token", Rounded::new(state.token, allowed)),
        ("balance-yield-token", Rounded::new(state.yield_token, allowed)),
        ("balance-virtual", Rounded::new(state.virtual_yield_token, allowed)),
        ("total-supply", Rounded::new(state.shares, allowed)),
    ]
}

impl World {
    fn step(&mut self, step: &Value, chain: &Chain) -> Outcome {
        if is_reserve_balance(step) {
            return self.reserve_balance(step, chain);
        }
        if text(step, "contract") != "yield-token-pool" {
            return Err(format!("unknown contract {}", text(step, "contract")));
        }
        let done = match text(step, "fn") {
            "get-t" => self.time(step),
            "create-and-configure-pool" => self.create(step),
            "add-to-position" => self.add(step, 4),
            "reduce-position" => self.reduce(step),
            "swap-x-for-y" => self.swap(step, Coin::X),
            "swap-y-for-x" => self.swap(step, Coin::Y),
            _ => self.question(step),
        };
        // Whatever was found, the next step starts from the record shown.
        if let (Some(pool), Ok(shown)) = (&mut self.pool, Pool::read(&step["pool"])) {
            let same = *pool == shown;
            *pool = shown;
            done.and_then(|()| if same { Ok(()) } else { Err("the record differs in integers".into()) })
        } else {
            done
        }
    }

    fn pool(&self) -> Outcome<&Pool> {
        self.pool.as_ref().ok_or_else(|| "no pool was created".into())
    }

    fn reserve_balance(&self, step: &Value, chain: &Chain) -> Outcome {
        let token = step["args"][0].as_str().unwrap_or_default();
        let Answer::Value(theirs) = answer(step)? else { return Err("expected a balance".into()) };
        let credited = tokens(self.credited.get(token).copied().unwrap_or(0));
        chain.check_reserve(token, credited, amount(theirs)?)
    }

    /// `get-t`, of any expiry and listing.
    fn time(&self, step: &Value) -> Outcome {
        let (expiry, listed) = (argument(step, 0)?, argument(step, 1)?);
        let theirs = answer(step)?;
        let now = height(step)?;
        exactly(theirs, contract::time(expiry, listed, u128::from(now)).map(lone))?;
        let block = |height: u128| u64::try_from(height).unwrap_or(u64::MAX);
        let time = Maturity::contract(block(listed), block(expiry)).time_at(now);
        library(theirs, |_| Ok(lone(Rounded::close(time.map_err(Refusal::code)?))))
    }

    fn create(&mut self, step: &Value) -> Outcome {
        let pool = Pool {
            fee_rebate: argument(step, 5)?,
            fee_rate_yield_token: argument(step, 6)?,
            fee_rate_token: argument(step, 7)?,
            small_threshold: argument(step, 8)?,
            min_fee: argument(step, 9)?,
            listed: u128::from(height(step)?),
            ..Pool::default()
        };
        let created = self.pool.replace(pool);
        if created.is_some() {
            return Err("a second pool".into());
        }
        self.add(step, 10)
    }

    /// A deposit; its amount is the argument `at`, the most yield tokens the one after.
    fn add(&mut self, step: &Value, at: usize) -> Outcome {
        let dx = argument(step, at)?;
        let most = optional(&step["args"][at + 1]).map(unsigned).transpose()?;
        let theirs = answer(step)?;
        let before = *self.pool()?;
        let moved = before.deposit(dx, most);
        exactly(
            theirs,
            moved.map(|(_, [shares, dx, actual, virtual_])| {
                vec![
                    ("supply", shares),
                    ("balance-token", dx),
                    ("balance-yield-token", actual),
                    ("balance-virtual", virtual_),
                ]
            }),
        )?;
        if let Ok((next, [shares, ..])) = moved {
            self.pool = Some(next);
            *self.holders.entry(text(step, "sender").to_owned()).or_default() += shares;
        }
        let rounding = 1e-8;
        let ours = deposit(&state(&before), tokens(dx), most.map(tokens));
        library(theirs, |_| {
            let moved = ours.map_err(Refusal::code)?;
            let (position, next) = (moved.position, moved.next);
            let allowed = rounding * (next.yield_token + next.virtual_yield_token);
            Ok(vec![
                ("supply", Rounded::new(position.shares, allowed)),
                ("balance-token", Rounded::close(position.token)),
                ("balance-yield-token", Rounded::new(position.yield_token, 2.0 * allowed)),
                ("balance-virtual", Rounded::new(position.virtual_yield_token, 2.0 * allowed)),
            ])
        })?;
        self.compare_record(step, ours.map(|moved| moved.next), 2.0 * rounding)
    }

    fn reduce(&mut self, step: &Value) -> Outcome {
        let percent = argument(step, 4)?;
        let theirs = answer(step)?;
        let before = *self.pool()?;
        let holder = self.holders.entry(text(step, "sender").to_owned()).or_default();
        let shares = if percent == ONE { *holder } else { mul_down(*holder, percent).unwrap_or(u128::MAX) };
        let moved = before.withdraw(percent, shares);
        exactly(theirs, moved.map(|(_, [dx, actual])| vec![("dx", dx), ("dy", actual)]))?;
        if let Ok((next, _)) = moved {
            *holder = holder.saturating_sub(shares);
            self.pool = Some(next);
        }
        let rounding = 2e-8;
        let ours = withdraw(&state(&before), tokens(shares));
        library(theirs, |_| {
            if percent > ONE {
                return Err(Refusal::MoreThanWhole.code());
            }
            let position = ours.map_err(Refusal::code)?.position;
            let allowed = rounding * state(&before).reserves().yield_token;
            let yields = Rounded::new(position.yield_token, allowed);
            Ok(vec![("dx", Rounded::new(position.token, allowed)), ("dy", yields)])
        })?;
        self.compare_record(step, ours.map(|moved| moved.next), rounding)
    }

    fn swap(&mut self, step: &Value, sold: Coin) -> Outcome {
        let expiry = argument(step, 0)?;
        let (gross, least) = (argument(step, 3)?, optional(&step["args"][4]).map(unsigned).transpose()?);
        let (theirs, now) = (answer(step)?, height(step)?);
        let before = *self.pool()?;
        let done = before.swap(expiry, u128::from(now), sold, gross, least);
        exactly(
            theirs,
            done.map(|done| {
                let [dx, dy] = sold.first([done.net, done.out]);
                vec![("dx", dx), ("dy", dy)]
            }),
        )?;
        if let Ok(done) = done {
            // Fees stay in the token that was brought in.
            let token = step["args"][if sold == Coin::X { 2 } else { 1 }].as_str().unwrap_or_default();
            *self.credited.entry(token.to_owned()).or_default() += done.to_reserve;
            self.pool = Some(done.next);
        }
        let old = state(&before);
        let compute = |factor| {
            let terms = terms(&before, expiry, factor);
            swap(&old, &terms, now, side(sold), tokens(gross), least.map(tokens))
        };
        let t = terms(&before, expiry, 1.0).maturity.time_at(now).unwrap_or(0.0);
        let loss = curve_loss(t);
        let reserve = old.reserves().yield_token;
        library(theirs, |factor| {
            let done = compute(factor).map_err(Refusal::code)?;
            let out = Rounded::new(done.out, reserve * loss);
            // The yield of the fee is a price rounded up by its margin.
            let net = Rounded::new(done.net_in, 1e-7 * tokens(gross));
            Ok(if sold == Coin::X { vec![("dx", net), ("dy", out)] } else { vec![("dx", out), ("dy", net)] })
        })?;
        self.compare_record(step, compute(1.0).map(|done| done.next), loss)
    }

    /// Our record against the one shown; a refused call leaves it as it was.
    fn compare_record(&self, step: &Value, ours: Result<State, Refusal>, loss: f64) -> Outcome {
        let (Ok(ours), Answer::Value(_)) = (ours, answer(step)?) else { return Ok(()) };
        for (name, number) in record(&ours, loss) {
            number.check(name, amount(&step["pool"][name])?)?;
        }
        Ok(())
    }

    /// A quote.
    fn question(&self, step: &Value) -> Outcome {
        let (function, expiry) = (text(step, "fn"), argument(step, 0)?);
        let (theirs, now) = (answer(step)?, height(step)?);
        let given = if list(&step["args"]).len() > 2 { argument(step, 2)? } else { 0 };
        let pool = *self.pool()?;
        let exact = pool
            .question(function, expiry, u128::from(now), given)
            .ok_or_else(|| format!("unknown function {function}"))?;
        exactly(theirs, exact)?;
        library(theirs, |factor| answer_of_library(function, &pool, expiry, now, tokens(given), factor))
    }
}

fn answer_of_library(function: &str, pool: &Pool, expiry: u128, now: u64, given: f64, factor: f64) -> Ours {
    let (state, terms) = (state(pool), terms(pool, expiry, factor));
    let t = terms.maturity.time_at(now).map_err(Refusal::code)?;
    let reserves = state.reserves();
    let of_reserve = |found: Result<f64, Refusal>, reserve: f64, loss: f64| {
        Ok(lone(Rounded::new(found.map_err(Refusal::code)?, reserve * loss)))
    };
    let (x, y) = (reserves.token, reserves.yield_token);
    let (buy, sell) = (side(Coin::X), side(Coin::Y));
    match function {
        "get-price" | "get-price-down" => of_reserve(price(&state, &terms, now), 0.0, 0.0),
        "get-yield" => of_reserve(price(&state, &terms, now).map(|price| price - 1.0), 0.0, 0.0),
        "get-y-given-x" => of_reserve(quote_out(&state, &terms, now, buy, given), y, curve_loss(t)),
        "get-x-given-y" => of_reserve(quote_out(&state, &terms, now, sell, given), x, curve_loss(t)),
        "get-y-in-given-x-out" => of_reserve(quote_in(&state, &terms, now, sell, given), y, curve_loss(t)),
        "get-x-in-given-y-out" => of_reserve(quote_in(&state, &terms, now, buy, given), x, curve_loss(t)),
        "get-x-given-price" => to_price(reserves, t, Coin::X, given, factor),
        "get-y-given-price" => to_price(reserves, t, Coin::Y, given, factor),
        "get-x-given-yield" => to_price(reserves, t, Coin::X, 1.0 + given, factor),
        "get-y-given-yield" => to_price(reserves, t, Coin::Y, 1.0 + given, factor),
        "get-token-given-position" => {
            let found = quote_deposit(&state, given).map_err(Refusal::code)?;
            Ok(vec![
                ("token", Rounded::new(found.shares, 1e-8 * state.shares)),
                ("dy-act", Rounded::new(found.yield_token, 2e-8 * y)),
                ("dy-vir", Rounded::new(found.virtual_yield_token, 2e-8 * y)),
            ])
        }
        _ => {
            let found = quote_shares(&state, given).map_err(Refusal::code)?;
            Ok(vec![
                ("dx", Rounded::new(found.token, 1e-8 * x)),
                ("dy-act", Rounded::new(found.yield_token, 2e-8 * y)),
                ("dy-vir", Rounded::new(found.virtual_yield_token, 2e-8 * y)),
            ])
        }
    }
}
