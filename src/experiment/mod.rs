//! From a config to results: checked experiments, worlds, runs, ensembles.

pub mod config;
mod endow;
pub mod ensemble;
pub mod fx_settings;
pub mod run;
mod venues;
pub mod world;
