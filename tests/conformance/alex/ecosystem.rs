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
        } else if name != "auto-alex-compounding" {
            // Which continues what the stakers left, to the last unit.
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

    /// Replays a scenario, step by step.
    pub fn replay(&mut self, group: &str, steps: &[Value], report: &mut Report) {
        for (index, step) in steps.iter().enumerate() {
            let id = format!("step {index} {}", text(step, "fn"));
            report.note(group, &id, verdict(self.step(step)));
        }
    }

    fn step(&mut self, step: &Value) -> Outcome {
        let call = Call::read(step)?;
        let before = self.clone();
        let answered = self.call(&call);
        if answered.is_err() {
            *self = before;
        }
        let exact = !self.vaults.values().any(Vault::has_compounded);
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

/// A single call of a function without state, but for the schedule that its case tells.
pub fn check_unit(case: &Value) -> Outcome {
    let mut world = World::new();
    configured(world.reserve(text(case, "contract")), case)?;
    world.step(case)
}
