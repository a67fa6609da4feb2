//! The end of a term: enough, too little, the reserve, the haircut, and claims in any order.

use ballast::protocol::crp;
use ballast::quantity::Amount;
use ballast::venue::Refusal;
use ballast::venue::lending::LendAction;
use ballast::world::ledger::AccountId;
use ballast::world::mempool::Size;

use crate::examples::{TEN, join, near, rebalance};
use crate::place::{CONTRACT, Design, ETH, LOANS, PAPER, Place, TERM, USD};

/// `N(0.2)`: the first weight of the white paper's pool.
const WEIGHT: f64 = 0.579_259_709;

fn redeem_yield(place: &mut Place, actor: AccountId) -> Result<Amount, Refusal> {
    let yield_tokens = Size::Exact(place.held(actor, place.slot_before().yield_token));
    place.lend(actor, LendAction::RedeemYield { market: LOANS, yield_tokens })
}

fn redeem_key(place: &mut Place, actor: AccountId) -> Result<Amount, Refusal> {
    let key_tokens = Size::Exact(place.held(actor, place.slot_before().key_token));
    place.lend(actor, LendAction::RedeemKey { market: LOANS, key_tokens })
}

/// A pool of 10 ETH that nobody trades with, one tick after its end at `price`.
fn ended(design: Design, price: f64) -> (Place, AccountId) {
    let mut place = Place::new(design, 1);
    let actor = place.actors[0];
    place.lend(actor, join(TEN)).unwrap();
    place.at(TERM + 1, price);
    (place, actor)
}

#[test]
fn a_pool_with_enough_sells_what_is_missing_and_leaves_the_rest_to_the_keys() {
    let (mut place, actor) = ended(Design::free(PAPER, "()"), 4_000.0);
    let [before_usd, before_eth] = [USD, ETH].map(|asset| place.units(actor, asset));
    // 8,414.81 dollars are there and 15,000 owed.
    let sold = (15_000.0 - 20_000.0 * (1.0 - WEIGHT)) / 4_000.0;
    assert_eq!(redeem_yield(&mut place, actor).unwrap().atoms(), 15_000_000_000);
    let keys = redeem_key(&mut place, actor).unwrap();
    near(keys.atoms() as f64 * 1e-9, 10.0 * WEIGHT - sold, 1e-7);
    near(place.units(actor, USD) - before_usd, 15_000.0, 1e-4);
    near(place.units(actor, ETH) - before_eth, 10.0 * WEIGHT - sold, 1e-7);
    let totals = place.loan().record.totals;
    assert_eq!((totals.settled_terms, totals.defaults, totals.haircut), (1, 0, 0.0));
    assert_eq!(place.loan().record.terms_opened, 2);
    assert_eq!(place.notes("settlement"), 1);
}

#[test]
fn a_solvent_pool_draws_nothing_from_the_reserve_whatever_its_sale_costs() {
    for (exchange, sales) in [
        ("(half_spread_bps: 30, impact_bps: 500, hourly_depth_usd: 100000)", ""),
        ("(half_spread_bps: 2, impact_bps: 100, hourly_depth_usd: 50000000)", ""),
        ("(half_spread_bps: 2, impact_bps: 100, hourly_depth_usd: 50000000)", ", sales: Pool(\"eth_usd\")"),
    ] {
        let loan: &'static str =
            if sales.is_empty() { PAPER } else { "profile: Whitepaper, sales: Pool(\"eth_usd\")" };
        let design = Design { loan, reserve: "(initial: { \"USD\": 1000 })", exchange };
        let (place, _) = ended(design, 2_050.0);
        let totals = place.loan().record.totals;
        assert_eq!(totals.settled_terms, 1);
        assert_eq!((totals.drawn_fees, totals.haircut), (0.0, 0.0), "{exchange} {sales}");
        assert_eq!(place.loan().record.before.unwrap().settled, Some(1.0));
        assert!(place.units(place.slot_before().vault, ETH) > 1.0, "{exchange}");
    }
}

#[test]
fn a_short_pool_is_helped_by_the_reserve_then_by_issuance_and_the_rest_is_a_haircut() {
    let missing = 15_000.0 - (10_000.0 * WEIGHT + 20_000.0 * (1.0 - WEIGHT));
    for (mixed, principal) in [(false, 0.0), (true, 200.0)] {
        let reserve = if mixed {
            "(initial: { \"USD\": 500 }, stakers_principal: { \"USD\": 200 }, backstop: { \"USD\": 50 }, mixed_ledger: true)"
        } else {
            "(initial: { \"USD\": 500 }, stakers_principal: { \"USD\": 200 }, backstop: { \"USD\": 50 })"
        };
        let (mut place, actor) = ended(Design::free(PAPER, reserve), 1_000.0);
        let totals = place.loan().record.totals;
        let drawn = [totals.drawn_fees, totals.drawn_principal, totals.drawn_issued];
        for (found, expected) in drawn.into_iter().zip([500.0, principal, 50.0]) {
            near(found, expected, 1e-9);
        }
        assert_eq!(totals.defaults, 1);
        near(totals.shortfall, missing, 1e-4);
        let haircut = missing - 550.0 - principal;
        near(totals.haircut, haircut, 1e-4);
        // The accounts say the same.
        let accounts = *place.venues().reserve().unwrap();
        near(place.units(accounts.account, USD), 0.0, 0.0);
        near(place.units(accounts.principal, USD), 200.0 - principal, 0.0);
        near(place.units(accounts.backstop, USD), 0.0, 0.0);
        let paid = redeem_yield(&mut place, actor).unwrap();
        near(paid.atoms() as f64 * 1e-6, 15_000.0 - haircut, 1e-4);
        let before = place.units(actor, USD);
        assert_eq!(redeem_key(&mut place, actor).unwrap(), Amount::ZERO, "nothing is left");
        near(place.units(actor, USD), before, 2e-6);
    }
}

#[test]
fn on_the_contract_the_cushion_of_the_reserve_goes_to_those_who_defaulted() {
    let (mut place, actor) = ended(Design::free(CONTRACT, "(initial: { \"ETH\": 100 })"), 1_000.0);
    let totals = place.loan().record.totals;
    let weight = place.loan().record.before.unwrap().weight;
    let (x, y) = (10.0 * weight, 20_000.0 * (1.0 - weight));
    let cushion = (15_000.0 - y) * 0.1;
    let from_reserve = (15_000.0 - y) * 1.1 / 1_000.0 - x;
    near(totals.drawn_fees, from_reserve * 1_000.0, 1e-3);
    near(place.units(place.venues().reserve().unwrap().account, ETH), 100.0 - from_reserve, 1e-6);
    assert_eq!(redeem_yield(&mut place, actor).unwrap().atoms(), 15_000_000_000);
    let before = place.units(actor, USD);
    assert_eq!(redeem_key(&mut place, actor).unwrap(), Amount::ZERO);
    near(place.units(actor, USD) - before, cushion, 1e-3);
    assert!(cushion > 500.0);
}

#[test]
fn on_the_contract_nobody_is_paid_until_the_reserve_suffices() {
    let (mut place, actor) = ended(Design::free(CONTRACT, "()"), 1_000.0);
    assert_eq!(place.loan().record.before.unwrap().settled, None);
    assert_eq!(redeem_yield(&mut place, actor), Err(Refusal::NotSettled));
    assert_eq!(redeem_key(&mut place, actor), Err(Refusal::NotSettled));
    // The next term runs out, too: it waits for its tokens.
    place.at(2 * TERM + 3, 1_000.0);
    assert_eq!(place.loan().record.terms_opened, 2);
    assert!(matches!(place.lend(actor, join(TEN)), Err(Refusal::Loan(crp::Refusal::Expired { .. }))));
    // The price comes back, and with it settlement; the term that waited follows a tick later.
    place.at(2 * TERM + 4, 2_500.0);
    assert_eq!(place.loan().record.before.unwrap().settled, Some(1.0));
    assert_eq!(redeem_yield(&mut place, actor).unwrap().atoms(), 15_000_000_000);
    assert!(redeem_key(&mut place, actor).unwrap().is_positive());
    place.at(2 * TERM + 5, 2_500.0);
    assert_eq!(place.loan().record.terms_opened, 3);
}

#[test]
fn liquidity_does_not_move_while_the_rate_pool_waits_for_what_it_is_owed() {
    let mut place = Place::new(Design::free(CONTRACT, "()"), 1);
    let [borrower, late] = [place.actors[0], place.actors[1]];
    place.lend(borrower, join(TEN)).unwrap();
    place
        .lend(borrower, crate::examples::sell_yield(Size::Exact(Amount::from_atoms(15_000_000_000))))
        .unwrap();
    place.at(TERM + 1, 1_000.0);
    assert_eq!(place.loan().record.before.unwrap().settled, None);
    // A share is worth more than its dollars: who bought one now would take from those who were there.
    let provide = LendAction::Provide { market: LOANS, tokens: crate::examples::dollars(1_000) };
    assert_eq!(place.lend(late, provide), Err(Refusal::NotSettled));
    place.at(TERM + 2, 2_500.0);
    place.lend(late, provide).unwrap();
}

#[test]
fn claims_are_paid_alike_in_any_order() {
    let mut results = Vec::new();
    for order in [[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [1, 0, 4, 5, 2, 3], [3, 5, 1, 2, 0, 4]] {
        let mut place = Place::new(Design::free(PAPER, "(initial: { \"USD\": 100 })"), 1);
        let people: Vec<AccountId> = place.actors[..3].to_vec();
        for (actor, atoms) in people.iter().zip([10_000_000_001, 3_333_333_333, 7_777_777_777]) {
            place.lend(*actor, join(crate::examples::eth(atoms))).unwrap();
        }
        place.at(TERM + 1, 1_234.0);
        for turn in order {
            let actor = people[turn % 3];
            if turn < 3 { redeem_yield(&mut place, actor) } else { redeem_key(&mut place, actor) }.unwrap();
        }
        let slot = place.slot_before();
        assert!(place.held(slot.vault, USD).atoms() < 10, "all is paid out");
        results.push(people.map_held(&place));
    }
    for other in &results[1..] {
        for (a, b) in results[0].iter().zip(other) {
            assert!((a[0] - b[0]).abs() <= 3 && (a[1] - b[1]).abs() <= 3, "{results:?}");
        }
    }
}

trait Held {
    fn map_held(&self, place: &Place) -> Vec<[i64; 2]>;
}

impl Held for Vec<AccountId> {
    fn map_held(&self, place: &Place) -> Vec<[i64; 2]> {
        self.iter().map(|actor| [USD, ETH].map(|asset| place.held(*actor, asset).atoms())).collect()
    }
}

#[test]
fn a_pool_at_its_threshold_is_sold_after_the_delay_and_closed() {
    let mut place = Place::new(Design::free("profile: Whitepaper, conversion_delay_hours: 3", "()"), 1);
    let actor = place.actors[0];
    place.lend(actor, join(TEN)).unwrap();
    let vault = place.slot().vault;
    // 15,000 of 5.79 ETH at 1,400 dollars and 8,414.81 dollars: 90.8 %.
    for tick in 10..13 {
        place.at(tick, 1_400.0);
        assert!(!place.loan().record.running.converted, "{tick}");
        assert_eq!(place.loan().record.running.over_since_seconds, Some(36_000));
    }
    place.at(13, 1_400.0);
    assert!(place.loan().record.running.converted);
    assert_eq!(place.held(vault, ETH), Amount::ZERO);
    near(place.units(vault, USD), 14_000.0 * WEIGHT + 20_000.0 * (1.0 - WEIGHT), 1e-3);
    assert_eq!((place.view().pool.weight_x, place.view().open), (0.0, false));
    for action in [join(TEN), rebalance(true, TEN)] {
        let refused = place.lend(actor, action);
        assert!(matches!(refused, Err(Refusal::Loan(crp::Refusal::Converted { .. }))), "{refused:?}");
    }
    // The price comes back, and nothing else.
    place.at(20, 3_000.0);
    assert_eq!(place.held(vault, ETH), Amount::ZERO);
    assert_eq!((place.loan().record.totals.conversions, place.notes("conversion")), (1, 1));
}

#[test]
fn a_threshold_left_in_time_begins_anew() {
    let mut place = Place::new(Design::free("profile: Whitepaper, conversion_delay_hours: 3", "()"), 1);
    let actor = place.actors[0];
    place.lend(actor, join(TEN)).unwrap();
    for (tick, price) in [(10, 1_400.0), (12, 1_500.0), (13, 1_400.0), (15, 1_400.0)] {
        place.at(tick, price);
    }
    assert!(!place.loan().record.running.converted);
    place.at(16, 1_400.0);
    assert!(place.loan().record.running.converted);
}
