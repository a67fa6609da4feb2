use proptest::prelude::*;

use super::super::stage::{AGENT, ETH, FETH, FETH_USD, Stage, USD, XETH, XETH_ETH, calm, simple_quote};
use super::*;
use crate::world::mempool::Size;

fn usd(dollars: i64) -> Amount {
    Amount::from_atoms(dollars * 1_000_000)
}

fn units(tokens: i64) -> Amount {
    Amount::from_atoms(tokens * 1_000_000_000)
}

/// 1,000 dollars into fETH at par: minting for nothing beats 0.3 % and impact; with a mint fee of 2 % the pool wins.
#[test]
fn a_higher_fee_at_the_treasury_sends_buyers_to_the_pool() {
    let stage = Stage::new(100_000.0);
    let cheap = simple_quote(calm());
    let minted = stage.market(Some(calm()), &cheap).best(USD, FETH, usd(1_000), 0.01).unwrap();
    assert_eq!(minted.door, Door::Treasury);
    assert!((minted.received - 1_000.0).abs() < 1e-9);
    assert_eq!(
        minted.plan.actions(),
        [
            Action::Exchange(Order::Buy { asset: ETH, dollars: Size::Exact(usd(1_000)) }),
            Action::Fx(FxAction::MintFeth { collateral: Size::Previous }),
        ]
    );
    // Two actions at a dollar of gas each.
    assert!((minted.cost_share.unwrap() - 0.002).abs() < 1e-12);
    assert_eq!(minted.terms.minimum_gain, Some(MinimumGain { asset: FETH, amount: units(990) }));

    let view = FxView { feth_mint_fee: 0.02, ..calm() };
    let dear = simple_quote(view);
    let bought = stage.market(Some(view), &dear).best(USD, FETH, usd(1_000), 0.01).unwrap();
    assert_eq!(bought.door, Door::Pool(FETH_USD));
    // x y = k: 100,000 * 997 / (100,000 + 997).
    assert!((bought.received - 100_000.0 * 997.0 / 100_997.0).abs() < 1e-9);
    assert_eq!(bought.plan.count(), 1);
}

#[test]
fn a_closed_mint_leaves_the_pool_and_no_treasury_leaves_it_too() {
    let stage = Stage::new(100_000.0);
    let view = FxView { feth_mint_open: false, ..calm() };
    let quote = simple_quote(view);
    assert_eq!(
        stage.market(Some(view), &quote).best(USD, FETH, usd(10), 0.0).unwrap().door,
        Door::Pool(FETH_USD)
    );
    assert_eq!(stage.market(None, &quote).best(USD, FETH, usd(10), 0.0).unwrap().door, Door::Pool(FETH_USD));
    assert_eq!(stage.market(None, &quote).best(USD, FETH, Amount::ZERO, 0.0), None);
}

/// Fifty fETH are offered in a book at 0.999 with a fee of 10 basis points: cheaper than the pool for those it is enough for.
#[test]
fn a_book_is_taken_where_it_is_cheaper_and_deep_enough() {
    let stage = Stage::new(100_000.0).with_offer(9_990, 50);
    let quote = simple_quote(calm());
    let market = stage.market(None, &quote);
    let route = market.best(USD, FETH, usd(40), 0.0).unwrap();
    assert_eq!(route.door, Door::Book(BookId(0)));
    let order = BookAction::Market {
        book: BookId(0),
        side: order_book::Side::Buy,
        amount: Size::Exact(usd(40)),
        min_out: Amount::from_atoms((40.04 * 0.999 * 1e9_f64).round() as i64),
    };
    // 40 dollars buy 40.04 fETH in whole hundredths.
    assert_eq!(route.plan.actions(), [Action::Book(order)]);
    assert_eq!(
        market.best(USD, FETH, usd(60), 0.0).unwrap().door,
        Door::Pool(FETH_USD),
        "not all of it is there"
    );
    assert_eq!(market.best(FETH, USD, units(10), 0.0).unwrap().door, Door::Pool(FETH_USD), "nobody bids");
}

/// fETH at 0.90 in the pool: sellers redeem and end in dollars over the exchange; at 1.10 they sell.
#[test]
fn sellers_go_where_the_price_is_better() {
    let quote = simple_quote(calm());
    let below = Stage::new(90_000.0);
    let redeemed = below.market(Some(calm()), &quote).best(FETH, USD, units(1_000), 0.01).unwrap();
    assert_eq!(
        redeemed.plan.actions(),
        [
            Action::Fx(FxAction::RedeemFeth { feth: Size::Exact(units(1_000)) }),
            Action::Exchange(Order::Sell { asset: ETH, amount: Size::Previous }),
        ]
    );
    // The gas is paid in what is gained, so that the condition allows for it.
    assert_eq!(redeemed.terms.minimum_gain, Some(MinimumGain { asset: USD, amount: usd(988) }));
    let above = Stage::new(110_000.0);
    let sold = above.market(Some(calm()), &quote).best(FETH, USD, units(1_000), 0.01).unwrap();
    assert_eq!(sold.door, Door::Pool(FETH_USD));
    assert!(sold.cost_share.unwrap() < 0.0, "above NAV");
}

#[test]
fn a_pool_against_eth_is_reached_over_the_exchange() {
    let stage = Stage::new(100_000.0);
    let view = FxView { xeth_mint_fee: 0.5, ..calm() };
    let quote = simple_quote(view);
    let route = stage.market(Some(view), &quote).best(USD, XETH, usd(2_000), 0.01).unwrap();
    assert_eq!(route.door, Door::Pool(XETH_ETH));
    assert!(matches!(route.plan.actions(), [Action::Exchange(Order::Buy { .. }), Action::Pool(_)]));
    assert!((route.received - 100_000.0 * 0.997 / (50.0 + 0.997)).abs() < 1e-6);
}

/// The reserve's bonus is paid beside the mint, the incentive inside what the verb pays out: neither counts twice.
#[test]
fn bonuses_count_once() {
    let stage = Stage::new(100_000.0);
    let view = FxView { xeth_mint_bonus: 0.05, mode: crate::protocol::fx::StressMode::Stability, ..calm() };
    let plain = simple_quote(view);
    let beside = stage.market(Some(view), &plain).best(USD, XETH, usd(1_000), 0.01).unwrap();
    assert_eq!((beside.door, beside.bonus_usd), (Door::Treasury, 50.0));
    assert!((beside.cost_share.unwrap() + 0.048).abs() < 1e-9);
    let both = |action, amount: f64| match action {
        FxAction::AddCollateral { .. } => Some(amount * 2_000.0 * 1.05),
        other => plain(other, amount),
    };
    let inside = stage.market(Some(view), &both).best(USD, XETH, usd(1_000), 0.01).unwrap();
    assert_eq!((inside.door, inside.bonus_usd), (Door::Incentive, 0.0));
    assert!((inside.cost_share.unwrap() + 0.048).abs() < 1e-9);
}

/// 100,000 fETH sold into 100,000 dollars would halve the price; at most 10 % is borne, so an eighth is sold.
#[test]
fn what_costs_too_much_is_done_in_part() {
    let stage = Stage::new(100_000.0);
    let shut = |_: FxAction, _: f64| None;
    let market = stage.market(Some(calm()), &shut);
    let whole = market.best(FETH, USD, units(100_000), 0.0).unwrap();
    assert!((whole.cost_share.unwrap() - 0.5).abs() < 0.01);
    let part = market.best_within(FETH, USD, units(100_000), 0.0, 0.12).unwrap();
    assert_eq!(part.paid, units(12_500));
    assert_eq!(market.best_within(FETH, USD, units(100_000), 0.0, 0.001), None);
}

/// One who takes half of the pool's reserves along finds half the depth.
#[test]
fn who_leaves_a_pool_counts_on_less_depth() {
    let stage = Stage::new(100_000.0);
    let shut = |_: FxAction, _: f64| None;
    let mut market = stage.market(None, &shut);
    market.leaving = Some((FETH_USD, 0.5));
    let route = market.best(FETH, USD, units(1_000), 0.0).unwrap();
    assert!((route.received - 50_000.0 * 997.0 / 50_997.0).abs() < 1e-9);
}

#[test]
fn gas_is_kept_back_where_it_is_paid() {
    let mut stage = Stage::new(100_000.0);
    stage.give(AGENT, USD, 10.0);
    stage.give(AGENT, ETH, 1.0);
    let shut = |_: FxAction, _: f64| None;
    assert_eq!(stage.market(None, &shut).spendable(AGENT, USD), usd(4));
    assert_eq!(stage.market(None, &shut).spendable(AGENT, ETH), units(1));
}

#[test]
fn value_is_counted_in_on_chain_dollars() {
    let mut stage = Stage::new(100_000.0);
    stage.oracle.observe(1, [2_000.0], 0.8);
    let shut = |_: FxAction, _: f64| None;
    let market = stage.market(Some(calm()), &shut);
    assert_eq!([USD, ETH, FETH].map(|asset| market.value(asset)), [Some(1.0), Some(2_500.0), Some(1.25)]);
    assert_eq!(market.pool_price(FETH_USD, FETH), Some(1.0));
    assert_eq!(market.pool_price(FETH_USD, XETH), None);
    assert!((market.pool_price(XETH_ETH, XETH).unwrap() - 1.25).abs() < 1e-12);
}

#[test]
fn a_plan_holds_six_actions_and_no_more() {
    let settle = Action::Fx(FxAction::Settle);
    let full = (0..6).try_fold(Plan::EMPTY, |plan, _| plan.then(settle)).unwrap();
    assert_eq!(full.actions().len(), 6);
    assert_eq!(full.then(settle), None);
    assert_eq!(full.and(&Plan::EMPTY), Some(full));
}

fn wild() -> impl Strategy<Value = f64> {
    prop_oneof![
        Just(0.0),
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(-1.0),
        Just(1e-300),
        Just(1e300),
        0.0..2.0
    ]
}

proptest! {
    /// Whatever the treasury shows, a route pays exactly what was asked, and promises a finite positive amount.
    #[test]
    fn routes_are_sound(nav in wild(), price in wild(), fee in wild(), bonus in wild(), atoms in 1_i64..i64::MAX) {
        let stage = Stage::new(100_000.0);
        let view = FxView {
            feth_nav: nav, xeth_nav: nav, collateral_price: price, feth_mint_fee: fee, xeth_mint_bonus: bonus, ..calm()
        };
        let quote = simple_quote(view);
        let market = stage.market(Some(view), &quote);
        for (from, to) in [(USD, FETH), (FETH, USD), (USD, XETH), (XETH, ETH), (ETH, USD)] {
            if let Some(route) = market.best(from, to, Amount::from_atoms(atoms), 0.01) {
                prop_assert_eq!(route.paid.atoms(), atoms);
                prop_assert!(route.received.is_finite() && route.received > 0.0);
                prop_assert!(route.plan.count() >= 1);
            }
        }
    }
}
