//! One run: a world from its first tick to its last.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemState;
use thiserror::Error;

use super::config::Experiment;
use super::world::{self, BuildError};
use crate::agents::Directory;
use crate::price::MarketPath;
use crate::quantity::Tick;
use crate::record::events::{Happened, events_table};
use crate::record::holders::Holders;
use crate::record::recorder::{Onlooker, Recorder};
use crate::record::table::{Table, TableError};
use crate::world::audit::Breach;
use crate::world::notes::Notes;
use crate::world::phase::run_tick;

/// What a run yields.
#[derive(Debug, Clone, PartialEq)]
pub struct RunTables {
    /// One row a recorded tick, one column a metric.
    pub series: Table,
    /// What happened.
    pub events: Table,
    /// One row an agent.
    pub agents: Table,
    /// Lorenz curves at chosen ticks.
    pub lorenz: Table,
}

/// Why a run did not come to its end.
#[derive(Debug, Error)]
pub enum RunError {
    /// The world could not be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The books did not balance.
    #[error("run {run}, tick {tick}: {reason}")]
    Audit {
        /// Which run.
        run: u32,
        /// At which tick.
        tick: u32,
        /// Asset and amounts.
        reason: String,
    },
    /// The results do not form tables.
    #[error(transparent)]
    Table(#[from] TableError),
    /// Somebody asked for a stop.
    #[error("interrupted")]
    Stopped,
}

/// What a run needs beside its experiment.
#[derive(Debug, Clone)]
pub struct RunSettings<'a> {
    /// The outside market.
    pub path: Arc<MarketPath>,
    /// Which randomness: run `k` of every variant and of every experiment with one seed sees the same market.
    pub run: u32,
    /// Number of the run in tables.
    pub number: u32,
    /// When tick zero was, in Unix seconds.
    pub start_unix_seconds: i64,
    /// Set to true from anywhere to stop the run at the next tick.
    pub stop: &'a AtomicBool,
    /// Shuffle the systems that have no stated order; the results must not change.
    pub shuffle: Option<u64>,
}

/// Runs `experiment` once. `progress` is called after every tick.
///
/// # Errors
/// [`RunError`].
pub fn run_once(
    experiment: &Experiment,
    settings: &RunSettings<'_>,
    mut progress: impl FnMut(),
) -> Result<RunTables, RunError> {
    let run = settings.run;
    let mut world = world::build(experiment, &settings.path, run, settings.shuffle)?;
    for tick in 0..=experiment.horizon_ticks() {
        if settings.stop.load(Ordering::Relaxed) {
            return Err(RunError::Stopped);
        }
        run_tick(&mut world, Tick(tick));
        if let Some((tick, breach)) = world.resource::<Breach>().found() {
            return Err(RunError::Audit { run: settings.number, tick: tick.0, reason: breach.to_string() });
        }
        progress();
    }
    collect(&mut world, experiment, settings)
}

type Parts<'w> = (Onlooker<'w>, Res<'w, Holders>, Res<'w, Directory>, Res<'w, Notes>);

fn collect(
    world: &mut World,
    experiment: &Experiment,
    settings: &RunSettings<'_>,
) -> Result<RunTables, RunError> {
    let (run, start, tick_seconds) =
        (settings.number, settings.start_unix_seconds, experiment.tick_seconds());
    let series = world.resource_mut::<Recorder>().take_series(run, start, tick_seconds)?;
    let mut state = SystemState::<Parts<'_>>::new(world);
    // The four resources were inserted when the world was built, so that the parameters are always there.
    #[allow(clippy::expect_used, reason = "every resource is inserted by `world::build`")]
    let (onlooker, holders, directory, notes) = state.get(world).expect("resources of a built world");
    let scene = onlooker.scene();
    let kind_of = |account: u32| {
        let populations = directory.populations().iter();
        let mut holding =
            populations.filter(|group| (group.first.0..group.first.0 + group.count).contains(&account));
        holding.next().map(|group| group.profile.clone())
    };
    Ok(RunTables {
        series,
        events: events_table(&Happened::of(notes.all(), &scene), run, start, tick_seconds, kind_of)?,
        agents: holders.agents_table(&scene, run)?,
        lorenz: holders.lorenz_table(run)?,
    })
}
