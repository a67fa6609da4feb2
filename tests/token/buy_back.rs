//! Tokens bought back with what the reserve has to spare.

use ballast::protocol::governance::Purpose;
use ballast::quantity::Amount;
use ballast::venue::issuance::IssuanceRefusal;

use crate::place::{GOV, POOL, PUBLISHED, Place, SUPPLY, UNIT, experiment};

fn rich(target: &str) -> Place {
    let reserve = format!("reserve: (initial: {{\"USD\": 500000}}{target})");
    Place::new(&experiment(PUBLISHED, POOL, &reserve))
}

fn run(place: &mut Place, hours: u32) {
    (0..hours).for_each(|_| place.skip(1));
}

/// 20 million tokens against 400,000 dollars: 200,000 dollars less the fee buy a third of the tokens.
#[test]
fn a_buy_back_raises_the_price_and_burns_what_it_buys() {
    let mut place = rich("");
    place.buy_back(200_000, 10.0);
    run(&mut place, 10);
    assert_eq!(place.reserve(), 300_000 * UNIT);
    let bought = place.token().record.bought_back;
    let net = 200_000.0 * 0.997;
    let expected = 20e6 * net / (400_000.0 + net);
    // In ten slices, of whose fees the later ones find a part in the pool.
    assert!((bought.atoms() as f64 / UNIT as f64 / expected - 1.0).abs() < 1e-3, "{bought} of {expected}");
    assert_eq!(place.ledger().supply(GOV).atoms(), SUPPLY - bought.atoms());
    assert!((place.price() / 0.02 - 2.25).abs() < 0.01, "{}", place.price());
    assert_eq!(place.token().dilution_share(), Some(0.0));
    assert_eq!(place.token().record.burned(), bought);
    assert_eq!(place.token().record.buy_back, None);
    assert_eq!(place.held(place.accounts().issuance, GOV), 0);
    let told: Vec<_> = place.events("buy_back").iter().map(|note| note.value.unwrap()).collect();
    assert_eq!(told, [0.0, 200_000.0]);
}

#[test]
fn a_larger_buy_back_raises_the_price_more() {
    let price = |dollars: i64| {
        let mut place = rich("");
        place.buy_back(dollars, 24.0);
        run(&mut place, 24);
        place.price()
    };
    let prices = [1_000, 10_000, 100_000, 400_000].map(price);
    assert!(prices[0] > 0.02 && prices.is_sorted(), "{prices:?}");
}

#[test]
fn the_reserve_keeps_its_target() {
    let mut place = rich(", target_usd: 450000");
    place.buy_back(200_000, 4.0);
    run(&mut place, 1);
    assert_eq!(place.reserve(), 450_000 * UNIT);
    run(&mut place, 2);
    assert_eq!(place.reserve(), 450_000 * UNIT);
    // The time is not over: what comes in now is spent as well.
    place.bring_dollars(place.accounts().reserve, 1_000);
    run(&mut place, 1);
    assert_eq!(place.reserve(), 450_000 * UNIT);
    assert_eq!(place.token().record.buy_back, None);
    assert_eq!(place.events("buy_back")[1].value, Some(51_000.0));
}

#[test]
fn one_buy_back_at_a_time_and_only_of_something() {
    let mut place = rich("");
    let nothing = Amount::ZERO;
    let refused = place.act(|venues, deal| venues.start_buy_back(deal, nothing, 1.0));
    assert_eq!(refused, Err(IssuanceRefusal::Nothing { found: nothing }.into()));
    let refused = place.act(|venues, deal| venues.start_buy_back(deal, Amount::from_atoms(1), f64::NAN));
    assert!(matches!(refused, Err(refusal) if refusal.reason() == "hours_out_of_range"));
    place.buy_back(1_000, 2.0);
    let refused = place.act(|venues, deal| venues.start_buy_back(deal, Amount::from_atoms(1), 1.0));
    assert_eq!(refused, Err(IssuanceRefusal::GoesOn { seconds_left: 7_200 }.into()));
}

/// What is sold and bought back at once goes in a circle, and only the fees stay with the pool.
#[test]
fn selling_and_buying_back_leaves_the_fees_with_the_pool() {
    let mut place = rich("");
    place.sell(10_000_000, Purpose::Reserve, 24.0);
    place.buy_back(100_000, 24.0);
    run(&mut place, 24);
    let record = place.token().record;
    assert_eq!(
        place.ledger().supply(GOV).atoms(),
        SUPPLY + record.issued.atoms() - record.bought_back.atoms()
    );
    assert_eq!(record.burned_unsold, Amount::ZERO);
    assert_eq!(place.token().dilution_share(), Some(0.01), "buying back gives back no share of its own");
}
