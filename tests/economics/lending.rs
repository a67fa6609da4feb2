//! What a crash does to loans that are hedged instead of liquidated, and what helps.

use super::paired::{assert_falls, assert_rises, over_runs, series, sets};
use super::shipped::shipped;
use ballast::experiment::run::RunTables;

const RUNS: u32 = 10;

/// The shipped crash with a third of its people, changed by overrides.
fn crash(overrides: &[&str]) -> ballast::experiment::config::Experiment {
    let mut all = sets(&[
        "variants=[]",
        "study=None",
        "horizon_days=14.1",
        "populations.borrower.count=130",
        "populations.lender.count=130",
    ]);
    all.extend(sets(overrides));
    shipped("lending_crash", &all)
}

/// What a term had come to at its last tick: value of a unit brought, loan-to-value.
fn end(tables: &RunTables) -> (f64, f64) {
    let terms = series(tables, "eth_loan_terms");
    let last = terms.iter().position(|count| *count > 1.0).unwrap_or(terms.len()) - 1;
    (series(tables, "eth_loan_performance")[last], series(tables, "eth_loan_loan_to_value_outside")[last])
}

/// Bots that look once in a few hours leave the pool with collateral that it wanted to be rid of.
#[test]
fn late_arbitrage_leaves_less_of_each_dollar() {
    let left = |alertness: &str| {
        let set = format!("populations.rebalancer.alertness={alertness}");
        over_runs(&crash(&[&set]), RUNS, |tables| end(tables).0)
    };
    let prompt = left("1");
    assert_falls("value left with bots that look in 4 % of the hours", &prompt, &left("0.04"));
    assert_falls("value left with no bots at all", &prompt, &left("0"));
}

/// CRP with daily instead of hourly rebalancing: far larger losses (world of ALEX, appendix h3).
#[test]
fn daily_updates_of_the_weight_lose_more_than_hourly_ones() {
    let left = |hours: &str| {
        let set = format!("loans.0.update_hours={hours}");
        over_runs(&crash(&[&set]), RUNS, |tables| end(tables).0)
    };
    assert_falls("value left with weights updated daily", &left("1"), &left("24"));
}

/// Higher initial loan-to-value: more defaults.
#[test]
fn a_higher_initial_loan_to_value_ends_nearer_to_default() {
    let ratio = |initial: &str| {
        let set = format!("loans.0.initial_loan_to_value={initial}");
        over_runs(&crash(&[&set]), RUNS, |tables| end(tables).1)
    };
    assert_rises("loan-to-value at the end of the term", &ratio("0.65"), &ratio("0.8"));
}

/// Static 50/50: what is kept at one half through the crash is sold at the threshold, where nothing but the debt is left; the
/// pool that follows the delta never gets there.
#[test]
fn without_rebalancing_of_the_weight_every_loan_reaches_its_debt() {
    let reached = |overrides: &[&str]| {
        over_runs(&crash(overrides), RUNS, |tables| *series(tables, "eth_loan_conversions").last().unwrap())
    };
    let still = reached(&["loans.0.moving_average=0.999999", "loans.0.volatility=0.01"]);
    assert!(still.iter().all(|times| *times == 1.0), "{still:?}");
    let hedged = reached(&[]);
    assert!(hedged.iter().all(|times| *times == 0.0), "{hedged:?}");
}

/// No reserve: what is missing comes out of issuance at once, that is earlier dilution.
#[test]
fn without_a_reserve_issuance_pays_the_first_shortfall() {
    let issued = |reserve: &str| {
        let reserve = format!("reserve={reserve}");
        let late = crash(&["populations.rebalancer.alertness=0", "horizon_days=14.5", &reserve]);
        over_runs(&late, RUNS, |tables| {
            let left = series(tables, "reserve_backstop");
            left.first().unwrap() - left.last().unwrap()
        })
    };
    let with = issued("(initial: {\"USD\": 10000000}, backstop: {\"USD\": 10000000})");
    let without = issued("(backstop: {\"USD\": 10000000})");
    assert!(with.iter().all(|amount| *amount == 0.0), "{with:?}");
    assert_rises("dollars issued without a reserve", &with, &without);
}
