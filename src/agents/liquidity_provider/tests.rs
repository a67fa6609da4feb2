use proptest::prelude::*;

use super::super::stage::{
    self, AGENT, ETH, FETH, FETH_SHARES, FETH_USD, Stage, USD, XETH_ETH, simple_quote,
};
use super::rules::InsuranceSight;
use super::*;
use crate::venue::Action;
use crate::venue::exchange::Order;
use crate::venue::pool::PoolAction;
use crate::venue::treasury::FxAction;
use crate::world::mempool::Size;

/// Expects 10 % of fees and a volatility of 0.4: a loss of 0.16 / 8 = 2 % a year.
pub(super) fn provider() -> LiquidityProvider {
    LiquidityProvider {
        pool: FETH_USD,
        cash: USD,
        leaves_in_stress: true,
        sells_in_stress: true,
        liquidity_share: 0.5,
        reservation_return: 0.05,
        loyalty: 0.0,
        emissions: 0.0,
        lvr_multiple: 1.0,
        memory_half_life_days: 10.0,
        adjustment_share: 0.5,
        min_trade_usd: 10.0,
        most_cost_share: 0.02,
        slippage_share: 0.01,
        gate_fear: 0.0,
        split_cost_usd: f32::INFINITY,
        commitment_cycles: 0,
        staking: None,
        memory: Memory { fee_return: 0.1, variance: 0.16, fees_quote: 0.0, log_price: 0.0, looked: 240 },
    }
}

fn purse(usd: f64) -> Purse {
    Purse { amount: Amount::from_atoms((usd * 1e6) as i64), usd }
}

/// Nothing has happened since the last look in the same tick; 1,000 dollars outside a pool of a million.
fn sight() -> Sight {
    Sight {
        tick: 240,
        tick_days: 1.0 / 24.0,
        fees_quote: 0.0,
        quote_usd: 1.0,
        rebate: 1.0,
        fair_price: 1.0,
        tvl_usd: 1e6,
        mode: StressMode::Normal,
        shares: Purse::default(),
        own_usd: 0.0,
        loose_usd: 1_000.0,
        rules: RulesSight::default(),
    }
}

#[test]
fn a_component_is_small() {
    assert!(size_of::<LiquidityProvider>() <= 104, "{}", size_of::<LiquidityProvider>());
}

#[test]
fn the_expected_return_is_fees_and_emissions_less_losses() {
    assert!((expected_return(&provider()) - 0.08).abs() < 1e-7);
    assert!((expected_return(&LiquidityProvider { emissions: 0.03, ..provider() }) - 0.11).abs() < 1e-7);
    assert!((expected_return(&LiquidityProvider { lvr_multiple: 5.0, ..provider() })).abs() < 1e-7);
}

/// Ten days, one half-life: 1,000 dollars of fees, 90 % for providers, on a million are 0.0009 / (10 / 365) = 3.285 % a year;
/// a move of 10 % is a variance of 0.01 / (10 / 365) = 0.365. Each is averaged with what was expected before.
#[test]
fn worked_example_of_learning() {
    let mut one = provider();
    let later = Sight {
        tick: 480,
        fees_quote: 1_000.0,
        rebate: 0.9,
        fair_price: std::f64::consts::E.powf(0.1),
        ..sight()
    };
    learn(&later, &mut one);
    assert!((one.memory.fee_return - (0.1 + 0.032_85) / 2.0).abs() < 1e-6);
    assert!((one.memory.variance - (0.16 + 0.365) / 2.0).abs() < 1e-6);
    // The same again teaches nothing new.
    let memory = one.memory;
    learn(&later, &mut one);
    assert_eq!(one.memory, memory);
}

#[test]
fn the_first_look_only_takes_note() {
    let mut one = provider();
    one.memory = Memory { fees_quote: -1.0, looked: 0, ..one.memory };
    learn(&Sight { fees_quote: 1e9, fair_price: 7.0, ..sight() }, &mut one);
    assert_eq!((one.memory.fee_return, one.memory.variance), (0.1, 0.16));
    assert_eq!((one.memory.fees_quote, one.memory.looked), (1e9, 240));
}

/// Wants half of 1,000 dollars in the pool and closes half of the gap.
#[test]
fn it_adds_while_the_return_beats_its_reservation() {
    assert_eq!(choose(&sight(), &mut provider()), Choice::Add { usd: 250.0, through: Through::Own });
    let dear = LiquidityProvider { reservation_return: 0.09, loyalty: 1.0, ..provider() };
    assert_eq!(choose(&sight(), &mut { dear }), Choice::Stay);
    let sated = Sight { shares: purse(1_000.0), ..sight() };
    assert_eq!(choose(&sated, &mut provider()), Choice::Stay);
    let tiny = Sight { loose_usd: 15.0, ..sight() };
    assert_eq!(choose(&tiny, &mut provider()), Choice::Stay, "7.5 dollars are below the smallest addition");
}

/// 10 % of fees on a pool of 1,000 must leave 7 % after thinning: 0.1 x 1,000 / (1,000 + d) = 0.07 at d = 428.57.
#[test]
fn a_whale_does_not_thin_its_own_fees() {
    let whale = Sight { tvl_usd: 1_000.0, loose_usd: 1e6, ..sight() };
    let mut one = LiquidityProvider { adjustment_share: 1.0, ..provider() };
    let Choice::Add { usd, .. } = choose(&whale, &mut one) else { panic!() };
    assert!((usd - 428.571_4).abs() < 1e-2, "{usd}");
}

/// A shortfall of two points: the mercenary withdraws half, the loyal one stays.
#[test]
fn loyalty_decides_who_leaves() {
    let short = LiquidityProvider { reservation_return: 0.1, ..provider() };
    let invested = Sight { shares: purse(500.0), ..sight() };
    let half = purse(500.0).amount.share(0.5);
    assert_eq!(choose(&invested, &mut { short }), Choice::Remove { shares: half, sell: false });
    assert_eq!(choose(&invested, &mut LiquidityProvider { loyalty: 0.03, ..short }), Choice::Stay);
    let crumbs = Sight { shares: purse(15.0), ..sight() };
    let all = purse(15.0).amount;
    assert_eq!(choose(&crumbs, &mut { short }), Choice::Remove { shares: all, sell: false });
    assert_eq!(choose(&sight(), &mut { short }), Choice::Stay, "nothing to withdraw");
}

#[test]
fn deep_stress_drives_out_those_who_run() {
    let shares = purse(500.0);
    let deep = Sight { mode: StressMode::UserRebalance, shares, ..sight() };
    let leave = |sell| Choice::Remove { shares: shares.amount, sell };
    assert_eq!(choose(&deep, &mut provider()), leave(true));
    assert_eq!(choose(&deep, &mut LiquidityProvider { sells_in_stress: false, ..provider() }), leave(false));
    let stays = LiquidityProvider { leaves_in_stress: false, ..provider() };
    assert_eq!(choose(&Sight { shares: purse(5_000.0), ..deep }, &mut { stays }), Choice::Stay);
    assert_eq!(
        choose(&Sight { mode: StressMode::Stability, shares: purse(5_000.0), ..sight() }, &mut provider()),
        Choice::Stay
    );
}

/// Half of 1,000 dollars is wanted in the pool, of which the cap leaves 100 at first, then nothing.
#[test]
fn a_cap_bounds_what_is_added() {
    let capped = |own_room_usd| {
        let rules = RulesSight { own_room_usd, fresh_room_usd: Some(400.0), ..RulesSight::default() };
        Sight { rules, ..sight() }
    };
    let added = |usd, through| Choice::Add { usd, through };
    assert_eq!(choose(&capped(100.0), &mut provider()), added(100.0, Through::Own));
    assert_eq!(choose(&capped(0.0), &mut provider()), Choice::Stay);
    let splits = LiquidityProvider { split_cost_usd: 0.0, ..provider() };
    assert_eq!(choose(&capped(0.0), &mut { splits }), added(250.0, Through::Fresh));
}

/// It expects 8 %, three points above what it asks for. A queue of two cycles at two points each is more than that.
#[test]
fn a_queue_at_the_gate_drives_out_those_who_are_afraid() {
    let queue = |cycles, waits| {
        let rules = RulesSight { queue_cycles: Some(cycles), waits, ..RulesSight::default() };
        Sight { shares: purse(500.0), rules, ..sight() }
    };
    let afraid = LiquidityProvider { gate_fear: 0.02, ..provider() };
    let all = Choice::Remove { shares: purse(500.0).amount, sell: false };
    assert_eq!(
        choose(&queue(2.0, false), &mut { afraid }),
        all,
        "all of it, for who is afraid does not wait"
    );
    assert_eq!(choose(&queue(1.0, true), &mut { afraid }), Choice::Cancel, "the queue is short enough again");
    let added = Choice::Add { usd: 125.0, through: Through::Own };
    assert_eq!(choose(&queue(2.0, false), &mut provider()), added, "who is not afraid even adds");
}

#[test]
fn commitments_are_made_when_nothing_is_left_to_add_and_left_when_they_end() {
    let insurance = InsuranceSight {
        fund_usd: 1e6,
        promised_usd: 0.0,
        coverage: 1.1,
        cycle_years: 0.01,
        cycles: [1, 32],
    };
    let rules = RulesSight { insurance: Some(insurance), ..RulesSight::default() };
    let steady = LiquidityProvider { commitment_cycles: 6, ..provider() };
    let sated = Sight { shares: purse(1_000.0), own_usd: 1_000.0, rules, ..sight() };
    assert_eq!(choose(&sated, &mut { steady }), Choice::Commit { cycles: 6 });
    assert_eq!(choose(&sated, &mut provider()), Choice::Stay);
    let ended = RulesSight { commitment: Standing::Ended, ..rules };
    assert_eq!(choose(&Sight { rules: ended, ..sated }, &mut { steady }), Choice::Leave);
    // What is bound counts as provided.
    let bound = RulesSight { commitment: Standing::Bound, bound_usd: 1_000.0, ..rules };
    let sight = Sight { shares: Purse::default(), own_usd: 0.0, rules: bound, ..sated };
    assert_eq!(choose(&sight, &mut { steady }), Choice::Stay);
}

/// Dollars only: fETH for half the sum is minted (pool fees cost more), then both are added.
#[test]
fn what_is_missing_is_acquired_first() {
    let mut stage = Stage::new(100_000.0);
    stage.give(AGENT, USD, 2_000.0);
    let quote = simple_quote(stage::calm());
    let market = stage.market(Some(stage::calm()), &quote);
    let (plan, terms) = plan_add(&market, AGENT, &provider(), 1_000.0, Through::Own).unwrap();
    let [buy, mint, Action::Pool(PoolAction::AddLiquidity { max, .. })] = plan.actions() else { panic!() };
    assert_eq!(
        *buy,
        Action::Exchange(Order::Buy { asset: ETH, dollars: Size::Exact(Amount::from_atoms(505_000_000)) })
    );
    assert_eq!(*mint, Action::Fx(FxAction::MintFeth { collateral: Size::Previous }));
    // 500 fETH are wanted; 505 are bought, of which slippage may take five.
    assert!((max[0].atoms() - 499_950_000_000).abs() < 1_000, "{max:?}");
    assert_eq!(max[1], Amount::from_atoms(500_000_000));
    // 100,000 shares for 100,000 of each: about 500, less two percent.
    let gain = terms.minimum_gain.unwrap();
    assert_eq!(gain.asset, FETH_SHARES);
    assert!((gain.amount.atoms() - 489_951_000).abs() < 1_000, "{gain:?}");
}

#[test]
fn what_is_there_is_used() {
    let mut stage = Stage::new(100_000.0);
    stage.give(AGENT, USD, 600.0);
    stage.give(AGENT, FETH, 600.0);
    let shut = |_: FxAction, _: f64| None;
    let market = stage.market(None, &shut);
    let (plan, _) = plan_add(&market, AGENT, &provider(), 1_000.0, Through::Own).unwrap();
    assert!(matches!(plan.actions(), [Action::Pool(PoolAction::AddLiquidity { .. })]));
    assert_eq!(plan_add(&market, AGENT, &provider(), 1.0, Through::Own), None, "below the smallest addition");
    // A pool whose quote is ETH, with dollars alone: both sides are bought.
    let view = stage::calm();
    let quote = simple_quote(view);
    let in_eth = LiquidityProvider { pool: XETH_ETH, ..provider() };
    // (The stage gives this pool no shares: there is nothing to measure a gain by.)
    let (plan, _) = plan_add(&stage.market(Some(view), &quote), AGENT, &in_eth, 500.0, Through::Own).unwrap();
    assert!(matches!(
        plan.actions(),
        [
            Action::Exchange(Order::Buy { .. }),
            Action::Fx(FxAction::MintXeth { .. }),
            Action::Exchange(Order::Buy { .. }),
            Action::Pool(PoolAction::AddLiquidity { .. })
        ]
    ));
}

/// Half of all shares and 100 fETH more: burn, then redeem what is surely there.
#[test]
fn a_flight_burns_and_sells_in_one_transaction() {
    let mut stage = Stage::new(90_000.0);
    stage.give(AGENT, FETH, 100.0);
    let quote = simple_quote(stage::calm());
    let market = stage.market(Some(stage::calm()), &quote);
    let half = Amount::from_atoms(50_000_000_000);
    let plan = plan_remove(&market, AGENT, &provider(), half, true);
    let [burn, Action::Fx(FxAction::RedeemFeth { feth: Size::Exact(sold) }), _] = plan.actions() else {
        panic!()
    };
    assert!(matches!(burn, Action::Pool(PoolAction::RemoveLiquidity { shares: Size::Exact(_), .. })));
    assert!((sold.atoms() - 49_600_000_000_000).abs() < 100_000, "100 + 0.99 x 50,000: {sold}");
    assert_eq!(plan_remove(&market, AGENT, &provider(), half, false).count(), 1);
    assert_eq!(plan_remove(&market, stage::ISSUER, &provider(), Amount::ZERO, true).count(), 0);
}

/// With the treasury shut the pool takes the fETH, at the depth that remains.
#[test]
fn who_flees_into_the_pool_it_leaves_counts_on_what_remains() {
    let mut stage = Stage::new(100_000.0);
    stage.give(AGENT, FETH, 1_000.0);
    let shut = |_: FxAction, _: f64| None;
    let market = stage.market(None, &shut);
    let half = Amount::from_atoms(50_000_000_000);
    let patient = LiquidityProvider { slippage_share: 0.0, ..provider() };
    let plan = plan_remove(&market, AGENT, &patient, half, true);
    let [_, Action::Pool(PoolAction::Swap { amount: Size::Exact(sold), min_out, .. })] = plan.actions()
    else {
        panic!()
    };
    assert_eq!(sold.atoms(), 51_000_000_000_000);
    let net = 51_000.0 * 0.997;
    assert!((min_out.atoms() as f64 / 1e6 - 50_000.0 * net / (50_000.0 + net)).abs() < 1e-5);
}

/// A tenth of a pool of 190,000 dollars, and 50 dollars to spend.
#[test]
fn a_provider_sees_its_pool_and_purse() {
    let mut stage = Stage::new(90_000.0);
    stage.give(AGENT, USD, 56.0);
    let tenth = Amount::from_atoms(10_000_000_000);
    stage.ledger.transfer(stage::ISSUER, AGENT, FETH_SHARES, tenth).unwrap();
    stage.ledger.commit();
    let quote = simple_quote(stage::calm());
    let market = stage.market(Some(stage::calm()), &quote);
    let seen = look(&market, &Clock::new(3_600, 2), AGENT, &provider()).unwrap();
    assert!((seen.tvl_usd - 190_000.0).abs() < 1e-6 && (seen.shares.usd - 19_000.0).abs() < 1e-6);
    assert!((seen.loose_usd - 50.0).abs() < 1e-9);
    assert_eq!((seen.fair_price, seen.quote_usd, seen.rebate), (1.0, 1.0, 1.0), "NAV, not the pool's 0.9");
}

fn wild() -> impl Strategy<Value = f64> {
    prop_oneof![
        Just(0.0),
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(-1.0),
        Just(1e300),
        Just(1e-300),
        0.0..1e6_f64
    ]
}

proptest! {
    #[test]
    fn beliefs_stay_finite_and_sizes_within_balances(
        (fees_quote, quote_usd, rebate, fair_price, tvl_usd, loose_usd) in (wild(), wild(), wild(), wild(), wild(), wild()),
        atoms in 0..=i64::MAX, shares_usd in 0.0..1e9_f64, since in 0..5_000_u32, stressed in any::<bool>(),
    ) {
        let mut one = provider();
        let shares = Purse { amount: Amount::from_atoms(atoms), usd: shares_usd };
        let mode = if stressed { StressMode::ProtocolRebalance } else { StressMode::Normal };
        let seen = Sight {
            tick: 240 + since, tick_days: 1.0 / 24.0, fees_quote, quote_usd, rebate, fair_price, tvl_usd, mode, shares, own_usd: shares_usd,
            loose_usd, rules: RulesSight::default(),
        };
        match choose(&seen, &mut one) {
            Choice::Add { usd, .. } => prop_assert!(usd.is_finite() && usd > 0.0 && usd <= loose_usd),
            Choice::Remove { shares: burned, .. } => prop_assert!(burned <= shares.amount),
            Choice::Stay => {}
            other => prop_assert!(false, "{other:?} without rules"),
        }
        let Memory { fee_return, variance, fees_quote, log_price, .. } = one.memory;
        prop_assert!(fee_return.is_finite() && variance.is_finite() && fees_quote.is_finite() && log_price.is_finite());
    }

    /// Purchases and additions together never ask for more than there is.
    #[test]
    fn additions_fit_the_purse(usd_held in 10.0..1e5_f64, feth_held in 0.0..1e5_f64, value in 20.0..1e6_f64) {
        let mut stage = Stage::new(100_000.0);
        stage.give(AGENT, USD, usd_held);
        stage.give(AGENT, FETH, feth_held);
        let quote = simple_quote(stage::calm());
        let market = stage.market(Some(stage::calm()), &quote);
        if let Some((plan, _)) = plan_add(&market, AGENT, &provider(), value, Through::Own) {
            let mut dollars = 0;
            for action in plan.actions() {
                match action {
                    Action::Exchange(Order::Buy { dollars: Size::Exact(paid), .. }) => dollars += paid.atoms(),
                    Action::Pool(PoolAction::Swap { amount: Size::Exact(paid), .. }) => dollars += paid.atoms(),
                    Action::Pool(PoolAction::AddLiquidity { max, .. }) => dollars += max[1].atoms(),
                    _ => {}
                }
            }
            prop_assert!(dollars <= market.spendable(AGENT, USD).atoms());
        }
    }
}
