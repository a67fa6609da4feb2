//! What a naive implementation gets wrong, a test each.

use super::*;

const SMOOTH: Terms = Terms { moving_average: 0.9, ..QUARTER };

#[test]
fn a_trade_is_quoted_at_the_weights_of_the_trade_before() {
    let pool = lent(&SMOOTH);
    // The price falls by a tenth; the first trade is quoted as if nothing had happened, and stores the new weight.
    let first = swap_y_for_x(&pool, &SMOOTH, 0.9, 150.0, 5.0).unwrap();
    let calm = swap_y_for_x(&pool, &SMOOTH, 1.0, 150.0, 5.0).unwrap();
    assert_eq!(first.amount_out, calm.amount_out);
    assert!(first.next.weight_x < pool.weight_x);
    // The weight stored is of the balances before the trade: its size does not matter.
    let smaller = swap_y_for_x(&pool, &SMOOTH, 0.9, 150.0, 1.0).unwrap();
    assert_eq!(first.next.weight_x, smaller.next.weight_x);
    assert_eq!(first.next.weight_x, next_weight(&pool, &SMOOTH, 0.9, 150.0).unwrap());
    // The second trade is quoted at it.
    let second = swap_y_for_x(&first.next, &SMOOTH, 0.9, 151.0, 5.0).unwrap();
    assert!(second.amount_out > first.amount_out);
}

#[test]
fn conversion_in_the_contract_forces_five_per_cent_at_once_and_is_not_absorbing() {
    let pool = lent(&SMOOTH);
    assert!(pool.loan_to_value(&SMOOTH, 0.6).unwrap() > 0.9);
    assert_eq!(next_weight(&pool, &SMOOTH, 0.6, 150.0), Ok(FORCED_WEIGHT));
    // Even after expiry, where the weight formula has no time left.
    assert_eq!(next_weight(&pool, &SMOOTH, 0.6, 20_000.0), Ok(FORCED_WEIGHT));
    let forced = swap_x_for_y(&pool, &SMOOTH, 0.6, 150.0, 0.1).unwrap().next;
    assert_eq!(forced.weight_x, FORCED_WEIGHT);
    assert!(!forced.converted);
    // The price recovers, the weight climbs back through the average.
    let back = next_weight(&forced, &SMOOTH, 1.2, 151.0).unwrap();
    assert!(back > 0.1 && back < 0.2, "{back}");
    // There is no sale in the contract.
    assert_eq!(
        plan_conversion(&pool, &SMOOTH, 0.6, 150.0),
        Err(Refusal::NotOffered { profile: "contract", verb: "conversion" })
    );
}

#[test]
fn conversion_in_the_contract_sells_the_pool_far_below_the_market() {
    // At 5 % the curve asks a fraction of the market's price for the collateral.
    let pool = lent(&SMOOTH);
    let forced = swap_x_for_y(&pool, &SMOOTH, 0.6, 150.0, 0.1).unwrap().next;
    let bought = swap_y_for_x(&forced, &SMOOTH, 0.6, 151.0, 1.0).unwrap();
    assert!(bought.amount_out * 0.6 > 19.0, "{}", bought.amount_out);
}

#[test]
fn conversion_in_the_white_paper_sells_at_market_and_freezes() {
    let terms = Terms::white_paper_3(13_140.0);
    let pool = lent(&terms);
    assert!(!is_at_conversion(&pool, &terms, 0.9).unwrap());
    assert!(matches!(plan_conversion(&pool, &terms, 0.9, 60.0), Err(Refusal::BelowConversion { .. })));
    let spot = 0.7;
    assert!(is_at_conversion(&pool, &terms, spot).unwrap());
    let sell_x = plan_conversion(&pool, &terms, spot, 60.0).unwrap();
    assert_eq!(sell_x, pool.balance_x);
    let frozen = convert(&pool, &terms, sell_x * spot * 0.99).unwrap();
    assert_eq!((frozen.balance_x, frozen.weight_x, frozen.converted), (0.0, 0.0, true));
    assert!(close(frozen.balance_y, pool.balance_y + sell_x * spot * 0.99, 1e-15));
    // Nothing moves it any more, whatever the price does.
    let closed = Refusal::Converted { expiry: 13_140.0 };
    assert_eq!(update_weight(&frozen, &terms, 2.0, 66.0), Err(closed));
    assert_eq!(swap_x_for_y(&frozen, &terms, 2.0, 66.0, 1.0), Err(closed));
    assert!(plan_join(&frozen, &terms, 2.0, 66.0, 1.0, f64::INFINITY).is_err());
    assert!(convert(&frozen, &terms, 1.0).is_err());
    assert!(!is_at_conversion(&frozen, &terms, spot).unwrap());
    assert_eq!(arbitrage_trade(&frozen, &terms, 2.0), None);
    assert_eq!(next_weight(&frozen, &terms, 2.0, 66.0), Ok(0.0));
}

#[test]
fn the_contracts_delta_jumps_at_the_strike() {
    // 80 %, a quarter of a year, stored weight out of the way.
    let pool = Pool { strike: 1.0, ..lent(&QUARTER) };
    let below = target_weight(&pool, &QUARTER, 1.0, 0.0).unwrap();
    let above = target_weight(&pool, &QUARTER, 1.0027, 0.0).unwrap();
    assert!((below - 0.4209).abs() < 5e-5, "{below}");
    assert!((above - 0.5817).abs() < 2e-4, "{above}");
    // The white paper's does not.
    let paper = Terms { profile: Profile::Whitepaper, ..QUARTER };
    let step =
        target_weight(&pool, &paper, 1.0027, 0.0).unwrap() - target_weight(&pool, &paper, 1.0, 0.0).unwrap();
    assert!(step > 0.0 && step < 3e-3, "{step}");
}

#[test]
fn the_contracts_root_of_a_short_time_flattens_its_delta() {
    // The vector of a loan of 500 blocks: .6850 where the formula as printed gives .7995.
    let terms = Terms { token_to_maturity_blocks: 1e-6, expiry_block: 500.0, ..QUARTER };
    let weight = create(&terms, 1.0, 0.0).unwrap().weight_x;
    assert!((weight - 0.685_017_59).abs() < 2e-8, "{weight}");
    let years: f64 = 500.0 / BLOCKS_PER_YEAR;
    let printed = (years * 0.32 + 0.0625) / (0.8 * years.sqrt());
    assert!((crate::numerics::special::normal_cdf(printed) - 0.7995).abs() < 1e-3);
}

#[test]
fn creation_and_update_measure_moneyness_differently() {
    // 1 - ks is .0625, S/K - 1 is .0667: the first update moves the weight of a pool to which nothing happened.
    let pool = lent(&QUARTER);
    let updated = next_weight(&pool, &QUARTER, 1.0, 0.0).unwrap();
    assert!(updated - pool.weight_x > 1e-3, "{updated} {}", pool.weight_x);
}

#[test]
fn the_moving_average_weighs_the_old_weight() {
    let pool = lent(&QUARTER);
    let target = target_weight(&pool, &QUARTER, 0.9, 100.0).unwrap();
    let at = |moving_average| {
        next_weight(&pool, &Terms { moving_average, ..QUARTER }, 0.9, 100.0).unwrap() - pool.weight_x
    };
    assert!(close(at(0.0), target - pool.weight_x, 1e-6));
    assert!(close(at(0.9), 0.1 * (target - pool.weight_x), 1e-5));
    // The white paper's smoothing weighs the new delta.
    assert_eq!(smoothed(target, pool.weight_x, 1.0), target);
}

#[test]
fn a_bare_525_is_no_closing_blend() {
    let [meant, bare] = [Terms::mainnet(1_050.0), Terms::mainnet_agp066(1_050.0)];
    let pool = lent(&meant);
    // A hundred blocks before expiry the blend has pulled the weight of y towards the LTV.
    let [blended, plain] = [meant, bare].map(|terms| target_weight(&pool, &terms, 1.0, 950.0).unwrap());
    let open = 100.0 / 525.0;
    let ltv = pool.loan_to_value(&meant, 1.0).unwrap();
    assert!((blended - (open * plain + (1.0 - open) * (1.0 - ltv))).abs() < 1e-6, "{blended} {plain}");
    // With the blend as the contract wants it there is one block at which nothing can be computed: expiry.
    assert_eq!(next_weight(&pool, &meant, 1.0, 1_050.0).unwrap_err().abort(), Some("DivisionByZero"));
    assert_eq!(next_weight(&pool, &meant, 1.0, 1_051.0).unwrap_err().abort(), Some("ArithmeticUnderflow"));
    assert!(next_weight(&pool, &meant, 1.0, 1_049.0).is_ok());
    let none = Terms { token_to_maturity_blocks: 0.0, ..meant };
    assert_eq!(next_weight(&pool, &none, 1.0, 10.0).unwrap_err().abort(), Some("DivisionByZero"));
}

#[test]
fn a_later_borrower_joins_at_the_current_ratio() {
    let pool = lent(&QUARTER);
    let now = pool.loan_to_value(&QUARTER, 0.9).unwrap();
    assert!(now > 0.78);
    let plan = plan_join(&pool, &QUARTER, 0.9, 200.0, 100.0, f64::INFINITY).unwrap();
    assert!(close(plan.minted, now * 90.0, 1e-12));
    assert!(close(plan.kept_x, pool.weight_x * 100.0, 1e-12));
    // Exactly at the conversion ratio joining is still open, above it is not, and neither is it at expiry.
    let at = Pool { balance_x: 0.0, balance_y: 1_000.0, yield_supply: 900.0, ..pool };
    assert!(plan_join(&at, &QUARTER, 1.0, 0.0, 1.0, f64::INFINITY).is_ok());
    let above = Pool { yield_supply: 900.000_02, ..at };
    assert_eq!(plan_join(&above, &QUARTER, 1.0, 0.0, 1.0, f64::INFINITY).unwrap_err().code(), Some(2019));
    assert_eq!(plan_join(&pool, &QUARTER, 1.0, 13_140.0, 1.0, f64::INFINITY).unwrap_err().code(), Some(2017));
}

#[test]
fn the_caps_of_a_sale_of_loan_tokens_are_crossed() {
    let terms = Terms { max_in_ratio: 0.01, max_out_ratio: 0.05, ..QUARTER };
    let pool = lent(&terms);
    // Loan tokens in are held against the cap for outputs, collateral out against that for inputs.
    let input = quote_x_for_y(&pool, &terms, 0.05 * pool.balance_y).unwrap_err();
    assert_eq!(input.code(), Some(4002));
    let output = quote_x_for_y(&pool, &terms, 0.049 * pool.balance_y).unwrap_err();
    assert_eq!(output.code(), Some(4001));
    // The other way they are where they belong, the bound itself refused.
    assert_eq!(quote_y_for_x(&pool, &terms, 0.01 * pool.balance_x).unwrap_err().code(), Some(4001));
    let narrow = Terms { max_in_ratio: 0.05, max_out_ratio: 0.01, ..QUARTER };
    assert_eq!(quote_y_for_x(&pool, &narrow, 0.049 * pool.balance_x).unwrap_err().code(), Some(4002));
    // The white paper does not cross them.
    let paper = Terms { profile: Profile::Whitepaper, ..terms };
    assert_eq!(quote_x_for_y(&pool, &paper, 0.01 * pool.balance_y).unwrap_err().code(), Some(4001));
}

#[test]
fn settlement_in_the_contract_is_over_covered_and_all_or_nothing() {
    // The vector with a final LTV of 114 %: 6,850.1759 x and 3,149.8241 y against 7,500 y, price .5.
    let terms = Terms { token_to_maturity_blocks: 1e-6, expiry_block: 500.0, ..QUARTER };
    let pool = Pool {
        strike: 0.9375,
        weight_x: 0.685_017_59,
        balance_x: 6_850.175_9,
        balance_y: 3_149.824_1,
        yield_supply: 7_500.0,
        key_supply: 7_500.0,
        converted: false,
    };
    assert!(is_default(&pool, 0.5));
    let quoted = yield_short_of(&pool, &terms) / 0.5;
    assert_eq!(plan_sale(&pool, &terms, 500.0, quoted, 1e6).unwrap_err().code(), Some(2017));
    // A reserve one token short pays nobody.
    let refused = plan_sale(&pool, &terms, 502.0, quoted, 2_719.0).unwrap_err();
    assert_eq!(refused.code(), Some(2024));
    let sale = plan_sale(&pool, &terms, 502.0, quoted, 1e6).unwrap();
    assert!(close(sale.from_reserve_x, 2_720.211_08, 1e-9), "{}", sale.from_reserve_x);
    let settled = settle(&pool, &terms, &sale, sale.sell_x * 0.5, 0.0).unwrap();
    assert_eq!((settled.next.balance_x, settled.from_reserve_y, settled.missing_y), (0.0, 0.0, 0.0));
    // Yield holders get par; the cushion of 10 % goes to the borrowers who defaulted.
    let redeemed = redeem_yield(&settled.next, &terms, 502.0, 7_500.0).unwrap();
    assert_eq!(redeemed.paid_y, 7_500.0);
    let keys = redeem_key(&redeemed.next, &terms, 502.0, 7_500.0).unwrap();
    assert!(close(keys.paid_y, 435.017_59, 1e-9), "{}", keys.paid_y);
}

#[test]
fn settlement_in_the_white_paper_shares_the_haircut() {
    let terms = Terms::white_paper_3(500.0);
    let pool =
        Pool { balance_x: 100.0, balance_y: 300.0, yield_supply: 500.0, key_supply: 500.0, ..lent(&terms) };
    assert_eq!(yield_short_of(&pool, &terms), 200.0);
    // The market would want 250 for it; only the pool's own 100 are sold, for 80; the reserve helps with 20.
    let sale = plan_sale(&pool, &terms, 501.0, 250.0, 1e6).unwrap();
    assert_eq!(sale, Sale { sell_x: 100.0, from_reserve_x: 0.0 });
    let settled = settle(&pool, &terms, &sale, 80.0, 20.0).unwrap();
    assert_eq!((settled.from_reserve_y, settled.missing_y), (20.0, 100.0));
    // 400 for 500: each gets 80 %, whoever comes first.
    let first = redeem_yield(&settled.next, &terms, 501.0, 100.0).unwrap();
    assert!(close(first.paid_y, 80.0, 1e-12));
    let second = redeem_yield(&first.next, &terms, 501.0, 400.0).unwrap();
    assert!(close(second.paid_y, 320.0, 1e-12));
    assert_eq!((second.next.balance_y, second.next.yield_supply), (0.0, 0.0));
    assert_eq!(redeem_key(&second.next, &terms, 501.0, 500.0).unwrap().paid_y, 0.0);
    // A solvent pool asks the reserve for nothing.
    let rich = settle(&pool, &terms, &sale, 300.0, 20.0).unwrap();
    assert_eq!((rich.from_reserve_y, rich.missing_y), (0.0, 0.0));
}

#[test]
fn the_contract_pays_par_out_of_everybodys_vault() {
    // A sale that brought less than its quote leaves a settled pool short, and the first holders do not notice.
    let pool = Pool { balance_x: 0.0, balance_y: 90.0, yield_supply: 100.0, ..lent(&QUARTER) };
    let redeemed = redeem_yield(&pool, &QUARTER, 13_141.0, 100.0).unwrap();
    assert_eq!((redeemed.paid_y, redeemed.beyond_pool_y, redeemed.next.balance_y), (100.0, 10.0, 0.0));
    assert_eq!(redeem_yield(&pool, &QUARTER, 13_140.0, 1.0).unwrap_err().code(), Some(2017));
    assert_eq!(redeem_yield(&pool, &QUARTER, 13_141.0, 101.0).unwrap_err().code(), Some(5000));
    assert_eq!(tokens_of_share(40.0, 1.5).unwrap_err().code(), Some(5000));
    assert_eq!(tokens_of_share(40.0, 0.25), Ok(10.0));
}
