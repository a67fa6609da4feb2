//! Progressive decentralisation of liquidity: what caps and gates do, and what dodging and fear do to them.
//!
//! A small pool of ETH and dollars that pays its providers well, so that they come; the counterparts of each comparison
//! differ in one rule.

use ballast::experiment::config::Experiment;
use ballast::experiment::run::RunTables;

use super::paired::{assert_falls, assert_rises, average, over_runs, series, sets};
use super::shipped::read;

const RUNS: u32 = 10;

/// Sixty providers of very different wealth, all with cash in hand, and a pool that is still small.
fn opening(overrides: &[&str]) -> Experiment {
    let text = r#"(
        name: "opening", horizon_days: 15,
        price: Gbm(assets: [(symbol: "ETH", initial_usd: 2000, volatility: 0.5)]),
        network: (gas_usd_per_action: 0.1),
        pools: [(name: "eth_usd", base: "ETH", fee_bps: 30, initial_value_usd: 2e5, liquidity: (cap_share: 1))],
        populations: [
            (name: "providers", profile: "lp_mercenary", count: 60, with: (
                pool: "eth_usd", emissions_per_year: 0.3, initial_volatility_per_year: 0.5,
                reservation_return_per_year: 0.05, most_wallets: 30, endowment: (
                    wealth_usd: Pareto(minimum: 10000, alpha: 1.1, cap: 5e6), holdings: {"USD": 0.5, "ETH": 0.5},
                ),
            )),
            (profile: "arbitrageur", count: 2, with: (endowment: (holdings: {"USD": 0.5, "ETH": 0.5}))),
            (profile: "noise_trader", count: 50, with: (
                pool: "eth_usd", endowment: (holdings: {"USD": 0.5, "ETH": 0.5}),
            )),
        ],
    )"#;
    read(text, &sets(overrides))
}

fn last(name: &'static str) -> impl Fn(&RunTables) -> f64 {
    move |tables| *series(tables, name).last().unwrap()
}

/// A wallet may add up to a twentieth of the pool: the Herfindahl index falls, and with it the liquidity there is.
#[test]
fn a_cap_on_each_provider_spreads_liquidity_and_costs_some_of_it() {
    let open = over_both(&opening(&[]));
    let capped = over_both(&opening(&["pools.eth_usd.liquidity.cap_share=0.05"]));
    assert_falls("the Herfindahl index", &open[0], &capped[0]);
    assert_falls("the value of the reserves", &open[1], &capped[1]);
}

fn over_both(experiment: &Experiment) -> [Vec<f64>; 2] {
    [over_runs(experiment, RUNS, last("eth_usd_hhi")), over_runs(experiment, RUNS, last("eth_usd_tvl"))]
}

/// Where a further wallet costs nothing the cap works on wallets and not on people: by owner liquidity stays as concentrated
/// as it was without a cap. The dearer a wallet, the fewer are opened.
#[test]
fn who_splits_a_wallet_dodges_the_cap() {
    const CAP: &str = "pools.eth_usd.liquidity.cap_share=0.05";
    const COST: &str = "populations.providers.splits_wallet_cost_usd";
    let (open, capped) = (opening(&[]), opening(&[CAP]));
    let dodged = opening(&[CAP, &format!("{COST}=0")]);
    let owners = |experiment| over_runs(experiment, RUNS, last("eth_usd_hhi_by_owner"));
    let without = owners(&open);
    assert_falls("the index by wallet", &without, &over_runs(&dodged, RUNS, last("eth_usd_hhi")));
    assert_rises("the index by owner, once wallets are free", &owners(&capped), &owners(&dodged));
    let left = average(&owners(&dodged)) / average(&without);
    println!("by owner {left:.3} of the concentration without a cap is left");
    assert!(left > 0.9, "{left}");
    let wallets = |cost: u32| {
        let experiment = opening(&[CAP, &format!("{COST}={cost}")]);
        over_runs(&experiment, RUNS, last("eth_usd_split_wallets"))
    };
    assert_falls("further wallets, when they are dear", &wallets(0), &wallets(10_000));
}

/// Quick and steady providers in a pool of a million; after a week ETH falls by three tenths at once.
///
/// What the quick ones have seen of volatility is then worse than any fee, until they have forgotten it again.
fn panic(overrides: &[&str]) -> Experiment {
    let text = r#"(
        name: "panic", horizon_days: 25,
        price: Shocked(
            base: Gbm(assets: [(symbol: "ETH", initial_usd: 2000, volatility: 0.4)]),
            shocks: [Jump(at_hours: 168, factor: 0.7)],
        ),
        network: (gas_usd_per_action: 0.1),
        pools: [(
            name: "eth_usd", base: "ETH", fee_bps: 30, initial_value_usd: 1e6, liquidity: (cycle_hours: 24),
        )],
        populations: [
            (name: "quick", profile: "lp_mercenary", count: 40, with: (
                pool: "eth_usd", emissions_per_year: 0.3, initial_volatility_per_year: 0.4,
                reservation_return_per_year: 0.05, gate_fear_per_year: 0, endowment: (
                    wealth_usd: Pareto(minimum: 10000, alpha: 1.1, cap: 5e6),
                    holdings: {"USD": 0.4, "ETH": 0.4, "eth_usd_shares": 0.2},
                ),
            )),
            (name: "steady", profile: "lp_loyal", count: 40, with: (
                pool: "eth_usd", emissions_per_year: 0.3, initial_volatility_per_year: 0.4, endowment: (
                    wealth_usd: Pareto(minimum: 10000, alpha: 1.1, cap: 5e6),
                    holdings: {"USD": 0.4, "ETH": 0.4, "eth_usd_shares": 0.2},
                ),
            )),
            (profile: "arbitrageur", count: 2, with: (endowment: (holdings: {"USD": 0.5, "ETH": 0.5}))),
            (profile: "noise_trader", count: 50, with: (
                pool: "eth_usd", endowment: (holdings: {"USD": 0.5, "ETH": 0.5}),
            )),
        ],
    )"#;
    read(text, &sets(overrides))
}

const FALL: usize = 168;
const GATE: &str = "pools.eth_usd.liquidity.gate=(max_share_per_cycle: 0.05)";

/// The part of the pool's shares that has left, net, within a day of the fall and at worst.
fn outflows(experiment: &Experiment) -> [Vec<f64>; 2] {
    let left = |tables: &RunTables, hours: usize| {
        let shares = series(tables, "eth_usd_shares");
        let before = shares[FALL - 1];
        let least = shares[FALL..].iter().take(hours).copied().fold(f64::INFINITY, f64::min);
        1.0 - least / before
    };
    [
        over_runs(experiment, RUNS, |tables| left(tables, 24)),
        over_runs(experiment, RUNS, |tables| left(tables, 1_000)),
    ]
}

/// Who has to wait can think better of it: less leaves in a day, and less in all.
#[test]
fn a_gate_makes_a_panic_slower_and_smaller() {
    let [free_day, free_worst] = outflows(&panic(&[]));
    let [gated_day, gated_worst] = outflows(&panic(&[GATE]));
    assert_falls("what leaves in a day", &free_day, &gated_day);
    assert_falls("what leaves in all", &free_worst, &gated_worst);
}

/// The same gate, and providers who demand the more to stay the longer the queue is. Each who queues makes the queue longer.
#[test]
fn fear_of_the_queue_makes_a_run_on_the_gate() {
    let fearful = panic(&[
        GATE,
        "populations.quick.gate_fear_per_year=0.1",
        "populations.steady.gate_fear_per_year=0.1",
    ]);
    let longest = |experiment| {
        over_runs(experiment, RUNS, |tables| {
            series(tables, "eth_usd_gate_queue_share").into_iter().fold(0.0, f64::max)
        })
    };
    let calm = panic(&[GATE]);
    assert_rises("the longest queue", &longest(&calm), &longest(&fearful));
    assert_rises("what leaves in all", &outflows(&calm)[1], &outflows(&fearful)[1]);
}
