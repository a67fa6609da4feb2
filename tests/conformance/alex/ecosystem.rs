//! The chain of the governance token: tokens, staking, the compounding vault, launchpad and DAO.
//!
//! The library's protocols play the contracts: what they refuse must be refused with the same code, and what they pay must
//! be paid. Around them the harness keeps what is not protocol: who owns what, and which wallet has which number. Staking
//! alone is met to the unit, with the contract's rounding of a reward restated; once a vault compounds, the library's single
//! rounding is in the stakes and amounts may differ by dust, see [`reply`].
//!
//! Scenarios run on one chain for as long as its height rises, and each finds what the last one left.

mod auto_alex;
mod dao;
mod helper;
mod launchpad;
mod reply;
mod reserve_pool;
mod tokens;

use std::collections::BTreeMap;

use serde_json::Value;

use super::reading::{Outcome, integer, list, text};
use super::verdict;
use crate::report::Report;
use auto_alex::{Vault, is_vault};
use dao::Dao;
use launchpad::Launchpad;
use reply::{Answered, Call, check};
use reserve_pool::{ReservePool, configured};
use tokens::Tokens;

/// The scenarios that run here.
const SCENARIOS: [&str; 5] = [
    "staking-3-stakers",
    "auto-alex-compounding",
    "activation-20-users",
    "launchpad-apower-tiers",
    "dao-vote",
];
/// A chain whose first step is below this height is seen from its beginning.
const FIRST_BLOCKS: i128 = 50;
/// What the vault compounds is the last of these stakers' work: a file that leaves them out means those of the golden file.
const STAKERS: &str = "staking-3-stakers";
const COMPOUNDING: &str = "auto-alex-compounding";
pub const GOLDEN: &str = include_str!("../../golden/alex.json");
/// Fields of a step that say what was called, and what it answered.
const FIELDS: [&str; 7] = ["block_height", "kind", "contract", "fn", "args", "sender", "result"];

pub fn knows(scenario: &str) -> bool {
    SCENARIOS.contains(&scenario)
}

/// One chain.
#[derive(Debug, Clone)]
pub struct World {
    height: i128,
    ledger: Tokens,
    reserves: BTreeMap<String, ReservePool>,
    vaults: BTreeMap<String, Vault>,
    launchpads: BTreeMap<String, Launchpad>,
    dao: Dao,
}

impl World {
    fn new() -> Self {
        Self {
            height: 0,
            ledger: Tokens::default(),
            reserves: BTreeMap::new(),
            vaults: BTreeMap::new(),
            launchpads: BTreeMap::new(),
            dao: Dao::new(),
        }
    }

    /// The chain of a file, with the schedules that its unit cases say were in force.
    pub fn of(file: &Value) -> Outcome<Self> {
        let mut world = Self::new();
        for case in list(&file["unit_cases"]) {
            if text(case, "group") == "coinbase" {
                configured(world.reserve(text(case, "contract")), case)?;
            }
        }
        Ok(world)
    }

    fn reserve(&mut self, contract: &str) -> &mut ReservePool {
        let crowd = contract != "alex-reserve-pool";
        self.reserves.entry(contract.to_owned()).or_insert_with(|| ReservePool::new(crowd))
    }

    /// Moves on to a scenario: on the same chain, or on another one if its height falls.
    pub fn enter(&mut self, name: &str, steps: &[Value], file: &Value) -> Outcome {
        let first = steps.first().map_or(Ok(0), |step| integer(&step["block_height"]))?;
        if first < self.height || self.height == 0 {
            *self = Self::of(file)?;
            self.ledger.fresh = first < FIRST_BLOCKS;
        }
        if name == COMPOUNDING {
            self.stakers_went_before(first)?;
        } else if first > self.height + 1 && self.height > 0 {
            // Every call takes a block: what happened in those that are missing nobody shows.
            self.ledger.forget_openings();
        }
        if steps.iter().any(|step| text(step, "fn") == "construct") {
            self.dao.deconstruct();
        }
        for step in steps {
            self.height = self.height.max(integer(&step["block_height"])?);
        }
        Ok(())
    }

    /// Plays the stakers of the golden file, where this chain has none and could have had them.
    fn stakers_went_before(&mut self, first: i128) -> Outcome {
        let seen = self.reserves.get("alex-reserve-pool").is_some_and(ReservePool::has_stakers);
        let golden: Value = serde_json::from_str(GOLDEN).map_err(|error| error.to_string())?;
        let stakers = list(&golden["scenarios"]).iter().find(|scenario| text(scenario, "name") == STAKERS);
        let steps = stakers.map_or(&[][..], |scenario| list(&scenario["steps"]));
        let last = steps.last().map_or(Ok(0), |step| integer(&step["block_height"]))?;
        if seen || first < last {
            return Ok(());
        }
        *self = Self::of(&golden)?;
        self.enter(STAKERS, steps, &golden)?;
        steps.iter().try_for_each(|step| self.step(step))
    }

    /// Replays a scenario, step by step.
    pub fn replay(&mut self, group: &str, steps: &[Value], report: &mut Report) {
        for (index, step) in steps.iter().enumerate() {
            let id = format!("step {index} {}", text(step, "fn"));
            report.note(group, &id, verdict(self.step(step)));
        }
    }

    /// Plays one step, and holds what it answers against ours.
    pub fn step(&mut self, step: &Value) -> Outcome {
        if let Some(field) = unknown_field(step) {
            return Err(format!("nobody compares the field {field} of a step"));
        }
        let call = Call::read(step)?;
        let before = self.clone();
        let answered = self.call(&call);
        if answered.is_err() {
            *self = before;
        }
        self.ledger.dusty = self.vaults.values().any(Vault::has_compounded);
        let exact = !(self.ledger.dusty && may_hold_dust(&call.contract));
        check(&step["result"], &answered, exact)
    }

    fn call(&mut self, call: &Call<'_>) -> Answered {
        match call.contract.as_str() {
            "alex-reserve-pool" | "reserve-pool-dec2021" => {
                self.reserve(&call.contract);
                let Self { reserves, ledger, .. } = self;
                reserves.get_mut(&call.contract).ok_or("no reserve pool")?.call(call, ledger)
            }
            "staking-helper" => {
                self.reserve("alex-reserve-pool");
                let Self { reserves, ledger, .. } = self;
                reserves.get_mut("alex-reserve-pool").ok_or("no reserve pool")?.help(call, ledger)
            }
            contract if is_vault(contract) => {
                self.reserve("alex-reserve-pool");
                let Self { reserves, ledger, vaults, .. } = self;
                let vault = vaults.entry(call.contract.clone()).or_insert_with(|| Vault::new(contract));
                vault.call(call, reserves.get_mut("alex-reserve-pool").ok_or("no reserve pool")?, ledger)
            }
            "alex-launchpad-v1-1" => {
                let Self { launchpads, ledger, .. } = self;
                let launchpad = launchpads.entry(call.contract.clone());
                launchpad.or_insert_with(|| Launchpad::new(&call.contract)).call(call, ledger)
            }
            contract if Dao::is_extension(contract) => self.dao.call(call, &mut self.ledger),
            contract if contract.starts_with("token-") || contract == "age000-governance-token" => {
                self.ledger.call(call)
            }
            contract => Err(format!("unknown contract {contract}: {}", call.function).into()),
        }
    }
}

/// The contracts that tell what a vault has compounded, and what others were paid beside it.
fn may_hold_dust(contract: &str) -> bool {
    is_vault(contract)
        || ["alex-reserve-pool", "staking-helper", "age000-governance-token", "token-apower"]
            .contains(&contract)
}

/// A field that is neither of the call nor a remark in words.
fn unknown_field(step: &Value) -> Option<&String> {
    let fields = step.as_object().into_iter().flatten();
    let unknown = fields.filter(|(name, value)| !(FIELDS.contains(&name.as_str()) || value.is_string()));
    unknown.map(|(name, _)| name).next()
}

/// A single call of a function without state, but for the schedule that its case tells.
pub fn check_unit(case: &Value) -> Outcome {
    let mut world = World::new();
    configured(world.reserve(text(case, "contract")), case)?;
    // What the schedule is has been read.
    let mut call = case.clone();
    call.as_object_mut().map(|fields| fields.remove("config"));
    world.step(&call)
}
