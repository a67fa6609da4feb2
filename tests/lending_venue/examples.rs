//! Joining, borrowing, lending and rebalancing, by hand.

use ballast::protocol::yield_token::Side;
use ballast::protocol::{amm, crp};
use ballast::quantity::Amount;
use ballast::venue::Refusal;
use ballast::venue::lending::{LendAction, LeveredEntry};
use ballast::world::mempool::Size;

use crate::place::{CONTRACT, Design, ETH, LOANS, PAPER, Place, USD};

pub(crate) fn near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "found {found}, expected {expected}");
}

pub(crate) const fn eth(atoms: i64) -> Size {
    Size::Exact(Amount::from_atoms(atoms))
}

pub(crate) const fn dollars(dollars: i64) -> Size {
    Size::Exact(Amount::from_atoms(dollars * 1_000_000))
}

/// Ten ETH.
pub(crate) const TEN: Size = eth(10_000_000_000);

pub(crate) const fn join(collateral: Size) -> LendAction {
    LendAction::Join { market: LOANS, collateral }
}

pub(crate) const fn sell_yield(yield_tokens: Size) -> LendAction {
    LendAction::SellYield { market: LOANS, yield_tokens, min_out: Amount::ZERO }
}

const fn buy_yield(tokens: Size) -> LendAction {
    LendAction::BuyYield { market: LOANS, tokens, min_out: Amount::ZERO }
}

pub(crate) const fn rebalance(collateral_in: bool, amount: Size) -> LendAction {
    LendAction::Rebalance { market: LOANS, collateral_in, amount, min_out: Amount::ZERO }
}

#[test]
fn who_joins_at_three_quarters_receives_three_quarters_and_the_pool_is_split_at_its_weight() {
    let mut place = Place::new(Design::free(PAPER, "()"), 1);
    let actor = place.actors[0];
    let minted = place.lend(actor, join(TEN)).unwrap();
    // 10 ETH at 2,000 dollars, 75 % of it.
    assert_eq!(minted.atoms(), 15_000_000_000);
    let slot = place.slot();
    assert_eq!(place.held(actor, slot.yield_token), minted);
    assert_eq!(place.held(actor, slot.key_token), minted);
    // At the strike, 80 %, a quarter of a year: N(0.2).
    let weight = 0.579_259_709;
    near(place.units(slot.vault, ETH), 10.0 * weight, 1e-7);
    near(place.units(slot.vault, USD), 20_000.0 * (1.0 - weight), 1e-4);
    near(place.view().loan_to_value, 0.75, 1e-9);
    near(place.units(actor, ETH), 490.0, 0.0);
    near(place.loan().record.totals.issued, 15_000.0, 0.0);
    // The next joins at the ratio of the moment: at 1,900 dollars the pool is worth 11,005.93 + 8,414.81.
    place.at(1, 1_900.0);
    let other = place.actors[1];
    let ratio = 15_000.0 / (1_900.0 * 10.0 * weight + 20_000.0 * (1.0 - weight));
    let minted = place.lend(other, join(TEN)).unwrap();
    near(minted.atoms() as f64 * 1e-6, ratio * 19_000.0, 1e-3);
    assert!(ratio > 0.77);
}

#[test]
fn a_rate_pool_opens_at_par_and_can_first_only_be_borrowed_from() {
    let mut place = Place::new(Design::free(PAPER, "()"), 1);
    let [borrower, lender] = [place.actors[0], place.actors[1]];
    assert_eq!(place.view().bond_price, Some(1.0));
    assert!(matches!(place.lend(lender, buy_yield(dollars(100))), Err(Refusal::Rate(_))));
    place.lend(borrower, join(eth(100_000_000_000))).unwrap();
    let before = place.units(borrower, USD);
    let out = place.lend(borrower, sell_yield(dollars(100_000))).unwrap();
    near(place.units(borrower, USD) - before, out.atoms() as f64 * 1e-6, 1e-9);
    // k = 1 - t, t = 91.25 of 1,460 days; no interest at par, hence no fee.
    let k = 1.0 - 91.25 / 1_460.0;
    let curve = |x: f64| libm::pow(x, k);
    let left = 2.0 * curve(1e6) - curve(1.1e6);
    let expected = 1e6 - libm::pow(left, 1.0 / k);
    near(out.atoms() as f64 * 1e-6, expected, 1e-5);
    assert!(expected < 100_000.0);
    let totals = place.loan().record.totals;
    near(totals.borrowed, expected, 1e-5);
    near(totals.interest, 100_000.0 - expected, 1e-5);
    // A bond costs less than one now, and can be bought.
    let price = place.view().bond_price.unwrap();
    near(price, libm::pow((1e6 - expected) / 1.1e6, 1.0 - k), 1e-9);
    let bought = place.lend(lender, buy_yield(dollars(1_000))).unwrap();
    assert!(bought.atoms() > 1_000_000_000, "{bought}");
    assert_eq!(place.held(lender, place.slot().yield_token), bought);
    // The fee is 1 % of the interest, half of it the reserve's: 1,000 (1 / price - 1) / 200.
    let fee = place.loan().record.totals.fees_to_reserve;
    near(fee, 1_000.0 * (1.0 / price - 1.0) * 0.005, 1e-9);
}

#[test]
fn a_rebalancing_trade_restores_the_price() {
    for (price, collateral_in) in [(1_900.0, true), (2_100.0, false)] {
        let mut place = Place::new(Design::free(PAPER, "()"), 1);
        let actor = place.actors[0];
        place.lend(actor, join(TEN)).unwrap();
        place.at(1, price);
        let view = place.view();
        let trade = ballast::venue::Venues::rebalancing_trade(&view).unwrap();
        assert_eq!(trade.side == amm::Side::SellBase, collateral_in);
        let places = if collateral_in { 1e9 } else { 1e6 };
        let paid = eth((trade.amount_in * places) as i64);
        let received = place.lend(actor, rebalance(collateral_in, paid)).unwrap();
        let received = received.atoms() as f64 / if collateral_in { 1e6 } else { 1e9 };
        near(received, trade.amount_out, 1e-5);
        near(crp::marginal_price(&place.view().pool).unwrap(), price, price * 1e-8);
        // What the trader gains is what the pool loses.
        let (before, after) = (view.pool.value_in_token(price), place.view().pool.value_in_token(price));
        near(before - after, trade.profit_quote, 1e-4);
    }
}

#[test]
fn on_the_contract_a_trade_is_quoted_at_the_weight_of_the_one_before() {
    let mut place = Place::new(Design::free(CONTRACT, "()"), 1);
    let actor = place.actors[0];
    place.lend(actor, join(TEN)).unwrap();
    let stored = place.view().pool.weight_x;
    place.at(24, 1_900.0);
    assert_eq!(place.view().pool.weight_x, stored, "time does not move it");
    let (view, height) = (place.view(), 24.0 * 6.0);
    let expected = crp::swap_x_for_y(&view.pool, &view.terms, 1_900.0, height, 0.01).unwrap();
    let received = place.lend(actor, rebalance(true, eth(10_000_000))).unwrap();
    near(received.atoms() as f64 * 1e-6, expected.amount_out, 1e-6);
    let weight = place.view().pool.weight_x;
    assert!(weight == expected.next.weight_x && weight != stored, "{weight}");
}

#[test]
fn a_rolled_position_is_paid_for_by_what_its_yield_tokens_bring() {
    let mut place = Place::new(Design::free(PAPER, "()"), 1);
    let actor = place.actors[0];
    let entry = LeveredEntry::Margin;
    let action = LendAction::JoinLevered { market: LOANS, collateral: TEN, entry };
    let keys = place.lend(actor, action).unwrap();
    // 10 / 0.75 ETH at 75 %: 20,000 dollars of debt, and as many keys.
    near(keys.atoms() as f64 * 1e-6, 20_000.0, 1e-3);
    let slot = place.slot();
    assert_eq!(place.held(actor, slot.yield_token), Amount::ZERO);
    let sold = place.loan().record.totals.borrowed;
    // 3.33 ETH were borrowed, at a fee of 0.3 %; the proceeds bought more than that.
    let expected = 490.0 + sold / 2_000.0 - 10.0 / 3.0 * 1.003;
    near(place.units(actor, ETH), expected, 1e-6);
    near(place.units(actor, USD), 1e6, 1e-5);
    assert_eq!(place.loan().quote_rate(place.ledger(), place.clock(), Side::BuyYield, 0.0), None);
}

#[test]
fn the_cap_on_collateral_counts_all_that_the_pool_is_worth() {
    let mut place = Place::new(Design::free("profile: Whitepaper, collateral_cap: 15", "()"), 1);
    let actor = place.actors[0];
    place.lend(actor, join(TEN)).unwrap();
    let refused = place.lend(actor, join(TEN));
    assert!(matches!(refused, Err(Refusal::Loan(crp::Refusal::AtCapacity { .. }))), "{refused:?}");
    place.lend(actor, join(eth(4_900_000_000))).unwrap();
}
