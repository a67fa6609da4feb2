//! The pool as a whole: what surprises in it, worked examples, properties.

use proptest::prelude::*;

use super::*;

const LISTED: u64 = 27_738;
const EXPIRY: u64 = 32_736;

fn terms() -> Terms {
    Terms { caps: Terms::DEPLOYED_CAPS, ..Terms::mainnet(Maturity::contract(LISTED, EXPIRY)) }
}

fn fresh() -> State {
    deposit(&State::default(), 500_000.0, None).unwrap().next
}

/// A pool that borrowers have brought 35,299.80252350 yield tokens to.
fn seasoned() -> State {
    State {
        token: 464_768.674_561_78,
        yield_token: 35_299.802_523_50,
        virtual_yield_token: 500_000.0,
        shares: 500_000.0,
    }
}

#[test]
fn a_fresh_pool_is_all_virtual_opens_at_par_and_can_only_be_borrowed_from() {
    let pool = fresh();
    assert_eq!((pool.yield_token, pool.virtual_yield_token, pool.shares), (0.0, 500_000.0, 500_000.0));
    assert_eq!(price(&pool, &terms(), LISTED), Ok(1.0));
    // The reserve would price ten thousand yield tokens; there is not one to pay.
    assert!(pool.reserves().out_given_in(Side::BuyYield, 0.02, 10_000.0).is_ok());
    let lent = swap(&pool, &terms(), LISTED, Side::BuyYield, 100.0, None);
    assert_eq!(lent, Err(Refusal::YieldTokensShort));
    assert_eq!(Refusal::YieldTokensShort.code(), Some(2016));
    let quoted = quote_in(&pool, &terms(), LISTED, Side::BuyYield, 100.0);
    assert_eq!(quoted, Err(Refusal::YieldTokensShort));
    assert!(swap(&pool, &terms(), LISTED, Side::SellYield, 100.0, None).is_ok());
}

#[test]
fn the_first_deposit_ignores_the_yield_tokens_offered() {
    let moved = deposit(&State::default(), 500_000.0, Some(500_000.0)).unwrap();
    assert_eq!(moved.position.yield_token, 0.0);
    assert_eq!(moved.position.shares, 500_000.0);
    // A pool whose reserves are equal takes the next one in the same way.
    let second = deposit(&moved.next, 100_000.0, Some(0.0)).unwrap();
    assert_eq!((second.position.shares, second.position.yield_token), (100_000.0, 0.0));
    assert_eq!(second.next.virtual_yield_token, 600_000.0);
}

#[test]
fn a_later_deposit_brings_yield_tokens_in_proportion() {
    // The contract's figures for 1,000 tokens: 1,075.804 shares, 75.95104854 real and 1,075.80400656 virtual.
    let quote = quote_deposit(&seasoned(), 1_000.0).unwrap();
    assert!((quote.shares - 1_075.804).abs() < 1e-4, "{quote:?}");
    assert!(
        (quote.yield_token - 75.951).abs() < 2e-3 && (quote.virtual_yield_token - 1_075.804).abs() < 2e-4
    );
    assert_eq!(deposit(&seasoned(), 1_000.0, Some(75.0)), Err(Refusal::Slippage));
    assert!(deposit(&seasoned(), 1_000.0, Some(76.0)).is_ok());
}

#[test]
fn the_fee_is_a_share_of_the_interest_not_of_the_amount() {
    let pool = seasoned();
    let interest = price(&pool, &terms(), 27_745).unwrap() - 1.0;
    let swapped = swap(&pool, &terms(), 27_745, Side::BuyYield, 3_000.0, None).unwrap();
    let paid = swapped.rebate + swapped.to_reserve;
    assert!((paid - 3_000.0 * interest * 0.01).abs() < 1e-12);
    // One per cent of the amount would be 30.
    assert!(paid < 0.12 && (swapped.net_in - (3_000.0 - paid)).abs() < 1e-12);
    assert_eq!(swapped.rebate, swapped.to_reserve);
    assert!((swapped.next.token - pool.token - 3_000.0 + swapped.to_reserve).abs() < 1e-9);
    // At par there is no interest to share, except for the least fee.
    assert_eq!(fee(&fresh(), &terms(), LISTED, Side::SellYield, 1_000.0), Ok(0.0));
    let least = Terms { min_fee: 2.0, ..terms() };
    assert_eq!(fee(&fresh(), &least, LISTED, Side::SellYield, 1_000.0), Ok(2.0));
    assert_eq!(fee(&fresh(), &least, LISTED, Side::SellYield, 1.0), Ok(1.0));
}

#[test]
fn a_fee_that_takes_all_is_refused_as_slippage() {
    let least = Terms { min_fee: 2.0, ..terms() };
    let swapped = swap(&seasoned(), &least, 27_745, Side::SellYield, 1.5, None);
    assert_eq!(swapped.map(|_| ()).map_err(Refusal::code), Err(Some(2020)));
}

#[test]
fn small_trades_are_linear_and_a_kink_follows() {
    let pool = seasoned();
    let spot = price(&pool, &terms(), 27_743).unwrap();
    let at = |net| quote_out(&pool, &terms(), 27_743, Side::BuyYield, net).unwrap();
    assert!((at(500.0) - 500.0 * spot).abs() < 1e-12);
    assert!(at(500.5) < 500.5 * spot);
    let borrow = |net| quote_out(&pool, &terms(), 27_743, Side::SellYield, net).unwrap();
    assert!((borrow(500.0) - 500.0 / spot).abs() < 1e-12);
    assert!(borrow(500.5) < 500.5 / spot);
}

#[test]
fn rates_are_never_negative() {
    // More tokens than yield tokens: the curve alone would lend below par.
    let pool = State { token: 600_000.0, yield_token: 50_000.0, virtual_yield_token: 500_000.0, shares: 1.0 };
    let exact = terms();
    assert_eq!(price(&pool, &exact, LISTED), Ok(1.0));
    for amount in [100.0, 5_000.0] {
        assert_eq!(quote_out(&pool, &exact, LISTED, Side::BuyYield, amount), Ok(amount));
        assert_eq!(quote_out(&pool, &exact, LISTED, Side::SellYield, amount), Ok(amount));
        assert_eq!(quote_in(&pool, &exact, LISTED, Side::BuyYield, amount), Ok(amount));
        assert_eq!(quote_in(&pool, &exact, LISTED, Side::SellYield, amount), Ok(amount));
    }
}

#[test]
fn a_loan_of_the_quoted_size_moves_the_yield_to_the_target() {
    let wide = Terms { small_threshold: 0.0, ..terms() };
    let target = 0.004;
    let input = quote_to_yield(&seasoned(), &wide, 27_743, Side::SellYield, target).unwrap();
    let out = quote_out(&seasoned(), &wide, 27_743, Side::SellYield, input).unwrap();
    let pool =
        State { token: seasoned().token - out, yield_token: seasoned().yield_token + input, ..seasoned() };
    assert!((price(&pool, &wide, 27_743).unwrap() - 1.0 - target).abs() < 1e-12);
    let back = quote_to_price(&pool, &wide, 27_743, Side::BuyYield, 1.003).unwrap();
    assert!(back > out);
    let wrong = quote_to_yield(&pool, &wide, 27_743, Side::SellYield, 0.003);
    assert_eq!(wrong.map_err(Refusal::code), Err(Some(2002)));
    let over = quote_to_yield(&pool, &wide, EXPIRY, Side::SellYield, 0.003);
    assert_eq!(over, Err(Refusal::NoTimeLeft));
}

#[test]
fn after_expiry_the_pool_trades_at_par() {
    let pool = seasoned();
    assert_eq!(price(&pool, &terms(), EXPIRY + 1), Ok(1.0));
    let swapped = swap(&pool, &terms(), EXPIRY + 1, Side::SellYield, 1_000.0, None).unwrap();
    assert!((swapped.out - 1_000.0).abs() < 1e-9 && swapped.to_reserve == 0.0);
}

#[test]
fn the_output_must_exceed_the_limit_strictly() {
    let pool = seasoned();
    let out = swap(&pool, &terms(), 27_745, Side::SellYield, 100.0, None).unwrap().out;
    let limited = |least| swap(&pool, &terms(), 27_745, Side::SellYield, 100.0, Some(least));
    assert_eq!(limited(out), Err(Refusal::Slippage));
    assert!(limited(out * 0.999_999).is_ok());
}

#[test]
fn a_trade_over_the_cap_names_the_cap() {
    let state = State { token: 492_868.349_6, yield_token: 17_907.650_8, ..seasoned() };
    let swapped = swap(&state, &terms(), 27_748, Side::BuyYield, 30_000.0, None);
    assert_eq!(swapped.map(|_| ()).map_err(Refusal::code), Err(Some(4001)));
}

#[test]
fn bad_records_terms_and_amounts_are_refused() {
    let pool = seasoned();
    for bad in [-1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(swap(&pool, &terms(), LISTED, Side::BuyYield, bad, None), Err(Refusal::Amount));
        assert_eq!(quote_deposit(&pool, bad), Err(Refusal::Amount));
        assert_eq!(withdraw(&pool, bad), Err(Refusal::Amount));
        assert_eq!(deposit(&State { token: bad, ..pool }, 1.0, None), Err(Refusal::Reserves));
        let terms = Terms { token_fee_rate: bad, ..terms() };
        assert_eq!(quote_out(&pool, &terms, LISTED, Side::BuyYield, 1.0), Err(Refusal::Terms));
    }
    let terms = Terms { rebate_share: 1.5, ..terms() };
    assert_eq!(fee(&pool, &terms, LISTED, Side::BuyYield, 1.0), Err(Refusal::Terms));
    assert_eq!(swap(&pool, &terms, LISTED, Side::BuyYield, 0.0, None), Err(Refusal::NothingMoves));
    assert_eq!(withdraw(&pool, 500_001.0), Err(Refusal::MoreThanWhole));
    assert_eq!(quote_shares(&State::default(), 1.0), Err(Refusal::NoLiquidity));
    assert_eq!(deposit(&pool, 1.0, Some(f64::NAN)), Err(Refusal::Slippage));
    assert_eq!(price(&State::default(), &self::terms(), LISTED), Err(Refusal::Reserves));
}

#[test]
fn the_record_is_small_and_copied() {
    assert!(std::mem::size_of::<State>() == 32 && std::mem::size_of::<Terms>() <= 104);
}

prop_compose! {
    fn states()(token in 1.0..1e7_f64, ratio in 1.0..1.5_f64, real in 0.0..0.5_f64, shares in 1.0..1e7_f64) -> State {
        let yield_token = token * ratio;
        State { token, yield_token: yield_token * real, virtual_yield_token: yield_token * (1.0 - real), shares }
    }
}

/// What one share could withdraw, valued at par: real tokens only.
fn worth_of_share(state: &State) -> (f64, f64) {
    (state.token / state.shares, state.yield_token / state.shares)
}

proptest! {
    #[test]
    fn borrowing_and_lending_back_never_profits(
        state in states(), share in 1e-6..0.04_f64, height in LISTED..EXPIRY, rate in 0.0..0.5_f64,
    ) {
        let terms = Terms { token_fee_rate: rate, yield_token_fee_rate: rate, small_threshold: state.token * 1e-3, ..terms() };
        let brought = share * state.token;
        let Ok(borrowed) = swap(&state, &terms, height, Side::SellYield, brought, None) else { return Ok(()) };
        prop_assert!(borrowed.out <= brought);
        let Ok(lent) = swap(&borrowed.next, &terms, height, Side::BuyYield, borrowed.out, None) else { return Ok(()) };
        // A trade at the spot price is free of impact: a small one out and back may gain what its size moves the price.
        let linear = if brought <= terms.small_threshold { 2e-3 * brought } else { 0.0 };
        prop_assert!(lent.out <= brought + linear + 1e-9 * state.token, "{} {}", lent.out, brought);
    }

    #[test]
    fn swaps_conserve_every_token(state in states(), share in 1e-6..0.04_f64, height in LISTED..EXPIRY) {
        let brought = share * state.token;
        for side in [Side::BuyYield, Side::SellYield] {
            let Ok(done) = swap(&state, &terms(), height, side, brought, None) else { continue };
            let (token, yields) = match side {
                Side::BuyYield => (brought - done.to_reserve, -done.out),
                Side::SellYield => (-done.out, brought - done.to_reserve),
            };
            let slack = 1e-12 * state.reserves().yield_token;
            prop_assert!((done.next.token - state.token - token).abs() < slack);
            prop_assert!((done.next.yield_token - state.yield_token - yields).abs() < slack);
            prop_assert!(done.next.yield_token >= 0.0 && done.next.virtual_yield_token == state.virtual_yield_token);
        }
    }

    #[test]
    fn deposits_and_withdrawals_never_dilute_the_others(state in states(), share in 1e-6..3.0_f64, part in 0.0..1.0_f64) {
        let before = worth_of_share(&state);
        let moved = deposit(&state, share * state.token, None).unwrap();
        let after = worth_of_share(&moved.next);
        prop_assert!(after.0 >= before.0 * (1.0 - 1e-12) && after.1 >= before.1 * (1.0 - 1e-12));
        let left = withdraw(&moved.next, moved.position.shares * part).unwrap();
        let last = worth_of_share(&left.next);
        prop_assert!(last.0 >= before.0 * (1.0 - 1e-12) && last.1 >= before.1 * (1.0 - 1e-12));
        prop_assert!(left.position.token <= share * state.token * (1.0 + 1e-12));
        // The rate does not move.
        let (old, new) = (state.reserves(), left.next.reserves());
        prop_assert!((new.yield_token / new.token / (old.yield_token / old.token) - 1.0).abs() < 1e-11);
    }

    #[test]
    fn fees_make_the_shares_worth_more(state in states(), share in 1e-3..0.04_f64, height in LISTED..EXPIRY - 100) {
        let Ok(done) = swap(&state, &terms(), height, Side::SellYield, share * state.token, None) else { return Ok(()) };
        let t = terms().maturity.time_at(height).unwrap();
        if share * state.token > terms().small_threshold {
            let (old, new) = (state.reserves().liquidity(t).unwrap(), done.next.reserves().liquidity(t).unwrap());
            prop_assert!(new >= old * (1.0 - 1e-13));
        }
    }
}
