//! From a config to results: checked experiments, worlds, runs, ensembles.

pub mod config;
pub mod ensemble;
mod endow;
mod fx_settings;
pub mod run;
pub mod world;
