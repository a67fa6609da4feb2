//! The market, its users and the pools as the vectors' EVM held them.

use std::collections::BTreeMap;

use ballast::protocol::fx::{
    Conditions, Holdings, LeverageEma, Mark, OraclePrice, Outcome, Refusal, Rules, State, Valuation,
    add_base, harvest, mint_feth, mint_genesis, mint_xeth, protocol_rebalance, redeem_feth, redeem_xeth,
    settle, user_rebalance,
};
use serde_json::Value;

use super::check::{Check, NOISE, RELATIVE, field, number};
use super::pools::Pools;

/// Below this no amount of tokens matters: the resolution of the vectors times a thousand million.
const DUST_TOKENS: f64 = 1e-9;
/// What every user starts with, in collateral tokens.
const ENDOWMENT: f64 = 1e6;

/// The balances of one user.
#[derive(Debug, Clone, Copy)]
pub struct User {
    pub base: f64,
    pub feth: f64,
    pub xeth: f64,
}

impl Default for User {
    fn default() -> Self {
        Self { base: ENDOWMENT, feth: 0.0, xeth: 0.0 }
    }
}

#[derive(Debug, Clone)]
pub struct World {
    pub rules: Rules,
    pub state: State,
    pub oracle: OraclePrice,
    pub rate: f64,
    pub treasury: f64,
    pub platform: f64,
    pub reserve: f64,
    pub users: BTreeMap<String, User>,
    /// True where the caller holds more than enough of everything.
    pub ample: bool,
    /// fETH that the swap stub holds.
    pub swap_feth: f64,
    /// The largest collateral and supplies so far: what balances were differences of.
    pub most_base: f64,
    pub most_feth: f64,
    pub most_xeth: f64,
    pub pools: Pools,
}

/// Changes of the balances that the vectors list.
#[derive(Debug, Clone, Copy, Default)]
pub struct Delta {
    pub base: f64,
    pub feth: f64,
    pub xeth: f64,
    pub platform: f64,
    pub reserve: f64,
    pub treasury: f64,
}

/// What an accepted operation did.
#[derive(Debug, Default)]
pub struct Applied {
    pub out: Vec<(&'static str, f64)>,
    pub delta: Delta,
}

/// Why an operation was refused: by a verb, or by what stands around the verbs in the vectors.
#[derive(Debug)]
pub enum Refused {
    Verb(Refusal),
    Around(&'static str),
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Verb(refusal)
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Verb(refusal) => refusal.fmt(f),
            Self::Around(text) => text.fmt(f),
        }
    }
}

impl Refused {
    pub fn compare(&self, theirs: &str, check: &mut Check) {
        match self {
            Self::Verb(refusal) => check.refusal("call", refusal, theirs),
            Self::Around(text) if theirs.contains(text) => {}
            Self::Around(text) => check.fail(format!("we refuse with \"{text}\", they with \"{theirs}\"")),
        }
    }
}

const BURN_EXCEEDS: &str = "ERC20: burn amount exceeds balance";
const TRANSFER_EXCEEDS: &str = "ERC20: transfer amount exceeds balance";

impl World {
    /// The world of a snapshot. `options` are those of a trajectory.
    pub fn at_snapshot(rules: Rules, snapshot: &Value, options: &Value, ample: bool) -> Self {
        let mut world = Self {
            rules,
            state: State::at_price(1.0, 0),
            oracle: OraclePrice::agreed(1.0),
            rate: 1.0,
            treasury: 0.0,
            platform: 0.0,
            reserve: 0.0,
            users: BTreeMap::new(),
            ample,
            swap_feth: 0.0,
            most_base: 0.0,
            most_feth: 0.0,
            most_xeth: 0.0,
            pools: Pools::new(&rules, options),
        };
        for (name, value) in options.as_object().into_iter().flatten() {
            let lower = name.to_lowercase();
            if let Some(ratio) = number(value) {
                if lower.contains("bounty") {
                    world.rules.harvest.bounty_ratio = ratio;
                } else if lower.contains("poolratio") || lower.contains("rebalancepool") {
                    world.rules.harvest.rebalance_pool_ratio = ratio;
                }
            }
        }
        world.adopt(snapshot);
        world
    }

    /// Takes over the market and the balances of a snapshot.
    pub fn adopt(&mut self, snapshot: &Value) {
        if !snapshot.is_object() {
            return;
        }
        self.read_oracle(snapshot);
        self.state = State {
            holdings: Holdings {
                collateral: field(snapshot, "totalBaseToken"),
                feth_supply: field(snapshot, "fSupply"),
                xeth_supply: field(snapshot, "xSupply"),
            },
            mark: Mark {
                feth_nav: field(snapshot, "fNavStored"),
                price: field(snapshot, "lastPermissionedPrice"),
                leverage: snapshot["ema"]["lastTime"].as_i64().map_or(LeverageEma::new(0), |time| {
                    LeverageEma {
                        last_time_seconds: time,
                        last_value: field(&snapshot["ema"], "lastValue"),
                        last_ema: field(&snapshot["ema"], "lastEmaValue"),
                    }
                }),
            },
        };
        if let Some(rate) = number(&snapshot["rate"]) {
            self.rate = rate;
        }
        for (name, value) in snapshot["balances"].as_object().into_iter().flatten() {
            match (name.as_str(), number(value)) {
                ("treasuryBase", Some(base)) => self.treasury = base,
                ("platformBase", Some(base)) => self.platform = base,
                ("reserveBase", Some(base)) => self.reserve = base,
                (user, None) => {
                    let held =
                        User { base: field(value, "base"), feth: field(value, "f"), xeth: field(value, "x") };
                    self.users.insert(user.to_owned(), held);
                }
                _ => {}
            }
        }
    }

    /// The oracle is an input: it is read, not compared.
    fn read_oracle(&mut self, snapshot: &Value) {
        let oracle = &snapshot["oracle"];
        if oracle.is_object() {
            self.oracle = OraclePrice {
                valid: oracle["valid"].as_bool() == Some(true),
                safe: field(oracle, "safe"),
                min: field(oracle, "min"),
                max: field(oracle, "max"),
            };
        }
    }

    pub fn conditions(&self, time: i64) -> Conditions {
        Conditions {
            oracle: self.oracle,
            now_seconds: time,
            rate: self.rate,
            reserve_balance: self.reserve,
            feth_staked: self.pools.staked(),
        }
    }

    pub fn user(&self, name: &str) -> User {
        self.users.get(name).copied().unwrap_or_default()
    }

    /// True while some supply is a few wei: nothing that `f64` computes from it means anything.
    pub fn is_dust(&self) -> bool {
        let held = self.state.holdings;
        [held.collateral, held.feth_supply, held.xeth_supply]
            .iter()
            .any(|amount| *amount > 0.0 && *amount < DUST_TOKENS)
    }

    /// True where collateral and fETH claims differ by less than `f64` resolves: whether xETH has a price then hangs on
    /// single wei.
    pub fn is_at_par(&self) -> bool {
        let (held, price) = (self.state.holdings, self.oracle.safe);
        let worth = held.collateral * price;
        Valuation::at(&self.state, &self.rules, price)
            .map_or_else(|_| false, |value| value.residual().abs() <= NOISE * worth)
    }

    /// True where the collateral ratio differs from a threshold by less than `f64` resolves: modes then differ, and what
    /// they allow is dust. One-step cases that place the ratio exactly on a threshold are exact in `f64` too.
    pub fn is_at_threshold(&self) -> bool {
        let thresholds = self.rules.thresholds;
        Valuation::at(&self.state, &self.rules, self.oracle.safe).is_ok_and(|value| {
            let ratio = value.collateral_ratio();
            [thresholds.stability, thresholds.user_rebalance, thresholds.protocol_rebalance]
                .iter()
                .any(|threshold| (ratio - threshold).abs() <= NOISE && !(self.ample && ratio == *threshold))
        })
    }

    /// True where the amount asked for differs from what the caller holds by less than `f64` resolves.
    pub fn is_ambiguous(&self, before: &Self, action: &Value) -> bool {
        let user = before.user(action["by"].as_str().unwrap_or("alice"));
        let near = |name: &str, held: f64| {
            number(&action[name]).is_some_and(|asked| {
                (asked - held).abs() <= NOISE * (asked + held + self.most_feth + self.most_xeth)
            })
        };
        !before.ample
            && (near("baseIn", user.base)
                || near("fTokenIn", user.feth)
                || near("amount", user.feth)
                || near("xTokenIn", user.xeth))
    }

    /// An argument: a number, or `MAX` for all that the caller holds.
    fn argument(action: &Value, name: &str, all: f64) -> f64 {
        if action[name].as_str() == Some("MAX") { all } else { field(action, name) }
    }

    /// Runs one operation. On refusal the world may be half changed: the caller keeps a copy.
    pub fn apply(&mut self, action: &Value, time: i64, post: &Value) -> Result<Applied, Refused> {
        let by = action["by"].as_str().unwrap_or("alice").to_owned();
        let now = self.conditions(time);
        let (state, rules) = (self.state, self.rules);
        let user = self.user(&by);
        match action["op"].as_str().unwrap_or_default() {
            "setOracle" => {
                self.set_oracle(action);
                self.read_oracle(post);
                Ok(Applied::default())
            }
            "setRate" => {
                self.rate = field(action, "rate");
                Ok(Applied::default())
            }
            "updateBeta" => {
                self.rules.beta = field(action, "beta");
                Ok(Applied::default())
            }
            "settle" => {
                if by != "keeper" && !self.ample {
                    return Err(Refused::Around("only settle whitelist"));
                }
                self.state = settle(&state, &rules, &now)?;
                Ok(Applied::default())
            }
            "mint" => {
                let moved = mint_genesis(&state, &rules, &now, Self::argument(action, "baseIn", user.base))?;
                let out = vec![("fTokenMinted", moved.feth_minted), ("xTokenMinted", moved.xeth_minted)];
                self.book(&by, &moved, out)
            }
            "mintF" => {
                let moved = mint_feth(&state, &rules, &now, Self::argument(action, "baseIn", user.base))?;
                self.book(&by, &moved, vec![("fTokenMinted", moved.feth_minted)])
            }
            "mintX" => {
                let moved = mint_xeth(&state, &rules, &now, Self::argument(action, "baseIn", user.base))?;
                let out = vec![("xTokenMinted", moved.xeth_minted), ("bonus", moved.bonus_from_reserve)];
                self.book(&by, &moved, out)
            }
            "addBase" => {
                let moved = add_base(&state, &rules, &now, Self::argument(action, "baseIn", user.base))?;
                self.book(&by, &moved, vec![("xTokenMinted", moved.xeth_minted)])
            }
            "redeemF" => {
                let moved = redeem_feth(&state, &rules, &now, Self::argument(action, "fTokenIn", user.feth))?;
                let out = vec![("baseOut", moved.base_to_caller), ("bonus", moved.bonus_from_reserve)];
                self.book(&by, &moved, out)
            }
            "redeemX" => {
                let moved = redeem_xeth(&state, &rules, &now, Self::argument(action, "xTokenIn", user.xeth))?;
                let out = vec![("baseOut", moved.base_to_caller), ("bonus", moved.bonus_from_reserve)];
                self.book(&by, &moved, out)
            }
            "liquidate" => {
                let moved =
                    user_rebalance(&state, &rules, &now, Self::argument(action, "fTokenIn", user.feth))?;
                self.book(&by, &moved, vec![("baseOut", moved.base_to_caller)])
            }
            "selfLiquidate" => self.self_liquidate(action, &by, &now),
            "fundSwap" => {
                let amount = Self::argument(action, "amount", user.feth);
                self.swap_feth += amount;
                self.move_feth(&by, -amount)
            }
            "harvest" => self.harvest(&by, &now, post),
            op => self.pool_operation(op, action, &by, time),
        }
    }

    fn set_oracle(&mut self, action: &Value) {
        let safe = field(action, "safe");
        self.oracle = OraclePrice {
            valid: action["valid"].as_bool() != Some(false),
            safe,
            min: number(&action["min"]).unwrap_or(safe),
            max: number(&action["max"]).unwrap_or(safe),
        };
    }

    fn self_liquidate(&mut self, action: &Value, by: &str, now: &Conditions) -> Result<Applied, Refused> {
        if by != "keeper" && !self.ample {
            return Err(Refused::Around("not liquidation whitelist"));
        }
        let bought = field(action, "swapFOut");
        let moved = protocol_rebalance(&self.state, &self.rules, now, field(action, "baseSwapAmt"), bought)?;
        if !self.ample && bought > self.swap_feth * (1.0 + NOISE) {
            return Err(Refused::Around("call failed"));
        }
        self.swap_feth -= bought;
        self.state = moved.next;
        self.treasury -= moved.base_from_treasury;
        self.platform += moved.base_to_platform;
        Ok(Applied {
            out: vec![("baseOut", moved.base_from_treasury), ("fTokenLiquidated", moved.feth_burned)],
            delta: Delta {
                platform: moved.base_to_platform,
                treasury: -moved.base_from_treasury,
                ..Delta::default()
            },
        })
    }

    fn harvest(&mut self, by: &str, now: &Conditions, post: &Value) -> Result<Applied, Refused> {
        let split = harvest(&self.state, &self.rules, now, self.treasury)?;
        self.state = split.next;
        self.treasury -= split.yield_total;
        self.platform += split.to_platform;
        let mut user = self.user(by);
        user.base += split.bounty;
        self.users.insert(by.to_owned(), user);
        if split.to_rebalance_pool > 0.0 {
            self.pools.harvested(split.to_rebalance_pool, now.now_seconds)?;
        } else if self.pools.was_paid_out(post, now.now_seconds) {
            // A yield of a few wei is a reward all the same: the stream is paid out and may begin a new period.
            self.pools.harvested(f64::MIN_POSITIVE, now.now_seconds)?;
        }
        Ok(Applied {
            out: vec![
                ("totalRewards", split.yield_total),
                ("yield", split.yield_total),
                ("harvested", split.yield_total),
                ("bounty", split.bounty),
                ("harvestBounty", split.bounty),
                ("rebalancePoolRewards", split.to_rebalance_pool),
                ("poolRewards", split.to_rebalance_pool),
                ("platform", split.to_platform),
            ],
            delta: Delta {
                base: split.bounty,
                platform: split.to_platform,
                treasury: -split.yield_total,
                ..Delta::default()
            },
        })
    }

    /// Books what a verb moved; the tokens refuse what the caller does not hold.
    fn book(&mut self, by: &str, moved: &Outcome, out: Vec<(&'static str, f64)>) -> Result<Applied, Refused> {
        let held = self.user(by);
        let delta = self.book_for_pool(moved);
        let delta = Delta {
            base: moved.base_to_caller + moved.bonus_from_reserve - moved.base_paid_in,
            feth: moved.feth_minted - moved.feth_burned,
            xeth: moved.xeth_minted - moved.xeth_burned,
            ..delta
        };
        if !self.ample {
            let lacks = |asked: f64, held: f64, most: f64| {
                asked > if held > 0.0 { held * (1.0 + RELATIVE) + NOISE * most } else { 0.0 }
            };
            if lacks(moved.base_paid_in, held.base, ENDOWMENT) {
                return Err(Refused::Around(TRANSFER_EXCEEDS));
            }
            if lacks(moved.feth_burned, held.feth, self.most_feth)
                || lacks(moved.xeth_burned, held.xeth, self.most_xeth)
            {
                return Err(Refused::Around(BURN_EXCEEDS));
            }
            let after = User {
                base: held.base + delta.base,
                feth: (held.feth + delta.feth).max(0.0),
                xeth: (held.xeth + delta.xeth).max(0.0),
            };
            self.users.insert(by.to_owned(), after);
        }
        Ok(Applied { out, delta })
    }

    /// Books what a verb moved but for the caller's own balances.
    pub fn book_for_pool(&mut self, moved: &Outcome) -> Delta {
        self.most_base = self.most_base.max(moved.next.holdings.collateral);
        self.most_feth = self.most_feth.max(moved.next.holdings.feth_supply);
        self.most_xeth = self.most_xeth.max(moved.next.holdings.xeth_supply);
        self.state = moved.next;
        // What is left of a supply that was burned whole is the noise of the sums that made it.
        let held = &mut self.state.holdings;
        if held.feth_supply < NOISE * self.most_feth {
            held.feth_supply = 0.0;
        }
        if held.xeth_supply < NOISE * self.most_xeth {
            held.xeth_supply = 0.0;
        }
        let delta = Delta {
            platform: moved.base_to_platform,
            reserve: -moved.bonus_from_reserve,
            treasury: moved.base_to_treasury - moved.base_from_treasury,
            ..Delta::default()
        };
        self.treasury += delta.treasury;
        self.platform += delta.platform;
        self.reserve += delta.reserve;
        delta
    }

    /// Moves fETH into or out of a user's account.
    pub fn move_feth(&mut self, by: &str, amount: f64) -> Result<Applied, Refused> {
        let mut user = self.user(by);
        if !self.ample && -amount > user.feth + NOISE * self.most_feth {
            return Err(Refused::Around(TRANSFER_EXCEEDS));
        }
        user.feth = (user.feth + amount).max(0.0);
        self.users.insert(by.to_owned(), user);
        Ok(Applied { out: vec![], delta: Delta { feth: amount, ..Delta::default() } })
    }

    /// Pays collateral tokens to a user.
    pub fn pay_base(&mut self, by: &str, amount: f64) {
        let mut user = self.user(by);
        user.base += amount;
        self.users.insert(by.to_owned(), user);
    }
}

impl Applied {
    fn figures(&self) -> impl Iterator<Item = f64> + '_ {
        let delta = self.delta;
        let all = [delta.base, delta.feth, delta.xeth, delta.platform, delta.reserve, delta.treasury];
        self.out.iter().map(|(_, figure)| *figure).chain(all)
    }

    pub fn is_dust(&self) -> bool {
        self.figures().any(|figure| figure != 0.0) && self.figures().all(|figure| figure.abs() < DUST_TOKENS)
    }

    pub fn compare(&self, before: &World, case: &Value, check: &mut Check) {
        let held = before.state.holdings;
        let base_floor = NOISE * held.collateral;
        let feth_floor = NOISE * held.feth_supply;
        let xeth_floor = NOISE * held.xeth_supply;
        for (name, theirs) in case["out"].as_object().into_iter().flatten() {
            let Some((_, ours)) = self.out.iter().find(|(ours, _)| ours == name) else {
                check.unknown(format!("out.{name}"));
                continue;
            };
            let floor = match name.as_str() {
                "fTokenMinted" | "fTokenLiquidated" | "liquidated" => feth_floor,
                "xTokenMinted" => xeth_floor,
                _ => base_floor,
            };
            match number(theirs) {
                Some(theirs) => check.close(&format!("out.{name}"), *ours, theirs, floor),
                None => check.unknown(format!("out.{name}")),
            }
        }
        for (name, theirs) in case["delta"].as_object().into_iter().flatten() {
            let (ours, floor) = match name.as_str() {
                "callerBase" => (self.delta.base, base_floor),
                "callerF" => (self.delta.feth, feth_floor),
                "callerX" => (self.delta.xeth, xeth_floor),
                "platformBase" => (self.delta.platform, base_floor),
                "reserveBase" => (self.delta.reserve, base_floor),
                "treasuryBase" => (self.delta.treasury, base_floor),
                _ => {
                    check.unknown(format!("delta.{name}"));
                    continue;
                }
            };
            match number(theirs) {
                Some(theirs) => check.close(&format!("delta.{name}"), ours, theirs, floor),
                None => check.unknown(format!("delta.{name}")),
            }
        }
    }
}

/// True where all that a case of the vectors moved is dust.
pub fn moved_only_dust(case: &Value) -> bool {
    ["out", "delta"].iter().all(|part| {
        case[*part]
            .as_object()
            .into_iter()
            .flatten()
            .all(|(_, figure)| number(figure).is_none_or(|figure| figure.abs() < DUST_TOKENS))
    })
}
