use proptest::prelude::*;

use super::*;

const SIDES: [Side; 2] = [Side::BuyYield, Side::SellYield];
const WIDE: RatioCaps = RatioCaps { max_in: 0.05, max_out: 0.05, strict: true };

#[test]
fn the_ends_of_the_curve_are_constant_sum_and_nearly_constant_product() {
    let pool = Reserves { token: 100.0, yield_token: 150.0 };
    assert!((pool.out_given_in(Side::BuyYield, 0.0, 10.0).unwrap() - 10.0).abs() < 1e-13);
    let out = pool.out_given_in(Side::BuyYield, 1.0 - 1e-9, 10.0).unwrap();
    assert!((out - 150.0 * 10.0 / 110.0).abs() < 1e-6, "{out}");
}

#[test]
fn a_worked_example_at_half_time() {
    // sqrt(X) + sqrt(Y) = 10 + 12 = 22; X = 121 leaves sqrt(Y) = 11.
    let pool = Reserves { token: 100.0, yield_token: 144.0 };
    assert!((pool.liquidity(0.5).unwrap() - 22.0).abs() < 1e-13);
    assert!((pool.price(0.5).unwrap() - 1.2).abs() < 1e-15);
    assert!((pool.out_given_in(Side::BuyYield, 0.5, 21.0).unwrap() - 23.0).abs() < 1e-12);
    assert!((pool.in_given_out(Side::BuyYield, 0.5, 23.0).unwrap() - 21.0).abs() < 1e-12);
    assert!((pool.token_in_to_price(1.0, 0.5).unwrap() - 21.0).abs() < 1e-12);
    // And the other way: sqrt(Y) = 12.5 leaves 9.5, at the price 12.5 / 9.5.
    assert!((pool.out_given_in(Side::SellYield, 0.5, 12.25).unwrap() - 9.75).abs() < 1e-12);
    assert!((pool.yield_in_to_price(12.5 / 9.5, 0.5).unwrap() - 12.25).abs() < 1e-11);
}

#[test]
fn the_contract_misquotes_yield_tokens_to_a_price() {
    // The contract's answer for 1000 : 1105.17, t = 1/2, price 1.05232196 is 106.19428000: Y - X'.
    let pool = Reserves { token: 1_000.0, yield_token: 1_105.17 };
    let target = pool.at_price(1.052_321_96, 0.5).unwrap();
    assert!((pool.yield_token - target.token - 106.194_28).abs() < 2e-4);
    // What really moves the price there is a hundred times less.
    let input = pool.yield_in_to_price(1.052_321_96, 0.5).unwrap();
    let out = pool.out_given_in(Side::SellYield, 0.5, input).unwrap();
    let after = Reserves { token: pool.token - out, yield_token: pool.yield_token + input };
    assert!((after.price(0.5).unwrap() - 1.052_321_96).abs() < 1e-12 && input < 1.1, "{input}");
}

#[test]
fn prices_are_floored_at_par_but_the_library_refuses_a_negative_rate() {
    let pool = Reserves { token: 1_000.0, yield_token: 999.0 };
    assert_eq!(pool.price(0.5), Ok(1.0));
    assert_eq!(pool.price_of_library(0.5), Err(Refusal::Balance));
    assert_eq!(Refusal::Balance.code(), Some(1001));
}

#[test]
fn caps_are_strict_and_checked_in_the_order_of_the_contract() {
    let pool = Reserves { token: 1_000.0, yield_token: 1_000.0 };
    let caps = RatioCaps::ALEX;
    let out = |amount| pool.capped_out(Side::BuyYield, 0.25, amount, &caps);
    assert!(out(9.999).is_ok());
    assert_eq!(out(10.0), Err(Refusal::MaxInRatio));
    assert_eq!(out(1_000.5), Err(Refusal::Balance));
    assert_eq!(out(f64::NAN), Err(Refusal::MaxInRatio));
    // A steep pool: the input is within its cap, the output is not.
    let steep = Reserves { token: 1_000.0, yield_token: 3_000.0 };
    assert_eq!(steep.capped_out(Side::SellYield, 0.1, 29.0, &caps), Err(Refusal::MaxOutRatio));
    let input = |amount| pool.capped_in(Side::SellYield, 0.25, amount, &caps);
    assert!(input(9.9).is_ok());
    assert_eq!(input(10.0), Err(Refusal::MaxOutRatio));
    assert_eq!(input(1_000.5), Err(Refusal::Balance));
    assert_eq!(steep.capped_in(Side::BuyYield, 0.1, 29.0, &caps), Err(Refusal::MaxInRatio));
}

#[test]
fn targets_on_the_wrong_side_and_bad_numbers_are_refused() {
    let pool = Reserves { token: 1_000.0, yield_token: 1_200.0 };
    let price = pool.price(0.5).unwrap();
    assert_eq!(pool.token_in_to_price(price, 0.5), Err(Refusal::NoLiquidity));
    assert_eq!(pool.yield_in_to_price(price, 0.5), Err(Refusal::NoLiquidity));
    assert_eq!(pool.at_price(1.01, 0.0), Err(Refusal::NoTimeLeft));
    assert_eq!(pool.at_price(1e300, 0.001), Err(Refusal::Price));
    for bad in [-1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(pool.out_given_in(Side::BuyYield, 0.5, bad), Err(Refusal::Amount));
        assert_eq!(pool.in_given_out(Side::BuyYield, 0.5, bad).map_err(|_| ()), Err(()));
        assert_eq!(pool.price(if bad == -1.0 { 1.0 } else { bad }), Err(Refusal::Reserves));
        assert_eq!(pool.token_in_to_price(bad, 0.5), Err(Refusal::Price));
        assert_eq!(Reserves { token: bad, yield_token: 1.0 }.price(0.5), Err(Refusal::Reserves));
    }
    assert_eq!(pool.in_given_out(Side::BuyYield, 0.5, 1_200.0), Err(Refusal::Balance));
    // Paying in without end takes the whole reserve, and no more.
    assert_eq!(pool.out_given_in(Side::BuyYield, 0.5, 1e30), Ok(1_200.0));
}

prop_compose! {
    fn pools()(token in 1e-3..1e9_f64, ratio in 1.0..3.0_f64) -> Reserves {
        Reserves { token, yield_token: token * ratio }
    }
}

fn moved(pool: Reserves, side: Side, input: f64, out: f64) -> Reserves {
    match side {
        Side::BuyYield => Reserves { token: pool.token + input, yield_token: pool.yield_token - out },
        Side::SellYield => Reserves { token: pool.token - out, yield_token: pool.yield_token + input },
    }
}

proptest! {
    #[test]
    fn the_invariant_holds_and_the_quotes_invert(
        pool in pools(), t in 0.0..0.95_f64, share in 1e-9..0.05_f64, side in 0..2_usize,
    ) {
        let side = SIDES[side];
        let input = share * pool.in_and_out(side).0;
        let out = pool.out_given_in(side, t, input).unwrap();
        let after = moved(pool, side, input, out);
        prop_assert!((after.liquidity(t).unwrap() / pool.liquidity(t).unwrap() - 1.0).abs() < 1e-13);
        let back = pool.in_given_out(side, t, out).unwrap();
        prop_assert!((back / input - 1.0).abs() < 1e-11, "{back} {input}");
    }

    #[test]
    fn a_round_trip_never_profits(
        pool in pools(), t in 0.0..0.95_f64, share in 1e-9..0.05_f64, side in 0..2_usize,
    ) {
        let (side, other) = (SIDES[side], SIDES[1 - side]);
        let input = share * pool.in_and_out(side).0;
        let out = pool.out_given_in(side, t, input).unwrap();
        let back = moved(pool, side, input, out).out_given_in(other, t, out).unwrap();
        prop_assert!(back <= input * (1.0 + 1e-9) + 1e-15 * pool.yield_token);
    }

    #[test]
    fn the_average_price_is_worse_than_spot_and_the_price_moves_against_the_trade(
        pool in pools(), t in 0.01..0.95_f64, share in 1e-4..0.05_f64,
    ) {
        let price = pool.price(t).unwrap();
        let input = share * pool.token;
        let out = pool.out_given_in(Side::BuyYield, t, input).unwrap();
        prop_assert!(out <= input * price * (1.0 + 1e-12));
        prop_assert!(moved(pool, Side::BuyYield, input, out).price(t).unwrap() <= price);
        let out = pool.out_given_in(Side::SellYield, t, input).unwrap();
        prop_assert!(out * price <= input * (1.0 + 1e-12));
        prop_assert!(moved(pool, Side::SellYield, input, out).price(t).unwrap() >= price);
    }

    #[test]
    fn the_price_rises_with_yield_tokens_and_with_time(pool in pools(), t in 0.0..0.9_f64) {
        let price = pool.price(t).unwrap();
        let richer = Reserves { yield_token: pool.yield_token * 1.01, ..pool };
        prop_assert!(richer.price(t).unwrap() >= price);
        prop_assert!(pool.price(t + 0.05).unwrap() >= price);
        prop_assert!(price >= 1.0);
    }

    #[test]
    fn a_trade_to_a_price_arrives(pool in pools(), t in 0.02..0.95_f64, step in 1.0001..1.02_f64) {
        let price = pool.price(t).unwrap();
        let input = pool.yield_in_to_price(price * step, t).unwrap();
        let out = pool.out_given_in(Side::SellYield, t, input).unwrap();
        let after = moved(pool, Side::SellYield, input, out);
        prop_assert!((after.price(t).unwrap() / (price * step) - 1.0).abs() < 1e-11);
        let input = after.token_in_to_price(price, t).unwrap();
        let out = after.out_given_in(Side::BuyYield, t, input).unwrap();
        prop_assert!((moved(after, Side::BuyYield, input, out).price(t).unwrap() / price - 1.0).abs() < 1e-11);
    }

    #[test]
    fn no_input_gives_a_number_that_is_none(
        token in prop::num::f64::ANY, yield_token in prop::num::f64::ANY, t in prop::num::f64::ANY, amount in prop::num::f64::ANY,
    ) {
        let pool = Reserves { token, yield_token };
        for t in [t, 0.5] {
            for answer in [
                pool.price(t),
                pool.capped_out(Side::BuyYield, t, amount, &WIDE),
                pool.out_given_in(Side::SellYield, t, amount),
                pool.in_given_out(Side::BuyYield, t, amount),
                pool.token_in_to_price(amount, t),
                pool.yield_in_to_price(amount, t),
            ].into_iter().flatten() {
                prop_assert!(!answer.is_nan() && answer >= 0.0, "{pool:?} {t} {amount}: {answer}");
            }
        }
    }
}
