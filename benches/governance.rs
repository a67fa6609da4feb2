//! What governance costs: a year of hours, a hundred thousand holders who vote, two hundred proposals, against the same
//! world without any.
//!
//! `cargo bench --bench governance`. The ratio is taken within one run, worlds in turns; absolute times depend on the machine.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a bench stops where its own set-up is wrong")]

#[path = "common/world.rs"]
mod common;

use std::time::Instant;

use ballast::experiment::config::Experiment;
use ballast::venue::Venues;
use ballast::world::ledger::Ledger;
use bevy_ecs::prelude::World;

const VOTERS: u32 = 100_000;
const YEAR_TICKS: u32 = 24 * 365;

/// Holders of the token who trade it at random, each active in one hour of fifty. With votes they are voters too: a reserve
/// far below its target makes them propose, again and again, to leave providers less of the fees.
fn holders(governed: bool) -> Experiment {
    let per_day = -24.0 * (1.0_f64 - 0.02).ln();
    let civic = if governed {
        "civic: (civic_weight: 0.2, turnout_cost_share: LogNormal(median: 0.01, sigma: 1), attention_probability: 0.2,
            step_share: 0.02, delegation_probability: 0.1),"
    } else {
        ""
    };
    let pools: String = (0..4)
        .map(|place| {
            format!(r#"(name: "eth_usd_{place}", base: "ETH", fee_bps: 30, initial_value_usd: 1e7),"#)
        })
        .collect();
    common::experiment(&format!(
        r#"(
            name: "governance", horizon_days: 400, network: (gas_usd_per_action: 0),
            price: Gbm(assets: [(symbol: "ETH", initial_usd: 2000, drift: 0, volatility: 0.8)]),
            pools: [{pools} (name: "gov_usd", base: "GOV", fee_bps: 30, initial_value_usd: 1e7)],
            reserve: (target_usd: 1e9),
            governance: (
                initial_price_usd: 0.02, profile: Plain, delegates: "delegates",
                allocation: (foundation: 0.3, distributed: 0.7),
                rules: (quorum_share: 0.0, voting_hours: 168, timelock_hours: 24, cooldown_hours: 0, most_open: 4,
                    proposal_threshold_share: 0, most_issue_share: 0),
            ),
            populations: [
                (profile: "holders", count: {VOTERS}, {civic} agent: NoiseTrader(
                    activity_per_day: {per_day},
                    endowment: (wealth_usd: Pareto(minimum: 500, alpha: 1.2, cap: 1e6), holdings: {{"USD": 0.5, "GOV": 0.5}}),
                    pool: "gov_usd", largest_trade_share: 0.1)),
                (profile: "delegates", count: 20, agent: Voter(
                    activity_per_day: 4,
                    endowment: (wealth_usd: 10000, holdings: {{"USD": 0.5, "GOV": 0.5}}),
                    civic: (civic_weight: 0.2, turnout_cost_share: 0.0001, attention_probability: 1))),
            ],
            record: (every_ticks: 24, survey_every_ticks: 1000000),
        )"#
    ))
}

/// Resident memory of this process in bytes, where the system tells.
fn resident() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? * 1024.0)
}

struct Side {
    world: World,
    seconds: f64,
}

impl Side {
    fn new(governed: bool) -> Self {
        Self { world: common::build(&holders(governed)), seconds: 0.0 }
    }

    fn go(&mut self, from: u32, ticks: u32) {
        let began = Instant::now();
        common::tick(&mut self.world, from, ticks);
        self.seconds += began.elapsed().as_secs_f64();
    }
}

fn main() {
    let before = resident();
    let mut with = Side::new(true);
    let bytes = before.zip(resident()).map(|(before, after)| (after - before) / f64::from(VOTERS));
    let mut without = Side::new(false);
    // In turns of a week, so that the machine's moods fall on both.
    let week = 24 * 7;
    for from in (0..YEAR_TICKS).step_by(week) {
        let ticks = u32::min(week as u32, YEAR_TICKS - from);
        with.go(from, ticks);
        without.go(from, ticks);
    }
    let governance = with.world.resource::<Venues>().governance().expect("a governed world").clone();
    let outcomes = governance.outcomes();
    println!("{VOTERS} voters, {YEAR_TICKS} ticks, {} proposals: {outcomes:?}", governance.made());
    let token = governance.token();
    let supply = with.world.resource::<Ledger>().supply_units(token);
    println!("turnout remembered {:.4} of {supply:.3e} tokens", governance.turnout_average().unwrap_or(0.0));
    println!("without {:.1} s, with {:.1} s", without.seconds, with.seconds);
    println!("governance adds {:.1} %", 100.0 * (with.seconds / without.seconds - 1.0));
    if let Some(bytes) = bytes {
        println!("{bytes:.0} bytes an agent at the start");
    }
    if let Some((before, after)) = before.zip(resident()) {
        // Two worlds, and what a year has left in them.
        println!(
            "{:.0} bytes an agent at the end, of both worlds together",
            (after - before) / f64::from(VOTERS)
        );
    }
}
