//! From the text of a config to a world that ticks.

use std::sync::Arc;

use ballast::experiment::config::Experiment;
use ballast::experiment::world;
use ballast::price::MarketPath;
use ballast::quantity::Tick;
use ballast::world::phase::run_tick;
use ballast::world::streams::Streams;
use bevy_ecs::prelude::World;

/// Reads a config that needs no profile from a file.
pub(crate) fn experiment(text: &str) -> Experiment {
    let extensions =
        ron::extensions::Extensions::UNWRAP_VARIANT_NEWTYPES | ron::extensions::Extensions::IMPLICIT_SOME;
    ron::Options::default().with_default_extension(extensions).from_str(text).expect("a config of this file")
}

/// The outside market of run 0.
pub(crate) fn path(experiment: &Experiment) -> Arc<MarketPath> {
    let streams = Streams::of_run(experiment.seed, 0);
    let (ticks, seconds) = (experiment.horizon_ticks(), experiment.tick_seconds());
    Arc::new(experiment.price.generate(ticks, seconds, &streams, ".".as_ref()).expect("a generated path"))
}

/// The world of run 0, ready to tick.
pub(crate) fn build(experiment: &Experiment) -> World {
    world::build(experiment, &path(experiment), 0, None).expect("a world of this file's configs")
}

/// Ticks a world from `from` on.
pub(crate) fn tick(world: &mut World, from: u32, ticks: u32) {
    for tick in from..from + ticks {
        run_tick(world, Tick(tick));
    }
}
