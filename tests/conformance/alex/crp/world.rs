//! The chain on which a scenario runs: pools, holdings, the market outside, the reserve's ledger.

use std::collections::BTreeMap;

use ballast::protocol::crp::{Pool, Terms};
use serde_json::Value;

use super::call;
use super::check::{self, Outcome, Stop, fixed, fixed_of};
use super::exchange::{Exchange, Ledger, Market, Token};

/// Token, collateral, expiry.
pub type Key = (Token, Token, u64);

/// One pool and the names in its record.
#[derive(Debug, Clone)]
pub struct Loan {
    pub terms: Terms,
    pub pool: Pool,
    pub yield_token: Token,
    pub key_token: Token,
    pub fee_to: String,
}

/// Variables of the contract that are not of one pool.
#[derive(Debug, Clone, Copy)]
pub struct Globals {
    pub shortfall_coverage: f64,
    pub strike_multiplier: f64,
    pub capacity_multiplier: f64,
    pub max_in_ratio: f64,
    pub max_out_ratio: f64,
}

impl Default for Globals {
    fn default() -> Self {
        Self {
            shortfall_coverage: 1.1,
            strike_multiplier: 0.25,
            capacity_multiplier: 1.0,
            max_in_ratio: 0.05,
            max_out_ratio: 0.05,
        }
    }
}

#[derive(Debug, Clone)]
pub struct World {
    pub market: Market,
    pub loans: BTreeMap<Key, Loan>,
    /// By token contract, expiry and holder.
    pub holdings: BTreeMap<(Token, u64, String), f64>,
    pub reserve: Ledger,
    pub globals: Globals,
    /// What a ledger may hold beyond what is known: what earlier scenarios left, or anything (`None`).
    unexplained: BTreeMap<Token, Option<f64>>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            market: Market::Stub { spot: 1.0 },
            loans: BTreeMap::new(),
            holdings: BTreeMap::new(),
            reserve: Ledger::new(),
            globals: Globals::default(),
            unexplained: BTreeMap::new(),
        }
    }
}

/// One call of a scenario.
pub struct Call<'a> {
    pub contract: &'a str,
    pub function: &'a str,
    pub args: Vec<Option<&'a str>>,
    pub sender: &'a str,
    pub now: f64,
    /// False where the vectors say that the caller is not on the list.
    pub approved: bool,
}

impl<'a> Call<'a> {
    fn read(step: &'a Value) -> Outcome<Self> {
        let args = step["args"].as_array().ok_or("no arguments")?;
        Ok(Self {
            contract: step["contract"].as_str().unwrap_or_default(),
            function: step["fn"].as_str().ok_or("no function")?,
            args: args.iter().map(Value::as_str).collect(),
            sender: step["sender"].as_str().unwrap_or_default(),
            now: check::height(step, "block_height")?,
            approved: !step["note"].as_str().unwrap_or_default().contains("not approved"),
        })
    }

    pub fn text(&self, index: usize) -> Result<&'a str, Stop> {
        let missing = || Stop::Unknown(format!("{}: argument {index} is missing", self.function));
        self.args.get(index).copied().flatten().ok_or_else(missing)
    }

    /// A number in eight decimals.
    pub fn fixed(&self, index: usize) -> Result<f64, Stop> {
        let text = self.text(index)?;
        let parsed = text.parse::<f64>().map_err(|error| Stop::Unknown(format!("{text}: {error}")))?;
        Ok(parsed / 1e8)
    }

    /// A plain number.
    pub fn plain(&self, index: usize) -> Result<u64, Stop> {
        let text = self.text(index)?;
        text.parse().map_err(|error| Stop::Unknown(format!("{text}: {error}")))
    }

    /// The pool that the first three arguments name.
    pub fn key(&self) -> Result<Key, Stop> {
        Ok((self.text(0)?.to_owned(), self.text(1)?.to_owned(), self.plain(2)?))
    }
}

impl World {
    /// Begins a scenario. The real market and the ledger begin anew, the pools stay.
    pub fn enter(&mut self, scenario: &Value) {
        let name = scenario["name"].as_str().unwrap_or_default();
        let real = matches!(self.market, Market::Real(_));
        if name.contains("real") {
            self.market = Market::Real(Exchange::default());
        } else if real {
            self.market = Market::Stub { spot: 1.0 };
        }
        self.globals = Globals::default();
        let params = &scenario["params"];
        for (name, global) in [
            ("shortfall_coverage", &mut self.globals.shortfall_coverage),
            ("strike_multiplier", &mut self.globals.strike_multiplier),
            ("capacity_multiplier", &mut self.globals.capacity_multiplier),
            ("max_in_ratio", &mut self.globals.max_in_ratio),
            ("max_out_ratio", &mut self.globals.max_out_ratio),
        ] {
            *global = params[name].as_f64().unwrap_or(*global);
        }
        let left = std::mem::take(&mut self.reserve);
        self.unexplained = left.into_iter().map(|(token, amount)| (token, Some(amount))).collect();
        let story = scenario["desc"].as_str().unwrap_or_default();
        let topped_up = story.split("topped up by ").nth(1).and_then(|rest| {
            rest.split(|c: char| !c.is_ascii_digit() && c != '.').next()?.trim_end_matches('.').parse().ok()
        });
        if let Some(amount) = topped_up {
            self.reserve.insert(".auto-alex".to_owned(), amount);
        } else if name.contains("shortfall") || real || name.contains("real") {
            // Nothing is said of what the ledger held: the first look at it tells.
            self.unexplained.clear();
            self.unexplained.insert(".auto-alex".to_owned(), None);
            self.unexplained.insert(super::exchange::ALEX.to_owned(), None);
        }
    }

    /// The ledger's balance; a first look may show what nobody told.
    pub fn look_at_reserve(&mut self, token: &str, theirs: &Value) -> f64 {
        let ours = self.reserve.get(token).copied().unwrap_or_default();
        let (Some(unexplained), Some(theirs)) = (self.unexplained.remove(token), fixed_of(theirs)) else {
            return ours;
        };
        let explained = unexplained.map_or(theirs, |left| ours + left);
        if (explained - theirs).abs() < (ours - theirs).abs() {
            self.reserve.insert(token.to_owned(), explained);
            return explained;
        }
        ours
    }

    pub fn loan(&self, key: &Key) -> Result<Loan, Stop> {
        let mut loan = self.loans.get(key).cloned().ok_or(Stop::Code(2001))?;
        let globals = self.globals;
        loan.terms.shortfall_coverage = globals.shortfall_coverage;
        loan.terms.capacity_multiplier = globals.capacity_multiplier;
        loan.terms.max_in_ratio = globals.max_in_ratio;
        loan.terms.max_out_ratio = globals.max_out_ratio;
        Ok(loan)
    }

    pub fn holding(&mut self, token: &str, expiry: u64, holder: &str) -> &mut f64 {
        self.holdings.entry((token.to_owned(), expiry, holder.to_owned())).or_default()
    }

    /// Runs a step and compares what it answers and leaves.
    pub fn step(&mut self, step: &Value) -> Outcome {
        check::only(
            step,
            &["kind", "contract", "fn", "args", "sender", "block_height", "note", "result", "pool", "spot"],
        )?;
        if step["kind"] == "harness" {
            return self.set_spot(step);
        }
        if let (Some(told), Market::Stub { spot }) = (fixed_of(&step["spot"]), &self.market) {
            check::close("spot", *spot, &step["spot"]).map_err(|why| format!("{why} ({told})"))?;
        }
        let call = Call::read(step)?;
        let before = self.clone();
        let ours = call::answer(self, &call, &step["result"]);
        if ours.is_err() {
            *self = before;
        }
        let outcome = check::reply(call.function, &ours, &step["result"]);
        let record = &step["pool"];
        let outcome = outcome.and_then(|()| self.compare(&call, record));
        // The next step is not to inherit what this one rounds.
        self.adopt(&call, record);
        outcome
    }

    fn set_spot(&mut self, step: &Value) -> Outcome {
        let name = step["fn"].as_str().unwrap_or_default();
        if !name.starts_with("set-spot") {
            return Err(format!("an act of the harness that nobody knows: {name}"));
        }
        match &mut self.market {
            Market::Stub { spot } => {
                *spot = fixed_of(&step["args"][0]).ok_or("no price")?;
                Ok(())
            }
            Market::Real(_) => Err("a price set on the real market".to_owned()),
        }
    }

    fn compare(&self, call: &Call<'_>, record: &Value) -> Outcome {
        let Some(fields) = record.as_object() else { return Ok(()) };
        if !fields.contains_key("strike") {
            return self.compare_exchange(call, record);
        }
        let key = call.key().map_err(|stop| format!("{stop:?}"))?;
        let loan = self.loans.get(&key).ok_or("a record of a pool that is not there")?;
        for (name, theirs) in fields {
            let text = match name.as_str() {
                "yield-token" => &loan.yield_token,
                "key-token" => &loan.key_token,
                "fee-to-address" => &loan.fee_to,
                _ => {
                    check::record_field(name, &loan.pool, &loan.terms, theirs)?;
                    continue;
                }
            };
            if theirs.as_str() != Some(text) {
                return Err(format!("pool {name}: ours {text}, theirs {theirs}"));
            }
        }
        Ok(())
    }

    /// The record of a pool of the exchange.
    fn compare_exchange(&self, call: &Call<'_>, record: &Value) -> Outcome {
        let Market::Real(exchange) = &self.market else { return Ok(()) };
        let named = |token: &&str| exchange.pools.get(*token);
        let Some(pool) = call.args.iter().flatten().find_map(named) else { return Ok(()) };
        for (name, ours) in [
            ("balance-x", pool.balance_x),
            ("balance-y", pool.balance_y),
            ("total-supply", pool.supply),
            ("fee-rate-x", pool.fee_rate_x),
            ("fee-rate-y", pool.fee_rate_y),
            ("fee-rebate", pool.rebate_share),
            ("oracle-average", pool.oracle_average),
            ("oracle-resilient", pool.oracle_resilient),
        ] {
            if !record[name].is_null() {
                check::close(&format!("exchange {name}"), ours, &record[name])?;
            }
        }
        Ok(())
    }

    fn adopt(&mut self, call: &Call<'_>, record: &Value) {
        let Some(loan) = call.key().ok().and_then(|key| self.loans.get_mut(&key)) else { return };
        let pool = &mut loan.pool;
        for (name, ours) in [
            ("weight-x", &mut pool.weight_x),
            ("balance-x", &mut pool.balance_x),
            ("balance-y", &mut pool.balance_y),
            ("yield-supply", &mut pool.yield_supply),
            ("key-supply", &mut pool.key_supply),
        ] {
            *ours = fixed(record, name).unwrap_or(*ours);
        }
    }
}
