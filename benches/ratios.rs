//! The figures of the README: ratios taken within one run, medians of interleaved measurements.
//!
//! `cargo bench --bench ratios`. Absolute times depend on the machine and its neighbours; the ratios much less.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a bench stops where its own set-up is wrong")]

mod common;

use std::sync::atomic::AtomicBool;
use std::time::Instant;

use ballast::experiment::config::Experiment;
use ballast::experiment::resolve::resolve;
use ballast::experiment::run::run_once;
use ballast::quantity::Tick;
use ballast::record::parquet;
use ballast::world::calendar::Calendar;
use ballast::world::clock::Clock;
use ballast::world::phase::{Blocks, Stage};
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

/// One run of the shipped baseline: how long, where the time goes, what recording costs.
fn baseline() {
    let resolved = resolve("baseline", &[]).expect("the shipped baseline");
    let experiment = &resolved.loaded.value;
    let mut silent = experiment.clone();
    silent.record.every_ticks = experiment.horizon_ticks();
    silent.record.survey_every_ticks = experiment.horizon_ticks();
    let stop = AtomicBool::new(false);
    let run = |experiment: &Experiment| {
        seconds(|| drop(run_once(experiment, &common::settings(experiment, &stop), || {}).unwrap()))
    };
    let (recorded, unrecorded) = duel(5, || run(experiment), || run(&silent));
    let tables = run_once(experiment, &common::settings(experiment, &stop), || {}).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let mut bytes = 0;
    let stored = seconds(|| {
        let all = [("series", &tables.series), ("events", &tables.events), ("agents", &tables.agents)];
        for (name, table) in all {
            let path = directory.path().join(format!("{name}.parquet"));
            parquet::write(&path, table).unwrap();
            bytes += std::fs::metadata(&path).unwrap().len();
        }
    });
    let ticks = experiment.horizon_ticks();
    println!("\nbaseline, one run of {ticks} ticks: {:.0} ms", recorded * 1e3);
    println!(
        "recording: {:.1} % of that, and {:.1} % more to store",
        100.0 * (1.0 - unrecorded / recorded),
        100.0 * stored / recorded
    );
    println!(
        "stored: {} kB, {} rows by {} columns of series",
        bytes / 1_000,
        tables.series.rows(),
        tables.series.columns().len()
    );

    let (mut world, mut spent) = (common::build(experiment), [0.0; 4]);
    let blocks = *world.resource::<Blocks>();
    for tick in 0..ticks {
        world.resource_mut::<Clock>().begin(Tick(tick));
        world.resource_mut::<Calendar>().begin(Tick(tick));
        let stages = [
            (Stage::Open, 1),
            (Stage::PeopleBlock, blocks.people),
            (Stage::BotBlock, blocks.bots),
            (Stage::Close, 1),
        ];
        for (place, (stage, times)) in stages.into_iter().enumerate() {
            spent[place] += seconds(|| (0..times).for_each(|_| world.run_schedule(stage)));
        }
    }
    let whole: f64 = spent.iter().sum();
    let share = |place: usize| 100.0 * spent[place] / whole;
    println!(
        "of its ticks: market and accrual {:.0} %, people {:.0} %, bots {:.0} %, votes, audit and record {:.0} %",
        share(0),
        share(1),
        share(2),
        share(3)
    );
}

fn main() {
    // `cargo test --benches` runs benches too; it only needs to know that they start.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    common_model();
    sleepers();
    ensembles();
    baseline();
}
