use proptest::prelude::*;

use super::super::stage::{self, AGENT, Stage, USD, XETH, simple_quote};
use super::*;
use crate::venue::treasury::FxView;

fn speculator(style: Style) -> XethSpeculator {
    XethSpeculator {
        asset: AssetId(3),
        cash: AssetId(0),
        style,
        most_share: 0.5,
        band_share: 0.05,
        min_trade_usd: 10.0,
        most_cost_share: 0.02,
        slippage_share: 0.01,
        required_premium: 0.03,
        bonus_appetite_share: 0.1,
        stop_loss: 0.3,
        take_profit: 1.0,
        exit_cost_share: 0.1,
        pause_days: 2.0,
        memory: Memory { cost_basis: 1.0, held: purse(200.0).amount, ..Memory::default() },
    }
}

const TREND: Style = Style::Trend { look_back_ticks: 240, full_signal: 2.0 };
const CONTRARIAN: Style = Style::MeanReversion { look_back_ticks: 240, full_signal: 2.0 };

fn purse(usd: f64) -> Purse {
    Purse { amount: Amount::from_atoms((usd * 1e6) as i64), usd }
}

/// ETH stands still; 200 of 1,000 dollars in xETH at a NAV of one dollar.
fn flat() -> Sight {
    Sight {
        tick: 500,
        tick_days: 1.0 / 24.0,
        path: [2_000.0; PATH],
        nav: 1.0,
        leverage: Some(2.0),
        mode: StressMode::Normal,
        mint_premium: -0.01,
        cash: purse(800.0),
        cash_is_collateral: false,
        held: purse(200.0),
    }
}

/// Eight equal steps of a factor.
fn steps(factor: f64) -> [f64; PATH] {
    let mut price = 2_000.0;
    std::array::from_fn(|_| {
        price *= factor;
        price
    })
}

#[test]
fn a_component_is_small() {
    assert!(size_of::<XethSpeculator>() <= 100, "{}", size_of::<XethSpeculator>());
}

/// Eight equal returns r: their sum 8 r over the root of their squares sqrt(8) r is sqrt(8). The logs are 0..8 r with mean
/// 4 r and variance 60/9 r^2, so that the last lies 4 / sqrt(60 / 9) standard deviations above.
#[test]
fn worked_example_of_signals() {
    let [trend, off] = signals(&steps(1.01));
    assert!((trend - 8.0_f64.sqrt()).abs() < 1e-9);
    assert!((off - 4.0 / (60.0_f64 / 9.0).sqrt()).abs() < 1e-9);
    let [down, below] = signals(&steps(1.0 / 1.01));
    assert!((down + trend).abs() < 1e-9 && (below + off).abs() < 1e-9);
    assert_eq!(signals(&[2_000.0; PATH]), [0.0, 0.0]);
    let mut broken = steps(1.01);
    broken[3] = 0.0;
    assert_eq!(signals(&broken), [0.0, 0.0]);
}

#[test]
fn trends_are_followed_and_reversals_expected() {
    let share = |style, path| wanted_share(&Sight { path, ..flat() }, &speculator(style));
    let half = f64::from(0.5_f32);
    assert_eq!([share(TREND, steps(1.01)), share(TREND, steps(0.99))], [half, 0.0]);
    assert_eq!(share(TREND, [2_000.0; PATH]), 0.0);
    assert_eq!(share(CONTRARIAN, [2_000.0; PATH]), 0.25);
    assert!(share(CONTRARIAN, steps(1.01)) < 0.25 && share(CONTRARIAN, steps(0.99)) > 0.25);
}

/// Exposure 0.8 at leverage 2 is a share of 0.4, at leverage 4 of 0.2. With ETH as cash, 1.5 at 2 is (1.5 - 1) / (2 - 1).
#[test]
fn constant_leverage_holds_less_of_a_more_levered_token() {
    let mut one = speculator(Style::ConstantLeverage { exposure: 0.8 });
    let at = |leverage: f64| Sight { leverage: Some(leverage), ..flat() };
    assert!((wanted_share(&at(2.0), &one) - 0.4).abs() < 1e-6);
    assert!((wanted_share(&at(4.0), &one) - 0.2).abs() < 1e-6);
    let Some(Trade::Buy { cash, .. }) = choose(&at(2.0), &mut one) else { panic!() };
    assert!((cash.atoms() - 200_000_000).abs() < 100);
    let held = Sight { held: purse(400.0), cash: purse(600.0), ..at(4.0) };
    let Some(Trade::Sell { tokens, .. }) = choose(&held, &mut one) else { panic!() };
    assert!((tokens.atoms() - 200_000_000).abs() < 100);
    one.style = Style::ConstantLeverage { exposure: 1.25 };
    let in_eth = |leverage| Sight { cash_is_collateral: true, leverage, ..flat() };
    assert!((wanted_share(&in_eth(Some(2.0)), &one) - 0.25).abs() < 1e-6);
    assert_eq!(wanted_share(&in_eth(Some(1.0)), &one), 0.0);
    assert_eq!(wanted_share(&in_eth(None), &one), 0.0);
}

#[test]
fn small_gaps_are_left_alone() {
    let near = Sight { held: purse(230.0), cash: purse(770.0), ..flat() };
    assert_eq!(choose(&near, &mut speculator(CONTRARIAN)), None, "0.25 wanted, 0.23 held, band 0.05");
    assert!(choose(&flat(), &mut Clone::clone(&speculator(CONTRARIAN))).is_none(), "0.05 is not beyond it");
    let far = Sight { held: purse(100.0), cash: purse(900.0), ..flat() };
    assert!(matches!(choose(&far, &mut speculator(CONTRARIAN)), Some(Trade::Buy { .. })));
}

/// Trend says hold nothing; a bonus of 5 % above the required 3 % adds a tenth of wealth, at a gain of at least 3 %.
#[test]
fn a_stress_bonus_tempts() {
    let tempted = Sight { mint_premium: 0.05, mode: StressMode::Stability, ..flat() };
    let Some(Trade::Buy { cash, most_cost_share }) = choose(&tempted, &mut speculator(TREND)) else {
        panic!()
    };
    assert!((cash.atoms() - 100_000_000).abs() < 100);
    assert!((most_cost_share + 0.03).abs() < 1e-6);
    let less = Sight { mint_premium: 0.02, ..tempted };
    assert!(matches!(choose(&less, &mut speculator(TREND)), Some(Trade::Sell { .. })), "the style alone");
    let too_deep = Sight { mode: StressMode::Recapitalisation, ..tempted };
    assert!(matches!(choose(&too_deep, &mut speculator(TREND)), Some(Trade::Sell { .. })));
}

#[test]
fn losses_are_stopped_profits_taken_and_a_pause_follows() {
    let rising = Sight { path: steps(1.01), ..flat() };
    for nav in [0.7 - 1e-6, 2.0 + 1e-6] {
        let mut one = speculator(TREND);
        let exit = choose(&Sight { nav, ..rising }, &mut one);
        assert_eq!(
            exit,
            Some(Trade::Sell { tokens: purse(200.0).amount, most_cost_share: f64::from(0.1_f32) })
        );
        // Out for 48 hours, though the trend says buy.
        let out = Sight { held: Purse::default(), cash: purse(1_000.0), nav, ..rising };
        assert_eq!(choose(&Sight { tick: 547, ..out }, &mut one), None);
        assert!(matches!(choose(&Sight { tick: 548, ..out }, &mut one), Some(Trade::Buy { .. })));
    }
    let mut one = speculator(TREND);
    assert!(matches!(choose(&Sight { nav: 0.75, ..rising }, &mut one), Some(Trade::Buy { .. })));
}

/// 200 at 1.00, then 100 more decided at 1.30: (200 x 1.00 + 100 x 1.30) / 300 = 1.10. Sales do not move it.
#[test]
fn the_cost_is_an_average_at_the_price_of_decision() {
    let mut memory = speculator(TREND).memory;
    memory.entry_price = 1.3;
    learn(&Sight { held: purse(300.0), nav: 1.6, ..flat() }, &mut memory);
    assert!((memory.cost_basis - 1.1).abs() < 1e-6);
    learn(&Sight { held: purse(150.0), nav: 1.6, ..flat() }, &mut memory);
    assert!((memory.cost_basis - 1.1).abs() < 1e-6);
    // What comes without a purchase counts at today's NAV.
    learn(&Sight { held: purse(300.0), nav: 1.5, ..flat() }, &mut memory);
    assert!((memory.cost_basis - 1.3).abs() < 1e-6);
}

#[test]
fn a_worthless_claim_is_left_alone() {
    for nav in [0.0, f64::NAN, -1.0] {
        assert_eq!(choose(&Sight { nav, path: steps(1.01), ..flat() }, &mut speculator(TREND)), None);
    }
}

/// A price that climbs by a dollar a tick, seen over 16 ticks in steps of two.
#[test]
fn a_speculator_sees_its_window_and_purse() {
    let mut stage = Stage::new(100_000.0);
    (0..=100).for_each(|tick| stage.oracle.observe(tick, [2_000.0 + f64::from(tick)], 1.0));
    stage.give(AGENT, USD, 56.0);
    stage.give(AGENT, XETH, 30.0);
    let view = FxView { xeth_mint_bonus: 0.05, xeth_mint_fee: 0.01, xeth_nav: 2.0, ..stage::calm() };
    let quote = simple_quote(view);
    let one = speculator(Style::Trend { look_back_ticks: 16, full_signal: 1.0 });
    let sight = look(&stage.market(Some(view), &quote), &Clock::new(3_600, 2), AGENT, &one).unwrap();
    let window: Vec<f64> = (0..PATH).map(|place| 2_084.0 + 2.0 * place as f64).collect();
    assert_eq!(sight.path.to_vec(), window);
    assert!((sight.cash.usd - 50.0).abs() < 1e-9 && (sight.held.usd - 60.0).abs() < 1e-9);
    assert!((sight.mint_premium - 0.04).abs() < 1e-12 && !sight.cash_is_collateral);
    assert_eq!(look(&stage.market(None, &quote), &Clock::new(3_600, 2), AGENT, &one), None);
}

fn wild() -> impl Strategy<Value = f64> {
    prop_oneof![
        Just(0.0),
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(-1.0),
        Just(1e300),
        Just(1e-300),
        0.0..4_000.0_f64
    ]
}

fn wild_purse() -> impl Strategy<Value = Purse> {
    (0..=i64::MAX, prop_oneof![Just(0.0), Just(1e300), 0.0..1e9_f64])
        .prop_map(|(atoms, usd)| Purse { amount: Amount::from_atoms(atoms), usd })
}

proptest! {
    #[test]
    fn sizes_stay_within_balances(
        path in prop::array::uniform9(wild()), nav in wild(), leverage in wild(), premium in wild(),
        cash in wild_purse(), held in wild_purse(), cash_is_collateral in any::<bool>(), which in 0..3_u8,
    ) {
        let style = [TREND, CONTRARIAN, Style::ConstantLeverage { exposure: 1.5 }][which as usize];
        let mut one = speculator(style);
        let sight = Sight {
            path, nav, leverage: Some(leverage), mint_premium: premium, cash, held, cash_is_collateral, ..flat()
        };
        prop_assert!((0.0..=0.5).contains(&wanted_share(&sight, &one)));
        match choose(&sight, &mut one) {
            Some(Trade::Buy { cash: spent, .. }) => prop_assert!(spent <= cash.amount),
            Some(Trade::Sell { tokens, .. }) => prop_assert!(tokens <= held.amount),
            None => {}
        }
        prop_assert!(!one.memory.cost_basis.is_nan());
    }
}
