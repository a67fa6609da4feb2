//! The two generations of rebalance pools in the vectors' world.

use std::collections::BTreeMap;

use ballast::protocol::fx::{
    BOOST_FLOOR, BoostPosition, BoostablePool, Claim, PoolRules, PooledReward, Product, RebalancePool,
    Refusal, Rules, StakePosition, Stream, SumHistory,
};
use serde_json::Value;

use super::check::{Check, NOISE, field, number, revert};
use super::world::{Applied, Delta, Refused, World};

/// A product that lost nine digits in one liquidation keeps only the rest of an `f64`.
const SCALED_PRODUCT: f64 = 1e-4;
/// A step of the product of the contracts is one wei.
const WEI: f64 = 1e-18;

/// The pool of the first generation.
#[derive(Debug, Clone)]
struct First {
    pool: RebalancePool,
    history: SumHistory,
    users: BTreeMap<String, StakePosition>,
    feth: f64,
    base: f64,
}

/// The pool of the second generation, under one reading of what the vectors call a reward and a claim.
#[derive(Debug, Clone)]
struct Second {
    pool: BoostablePool,
    history: SumHistory,
    users: BTreeMap<String, BoostPosition>,
    feth: f64,
    base: f64,
    /// Of the second token: one where it is not scaled by votes.
    boost: f64,
    /// True where a claim pays both tokens.
    claims_all: bool,
}

#[derive(Debug, Clone)]
pub struct Pools {
    rules: PoolRules,
    first: First,
    second: Vec<Second>,
    /// The most fETH, collateral and reward that went in: what the noise of differences is measured by.
    most: [f64; 3],
    rewarded: bool,
    /// True while a pool of the vectors holds a stake of a few wei, which ours does not.
    dust: [bool; 2],
}

impl Pools {
    pub fn new(rules: &Rules, options: &Value) -> Self {
        let mut pool_rules =
            PoolRules { liquidation_ratio: rules.thresholds.stability, ..PoolRules::DEPLOYED_2023 };
        for (name, value) in options.as_object().into_iter().flatten() {
            let lower = name.to_lowercase();
            match number(value) {
                Some(ratio) if lower.contains("liquidatable") => pool_rules.liquidation_ratio = ratio,
                Some(seconds) if lower.contains("unlock") => pool_rules.unlock_seconds = seconds as i64,
                _ => {}
            }
        }
        let first = First {
            pool: RebalancePool::new(&pool_rules),
            history: SumHistory::default(),
            users: BTreeMap::new(),
            feth: 0.0,
            base: 0.0,
        };
        let second = [(1.0, true), (1.0, false), (BOOST_FLOOR, true), (BOOST_FLOOR, false)]
            .map(|(boost, claims_all)| Second {
                pool: BoostablePool::new(&pool_rules),
                history: SumHistory::default(),
                users: BTreeMap::new(),
                feth: 0.0,
                base: 0.0,
                boost,
                claims_all,
            })
            .to_vec();
        Self { rules: pool_rules, first, second, most: [0.0; 3], rewarded: false, dust: [false; 2] }
    }

    /// fETH that switches the reserve's bonus off.
    pub fn staked(&self) -> f64 {
        let dust = if self.dust.contains(&true) { f64::MIN_POSITIVE } else { 0.0 };
        dust + self.first.pool.staked + self.second.first().map_or(0.0, |second| second.pool.staked)
    }

    /// Floors for fETH, collateral and rewards: the noise of what went in, and what the contracts lose by flooring gains
    /// per unit of stake, some wei for each fETH.
    fn floors(&self) -> [f64; 3] {
        let [feth, base, reward] = self.most;
        let floored = 100.0 * WEI * feth;
        [NOISE * feth, NOISE * base + floored, NOISE * reward + floored]
    }

    /// The pool's share of harvested yield.
    pub fn harvested(&mut self, amount: f64, time: i64) -> Result<(), Refused> {
        self.first.pool = self.first.pool.add_reward(PooledReward::Yield, amount, time)?;
        self.first.base += amount;
        self.most[1] += amount;
        Ok(())
    }

    /// Rounding leaves a few wei of stake in the contracts after everybody left. They switch the reserve's bonus off and
    /// keep the stream running for nobody; both are taken over from the snapshot.
    pub fn adopt_dust(&mut self, post: &Value) {
        let index = self.reward_named("rewardState").index();
        for (place, name) in [(0, "pool"), (1, "boostPool")] {
            let theirs = &post[name];
            let was_dust = std::mem::replace(&mut self.dust[place], stake_is_dust(theirs));
            let Some(stream) = stream_state(theirs).filter(|_| was_dust || self.dust[place]) else {
                continue;
            };
            if place == 0 {
                self.first.pool.streams[index] = read_stream(stream, self.first.pool.streams[index]);
            } else {
                for held in &mut self.second {
                    held.pool.streams[index] = read_stream(stream, held.pool.streams[index]);
                }
            }
        }
    }

    /// A liquidation of a few wei that only the vectors accept pays the streams out all the same.
    pub fn accrue(&mut self, op: &str, time: i64) {
        match split(op) {
            Some((true, "Liquidate")) => self.first.pool = self.first.pool.accrued(time),
            Some((false, "Liquidate")) => {
                for held in &mut self.second {
                    held.pool = held.pool.accrued(time);
                }
            }
            _ => {}
        }
    }

    /// True where the snapshot shows a stream that was paid out at `time`.
    pub fn was_paid_out(&self, post: &Value, time: i64) -> bool {
        post["pool"]["rewardState"]["lastUpdate"].as_i64() == Some(time)
    }
}

/// True where a field of a pool shows a stream.
fn is_stream(name: &str) -> bool {
    name.ends_with("ewardState") || name.ends_with("ewardData")
}

/// The stream that a snapshot of a pool shows.
fn stream_state(pool: &Value) -> Option<&Value> {
    pool.as_object()?.iter().find(|(name, _)| is_stream(name)).map(|(_, value)| value)
}

fn read_stream(theirs: &Value, ours: Stream) -> Stream {
    let time = |name: &str| theirs[name].as_i64().unwrap_or_default();
    Stream {
        rate_per_second: field(theirs, "rate"),
        last_update_seconds: time("lastUpdate"),
        finish_at_seconds: time("finishAt"),
        queued: field(theirs, "queued"),
        ..ours
    }
}

/// True where the stake of a pool is a few wei.
fn stake_is_dust(pool: &Value) -> bool {
    number(&pool["totalSupply"]).is_some_and(|staked| staked > 0.0 && staked < 1e-9)
}

/// The operation without the prefix of its generation.
fn split(op: &str) -> Option<(bool, &str)> {
    if let Some(verb) = op.strip_prefix("pool") {
        return Some((true, verb));
    }
    let verb = op.strip_prefix("boost").or_else(|| op.strip_prefix('b'))?;
    Some((false, verb.strip_prefix("Pool").unwrap_or(verb)))
}

impl World {
    /// Runs an operation on a pool.
    pub fn pool_operation(
        &mut self,
        op: &str,
        action: &Value,
        by: &str,
        time: i64,
    ) -> Result<Applied, Refused> {
        let amount = |name: &str, all: f64| {
            if action[name].as_str() == Some("MAX") { all } else { field(action, name) }
        };
        let Some((first, verb)) = split(op) else { return Err(Refused::Around("unknown operation")) };
        match verb {
            "Deposit" => {
                let feth = amount("amount", self.user(by).feth);
                self.pools.deposit(first, by, feth, time)?;
                self.move_feth(by, -feth)
            }
            "Unlock" if first => {
                self.pools.unlock(by, amount("amount", f64::MAX), time)?;
                Ok(Applied::default())
            }
            "WithdrawUnlocked" | "Withdraw" => {
                let (feth, base) = if first {
                    self.pools.withdraw_unlocked(by, action["doClaim"].as_bool() == Some(true), time)?
                } else {
                    (self.pools.withdraw(by, amount("amount", f64::MAX), time)?, 0.0)
                };
                self.pay_base(by, base);
                let applied = self.move_feth(by, feth)?;
                Ok(Applied { delta: Delta { base, ..applied.delta }, ..applied })
            }
            "Claim" | "ClaimBase" | "ClaimReward" | "ClaimAll" => {
                let base = self.pools.claim(first, by, verb, time);
                self.pay_base(by, base);
                Ok(Applied { out: vec![], delta: Delta { base, ..Delta::default() } })
            }
            "DepositReward" => {
                self.pools.reward(first, amount("amount", 0.0), time)?;
                Ok(Applied::default())
            }
            "Liquidate" => {
                if by != "keeper" && !self.ample {
                    return Err(Refused::Around(if first { "only liquidator" } else { "AccessControl" }));
                }
                self.pool_liquidate(first, amount("maxAmount", f64::MAX), time)
            }
            _ => Err(Refused::Around("unknown pool operation")),
        }
    }

    fn pool_liquidate(&mut self, first: bool, most: f64, time: i64) -> Result<Applied, Refused> {
        let now = self.conditions(time);
        let (state, rules, pool_rules) = (self.state, self.rules, self.pools.rules);
        let mut moved = None;
        if first {
            let held = &mut self.pools.first;
            let done = held.pool.liquidate(&state, &rules, &pool_rules, &now, held.feth, most)?;
            held.pool = done.pool;
            if let Some(closed) = done.closed {
                held.history.push(closed);
            }
            held.feth = (held.feth - done.redemption.feth_burned).max(0.0);
            held.base += done.redemption.base_to_caller + done.redemption.bonus_from_reserve;
            moved = Some(done.redemption);
        } else {
            for held in &mut self.pools.second {
                let done = held.pool.liquidate(&state, &rules, &pool_rules, &now, held.feth, most)?;
                held.pool = done.pool;
                if let Some(closed) = done.closed {
                    held.history.push(closed);
                }
                held.feth = (held.feth - done.redemption.feth_burned).max(0.0);
                held.base += done.redemption.base_to_caller + done.redemption.bonus_from_reserve;
                moved = Some(done.redemption);
            }
        }
        let Some(moved) = moved else { return Err(Refused::Around("no pool")) };
        self.pools.most[1] += moved.base_to_caller;
        let delta = self.book_for_pool(&moved);
        Ok(Applied {
            out: vec![
                ("liquidated", moved.feth_burned),
                ("baseOut", moved.base_to_caller),
                ("bonus", moved.bonus_from_reserve),
            ],
            delta,
        })
    }
}

impl Pools {
    fn deposit(&mut self, first: bool, by: &str, feth: f64, time: i64) -> Result<(), Refusal> {
        self.most[0] += feth;
        if first {
            let held = &mut self.first;
            let position = held.users.get(by).copied().unwrap_or_default();
            let (pool, position) = held.pool.deposit(&held.history, &position, feth, time)?;
            held.pool = pool;
            held.feth += feth;
            held.users.insert(by.to_owned(), position);
            return Ok(());
        }
        for held in &mut self.second {
            let position = held.users.get(by).copied().unwrap_or_default();
            let (pool, position) = held.pool.deposit(&held.history, &position, held.boost, feth, time)?;
            held.pool = pool;
            held.feth += feth;
            held.users.insert(by.to_owned(), position);
        }
        Ok(())
    }

    fn unlock(&mut self, by: &str, feth: f64, time: i64) -> Result<(), Refusal> {
        let held = &mut self.first;
        let position = held.users.get(by).copied().unwrap_or_default();
        let (pool, position) = held.pool.unlock(&held.history, &self.rules, &position, feth, time)?;
        held.pool = pool;
        held.users.insert(by.to_owned(), position);
        Ok(())
    }

    fn withdraw_unlocked(&mut self, by: &str, claim: bool, time: i64) -> Result<(f64, f64), Refusal> {
        let held = &mut self.first;
        let position = held.users.get(by).copied().unwrap_or_default();
        let (mut pool, mut position, feth) = held.pool.withdraw_unlocked(&held.history, &position, time)?;
        let mut base = 0.0;
        if claim {
            (pool, position, base) = pool.claim(&held.history, &position, Claim::Collateral, time);
            (pool, position, _) = pool.claim(&held.history, &position, Claim::Incentive, time);
        }
        held.pool = pool;
        held.feth = (held.feth - feth).max(0.0);
        held.base -= base;
        held.users.insert(by.to_owned(), position);
        Ok((feth, base))
    }

    fn withdraw(&mut self, by: &str, feth: f64, time: i64) -> Result<f64, Refusal> {
        let mut paid = 0.0;
        for held in &mut self.second {
            let position = held.users.get(by).copied().unwrap_or_default();
            let (pool, position, out) =
                held.pool.withdraw(&held.history, &position, held.boost, feth, time)?;
            held.pool = pool;
            held.feth = (held.feth - out).max(0.0);
            held.users.insert(by.to_owned(), position);
            paid = out;
        }
        Ok(paid)
    }

    fn claim(&mut self, first: bool, by: &str, verb: &str, time: i64) -> f64 {
        let (collateral, incentive) = (verb != "ClaimReward", verb != "ClaimBase");
        let mut paid = 0.0;
        if first {
            let held = &mut self.first;
            let position = held.users.get(by).copied().unwrap_or_default();
            let (mut pool, mut position) = (held.pool, position);
            if collateral {
                (pool, position, paid) = pool.claim(&held.history, &position, Claim::Collateral, time);
            }
            if incentive {
                (pool, position, _) = pool.claim(&held.history, &position, Claim::Incentive, time);
            }
            held.pool = pool;
            held.base -= paid;
            held.users.insert(by.to_owned(), position);
            return paid;
        }
        for held in &mut self.second {
            let position = held.users.get(by).copied().unwrap_or_default();
            let (mut pool, mut position) = (held.pool, position);
            let mut base = 0.0;
            if collateral || held.claims_all {
                (pool, position, base) =
                    pool.claim(&held.history, &position, held.boost, Claim::Collateral, time);
            }
            if incentive || held.claims_all {
                (pool, position, _) =
                    pool.claim(&held.history, &position, held.boost, Claim::Incentive, time);
            }
            held.pool = pool;
            held.base -= base;
            held.users.insert(by.to_owned(), position);
            paid = base;
        }
        paid
    }

    fn reward(&mut self, first: bool, amount: f64, time: i64) -> Result<(), Refusal> {
        self.rewarded = true;
        self.most[2] += amount;
        if first {
            self.first.pool = self.first.pool.add_reward(PooledReward::Incentive, amount, time)?;
            return Ok(());
        }
        for held in &mut self.second {
            held.pool = held.pool.add_reward(PooledReward::Incentive, amount, time)?;
        }
        Ok(())
    }

    /// Compares the pool of the first generation.
    pub fn compare_first(&self, theirs: &Value, time: i64, check: &mut Check) {
        let held = &self.first;
        let [feth_floor, base_floor, reward_floor] = self.floors();
        for (name, value) in theirs.as_object().into_iter().flatten() {
            let path = format!("pool.{name}");
            if name == "users" {
                for (user, value) in value.as_object().into_iter().flatten() {
                    let position = held.users.get(user).copied().unwrap_or_default();
                    self.compare_user(&format!("{path}.{user}"), &position, value, time, check);
                }
                continue;
            }
            if name.ends_with("ewardState") && (self.dust[0] || stake_is_dust(theirs)) {
                continue;
            }
            if name.ends_with("ewardState") {
                let reward = self.reward_named(name);
                compare_stream(&path, &held.pool.streams[reward.index()], value, reward_floor, check);
                continue;
            }
            let Some(theirs) = number(value) else {
                check.unknown(path);
                continue;
            };
            match name.as_str() {
                "totalSupply" => check.close(&path, held.pool.staked, theirs, feth_floor),
                "totalUnlocking" => check.close(&path, held.pool.unlocking, theirs, feth_floor),
                "fBalance" => check.close(&path, held.feth, theirs, feth_floor),
                "baseBalance" => check.close(&path, held.base, theirs, base_floor),
                "lastAssetLossError" => compare_loss_error(&path, theirs, self.most[0], check),
                "epoch" | "scale" | "prod" => compare_product(&path, name, held.pool.product, theirs, check),
                _ => check.unknown(path),
            }
        }
    }

    /// The stream a field shows: that of the second token, or the harvested yield where nothing else was granted.
    fn reward_named(&self, name: &str) -> PooledReward {
        if name.to_lowercase().contains("base") || !self.rewarded {
            PooledReward::Yield
        } else {
            PooledReward::Incentive
        }
    }

    fn compare_user(
        &self,
        path: &str,
        position: &StakePosition,
        theirs: &Value,
        time: i64,
        check: &mut Check,
    ) {
        let held = &self.first;
        let [feth_floor, base_floor, reward_floor] = self.floors();
        let unlocking = held.pool.unlocking_of(position);
        let matured = position.unlock_at_seconds <= time;
        let waits = !matured && position.unlocking > 0.0;
        for (name, value) in theirs.as_object().into_iter().flatten() {
            let path = format!("{path}.{name}");
            let (claim, floor) = if name == "claimableBase" {
                (Claim::Collateral, base_floor)
            } else {
                (Claim::Incentive, reward_floor)
            };
            match (name.as_str(), number(value), revert(value)) {
                ("balanceOf", Some(theirs), _) => {
                    check.close(&path, held.pool.balance_of(position), theirs, feth_floor);
                }
                ("unlocking", Some(theirs), _) => {
                    check.close(&path, if waits { unlocking } else { 0.0 }, theirs, feth_floor);
                }
                ("unlockAt", Some(theirs), _) => {
                    let ours = if waits { position.unlock_at_seconds } else { 0 };
                    check.equal(&path, ours as f64, theirs);
                }
                ("unlocked", Some(theirs), _) => {
                    check.close(&path, if matured { unlocking } else { 0.0 }, theirs, feth_floor);
                }
                // Where no second token was granted, the reward token may be the collateral itself.
                ("claimableBase" | "claimableReward", Some(theirs), _) => {
                    let claim = if theirs != 0.0 && !self.rewarded { Claim::Collateral } else { claim };
                    let ours = held.pool.claimable(&held.history, position, claim);
                    check.close(&path, ours, theirs, floor.max(base_floor));
                }
                // The contract divides by the product of an account that has none.
                // Or subtracts a sum of an epoch that has ended, for an account whose whole stake is unlocking.
                ("claimableBase" | "claimableReward", None, Some(text)) => {
                    let stale = text.contains("subtraction overflow") && position.deposit == 0.0;
                    if position.product.is_some() && !stale {
                        check.fail(format!("{path}: they refuse, we have a stake"));
                    }
                }
                _ => check.unknown(path),
            }
        }
    }

    /// Compares the pool of the second generation: one reading must agree. Readings that do not are dropped by the
    /// step that shows it.
    pub fn compare_second(&self, theirs: &Value, check: &mut Check) {
        let mut best: Option<Check> = None;
        for held in &self.second {
            let mut reading = Check::default();
            self.compare_reading(held, theirs, &mut reading);
            if best.as_ref().is_none_or(|best| reading.mismatches.len() < best.mismatches.len()) {
                best = Some(reading);
            }
        }
        let Some(best) = best else { return };
        check.mismatches.extend(best.mismatches);
        for (path, count) in best.unknown {
            *check.unknown.entry(path).or_default() += count;
        }
    }

    fn compare_reading(&self, held: &Second, theirs: &Value, check: &mut Check) {
        let [feth_floor, base_floor, reward_floor] = self.floors();
        for (name, value) in theirs.as_object().into_iter().flatten() {
            let path = format!("boostPool.{name}");
            if name == "users" {
                for (user, value) in value.as_object().into_iter().flatten() {
                    let position = held.users.get(user).copied().unwrap_or_default();
                    self.compare_boosted(&format!("{path}.{user}"), held, &position, value, check);
                }
                continue;
            }
            if is_stream(name) && (self.dust[1] || stake_is_dust(theirs)) {
                continue;
            }
            if is_stream(name) {
                let reward = self.reward_named(name);
                compare_stream(&path, &held.pool.streams[reward.index()], value, reward_floor, check);
                continue;
            }
            if value.is_object() {
                for (part, value) in value.as_object().into_iter().flatten() {
                    match number(value) {
                        Some(theirs) => compare_product(&path, part, held.pool.product, theirs, check),
                        None => check.unknown(format!("{path}.{part}")),
                    }
                }
                continue;
            }
            let Some(theirs) = number(value) else {
                check.unknown(path);
                continue;
            };
            match name.as_str() {
                "totalSupply" => check.close(&path, held.pool.staked, theirs, feth_floor),
                "fBalance" => check.close(&path, held.feth, theirs, feth_floor),
                "baseBalance" => check.close(&path, held.base, theirs, base_floor),
                "lastAssetLossError" => compare_loss_error(&path, theirs, self.most[0], check),
                part => compare_product(&path, part, held.pool.product, theirs, check),
            }
        }
    }

    fn compare_boosted(
        &self,
        path: &str,
        held: &Second,
        position: &BoostPosition,
        theirs: &Value,
        check: &mut Check,
    ) {
        let [feth_floor, base_floor, reward_floor] = self.floors();
        for (name, value) in theirs.as_object().into_iter().flatten() {
            let path = format!("{path}.{name}");
            let Some(theirs) = number(value) else {
                check.unknown(path);
                continue;
            };
            let claimable = |claim| held.pool.claimable(&held.history, position, held.boost, claim);
            let lower = name.to_lowercase();
            if lower.contains("claimable") && lower.contains("base") {
                check.close(&path, claimable(Claim::Collateral), theirs, base_floor);
            } else if lower.contains("claimable") {
                check.close(&path, claimable(Claim::Incentive), theirs, reward_floor);
            } else if lower.contains("boost") {
                let boosts = position.deposit > 0.0;
                check.close(&path, if boosts { BOOST_FLOOR } else { 0.0 }, theirs, 0.0);
            } else if lower == "balanceof" || lower == "balance" {
                check.close(&path, held.pool.balance_of(position), theirs, feth_floor);
            } else {
                check.unknown(path);
            }
        }
    }
}

fn compare_product(path: &str, name: &str, ours: Product, theirs: f64, check: &mut Check) {
    let lower = name.to_lowercase();
    if lower.contains("epoch") {
        check.equal(path, f64::from(ours.epoch), theirs);
    } else if lower.contains("scale") || lower.contains("exponent") {
        check.equal(path, f64::from(ours.scale), theirs);
    } else if (lower.contains("prod") || lower.contains("magnitude")) && theirs <= 1.0 {
        let floor = if ours.scale > 0 { SCALED_PRODUCT * theirs } else { NOISE };
        check.close(path, ours.magnitude, theirs, floor);
    } else {
        check.unknown(format!("{path}.{name}"));
    }
}

/// The error term of the contracts' rounding has 36 decimals and is at most one wei per token: dust, which is all that
/// is checked of it.
fn compare_loss_error(path: &str, theirs: f64, most: f64, check: &mut Check) {
    check.close(path, 0.0, theirs / 1e36, WEI * most);
}

fn compare_stream(path: &str, ours: &Stream, theirs: &Value, floor: f64, check: &mut Check) {
    for (name, value) in theirs.as_object().into_iter().flatten() {
        let path = format!("{path}.{name}");
        let Some(theirs) = number(value) else {
            check.unknown(path);
            continue;
        };
        match name.as_str() {
            "rate" => check.close(&path, ours.rate_per_second, theirs, WEI),
            "periodLength" => check.equal(&path, ours.period_seconds as f64, theirs),
            "lastUpdate" => check.equal(&path, ours.last_update_seconds as f64, theirs),
            "finishAt" => check.equal(&path, ours.finish_at_seconds as f64, theirs),
            // The second generation keeps what dividing by the period leaves: up to one wei a second.
            "queued" => check.close(&path, ours.queued, theirs, floor + WEI * ours.period_seconds as f64),
            _ => check.unknown(path),
        }
    }
}
