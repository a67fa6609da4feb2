//! Launches, and pools whose weight slides.

use super::{Check, MOST_UNITS, tickers, unknown_ticker};
use crate::experiment::config::{CurveSettings, Experiment};
use crate::experiment::launch_settings::{BootstrapSettings, LaunchSettings};
use crate::experiment::load::Problem;
use crate::protocol::launchpad::{MAX_TIERS, WALK_RESOLUTION};
use crate::venue::stake_pools::APOWER;

/// The most launches of a world.
const MOST_LAUNCHES: usize = 8;
/// The most tickets of a launch.
const MOST_TICKETS: u32 = 1_000_000;
/// The latest hour that a launch or a slide may name: a thousand years.
const MOST_HOURS: f64 = 8_760_000.0;

/// Checks `launches` and `pools[].bootstrap`.
pub(super) fn check(experiment: &Experiment, check: &mut Check) {
    let launches = &experiment.launches;
    if launches.len() > MOST_LAUNCHES {
        let expected = format!("at most {MOST_LAUNCHES} launches");
        check.push(Problem::new("launches", expected, format!("{} launches", launches.len())));
    }
    if !launches.is_empty() && experiment.governance.is_none() {
        let problem = Problem::new("launches", "`governance`, whose token is sold", "none");
        check.push(problem.help("`governance: (initial_price_usd: 0.02)` would do"));
    }
    let pools = experiment.pools.iter().map(|pool| pool.name.as_str());
    let taken: Vec<&str> =
        pools.chain(experiment.order_books.iter().map(|book| book.name.as_str())).collect();
    let names = launches.iter().enumerate();
    check.unique(
        names.map(|(place, launch)| (format!("launches.{place}.name"), launch.name.as_str())),
        "launch",
    );
    for (place, settings) in launches.iter().enumerate() {
        let path = |field: &str| format!("launches.{place}.{field}");
        check.name(path("name"), &settings.name);
        if taken.contains(&settings.name.as_str()) {
            let found = format!("`{}` again", settings.name);
            check.push(Problem::new(path("name"), "a name that no pool and no order book has", found));
        }
        launch(experiment, settings, &path, check);
    }
    for (place, pool) in experiment.pools.iter().enumerate() {
        if let Some(settings) = pool.bootstrap {
            bootstrap(settings, pool.curve, &|field| format!("pools.{place}.{field}"), check);
        }
    }
}

fn launch(
    experiment: &Experiment,
    settings: &LaunchSettings,
    path: &dyn Fn(&str) -> String,
    check: &mut Check,
) {
    check.count(path("tickets"), settings.tickets, 1, MOST_TICKETS);
    check.count(path("most_tickets"), settings.most_tickets, 1, MOST_TICKETS);
    // Below this the walk has no step: see `max_step`.
    let least = settings.tickets.div_ceil(u32::try_from(WALK_RESOLUTION).unwrap_or(u32::MAX)).max(1);
    check.count(path("activation_threshold"), settings.activation_threshold, least, MOST_TICKETS);
    check.positive(path("tokens_per_ticket"), settings.tokens_per_ticket, MOST_UNITS, "tokens");
    check.positive(path("price_per_ticket_usd"), settings.price_per_ticket_usd, MOST_UNITS, "dollars");
    check.range(path("opens_hours"), settings.opens_hours, 0.0, MOST_HOURS, "hours");
    after(path("closes_hours"), settings.closes_hours, settings.opens_hours, check);
    after(path("claims_end_hours"), settings.claims_end_hours, settings.closes_hours, check);
    if settings.tiers.len() > MAX_TIERS {
        let expected = format!("at most {MAX_TIERS} steps");
        check.push(Problem::new(path("tiers"), expected, format!("{} steps", settings.tiers.len())));
    }
    for (place, tier) in settings.tiers.iter().enumerate() {
        let path = |field: &str| path(&format!("tiers.{place}.{field}"));
        check.range(path("power_per_ticket"), tier.power_per_ticket, 0.0, MOST_UNITS, "units");
        check.count(path("width"), tier.width, 1, MOST_TICKETS);
    }
    match &settings.power {
        None if settings.tiers.is_empty() => {}
        None => {
            let problem = Problem::new(path("tiers"), "no steps where no `power` is named", "some");
            check.push(problem.help("`power: \"GOV\"` would let tickets burn the governance token"));
        }
        // Power for tickets is all that APower is for: it can be neither owned at the start nor traded.
        Some(symbol) if symbol == APOWER => {
            if experiment.staking.is_empty() {
                let problem = Problem::new(path("power"), "`staking`, which APower comes from", "none");
                check.push(
                    problem.help("`staking: [(name: \"gov\", asset: \"GOV\", emission: Alex)]` would do"),
                );
            }
        }
        Some(symbol) if !tickers(experiment).contains(symbol) => {
            check.push(unknown_ticker(experiment, path("power"), symbol));
        }
        Some(symbol) => {
            if symbol == "USD" || experiment.price.symbols().contains(&symbol.as_str()) {
                let expected = "an asset that venues issue, so that it can be burned";
                check.push(Problem::new(path("power"), expected, format!("`{symbol}`")));
            }
        }
    }
}

/// Reports an hour that is not at least a second after another.
fn after(path: String, hours: f64, before: f64, check: &mut Check) {
    let fine = hours <= MOST_HOURS && (hours - before) * 3_600.0 >= 1.0;
    check.number(path, hours, fine, &format!("hours after {before}"));
}

fn bootstrap(
    settings: BootstrapSettings,
    curve: CurveSettings,
    path: &dyn Fn(&str) -> String,
    check: &mut Check,
) {
    let path = |field: &str| path(&format!("bootstrap.{field}"));
    for (field, weight) in [("from_weight", settings.from_weight), ("to_weight", settings.to_weight)] {
        check.number(path(field), weight, weight > 0.0 && weight < 1.0, "a number between 0 and 1");
    }
    check.range(path("from_hours"), settings.from_hours, 0.0, MOST_HOURS, "hours");
    after(path("to_hours"), settings.to_hours, settings.from_hours, check);
    match curve {
        CurveSettings::Weighted { base_weight }
            if base_weight.to_bits() == settings.from_weight.to_bits() => {}
        CurveSettings::Weighted { base_weight } => {
            let expected = "the `base_weight` of the curve";
            check.number(
                path("from_weight"),
                settings.from_weight,
                false,
                &format!("{expected}, {base_weight}"),
            );
        }
        _ => {
            let problem = Problem::new(path("from_weight"), "a pool with a weighted curve", "another curve");
            check.push(
                problem.help(format!("`curve: Weighted(base_weight: {})` would do", settings.from_weight)),
            );
        }
    }
}
