//! People in the token's market: investors who disagree, traders at random, providers of liquidity.

use std::path::Path;

use ballast::experiment::config::Experiment;
use ballast::experiment::world;
use ballast::protocol::governance::Purpose;
use ballast::quantity::{Amount, Tick};
use ballast::record::recorder::Recorder;
use ballast::world::ledger::Ledger;
use ballast::world::oracle::Oracle;
use ballast::world::phase::run_tick;

use crate::common::{market, read};
use crate::place::{GOV, Place, SUPPLY, UNIT};

fn shipped(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("agents").join(format!("{name}.ron"));
    std::fs::read_to_string(path).unwrap()
}

/// A market of a hundred investors who believe in `worth` times the first price, and thirty days of it. The foundation keeps
/// the liquidity that it founded the pool with: shares that are given away leave a pool as volatile as this one almost empty.
fn experiment(seed: u64, worth: f64) -> Experiment {
    let agent =
        |name: &str, count, agent: &str| format!("(profile: \"{name}\", count: {count}, agent: {agent}),\n");
    let investor =
        shipped("token_investor").replace("median: 1, sigma: 0.5", &format!("median: {worth}, sigma: 0.5"));
    let noise = shipped("noise_trader").replace("fETH", "GOV").replace("feth_usd", "gov_usd");
    let provider = shipped("lp_mercenary");
    let holdings = provider.lines().find(|line| line.trim_start().starts_with("holdings:")).unwrap();
    let provider = provider
        .replace(holdings, "        holdings: {\"USD\": 0.5, \"GOV\": 0.5},")
        .replace("pool: \"feth_usd\"", "pool: \"gov_usd\"");
    read(&format!(
        "(
            name: \"people\", seed: {seed}, horizon_days: 30,
            price: Gbm(assets: [(symbol: \"ETH\", initial_usd: 2000, volatility: 0.8)]),
            governance: (initial_price_usd: 0.02, allocation: (
                foundation: 0.05, distributed: 0.15, community: 0.5,
                insiders: (share: 0.3, population: \"token_investor\", vesting_days: 1460),
            )),
            pools: [(name: \"gov_usd\", base: \"GOV\", fee_bps: 30, initial_value_usd: 800000)],
            populations: [{}{}{}],
        )",
        agent("token_investor", 100, &investor),
        agent("noise_trader", 40, &noise),
        agent("lp_mercenary", 10, &provider),
    ))
}

fn live(experiment: &Experiment, shuffle: Option<u64>, mut each: impl FnMut(&mut Place)) -> Place {
    let world = world::build(experiment, &market(experiment, 0), 0, shuffle).unwrap();
    let mut place = Place { world, tick: 0 };
    for tick in 0..=experiment.horizon_ticks() {
        run_tick(&mut place.world, Tick(tick));
        each(&mut place);
    }
    place.world.resource_mut::<Ledger>().audit(true).unwrap();
    place
}

/// The market finds a price among the beliefs: the lower, the more of the wealth is in tokens and the less in cash.
#[test]
fn the_price_goes_where_investors_believe_it_belongs() {
    let price = |worth| live(&experiment(1, worth), None, |_| {}).price() / 0.02;
    let beliefs = [0.4, 1.0, 3.0];
    let prices = beliefs.map(price);
    println!("price over the first where the median belief is 0.4, 1 and 3: {prices:.3?}");
    assert!(prices.is_sorted(), "{prices:?}");
    for (price, belief) in prices.iter().zip(beliefs) {
        // Within two standard deviations of the beliefs.
        assert!((belief * (-1.0_f64).exp()..belief * 1.0_f64.exp()).contains(price), "{price} of {belief}");
    }
}

/// Traders and providers of liquidity work with a coin that has no price outside, and everybody is valued.
#[test]
fn traders_and_providers_use_a_pool_of_the_token() {
    let opening = live(&Experiment { horizon_days: 0.04, ..experiment(2, 1.0) }, None, |_| {});
    let place = live(&experiment(2, 1.0), None, |_| {});
    for population in ["noise_trader", "token_investor"] {
        let moved =
            opening.held_by(population, GOV).iter().zip(&place.held_by(population, GOV)).any(|(a, b)| a != b);
        assert!(moved, "{population} did nothing");
    }
    let pool = &place.venues().pools()[0];
    assert!(pool.record.volume_quote > 10_000.0, "{}", pool.record.volume_quote);
    let shares = place.held_by("lp_mercenary", pool.shares);
    assert_ne!(opening.held_by("lp_mercenary", pool.shares), shares, "nobody moved liquidity");
    assert!(place.value() > 0.0);
}

/// The same people, markets and draws, and one vote between the worlds: more tokens bring more cash, but less each, and leave
/// a lower price; a buy-back leaves a higher one.
#[test]
fn sales_and_buy_backs_move_a_living_market_as_they_must() {
    for seed in 1..=8 {
        let with = |tokens: i64, dollars: i64| {
            let mut seen = 0.0;
            let place = live(&experiment(seed, 1.0), None, |place| {
                if place.tick == 0 && tokens > 0 {
                    place.sell(tokens, Purpose::Reserve, 240.0);
                }
                if place.tick == 0 && dollars > 0 {
                    place.bring_dollars(place.accounts().reserve, dollars);
                    place.buy_back(dollars, 240.0);
                }
                place.tick += 1;
                seen = if place.tick == 240 { place.price() } else { seen };
            });
            let raised = place.events("sale").last().map_or(0.0, |note| note.value.unwrap());
            assert_eq!(place.token().dilution_share(), Some(tokens as f64 / 1e9));
            (raised, seen)
        };
        let (calm, small, large, bought) =
            (with(0, 0), with(20_000_000, 0), with(100_000_000, 0), with(0, 100_000));
        let each = |raised: f64, tokens: f64| raised / tokens;
        println!(
            "seed {seed}: price after ten days {:.5}, with 20 million sold {:.5} for {:.0} usd, with 100 million {:.5} \
             for {:.0} usd, with 100,000 usd of buy-backs {:.5}",
            calm.1, small.1, small.0, large.1, large.0, bought.1
        );
        assert!(small.0 < large.0, "seed {seed}: more tokens bring more cash");
        assert!(each(small.0, 20e6) > each(large.0, 100e6), "seed {seed}: and less each");
        assert!(calm.1 > small.1 && small.1 > large.1, "seed {seed}: and a lower price");
        assert!(bought.1 > calm.1, "seed {seed}: a buy-back raises the price");
    }
}

/// Whatever the order of systems: the same atoms everywhere.
#[test]
fn the_order_of_systems_does_not_matter() {
    let end = |shuffle| {
        let place = live(&Experiment { horizon_days: 10.0, ..experiment(3, 1.0) }, shuffle, |place| {
            if place.tick == 0 {
                place.sell(30_000_000, Purpose::Reserve, 100.0);
                place.buy_back(5_000, 200.0);
            }
            place.tick += 1;
        });
        let ledger = place.ledger();
        let assets: Vec<_> = ledger.assets().map(|(asset, _)| asset).collect();
        assets
            .into_iter()
            .flat_map(|asset| ledger.holdings(asset).map(|(_, amount)| amount).collect::<Vec<Amount>>())
            .collect::<Vec<Amount>>()
    };
    let plain = end(None);
    for shuffle in 1..4 {
        assert_eq!(end(Some(shuffle)), plain, "shuffled by {shuffle}");
    }
}

/// Every metric of the token is there and says what the books say.
#[test]
fn the_metrics_are_those_of_the_books() {
    let mut place = live(&Experiment { horizon_days: 2.0, ..experiment(1, 1.0) }, None, |place| {
        if place.tick == 0 {
            place.sell(1_000_000, Purpose::Reserve, 96.0);
        }
        place.tick += 1;
    });
    let table = place.world.resource_mut::<Recorder>().take_series(0, 0, 3_600).unwrap();
    let last = |name: &str| table.real(name).unwrap().last().copied().flatten().unwrap_or(f64::NAN);
    let record = place.token().record;
    assert_eq!(last("token_supply"), (SUPPLY / UNIT + 1_000_000) as f64);
    assert_eq!(last("issued_tokens"), 1e6);
    assert_eq!(last("dilution_share"), 0.001);
    assert_eq!(last("burned_tokens"), 0.0);
    assert_eq!(last("sale_left_tokens"), record.sale_left().atoms() as f64 / UNIT as f64);
    assert_eq!(last("token_community"), 5e8);
    let kept =
        ["token_community", "token_foundation", "token_unvested", "sale_left_tokens", "token_circulating"];
    let sum: f64 = kept.map(last).iter().sum();
    assert!((sum - last("token_supply")).abs() < 1e-3, "{sum}");
    assert_eq!(last("token_price"), place.price());
    assert!(
        (last("token_market_cap") / (last("token_price") * last("token_circulating")) - 1.0).abs() < 1e-12
    );
    assert_eq!(last("reserve_usd"), place.reserve() as f64 / UNIT as f64);
    assert!(last("reserve_over_target").is_nan());
    assert!(place.world.resource::<Oracle>().dollar_token() == 1.0);
}
