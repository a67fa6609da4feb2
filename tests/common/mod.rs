//! What several tests build worlds with.

use std::path::Path;
use std::sync::Arc;

use ballast::experiment::config::Experiment;
use ballast::price::MarketPath;
use ballast::world::streams::Streams;
use ron::extensions::Extensions;

/// The experiment that `text` is.
pub fn read(text: &str) -> Experiment {
    let extensions = Extensions::IMPLICIT_SOME | Extensions::UNWRAP_VARIANT_NEWTYPES;
    let options = ron::Options::default().with_default_extension(extensions);
    options.from_str(text).unwrap_or_else(|error| panic!("{error} in\n{text}"))
}

/// The outside market of run number `run`.
pub fn market(experiment: &Experiment, run: u32) -> Arc<MarketPath> {
    let streams = Streams::of_run(experiment.seed, run);
    let ticks = experiment.horizon_ticks();
    Arc::new(experiment.price.generate(ticks, experiment.tick_seconds(), &streams, Path::new(".")).unwrap())
}
