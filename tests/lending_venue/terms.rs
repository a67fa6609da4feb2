//! Terms that follow one another.

use ballast::quantity::Amount;
use ballast::venue::lending::LendAction;
use ballast::world::mempool::Size;

use crate::examples::{TEN, dollars, join, near, sell_yield};
use crate::place::{Design, ETH, LOANS, PAPER, Place, TERM, USD};

#[test]
fn who_does_not_claim_is_paid_when_the_tokens_are_needed_again() {
    let mut place = Place::new(Design::free(PAPER, "()"), 1);
    let actor = place.actors[0];
    place.lend(actor, join(TEN)).unwrap();
    let slot = place.slot();
    place.at(TERM + 1, 4_000.0);
    assert_eq!(place.slot_before(), slot);
    assert_eq!(place.held(actor, slot.yield_token).atoms(), 15_000_000_000, "nothing is paid unasked yet");
    let owed = place.loan().quote_claim(
        place.ledger(),
        place.held(actor, slot.yield_token),
        place.held(actor, slot.key_token),
    );
    let [x, y] = owed.unwrap();
    let before = [ETH, USD].map(|asset| place.held(actor, asset).atoms());
    place.at(2 * TERM + 2, 4_000.0);
    assert_eq!(place.slot(), slot, "the third term takes the tokens of the first");
    assert_eq!(place.ledger().supply(slot.yield_token), Amount::ZERO);
    assert_eq!(place.ledger().supply(slot.key_token), Amount::ZERO);
    let after = [ETH, USD].map(|asset| place.held(actor, asset).atoms());
    assert_eq!(after[0] - before[0], x.atoms());
    assert!((after[1] - before[1] - y.atoms()).abs() <= 1);
}

#[test]
fn liquidity_of_the_rate_pool_rolls_over_with_what_it_earned() {
    let mut place = Place::new(Design::free(PAPER, "()"), 1);
    let [borrower, late] = [place.actors[0], place.actors[1]];
    place.lend(borrower, join(TEN)).unwrap();
    let proceeds = place.lend(borrower, sell_yield(dollars(15_000))).unwrap().atoms() as f64 * 1e-6;
    let vault = place.loan().rate_vault;
    near(place.units(vault, USD), 1e6 - proceeds, 1e-5);
    place.at(TERM + 1, 2_500.0);
    // The 15,000 yield tokens were paid in full, and the new curve begins at par.
    let earned = 1e6 - proceeds + 15_000.0;
    near(place.units(vault, USD), earned, 1e-5);
    assert!(earned > 1e6);
    assert_eq!(place.held(vault, place.slot_before().yield_token), Amount::ZERO);
    near(place.loan().rate_state(place.ledger()).virtual_yield_token, earned, 1e-5);
    near(place.view().bond_price.unwrap(), 1.0, 1e-12);
    // Who comes now buys shares at what they are worth.
    let shares = place.lend(late, LendAction::Provide { market: LOANS, tokens: dollars(100_000) }).unwrap();
    near(shares.atoms() as f64 * 1e-6, 100_000.0 * 1e6 / earned, 1e-4);
    let back = place.lend(late, LendAction::Withdraw { market: LOANS, shares: Size::Exact(shares) }).unwrap();
    assert!(back.atoms() <= 100_000_000_000 && back.atoms() > 99_999_999_990, "{back}");
}

#[test]
fn a_pool_that_only_sees_the_price_move_performs_as_its_holdings() {
    let mut place = Place::new(Design::free(PAPER, "()"), 1);
    let actor = place.actors[0];
    place.lend(actor, join(TEN)).unwrap();
    let weight = place.view().pool.weight_x;
    place.at(1, 2_000.0);
    near(place.loan().record.running.performance.index, 1.0, 1e-9);
    place.at(2, 2_200.0);
    // Nobody trades with it: 10 % on its collateral.
    near(place.loan().record.running.performance.index, 1.0 + 0.1 * weight, 1e-8);
    // What another brings is no gain.
    place.lend(place.actors[1], join(TEN)).unwrap();
    place.at(3, 2_200.0);
    near(place.loan().record.running.performance.index, 1.0 + 0.1 * weight, 1e-8);
}
