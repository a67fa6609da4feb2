//! Loan markets and the reserve.

use std::collections::BTreeMap;

use super::{Check, MOST_OUTSIDE_UNITS, MOST_UNITS, unknown_ticker};
use crate::experiment::config::Experiment;
use crate::experiment::lending_settings::{LoanSettings, ReserveSettings};
use crate::experiment::load::Problem;
use crate::experiment::names::{listed, nearest};
use crate::protocol::crp::TermError;
use crate::venue::lending::{Sales, SpotSource};

/// The most loan markets of a world.
const MOST_MARKETS: usize = 8;

/// Checks `loans` and `reserve`.
pub(super) fn check(experiment: &Experiment, check: &mut Check) {
    if experiment.loans.len() > MOST_MARKETS {
        let found = format!("{} markets", experiment.loans.len());
        check.push(Problem::new("loans", format!("at most {MOST_MARKETS} loan markets"), found));
    }
    let names = experiment.loans.iter().enumerate();
    check.unique(
        names.map(|(place, loan)| (format!("loans.{place}.name"), loan.name.as_str())),
        "loan market",
    );
    for (place, loan) in experiment.loans.iter().enumerate() {
        market(experiment, loan, &format!("loans.{place}"), check);
    }
    let reserve = &experiment.reserve;
    // What a voted sale of tokens fills is a reserve also where there are no loans.
    let allotted = experiment.governance.as_ref().is_some_and(|governance| governance.allocation.is_some());
    let for_loans = ReserveSettings {
        initial: if allotted { BTreeMap::new() } else { reserve.initial.clone() },
        target_usd: None,
        ..reserve.clone()
    };
    if experiment.loans.is_empty() && for_loans != ReserveSettings::default() {
        let problem = Problem::new(
            "reserve",
            "`loans` for the reserve to stand behind",
            "an experiment without loan markets",
        );
        check.push(problem.help("leave `reserve` out, or add a loan market to `loans`"));
    }
    for (field, wanted) in [
        ("initial", &reserve.initial),
        ("stakers_principal", &reserve.stakers_principal),
        ("backstop", &reserve.backstop),
    ] {
        coins(experiment, &format!("reserve.{field}"), wanted, check);
    }
}

fn coins(experiment: &Experiment, path: &str, wanted: &BTreeMap<String, f64>, check: &mut Check) {
    let outside = experiment.price.symbols();
    for (symbol, units) in wanted {
        let path = format!("{path}.{symbol}");
        if symbol != "USD" && !outside.contains(&symbol.as_str()) {
            check.push(unknown_ticker(experiment, path.clone(), symbol));
        }
        check.range(path, *units, 0.0, MOST_OUTSIDE_UNITS, "units");
    }
}

fn market(experiment: &Experiment, loan: &LoanSettings, place: &str, check: &mut Check) {
    let path = |field: &str| format!("{place}.{field}");
    check.name(path("name"), &loan.name);
    let outside = experiment.price.symbols();
    if !outside.contains(&loan.collateral.as_str()) {
        let problem = Problem::new(
            path("collateral"),
            "the ticker of an outside asset",
            format!("`{}`", loan.collateral),
        );
        check.push(problem.help(format!("`price` knows {}", listed(outside.iter().copied(), "and"))));
    }
    check.range(path("term_days"), loan.term_days, 0.1, 3_650.0, "days");
    check.range(path("update_hours"), loan.update_hours, 0.01, 87_600.0, "hours");
    check.range(path("conversion_delay_hours"), loan.conversion_delay_hours, 0.0, 87_600.0, "hours");
    if let Some(cap) = loan.collateral_cap {
        check.positive(path("collateral_cap"), cap, MOST_OUTSIDE_UNITS, "units");
    }
    let rates = &loan.rates;
    check.range(path("rates.initial_liquidity_usd"), rates.initial_liquidity_usd, 0.0, MOST_UNITS, "dollars");
    check.range(path("rates.curve_days"), rates.curve_days, loan.term_days, 36_500.0, "days");
    check.range(path("rates.fee_share_of_interest"), rates.fee_share_of_interest, 0.0, 1.0, "");
    check.range(path("rates.small_threshold_usd"), rates.small_threshold_usd, 0.0, MOST_UNITS, "dollars");
    check.range(path("rates.max_trade_ratio"), rates.max_trade_ratio, 1e-6, 1.0, "");
    terms(loan, &path, check);
    for (field, pool) in [
        (
            "sales",
            match &loan.sales {
                Sales::Outside => None,
                Sales::Pool(name) => Some(name),
            },
        ),
        (
            "spot",
            match &loan.spot {
                SpotSource::Oracle => None,
                SpotSource::Resilient(name) => Some(name),
            },
        ),
    ] {
        if let Some(name) = pool {
            market_pool(experiment, loan, path(field), name, check);
        }
    }
}

/// What the protocol itself would refuse to open a pool with.
fn terms(loan: &LoanSettings, path: &dyn Fn(&str) -> String, check: &mut Check) {
    for problem in loan.terms().violations(0.0) {
        let (field, expected, found) = match problem {
            TermError::OutOfRange { field, range, found } => {
                let field = match field {
                    "conversion_ltv" => "conversion_loan_to_value",
                    "token_to_maturity_blocks" => "closing_days",
                    "fee_rate_x" | "fee_rate_y" => "fee_bps",
                    "max_in_ratio" | "max_out_ratio" => "max_trade_ratio",
                    other => other,
                };
                (field, format!("a number in {range}"), found.to_string())
            }
            TermError::StartsConverted { initial, conversion } => (
                "initial_loan_to_value",
                format!("a number below the conversion_loan_to_value of {conversion}"),
                initial.to_string(),
            ),
            TermError::BlendTooLong { .. } => {
                ("closing_days", "less than the term".into(), format!("{} days", loan.closing_days))
            }
        };
        let problem = Problem::new(path(field), expected, found);
        if !check.has(&problem) {
            check.push(problem);
        }
    }
}

/// A pool in which the collateral is sold or priced must trade it against dollars.
fn market_pool(experiment: &Experiment, loan: &LoanSettings, path: String, name: &str, check: &mut Check) {
    let names = || experiment.pools.iter().map(|pool| pool.name.as_str());
    let Some(pool) = experiment.pools.iter().find(|pool| pool.name == name) else {
        let problem = Problem::new(path, "the name of a pool", format!("`{name}`"));
        check.push(match nearest(name, names()) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None if experiment.pools.is_empty() => problem.help("this experiment has no pools"),
            None => problem.help(format!("there are {}", listed(names(), "and"))),
        });
        return;
    };
    if pool.base != loan.collateral || pool.quote != "USD" {
        let expected = format!("a pool of {} against USD", loan.collateral);
        check.push(Problem::new(
            path,
            expected,
            format!("`{name}`, of {} against {}", pool.base, pool.quote),
        ));
    }
}
