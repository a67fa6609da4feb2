//! Who gets the initial supply, and when.

use ballast::protocol::amm::Side;
use ballast::quantity::Amount;
use ballast::venue::Action;
use ballast::venue::pool::{PoolAction, PoolId};
use ballast::world::mempool::Size;

use crate::place::{GOV, POOL, PUBLISHED, Place, SUPPLY, UNIT, USD, experiment};

const DAY: u32 = 24;

#[test]
fn the_published_shares_are_met_to_the_atom() {
    let place = Place::new(&experiment(PUBLISHED, POOL, ""));
    let accounts = place.accounts();
    assert_eq!(place.held(accounts.community, GOV), SUPPLY / 2);
    assert_eq!(place.held(accounts.vesting, GOV), SUPPLY / 10 * 3);
    assert_eq!(place.held_by("team", GOV), [0; 3]);
    // Seven people share out 15 %; each part is rounded down, and the foundation keeps what that leaves.
    let distributed: i64 = place.held_by("crowd", GOV).iter().sum();
    let due = SUPPLY / 100 * 15;
    assert!((due - 7..=due).contains(&distributed), "{distributed}");
    // The pool of 20 million tokens is founded out of the foundation's own 50 million.
    let kept = SUPPLY / 100 * 5 - 20_000_000 * UNIT;
    assert_eq!(place.held(accounts.foundation, GOV), kept + due - distributed);
    assert_eq!(place.ledger().supply(GOV).atoms(), SUPPLY);
    assert_eq!(place.token().circulating(place.ledger(), &[]).atoms(), distributed + 20_000_000 * UNIT);
}

/// Insiders own what the published curve says, day by day, and all of it in the end.
#[test]
fn insiders_are_paid_once_a_day_and_to_the_last_atom() {
    let mut place = Place::new(&experiment(PUBLISHED, POOL, ""));
    let grant = SUPPLY / 10 * 3;
    place.skip(1);
    assert_eq!(place.held_by("team", GOV), [0; 3], "the first day is not over");
    place.skip(DAY - 1);
    let day: i64 = place.held_by("team", GOV).iter().sum();
    assert!((grant / 1_460 - 3..=grant / 1_460).contains(&day), "{day}");
    place.skip(DAY - 1);
    assert_eq!(place.held_by("team", GOV).iter().sum::<i64>(), day, "the second day is not over");
    let mut before = place.held_by("team", GOV);
    for year in 1..=5_i64 {
        place.skip(365 * DAY - place.tick % (365 * DAY));
        let now = place.held_by("team", GOV);
        assert!(now.iter().zip(&before).all(|(now, then)| now >= then));
        let due = grant / 4 * year.min(4);
        let paid: i64 = now.iter().sum();
        assert!((due - 3..=due).contains(&paid), "year {year}: {paid} of {due}");
        assert_eq!(place.held(place.accounts().vesting, GOV), grant - paid);
        before = now;
    }
    assert_eq!(place.held(place.accounts().vesting, GOV), 0);
    // A year in which nothing is left to release is not told.
    let told: Vec<f64> = place.events("vesting").iter().map(|note| note.value.unwrap()).collect();
    assert_eq!(told.len(), 4);
    assert!((told.iter().sum::<f64>() - 3e8).abs() < 1e-3, "{told:?}");
}

/// Wealthier insiders have larger grants, and before the cliff nobody has anything.
#[test]
fn a_cliff_holds_everything_back_and_then_pays_it_at_once() {
    let allocation = PUBLISHED.replace("vesting_days", "cliff_days: 365, vesting_days");
    let mut place = Place::new(&experiment(&allocation, POOL, ""));
    place.skip(364 * DAY);
    assert_eq!(place.held_by("team", GOV), [0; 3]);
    place.skip(DAY);
    let (held, dollars) = (place.held_by("team", GOV), place.held_by("team", USD));
    let per_dollar: Vec<f64> =
        held.iter().zip(&dollars).map(|(gov, usd)| *gov as f64 / *usd as f64).collect();
    assert!(held.iter().sum::<i64>() > SUPPLY / 10 * 3 / 4 - 4);
    assert!(per_dollar.iter().all(|part| (part / per_dollar[0] - 1.0).abs() < 1e-6), "{per_dollar:?}");
}

#[test]
fn a_pool_that_the_foundation_cannot_found_is_refused_in_words() {
    let Err(refusal) = Place::build(&experiment(PUBLISHED, &POOL.replace("800000", "2000001"), "")) else {
        panic!("50,000,025 tokens out of 50 million")
    };
    assert_eq!(
        refusal.to_string(),
        "pool `gov_usd` is founded with 50000025 GOV, but the foundation keeps 50000000: lower the pool's \
         `initial_value_usd`, or raise `governance.allocation.foundation`"
    );
}

/// Its market gives the token its value: the average over the pool's window, so that a trade counts by and by.
#[test]
fn a_token_with_a_pool_counts_at_what_the_pool_asked_on_average() {
    for (pool, base) in [
        (POOL.replace("fee_bps", "twap_hours: 10, fee_bps"), true),
        (
            "(name: \"gov_usd\", base: \"USD\", quote: \"GOV\", twap_hours: 10, fee_bps: 0, initial_value_usd: 800000)"
                .to_owned(),
            false,
        ),
    ] {
        let mut place = Place::new(&experiment(PUBLISHED, &pool, ""));
        (0..20).for_each(|_| place.skip(1));
        assert!((place.value() - 0.02).abs() < 1e-9, "{}", place.value());
        let side = if base { Side::SellBase } else { Side::BuyBase };
        sell(&mut place, side, 20_000_000);
        let price = place.price();
        assert!((price / 0.02 - 0.25).abs() < 0.01, "as many again: a quarter of the price, found {price}");
        place.skip(1);
        // One hour of ten at a quarter.
        let expected = 0.02_f64.powf(0.9) * price.powf(0.1);
        assert!((place.value() / expected - 1.0).abs() < 1e-9, "{} in place of {expected}", place.value());
        (0..11).for_each(|_| place.skip(1));
        assert!((place.value() / price - 1.0).abs() < 1e-9);
    }
}

#[test]
fn a_token_without_a_pool_counts_as_configured() {
    let with_pool = experiment(PUBLISHED, POOL, "");
    let eth = POOL.replace("GOV", "ETH");
    let place = Place::new(&experiment(PUBLISHED, &eth, ""));
    assert_eq!(place.value(), 0.02);
    assert_eq!(with_pool.governance.unwrap().initial_price_usd, 0.02);
}

/// The foundation has tokens of its own to sell.
fn sell(place: &mut Place, side: Side, tokens: i64) {
    let seller = place.accounts().foundation;
    let amount = Size::Exact(Amount::from_atoms(tokens * UNIT));
    let swap = PoolAction::Swap { pool: PoolId(0), side, amount, min_out: Amount::ZERO };
    place.act(|venues, deal| venues.perform(deal, seller, Action::Pool(swap), Amount::ZERO)).unwrap();
}
