//! Arbitrageurs and keepers in whole worlds, through the public face.

#![allow(clippy::unwrap_used, reason = "a world that cannot be set up is a failed test")]

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ballast::agents::roster::Profile;
use ballast::experiment::config::Experiment;
use ballast::experiment::run::{RunSettings, RunTables, run_once};
use ballast::experiment::world::build;
use ballast::price::MarketPath;
use ballast::quantity::Tick;
use ballast::record::table::Cells;
use ballast::venue::Venues;
use ballast::venue::execute::Receipts;
use ballast::venue::pool::PoolId;
use ballast::world::ledger::Ledger;
use ballast::world::oracle::Oracle;
use ballast::world::phase::run_tick;
use ballast::world::streams::Streams;
use proptest::prelude::*;
use ron::extensions::Extensions;

fn read<T: serde::de::DeserializeOwned>(text: &str) -> T {
    let options = ron::Options::default()
        .with_default_extension(Extensions::IMPLICIT_SOME | Extensions::UNWRAP_VARIANT_NEWTYPES);
    options.from_str(text).unwrap()
}

const FEE: f64 = 0.003;
const HALF_SPREAD: f64 = 0.0002;

/// One ETH/USD pool of two million dollars, noise in it, and `bots`.
fn experiment(gas_usd: f64, bots: &str) -> Experiment {
    read(&format!(
        r#"(
            name: "bots",
            horizon_days: 60,
            price: Gbm(assets: [(symbol: "ETH", initial_usd: 2000, volatility: 0.9)]),
            exchange: (half_spread_bps: 2, hourly_depth_usd: 50e6, impact_bps: 0),
            network: (gas_usd_per_action: {gas_usd}),
            pools: [(name: "eth_usd", base: "ETH", fee_bps: 30, initial_value_usd: 2e6)],
            populations: [
                (profile: "noise", count: 20, agent: NoiseTrader(
                    activity_per_day: 4,
                    endowment: (wealth_usd: 50000, holdings: {{ "USD": 0.5, "ETH": 0.5 }}),
                    pool: "eth_usd",
                    largest_trade_share: 0.3,
                )),
                {bots}
            ],
        )"#
    ))
}

fn bot(name: &str, count: u32, fields: &str) -> String {
    format!(
        r#"(profile: "{name}", count: {count}, agent: Arbitrageur(
            endowment: (wealth_usd: 5e6, holdings: {{ "USD": 1.0 }}), max_trade_share: 1, {fields}
        )),"#
    )
}

fn path(experiment: &Experiment, run: u32) -> Arc<MarketPath> {
    let streams = Streams::of_run(experiment.seed, run);
    let ticks = experiment.horizon_ticks();
    let path = experiment.price.generate(ticks, experiment.tick_seconds(), &streams, ".".as_ref());
    Arc::new(path.unwrap())
}

fn run(experiment: &Experiment) -> RunTables {
    let stop = AtomicBool::new(false);
    let path = path(experiment, 0);
    let settings = RunSettings { path, run: 0, number: 0, start_unix_seconds: 0, stop: &stop, shuffle: None };
    run_once(experiment, &settings, || ()).unwrap()
}

/// The mean of a column of the `agents` table over the population `kind`.
fn mean(tables: &RunTables, kind: &str, column: &str) -> f64 {
    let cells = |name: &str| &tables.agents.column(name).unwrap().cells;
    let (Cells::Text(kinds), Cells::Real(values)) = (cells("kind"), cells(column)) else { panic!() };
    let of_kind = kinds.iter().zip(values).filter(|(found, _)| found.as_deref() == Some(kind));
    let values: Vec<f64> = of_kind.map(|(_, value)| value.unwrap()).collect();
    values.iter().sum::<f64>() / values.len() as f64
}

/// With no gas and no minimum a rich bot leaves nothing that pays: the pool ends every tick inside fee and half-spread.
#[test]
fn one_arbitrageur_keeps_the_pool_inside_the_fee_band() {
    let fields = "alertness: 1, min_profit_usd: 0, bid_share: 0";
    let experiment = experiment(0.0, &bot("arbitrageur", 1, fields));
    let without = self::experiment(0.0, "");
    let path = path(&experiment, 0);
    let mut widest = [0.0_f64; 2];
    for (widest, experiment) in widest.iter_mut().zip([&experiment, &without]) {
        let mut world = build(experiment, &path, 0, None).unwrap();
        for tick in 0..=experiment.horizon_ticks() {
            run_tick(&mut world, Tick(tick));
            let pool = world.resource::<Venues>().pool(PoolId(0));
            let price = pool.price(world.resource::<Ledger>()).unwrap();
            let off = price / world.resource::<Oracle>().spot(0) - 1.0;
            *widest = widest.max(off.abs());
        }
    }
    let band = 1.0 / ((1.0 - FEE) * (1.0 - HALF_SPREAD)) - 1.0;
    // The fee that stays in the pool moves its price a little further back in: the edge itself is never passed.
    assert!(widest[0] <= band + 1e-6, "{} is outside {band}", widest[0]);
    assert!(widest[0] > 0.9 * band, "{}: the band is used", widest[0]);
    assert!(widest[1] > 10.0 * band, "{}: without the bot the pool drifts away", widest[1]);
}

#[test]
fn arbitrageurs_do_not_lose_and_the_highest_bidder_is_served_first() {
    let bots = bot("bold", 3, "alertness: 1, min_profit_usd: 1, bid_share: Uniform(low: 0.6, high: 0.8)")
        + &bot("shy", 3, "alertness: 1, min_profit_usd: 1, bid_share: Uniform(low: 0.1, high: 0.3)");
    let tables = run(&experiment(2.0, &bots));
    let earned = |kind: &str| mean(&tables, kind, "pnl_trading_usd");
    for kind in ["bold", "shy"] {
        let (trading, gas) = (earned(kind), mean(&tables, kind, "pnl_gas_usd"));
        assert!(trading >= 0.0 && gas <= 0.0, "{kind}: {trading} {gas}");
        assert!(trading + gas >= 0.0, "{kind}: every trade pays for its own gas: {trading} {gas}");
    }
    assert!(earned("bold") > 100.0 && earned("bold") > 10.0 * earned("shy"), "{}", earned("shy"));
}

#[test]
fn losers_of_the_race_are_refused_and_pay_nothing() {
    let one = "alertness: 1, min_profit_usd: 1, bid_share: 0.5";
    let experiment = experiment(2.0, &(bot("first", 1, one) + &bot("second", 1, one)));
    let path = path(&experiment, 0);
    let mut world = build(&experiment, &path, 0, None).unwrap();
    for tick in 0..200 {
        run_tick(&mut world, Tick(tick));
    }
    let receipts = world.resource::<Receipts>();
    assert!(receipts.refused() > 20, "{}", receipts.refused());
    let tables = run(&experiment);
    for kind in ["first", "second"] {
        assert!(mean(&tables, kind, "pnl_trading_usd") + mean(&tables, kind, "pnl_gas_usd") >= 0.0);
    }
}

/// A slow bot leaves more of the gap for longer than one that is always awake.
#[test]
fn the_less_alert_the_wider_the_gap() {
    let mean_gap = |alertness: &str| {
        let fields = format!("alertness: {alertness}, min_profit_usd: 1, bid_share: 0");
        let experiment = experiment(1.0, &bot("arbitrageur", 1, &fields));
        let path = path(&experiment, 0);
        let mut world = build(&experiment, &path, 0, None).unwrap();
        let mut sum = 0.0;
        for tick in 0..=experiment.horizon_ticks() {
            run_tick(&mut world, Tick(tick));
            let price = world.resource::<Venues>().pool(PoolId(0)).price(world.resource::<Ledger>()).unwrap();
            sum += (price / world.resource::<Oracle>().spot(0) - 1.0).abs();
        }
        sum / f64::from(experiment.horizon_ticks() + 1)
    };
    let gaps = ["1.0", "0.2", "0.02"].map(mean_gap);
    assert!(gaps[0] < gaps[1] && gaps[1] < gaps[2], "{gaps:?}");
}

/// Inventory that has drifted is brought back, once, to within tolerance.
#[test]
fn the_mix_is_brought_back() {
    let fields = r#"alertness: 1, min_profit_usd: 1, bid_share: 0,
        target_mix: { "USD": 0.5, "ETH": 0.5 }, mix_tolerance: 0.1"#;
    let tables = run(&experiment(1.0, &bot("arbitrageur", 1, fields)));
    let held = [mean(&tables, "arbitrageur", "holds_usd"), mean(&tables, "arbitrageur", "equity_usd")];
    let share = held[0] / held[1];
    assert!((share - 0.5).abs() <= 0.1 + 1e-3, "{share}");
}

#[test]
fn shipped_profiles_are_sound() {
    for (file, kind) in
        [("arbitrageur", "arbitrageur"), ("arbitrageur_slow", "arbitrageur"), ("keeper", "keeper")]
    {
        let text = std::fs::read_to_string(format!("agents/{file}.ron")).unwrap();
        let profile: Profile = read(&text);
        assert_eq!(profile.kind(), kind);
        assert_eq!(profile.problems(), [], "{file}");
    }
}

#[test]
fn mistakes_in_a_profile_are_named() {
    let text = std::fs::read_to_string("agents/arbitrageur.ron").unwrap();
    let wrong = text
        .replace("alertness: 1.0", "alertness: 1.5")
        .replace("trades_per_block: 3", "trades_per_block: 9")
        .replace(r#"target_mix: { "USD": 0.6"#, r#"target_mix: { "USD": 0.7"#);
    let fields: Vec<String> =
        read::<Profile>(&wrong).problems().into_iter().map(|problem| problem.field).collect();
    assert_eq!(fields, ["alertness", "trades_per_block", "target_mix"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]
    /// Whatever the bots are like: as a group they do not lose to fees, and the books balance.
    #[test]
    fn no_crowd_of_bots_loses(
        seed in any::<u64>(), count in 1_u32..5, alertness in 0.05..=1.0_f64, share in 0.01..=1.0_f64,
        bid_share in 0.0..=1.0_f64, gas in 0.0..20.0_f64,
    ) {
        let fields = format!("alertness: {alertness}, min_profit_usd: 0.01, bid_share: {bid_share}");
        let crowd = bot("crowd", count, &fields).replace("max_trade_share: 1", &format!("max_trade_share: {share}"));
        let experiment = Experiment { seed, horizon_days: 15.0, ..experiment(gas, &crowd) };
        let tables = run(&experiment);
        let earned = mean(&tables, "crowd", "pnl_trading_usd") + mean(&tables, "crowd", "pnl_gas_usd");
        prop_assert!(earned >= 0.0, "{}", earned);
    }
}
