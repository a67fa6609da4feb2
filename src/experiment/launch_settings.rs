//! The launches of an experiment.

use serde::{Deserialize, Serialize};

/// A sale of the governance token by lottery, out of what the foundation holds: ALEX's launchpad.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LaunchSettings {
    /// Name, unique and no pool's or book's: the prefix of its metrics.
    pub name: String,
    /// Tickets that can win.
    pub tickets: u32,
    /// Tokens that a winning ticket brings.
    pub tokens_per_ticket: f64,
    /// Price of a ticket, in dollars; paid for all tickets when they are registered.
    pub price_per_ticket_usd: f64,
    /// Registered tickets below which nothing is sold and everybody is paid back.
    #[serde(default = "one")]
    pub activation_threshold: u32,
    /// When registration begins, in hours since the start.
    #[serde(default)]
    pub opens_hours: f64,
    /// When it ends and the winners are drawn.
    pub closes_hours: f64,
    /// When everybody is paid who has not claimed.
    pub claims_end_hours: f64,
    /// Most tickets of one account.
    pub most_tickets: u32,
    /// What tickets cost beside their price, step by step; nothing without steps.
    #[serde(default)]
    pub tiers: Vec<TierSettings>,
    /// Ticker of what the steps are counted in and registration burns: an asset that venues issue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power: Option<String>,
}

/// A step of what tickets cost: the first tickets of an account are of the first step, and so on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierSettings {
    /// Power burned for each ticket of the step, in units.
    pub power_per_ticket: f64,
    /// How many tickets the step has; the last one takes all the rest.
    pub width: u32,
}

/// How the weight of a bootstrapping pool slides.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BootstrapSettings {
    /// Weight of the base coin at the start. The pool opens with as many dollars of either coin, so that a weight of 0.9 asks
    /// nine times the price at the start.
    pub from_weight: f64,
    /// Weight of the base coin at the end.
    pub to_weight: f64,
    /// When the slide begins, in hours since the start.
    #[serde(default)]
    pub from_hours: f64,
    /// When it ends.
    pub to_hours: f64,
}

const fn one() -> u32 {
    1
}
