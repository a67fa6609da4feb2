//! ALEX: its number format, its equations, its pools over time.
//!
//! Two answers are held against each vector.
//!
//! *In the contracts' integers* ([`fixed`], [`equations`]): equal to the last unit, or the same refusal. This pins the rules
//! (what is checked, in which order, with which code) and shows what the rounding alone does.
//!
//! *By the library, in `f64`*: within 1e-6 of the number or 2e-7, whichever is larger, and for the outcome of a swap also
//! within what the contracts' powers lose. That loss is not small against a trade: a power is off by four to ten parts in
//! 1e8 of itself, which the swap formulas turn into as large a share of the *reserve* (divided by `1 - t` in the yield
//! curve). A trade of half a token in a pool of a thousand is off by 4e-4 of itself. Each group states its allowance where
//! it makes it. Refusals must be the same; one that turns on an amount this near to its cap may go either way.
//!
//! A group, scenario or call that nobody here knows is a failure. Collateral pools have their own sections and scenarios.

mod crp;
mod derived;
mod ecosystem;
pub mod equations;
pub mod fixed;
mod fixed_weight_pool;
mod math;
mod reading;
mod simple;
mod weighted;
mod yield_equation;
mod yield_pool;

use serde_json::Value;

use crate::report::{Report, Verdict};
use reading::{Chain, Outcome, list, text};

/// The sections of a file that hold no cases.
const NO_CASES: [&str; 2] = ["meta", "article_charts"];

/// Replays one file of ALEX vectors.
pub fn replay(file: &Value, report: &mut Report) {
    let Some(sections) = file.as_object() else {
        report.unknown("alex: not an object");
        return;
    };
    for (section, cases) in sections {
        match section.as_str() {
            "unit_cases" => unit_cases(list(cases), report),
            "scenarios" => scenarios(list(cases), file, report),
            name if crp::SECTIONS.contains(&name) || NO_CASES.contains(&name) => {}
            name => report.unknown(&format!("alex_{name}")),
        }
    }
    crp::run(report, file);
}

/// The verdict of a check.
fn verdict(outcome: Outcome) -> Verdict {
    match outcome {
        Ok(()) => Verdict::Passed,
        Err(why) => Verdict::Failed(why),
    }
}

/// Single calls of functions without state.
fn unit_cases(cases: &[Value], report: &mut Report) {
    for case in cases {
        let (group, id) = (text(case, "group"), text(case, "id"));
        let name = format!("alex_{group}");
        let check = match group {
            "math" => math::check,
            "weighted" => weighted::check,
            "simple" => simple::check,
            "ytp-eq" => yield_equation::check,
            "coinbase" | "launchpad" => ecosystem::check_unit,
            _ => {
                report.unknown(&name);
                continue;
            }
        };
        report.note(&name, id, verdict(check(case)));
    }
}

/// Calls in order; scenarios of one file may share a chain, so that what one leaves in the reserve the next one finds.
fn scenarios(scenarios: &[Value], file: &Value, report: &mut Report) {
    let mut chain = Chain::default();
    let mut world = match ecosystem::World::of(file) {
        Ok(world) => world,
        Err(why) => return report.note("alex_ecosystem", "-", Verdict::Failed(why)),
    };
    for scenario in scenarios {
        let name = text(scenario, "name");
        let group = format!("alex_{name}");
        let steps = list(&scenario["steps"]);
        chain.start(steps);
        if let Err(why) = world.enter(name, steps, file) {
            report.note(&group, "-", Verdict::Failed(why));
        }
        match name {
            name if ecosystem::knows(name) => world.replay(&group, steps, report),
            "yield-token-pool" => yield_pool::replay(&group, steps, &chain, report),
            "fixed-weight-pool" => fixed_weight_pool::replay(&group, steps, &chain, report),
            name if crp::knows(name) => {}
            _ => report.unknown(&group),
        }
        chain.observe(steps);
    }
}
