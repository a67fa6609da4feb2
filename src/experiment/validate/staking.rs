//! Staking pools: what is staked, what is emitted, when they open.

use super::{Check, MOST_UNITS};
use crate::experiment::config::Experiment;
use crate::experiment::load::Problem;
use crate::experiment::names::listed;
use crate::experiment::staking_settings::{OpeningSettings, StakingSettings};
use crate::protocol::staking::{LAST_CYCLE, Tiers};

/// Checks `staking`.
pub(super) fn check(experiment: &Experiment, check: &mut Check) {
    let pools = &experiment.staking;
    if pools.is_empty() {
        return;
    }
    let allocation = experiment.governance.as_ref().and_then(|governance| governance.allocation.as_ref());
    if allocation.is_none_or(|allocation| allocation.community <= 0.0) {
        let expected = "`governance.allocation` with a `community` that rewards are paid from";
        let problem = Problem::new("staking", expected, "none");
        check.push(
            problem.help("for example `allocation: (foundation: 0.2, distributed: 0.3, community: 0.5)`"),
        );
    }
    let names = pools.iter().enumerate();
    check.unique(
        names.map(|(place, pool)| (format!("staking.{place}.name"), pool.name.as_str())),
        "staking pool",
    );
    for (place, pool) in pools.iter().enumerate() {
        one(experiment, pool, place, check);
    }
}

fn one(experiment: &Experiment, pool: &StakingSettings, place: usize, check: &mut Check) {
    let path = |field: &str| format!("staking.{place}.{field}");
    check.name(path("name"), &pool.name);
    let token = experiment.governance.as_ref().map(|governance| governance.token.clone());
    let shares = experiment.pools.iter().map(|pool| format!("{}_shares", pool.name));
    let known: Vec<String> = token.iter().cloned().chain(shares).collect();
    if !known.contains(&pool.asset) {
        let expected = format!(
            "the governance token or the shares of a pool ({})",
            listed(known.iter().map(String::as_str), "or")
        );
        check.push(Problem::new(path("asset"), expected, format!("`{}`", pool.asset)));
    }
    for tokens in pool.emission.tokens_per_cycle() {
        check.range(path("emission"), tokens, 0.0, MOST_UNITS, "tokens a cycle");
    }
    check.count(path("halving_cycles"), pool.halving_cycles, 1, LAST_CYCLE);
    let cycle = u32::try_from(pool.cycle_blocks).unwrap_or(u32::MAX);
    check.count(path("cycle_blocks"), cycle, 1, 1_000_000);
    check.range(path("block_minutes"), pool.block_minutes, 1.0 / 60.0, 1_440.0, "minutes");
    if let Some(multiplier) = pool.apower_multiplier {
        check.range(path("apower_multiplier"), multiplier, 0.0, 1_000.0, "");
    }
    if let OpeningSettings::Registrations { wallets, .. } = pool.opening {
        check.count(path("opening.wallets"), wallets, 1, u32::MAX);
    }
    if let Err(wrong) = Tiers::new(&pool.tiers) {
        let expected =
            "tiers with locks of 1 to 32 cycles that rise, and weights from 1 to 1000 that do not fall";
        let found = format!("a lock of {} with a weight of {}", wrong.lock_cycles, wrong.weight);
        check.push(Problem::new(path("tiers"), expected, found));
    }
    if let Some(vault) = pool.vault {
        check.range(path("vault.bounty_tokens"), vault.bounty_tokens, 0.0, MOST_UNITS, "tokens");
        if token.as_deref() != Some(&pool.asset) {
            let expected = "a vault beside the governance token's own pool: it stakes what it is paid";
            check.push(Problem::new(path("vault"), expected, format!("one beside `{}`", pool.asset)));
        }
    }
}
