//! Pools, the treasury.

use super::{Check, MOST_OUTSIDE_UNITS, MOST_UNITS, tickers, unknown_ticker};
use crate::experiment::config::{CurveSettings, Experiment};
use crate::experiment::fx_settings::FxSettings;
use crate::experiment::liquidity_settings::LiquiditySettings;
use crate::experiment::load::Problem;
use crate::experiment::names::listed;
use crate::protocol::fx::RuleError;
use crate::venue::pool::provision::{LEAST_SHARE, MOST_COMMITTED_CYCLES, MOST_COVERAGE};

/// The longest window of a pool's average price: a year.
const MOST_TWAP_HOURS: f64 = 8_760.0;
/// The most assets that a ledger tells apart.
const MOST_ASSETS: usize = 128;

/// Checks `pools`.
pub(super) fn pools(experiment: &Experiment, check: &mut Check) {
    let known = tickers(experiment);
    if known.len() > MOST_ASSETS {
        let expected = format!("at most {MOST_ASSETS} assets in all, each pool's shares being one");
        check.push(Problem::new("pools", expected, format!("{} assets", known.len())));
    }
    let names = experiment.pools.iter().enumerate();
    check.unique(names.map(|(place, pool)| (format!("pools.{place}.name"), pool.name.as_str())), "pool");
    for (place, pool) in experiment.pools.iter().enumerate() {
        let path = |field: &str| format!("pools.{place}.{field}");
        check.name(path("name"), &pool.name);
        for (field, symbol) in [("base", &pool.base), ("quote", &pool.quote)] {
            if !known.contains(symbol) {
                check.push(unknown_ticker(experiment, path(field), symbol));
            }
        }
        if pool.base == pool.quote {
            check.push(Problem::new(
                path("quote"),
                "another coin than the base",
                format!("`{}`", pool.quote),
            ));
        }
        check.range(path("fee_bps"), pool.fee_bps, 0.0, 10_000.0, "basis points");
        check.range(path("rebate_share"), pool.rebate_share, 0.0, 1.0, "");
        check.range(path("twap_hours"), pool.twap_hours, 0.1, MOST_TWAP_HOURS, "hours");
        check.range(path("resilient_average"), pool.resilient_average, 0.0, 1.0, "");
        check.positive(path("initial_value_usd"), pool.initial_value_usd, MOST_UNITS, "dollars");
        if let Some(rules) = &pool.liquidity {
            liquidity(rules, &path("liquidity"), check);
        }
        match pool.curve {
            CurveSettings::ConstantProduct => {}
            CurveSettings::Weighted { base_weight } => {
                let fine = base_weight > 0.0 && base_weight < 1.0;
                check.number(path("curve.base_weight"), base_weight, fine, "a number between 0 and 1");
            }
            CurveSettings::StableSwap { amplification, nav_rate } => {
                check.range(path("curve.amplification"), amplification, 1.0, 10_000.0, "");
                if nav_rate && pool.base != "fETH" {
                    let found = format!("`true` in a pool of `{}`", pool.base);
                    let problem = Problem::new(path("curve.nav_rate"), "`false`", found);
                    check.push(problem.help("only fETH has a net asset value that a pool can follow"));
                }
            }
        }
    }
}

/// Checks the rules on the provision of liquidity that stand at `path`.
///
/// A thousandth of the shares that a pool locks at its opening is an atom: a gate of at least that much always lets somebody
/// through.
fn liquidity(rules: &LiquiditySettings, path: &str, check: &mut Check) {
    if let Some(cap) = rules.cap_share {
        check.range(format!("{path}.cap_share"), cap, LEAST_SHARE, 1.0, "");
    }
    check.range(format!("{path}.cycle_hours"), rules.cycle_hours, 1.0, 8_760.0, "hours");
    if let Some(gate) = rules.gate {
        let share = gate.max_share_per_cycle;
        check.range(format!("{path}.gate.max_share_per_cycle"), share, LEAST_SHARE, 1.0, "");
    }
    if let Some(insurance) = rules.insurance {
        let path = |field: &str| format!("{path}.insurance.{field}");
        check.range(path("initial_usd"), insurance.initial_usd, 0.0, MOST_UNITS, "dollars");
        check.range(path("fee_share"), insurance.fee_share, 0.0, 1.0, "");
        check.range(path("coverage"), insurance.coverage, 0.0, MOST_COVERAGE, "");
        check.count(path("min_cycles"), insurance.min_cycles.into(), 1, MOST_COMMITTED_CYCLES.into());
        check.count(
            path("max_cycles"),
            insurance.max_cycles.into(),
            insurance.min_cycles.into(),
            MOST_COMMITTED_CYCLES.into(),
        );
    }
}

/// Checks `fx`.
pub(super) fn treasury(experiment: &Experiment, fx: &FxSettings, check: &mut Check) {
    let outside = experiment.price.symbols();
    if !outside.contains(&fx.collateral.as_str()) {
        let problem =
            Problem::new("fx.collateral", "the ticker of an outside asset", format!("`{}`", fx.collateral));
        check.push(problem.help(format!("`price` knows {}", listed(outside.iter().copied(), "and"))));
    }
    check.positive("fx.initial_collateral", fx.initial_collateral, MOST_OUTSIDE_UNITS, "units");
    let ratio = fx.initial_collateral_ratio;
    let ratio_is_fine = ratio > 1.0 && ratio <= 1_000.0;
    if !ratio_is_fine {
        let expected = "a number above 1 and at most 1000";
        let problem = Problem::new("fx.initial_collateral_ratio", expected, ratio.to_string());
        check.push(problem.help("at 2 half of the collateral's value is fETH and half xETH"));
    }
    check.range("fx.reserve", fx.reserve, 0.0, MOST_OUTSIDE_UNITS, "units");
    check.range("fx.unlock_days", fx.unlock_days, 0.0, 3_650.0, "days");
    check.range("fx.staking_yield_per_year", fx.staking_yield_per_year, 0.0, 10.0, "per year");
    if let Some(cap) = fx.collateral_cap
        && cap < fx.initial_collateral
    {
        let expected = format!("at least the initial collateral, {}", fx.initial_collateral);
        check.push(Problem::new("fx.collateral_cap", expected, cap.to_string()));
    }
    if let Some(recapitalisation) = fx.recapitalisation {
        let budget = recapitalisation.budget;
        check.range("fx.recapitalisation.budget", budget, 0.0, MOST_OUTSIDE_UNITS, "units");
        if let Some(target) = recapitalisation.target_ratio {
            check.number("fx.recapitalisation.target_ratio", target, target > 1.0, "a number above 1");
        }
    }
    for violation in fx.rules().violations() {
        rule(violation, ratio_is_fine, check);
    }
}

/// What the setters of the contracts would have refused.
fn rule(violation: RuleError, ratio_is_fine: bool, check: &mut Check) {
    match violation {
        // Follows from the ratio, which is reported by itself.
        RuleError::OutOfRange { field: "initial_mint_ratio", .. } if !ratio_is_fine => {}
        RuleError::OutOfRange { field, range, found } => {
            let path = match field {
                "collateral_cap_eth" => "fx.collateral_cap".to_owned(),
                "initial_mint_ratio" => "fx.initial_collateral_ratio".to_owned(),
                "feth_mint" | "xeth_mint" | "feth_redeem" | "xeth_redeem" => {
                    format!("fx.fees.{field}.default")
                }
                _ => format!("fx.{field}"),
            };
            check.push(Problem::new(path, format!("a number in {range}"), found.to_string()));
        }
        RuleError::ThresholdOrder { higher, lower, found_higher, found_lower } => {
            let expected = format!("more than `{lower}`, which is {found_lower}");
            let problem = Problem::new(format!("fx.thresholds.{higher}"), expected, found_higher.to_string());
            check.push(
                problem
                    .help("the order is stability > user_rebalance > protocol_rebalance > recapitalisation"),
            );
        }
        RuleError::TotalFee { fee, found } => {
            let expected = "`default` and `extra` that add up to a number from 0 to 1";
            check.push(Problem::new(format!("fx.fees.{fee}"), expected, format!("a sum of {found}")));
        }
        RuleError::Incentives { stability, user_rebalance, protocol_rebalance } => {
            let expected = "all zero, or all above zero with user_rebalance >= protocol_rebalance";
            let found = format!("{stability}, {user_rebalance} and {protocol_rebalance}");
            check.push(Problem::new("fx.incentives", expected, found));
        }
    }
}
