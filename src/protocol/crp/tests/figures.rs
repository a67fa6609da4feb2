//! Worked examples and published figures.

use super::*;

#[test]
fn a_pool_is_created_with_the_strike_and_weight_of_the_contract() {
    // LTV 75 %, strike multiplier .25: strike at .9375 of the price; the weight is the contract's own.
    let pool = create(&QUARTER, 1.0, 0.0).unwrap();
    assert_eq!(pool.strike, 0.9375);
    assert!((pool.weight_x - 0.639_298_21).abs() < 1.1e-8, "{}", pool.weight_x);
    // At the money, and at the debt.
    for (multiplier, strike) in [(0.0, 1.0), (1.0, 0.75)] {
        let terms = Terms { strike_multiplier: multiplier, ..QUARTER };
        assert_eq!(create(&terms, 1.0, 0.0).unwrap().strike, strike);
    }
    // The white paper starts near a half: N(s sqrt T / 2).
    let paper = create(&Terms::white_paper_3(13_140.0), 2.0, 0.0).unwrap();
    assert_eq!(paper.strike, 2.0);
    assert!(close(paper.weight_x, 0.579_259_709, 1e-9), "{}", paper.weight_x);
}

#[test]
fn a_forced_jump_to_five_per_cent_keeps_what_the_table_says() {
    for (weight, kept) in [(0.15, 0.95), (0.30, 0.82), (0.44, 0.675), (0.50, 0.61), (0.60, 0.50)] {
        let factor = rebalancing_factor(weight, FORCED_WEIGHT);
        assert!((factor - kept).abs() < 6e-3, "{weight}: {factor}");
    }
    // One step of 7 % towards it is nearly free.
    let step = smoothed(FORCED_WEIGHT, 0.5, 0.07);
    assert!((rebalancing_factor(0.5, step) - 0.998).abs() < 1e-4);
}

#[test]
fn the_rebalancing_factor_is_what_arbitrage_on_the_curve_leaves() {
    // 1,000 y of value at a price of one, weight 60 %; the weight is written down to 45 % and arbitraged.
    let terms = Terms { max_in_ratio: 1.0, max_out_ratio: 1.0, ..Terms::white_paper_3(13_140.0) };
    let pool = Pool {
        strike: 1.0,
        weight_x: 0.45,
        balance_x: 600.0,
        balance_y: 400.0,
        yield_supply: 700.0,
        key_supply: 700.0,
        converted: false,
    };
    let trade = arbitrage_trade(&pool, &terms, 1.0).unwrap();
    let after = swap_y_for_x(&pool, &terms, 1.0, 10.0, trade.amount_in).unwrap().next;
    assert!(close(marginal_price(&after).unwrap(), 1.0, 1e-12));
    assert!(close(after.value_in_token(1.0) / 1_000.0, rebalancing_factor(0.6, 0.45), 1e-12));
    assert!(close(trade.profit_quote / 1_000.0, rebalancing_cost(0.6, 0.45), 1e-10));
}

#[test]
fn entries_with_borrowed_collateral_have_the_leverage_of_the_contract() {
    assert!(close(margin_gross(1.0, 0.75).unwrap(), 4.0 / 3.0, 1e-15));
    assert!(close(roll_gross(1.0, 0.75).unwrap(), 4.0, 1e-15));
    assert!(close(unlimited_loop_leverage(0.75).unwrap(), 4.0, 1e-15));
    let rounds: f64 = (0..=10).map(|round| libm::pow(0.7, f64::from(round))).sum();
    assert!(close(loop_leverage(0.7, 10).unwrap(), rounds, 1e-13));
    for ratio in [0.0, 1.0, 1.5, f64::NAN] {
        assert!(margin_gross(1.0, ratio).is_err());
        assert!(roll_gross(1.0, ratio).is_err());
        assert!(loop_leverage(ratio, 3).is_err());
    }
}

#[test]
fn a_trade_divides_its_fee_between_pool_and_reserve() {
    let terms = Terms { fee_rate_x: 0.003, rebate_share: 0.5, moving_average: 0.9, ..QUARTER };
    let pool = lent(&terms);
    let swapped = swap_x_for_y(&pool, &terms, 1.0, 3.0, 10.0).unwrap();
    assert!(close(swapped.net_in, 9.97, 1e-14));
    assert!(close(swapped.to_reserve, 0.015, 1e-12));
    assert!(close(swapped.next.balance_x, pool.balance_x + 9.985, 1e-14));
    assert_eq!(swapped.next.balance_y, pool.balance_y - swapped.amount_out);
    assert_eq!(swapped.next.weight_x, next_weight(&pool, &terms, 1.0, 3.0).unwrap());
    assert!(matches!(swapped.above(swapped.amount_out), Err(Refusal::BelowLimit { .. })));
}

#[test]
fn the_first_deposits_capacity_is_the_depth_of_the_market() {
    let terms = Terms { capacity_multiplier: 8.0, ..QUARTER };
    let empty = create(&terms, 1.0, 0.0).unwrap();
    assert_eq!(size_to_quote(&empty, &terms, 1.0, 800.0), Ok(100.0));
    // The bound itself is refused.
    let refused = plan_join(&empty, &terms, 1.0, 0.0, 800.0, 100.0);
    assert_eq!(refused, Err(Refusal::AtCapacity { size: 100.0, depth: 100.0 }));
    assert_eq!(refused.unwrap_err().code(), Some(2027));
    assert!(plan_join(&empty, &terms, 1.0, 0.0, 799.0, 100.0).is_ok());
}

#[test]
fn a_loan_is_measured_as_in_the_white_paper() {
    let mut track = LoanTrack::start(1_000.0);
    let value = track.reweigh(1_000.0, 0.5, 0.4);
    assert!(close(value, 1_000.0 * rebalancing_factor(0.5, 0.4), 1e-12));
    track.reach_conversion(0.4);
    track.reach_conversion(0.1);
    let outcome = track.finish(700.0, 750.0).unwrap();
    assert!(outcome.insolvent);
    assert!(close(outcome.shortfall_share, 0.05, 1e-12));
    assert!(close(outcome.final_share, 0.7, 1e-12));
    assert!(close(outcome.rebalancing_loss_share, rebalancing_cost(0.5, 0.4), 1e-12));
    assert_eq!(outcome.weight_at_conversion, Some(0.4));
    assert!(!track.finish(750.0, 750.0).unwrap().insolvent);
    assert_eq!(LoanTrack::start(0.0).finish(1.0, 1.0), None);

    let pool = Pool { balance_x: 1_000.0, balance_y: 0.0, yield_supply: 750.0, ..lent(&QUARTER) };
    assert!(is_default(&pool, 0.7));
    assert!(close(shortfall(&pool, 0.7), 50.0, 1e-12));
    assert!(!is_default(&pool, 0.75));
    assert_eq!(shortfall(&pool, 0.8), 0.0);
}

#[test]
fn terms_that_no_pool_has_are_refused() {
    for terms in [
        Terms::mainnet(1_050.0),
        Terms::mainnet_agp066(1_050.0),
        Terms::repository_tests(1_050.0),
        Terms::white_paper_3(13_140.0),
    ] {
        assert_eq!(terms.violations(0.0), []);
    }
    let good = Terms::mainnet(1_050.0);
    for bad in [
        Terms { conversion_ltv: 1.0, ..good },
        Terms { conversion_ltv: f64::NAN, ..good },
        Terms { initial_loan_to_value: 0.95, ..good },
        Terms { moving_average: 1.0, ..good },
        Terms { token_to_maturity_blocks: 1_050.0, ..good },
        Terms { volatility: -1.0, ..good },
        Terms { rebate_share: 1.5, ..good },
    ] {
        assert!(!bad.violations(0.0).is_empty(), "{bad:?}");
        assert_eq!(create(&bad, 1.0, 0.0).unwrap_err().code(), Some(2001), "{bad:?}");
    }
    // What the contract's machine gives up on.
    let gone = create(&Terms { volatility: 0.0, ..good }, 1.0, 0.0).unwrap_err();
    assert_eq!((gone.code(), gone.abort()), (None, Some("DivisionByZero")));
    assert_eq!(create(&good, 1.0, 1_051.0).unwrap_err().abort(), Some("ArithmeticUnderflow"));
    assert_eq!(create(&good, 1.0, 1_050.0).unwrap_err().code(), Some(2001));
    assert_eq!(create(&good, f64::NAN, 0.0).unwrap_err().code(), Some(2003));
}
