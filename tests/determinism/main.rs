//! Same experiment, same seed, same bytes: whatever the order of systems, the number of threads, the interruptions, and
//! whoever else looks on.

#![allow(clippy::unwrap_used, reason = "in a test a failure is a panic")]

#[path = "../common/mod.rs"]
mod common;
mod everybody;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use ballast::agents::Directory;
use ballast::agents::saver::Saver;
use ballast::experiment::config::Experiment;
use ballast::experiment::ensemble::{Formats, Plan, Progress, execute};
use ballast::experiment::run::{RunSettings, RunTables, run_once};
use ballast::experiment::world;
use ballast::quantity::Tick;
use ballast::record::directory::Intent;
use ballast::record::manifest::Status;
use ballast::record::metrics;
use ballast::record::recorder::{Metric, Recorder};
use ballast::record::table::{Cells, Table};
use ballast::venue::Venues;
use ballast::world::calendar::Calendar;
use ballast::world::ledger::{AccountId, Ledger};
use ballast::world::phase::{Phase, Stage, run_tick};
use bevy_ecs::prelude::*;
use common::market;

static NEVER: AtomicBool = AtomicBool::new(false);

fn run(experiment: &Experiment, shuffle: Option<u64>) -> RunTables {
    let path = market(experiment, 0);
    let settings = RunSettings { path, run: 0, number: 0, start_unix_seconds: 0, stop: &NEVER, shuffle };
    run_once(experiment, &settings, || {}).unwrap()
}

/// Says where two tables differ first: a difference of a hundred thousand cells is no message.
fn assert_same(what: &str, one: &Table, other: &Table) {
    let names = |table: &Table| table.columns().iter().map(|column| column.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(one), names(other), "{what}");
    for (left, right) in one.columns().iter().zip(other.columns()) {
        assert_eq!(left.cells.len(), right.cells.len(), "{what}: rows of `{}`", left.name);
        if left.cells != right.cells {
            let row = (0..left.cells.len()).find(|row| cell(&left.cells, *row) != cell(&right.cells, *row));
            let row = row.unwrap();
            let (left_cell, right_cell) = (cell(&left.cells, row), cell(&right.cells, row));
            panic!("{what}: `{}` differs first in row {row}: {left_cell} and {right_cell}", left.name);
        }
    }
}

fn cell(cells: &Cells, row: usize) -> String {
    match cells {
        Cells::Real(cells) => format!("{:?}", cells[row]),
        Cells::Integer(cells) => cells[row].to_string(),
        Cells::Text(cells) => format!("{:?}", cells[row]),
    }
}

fn kinds(events: &Table) -> BTreeSet<String> {
    let Some(Cells::Text(kinds)) = events.column("kind").map(|column| &column.cells) else {
        return BTreeSet::new();
    };
    kinds.iter().flatten().cloned().collect()
}

/// The other tests would prove little in a world where nothing happens.
#[test]
fn the_crash_reaches_every_corner() {
    let tables = run(&everybody::experiment("Deployed2023", "First"), None);
    let seen = kinds(&tables.events);
    let every = [
        "mode_change",
        "rebalance",
        "recapitalisation",
        "proposal",
        "vote_result",
        "enacted",
        "launch_drawn",
    ];
    for kind in every {
        assert!(seen.contains(kind), "{kind} is missing among {seen:?}");
    }
    let series = &tables.series;
    let last = |name: &str| series.real(name).unwrap().iter().flatten().next_back().copied().unwrap();
    assert!(last("eth_book_volume") > 0.0 && last("feth_book_volume") > 0.0);
    assert!(last("ido_raised") > 0.0 && last("ido_power_burned") > 0.0);
    assert!(last("feth_usd_volume") > 0.0 && last("xeth_eth_volume") > 0.0 && last("xeth_usd_volume") > 0.0);
    let most =
        series.real("stress_mode").unwrap().iter().flatten().fold(0.0_f64, |most, mode| most.max(*mode));
    // Recapitalisation ends the fourth mode within the tick in which it begins.
    assert!(most >= 3.0, "from calm to protocol rebalance, found {most}");
}

#[test]
fn the_order_of_systems_does_not_matter() {
    for (profile, pool) in everybody::DESIGNS {
        let experiment = everybody::experiment(profile, pool);
        let plain = run(&experiment, None);
        for seed in [1, 2, 3, 77] {
            let shuffled = run(&experiment, Some(seed));
            for (name, one, other) in [
                ("series", &plain.series, &shuffled.series),
                ("events", &plain.events, &shuffled.events),
                ("agents", &plain.agents, &shuffled.agents),
                ("lorenz", &plain.lorenz, &shuffled.lorenz),
            ] {
                assert_same(&format!("{profile}, order {seed}, {name}"), one, other);
            }
        }
    }
}

#[test]
fn systems_that_could_disturb_one_another_are_refused() {
    fn meddle(mut venues: ResMut<Venues>) {
        venues.commit();
    }
    let experiment = everybody::experiment("Deployed2023", "First");
    let path = market(&experiment, 0);
    let build = |meddled: bool| {
        let mut world = world::build(&experiment, &path, 0, None).unwrap();
        if meddled {
            world.schedule_scope(Stage::PeopleBlock, |_, schedule| {
                schedule.add_systems(meddle.in_set(Phase::Decide));
            });
        }
        [Stage::Open, Stage::PeopleBlock, Stage::BotBlock, Stage::Close]
            .map(|stage| world.schedule_scope(stage, |world, schedule| schedule.initialize(world).is_ok()))
    };
    assert_eq!(build(false), [true; 4]);
    assert_eq!(build(true), [true, false, true, true]);
}

#[test]
fn every_tick_balances_to_the_atom() {
    for (profile, pool) in everybody::DESIGNS {
        let experiment = everybody::experiment(profile, pool);
        let mut world = world::build(&experiment, &market(&experiment, 0), 0, None).unwrap();
        world.resource_mut::<Ledger>().audit(true).unwrap();
        for tick in 0..=experiment.horizon_ticks() {
            run_tick(&mut world, Tick(tick));
            let counted = world.resource_mut::<Ledger>().audit(true);
            assert_eq!(counted, Ok(()), "{profile}, tick {tick}");
        }
    }
}

/// Tells nobody, and can ask for a stop after the first run.
struct StopAfterOne<'a>(Option<&'a AtomicBool>);

impl Progress for StopAfterOne<'_> {
    fn ticks(&self, _: u64) {}
    fn finished(&self, _: u32) {
        if let Some(stop) = self.0 {
            stop.store(true, Ordering::Relaxed);
        }
    }
}

fn plan(experiment: &Experiment, out: &Path, threads: usize, intent: Intent) -> Plan {
    Plan {
        experiment: experiment.clone(),
        variants: Vec::new(),
        resolved: format!("{experiment:?}"),
        data: Vec::new(),
        out: out.to_path_buf(),
        intent,
        threads,
        formats: Formats { parquet: true, csv: true },
    }
}

/// The files of results, by name; the manifest knows the time and the machine and is none of them.
fn bytes(directory: &Path) -> Vec<(String, Vec<u8>)> {
    ["series.parquet", "events.parquet", "agents.parquet", "lorenz.parquet", "series.csv", "summary.json"]
        .map(|name| (name.to_owned(), std::fs::read(directory.join(name)).unwrap()))
        .into()
}

#[test]
fn threads_and_interruptions_leave_no_trace_in_the_bytes() {
    let mut experiment = everybody::experiment("Deployed2023", "First");
    experiment.runs = 3;
    let folders: Vec<tempfile::TempDir> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    let whole = |threads: usize, out: &Path| {
        let plan = plan(&experiment, out, threads, Intent::Start);
        bytes(&execute(&plan, &NEVER, &StopAfterOne(None)).unwrap().directory)
    };
    let alone = whole(1, folders[0].path());
    let together = whole(2, folders[1].path());
    let mut sittings = 0;
    let resumed = loop {
        let stop = AtomicBool::new(false);
        let plan = plan(&experiment, folders[2].path(), 1, Intent::Resume);
        let outcome = execute(&plan, &stop, &StopAfterOne(Some(&stop))).unwrap();
        sittings += 1;
        assert_eq!(outcome.manifest.runs_finished, sittings, "one run a sitting");
        if outcome.manifest.status == Status::Done {
            break bytes(&outcome.directory);
        }
    };
    assert_eq!(sittings, 3);
    for ((one, two), three) in alone.iter().zip(&together).zip(&resumed) {
        assert!(one.1 == two.1, "{} with one thread and with two", one.0);
        assert!(one.1 == three.1, "{} at once and one by one", one.0);
        assert!(one.1.len() > 100, "{} is not empty", one.0);
    }
}

#[test]
fn runs_of_an_ensemble_differ() {
    let mut experiment = everybody::experiment("Deployed2023", "First");
    experiment.horizon_days = 2.0;
    let tables = |run: u32| {
        let settings = RunSettings {
            path: market(&experiment, run),
            run,
            number: run,
            start_unix_seconds: 0,
            stop: &NEVER,
            shuffle: None,
        };
        run_once(&experiment, &settings, || {}).unwrap().series
    };
    assert_ne!(tables(0).column("eth_price"), tables(1).column("eth_price"));
}

/// Runs `experiment` under a recorder of its own.
fn recorded(experiment: &Experiment, every: u32, survey: u32, more: Vec<Metric>) -> Table {
    let mut world = world::build(experiment, &market(experiment, 0), 0, None).unwrap();
    let groups: Vec<metrics::Group> = world
        .resource::<Directory>()
        .populations()
        .iter()
        .map(|population| metrics::Group {
            name: population.profile.clone(),
            first: population.first,
            count: population.count,
        })
        .collect();
    let mut all = more;
    all.extend(metrics::all(world.resource::<Ledger>(), world.resource::<Venues>(), &groups));
    let last = experiment.horizon_ticks();
    world.insert_resource(Recorder::new(all, every, survey, last));
    (0..=last).for_each(|tick| run_tick(&mut world, Tick(tick)));
    world.resource_mut::<Recorder>().take_series(0, 0, experiment.tick_seconds()).unwrap()
}

#[test]
fn looking_more_or_less_often_changes_nothing() {
    let experiment = everybody::experiment("Deployed2023", "First");
    let plain = run(&experiment, None).series;
    let mut calls = 0.0;
    let counting = Metric::new("looks", "1", "how often this was read", move |_| {
        calls += 1.0;
        Some(calls)
    });
    let more = recorded(&experiment, 1, 24, vec![counting]);
    assert_eq!(more.columns().len(), plain.columns().len() + 1);
    let without = more.columns().iter().filter(|column| column.name != "looks").cloned().collect();
    assert_same("one metric more", &plain, &Table::new(without).unwrap());

    let seldom = recorded(&experiment, 6, 48, Vec::new());
    for column in plain.columns() {
        let Cells::Real(often) = &column.cells else { continue };
        let found = seldom.real(&column.name).unwrap();
        // The window of the realised beta counts recorded ticks: it is another figure at another cadence.
        if column.name == "feth_realised_beta" {
            continue;
        }
        for (row, seen) in found.iter().enumerate() {
            let tick = (row * 6).min(often.len() - 1);
            if let (Some(seen), Some(before)) = (seen, often[tick]) {
                assert_eq!(seen.to_bits(), before.to_bits(), "`{}` at tick {tick}", column.name);
            }
        }
    }
}

#[test]
fn whoever_comes_last_changes_nobody_before() {
    let mut few = everybody::experiment("Deployed2023", "First");
    // News would wake the sleepers too.
    few.alarm.attention_share = 0.0;
    let mut many = few.clone();
    many.populations.extend(everybody::onlookers());
    let path = market(&few, 0);
    let build = |experiment: &Experiment| world::build(experiment, &path, 0, None).unwrap();
    let (mut one, mut other) = (build(&few), build(&many));
    let savers = |world: &mut World| {
        let mut query = world.query::<&Saver>();
        query.iter(world).map(|saver| format!("{saver:?}")).collect::<Vec<_>>()
    };
    let drawn = savers(&mut one);
    assert!(drawn.len() > 20 && drawn[0] != drawn[1]);
    assert_eq!(savers(&mut other)[..drawn.len()], drawn[..], "the same savers, then the new ones");
    assert!(savers(&mut other).len() > drawn.len());
    // Behind them lie accounts of venues, which move when there are more of them.
    let populations = one.resource::<Directory>().populations();
    let first = populations[0].first;
    let count: u32 = populations.iter().map(|population| population.count).sum();
    for tick in 0..200 {
        let awake = |world: &mut World| {
            let mut calendar = world.resource_mut::<Calendar>();
            calendar.begin(Tick(tick));
            calendar.due(first, count).collect::<Vec<AccountId>>()
        };
        assert_eq!(awake(&mut one), awake(&mut other), "tick {tick}");
    }

    // And a whole run with agents at the end who never wake leaves everybody's doings as they were.
    let mut watched = few.clone();
    watched.populations.extend(everybody::sleepers());
    let (alone, watched) = (run(&few, None), run(&watched, None));
    for column in alone.series.columns() {
        let about_all = ["wealth", "usd_"].iter().any(|word| column.name.contains(word))
            || column.meaning.contains("all agents");
        let found = watched.series.column(&column.name).unwrap();
        if !about_all {
            assert!(found.cells == column.cells, "`{}` ({}) has changed", column.name, column.meaning);
        }
    }
    assert_same("events", &alone.events, &watched.events);
}
