//! From a config to results: checked experiments, worlds, runs, ensembles.

pub mod compare;
pub mod config;
pub mod diagnostic;
mod endow;
pub mod ensemble;
pub mod fx_settings;
pub mod lending_settings;
pub mod lending_study;
pub mod liquidity_settings;
pub mod load;
mod loans;
pub mod merge;
pub mod names;
pub mod resolve;
pub mod risk;
pub mod run;
pub mod shipped;
pub mod shorthand;
pub mod source;
pub mod study;
pub mod syntax;
mod validate;
mod venues;
pub mod world;
