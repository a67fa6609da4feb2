//! Properties of the whole, and the policies that no contract has.

use proptest::prelude::*;

use super::*;

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-9)
}

/// A market with 300 ETH at 2000 USD, half fETH.
fn market(rules: &Rules) -> State {
    mint_genesis(&State::at_price(2000.0, 0), rules, &Conditions::at_price(2000.0, 0), 300.0).unwrap().next
}

/// The price at which an unsettled `market` has this collateral ratio.
fn price_at(ratio: f64, beta: f64) -> f64 {
    // 300 s = ratio * 300_000 * (1 + beta (s / 2000 - 1))
    ratio * 1000.0 * (1.0 - beta) / (1.0 - ratio * 1000.0 * beta / 2000.0)
}

#[test]
fn profiles_are_enactable_and_differ_where_the_designs_do() {
    let [paper, era, deployed] = [Rules::whitepaper_v1(), Rules::era_a(), Rules::deployed_2023()];
    for rules in [paper, era, deployed] {
        assert_eq!(rules.violations(), []);
    }
    let stressed = Conditions { reserve_balance: 10.0, ..Conditions::at_price(price_at(1.12, 0.1), 60) };
    // Only era A spends treasury ETH; only the paper spends a reserve's.
    assert!(quote_protocol_rebalance(&market(&era), &era, &stressed, 1.0).is_ok());
    assert!(matches!(
        quote_protocol_rebalance(&market(&deployed), &deployed, &stressed, 1.0),
        Err(Refusal::NotOffered { .. })
    ));
    let rescue = reserve_rebalance(&market(&paper), &paper, &stressed, 1000.0).unwrap();
    let value = Valuation::at(&market(&paper), &paper, stressed.oracle.safe).unwrap();
    assert!(close(rescue.base_to_caller, 1000.0 * value.feth_nav * 1.025 / value.price));
    assert!(matches!(
        reserve_rebalance(&market(&deployed), &deployed, &stressed, 1000.0),
        Err(Refusal::NotOffered { .. })
    ));
    // fETH cannot be minted in stress; redeeming it costs nothing; redeeming xETH costs more.
    assert!(matches!(
        mint_feth(&market(&paper), &paper, &stressed, 1.0),
        Err(Refusal::FethMintPausedInStress { .. })
    ));
    assert_eq!(redeem_feth(&market(&paper), &paper, &stressed, 10.0).unwrap().base_to_platform, 0.0);
    let redeemed = redeem_xeth(&market(&paper), &paper, &stressed, 10.0).unwrap();
    assert!(close(redeemed.base_to_platform, 0.08 * redeemed.base_from_treasury));
    // The deployed reserve pays 5 %; in the paper the rescue of added collateral is paid by fETH holders.
    assert!(close(
        mint_xeth(&market(&deployed), &deployed, &stressed, 1.0).unwrap().bonus_from_reserve,
        0.05
    ));
    assert_eq!(mint_xeth(&market(&paper), &paper, &stressed, 1.0).unwrap().bonus_from_reserve, 0.0);
    let added = add_base(&market(&paper), &paper, &stressed, 1.0).unwrap();
    assert!(close(added.feth_nav_cut * 300_000.0, 0.02 * stressed.oracle.safe));
    let pooled = Conditions { feth_staked: 1.0, ..stressed };
    assert_eq!(mint_xeth(&market(&deployed), &deployed, &pooled, 1.0).unwrap().bonus_from_reserve, 0.0);
    assert!(mint_xeth(&market(&era), &era, &pooled, 1.0).unwrap().bonus_from_reserve > 0.0);
}

#[test]
fn guards_of_governance_are_told_one_by_one() {
    let mut rules = Rules::deployed_2023();
    rules.thresholds.user_rebalance = 1.4;
    rules.fees.xeth_redeem.extra = 1.0;
    rules.ema_interval_seconds = 59.0;
    rules.incentives.stability = 0.02;
    let found = rules.violations();
    assert_eq!(found.len(), 4, "{found:?}");
    assert!(found.iter().all(|error| !error.to_string().is_empty()));
    rules.beta = f64::NAN;
    assert_eq!(rules.violations().len(), 5);
}

#[test]
fn rules_are_read_strictly() {
    let text = ron::to_string(&Rules::era_a()).unwrap();
    assert_eq!(ron::from_str::<Rules>(&text).unwrap(), Rules::era_a());
    assert!(ron::from_str::<Rules>(&text.replace("bonus_ratio", "bonus")).is_err());
}

#[test]
fn an_invalid_oracle_pays_redeemers_least_and_stops_mints() {
    let rules = Rules::deployed_2023();
    let state = market(&rules);
    let valid = Conditions::at_price(2000.0, 60);
    let oracle = OraclePrice { valid: false, safe: 2000.0, min: 1900.0, max: 2100.0 };
    let invalid = Conditions { oracle, ..valid };
    assert_eq!(mint_feth(&state, &rules, &invalid, 1.0), Err(Refusal::OracleInvalid));
    for redeem in [redeem_feth, redeem_xeth] {
        let [paid, expected] = [invalid, valid].map(|now| redeem(&state, &rules, &now, 100.0).unwrap());
        assert!(paid.base_to_caller < expected.base_to_caller);
    }
}

#[test]
fn the_bonus_on_redeemed_feth_is_net_of_its_fee() {
    let mut rules = Rules::deployed_2023();
    rules.fees.feth_redeem.extra = 0.0;
    let now = Conditions { reserve_balance: 10.0, ..Conditions::at_price(price_at(1.12, 0.1), 60) };
    let redeemed = redeem_feth(&market(&rules), &rules, &now, 1000.0).unwrap();
    assert!(close(redeemed.bonus_from_reserve, 0.05 * redeemed.base_to_caller));
    let poor = Conditions { reserve_balance: 0.01, ..now };
    assert_eq!(redeem_feth(&market(&rules), &rules, &poor, 1000.0).unwrap().bonus_from_reserve, 0.01);
}

#[test]
fn an_incentive_does_not_count_the_period_twice() {
    let rules = Rules::whitepaper_v1();
    let now = Conditions::at_price(price_at(1.15, 0.1), 60);
    let rescued = user_rebalance(&market(&rules), &rules, &now, 1000.0).unwrap();
    let before = Valuation::at(&market(&rules), &rules, now.oracle.safe).unwrap();
    let after = Valuation::at(&rescued.next, &rules, now.oracle.safe).unwrap();
    assert!(close(after.feth_nav, before.feth_nav - rescued.feth_nav_cut));
    assert!(close(after.xeth_nav, before.xeth_nav));
}

#[test]
fn below_one_the_contract_freezes_and_the_paper_pays_pro_rata() {
    let frozen = Rules::deployed_2023();
    let paper = Rules { under_collateral: UnderCollateral::BetaOne, ..frozen };
    let state = market(&frozen);
    let crash = Conditions::at_price(900.0, 60);
    assert!(matches!(redeem_feth(&state, &frozen, &crash, 1.0), Err(Refusal::UnderCollateral { .. })));
    assert!(matches!(settle(&state, &frozen, &crash), Err(Refusal::UnderCollateral { .. })));
    let era = Rules { generation: Generation::EraA, ..frozen };
    assert!(close(settle(&state, &era, &crash).unwrap().mark.feth_nav, 0.945));

    // 300 ETH at 900 USD for 300,000 fETH: 0.90 USD each, not 0.945.
    let value = Valuation::at(&state, &paper, 900.0).unwrap();
    assert!(close(value.feth_nav, 0.9) && value.xeth_nav == 0.0 && value.is_under_water());
    assert!(value.collateral_ratio() < 1.0);
    let paid = redeem_feth(&state, &paper, &crash, 3000.0).unwrap();
    assert!(close(paid.base_from_treasury, 3.0));
    assert!(close(Valuation::at(&paid.next, &paper, 900.0).unwrap().feth_nav, 0.9));
    assert!(matches!(mint_feth(&state, &paper, &crash, 1.0), Err(Refusal::MintsOffUnderWater { .. })));
    assert!(matches!(mint_xeth(&state, &paper, &crash, 1.0), Err(Refusal::MintsOffUnderWater { .. })));
    assert_eq!(redeem_xeth(&state, &paper, &crash, 1.0), Err(Refusal::XethWorthless));
    assert!(add_base(&state, &paper, &crash, 1.0).is_err());
    assert!(user_rebalance(&state, &paper, &crash, 1.0).is_err());
    // Not settled under water, so that recovery retraces the same line.
    assert_eq!(settle(&state, &paper, &crash), Ok(state));
    assert!(close(Valuation::at(&state, &paper, 2000.0).unwrap().feth_nav, 1.0));
}

#[test]
fn without_xeth_a_plain_mint_is_lost() {
    let rules = Rules { collateral_cap_eth: 1e6, ..Rules::deployed_2023() };
    let state = market(&rules);
    for step in 0..200 {
        let price = 1500.0 + 7.123 * f64::from(step);
        let now = Conditions::at_price(price, 60);
        let redeemed = redeem_xeth(&state, &rules, &now, state.holdings.xeth_supply).unwrap().next;
        assert_eq!(redeemed.holdings.xeth_supply, 0.0);
        assert_eq!(Valuation::at(&redeemed, &rules, price).unwrap().xeth_nav, 1.0);
        // The noise of f64 must not look like a treasury under water.
        match mint_xeth(&redeemed, &rules, &Conditions::at_price(price, 120), 1.0) {
            Ok(lost) => assert!(lost.xeth_minted == 0.0 && lost.base_to_treasury > 0.0),
            Err(refusal) => assert!(matches!(refusal, Refusal::DivisionByZero { .. }), "{price}: {refusal}"),
        }
    }
}

#[test]
fn both_ways_of_recapitalisation_reach_the_target() {
    let rules = Rules::deployed_2023();
    let state = market(&rules);
    let value = Valuation::at(&state, &rules, price_at(1.05, 0.1)).unwrap();
    let by_mint = recapitalise(&value, 1.3, 1e9, None).unwrap();
    assert!(close(by_mint.collateral_ratio, 1.3));
    assert!(close(by_mint.eth_used, quote_xeth_to_mint(&value, 1.3).unwrap()));
    let by_redemption = recapitalise(&value, 1.3, 1e9, Some(value.feth_nav * 0.97)).unwrap();
    assert!(close(by_redemption.collateral_ratio, 1.3));
    assert!(by_redemption.eth_returned > by_redemption.eth_used);
    let half = recapitalise(&value, 1.3, by_mint.eth_used / 2.0, None).unwrap();
    assert!(half.collateral_ratio > 1.05 && half.collateral_ratio < 1.3);
}

#[test]
fn leverage_of_the_paper_is_exact_for_one_period() {
    let rules = Rules::deployed_2023();
    let state = market(&rules);
    let before = Valuation::at(&state, &rules, 2000.0).unwrap();
    let after = Valuation::at(&state, &rules, 2200.0).unwrap();
    let share = before.feth_supply * before.feth_nav / (before.collateral * before.price);
    let leverage = leverage_white_paper(rules.beta, share).unwrap();
    assert!(close(after.xeth_nav / before.xeth_nav - 1.0, leverage * 0.1));
    assert!(close(leverage_contract(&before, rules.beta, 0.0).unwrap(), leverage));
    assert_eq!(leverage_white_paper(0.1, 1.0), None);
}

#[test]
fn unlocking_feth_shares_losses_and_proceeds_but_no_stream() {
    let rules = Rules::deployed_2023();
    let pool_rules = PoolRules::DEPLOYED_2023;
    let history = SumHistory::default();
    let empty = StakePosition::default();
    let pool = RebalancePool::new(&pool_rules);
    let (pool, alice) = pool.deposit(&history, &empty, 30_000.0, 0).unwrap();
    let (pool, bob) = pool.deposit(&history, &empty, 10_000.0, 0).unwrap();
    let (pool, bob) = pool.unlock(&history, &pool_rules, &bob, 10_000.0, 0).unwrap();
    let pool = pool.add_reward(PooledReward::Incentive, 700.0, 0).unwrap();
    let day = 86_400;
    let now = Conditions::at_price(price_at(1.2, 0.1), day);
    let done = pool.liquidate(&market(&rules), &rules, &pool_rules, &now, 40_000.0, 4_000.0).unwrap();
    let pool = done.pool;
    assert!(close(pool.balance_of(&alice), 27_000.0) && close(pool.unlocking_of(&bob), 9_000.0));
    let proceeds = done.redemption.base_to_caller;
    assert!(close(pool.claimable(&history, &bob, Claim::Collateral), proceeds / 4.0));
    assert_eq!(pool.claimable(&history, &bob, Claim::Incentive), 0.0);
    assert!(close(pool.claimable(&history, &alice, Claim::Incentive), 100.0));
    assert!(matches!(
        pool.withdraw_unlocked(&history, &bob, day),
        Err(Refusal::StillLocked { unlock_at: 1_209_600, .. })
    ));
    let (pool, bob, paid) = pool.withdraw_unlocked(&history, &bob, 14 * day).unwrap();
    assert!(close(paid, 9_000.0) && pool.unlocking == 0.0);
    let (_, bob, claimed) = pool.claim(&history, &bob, Claim::Collateral, 14 * day);
    assert!(close(claimed, proceeds / 4.0));
    assert_eq!(pool.claimable(&history, &bob, Claim::Collateral), 0.0);
}

#[test]
fn an_emptied_pool_keeps_what_its_old_depositors_earned() {
    let rules = Rules::deployed_2023();
    let pool_rules = PoolRules::DEPLOYED_2023;
    let mut history = SumHistory::default();
    let empty = StakePosition::default();
    let (pool, alice) = RebalancePool::new(&pool_rules).deposit(&history, &empty, 500.0, 0).unwrap();
    let now = Conditions::at_price(price_at(1.1, 0.1), 60);
    let state = market(&rules);
    let done = pool.liquidate(&state, &rules, &pool_rules, &now, 500.0, f64::INFINITY).unwrap();
    history.push(done.closed.unwrap());
    let proceeds = done.redemption.base_to_caller;
    let (pool, bob) = done.pool.deposit(&history, &empty, 800.0, 120).unwrap();
    let later = Conditions { now_seconds: 180, ..now };
    let next = pool.liquidate(&done.redemption.next, &rules, &pool_rules, &later, 800.0, 400.0).unwrap();
    assert_eq!(next.pool.balance_of(&alice), 0.0);
    assert!(close(next.pool.claimable(&history, &alice, Claim::Collateral), proceeds));
    assert!(close(next.pool.balance_of(&bob), 400.0));
    let calm = Conditions::at_price(2000.0, 240);
    assert!(matches!(
        next.pool.liquidate(&state, &rules, &pool_rules, &calm, 400.0, 1.0),
        Err(Refusal::PoolCannotLiquidate { .. })
    ));
}

#[test]
fn a_boost_withholds_and_streams_again() {
    let pool_rules = PoolRules::DEPLOYED_2023;
    let history = SumHistory::default();
    let pool = BoostablePool::new(&pool_rules);
    let (pool, alice) = pool.deposit(&history, &BoostPosition::default(), 0.4, 100.0, 0).unwrap();
    let pool = pool.add_reward(PooledReward::Incentive, 700.0, 0).unwrap();
    let week = 7 * 86_400;
    let (pool, alice, paid) = pool.claim(&history, &alice, BOOST_FLOOR, Claim::Incentive, week);
    assert!(close(paid, 280.0));
    assert!(close(pool.streams[1].rate_per_second * week as f64, 420.0));
    let (_, _, out) = pool.withdraw(&history, &alice, BOOST_FLOOR, 1e9, week).unwrap();
    assert!(close(out, 100.0));
    assert!(close(boost_ratio(0.5, 0.5), 1.0) && boost_ratio(0.0, 0.5) == BOOST_FLOOR);
    assert_eq!(boost_ratio(f64::NAN, 0.0), BOOST_FLOOR);
}

#[test]
fn yield_goes_to_everyone_but_the_holders() {
    let rules = Rules::deployed_2023();
    let state = market(&rules);
    let now = Conditions { rate: 1.02, ..Conditions::at_price(2000.0, 60) };
    let split = harvest(&state, &rules, &now, 300.0).unwrap();
    assert!(close(split.yield_total, 300.0 - 300.0 / 1.02));
    assert!(close(split.bounty + split.to_rebalance_pool + split.to_platform, split.yield_total));
    assert_eq!(split.next.holdings, state.holdings);
    assert!(matches!(harvest(&state, &rules, &now, 290.0), Err(Refusal::NoYield { .. })));
}

type Verb = fn(&State, &Rules, &Conditions, f64) -> Result<Outcome, Refusal>;

fn any_rules() -> impl Strategy<Value = Rules> {
    let policy = prop_oneof![Just(UnderCollateral::Revert), Just(UnderCollateral::BetaOne)];
    let profile =
        prop_oneof![Just(Rules::whitepaper_v1()), Just(Rules::era_a()), Just(Rules::deployed_2023())];
    (profile, policy).prop_map(|(rules, under_collateral)| Rules {
        under_collateral,
        collateral_cap_eth: 1e6,
        ..rules
    })
}

fn finite(outcome: &Outcome) -> bool {
    let held = outcome.next.holdings;
    let mark = outcome.next.mark;
    [
        held.collateral,
        held.feth_supply,
        held.xeth_supply,
        mark.feth_nav,
        mark.price,
        mark.leverage.last_value,
        mark.leverage.last_ema,
        outcome.base_paid_in,
        outcome.base_to_treasury,
        outcome.base_from_treasury,
        outcome.base_to_caller,
        outcome.base_to_platform,
        outcome.bonus_from_reserve,
        outcome.feth_minted,
        outcome.xeth_minted,
        outcome.feth_burned,
        outcome.xeth_burned,
        outcome.feth_nav_cut,
    ]
    .iter()
    .all(|figure| figure.is_finite() && *figure >= 0.0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// After any accepted verbs the claims add up to the collateral, the books of each call balance, and no figure is
    /// negative or not a number.
    #[test]
    fn claims_and_books_balance(
        rules in any_rules(),
        rate in 0.9..1.2_f64,
        steps in proptest::collection::vec((0..8_usize, 0.001..1.2_f64, 0.88..1.1_f64), 1..40),
    ) {
        let mut state = market(&rules);
        let mut now = Conditions {
            rate,
            reserve_balance: 5.0,
            ..Conditions::at_price(2000.0, 0)
        };
        for (choice, share, factor) in steps {
            now.oracle = OraclePrice::agreed(now.oracle.safe * factor);
            now.now_seconds += 600;
            let held = state.holdings;
            let (verb, amount): (Verb, f64) = match choice {
                0 => (mint_feth, share * 30.0),
                1 => (mint_xeth, share * 30.0),
                2 => (add_base, share * 30.0),
                3 => (redeem_feth, share * held.feth_supply),
                4 => (redeem_xeth, share * held.xeth_supply),
                5 => (user_rebalance, share * held.feth_supply),
                6 => (reserve_rebalance, share * held.feth_supply),
                _ => {
                    if let Ok(next) = settle(&state, &rules, &now) {
                        prop_assert!(next.mark.feth_nav.is_finite() && next.mark.feth_nav > 0.0);
                        state = next;
                    }
                    continue;
                }
            };
            let Ok(moved) = verb(&state, &rules, &now, amount) else { continue };
            prop_assert!(finite(&moved), "{moved:?}");
            let paid_in = moved.base_to_treasury + moved.base_to_platform;
            let paid_out = moved.base_to_caller + moved.base_to_platform;
            if moved.base_paid_in > 0.0 {
                prop_assert!(close(moved.base_paid_in, paid_in));
            } else {
                prop_assert!(close(moved.base_from_treasury, paid_out));
            }
            let change = (moved.base_to_treasury - moved.base_from_treasury) * rate;
            let after = moved.next.holdings;
            prop_assert!((after.collateral - held.collateral - change).abs() <= 1e-9 * held.collateral);
            state = moved.next;
            if let Ok(value) = Valuation::at(&state, &rules, now.oracle.safe)
                && value.xeth_supply > 0.0
            {
                let claims = value.feth_supply * value.feth_nav + value.xeth_supply * value.xeth_nav;
                let worth = value.collateral * value.price;
                prop_assert!((claims - worth).abs() <= 1e-9 * worth, "{claims} {worth}");
            }
        }
    }

    /// Inputs that are no amounts are refused by every verb, whatever the state.
    #[test]
    fn no_verb_takes_what_is_no_amount(rules in any_rules(), choice in 0..5_usize) {
        let bad = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -1.0][choice];
        let state = market(&rules);
        let now = Conditions::at_price(1500.0, 60);
        let verbs: [Verb; 6] = [mint_feth, mint_xeth, add_base, redeem_feth, redeem_xeth, user_rebalance];
        for verb in verbs {
            prop_assert!(verb(&state, &rules, &now, bad).is_err());
        }
        prop_assert!(mint_feth(&state, &rules, &Conditions::at_price(bad, 60), 1.0).is_err());
        let wrapped = Conditions { rate: bad, ..now };
        prop_assert!(mint_xeth(&state, &rules, &wrapped, 1.0).is_err());
        prop_assert!(settle(&state, &rules, &Conditions::at_price(bad, 60)).is_err());
    }

    /// Plain trades move neither NAV; trading exactly a maximum lands on the threshold.
    #[test]
    fn maxima_reach_their_target(ratio in 1.02..1.9_f64, target in 1.1..1.5_f64) {
        let rules = Rules::deployed_2023();
        let value = Valuation::at(&market(&rules), &rules, price_at(ratio, 0.1)).unwrap();
        prop_assert!(close(value.collateral_ratio(), ratio));
        let moved = |base: f64, feth: f64, xeth: f64| Valuation {
            collateral: value.collateral + base,
            feth_supply: value.feth_supply + feth,
            xeth_supply: value.xeth_supply + xeth,
            ..value
        };
        let after = if ratio > target {
            let mint = max_mintable_feth(&value, target).unwrap();
            let redeem = max_redeemable_xeth(&value, target).unwrap();
            [moved(mint.base, mint.tokens, 0.0), moved(-redeem.base, 0.0, -redeem.tokens)]
        } else {
            let mint = max_mintable_xeth(&value, target).unwrap();
            let redeem = max_redeemable_feth(&value, target).unwrap();
            [moved(mint.base, 0.0, mint.tokens), moved(-redeem.base, -redeem.tokens, 0.0)]
        };
        for value in after {
            // Redeeming more fETH than there is cannot be done, and the formula says so by overshooting.
            if value.feth_supply > 1.0 {
                prop_assert!(close(value.collateral_ratio(), target), "{value:?}");
            }
        }
    }

    /// One more settlement in the middle changes the NAV factor by exactly -beta (1 - beta) a b.
    #[test]
    fn an_extra_settlement_costs_what_the_identity_says(a in -0.3..0.4_f64, b in -0.3..0.4_f64) {
        let rules = Rules { generation: Generation::EraA, ..Rules::deployed_2023() };
        let state = market(&rules);
        let (middle, end) = (2000.0 * (1.0 + a), 2000.0 * (1.0 + a) * (1.0 + b));
        let at = |price| Conditions::at_price(price, 60);
        let once = settle(&state, &rules, &at(end)).unwrap();
        let twice = settle(&settle(&state, &rules, &at(middle)).unwrap(), &rules, &at(end)).unwrap();
        let difference = twice.mark.feth_nav - once.mark.feth_nav;
        prop_assert!((difference + 0.1 * 0.9 * a * b).abs() < 1e-12);
    }
}
