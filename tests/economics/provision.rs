//! Progressive decentralisation of liquidity: what caps and gates do, and what dodging and fear do to them.
//!
//! A small pool of ETH and dollars that pays its providers well, so that they come; the counterparts of each comparison
//! differ in one rule.

use ballast::experiment::config::Experiment;

use super::paired::{assert_falls, assert_rises, series, sets, total};
use super::shipped::{self, read};

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

/// The last values of these columns in each run, column by column.
fn last<const N: usize>(experiment: &Experiment, names: [&str; N]) -> [Vec<f64>; N] {
    let mut columns = names.map(|_| Vec::new());
    for run in 0..RUNS {
        let tables = shipped::run(experiment, run, run);
        for (column, name) in columns.iter_mut().zip(names) {
            column.push(series(&tables, name).last().copied().unwrap());
        }
    }
    columns
}

/// A wallet may add up to a twentieth of the pool: the Herfindahl index falls, and with it the liquidity there is. Where a
/// further wallet costs nothing the cap works on wallets and not on people: by owner liquidity stays as concentrated as it
/// was without a cap, and there is as much of it. The dearer a wallet, the fewer are opened.
#[test]
fn a_cap_spreads_liquidity_unless_who_is_capped_splits_the_wallet() {
    const CAP: &str = "pools.eth_usd.liquidity.cap_share=0.05";
    let splitting =
        |cost_usd: u32| opening(&[CAP, &format!("populations.providers.splits_wallet_cost_usd={cost_usd}")]);
    let figures = ["eth_usd_hhi", "eth_usd_hhi_by_owner", "eth_usd_tvl", "eth_usd_split_wallets"];
    let open = last(&opening(&[]), figures);
    let capped = last(&opening(&[CAP]), figures);
    assert_falls("the Herfindahl index", &open[0], &capped[0]);
    assert_falls("the value of the reserves", &open[2], &capped[2]);
    let dodged = last(&splitting(0), figures);
    assert_falls("the index by wallet", &open[0], &dodged[0]);
    assert_rises("the index by owner, once wallets are free", &capped[1], &dodged[1]);
    // The median: where one whale would be most of the pool by itself it takes two months, for what it may claim a twentieth of
    // has to grow first.
    let [by_owner, worth] = [1, 2].map(|figure: usize| {
        let parts = dodged[figure].iter().zip(&open[figure]).map(|(dodged, open)| dodged / open);
        let mut parts: Vec<f64> = parts.collect();
        parts.sort_by(f64::total_cmp);
        parts[parts.len() / 2]
    });
    println!(
        "left of what there is without a cap: {by_owner:.3} of the index by owner, {worth:.3} of the value"
    );
    assert!(by_owner > 0.98 && worth > 0.98, "{by_owner} {worth}");
    let dear = last(&splitting(10_000), figures);
    assert_falls("further wallets, when they are dear", &dodged[3], &dear[3]);
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

/// Of each run the part of the pool's shares that has left, net, within a day of the fall and at worst, and the longest queue
/// as a part of the pool.
fn outflows(experiment: &Experiment) -> [Vec<f64>; 3] {
    let mut figures = [const { Vec::new() }; 3];
    for run in 0..RUNS {
        let tables = shipped::run(experiment, run, run);
        let shares = series(&tables, "eth_usd_shares");
        let least = |part: &[f64]| part.iter().copied().fold(f64::INFINITY, f64::min);
        let left = |hours: usize| 1.0 - least(&shares[FALL..FALL + hours]) / shares[FALL - 1];
        let queue = series(&tables, "eth_usd_gate_queue_share").into_iter().fold(0.0, f64::max);
        for (column, figure) in figures.iter_mut().zip([left(24), left(shares.len() - FALL), queue]) {
            column.push(figure);
        }
    }
    figures
}

/// Who has to wait can think better of it: less leaves in a day, and less in all. But where providers demand the more to stay
/// the longer the queue is, each who queues makes it longer, and there is a run on the gate.
#[test]
fn a_gate_makes_a_panic_slower_and_smaller_unless_it_is_feared() {
    let free = outflows(&panic(&[]));
    let gated = outflows(&panic(&[GATE]));
    assert_falls("what leaves in a day", &free[0], &gated[0]);
    assert_falls("what leaves in all", &free[1], &gated[1]);
    let fear = ["quick", "steady"].map(|who| format!("populations.{who}.gate_fear_per_year=0.1"));
    let feared = outflows(&panic(&[GATE, &fear[0], &fear[1]]));
    assert_rises("the longest queue", &gated[2], &feared[2]);
    assert_rises("what leaves in all", &gated[1], &feared[1]);
}

const INSURANCE: &str = "pools.eth_usd.liquidity.insurance=";
/// The quick ones would bind themselves for ten days to a fortnight, from before the fall until after it.
const BOUND: &str = "populations.quick.commitment_cycles=Uniform(low: 10, high: 14)";

/// The panic with providers who would commit what is insured.
fn insured(insurance: &str) -> Experiment {
    panic(&[BOUND, &format!("{INSURANCE}{insurance}")])
}

/// Where a fund can make good what they expect to lose, the quick bind themselves, and the fall finds them bound: less leaves in
/// a day and in three. That is a delay, and it takes a fund: what is promised by an empty one binds nobody.
#[test]
fn insured_liquidity_stays_longer() {
    let left = |experiment: &Experiment| {
        let mut figures = [const { Vec::new() }; 3];
        for run in 0..RUNS {
            let tables = shipped::run(experiment, run, run);
            let shares = series(&tables, "eth_usd_shares");
            let left = |hours: usize| {
                let least = shares[FALL..FALL + hours].iter().copied().fold(f64::INFINITY, f64::min);
                1.0 - least / shares[FALL - 1]
            };
            let committed = tables.series.real("eth_usd_committed_share").unwrap();
            let committed = committed[FALL - 1].unwrap_or(0.0);
            for (column, figure) in figures.iter_mut().zip([left(24), left(72), committed]) {
                column.push(figure);
            }
        }
        figures
    };
    let free = left(&panic(&[BOUND]));
    let bound = left(&insured("(initial_usd: 1000000, coverage: 1)"));
    assert_rises("what is committed when the price falls", &free[2], &bound[2]);
    assert_falls("what leaves in a day", &free[0], &bound[0]);
    assert_falls("what leaves in three days", &free[1], &bound[1]);
    let empty = left(&insured("(initial_usd: 0, coverage: 1)"));
    assert_eq!(empty, free, "nobody trusts an empty fund");
}

/// Who stayed to the end is paid what providing cost against holding: a fund that can pay pays all of it, and the committed are
/// richer by that than where the same commitments are promised nothing.
#[test]
fn the_committed_are_made_whole() {
    let outcome = |coverage: &str| {
        let experiment = insured(&format!("(initial_usd: 1000000, coverage: {coverage})"));
        let mut figures = [const { Vec::new() }; 3];
        for run in 0..RUNS {
            let tables = shipped::run(&experiment, run, run);
            let last = |name: &str| series(&tables, name).last().copied().unwrap();
            let profit = total(&tables, "quick", "pnl_usd");
            let figures_of = [profit, last("eth_usd_insurance_claimed"), last("eth_usd_insurance_paid")];
            for (column, figure) in figures.iter_mut().zip(figures_of) {
                column.push(figure);
            }
        }
        figures
    };
    let (bare, insured) = (outcome("0"), outcome("1"));
    assert!(bare[1].iter().all(|claimed| *claimed == 0.0));
    assert_rises("claims", &bare[1], &insured[1]);
    assert_eq!(insured[1], insured[2], "all that is claimed is paid");
    assert_rises("what the quick earn", &bare[0], &insured[0]);
    let more: f64 = insured[0].iter().zip(&bare[0]).map(|(insured, bare)| insured - bare).sum();
    let paid: f64 = insured[2].iter().sum();
    println!("{:.3} of what was paid is what they are richer by", more / paid);
    assert!((more / paid - 1.0).abs() < 0.05, "{more} of {paid}");
}
