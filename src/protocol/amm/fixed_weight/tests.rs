use proptest::prelude::*;

use super::*;
use crate::protocol::amm::ratio_cap::alex_code;

fn pool(x: f64, y: f64, weight_x: f64) -> FixedWeightPool {
    FixedWeightPool { weight_x, ..Default::default() }.deposit(x, y).unwrap().next
}

#[test]
fn a_worked_example_half_and_half() {
    // 2,000 in: 6 fee, 3 of it stay; 1,994 meet 200,000 : 400,000.
    let swap = pool(200_000.0, 400_000.0, 0.5).swap(&FixedWeightTerms::MAINNET, Sell::X, 1_990.0).unwrap();
    let net = 1_990.0 * 0.997;
    assert!((swap.net_in - net).abs() < 1e-9 && (swap.to_reserve - 2.985).abs() < 1e-12);
    assert!((swap.out - 400_000.0 * net / (200_000.0 + net)).abs() < 1e-8);
    assert!((swap.next.balances[0] - 201_987.015).abs() < 1e-8);
    assert!((swap.next.balances[1] + swap.out - 400_000.0).abs() < 1e-9);
}

#[test]
fn selling_y_swaps_the_names_of_the_caps() {
    let pool = pool(1_000.0, 1_000.0, 0.8);
    let caps = CoinCaps::WEIGHTED;
    let code = |result: Result<f64, SwapError>| result.map_err(alex_code);
    assert_eq!(code(pool.quote_out(&caps, Sell::X, 10.0)), Err(Some(4001)));
    assert_eq!(code(pool.quote_out(&caps, Sell::Y, 10.0)), Err(Some(4002)));
    // Three of x buy four times as much of y: the output is over its cap.
    assert_eq!(code(pool.quote_out(&caps, Sell::X, 3.0)), Err(Some(4002)));
    // And an output of x over its cap is called an input.
    assert_eq!(code(self::pool(1_000.0, 1_000.0, 0.2).quote_out(&caps, Sell::Y, 3.0)), Err(Some(4001)));
    assert_eq!(code(pool.quote_in(&caps, Sell::Y, 10.0)), Err(Some(4001)));
    assert_eq!(code(pool.quote_in(&caps, Sell::X, 10.0)), Err(Some(4002)));
}

#[test]
fn the_oracle_lags_by_trades_and_sees_the_balances_before_them() {
    let mut pool = pool(1_000.0, 1_000.0, 0.5);
    let caps = CoinCaps { max_x: 0.3, max_y: 0.3 };
    let terms = FixedWeightTerms { caps, ..FixedWeightTerms::MAINNET };
    // Switching the average on starts it at the instant price.
    pool.resilient_price = pool.spot_price().unwrap();
    let first = pool.swap(&terms, Sell::X, 30.0).unwrap().next;
    assert_eq!(first.resilient_price, 1.0);
    let mut now = first;
    for _ in 0..4 {
        now = now.swap(&terms, Sell::X, 30.0).unwrap().next;
    }
    assert!((now.spot_price().unwrap() - 0.757).abs() < 0.001, "{}", now.spot_price().unwrap());
    assert!(now.resilient_price > 0.97 && now.resilient_price < 0.99, "{}", now.resilient_price);
    let off = FixedWeightTerms { oracle_average: None, ..terms };
    assert_eq!(now.swap(&off, Sell::X, 30.0).unwrap().next.resilient_price, 0.0);
}

#[test]
fn shares_are_minted_from_the_invariant_and_burnt_in_proportion() {
    let first = pool(504_000.0, 3_150_000.0, 0.5);
    assert!((first.shares - (504_000.0_f64 * 3_150_000.0).sqrt()).abs() < 1e-6);
    let more = first.deposit(50_400.0, 400_000.0).unwrap();
    assert!((more.amounts[1] - 315_000.0).abs() < 1e-6 && (more.shares / first.shares - 0.1).abs() < 1e-12);
    assert_eq!(first.deposit(50_400.0, 300_000.0), Err(SwapError::Slippage));
    let left = more.next.withdraw(more.shares).unwrap();
    assert!((left.amounts[0] - 50_400.0).abs() < 1e-6 && (left.next.shares - first.shares).abs() < 1e-6);
    assert_eq!(first.withdraw(first.shares * 1.01), Err(SwapError::InsufficientLiquidity));
    let empty = FixedWeightPool { weight_x: 0.5, ..Default::default() };
    assert_eq!(empty.amounts_of_shares(1.0).map_err(alex_code), Err(Some(2002)));
}

#[test]
fn bad_numbers_are_refused() {
    let pool = pool(1_000.0, 1_000.0, 0.5);
    for bad in [-1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(pool.swap(&FixedWeightTerms::MAINNET, Sell::X, bad), Err(SwapError::Amount));
        assert_eq!(pool.deposit(bad, 1.0), Err(SwapError::Amount));
        assert!(pool.quote_out(&CoinCaps::WEIGHTED, Sell::Y, bad).is_err());
        assert!(pool.quote_to_price(Sell::X, bad).is_err());
        assert_eq!(FixedWeightPool { weight_x: bad, ..pool }.spot_price(), Err(SwapError::Weight));
        assert_eq!(pool.refreshed_price(bad), Err(SwapError::Price));
    }
    assert_eq!(pool.swap(&FixedWeightTerms::MAINNET, Sell::X, 0.0), Err(SwapError::Amount));
    assert_eq!(pool.quote_to_price(Sell::X, 1.1).map_err(alex_code), Err(Some(2002)));
    assert_eq!(pool.quote_to_price(Sell::Y, 0.9).map_err(alex_code), Err(Some(2002)));
    assert_eq!(pool.deposit(1.0, f64::NAN), Err(SwapError::Slippage));
}

proptest! {
    #[test]
    fn a_round_trip_pays_at_least_the_fees(
        x in 1.0..1e8_f64, y in 1.0..1e8_f64, weight in 0.1..0.9_f64, share in 1e-6..9e-4_f64,
    ) {
        let first = pool(x, y, weight);
        let out = first.swap(&FixedWeightTerms::MAINNET, Sell::X, share * x).unwrap();
        let back = out.next.swap(&FixedWeightTerms::MAINNET, Sell::Y, out.out).unwrap();
        prop_assert!(back.out < share * x * 0.997);
        let weights = [weight, 1.0 - weight];
        let grown = weighted::invariant(&back.next.balances, &weights).unwrap();
        prop_assert!(grown > first.shares * (1.0 - 1e-13));
    }

    #[test]
    fn deposits_never_dilute(x in 1.0..1e8_f64, y in 1.0..1e8_f64, weight in 0.1..0.9_f64, share in 1e-6..5.0_f64) {
        let first = pool(x, y, weight);
        let moved = first.deposit(x * share, f64::MAX).unwrap().next;
        for coin in 0..2 {
            let (old, new) = (first.balances[coin] / first.shares, moved.balances[coin] / moved.shares);
            prop_assert!((new / old - 1.0).abs() < 1e-12);
        }
    }
}
