//! Two kinds of exchange for one pair of coins, and who holds them together.

use super::paired::{assert_falls, assert_rises, average, mean_size, over_runs, sets, total};
use super::shipped::{self, shipped};
use ballast::experiment::config::Experiment;
use ballast::record::table::Cells;

const RUNS: u32 = 12;

/// A week of the shipped world, changed by overrides.
fn week(overrides: &[&str]) -> Experiment {
    let mut all = sets(&["variants=[]", "study=None", "assertions=[]", "horizon_days=7"]);
    all.extend(sets(overrides));
    shipped("order_book", &all)
}

/// The law of one price, where somebody enforces it (Shleifer and Vishny 1997).
#[test]
fn arbitrage_holds_the_book_and_the_pool_together() {
    let gap = |bots: &str| {
        let set = format!("populations.arbitrageur.count={bots}");
        over_runs(&week(&[&set]), RUNS, |run| mean_size(run, "eth_book_pool_gap"))
    };
    assert_falls("distance of the book from the pool, %", &gap("0"), &gap("4"));
}

/// Avellaneda and Stoikov (2008): the spread grows with the variance.
#[test]
fn makers_widen_where_prices_move_more() {
    let spread = |volatility: &str| {
        let price =
            format!("price=Gbm(assets: [(symbol: \"ETH\", initial_usd: 2000, volatility: {volatility})])");
        over_runs(&week(&[&price]), RUNS, |run| mean_size(run, "eth_book_spread"))
    };
    assert_rises("spread of the book, bps", &spread("0.4"), &spread("1.2"));
}

/// Bots that trade only when it pays do not lose to fees and gas, order book or not.
#[test]
fn arbitrage_through_a_book_does_not_lose() {
    let earned = |run: &_| {
        ["pnl_trading_usd", "pnl_gas_usd"].map(|cause| total(run, "arbitrageur", cause)).iter().sum()
    };
    let earnings = over_runs(&week(&[]), RUNS, earned);
    println!("earned by arbitrageurs, usd: {earnings:?}");
    assert!(earnings.iter().all(|usd| *usd >= 0.0), "{earnings:?}");
    assert!(average(&earnings) > 0.0, "they never traded");
}

/// Where no price moves, all that anybody gains or loses is trade and gas: also what a resting order earns in somebody else's
/// transaction, and what it holds ready.
#[test]
fn what_resting_orders_earn_is_booked_as_trade() {
    let still = "price=Gbm(assets: [(symbol: \"ETH\", initial_usd: 2000, volatility: 0)])";
    let run = shipped::run(&week(&[still, "order_books.0.maker_fee_bps=3"]), 0, 0);
    let column = |name: &str| {
        let Cells::Real(cells) = &run.agents.column(name).unwrap().cells else { panic!("{name}") };
        cells.iter().map(|cell| cell.unwrap()).collect::<Vec<f64>>()
    };
    let (by_price, by_trade) = (column("pnl_price_usd"), column("pnl_trading_usd"));
    assert!(by_price.iter().all(|usd| usd.abs() < 1e-3), "{by_price:?}");
    assert!(total(&run, "market_maker", "pnl_trading_usd") > 100.0, "makers earn the spread");
    assert!(by_trade.iter().filter(|usd| **usd != 0.0).count() > 100, "nearly everybody traded");
    // What all of them lose together went to the pool's providers and to the reserve.
    assert!(by_trade.iter().sum::<f64>() < 0.0);
}
