use proptest::prelude::*;

use super::*;
use crate::protocol::amm::Side;
use crate::protocol::crp::{self, Pool};
use crate::quantity::AssetId;
use crate::venue::exchange::{Exchange, ExchangeSettings, Listing};
use crate::venue::lending::{LendAction, LoanView};
use crate::world::clock::Clock;
use crate::world::mempool::Size;

const ETH: AssetId = AssetId(1);
const GAS_USD: f64 = 1.0;

fn bot() -> Rebalancer {
    Rebalancer {
        markets: u64::MAX,
        max_trade_share: 1.0,
        min_profit_usd: 0.0,
        bid_share: 0.0,
        trades_per_block: 4,
    }
}

fn outside(half_spread_bps: f64, impact_bps: f64) -> Exchange {
    let settings = ExchangeSettings { half_spread_bps, impact_bps, hourly_depth_usd: 1e6 };
    Exchange::new(settings, AssetId(0), vec![Listing { asset: ETH, feed: 0 }])
}

/// 100 ETH beside 200,000 dollars at one half: a price of 2,000, where the market's is `mid`.
fn sight(terms: crp::Terms, mid: f64) -> Sight {
    let pool = Pool {
        strike: 2_000.0,
        weight_x: 0.5,
        balance_x: 100.0,
        balance_y: 200_000.0,
        yield_supply: 250_000.0,
        key_supply: 250_000.0,
        converted: false,
    };
    let view = LoanView {
        spot: mid,
        mid,
        pool,
        terms,
        loan_to_value: 0.6,
        loan_to_value_outside: 0.6,
        open: true,
        bond_price: None,
        annual_rate: None,
        years_left: 0.25,
        yield_on_offer: 0.0,
        tokens_on_offer: 0.0,
    };
    Sight { market: LoanMarketId(0), collateral: ETH, view }
}

fn paper(mid: f64) -> Sight {
    sight(crp::Terms::white_paper_3(13_140.0), mid)
}

/// What a bot with so many dollars and ETH chooses.
fn chosen(bot: &Rebalancer, [dollars, eth]: [f64; 2], exchange: &Exchange, sight: &Sight) -> Option<Trade> {
    let purse = Purse { dollars, bid_below_usd: f64::INFINITY };
    let clock = Clock::new(3_600, 1);
    choose(bot, &purse, |_| eth, GAS_USD, exchange, &clock, std::slice::from_ref(sight))
        .map(|(_, trade)| trade)
}

fn near(found: f64, expected: f64, relative: f64) {
    assert!((found / expected - 1.0).abs() < relative, "found {found}, expected {expected}");
}

#[test]
fn a_cheap_pool_is_bought_from_until_it_asks_the_price_outside() {
    let (sight, free) = (paper(2_200.0), outside(0.0, 0.0));
    let trade = chosen(&bot(), [1e6, 0.0], &free, &sight).unwrap();
    assert_eq!((trade.side, trade.entry), (Side::BuyBase, Entry::Dollars));
    // y (sqrt(S / P) - 1) dollars go in; y (sqrt(S / P) - 1)^2 come out above them.
    let root = 1.1_f64.sqrt() - 1.0;
    near(trade.amount, 200_000.0 * root, 1e-6);
    near(trade.profit_usd, 200_000.0 * root * root - 2.0 * GAS_USD, 1e-9);
    near(crp::marginal_price(&trade.next).unwrap(), 2_200.0, 1e-6);
    let [first, second] = trade.actions(&sight, Amount::from_atoms(5));
    let rebalance = LendAction::Rebalance {
        market: LoanMarketId(0),
        collateral_in: false,
        amount: Size::Exact(Amount::from_atoms(5)),
        min_out: Amount::ZERO,
    };
    assert_eq!(first, Action::Lend(rebalance));
    let sale = crate::venue::exchange::Order::Sell { asset: ETH, amount: Size::Previous };
    assert_eq!(second, Action::Exchange(sale));
}

#[test]
fn a_dear_pool_is_brought_what_is_bought_outside() {
    let (sight, free) = (paper(1_800.0), outside(0.0, 0.0));
    let trade = chosen(&bot(), [1e6, 0.0], &free, &sight).unwrap();
    assert_eq!((trade.side, trade.entry), (Side::SellBase, Entry::Dollars));
    near(trade.amount, 1_800.0 * 100.0 * ((1.0 / 0.9_f64).sqrt() - 1.0), 1e-6);
    let root = 1.0 - 0.9_f64.sqrt();
    near(trade.profit_usd, 200_000.0 * root * root - 2.0 * GAS_USD, 1e-9);
    let [first, second] = trade.actions(&sight, Amount::from_atoms(5));
    assert!(matches!(first, Action::Exchange(crate::venue::exchange::Order::Buy { .. })), "{first:?}");
    let Action::Lend(LendAction::Rebalance { collateral_in, amount, .. }) = second else {
        panic!("{second:?}")
    };
    assert_eq!((collateral_in, amount), (true, Size::Previous));
}

#[test]
fn collateral_of_its_own_goes_the_round_from_the_other_end() {
    let free = outside(0.0, 0.0);
    for (mid, collateral_in) in [(1_800.0, true), (2_200.0, false)] {
        let sight = paper(mid);
        // Dollars for gas only.
        let trade = chosen(&bot(), [10.0, 50.0], &free, &sight).unwrap();
        assert_eq!((trade.entry, trade.value), (Entry::Collateral, mid));
        let first = trade.actions(&sight, Amount::from_atoms(5))[0];
        assert_eq!(matches!(first, Action::Lend(_)), collateral_in, "{first:?}");
        let rich = chosen(&bot(), [1e6, 0.0], &free, &sight).unwrap();
        near(trade.profit_usd, rich.profit_usd, 1e-6);
        assert_eq!(chosen(&bot(), [1.0, 50.0], &free, &sight), None, "gas is paid in dollars");
    }
}

#[test]
fn capital_and_the_share_of_it_in_one_trade_cap_the_size() {
    let (sight, free) = (paper(2_200.0), outside(0.0, 0.0));
    let trade = chosen(&bot(), [5_000.0, 0.0], &free, &sight).unwrap();
    near(trade.amount, 5_000.0, 1e-9);
    let half = Rebalancer { max_trade_share: 0.5, ..bot() };
    near(chosen(&half, [5_000.0, 0.0], &free, &sight).unwrap().amount, 2_500.0, 1e-9);
    assert_eq!(chosen(&bot(), [0.0, 0.0], &free, &sight), None);
}

#[test]
fn spread_and_impact_outside_make_trades_smaller_and_few() {
    let sight = paper(2_200.0);
    let free = chosen(&bot(), [1e6, 0.0], &outside(0.0, 0.0), &sight).unwrap();
    let dear = chosen(&bot(), [1e6, 0.0], &outside(50.0, 1_000.0), &sight).unwrap();
    assert!(dear.amount < free.amount && dear.profit_usd < free.profit_usd, "{dear:?}");
    // A spread alone moves the price to which the pool is brought: 2,200 less 0.5 %.
    let spread = chosen(&bot(), [1e6, 0.0], &outside(50.0, 0.0), &sight).unwrap();
    near(spread.amount, 200_000.0 * ((1.1_f64 * 0.995).sqrt() - 1.0), 1e-5);
    // A pool 1 % off does not pay a spread of 2 %.
    assert_eq!(chosen(&bot(), [1e6, 0.0], &outside(200.0, 0.0), &paper(2_020.0)), None);
}

#[test]
fn less_than_the_minimum_is_left_alone() {
    let (sight, free) = (paper(2_200.0), outside(0.0, 0.0));
    let all = chosen(&bot(), [1e6, 0.0], &free, &sight).unwrap().profit_usd;
    let asks = |share: f64| Rebalancer { min_profit_usd: (all * share) as f32, bid_share: 0.5, ..bot() };
    let trade = chosen(&asks(0.49), [1e6, 0.0], &free, &sight).unwrap();
    near(trade.bid_usd, all * 0.5, 1e-9);
    assert_eq!(chosen(&asks(0.51), [1e6, 0.0], &free, &sight), None);
}

#[test]
fn a_cap_that_binds_is_met_with_several_trades() {
    let free = outside(0.0, 0.0);
    let terms = crp::Terms { max_in_ratio: 0.01, ..crp::Terms::white_paper_3(13_140.0) };
    let mut sight = sight(terms, 2_200.0);
    let (mut gap, mut last_bid) = (0.1, f64::INFINITY);
    let bot = Rebalancer { bid_share: 0.3, ..bot() };
    let mut purse = Purse { dollars: 1e6, bid_below_usd: f64::INFINITY };
    let clock = Clock::new(3_600, 1);
    for _ in 0..4 {
        let sights = std::slice::from_ref(&sight);
        let (_, trade) = choose(&bot, &purse, |_| 0.0, GAS_USD, &free, &clock, sights).unwrap();
        assert!(trade.amount < 0.01 * sight.view.pool.balance_y);
        // They build upon one another: fees must keep them in order.
        assert!(trade.bid_usd < last_bid);
        last_bid = trade.bid_usd;
        purse.follow(&trade, GAS_USD);
        sight.view.pool = trade.next;
        let left = 2_200.0 / crp::marginal_price(&trade.next).unwrap() - 1.0;
        assert!(left < gap - 0.015, "{left}");
        gap = left;
    }
}

#[test]
fn where_trades_move_the_weight_each_opens_the_next() {
    let free = outside(0.0, 0.0);
    let terms = crp::Terms { moving_average: 0.9, ..crp::Terms::mainnet(13_140.0) };
    let mut sight = sight(terms, 2_100.0);
    let mut trades = 0;
    while let Some(trade) = chosen(&bot(), [1e6, 0.0], &free, &sight) {
        assert!(trade.next.weight_x != sight.view.pool.weight_x);
        sight.view.pool = trade.next;
        trades += 1;
        assert!(trades < 200, "a bot that never stops");
    }
    assert!(trades > 3, "{trades}");
    // What is left does not pay for gas: the weight stays where the last trade has put it.
    let target = crp::target_weight(&sight.view.pool, &terms, 2_100.0, 0.0).unwrap();
    assert!((target - sight.view.pool.weight_x).abs() < (target - 0.5).abs());
}

#[test]
fn a_rebalancer_is_small() {
    assert!(std::mem::size_of::<Rebalancer>() <= 32);
}

proptest! {
    /// At the quoted prices a round brings back more than gas and bid, and takes no more than the bot has.
    #[test]
    fn a_round_never_loses_and_never_takes_more_than_there_is(
        mid in 500.0..8_000.0_f64, weight in 0.02..0.98_f64, contract in any::<bool>(), fee in 0.0..0.02_f64,
        cap in 0.01..1.0_f64, spread in 0.0..100.0_f64, impact in 0.0..2_000.0_f64,
        dollars in 0.0..1e6_f64, eth in 0.0..500.0_f64, max_trade_share in 0.0..=1.0_f32, bid_share in 0.0..=1.0_f32,
        min_profit_usd in 0.0..50.0_f32,
    ) {
        let base = if contract { crp::Terms::mainnet(13_140.0) } else { crp::Terms::white_paper_3(13_140.0) };
        let terms = crp::Terms { fee_rate_x: fee, fee_rate_y: fee, max_in_ratio: cap, max_out_ratio: cap, ..base };
        let mut sight = sight(terms, mid);
        sight.view.pool.weight_x = weight;
        let bot = Rebalancer { max_trade_share, bid_share, min_profit_usd, ..bot() };
        let exchange = outside(spread, impact);
        if let Some(trade) = chosen(&bot, [dollars, eth], &exchange, &sight) {
            let held = if trade.entry == Entry::Dollars { dollars } else { eth };
            prop_assert!(trade.amount > 0.0 && trade.amount <= held * f64::from(max_trade_share));
            prop_assert!(trade.bid_usd >= 0.0 && trade.profit_usd - trade.bid_usd >= f64::from(min_profit_usd));
            // Gone by hand, step by step, it brings what it promised.
            let clock = Clock::new(3_600, 1);
            let collateral_in = trade.side == Side::SellBase;
            let pool = |amount| Venues::quote_rebalance(&sight.view, &clock, collateral_in, amount).unwrap().amount_out;
            let buy = |dollars| exchange.quote_buy(mid, dollars);
            let sell = |eth| exchange.quote_sell(mid, eth);
            let back = match (collateral_in, trade.entry) {
                (true, Entry::Dollars) => pool(buy(trade.amount)),
                (false, Entry::Dollars) => sell(pool(trade.amount)),
                (true, Entry::Collateral) => buy(pool(trade.amount)),
                (false, Entry::Collateral) => pool(sell(trade.amount)),
            };
            let gain = (back - trade.amount) * trade.value - 2.0 * GAS_USD;
            prop_assert!((gain - trade.profit_usd).abs() <= 1e-9 * (1.0 + gain.abs()));
        }
    }
}
