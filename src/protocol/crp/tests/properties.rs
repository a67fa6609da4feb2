//! What holds for any pool.

use proptest::prelude::*;

use super::*;

/// Any pool that lends, in either profile, with any average, fee and blend.
fn any_loan() -> impl Strategy<Value = (Terms, Pool, f64)> {
    (
        any::<bool>(),
        (0.05..0.9_f64, 0.0..0.99_f64, 0.05..3.0_f64, 0.0..1.0_f64),
        (0.0..0.05_f64, 0.0..1.0_f64, 0.0..2_000.0_f64, 2_001.0..52_560.0_f64),
        (1e-3..1e4_f64, 1e-3..1e9_f64),
    )
        .prop_map(|(contract, delta, trade, size)| {
            let ((ltv, average, volatility, multiplier), (fee, rebate, blend, expiry)) = (delta, trade);
            let terms = Terms {
                profile: if contract { Profile::Contract } else { Profile::Whitepaper },
                initial_loan_to_value: ltv,
                conversion_ltv: (ltv + 0.09).min(0.98),
                volatility,
                moving_average: average,
                expiry_block: expiry,
                token_to_maturity_blocks: blend,
                strike_multiplier: multiplier,
                fee_rate_x: fee,
                fee_rate_y: fee,
                rebate_share: rebate,
                ..Terms::mainnet(expiry)
            };
            let empty = create(&terms, size.0, 0.0).unwrap();
            (terms, joined(&empty, &terms, size.0, 0.0, size.1), size.0)
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn weights_stay_in_their_bounds((terms, pool, spot) in any_loan(), move_by in -3.0..3.0_f64, age in 0.0..0.999_f64) {
        let spot = spot * libm::exp(move_by);
        let height = age * terms.expiry_block;
        let next = next_weight(&pool, &terms, spot, height).unwrap();
        match terms.profile {
            Profile::Contract => prop_assert!((0.0..=CONTRACT_WEIGHT_CAP).contains(&next), "{next}"),
            Profile::Whitepaper => prop_assert!((0.0..=1.0).contains(&next), "{next}"),
        }
    }

    #[test]
    fn a_trade_keeps_its_value_but_for_what_the_trader_earns(
        (terms, pool, spot) in any_loan(), move_by in -1.0..1.0_f64, share in 1e-6..0.2_f64, selling_x in any::<bool>(),
    ) {
        let spot = spot * libm::exp(move_by);
        let swapped = if selling_x {
            swap_x_for_y(&pool, &terms, spot, 1.0, share * pool.balance_x)
        } else {
            swap_y_for_x(&pool, &terms, spot, 1.0, share * pool.balance_y)
        };
        let Ok(swapped) = swapped else { return Ok(()) };
        let next = swapped.next;
        let (paid, received, fee) = if selling_x {
            (share * pool.balance_x * spot, swapped.amount_out, swapped.to_reserve * spot)
        } else {
            (share * pool.balance_y, swapped.amount_out * spot, swapped.to_reserve)
        };
        let change = next.value_in_token(spot) - pool.value_in_token(spot);
        let scale = pool.value_in_token(spot);
        prop_assert!((change - (paid - received - fee)).abs() <= 1e-12 * scale, "{change}");
        // On the old curve the trade leaves at least what was there.
        let curve = |pool: &Pool, weight: f64| {
            weight * libm::log(pool.balance_x) + (1.0 - weight) * libm::log(pool.balance_y)
        };
        prop_assert!(curve(&next, pool.weight_x) - curve(&pool, pool.weight_x) > -1e-12);
        prop_assert_eq!((next.yield_supply, next.key_supply), (pool.yield_supply, pool.key_supply));
    }

    #[test]
    fn an_arbitrage_is_accepted_and_pays((terms, pool, spot) in any_loan(), move_by in -2.0..2.0_f64) {
        let spot = spot * libm::exp(move_by);
        if let Some(trade) = arbitrage_trade(&pool, &terms, spot) {
            let selling_x = trade.side == crate::protocol::amm::Side::SellBase;
            let swapped = if selling_x {
                swap_x_for_y(&pool, &terms, spot, 1.0, trade.amount_in)
            } else {
                swap_y_for_x(&pool, &terms, spot, 1.0, trade.amount_in)
            };
            let swapped = swapped.unwrap();
            prop_assert!(close(swapped.amount_out, trade.amount_out, 1e-9));
            prop_assert!(trade.profit_quote > 0.0, "{trade:?}");
        } else {
            let Ok(price) = marginal_price(&pool) else { return Ok(()) };
            // What eight decimals cost, as a distance from the band.
            let rounding = if terms.profile == Profile::Contract { 0.01 } else { 1e-7 };
            prop_assert!(libm::log(price / spot).abs() <= -libm::log1p(-terms.fee_rate_x) + rounding);
        }
    }

    #[test]
    fn settlement_pays_out_exactly_what_there_is(
        (terms, pool, spot) in any_loan(), move_by in -3.0..1.0_f64, first in 0.01..0.99_f64, slip in 0.0..0.2_f64,
        help in 0.0..1.0_f64, converted in any::<bool>(),
    ) {
        let spot = spot * libm::exp(move_by);
        let after = terms.expiry_block + 1.0;
        let pool = if converted && terms.profile == Profile::Whitepaper {
            convert(&pool, &terms, pool.balance_x * spot).unwrap()
        } else {
            pool
        };
        let quoted = yield_short_of(&pool, &terms) / spot;
        let sale = plan_sale(&pool, &terms, after, quoted, f64::MAX).unwrap();
        prop_assert!(sale.sell_x <= pool.balance_x + sale.from_reserve_x * (1.0 + 1e-12));
        let proceeds = sale.sell_x * spot * (1.0 - slip);
        let settled = settle(&pool, &terms, &sale, proceeds, help * pool.yield_supply).unwrap();
        let held = settled.next;
        let (mut now, mut paid_x, mut paid_y, mut beyond) = (held, 0.0, 0.0, 0.0);
        for part in [first, 1.0] {
            let yields = redeem_yield(&now, &terms, after, now.yield_supply * part).unwrap();
            let keys = redeem_key(&yields.next, &terms, after, yields.next.key_supply * part).unwrap();
            paid_x += yields.paid_x + keys.paid_x;
            paid_y += yields.paid_y + keys.paid_y;
            beyond += yields.beyond_pool_y;
            now = keys.next;
        }
        let noise = 1e-9 * (held.balance_y + held.yield_supply);
        prop_assert!((paid_x - held.balance_x).abs() <= 1e-9 * held.balance_x);
        prop_assert!((paid_y - beyond - held.balance_y).abs() <= noise, "{paid_y} {beyond} {held:?}");
        prop_assert_eq!((now.yield_supply, now.key_supply), (0.0, 0.0));
        prop_assert!(now.balance_x.abs() <= 1e-9 * held.balance_x && now.balance_y.abs() <= noise);
        if terms.profile == Profile::Whitepaper {
            prop_assert_eq!(beyond, 0.0);
        }
    }

    #[test]
    fn nothing_is_ever_not_a_number(
        (terms, pool, _) in any_loan(), spot in any::<f64>(), height in any::<f64>(), amount in any::<f64>(),
        bent in proptest::array::uniform6(any::<f64>()),
    ) {
        let odd = Pool {
            strike: bent[0], weight_x: bent[1], balance_x: bent[2], balance_y: bent[3], yield_supply: bent[4],
            key_supply: bent[5], converted: false,
        };
        for pool in [pool, odd, Pool { weight_x: 0.5, balance_x: 1.0, ..odd }] {
            let sound = |value: Result<f64, Refusal>| value.is_err() || !value.unwrap().is_nan();
            // A record that is not one is not the verbs' business; a sound one stays sound whatever is asked of it.
            if [pool.strike, pool.weight_x, pool.balance_x, pool.balance_y, pool.yield_supply, pool.key_supply]
                .iter().all(|value| (0.0..1e30).contains(value)) && pool.weight_x <= 1.0
            {
                prop_assert!(sound(pool.loan_to_value(&terms, spot)));
                prop_assert!(sound(pool.value_in_collateral(spot)));
                prop_assert!(sound(target_weight(&pool, &terms, spot, height)));
                prop_assert!(sound(next_weight(&pool, &terms, spot, height)));
                for swapped in [
                    swap_x_for_y(&pool, &terms, spot, height, amount),
                    swap_y_for_x(&pool, &terms, spot, height, amount),
                ].into_iter().flatten() {
                    prop_assert!(swapped.amount_out >= 0.0 && swapped.next.weight_x >= 0.0);
                    prop_assert!(swapped.next.balance_x >= 0.0 && swapped.next.balance_y >= 0.0, "{swapped:?}");
                }
                if let Ok(plan) = plan_join(&pool, &terms, spot, height, amount, f64::INFINITY) {
                    prop_assert!(plan.minted >= 0.0 && plan.kept_x >= 0.0 && plan.sell_x >= 0.0);
                }
                if let Some(trade) = arbitrage_trade(&pool, &terms, spot) {
                    prop_assert!(trade.amount_in > 0.0 && trade.amount_out > 0.0 && !trade.profit_quote.is_nan());
                }
                if let Ok(redeemed) = redeem_yield(&pool, &terms, height, amount) {
                    prop_assert!(redeemed.paid_y >= 0.0);
                }
                if let Ok(redeemed) = redeem_key(&pool, &terms, height, amount) {
                    prop_assert!(redeemed.paid_x >= 0.0 && redeemed.paid_y >= 0.0);
                }
            }
            // A creation answers or refuses.
            if let Ok(made) = create(&Terms { volatility: amount, ..terms }, spot, height) {
                prop_assert!((0.0..=1.0).contains(&made.weight_x) && made.strike > 0.0);
            }
        }
    }

    #[test]
    fn a_move_of_the_weight_never_pays(old in 0.0..=1.0_f64, new in 0.0..=1.0_f64) {
        let factor = rebalancing_factor(old, new);
        prop_assert!((0.0..=1.0).contains(&factor), "{factor}");
        prop_assert!((factor + rebalancing_cost(old, new) - 1.0).abs() <= 1e-15);
    }
}
