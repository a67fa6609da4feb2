use proptest::prelude::*;

use super::super::loan_sight::tests::curve;
use super::*;

fn borrower(style: Style) -> Borrower {
    Borrower {
        market: LoanMarketId(0),
        style,
        borrow_share: 0.5,
        highest_rate: 0.16,
        elasticity: 1.0,
        least_term_days: 10.0,
        conversion_distance: 0.05,
        min_loan_usd: 100.0,
        roll_probability: 0.6,
        rebuy_share: 0.5,
        memory: Memory { term: 1, ..Memory::default() },
    }
}

fn purse(usd: f64) -> Purse {
    Purse { amount: Amount::from_atoms((usd * 1e6) as i64), usd }
}

/// ETH at 2,000 dollars, LTV 75 %, a quarter left, a standing rate of 8.5 %, 10,000 dollars of ETH, no debt.
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
        free: purse(10_000.0),
        cash: purse(300.0),
        debt: 0.0,
        claim: None,
        draw: 0.5,
    }
}

const LOOP: Style = Style::Loop { rounds: 2 };
const STYLES: [Style; 4] = [Style::Cash, LOOP, Style::Margin, Style::Roll];

#[test]
fn a_component_is_small() {
    assert!(size_of::<Borrower>() <= 100, "{}", size_of::<Borrower>());
}

/// Half of 10,000 at a rate of zero, half of that at half of the highest rate, nothing at the highest. A debt of 1,500
/// at 75 % stands for 2,000 of collateral, of which 500 are its own.
#[test]
fn worked_example_of_demand() {
    let wanted = |sight: &Sight, style, rate| wanted_debt(sight, &borrower(style), rate);
    assert!((wanted(&calm(), Style::Cash, 0.0) - 5_000.0).abs() < 1e-3);
    assert!((wanted(&calm(), Style::Cash, 0.08) - 2_500.0).abs() < 1e-3);
    assert_eq!([0.17, f64::NAN].map(|rate| wanted(&calm(), Style::Cash, rate)), [0.0; 2]);
    let indebted = Sight { debt: 1_500.0, ..calm() };
    assert!((wanted(&indebted, Style::Cash, 0.0) - 6_000.0).abs() < 1e-3);
    assert!((wanted(&indebted, LOOP, 0.0) - 5_250.0).abs() < 1e-3);
    let curved = Borrower { elasticity: 2.0, ..borrower(Style::Cash) };
    assert!((wanted_debt(&calm(), &curved, 0.08) - 1_250.0).abs() < 1e-3);
    let never = Borrower { highest_rate: 0.0, ..borrower(Style::Cash) };
    assert_eq!([0.0, 0.1].map(|rate| wanted_debt(&calm(), &never, rate)), [0.0; 2]);
}

#[test]
fn a_borrower_takes_the_loan_at_whose_rate_it_wants_just_that() {
    let one = borrower(Style::Cash);
    let (collateral, loan) = loan(&calm(), &one).unwrap();
    assert!((wanted_debt(&calm(), &one, loan.rate) / loan.face - 1.0).abs() < 2e-3);
    // 0.75 x 2,000 dollars an ETH.
    assert!((calm().free.usd * collateral.atoms() as f64 / 1e10 * 0.75 / loan.face - 1.0).abs() < 1e-6);
    assert!(loan.rate > curve(1.4).standing_rate().unwrap(), "its own size makes it dearer");
    let (cash, _) = curve(1.4).borrow(loan.face).unwrap();
    assert!((loan.net_cash - cash).abs() < 1e-9);
    // With so much of a debt already there is nothing to do.
    let indebted = Sight { debt: 3_500.0, ..calm() };
    assert_eq!(super::loan(&indebted, &one), None);
}

#[test]
fn demand_falls_as_the_rate_rises() {
    let face = |ratio: f64| {
        let market = LoanSight { rates: Some(curve(ratio)), ..calm().market };
        super::loan(&Sight { market, ..calm() }, &borrower(Style::Cash)).map_or(0.0, |(_, loan)| loan.face)
    };
    let faces = [1.05, 1.2, 1.4, 1.7, 2.1].map(face);
    assert!(faces.windows(2).all(|two| two[0] > two[1]), "{faces:?}");
    assert_eq!(faces[4], 0.0, "18 % is beyond its highest rate");
}

#[test]
fn nobody_joins_late_near_conversion_or_without_gas() {
    let none = |sight: Sight| assert_eq!(loan(&sight, &borrower(Style::Cash)), None);
    let with = |market: LoanSight| Sight { market, ..calm() };
    // At a rate near zero it is the time alone that counts.
    let left = |days: f64| {
        let rates = Some(RateCurve { years: days / 365.0, ..curve(1.0) });
        with(LoanSight { rates, ..calm().market })
    };
    none(left(9.0));
    assert!(loan(&left(11.0), &borrower(Style::Cash)).is_some());
    none(with(LoanSight { rates: None, ..calm().market }));
    none(with(LoanSight { open: false, ..calm().market }));
    none(with(LoanSight { loan_to_value_outside: 0.86, ..calm().market }));
    none(with(LoanSight { loan_to_value: 0.86, ..calm().market }));
    none(with(LoanSight { room: 0.0, ..calm().market }));
    none(Sight { cash: purse(1.0), ..calm() });
    none(Sight { free: purse(300.0), ..calm() });
    assert!(loan(&calm(), &borrower(Style::Cash)).is_some());
}

/// A join of 1 ETH brings 1,500 yield tokens; at b = 0.75 x bond price / 1.001 three joins hold 1 + b + b^2.
#[test]
fn a_loop_pledges_what_it_buys() {
    let market = calm().market;
    let loan = LOOP.loan(&market, &curve(1.4), 1.0, 5.0, 0.16).unwrap();
    let bond = (loan.net_cash * 1.001) / loan.face;
    let joins = crate::protocol::crp::loop_leverage(0.75 * bond / 1.001, 2).unwrap();
    assert!((loan.face / (1_500.0 * joins) - 1.0).abs() < 1e-4);
    assert_eq!((LOOP.actions(), loan.least.iter().filter(|least| **least > 0.0).count()), (9, 3));
    let small = LoanSight { room: 2.0, ..market };
    assert_eq!(LOOP.loan(&small, &curve(1.4), 1.0, 5.0, 0.16), None, "2.29 ETH do not fit");
}

/// 1 ETH becomes 4 at 75 %: 6,000 yield tokens, 3 ETH owed with a fee of 0.009. At 8.5 % a quarter's interest is about 2.1 %
/// of 6,000 dollars: it must come out of ETH beside the one that was joined.
#[test]
fn a_flash_entry_keeps_collateral_back_for_the_interest() {
    let market = calm().market;
    let enter = |style: Style, free| style.loan(&market, &curve(1.4), 1.0, free, 0.1);
    let roll = enter(Style::Roll, 5.0).unwrap();
    assert!((roll.face - 6_000.0).abs() < 1e-6);
    // At most 10 % a year: 4.009 ETH brought, at least 6,000 / 1.025 dollars less the fee bought back.
    assert!((roll.most_spent - (4.009 - 3.0 / 1.025 - 0.009)).abs() < 1e-9, "{}", roll.most_spent);
    assert_eq!(enter(Style::Roll, 1.05), None, "it could not pay the flash loan back");
    let margin = enter(Style::Margin, 1.0).unwrap();
    assert!((margin.face - 2_000.0).abs() < 1e-6 && margin.most_spent < 1.0);
}

#[test]
fn keys_are_claimed_when_they_are_worth_the_gas_and_left_otherwise() {
    let keys = Amount::from_atoms(7_000_000);
    let after = |usd| Sight {
        market: LoanSight { term: 2, ..calm().market },
        claim: Some(Claim { keys, usd }),
        ..calm()
    };
    let mut one = borrower(Style::Cash);
    assert_eq!(choose(&after(None), &mut one), Choice::default(), "not settled yet");
    assert_eq!(one.memory.term, 1);
    let choice = choose(&after(Some(50.0)), &mut one);
    assert_eq!(choice, Choice { claim: Some(keys), ..Choice::default() });
    // It goes on (0.5 < 0.6): half of its dollars, gas apart, buys collateral back; then it borrows again.
    let paid = Sight { claim: None, ..after(None) };
    let choice = choose(&paid, &mut one);
    assert_eq!(choice.rebuy, paid.cash.worth(0.5 * (300.0 - 4.0)));
    assert!(choose(&paid, &mut one).borrow.is_some());
    // It walks away from what is worth less than the gas, and may go on all the same.
    let mut other = borrower(Style::Cash);
    let choice = choose(&after(Some(0.9)), &mut other);
    assert!(choice.claim.is_none() && choice.rebuy.is_positive());
    // A draw above its roll probability: a term without.
    let mut tired = borrower(Style::Cash);
    let _ = choose(&Sight { draw: 0.7, ..after(Some(50.0)) }, &mut tired);
    assert_eq!(choose(&paid, &mut tired), Choice::default());
    let next = Sight { market: LoanSight { term: 3, ..paid.market }, ..paid };
    assert!(choose(&next, &mut tired).borrow.is_some(), "then it comes back");
}

fn wild() -> impl Strategy<Value = f64> {
    prop_oneof![
        Just(0.0),
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(-1.0),
        Just(1e300),
        Just(1e-300),
        0.0..2.0_f64
    ]
}

fn wild_purse() -> impl Strategy<Value = Purse> {
    (0..=i64::MAX, prop_oneof![Just(0.0), Just(1e300), 0.0..1e9_f64])
        .prop_map(|(atoms, usd)| Purse { amount: Amount::from_atoms(atoms), usd })
}

fn assert_within_means(sight: &Sight, one: &Borrower, choice: &Choice) -> Result<(), TestCaseError> {
    let highest = f64::from(one.highest_rate);
    prop_assert!(choice.rebuy <= sight.cash.amount);
    if let Some((collateral, loan)) = choice.borrow {
        let curve = sight.market.rates.unwrap();
        prop_assert!(collateral.is_positive() && collateral <= sight.free.amount);
        prop_assert!(loan.rate <= highest, "{} above {}", loan.rate, highest);
        prop_assert!(loan.face >= f64::from(one.min_loan_usd) && loan.face.is_finite());
        prop_assert!(loan.most_spent <= sight.free.usd / sight.market.mid * (1.0 + 1e-12));
        if matches!(one.style, Style::Cash | Style::Loop { .. }) {
            // Filled at its limits, all sales together still cost no more than its highest rate.
            let worst: f64 = loan.least.iter().sum();
            prop_assert!(worst * curve.growth(highest) >= loan.face * (1.0 - 1e-9));
            prop_assert!(worst <= loan.net_cash * (1.0 + sight.market.purchase_cost_share) * (1.0 + 1e-9));
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn nobody_spends_more_than_it_has_or_borrows_above_its_own_rate(
        ratio in 1.0..2.5_f64, free in 0.0..2e6_f64, cash in 0.0..1e4_f64, debt in 0.0..1e5_f64,
        ltv in 0.5..0.9_f64, highest in 0.01..0.5_f32, share in 0.0..3.0_f32, elasticity in 0.0..4.0_f32,
        style in prop::sample::select(&STYLES[..]), room in prop_oneof![Just(f64::INFINITY), 0.0..1e3_f64],
    ) {
        let market = LoanSight {
            rates: Some(curve(ratio)), loan_to_value: ltv, loan_to_value_outside: ltv, room, ..calm().market
        };
        let sight = Sight { market, free: purse(free), cash: purse(cash), debt, ..calm() };
        let mut one = Borrower { highest_rate: highest, borrow_share: share, elasticity, ..borrower(style) };
        let choice = choose(&sight, &mut one);
        assert_within_means(&sight, &one, &choice)?;
    }

    #[test]
    fn odd_numbers_do_no_harm(
        (spot, mid, ltv, outside, room) in (wild(), wild(), wild(), wild(), wild()),
        (cost, fee, gas, debt, draw) in (wild(), wild(), wild(), wild(), wild()),
        (free, cash, usd) in (wild_purse(), wild_purse(), prop::option::of(wild())),
        style in prop::sample::select(&STYLES[..]), term in 0..4_u32,
    ) {
        let market = LoanSight {
            spot, mid, loan_to_value: ltv, loan_to_value_outside: outside, room, purchase_cost_share: cost,
            flash_fee: fee, gas_usd: gas, term, ..calm().market
        };
        let claim = usd.map(|usd| Claim { keys: Amount::from_atoms(5), usd: Some(usd) });
        let sight = Sight { market, free, cash, debt, claim, draw };
        let mut one = borrower(style);
        let choice = choose(&sight, &mut one);
        prop_assert!(choice.rebuy <= cash.amount);
        if let Some((collateral, loan)) = choice.borrow {
            prop_assert!(collateral <= free.amount && loan.face.is_finite());
            prop_assert!(loan.rate <= f64::from(one.highest_rate));
        }
    }
}
