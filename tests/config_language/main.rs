//! The language of configs: what is read, how configs are laid over one another, and how every mistake is shown.

mod merging;
mod messages;
mod properties;
mod toy;
