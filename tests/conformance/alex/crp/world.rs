//! The chain on which a scenario runs: pools, holdings, the market outside, the reserve's ledger.

use std::cell::Cell;
use std::collections::BTreeMap;

use ballast::protocol::crp::{Pool, Terms};
use serde_json::Value;

use super::call;
use super::check::{self, Field, Outcome, Record, Stop, fixed, fixed_of};
use super::exchange::{Exchange, Kind, Ledger, Market, Token};
use super::rates::{RateGlobals, RatePool};

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

impl Loan {
    pub fn record(&self) -> Record {
        let mut fields = check::pool_record(&self.pool, &self.terms);
        for (name, text) in [
            ("yield-token", &self.yield_token),
            ("key-token", &self.key_token),
            ("fee-to-address", &self.fee_to),
        ] {
            fields.push((name, Field::Text(text.clone())));
        }
        fields
    }
}

/// Variables of the contract that are not of one pool.
#[derive(Debug, Clone, Copy)]
pub struct Globals {
    pub shortfall_coverage: f64,
    pub strike_multiplier: f64,
    pub capacity_multiplier: f64,
    pub max_in_ratio: f64,
    pub max_out_ratio: f64,
    pub flash_loan_fee_rate: f64,
}

impl Default for Globals {
    fn default() -> Self {
        Self {
            shortfall_coverage: 1.1,
            strike_multiplier: 0.25,
            capacity_multiplier: 1.0,
            max_in_ratio: 0.05,
            max_out_ratio: 0.05,
            flash_loan_fee_rate: 0.0,
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
    /// Pools of yield tokens, by yield token and expiry.
    pub rate_pools: BTreeMap<(Token, u64), RatePool>,
    pub rates: RateGlobals,
    /// Coins without expiry, by token contract and holder: shares of the exchange's pools.
    pub shares: BTreeMap<(Token, String), f64>,
    /// Owners that are not the deployer, by contract.
    pub owners: BTreeMap<String, String>,
    /// Callers put on or off a contract's list.
    pub approvals: BTreeMap<(String, String), bool>,
    /// What the powers of the contracts may have taken in this call.
    pub lost: Cell<f64>,
    /// The same, left in a ledger: by token, and by expiry and holder where it is a claim.
    left: BTreeMap<(Token, Option<(u64, String)>), f64>,
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
            rate_pools: BTreeMap::new(),
            rates: RateGlobals::default(),
            shares: BTreeMap::new(),
            owners: BTreeMap::new(),
            approvals: BTreeMap::new(),
            lost: Cell::new(0.0),
            left: BTreeMap::new(),
            unexplained: BTreeMap::new(),
        }
    }
}

/// Who calls, and at which height.
#[derive(Clone, Copy)]
pub struct Who<'a> {
    pub sender: &'a str,
    pub now: f64,
}

impl Who<'_> {
    /// The height as a whole number.
    pub fn block(self) -> u64 {
        self.now as u64
    }
}

/// One call of a scenario.
pub struct Call<'a> {
    pub contract: &'a str,
    pub function: &'a str,
    /// Strings; `None` for nothing and for what is no string.
    pub args: Vec<Option<&'a str>>,
    pub raw: &'a [Value],
    pub sender: &'a str,
    pub now: f64,
    /// What the vector answers, looked at only where it does not say what was there before.
    pub result: &'a Value,
    /// False where the vectors say that the caller is not on the list.
    pub listed: bool,
}

impl<'a> Call<'a> {
    fn read(step: &'a Value) -> Outcome<Self> {
        let raw = step["args"].as_array().ok_or("no arguments")?;
        // An optional argument may be written out.
        let bare = |value: &'a Value| value.get("some").unwrap_or(value).as_str();
        Ok(Self {
            contract: step["contract"].as_str().unwrap_or_default(),
            function: step["fn"].as_str().ok_or("no function")?,
            args: raw.iter().map(bare).collect(),
            raw,
            sender: step["sender"].as_str().unwrap_or_default(),
            now: check::height(step, "block_height")?,
            result: &step["result"],
            listed: !step["note"].as_str().unwrap_or_default().contains("not approved"),
        })
    }

    pub fn who(&self) -> Who<'a> {
        Who { sender: self.sender, now: self.now }
    }

    pub fn text(&self, index: usize) -> Result<&'a str, Stop> {
        let missing = || Stop::Unknown(format!("{}: argument {index} is missing", self.function));
        self.args.get(index).copied().flatten().ok_or_else(missing)
    }

    /// A number in eight decimals.
    pub fn fixed(&self, index: usize) -> Result<f64, Stop> {
        Ok(self.height(index)? / 1e8)
    }

    /// As [`Call::fixed`], where there is one.
    pub fn limit(&self, index: usize) -> Result<Option<f64>, Stop> {
        let given = self.args.get(index).copied().flatten();
        given.map(|_| self.fixed(index)).transpose()
    }

    /// A plain number that may be beyond any height.
    pub fn height(&self, index: usize) -> Result<f64, Stop> {
        let text = self.text(index)?;
        text.parse().map_err(|error| Stop::Unknown(format!("{text}: {error}")))
    }

    /// A plain number.
    pub fn plain(&self, index: usize) -> Result<u64, Stop> {
        let text = self.text(index)?;
        text.parse().map_err(|error| Stop::Unknown(format!("{text}: {error}")))
    }

    pub fn flag(&self, index: usize) -> Result<bool, Stop> {
        let written = || self.args.get(index).copied().flatten().and_then(|text| text.parse().ok());
        let flag = self.raw.get(index).and_then(Value::as_bool).or_else(written);
        flag.ok_or_else(|| Stop::Unknown(format!("{}: argument {index} is no flag", self.function)))
    }

    /// A list of strings.
    pub fn list(&self, index: usize) -> Result<Vec<&'a str>, Stop> {
        let list = self.raw.get(index).and_then(Value::as_array);
        let list = list.and_then(|list| list.iter().map(Value::as_str).collect::<Option<_>>());
        list.ok_or_else(|| Stop::Unknown(format!("{}: argument {index} is no list", self.function)))
    }

    /// The pool that the first three arguments name.
    pub fn key(&self) -> Result<Key, Stop> {
        Ok((self.text(0)?.to_owned(), self.text(1)?.to_owned(), self.plain(2)?))
    }

    /// Whether the vector shows this refusal.
    fn shows(&self, code: u16) -> bool {
        fixed_of(&self.result["err"]).is_some_and(|shown| (shown * 1e8 - f64::from(code)).abs() < 0.5)
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

    pub fn owner(&self, contract: &str) -> &str {
        self.owners.get(contract).map_or("deployer", String::as_str)
    }

    /// Refuses everybody but the owner of the contract.
    pub fn owned(&self, call: &Call<'_>) -> Result<(), Stop> {
        if call.sender == self.owner(call.contract) { Ok(()) } else { Err(Stop::Code(1000)) }
    }

    /// Whether the caller is on the contract's list; where no step has said, the vector's answer does.
    pub fn approved(&self, call: &Call<'_>) -> bool {
        let said = self.approvals.get(&(call.contract.to_owned(), call.sender.to_owned()));
        said.copied().unwrap_or(call.listed && !call.shows(1000))
    }

    /// What the ledger holds, as far as it decides a call. Where nothing is known of it, the vector's answer tells whether
    /// it was enough.
    pub fn reserve_of(&self, token: &str, call: &Call<'_>) -> f64 {
        let known = self.reserve.get(token).copied().unwrap_or_default();
        match self.unexplained.get(token) {
            Some(None) if call.shows(2024) => 0.0,
            Some(None) => f64::INFINITY,
            Some(Some(left)) => known + left,
            None => known,
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

    /// Notes that powers may have taken so much of a claim, or of the reserve's balance.
    pub fn leave(&mut self, token: &str, claim: Option<(u64, &str)>, lost: f64) {
        let name = (token.to_owned(), claim.map(|(expiry, holder)| (expiry, holder.to_owned())));
        *self.left.entry(name).or_default() += lost;
    }

    /// Allows an answer what was left in the ledger that it reads.
    pub fn allow_left(&self, token: &str, claim: Option<(u64, &str)>) {
        let name = (token.to_owned(), claim.map(|(expiry, holder)| (expiry, holder.to_owned())));
        self.lost.set(self.lost.get() + self.left.get(&name).copied().unwrap_or_default());
    }

    pub fn holding(&mut self, token: &str, expiry: u64, holder: &str) -> &mut f64 {
        self.holdings.entry((token.to_owned(), expiry, holder.to_owned())).or_default()
    }

    /// Runs a step and compares what it answers and leaves.
    pub fn step(&mut self, step: &Value) -> Outcome {
        let known = ["kind", "contract", "fn", "args", "sender", "block_height", "result", "pool", "spot"];
        // What nobody reads may say something in words, but hold nothing that could differ.
        let remark = |(name, value): (&String, &Value)| {
            let words = value.is_null() || value.as_str().is_some_and(|text| text.parse::<f64>().is_err());
            (!words && !known.contains(&name.as_str())).then(|| format!("a field nobody reads: {name}"))
        };
        if let Some(unread) = step.as_object().ok_or("expected an object")?.iter().find_map(remark) {
            return Err(unread);
        }
        if step["kind"] == "harness" {
            return self.set_spot(step);
        }
        if let (Some(told), Market::Stub { spot }) = (fixed_of(&step["spot"]), &self.market) {
            check::close("spot", *spot, &step["spot"], 0.0).map_err(|why| format!("{why} ({told})"))?;
        }
        let call = Call::read(step)?;
        self.lost.set(0.0);
        if let Market::Real(exchange) = &self.market {
            exchange.lost.set(0.0);
        }
        let before = self.clone();
        let ours = call::answer(self, &call);
        let lost = self.lost();
        if ours.is_err() {
            *self = before;
        }
        let outcome = check::reply(call.function, &ours, &step["result"], lost);
        let record = &step["pool"];
        let outcome = outcome.and_then(|()| self.compare(&call, record, lost));
        // The next step is not to inherit what this one rounds.
        self.adopt(&call, record);
        outcome
    }

    fn lost(&self) -> f64 {
        let traded = if let Market::Real(exchange) = &self.market { exchange.lost.get() } else { 0.0 };
        self.lost.get() + traded
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

    /// Compares the record of the pool that a call names, whichever contract it is of; where it names none, one must fit.
    fn compare(&self, call: &Call<'_>, shown: &Value, lost: f64) -> Outcome {
        let Some(fields) = shown.as_object() else { return Ok(()) };
        let named = |token: &str| call.args.iter().flatten().any(|argument| *argument == token);
        let exchange = || match &self.market {
            Market::Real(exchange) => Some(exchange),
            Market::Stub { .. } => None,
        };
        // Whether the call names it, and the record we keep.
        let pools: Vec<(bool, Record)> = if fields.contains_key("strike") {
            let key = call.key().ok();
            self.loans.iter().map(|(of, loan)| (Some(of) == key.as_ref(), loan.record())).collect()
        } else if fields.contains_key("balance-virtual") {
            let names = |token: &Token, expiry: u64| named(token) && named(&expiry.to_string());
            let pools = self.rate_pools.iter();
            pools.map(|((token, expiry), pool)| (names(token, *expiry), pool.record())).collect()
        } else {
            let pools = exchange().into_iter().flat_map(|exchange| &exchange.pools);
            let of = |kind| match call.contract {
                "simple-weight-pool-alex" => kind == Kind::Simple,
                "fixed-weight-pool-v1-01" => kind == Kind::Weighted,
                _ => (kind == Kind::Simple) == fields.contains_key("start-block"),
            };
            let pools = pools.filter(|((kind, ..), _)| of(*kind));
            pools.map(|((kind, coin, _), pool)| (named(coin), pool.record(*kind))).collect()
        };
        let any = pools.iter().any(|(named, _)| *named);
        let mut outcome = Err("a record of a pool that is not there".to_owned());
        for (_, record) in pools.iter().filter(|(named, _)| *named == any) {
            outcome = check::record("pool", record, shown, lost);
            if outcome.is_ok() {
                break;
            }
        }
        outcome
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
