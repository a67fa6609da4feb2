//! Tokens issued by vote and sold: into the reserve, and for the treasury.

use ballast::experiment::config::Experiment;
use ballast::protocol::governance::Purpose;
use ballast::quantity::Amount;
use ballast::venue::Refusal;
use ballast::venue::issuance::{IssuanceRefusal, SaleOrder};
use ballast::world::ledger::AccountId;
use ballast::world::oracle::{Oracle, OracleSettings};

use crate::common::read;
use crate::place::{GOV, POOL, PUBLISHED, Place, SUPPLY, UNIT, USD, experiment};

/// Without a fee, so that figures can be checked by hand.
fn free(rest: &str) -> Experiment {
    experiment(PUBLISHED, &POOL.replace("fee_bps: 30", "fee_bps: 0"), rest)
}

fn run(place: &mut Place, hours: u32) {
    (0..hours).for_each(|_| place.skip(1));
}

/// 20 million tokens against 400,000 dollars: as many again bring half of the dollars, and the price falls to a quarter.
#[test]
fn a_sale_walks_down_the_curve_of_its_pool() {
    let mut place = Place::new(&free(""));
    place.sell(20_000_000, Purpose::Reserve, 10.0);
    assert_eq!(place.ledger().supply(GOV).atoms(), SUPPLY + 20_000_000 * UNIT);
    assert_eq!(place.held(place.accounts().issuance, GOV), 20_000_000 * UNIT);
    let circulating = place.token().circulating(place.ledger(), &[]);
    run(&mut place, 1);
    // A tenth of it: 400,000 x 2 / 22.
    assert!((place.reserve() - 400_000 * UNIT * 2 / 22).abs() < 100, "{}", place.reserve());
    assert_eq!(place.held(place.accounts().issuance, GOV), 18_000_000 * UNIT);
    run(&mut place, 9);
    assert!((place.reserve() - 200_000 * UNIT).abs() < 100, "{}", place.reserve());
    assert!((place.price() / 0.02 - 0.25).abs() < 1e-6);
    assert_eq!(place.token().dilution_share(), Some(0.02));
    let more = place.token().circulating(place.ledger(), &[]).atoms() - circulating.atoms();
    assert_eq!(more, 20_000_000 * UNIT, "what is sold circulates");
    let record = place.token().record;
    assert_eq!((record.sale, record.burned_unsold), (None, Amount::ZERO));
    let told: Vec<(&str, f64)> =
        place.events("sale").iter().map(|note| (note.detail.as_str(), note.value.unwrap())).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(told[0], ("begins: up to 20000000 tokens over 10 h", 0.0));
    assert!(told[1].0.starts_with("ends, sold out: 20000000 tokens sold for 200000.00 usd"), "{told:?}");
    assert_eq!(place.events("issuance")[0].value, Some(20_000_000.0));
}

/// The sale stops when the hole is filled, to the cent, and what is left is burned: nobody is diluted by it.
#[test]
fn a_sale_ends_when_the_reserve_is_at_its_target() {
    let mut place = Place::new(&free("reserve: (initial: {\"USD\": 40000}, target_usd: 140000)"));
    assert_eq!(place.reserve(), 40_000 * UNIT);
    place.sell(20_000_000, Purpose::Reserve, 10.0);
    run(&mut place, 10);
    let above = place.reserve() - 140_000 * UNIT;
    assert!((0..=UNIT / 100).contains(&above), "{above}");
    // 100,000 dollars out of 400,000 cost 20 x 100 / 300 million tokens.
    let sold = place.token().record.issued.atoms() - place.token().record.burned_unsold.atoms();
    assert!((sold as f64 / UNIT as f64 - 20e6 / 3.0).abs() < 1.0, "{sold}");
    assert_eq!(place.ledger().supply(GOV).atoms(), SUPPLY + sold);
    assert_eq!(place.held(place.accounts().issuance, GOV), 0);
    assert!((place.token().dilution_share().unwrap() - 0.02 / 3.0).abs() < 1e-8);
    assert!(place.events("sale")[1].detail.starts_with("ends, filled: "));
    // There is nothing to fill any more: all of the next one is burned before anything is sold.
    place.sell(1_000_000, Purpose::Reserve, 10.0);
    run(&mut place, 1);
    assert_eq!(place.ledger().supply(GOV).atoms(), SUPPLY + sold);
    assert!((place.token().dilution_share().unwrap() - 0.02 / 3.0).abs() < 1e-8);
}

#[test]
fn nothing_is_sold_below_the_least_price() {
    for pool in
        [POOL, "(name: \"gov_usd\", base: \"USD\", quote: \"GOV\", fee_bps: 30, initial_value_usd: 800000)"]
    {
        let mut place = Place::new(&experiment(PUBLISHED, pool, ""));
        let tokens = Amount::from_atoms(40_000_000 * UNIT);
        let order =
            SaleOrder { tokens, purpose: Purpose::Reserve, over_hours: 8.0, least_price_usd: Some(0.01) };
        place.act(|venues, deal| venues.start_sale(deal, order)).unwrap();
        run(&mut place, 7);
        assert!((place.price() / 0.01 - 1.0).abs() < 1e-6, "{}", place.price());
        assert!(place.token().record.sale.is_some());
        run(&mut place, 1);
        let burned = place.token().record.burned_unsold;
        // Down to half the price: the pool takes 20 x (sqrt 2 - 1) million tokens, and the fee.
        let sold = (tokens.atoms() - burned.atoms()) as f64 / UNIT as f64;
        assert!((8.2e6..8.4e6).contains(&sold), "{sold}");
        assert!(place.events("sale")[1].detail.starts_with("ends, out of time: "));
    }
}

/// A pool against another coin of the outside market: the proceeds are changed there.
#[test]
fn a_sale_against_another_coin_brings_dollars_all_the_same() {
    let pool = "(name: \"gov_usd\", base: \"GOV\", quote: \"ETH\", fee_bps: 0, initial_value_usd: 800000)";
    let mut place = Place::new(&experiment(PUBLISHED, pool, "reserve: (target_usd: 100000)"));
    place.sell(20_000_000, Purpose::Reserve, 5.0);
    run(&mut place, 5);
    let above = place.reserve() - 100_000 * UNIT;
    assert!((-UNIT / 100..=UNIT / 100).contains(&above), "{above}");
    assert_eq!(place.token().record.sale, None);
}

#[test]
fn what_cannot_be_sold_is_refused_and_leaves_no_trace() {
    let mut place = Place::new(&free(""));
    let good = SaleOrder {
        tokens: Amount::from_atoms(5),
        purpose: Purpose::Reserve,
        over_hours: 2.0,
        least_price_usd: None,
    };
    let before = place.snapshot();
    let nothing = Amount::ZERO;
    for (order, why) in [
        (SaleOrder { tokens: nothing, ..good }, IssuanceRefusal::Nothing { found: nothing }),
        (SaleOrder { over_hours: -1.0, ..good }, IssuanceRefusal::Hours { found: -1.0 }),
        (SaleOrder { least_price_usd: Some(0.0), ..good }, IssuanceRefusal::Price { found: 0.0 }),
    ] {
        assert_eq!(place.act(|venues, deal| venues.start_sale(deal, order)), Err(why.into()));
    }
    let for_treasury = SaleOrder { purpose: Purpose::Recapitalise, ..good };
    let refused = place.act(|venues, deal| venues.start_sale(deal, for_treasury));
    assert_eq!(refused, Err(Refusal::NoTreasury));
    let too_many = SaleOrder { tokens: Amount::MAX, ..good };
    assert!(place.act(|venues, deal| venues.start_sale(deal, too_many)).is_err());
    // Part of a transaction whose other part fails.
    let undone = place.act(|venues, deal| {
        venues.start_sale(deal, good)?;
        venues.start_buy_back(deal, Amount::from_atoms(7), 1.0)?;
        venues.start_sale(deal, good)
    });
    assert_eq!(undone, Err(IssuanceRefusal::GoesOn { seconds_left: 7_200 }.into()));
    assert_eq!(place.snapshot(), before);
    let eth = POOL.replace("GOV", "ETH");
    let mut place = Place::new(&experiment(PUBLISHED, &eth, ""));
    assert_eq!(
        place.act(|venues, deal| venues.start_sale(deal, good)),
        Err(IssuanceRefusal::NoMarket.into())
    );
}

/// More tokens bring more cash, each of them less: price impact is real, and so is what it does to the price.
#[test]
fn a_larger_sale_raises_more_at_a_lower_price() {
    let mut last: Option<[f64; 4]> = None;
    for tokens in [1_000_000, 5_000_000, 20_000_000, 80_000_000] {
        let mut place = Place::new(&experiment(PUBLISHED, POOL, ""));
        place.sell(tokens, Purpose::Reserve, 24.0);
        run(&mut place, 24);
        let raised = place.reserve() as f64 / UNIT as f64;
        let now = [raised, -raised / tokens as f64, -place.price(), place.token().dilution_share().unwrap()];
        assert!((now[3] - tokens as f64 / 1e9).abs() < 1e-15);
        if let Some(last) = last {
            assert!(now.iter().zip(&last).all(|(now, then)| now > then), "{now:?} after {last:?}");
        }
        last = Some(now);
    }
}

/// What a proposer is told brings what was asked for, fee and impact included.
#[test]
fn a_quote_says_how_many_tokens_bring_so_many_dollars() {
    let mut place = Place::new(&experiment(PUBLISHED, POOL, ""));
    let oracle = place.world.resource::<Oracle>();
    let tokens = place.venues().quote_sale(place.ledger(), oracle, 150_000.0).unwrap();
    assert_eq!(
        place.venues().quote_sale(place.ledger(), oracle, 500_000.0),
        None,
        "more than the pool holds"
    );
    place.sell(tokens.ceil() as i64, Purpose::Reserve, 0.0);
    run(&mut place, 1);
    assert!((place.reserve() as f64 / UNIT as f64 - 150_000.0).abs() < 0.1, "{}", place.reserve());
}

/// A treasury of 1,000 ETH at 2,000 dollars and a ratio of 1.2, at another price of ETH.
fn fallen(way: &str, target: f64, quote: &str, budget: f64, eth_usd: f64) -> Place {
    let config = format!(
        "(
            name: \"fallen\", horizon_days: 100, exchange: (half_spread_bps: 2, impact_bps: 100),
            price: Gbm(assets: [(symbol: \"ETH\", initial_usd: 2000, volatility: 0)]),
            fx: (
                profile: WhitepaperV1, under_collateral: BetaOne, initial_collateral: 1000, initial_collateral_ratio: 1.2,
                recapitalisation: (budget: {budget}, way: {way}, target_ratio: {target}),
            ),
            governance: (initial_price_usd: 0.02, allocation: (foundation: 0.5, distributed: 0.5)),
            pools: [
                (name: \"gov\", base: \"GOV\", quote: \"{quote}\", fee_bps: 30, initial_value_usd: 8000000),
                (name: \"feth_usd\", base: \"fETH\", fee_bps: 30, initial_value_usd: 1000000),
            ],
            populations: [(profile: \"noise_trader\", count: 5, agent: NoiseTrader(
                activity_per_day: 0, pool: \"gov\", largest_trade_share: 0,
                endowment: (wealth_usd: 100000, holdings: {{\"GOV\": 0.5, \"USD\": 0.5}}),
            ))],
        )"
    );
    let mut place = Place::new(&read(&config));
    place.world.insert_resource(Oracle::new(OracleSettings::default(), &[eth_usd]));
    place
}

fn ratio(place: &Place) -> f64 {
    let world = &place.world;
    let treasury = place.venues().treasury.as_ref().unwrap();
    treasury.valuation(place.ledger(), world.resource(), world.resource()).unwrap().collateral_ratio()
}

/// Recapitalisation by a voted sale: nothing before the vote, then up to the target, also beyond the end of the worst mode.
///
/// Buying and redeeming fETH helps only above water: at a ratio of one a redemption at NAV leaves the ratio where it is.
#[test]
fn a_sale_for_the_treasury_lifts_it_to_its_target_and_no_further() {
    for (way, target, eth_usd) in [("MintXeth", 1.1, 1_600.0), ("BuyFeth", 1.08, 1_750.0)] {
        for quote in ["USD", "ETH"] {
            let what = format!("{way} {quote}");
            let mut place = fallen(way, target, quote, 0.0, eth_usd);
            run(&mut place, 3);
            let before = ratio(&place);
            assert!(before < if way == "MintXeth" { 1.0 } else { 1.07 }, "{before}");
            place.sell(400_000_000, Purpose::Recapitalise, 48.0);
            let mut last = before;
            for hour in 0..48 {
                place.skip(1);
                let now = ratio(&place);
                assert!(now >= last - 1e-9, "{what}, hour {hour}: {last} -> {now}");
                last = now;
                if place.token().record.sale.is_none() {
                    break;
                }
            }
            // With nobody to refill the pool of fETH it asks more than NAV, and each hour fills a part of what is missing.
            let short = if way == "MintXeth" { 1e-6 } else { 1e-3 };
            assert!((target - short..target + 1e-3).contains(&last), "{what}: {last}");
            let ended = &place.events("sale")[1].detail;
            assert!(way == "BuyFeth" || ended.starts_with("ends, filled: "), "{what}: {ended}");
            assert!(place.token().record.burned_unsold.is_positive());
            assert_eq!(place.held(place.accounts().issuance, GOV), 0);
            assert_eq!(place.held(place.accounts().issuance, USD), 0);
            let treasury = place.venues().treasury.as_ref().unwrap();
            let (used, raised) =
                (treasury.record.recapitalised * eth_usd, place.events("sale")[1].value.unwrap());
            println!("{what}: ratio {before:.4} -> {last:.5}, raised {raised:.0} usd, used {used:.0}");
            if way == "MintXeth" {
                assert!((0.999..=1.0).contains(&(used / raised)), "what is raised goes into the treasury");
            }
        }
    }
}

/// The budget that was configured and the proceeds of a sale are the same money: the sale brings what the budget lacks.
#[test]
fn a_sale_adds_to_the_budget_that_there_was() {
    let raised = |budget: f64| {
        let mut place = fallen("MintXeth", 1.1, "USD", budget, 1_600.0);
        place.sell(400_000_000, Purpose::Recapitalise, 4.0);
        run(&mut place, 12);
        assert!((ratio(&place) - 1.1).abs() < 1e-4, "budget {budget}: {}", ratio(&place));
        place.events("sale")[1].value.unwrap()
    };
    let (without, with) = (raised(0.0), raised(20.0));
    assert!((without - with - 20.0 * 1_600.0).abs() < 200.0, "{without} without a budget, {with} with it");
}

#[test]
fn a_sale_for_a_treasury_that_nobody_recapitalises_is_burned() {
    let mut config = read(&format!(
        "(name: \"idle\", horizon_days: 1, price: Gbm(assets: [(symbol: \"ETH\", initial_usd: 2000, volatility: 0)]),
          fx: (profile: Deployed2023, initial_collateral: 1000),
          governance: (initial_price_usd: 0.02, allocation: (foundation: 1, distributed: 0)),
          pools: [{POOL}])"
    ));
    config.populations.clear();
    let mut place = Place::new(&config);
    let tokens = Amount::from_atoms(9);
    let order = SaleOrder { tokens, purpose: Purpose::Recapitalise, over_hours: 5.0, least_price_usd: None };
    place.act(|venues, deal| venues.start_sale(deal, order)).unwrap();
    place.skip(1);
    assert_eq!(place.token().record.burned_unsold, tokens);
    let gov = place.ledger().find("GOV").unwrap();
    assert_eq!(place.held(AccountId(1), gov) + 20_000_000 * UNIT, SUPPLY);
}
