//! A small market by hand: dollars, ETH, fETH, xETH, a few pools, a treasury that is only a view.

use proptest::prelude::*;

use super::choice::Trades;
use super::market::{BUY_BASE, Door, SELL_BASE};
use super::size::{golden_section, optimal_pool_trade};
use super::*;
use crate::protocol::amm::Curve;
use crate::protocol::fx::StressMode;
use crate::protocol::order_book::{FeeRate, SelfMatch, Side as OrderSide, TimeInForce};
use crate::quantity::Asset;
use crate::venue::Venues;
use crate::venue::book::{Book, BookAction, BookId, BookTerms};
use crate::venue::exchange::{ExchangeSettings, Listing};
use crate::venue::pool::oracle::PoolOracle;
use crate::venue::pool::{Pool, PoolId, PoolRecord};
use crate::venue::treasury::{FxAction, FxView, TreasuryAssets};
use crate::world::ledger::Issuance;
use crate::world::oracle::{Oracle, OracleSettings};

const USD: AssetId = AssetId(0);
const ETH: AssetId = AssetId(1);
const FETH: AssetId = AssetId(2);
const XETH: AssetId = AssetId(3);
const SHARES: AssetId = AssetId(4);
const ETH_USD: f64 = 2_000.0;
/// Dollars in cents and ETH in thousandths, a fee of 10 basis points for whoever takes.
fn eth_book(account: AccountId) -> Book {
    Book::new(BookTerms {
        name: "eth_book".into(),
        account,
        coins: [ETH, USD],
        reserve: account,
        tick_size: 0.01,
        lot_atoms: 1_000_000,
        tick_lot_atoms: 10,
        maker_fee: FeeRate::default(),
        taker_fee: FeeRate::from_bps(10.0),
        self_match: SelfMatch::default(),
    })
}

const FREE: ExchangeSettings =
    ExchangeSettings { half_spread_bps: 0.0, hourly_depth_usd: 1e9, impact_bps: 0.0 };

struct Place {
    ledger: Ledger,
    venues: Venues,
    oracle: Oracle,
}

/// A world with these pools: coins, fee, and reserves in units.
fn place(exchange: ExchangeSettings, pools: &[([AssetId; 2], f64, [f64; 2])]) -> Place {
    let assets = [("USD", 6), ("ETH", 9), ("fETH", 6), ("xETH", 6), ("shares", 6)];
    let assets = assets.map(|(symbol, places)| (Asset::new(symbol, places), Issuance::Bridged));
    let mut ledger = Ledger::new(assets.to_vec());
    let pools = pools.iter().map(|(coins, fee, reserves)| {
        let account = ledger.open_accounts(1).unwrap();
        for (coin, units) in coins.iter().zip(reserves) {
            let amount = ledger.asset(*coin).decimals.floor(*units).unwrap();
            ledger.bridge_in(account, *coin, amount).unwrap();
        }
        Pool {
            name: String::new(),
            account,
            coins: *coins,
            shares: SHARES,
            reserve: account,
            curve: Curve::ConstantProduct,
            follows_nav: false,
            slide: None,
            fee: *fee,
            rebate: 1.0,
            oracle: PoolOracle::default(),
            provision: None,
            record: PoolRecord::default(),
        }
    });
    let pools = pools.collect();
    let exchange = Exchange::new(exchange, USD, vec![Listing { asset: ETH, feed: 0 }]);
    let oracle = Oracle::new(OracleSettings::default(), &[ETH_USD]);
    Place { ledger, venues: Venues::new(exchange, pools, None), oracle }
}

fn calm() -> FxView {
    FxView {
        collateral_price: ETH_USD,
        oracle_valid: true,
        collateral: 1_000.0,
        feth_supply: 1e6,
        xeth_supply: 1e6,
        feth_nav: 1.0,
        xeth_nav: 1.0,
        collateral_ratio: Some(2.0),
        leverage: Some(1.9),
        mode: StressMode::Normal,
        feth_mint_fee: 0.0025,
        xeth_mint_fee: 0.01,
        feth_redeem_fee: 0.0025,
        xeth_redeem_fee: 0.01,
        feth_mint_open: true,
        xeth_redeem_open: true,
        xeth_mint_bonus: 0.0,
        feth_redeem_bonus: 0.0,
        settled_seconds_ago: 0,
        staked_feth: 0.0,
    }
}

/// White-paper stress: incentives paid by the doors themselves.
fn stress(incentive: f64) -> FxView {
    FxView {
        mode: StressMode::UserRebalance,
        collateral_ratio: Some(1.15),
        feth_mint_open: false,
        feth_redeem_fee: 0.0,
        xeth_mint_fee: 0.0,
        xeth_mint_bonus: incentive,
        feth_redeem_bonus: incentive,
        ..calm()
    }
}

/// A treasury that pays the NAV less the fee at any size. `incentive` is paid by the special doors, which are closed
/// without one.
fn answer(view: &FxView, incentive: f64, action: FxAction, amount: f64) -> Option<f64> {
    let deposit = |nav: f64, fee: f64| amount * (1.0 - fee) * view.collateral_price / nav;
    let payout = |nav: f64, fee: f64| amount * (1.0 - fee) * nav / view.collateral_price;
    let more = 1.0 + incentive;
    match action {
        FxAction::MintFeth { .. } => view.feth_mint_open.then(|| deposit(view.feth_nav, view.feth_mint_fee)),
        FxAction::MintXeth { .. } => Some(deposit(view.xeth_nav, view.xeth_mint_fee)),
        FxAction::RedeemFeth { .. } => Some(payout(view.feth_nav, view.feth_redeem_fee)),
        FxAction::RedeemXeth { .. } => Some(payout(view.xeth_nav, view.xeth_redeem_fee)),
        FxAction::AddCollateral { .. } if incentive > 0.0 => {
            Some(deposit(view.xeth_nav, view.xeth_mint_fee) * more)
        }
        FxAction::Liquidate { .. } if incentive > 0.0 => {
            Some(payout(view.feth_nav, view.feth_redeem_fee) * more)
        }
        _ => None,
    }
}

const FX: TreasuryAssets = TreasuryAssets { collateral: ETH, feth: FETH, xeth: XETH };

impl Place {
    /// Runs `ask` with a market that has a treasury seen as `view`.
    fn with_treasury<T>(&self, view: FxView, incentive: f64, ask: impl FnOnce(&Market<'_>) -> T) -> T {
        let quote = move |action, amount| answer(&view, incentive, action, amount);
        let window = Window::new(FX, view, &quote);
        ask(&Market { treasury: Some(window), ..self.market() })
    }

    fn market(&self) -> Market<'_> {
        Market { ledger: &self.ledger, venues: &self.venues, oracle: &self.oracle, treasury: None }
    }
}

fn cycles(market: &Market<'_>) -> Vec<Cycle> {
    let mut found = Vec::new();
    cycle::find(market, &mut found);
    found
}

/// What `bot`, which holds these units of USD, ETH, fETH and xETH, does at a gas price of nothing.
fn trades(bot: &Arbitrageur, held: [f64; 4], market: &Market<'_>) -> (Trades, Vec<Cycle>) {
    let mut found = cycles(market);
    let wallet = |asset: AssetId| held.get(asset.index()).copied().unwrap_or(0.0);
    (choose(bot, wallet, 0.0, market, &mut found), found)
}

fn legs(trade: &Trade, found: &[Cycle]) -> Vec<Leg> {
    found[trade.cycle].legs(trade.entry).collect()
}

/// The only pool.
const FIRST: PoolId = PoolId(0);
const RICH: [f64; 4] = [1e9, 0.0, 0.0, 0.0];

#[test]
fn the_closed_form_takes_the_pool_to_the_edge_of_the_fee_band() {
    // 100 ETH at 1,900 against 2,000 outside, 0.3 %: sqrt(0.997 * 2000 * 100 * 190000) = 194,645.8...
    let place = place(FREE, &[([ETH, USD], 0.003, [100.0, 190_000.0])]);
    let trade = optimal_pool_trade(place.venues.pool(FIRST), &place.ledger, ETH_USD).unwrap();
    assert_eq!(trade.side, BUY_BASE);
    let expected = ((0.997 * 2_000.0 * 100.0 * 190_000.0_f64).sqrt() - 190_000.0) / 0.997;
    assert!((trade.amount_in / expected - 1.0).abs() < 1e-9, "{trade:?} against {expected}");
    let below = optimal_pool_trade(place.venues.pool(FIRST), &place.ledger, 1_800.0).unwrap();
    assert_eq!(below.side, SELL_BASE);
    let expected = ((0.997 * 100.0 * 190_000.0 / 1_800.0_f64).sqrt() - 100.0) / 0.997;
    assert!((below.amount_in / expected - 1.0).abs() < 1e-9, "{below:?} against {expected}");
}

#[test]
fn the_chosen_size_beats_every_size_on_a_grid() {
    let dear = ExchangeSettings { half_spread_bps: 5.0, hourly_depth_usd: 1e6, impact_bps: 300.0 };
    for exchange in [FREE, dear] {
        for reserves in [[100.0, 190_000.0], [100.0, 215_000.0]] {
            let place = place(exchange, &[([ETH, USD], 0.003, reserves)]);
            let market = place.market();
            let (chosen, found) = trades(&Arbitrageur::default(), RICH, &market);
            let trade = chosen[0].unwrap();
            let best = found[trade.cycle].gain(&market, trade.entry, trade.amount).unwrap();
            assert!(best > 100.0);
            for step in 1..20_000 {
                let size = f64::from(step) * 5.0;
                let gain = found[trade.cycle].gain(&market, trade.entry, size).unwrap();
                assert!(gain <= best * (1.0 + 1e-9), "{gain} at {size} against {best} at {}", trade.amount);
            }
        }
    }
}

#[test]
fn inside_the_fee_band_there_is_nothing() {
    // 0.3 % of fee and 2 bp of half-spread: 0.31 % off is inside, 0.4 % is not.
    let settings = ExchangeSettings { half_spread_bps: 2.0, ..FREE };
    for (off, pays) in [(0.9969, false), (1.0031, false), (0.996, true), (1.004, true)] {
        let place = place(settings, &[([ETH, USD], 0.003, [100.0, 200_000.0 * off])]);
        let (chosen, _) = trades(&Arbitrageur::default(), RICH, &place.market());
        assert_eq!(chosen[0].is_some(), pays, "{off}");
        assert_eq!(
            cycles(&place.market()).is_empty(),
            !pays,
            "{off}: seen from the prices, without a search"
        );
    }
}

#[test]
fn feth_under_its_nav_is_bought_and_redeemed() {
    let place = place(FREE, &[([FETH, USD], 0.001, [1e6, 0.95e6])]);
    place.with_treasury(calm(), 0.0, |market| {
        let (chosen, found) = trades(&Arbitrageur::default(), RICH, market);
        let expected = [Leg::Swap(FIRST, BUY_BASE), Leg::Fx(Door::RedeemFeth), Leg::Sell(ETH)];
        assert_eq!(legs(&chosen[0].unwrap(), &found), expected);
        // Everything beside the pool has no impact: the size is the closed form against 0.9975 dollars.
        let size = optimal_pool_trade(place.venues.pool(FIRST), &place.ledger, 0.9975).unwrap().amount_in;
        assert!((chosen[0].unwrap().amount / size - 1.0).abs() < 1e-9);
    });
}

#[test]
fn feth_over_its_nav_is_minted_and_sold_while_minting_is_open() {
    let place = place(FREE, &[([FETH, USD], 0.001, [1e6, 1.05e6])]);
    place.with_treasury(calm(), 0.0, |market| {
        let (chosen, found) = trades(&Arbitrageur::default(), RICH, market);
        let expected = [Leg::Buy(ETH), Leg::Fx(Door::MintFeth), Leg::Swap(FIRST, SELL_BASE)];
        assert_eq!(legs(&chosen[0].unwrap(), &found), expected);
    });
    let closed = FxView { feth_mint_open: false, ..calm() };
    place.with_treasury(closed, 0.0, |market| assert!(cycles(market).is_empty()));
}

#[test]
fn a_pool_against_eth_is_reached_with_eth_or_through_dollars() {
    let place = place(FREE, &[([FETH, ETH], 0.001, [1e6, 475.0])]);
    place.with_treasury(calm(), 0.0, |market| {
        let (chosen, found) = trades(&Arbitrageur::default(), [0.0, 1e6, 0.0, 0.0], market);
        let inner = [Leg::Swap(FIRST, BUY_BASE), Leg::Fx(Door::RedeemFeth)];
        assert_eq!(legs(&chosen[0].unwrap(), &found), inner);
        let (chosen, found) = trades(&Arbitrageur::default(), RICH, market);
        let outer = [Leg::Buy(ETH), inner[0], inner[1], Leg::Sell(ETH)];
        assert_eq!(legs(&chosen[0].unwrap(), &found), outer);
    });
}

#[test]
fn in_stress_the_incentive_is_taken() {
    // 1 % of fee in the pool: without the incentive fETH at 0.995 would not pay.
    let place = place(FREE, &[([FETH, USD], 0.01, [1e6, 0.995e6]), ([XETH, USD], 0.01, [1e6, 1e6])]);
    place.with_treasury(stress(0.03), 0.03, |market| {
        let (chosen, found) = trades(&Arbitrageur::default(), RICH, market);
        let liquidation = [Leg::Swap(PoolId(0), BUY_BASE), Leg::Fx(Door::Liquidate), Leg::Sell(ETH)];
        assert_eq!(legs(&chosen[0].unwrap(), &found), liquidation);
        let deposit = [Leg::Buy(ETH), Leg::Fx(Door::AddCollateral), Leg::Swap(PoolId(1), SELL_BASE)];
        assert_eq!(legs(&chosen[1].unwrap(), &found), deposit);
    });
    place.with_treasury(FxView { feth_redeem_fee: 0.0, ..calm() }, 0.0, |market| {
        assert!(cycles(market).is_empty());
    });
}

#[test]
fn a_bonus_paid_beside_the_trade_counts_only_for_those_who_enter_with_collateral() {
    let place = place(FREE, &[([XETH, USD], 0.01, [1e6, 1e6])]);
    // The special doors are closed: the view's bonus of 5 % is the reserve's.
    place.with_treasury(stress(0.05), 0.0, |market| {
        assert_eq!(market.treasury.unwrap().beside_xeth_mint, 0.05);
        assert_eq!(trades(&Arbitrageur::default(), RICH, market).0[0], None);
        let found = cycles(market);
        let dollars = found[0].entries().iter().position(|asset| *asset == USD).unwrap();
        // 2,000 dollars buy an ETH, which mints 2,000 xETH, of which the pool takes 1 % and its own impact.
        let sold = 1e6 * 1_980.0 / (1e6 + 1_980.0);
        assert!((found[0].gain(market, dollars, 2_000.0).unwrap() - (sold - 2_000.0)).abs() < 1e-6);
        let (chosen, found) = trades(&Arbitrageur::default(), [10.0, 1e6, 0.0, 0.0], market);
        let expected = [Leg::Fx(Door::MintXeth), Leg::Swap(FIRST, SELL_BASE), Leg::Buy(ETH)];
        assert_eq!(legs(&chosen[0].unwrap(), &found), expected);
        let size = chosen[0].unwrap().amount;
        let gain =
            |size| found[chosen[0].unwrap().cycle].gain(market, chosen[0].unwrap().entry, size).unwrap();
        assert!(gain(size) > gain(size * 0.99) && gain(size) > gain(size * 1.01));
    });
    place.with_treasury(stress(0.05), 0.05, |market| {
        assert_eq!(market.treasury.unwrap().beside_xeth_mint, 0.0, "an incentive is not counted twice");
    });
}

#[test]
fn two_pools_are_traded_against_each_other_where_nothing_else_is_open() {
    let place = place(FREE, &[([FETH, USD], 0.001, [1e6, 1e6]), ([FETH, ETH], 0.001, [1e6, 520.0])]);
    let (chosen, found) = trades(&Arbitrageur::default(), RICH, &place.market());
    let expected = [Leg::Swap(PoolId(0), BUY_BASE), Leg::Swap(PoolId(1), SELL_BASE), Leg::Sell(ETH)];
    assert_eq!(legs(&chosen[0].unwrap(), &found), expected);
    assert_eq!(chosen[1], None, "both pools are used");
    let gain = |size| found[chosen[0].unwrap().cycle].gain(&place.market(), chosen[0].unwrap().entry, size);
    let size = chosen[0].unwrap().amount;
    assert!(gain(size) > gain(size * 0.99) && gain(size) > gain(size * 1.01));
}

#[test]
fn the_better_of_two_trades_comes_first_and_the_other_gets_what_is_left() {
    let place =
        place(FREE, &[([ETH, USD], 0.003, [100.0, 195_000.0]), ([ETH, USD], 0.003, [100.0, 180_000.0])]);
    let market = place.market();
    let (both, found) = trades(&Arbitrageur::default(), RICH, &market);
    let [first, second] = [both[0].unwrap(), both[1].unwrap()];
    assert_eq!(legs(&first, &found)[0], Leg::Swap(PoolId(1), BUY_BASE));
    assert_eq!(legs(&second, &found)[0], Leg::Swap(PoolId(0), BUY_BASE));
    assert!(first.profit_usd > second.profit_usd);
    let purse = first.amount + 100.0;
    let (poor, _) = trades(&Arbitrageur::default(), [purse, 0.0, 0.0, 0.0], &market);
    assert!((poor[1].unwrap().amount - 100.0).abs() < 1e-6, "the same dollars are not spent twice");
    let single = Arbitrageur { trades_per_block: 1, ..Arbitrageur::default() };
    assert_eq!(trades(&single, RICH, &market).0[1], None);
    let blind = Arbitrageur { watched: Places { pools: 0b01, books: 0 }, ..Arbitrageur::default() };
    assert_eq!(legs(&trades(&blind, RICH, &market).0[0].unwrap(), &found)[0], Leg::Swap(PoolId(0), BUY_BASE));
}

#[test]
fn capital_binds() {
    let place = place(FREE, &[([ETH, USD], 0.003, [100.0, 180_000.0])]);
    let bot = Arbitrageur { max_trade_share: 0.25, ..Arbitrageur::default() };
    let (chosen, _) = trades(&bot, [1_000.0, 0.0, 0.0, 0.0], &place.market());
    assert_eq!(chosen[0].unwrap().amount, 250.0);
    assert_eq!(trades(&bot, [0.0; 4], &place.market()).0[0], None);
    // With both coins at hand it enters where more can be earned.
    let (chosen, found) = trades(&bot, [1_000.0, 50.0, 0.0, 0.0], &place.market());
    assert_eq!((chosen[0].unwrap().asset, chosen[0].unwrap().amount > 1.0), (ETH, true));
    assert_eq!(legs(&chosen[0].unwrap(), &found), [Leg::Sell(ETH), Leg::Swap(FIRST, BUY_BASE)]);
}

#[test]
fn a_share_of_the_profit_is_bid_and_the_minimum_is_what_is_left() {
    let place = place(FREE, &[([ETH, USD], 0.003, [100.0, 190_000.0])]);
    let bot = Arbitrageur { bid_share: 0.6, ..Arbitrageur::default() };
    let (chosen, _) = trades(&bot, RICH, &place.market());
    let Trade { profit_usd, bid_usd, .. } = chosen[0].unwrap();
    assert!((bid_usd - f64::from(0.6_f32) * profit_usd).abs() < 1e-9);
    let kept = profit_usd - bid_usd;
    let content = Arbitrageur { min_profit_usd: kept as f32 * 0.99, ..bot };
    assert!(trades(&content, RICH, &place.market()).0[0].is_some());
    let greedy = Arbitrageur { min_profit_usd: kept as f32 * 1.01, ..bot };
    assert_eq!(trades(&greedy, RICH, &place.market()).0[0], None);
}

#[test]
fn gas_is_counted() {
    let place = place(FREE, &[([ETH, USD], 0.003, [100.0, 198_000.0])]);
    let market = place.market();
    let (chosen, mut found) = trades(&Arbitrageur::default(), RICH, &market);
    let profit_usd = chosen[0].unwrap().profit_usd;
    let wallet = |asset: AssetId| RICH.get(asset.index()).copied().unwrap_or(0.0);
    let bot = Arbitrageur::default();
    let with_gas = choose(&bot, wallet, 0.25 * profit_usd, &market, &mut found)[0].unwrap();
    assert!((with_gas.profit_usd - 0.5 * profit_usd).abs() < 1e-9, "two actions");
    assert_eq!(choose(&bot, wallet, 0.51 * profit_usd, &market, &mut found)[0], None);
    // Who holds only ETH cannot pay gas in dollars.
    let eth = |asset: AssetId| if asset == ETH { 1e3 } else { 0.0 };
    assert_eq!(choose(&bot, eth, 0.01, &market, &mut found)[0], None);
}

#[test]
fn the_minimum_gain_covers_gas_and_fee_where_they_are_not_paid_from_the_proceeds() {
    let place = place(FREE, &[]);
    let network =
        Network { account: AccountId(0), asset: USD, gas_per_action: Amount::from_atoms(2_000_000) };
    let bot = Arbitrageur { min_profit_usd: 5.0, ..Arbitrageur::default() };
    let trade =
        Trade { cycle: 0, entry: 0, asset: USD, amount: 1.0, value: 1.0, profit_usd: 9.0, bid_usd: 3.0 };
    let fee = Amount::from_atoms(3_000_000);
    let minimum = |trade| terms(&trade, &bot, 3, &place.ledger, &network, fee).minimum_gain.unwrap();
    assert_eq!(minimum(trade), MinimumGain { asset: USD, amount: Amount::from_atoms(5_000_000) });
    // 5 of profit, 3 of fee and 3 x 2 of gas are 14 dollars: 0.007 ETH.
    let in_eth = Trade { asset: ETH, value: ETH_USD, ..trade };
    assert_eq!(minimum(in_eth), MinimumGain { asset: ETH, amount: Amount::from_atoms(7_000_000) });
}

#[test]
fn the_search_finds_the_top_and_survives_what_is_undefined() {
    let top = golden_section(10.0, |x| Some(-(x - 3.0) * (x - 3.0)));
    assert!((top - 3.0).abs() < 1e-6);
    let bounded = golden_section(10.0, |x| (x <= 0.7).then_some(x));
    assert!((bounded - 0.7).abs() < 1e-5);
    assert!(golden_section(10.0, |_| Some(f64::NAN)) < 1e-5);
}

#[test]
fn an_arbitrageur_is_small() {
    assert!(std::mem::size_of::<Arbitrageur>() <= 100);
}

proptest! {
    /// Whatever the pools and the wallet: never more than is held, never a loss expected, never a number that is none.
    #[test]
    fn trades_are_covered_and_pay(
        prices in proptest::array::uniform3(0.5..1.5_f64),
        depths in proptest::array::uniform3(1e3..1e7_f64),
        fees in proptest::array::uniform3(0.0..0.02_f64),
        held in proptest::array::uniform4(0.0..1e6_f64),
        share in 0.0..=1.0_f32,
        bid_share in 0.0..=1.0_f32,
        gas in 0.0..10.0_f64,
        feth_nav in 0.5..1.5_f64,
        incentive in prop::option::of(0.001..0.1_f64),
        (spread, impact) in (0.0..50.0_f64, 0.0..1_000.0_f64),
    ) {
        let exchange = ExchangeSettings { half_spread_bps: spread, hourly_depth_usd: 1e6, impact_bps: impact };
        let place = place(exchange, &[
            ([ETH, USD], fees[0], [depths[0] / ETH_USD, depths[0] * prices[0]]),
            ([FETH, USD], fees[1], [depths[1], depths[1] * prices[1]]),
            ([XETH, ETH], fees[2], [depths[2], depths[2] * prices[2] / ETH_USD]),
        ]);
        let view = FxView { feth_nav, ..incentive.map_or_else(calm, stress) };
        place.with_treasury(view, incentive.unwrap_or(0.0), |market| {
            let bot = Arbitrageur { max_trade_share: share, bid_share, min_profit_usd: 1.0, ..Arbitrageur::default() };
            let mut found = cycles(market);
            let wallet = |asset: AssetId| held.get(asset.index()).copied().unwrap_or(0.0);
            let chosen = choose(&bot, wallet, gas, market, &mut found);
            let mut used = Places::default();
            for trade in chosen.iter().flatten() {
                prop_assert!(trade.amount > 0.0 && trade.amount.is_finite());
                prop_assert!(trade.profit_usd.is_finite() && trade.bid_usd >= 0.0);
                prop_assert!(trade.profit_usd - trade.bid_usd >= 1.0);
                let places = found[trade.cycle].places();
                prop_assert!(!places.meets(used));
                used = used.and(places);
            }
            for (place, held) in held.iter().enumerate() {
                let spent: f64 = chosen.iter().flatten()
                    .filter(|trade| trade.asset.index() == place).map(|trade| trade.amount).sum();
                prop_assert!(spent <= held * (1.0 + 1e-12));
            }
            Ok(())
        })?;
    }
}

impl Place {
    /// The same with an order book in which somebody offers or bids: side, price in dollars, ETH.
    fn with_orders(mut self, orders: &[(OrderSide, f64, f64)]) -> Self {
        let maker = self.ledger.open_accounts(2).unwrap();
        let escrow = AccountId(maker.0 + 1);
        for coin in [USD, ETH] {
            let amount = self.ledger.asset(coin).decimals.floor(1e6).unwrap();
            self.ledger.bridge_in(maker, coin, amount).unwrap();
        }
        self.ledger.commit();
        let streams = crate::world::streams::Streams::new(1);
        let mut mempool: Mempool =
            Mempool::new(streams.per_agent("order"), crate::world::mempool::Ordering::Arrival);
        for (side, price, lots) in orders {
            let (price, lots) = ((price * 100.0).round() as u32, (lots * 1_000.0).round() as u32);
            let time_in_force = TimeInForce::GoodTillCancelled;
            let limit = BookAction::Limit { book: BookId(0), side: *side, price, lots, time_in_force };
            mempool.submit(maker, &[Action::Book(limit)]);
        }
        let Self { ledger, venues, oracle } = self;
        let mut world = World::new();
        world.insert_resource(ledger);
        world.insert_resource(venues.with_books(vec![eth_book(escrow)]));
        world.insert_resource(oracle);
        world.insert_resource(mempool);
        world.insert_resource(crate::world::clock::Clock::new(3_600, 1));
        world.insert_resource(crate::world::notes::Notes::default());
        world.insert_resource(crate::venue::execute::Receipts::default());
        world.insert_resource(crate::venue::Valuation::default());
        world.insert_resource(crate::venue::attribution::Attribution::default());
        world.insert_resource(Network { account: maker, asset: USD, gas_per_action: Amount::ZERO });
        world.run_system_cached(crate::venue::execute::execute_block).unwrap();
        assert_eq!(world.resource::<crate::venue::execute::Receipts>().refused(), 0);
        Self {
            ledger: world.remove_resource().unwrap(),
            venues: world.remove_resource().unwrap(),
            oracle: world.remove_resource().unwrap(),
        }
    }
}

/// ETH is worth 2,000 outside, where trading is free; two offers are cheap enough after a fee of 10 basis points, the third is not.
#[test]
fn every_level_of_a_book_that_pays_is_taken_and_none_that_does_not() {
    let place = place(FREE, &[]).with_orders(&[
        (OrderSide::Sell, 1_990.0, 2.0),
        (OrderSide::Sell, 1_997.0, 3.0),
        (OrderSide::Sell, 1_999.0, 5.0),
        (OrderSide::Buy, 1_980.0, 9.0),
    ]);
    let market = place.market();
    let (chosen, found) = trades(&Arbitrageur::default(), [1e6, 0.0, 0.0, 0.0], &market);
    let trade = chosen[0].unwrap();
    let legs: Vec<Leg> = found[trade.cycle].legs(trade.entry).collect();
    assert_eq!(legs, [Leg::Order(BookId(0), OrderSide::Buy), Leg::Sell(ETH)]);
    let paid = 1_990.0 * 2.0 + 1_997.0 * 3.0;
    assert!((trade.amount - paid).abs() < 1e-6, "{} of {paid} dollars", trade.amount);
    assert!((trade.profit_usd - (5.0 * 0.999 * 2_000.0 - paid)).abs() < 1e-6, "{}", trade.profit_usd);
    assert_eq!(chosen[1], None, "bids at 1,980 are below what ETH is worth");
}

/// A bid above the pool's price: ETH is bought in the pool until its price, fee included, is the bid's.
#[test]
fn a_book_and_a_pool_are_brought_together() {
    let pools = [([ETH, USD], 0.003, [500.0, 950_000.0])];
    let dear = ExchangeSettings { half_spread_bps: 500.0, hourly_depth_usd: 1e9, impact_bps: 0.0 };
    let place = place(dear, &pools).with_orders(&[(OrderSide::Buy, 1_980.0, 100.0)]);
    let market = place.market();
    let (chosen, found) = trades(&Arbitrageur::default(), [1e6, 0.0, 0.0, 0.0], &market);
    let trade = chosen[0].unwrap();
    let legs: Vec<Leg> = found[trade.cycle].legs(trade.entry).collect();
    assert_eq!(legs, [Leg::Swap(PoolId(0), BUY_BASE), Leg::Order(BookId(0), OrderSide::Sell)]);
    // The marginal price after the trade, with the fee on the input, is what the bid pays less its own fee.
    let target: f64 = 1_980.0 * 0.999 * 0.997;
    let bought = 500.0 - (500.0 * 950_000.0 / target).sqrt();
    let paid = (500.0 * 950_000.0 / (500.0 - bought) - 950_000.0) / 0.997;
    // What is less than a lot of two dollars is left over and counts as nothing: near the top that is all that matters.
    assert!((trade.amount / paid - 1.0).abs() < 0.05, "{} dollars, {paid} in closed form", trade.amount);
    let most = bought * 1_980.0 * 0.999 - paid;
    assert!(trade.profit_usd > most - 2.0 && trade.profit_usd <= most, "{} of {most}", trade.profit_usd);
    // A bot that watches no book does not see it.
    let blind = Arbitrageur { watched: Places { books: 0, ..Places::ALL }, ..Arbitrageur::default() };
    assert_eq!(trades(&blind, [1e6, 0.0, 0.0, 0.0], &market).0[0], None);
}

proptest! {
    /// Whatever rests in a book, what a bot expects of a trade is positive after the fee, and within what it holds.
    #[test]
    fn trades_through_a_book_pay(
        prices in proptest::collection::vec((1_900.0..2_100.0_f64, 0.01..20.0_f64), 1..12), ratio in 0.9..1.1_f64,
        depth in 1e5..1e7_f64, capital in 10.0..1e6_f64, spread in 0.0..100.0_f64, impact in 0.0..200.0_f64,
    ) {
        let exchange = ExchangeSettings { half_spread_bps: spread, hourly_depth_usd: 1e6, impact_bps: impact };
        let orders: Vec<_> = prices.iter().map(|(price, units)| {
            (if *price < 2_000.0 { OrderSide::Buy } else { OrderSide::Sell }, *price, *units)
        }).collect();
        let pools = [([ETH, USD], 0.003, [depth / ETH_USD, depth * ratio])];
        let place = place(exchange, &pools).with_orders(&orders);
        let market = place.market();
        let (chosen, mut found) = trades(&Arbitrageur::default(), [capital, capital / ETH_USD, 0.0, 0.0], &market);
        for trade in chosen.iter().flatten() {
            prop_assert!(trade.profit_usd > 0.0 && trade.amount > 0.0);
            prop_assert!(trade.amount <= capital / trade.value * (1.0 + 1e-9));
            // Nothing much better lies beside it.
            let cycle = &mut found[trade.cycle];
            let best = cycle.best_size(&market, trade.entry);
            let at = |size: f64| cycle.gain(&market, trade.entry, size).unwrap_or(0.0) * trade.value;
            let top = at(best);
            for part in [0.5, 0.8, 0.9, 0.99, 1.01, 1.1, 1.5, 2.0] {
                prop_assert!(at(best * part) <= top * 1.001 + 4.2, "{part}: {} and {top}", at(best * part));
            }
        }
    }
}
