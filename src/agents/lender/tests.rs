use proptest::prelude::*;

use super::super::loan_sight::tests::curve;
use super::*;

fn lender() -> Lender {
    Lender {
        market: LoanMarketId(0),
        reservation_rate: 0.05,
        lend_share: 0.5,
        comfortable_loan_to_value: 0.75,
        risk_premium: 1.0,
        alarm_loan_to_value: 0.9,
        alarm_probability: 0.6,
        most_loss_share: 0.1,
        exit_rate_share: 0.5,
        exit_probability: 0.6,
        min_trade_usd: 50.0,
    }
}

fn purse(usd: f64) -> Purse {
    Purse { amount: Amount::from_atoms((usd * 1e6) as i64), usd }
}

/// LTV 75 %, a quarter left, a standing rate of 8.5 % a year, 10,000 dollars, nothing lent.
fn calm() -> Sight {
    Sight {
        market: LoanSight {
            id: LoanMarketId(0),
            rates: Some(curve(1.4)),
            term: 1,
            open: true,
            spot: 2_000.0,
            mid: 2_000.0,
            loan_to_value: 0.75,
            loan_to_value_outside: 0.75,
            conversion_loan_to_value: 0.9,
            room: f64::INFINITY,
            purchase_cost_share: 0.001,
            flash_fee: 0.003,
            gas_usd: 1.0,
        },
        cash: purse(10_000.0),
        held: Purse::default(),
        claim: Purse::default(),
        draw: 0.5,
    }
}

fn at_ratio(loan_to_value_outside: f64) -> Sight {
    Sight { market: LoanSight { loan_to_value_outside, ..calm().market }, ..calm() }
}

fn at_curve(ratio: f64) -> Sight {
    Sight { market: LoanSight { rates: Some(curve(ratio)), ..calm().market }, ..calm() }
}

#[test]
fn a_component_is_small() {
    assert!(size_of::<Lender>() <= 100, "{}", size_of::<Lender>());
}

/// 5 % up to an LTV of 0.75; ten points above at a premium of one for one: 15 %.
#[test]
fn worked_example_of_a_required_rate() {
    let required = |ratio| required_rate(&at_ratio(ratio), &lender());
    assert!((required(0.6) - 0.05).abs() < 1e-6 && (required(0.75) - 0.05).abs() < 1e-6);
    assert!((required(0.85) - 0.15).abs() < 1e-6);
    assert!(required(f64::INFINITY) > 1e9);
}

/// Half of 10,000 dollars, for at least what 5 % a year yields in a quarter: 5,062.50.
#[test]
fn a_share_of_wealth_is_lent_at_the_required_rate_or_better() {
    let Choice::Lend { cash, least } = choose(&calm(), &lender()) else { panic!() };
    assert_eq!(cash, purse(10_000.0).amount.share(0.5));
    assert!((least - 5_062.5).abs() < 1e-3);
    assert!(curve(1.4).lend(5_000.0).unwrap() > least);
    // Of 6,000 and 4,000 lent before, 1,000 more.
    let half = Sight { cash: purse(6_000.0), held: purse(4_000.0), draw: 1.0, ..calm() };
    let Choice::Lend { cash, .. } = choose(&half, &lender()) else { panic!() };
    assert!((cash.atoms() - 1_000_000_000).abs() < 10);
    let enough = Sight { cash: purse(5_000.0), held: purse(5_000.0), draw: 1.0, ..calm() };
    assert_eq!(choose(&enough, &lender()), Choice::Stay);
}

/// With ten million the next dollar after its own would earn no more than it asks.
#[test]
fn a_rich_lender_stops_where_the_margin_is_its_own_rate() {
    let rich = Sight { cash: purse(1e7), ..calm() };
    let Choice::Lend { cash, least } = choose(&rich, &lender()) else { panic!() };
    let size = cash.atoms() as f64 / 1e6;
    let curve = curve(1.4);
    let marginal = curve.lend(size).unwrap() - curve.lend(size - 1.0).unwrap();
    assert!((curve.rate(1.0, marginal).unwrap() - 0.05).abs() < 1e-4);
    assert!(curve.lend(size).unwrap() > least);
}

#[test]
fn nothing_is_lent_below_the_required_rate_or_for_less_than_the_gas() {
    assert_eq!(choose(&at_ratio(0.8), &lender()), Choice::Stay, "10 % is asked, 8.5 % is paid");
    assert_eq!(choose(&at_curve(1.2), &lender()), Choice::Stay, "4.6 % is paid");
    let none = Sight { market: LoanSight { rates: None, ..calm().market }, ..calm() };
    assert_eq!(choose(&none, &lender()), Choice::Stay);
    // A quarter's interest on 100 dollars is 2.1: a dollar of gas leaves 4.4 % a year.
    let poor = Sight { cash: purse(200.0), ..calm() };
    assert_eq!(choose(&poor, &lender()), Choice::Stay);
    let free = Sight { market: LoanSight { gas_usd: 0.0, ..calm().market }, ..poor };
    assert!(matches!(choose(&free, &lender()), Choice::Lend { .. }));
}

#[test]
fn alarm_sells_back_with_its_probability_and_a_limited_loss() {
    let alarmed = Sight { held: purse(4_000.0), cash: Purse::default(), ..at_ratio(0.95) };
    let sold =
        Choice::SellBack { yield_tokens: purse(4_000.0).amount, least: 4_000.0 * (1.0 - f64::from(0.1_f32)) };
    assert_eq!(choose(&alarmed, &lender()), sold);
    assert_eq!(choose(&Sight { draw: 0.7, ..alarmed }, &lender()), Choice::Stay);
    let patient = Lender { most_loss_share: 0.01, ..lender() };
    assert_eq!(choose(&alarmed, &patient), Choice::Stay, "the pool pays 2.1 % less than the face value");
}

/// At 2 % a year a token is dearer than at half of the 5 % asked for: the gain is taken; at 4.6 % it is not.
#[test]
fn tokens_that_have_become_dear_are_sold() {
    let rich = |ratio| Sight { held: purse(4_000.0), cash: Purse::default(), ..at_curve(ratio) };
    let Choice::SellBack { yield_tokens, least } = choose(&rich(1.08), &lender()) else { panic!() };
    assert_eq!(yield_tokens, purse(4_000.0).amount);
    assert!((least - 4_000.0 / 1.00625).abs() < 1e-3);
    assert_eq!(choose(&rich(1.2), &lender()), Choice::Stay);
    assert_eq!(choose(&Sight { draw: 0.7, ..rich(1.08) }, &lender()), Choice::Stay);
}

#[test]
fn claims_above_the_gas_come_first() {
    let due = Sight { claim: purse(1.5), ..calm() };
    assert_eq!(choose(&due, &lender()), Choice::Claim(purse(1.5).amount));
    let crumbs = Sight { claim: purse(0.9), ..calm() };
    assert!(matches!(choose(&crumbs, &lender()), Choice::Lend { .. }));
}

fn wild() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), Just(f64::NAN), Just(f64::INFINITY), Just(-1.0), Just(1e300), 0.0..2.0_f64]
}

fn wild_purse() -> impl Strategy<Value = Purse> {
    (0..=i64::MAX, prop_oneof![Just(0.0), Just(1e300), 0.0..1e9_f64])
        .prop_map(|(atoms, usd)| Purse { amount: Amount::from_atoms(atoms), usd })
}

proptest! {
    #[test]
    fn nobody_spends_more_than_it_has_or_lends_below_its_own_rate(
        ratio in 1.0..3.0_f64, cash in 0.0..1e7_f64, held in 0.0..1e6_f64, ltv in 0.3..1.2_f64, draw in 0.0..1.0_f64,
        reservation in 0.0..0.3_f32, share in 0.0..=1.0_f32,
    ) {
        let market = LoanSight { rates: Some(curve(ratio)), loan_to_value_outside: ltv, ..calm().market };
        let sight = Sight { market, cash: purse(cash), held: purse(held), draw, ..calm() };
        let one = Lender { reservation_rate: reservation, lend_share: share, ..lender() };
        let required = required_rate(&sight, &one);
        match choose(&sight, &one) {
            Choice::Stay => {}
            Choice::Claim(_) => prop_assert!(false, "there is nothing to claim"),
            Choice::Lend { cash, least } => {
                prop_assert!(cash.is_positive() && cash <= sight.cash.amount);
                let paid = cash.atoms() as f64 / 1e6;
                prop_assert!(curve(ratio).rate(paid, least).unwrap() >= required - 1e-9);
                prop_assert!(curve(ratio).lend(paid).unwrap() >= least - 1e-3);
            }
            Choice::SellBack { yield_tokens, least } => {
                prop_assert!(yield_tokens.is_positive() && yield_tokens <= sight.held.amount);
                prop_assert!(least > 0.0);
            }
        }
    }

    #[test]
    fn odd_numbers_do_no_harm(
        (outside, gas, draw) in (wild(), wild(), wild()),
        (cash, held, claim) in (wild_purse(), wild_purse(), wild_purse()),
    ) {
        let market = LoanSight { loan_to_value_outside: outside, gas_usd: gas, ..calm().market };
        let sight = Sight { market, cash, held, claim, draw };
        match choose(&sight, &lender()) {
            Choice::Stay => {}
            Choice::Claim(amount) => prop_assert_eq!(amount, claim.amount),
            Choice::Lend { cash: paid, least } => prop_assert!(paid <= cash.amount && least.is_finite()),
            Choice::SellBack { yield_tokens, least } => {
                prop_assert!(yield_tokens <= held.amount && least.is_finite());
            }
        }
    }
}
