//! The figures of the README: ratios taken within one run, medians of interleaved measurements.
//!
//! `cargo bench --bench ratios`. Absolute times depend on the machine and its neighbours; the ratios much less.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a bench stops where its own set-up is wrong")]

mod common;

use std::sync::atomic::AtomicBool;
use std::time::Instant;

use ballast::experiment::run::run_once;
use rayon::prelude::*;

/// Seconds that `work` takes.
fn seconds(work: impl FnOnce()) -> f64 {
    let began = Instant::now();
    work();
    began.elapsed().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Medians of two alternatives, measured in turns.
fn duel(rounds: usize, mut one: impl FnMut() -> f64, mut other: impl FnMut() -> f64) -> (f64, f64) {
    let (mut ones, mut others) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        ones.push(one());
        others.push(other());
    }
    (median(ones), median(others))
}

/// Resident memory of this process in bytes, where the system tells.
fn resident() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? * 1024.0)
}

fn common_model() {
    println!("common model: agent-ticks a second, full engine against a hand-written dense loop");
    println!("{:>9} {:>12} {:>12} {:>7}", "agents", "dense loop", "Ballast", "ratio");
    for (agents, ticks) in [(1_000_u32, 20_000_u32), (100_000, 300), (1_000_000, 30)] {
        let experiment = common::common_model(agents, 0.02, 1, 24 * 400);
        let mut world = common::build(&experiment);
        let mut dense = common::dense::Dense::new(agents, 0.02, &common::path(&experiment).prices_usd[0]);
        let warm = ticks / 10 + 2;
        common::tick(&mut world, 0, warm);
        (0..warm).for_each(|_| dense.tick());
        let mut next = warm;
        let rounds = if ticks > 1_000 { 1 } else { 7 };
        let span = if ticks > 1_000 { 8_000 } else { ticks };
        let (slow, fast) = duel(
            rounds,
            || {
                let time = seconds(|| common::tick(&mut world, next, span));
                next += span;
                time
            },
            || seconds(|| (0..span).for_each(|_| dense.tick())),
        );
        let rate = |time: f64| f64::from(agents) * f64::from(span) / time;
        println!("{agents:>9} {:>12.3e} {:>12.3e} {:>7.3}", rate(fast), rate(slow), fast / slow);
    }
}

fn sleepers() {
    println!("\na million agents in one world: the tick costs what its awake agents cost");
    println!("{:>8} {:>12} {:>16} {:>14}", "awake", "us a tick", "ns an awake agent", "bytes an agent");
    for activity in [0.001, 0.01, 0.1] {
        let before = resident();
        let experiment = common::common_model(1_000_000, activity, 0, 24 * 30);
        let mut world = common::build(&experiment);
        let bytes = before.zip(resident()).map_or(f64::NAN, |(before, after)| (after - before) / 1e6);
        common::tick(&mut world, 0, 5);
        let ticks = if activity > 0.05 { 10 } else { 40 };
        let time = seconds(|| common::tick(&mut world, 5, ticks)) / f64::from(ticks);
        println!("{activity:>8} {:>12.1} {:>16.1} {bytes:>14.0}", time * 1e6, time * 1e9 / (1e6 * activity));
    }
}

fn ensembles() {
    let experiment = common::common_model(2_000, 0.02, 1, 24 * 60);
    let stop = AtomicBool::new(false);
    let ensemble = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        seconds(|| {
            pool.install(|| {
                (0..32_u32).into_par_iter().with_max_len(1).for_each(|_| {
                    run_once(&experiment, &common::settings(&experiment, &stop), || {}).unwrap();
                });
            });
        })
    };
    let (one, two) = duel(5, || ensemble(1), || ensemble(2));
    println!("\nensemble of 32 runs: two threads {:.2} times one", one / two);

    let empty = common::experiment(
        r#"(name: "empty", horizon_days: 4000, network: (gas_usd_per_action: 0),
            price: Gbm(assets: [(symbol: "ETH", initial_usd: 2000, drift: 0, volatility: 0.8)]))"#,
    );
    let mut world = common::build(&empty);
    common::tick(&mut world, 0, 1_000);
    let time = seconds(|| common::tick(&mut world, 1_000, 50_000)) / 50_000.0;
    println!("an empty world: {:.2} us a tick", time * 1e6);
}

fn main() {
    // `cargo test --benches` runs benches too; it only needs to know that they start.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    if std::env::args().any(|argument| argument == "common") {
        return common_model();
    }
    common_model();
    sleepers();
    ensembles();
}
