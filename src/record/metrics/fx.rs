//! f(x): the peg, the collateral ratio and its stress modes, leverage, what rescues cost.

use std::collections::VecDeque;

use crate::protocol::fx::Valuation;
use crate::quantity::AssetId;
use crate::record::recorder::{Metric, Scene};
use crate::venue::Venues;
use crate::venue::rescue::mode_of;
use crate::venue::treasury::Treasury;

/// Hours over which the realised beta of fETH is measured.
const BETA_WINDOW_HOURS: usize = 168;

fn valued(scene: &Scene<'_>) -> Option<Valuation> {
    scene.venues.treasury.as_ref()?.valuation(scene.ledger, scene.oracle, scene.clock)
}

fn of_treasury(
    name: &str,
    unit: &'static str,
    meaning: &str,
    read: impl Fn(&Treasury, &Scene<'_>) -> Option<f64> + Send + Sync + 'static,
) -> Metric {
    Metric::new(name, unit, meaning, move |scene| read(scene.venues.treasury.as_ref()?, scene))
}

fn of_value(
    name: &str,
    unit: &'static str,
    meaning: &str,
    read: impl Fn(&Valuation) -> f64 + Send + Sync + 'static,
) -> Metric {
    Metric::new(name, unit, meaning, move |scene| valued(scene).map(|value| read(&value)))
}

/// Dollars that one unit of `asset` costs in the first pool where it is the base.
fn market_price(scene: &Scene<'_>, asset: AssetId) -> Option<f64> {
    let pool = scene.venues.pools().iter().find(|pool| pool.coins[0] == asset)?;
    let quote = scene.venues.exchange.mid(scene.oracle, pool.coins[1])?;
    Some(pool.price(scene.ledger)? * quote * scene.oracle.dollar_token())
}

pub(super) fn metrics(venues: &Venues) -> Vec<Metric> {
    let Some(treasury) = &venues.treasury else { return Vec::new() };
    let (feth, xeth) = (treasury.assets.feth, treasury.assets.xeth);
    vec![
        Metric::new("feth_price", "usd", "market price of fETH in its pool", move |scene| {
            market_price(scene, feth)
        }),
        of_value("feth_nav", "usd", "net asset value of fETH", |value| value.feth_nav),
        Metric::new(
            "feth_peg_deviation",
            "%",
            "market price of fETH over its NAV, minus one",
            move |scene| Some((market_price(scene, feth)? / valued(scene)?.feth_nav - 1.0) * 100.0),
        ),
        realised_beta(),
        of_value(
            "collateral_ratio",
            "1",
            "value of the collateral over the value of all fETH",
            Valuation::collateral_ratio,
        ),
        of_treasury(
            "stress_mode",
            "0-4",
            "0 normal, 1 stability, 2 user rebalance, 3 protocol rebalance, 4 recapitalisation",
            |treasury, scene| Some(f64::from(mode_of(treasury, valued(scene).as_ref()) as u8)),
        ),
        of_value("xeth_nav", "usd", "net asset value of xETH", |value| value.xeth_nav),
        Metric::new("xeth_price", "usd", "market price of xETH in its pool", move |scene| {
            market_price(scene, xeth)
        }),
        of_treasury(
            "xeth_leverage",
            "x",
            "leverage of xETH at the current price (white paper, equation 8)",
            |treasury, scene| treasury.view(scene.ledger, scene.oracle, scene.clock)?.leverage,
        ),
        of_treasury("feth_supply", "fETH", "fETH in existence", |treasury, scene| {
            Some(scene.ledger.supply_units(treasury.assets.feth))
        }),
        of_treasury("xeth_supply", "xETH", "xETH in existence", |treasury, scene| {
            Some(scene.ledger.supply_units(treasury.assets.xeth))
        }),
        of_treasury("collateral", "ETH", "collateral behind fETH and xETH", |treasury, scene| {
            Some(scene.ledger.units(treasury.accounts.vault, treasury.assets.collateral))
        }),
        of_treasury("fx_reserve", "ETH", "collateral in the bonus reserve", |treasury, scene| {
            Some(scene.ledger.units(treasury.accounts.reserve, treasury.assets.collateral))
        }),
        of_treasury("staked_feth", "fETH", "fETH staked in the rebalance pool", |treasury, _| {
            treasury.record.pool.map(|pool| pool.staked())
        }),
        of_treasury("fx_fees", "ETH", "fees charged by the treasury since the start", |treasury, _| {
            Some(treasury.record.fees)
        }),
        of_treasury("fx_bonuses", "ETH", "bonuses paid by the reserve since the start", |treasury, _| {
            Some(treasury.record.bonuses)
        }),
        of_treasury(
            "feth_incentives_paid",
            "usd",
            "what fETH holders lost to incentives since the start",
            |treasury, _| Some(treasury.record.incentives_usd),
        ),
        of_treasury("rebalanced_feth", "fETH", "fETH burned by rebalances since the start", |treasury, _| {
            Some(treasury.record.rebalanced_feth)
        }),
        of_treasury("recapitalised", "ETH", "collateral spent on recapitalisation", |treasury, _| {
            Some(treasury.record.recapitalised)
        }),
        of_treasury("settlements", "1", "settlements of the fETH NAV since the start", |treasury, _| {
            Some(f64::from(treasury.record.settlements))
        }),
        of_treasury("nav_age", "h", "time since the fETH NAV was last settled", |treasury, scene| {
            let seconds = scene.clock.now_seconds() - treasury.record.settled_at_seconds;
            Some(seconds as f64 / 3_600.0)
        }),
    ]
}

/// Slope of fETH NAV returns on collateral returns over a rolling window of ticks, through the origin.
fn realised_beta() -> Metric {
    let mut window: VecDeque<(f64, f64)> = VecDeque::new();
    let mut last: Option<(f64, f64)> = None;
    let meaning = "slope of fETH NAV returns on ETH returns over the last 168 recorded ticks";
    Metric::new("feth_realised_beta", "1", meaning, move |scene| {
        let value = valued(scene)?;
        let now = (value.price, value.feth_nav);
        if let Some(before) = last.replace(now) {
            window.push_back((now.0 / before.0 - 1.0, now.1 / before.1 - 1.0));
        }
        if window.len() > BETA_WINDOW_HOURS {
            window.pop_front();
        }
        if window.len() < BETA_WINDOW_HOURS / 4 {
            return None;
        }
        let (cross, square) = window
            .iter()
            .fold((0.0, 0.0), |(cross, square), (price, nav)| (cross + price * nav, square + price * price));
        (square > 0.0).then(|| cross / square)
    })
}
