//! Loan markets: how far they are from their debt, what they charge, what they lost, and the reserve behind them.

use std::sync::Arc;

use crate::protocol::crp;
use crate::protocol::reserve::{months_of_fees, months_of_fees_usd};
use crate::quantity::{AssetId, SECONDS_PER_YEAR};
use crate::record::recorder::{Metric, Scene};
use crate::venue::Venues;
use crate::venue::lending::{LoanMarket, LoanMarketId, LoanView};
use crate::venue::reserve::Reserve;
use crate::world::ledger::{AccountId, Ledger};

/// Months in a year.
const MONTHS_PER_YEAR: f64 = 12.0;

/// A metric's name after the market's, its unit, its meaning, and how it is read off what anybody can see.
type Seen = (&'static str, &'static str, &'static str, fn(&LoanView) -> Option<f64>);

/// The same, read off what a market remembers.
type Kept = (&'static str, &'static str, &'static str, fn(&LoanMarket) -> Option<f64>);

const SEEN: [Seen; 9] = [
    ("loan_to_value", "1", "debt at face value over value, as the pool prices its collateral", |view| {
        finite(view.loan_to_value)
    }),
    ("loan_to_value_outside", "1", "debt at face value over value, at the outside price", |view| {
        finite(view.loan_to_value_outside)
    }),
    ("weight", "1", "weight of the collateral at which the pool quotes", |view| Some(view.pool.weight_x)),
    ("collateral_share", "1", "share of the pool's value that is collateral, at the outside price", |view| {
        finite(view.pool.balance_x * view.mid / view.pool.value_in_token(view.mid))
    }),
    ("tvl", "usd", "value of the collateral pool at the outside price", |view| {
        finite(view.pool.value_in_token(view.mid))
    }),
    ("debt", "usd", "yield tokens of the running term, at face value", |view| Some(view.pool.yield_supply)),
    ("spot_lag", "%", "the pool's price of its collateral over the outside price, less one", |view| {
        finite((view.spot / view.mid - 1.0) * 100.0)
    }),
    ("price_lag", "%", "marginal price in the collateral pool over the outside price, less one", |view| {
        finite((crp::marginal_price(&view.pool).ok()? / view.mid - 1.0) * 100.0)
    }),
    ("rate", "1/yr", "fixed rate at the margin: simple interest a year until the end of the term", |view| {
        view.annual_rate
    }),
];

const KEPT: [Kept; 11] = [
    ("performance", "1", "value of the pool against what was brought in the running term", |market| {
        Some(market.record.running.performance.index)
    }),
    (
        "frictionless_performance",
        "1",
        "the same for a pool rebalanced at every tick at the outside price, which never converts",
        |market| Some(market.record.running.performance.frictionless),
    ),
    ("borrowed", "usd", "paid to borrowers since the start", |market| Some(market.record.totals.borrowed)),
    ("interest", "usd", "interest that borrowers gave since the start", |market| {
        Some(market.record.totals.interest)
    }),
    ("fees_to_reserve", "usd", "fees that went to the reserve since the start", |market| {
        Some(market.record.totals.fees_to_reserve)
    }),
    ("rebalanced", "usd", "traded with the collateral pool since the start", |market| {
        Some(market.record.totals.rebalanced)
    }),
    ("defaults", "1", "terms that ended with less than was owed", |market| {
        Some(f64::from(market.record.totals.defaults))
    }),
    ("shortfall", "usd", "missing at the end of terms, since the start", |market| {
        Some(market.record.totals.shortfall)
    }),
    ("haircut", "usd", "what lenders did not get at the end of terms, since the start", |market| {
        Some(market.record.totals.haircut)
    }),
    ("conversions", "1", "sales of everything at the conversion threshold", |market| {
        Some(f64::from(market.record.totals.conversions))
    }),
    ("terms", "1", "terms opened so far", |market| Some(f64::from(market.record.terms_opened))),
];

/// The metrics of every loan market, and those of the reserve where there is a market for it to stand behind.
pub(super) fn metrics(ledger: &Ledger, venues: &Venues) -> Vec<Metric> {
    let mut metrics = Vec::new();
    for (place, market) in venues.loans().iter().enumerate() {
        let (id, name) = (LoanMarketId(place as u8), &market.name);
        let profile = market.rules.terms.profile.name();
        for (suffix, unit, meaning, read) in SEEN {
            metrics.push(Metric::new(
                format!("{name}_{suffix}"),
                unit,
                format!("{name} ({profile}): {meaning}"),
                move |scene: &Scene<'_>| read(&look(scene, id)?),
            ));
        }
        for (suffix, unit, meaning, read) in KEPT {
            metrics.push(Metric::new(
                format!("{name}_{suffix}"),
                unit,
                format!("{name} ({profile}): {meaning}"),
                move |scene: &Scene<'_>| read(scene.venues.loan(id)),
            ));
        }
    }
    if let Some(accounts) = venues.reserve() {
        metrics.extend(reserve(ledger, venues, *accounts));
    }
    metrics
}

fn look(scene: &Scene<'_>, id: LoanMarketId) -> Option<LoanView> {
    scene.venues.loan_view(scene.venues.loan(id), scene.ledger, scene.oracle, scene.clock)
}

/// What stands behind the loan markets, by line of defence, and how many months of fees that is.
fn reserve(ledger: &Ledger, venues: &Venues, accounts: Reserve) -> Vec<Metric> {
    let line = |name: &str, meaning: &str, account: AccountId| {
        Metric::new(name, "usd", meaning, move |scene: &Scene<'_>| Some(worth(scene, account)))
    };
    let mut metrics = vec![
        line("reserve", "value of the reserve's own", accounts.account),
        line("reserve_principal", "value of the principal of stakers that it keeps", accounts.principal),
        line("reserve_backstop", "value of what issuance could still raise", accounts.backstop),
        Metric::new(
            "reserve_drawn",
            "usd",
            "paid for shortfalls since the start, out of all three lines",
            |scene: &Scene<'_>| Some(drawn(scene)),
        ),
    ];
    let given: Arc<[f64]> = ledger.assets().map(|(asset, _)| ledger.units(accounts.account, asset)).collect();
    let opening = Arc::clone(&given);
    metrics.push(Metric::new(
        "reserve_months",
        "months",
        "months of fees, at the pace since the start, that the reserve's own equals in dollars",
        move |scene: &Scene<'_>| months_usd(scene, accounts.account, &opening),
    ));
    for (asset, symbol) in coins(ledger, venues) {
        let opening = Arc::clone(&given);
        metrics.push(Metric::new(
            format!("reserve_months_{symbol}"),
            "months",
            format!("months of fees in {symbol}, at the pace since the start, that the {symbol} in the reserve equals"),
            move |scene: &Scene<'_>| months_in(scene, accounts.account, &opening, asset),
        ));
        metrics.push(Metric::new(
            format!("reserve_{symbol}"),
            "units",
            format!("{symbol} in the reserve"),
            move |scene: &Scene<'_>| Some(scene.ledger.units(accounts.account, asset)),
        ));
    }
    metrics
}

/// The coins in which shortfalls are paid: dollars and every collateral.
fn coins(ledger: &Ledger, venues: &Venues) -> Vec<(AssetId, String)> {
    let mut coins: Vec<AssetId> =
        venues.loans().iter().flat_map(|market| [market.token, market.collateral]).collect();
    coins.sort_unstable();
    coins.dedup();
    coins.into_iter().map(|coin| (coin, ledger.asset(coin).symbol.to_lowercase())).collect()
}

fn worth(scene: &Scene<'_>, account: AccountId) -> f64 {
    let ledger = &scene.ledger;
    ledger.assets().map(|(asset, _)| ledger.units(account, asset) * scene.valuation.price(asset)).sum()
}

fn drawn(scene: &Scene<'_>) -> f64 {
    let totals = scene.venues.loans().iter().map(|market| market.record.totals);
    totals.map(|totals| totals.drawn_fees + totals.drawn_principal + totals.drawn_issued).sum()
}

/// What has come into the reserve since the start, in units of each asset: what it holds, less what it was given, and what
/// it has paid.
fn inflow(scene: &Scene<'_>, account: AccountId, opening: &[f64], asset: AssetId) -> f64 {
    let held = scene.ledger.units(account, asset);
    let paid = scene.venues.loans().iter().map(|market| {
        let totals = &market.record.totals;
        let in_collateral = if market.collateral == asset { totals.own_drawn_collateral } else { 0.0 };
        in_collateral + if market.token == asset { totals.own_drawn_tokens } else { 0.0 }
    });
    let given = opening.get(asset.index()).copied().unwrap_or(0.0);
    (held - given + paid.sum::<f64>()).max(0.0)
}

/// Months since the start.
fn elapsed_months(scene: &Scene<'_>) -> f64 {
    scene.clock.now_seconds() as f64 / SECONDS_PER_YEAR * MONTHS_PER_YEAR
}

/// The reserve's own over the fees of a month, in dollars; `None` before the first fee.
fn months_usd(scene: &Scene<'_>, account: AccountId, opening: &[f64]) -> Option<f64> {
    let elapsed = elapsed_months(scene);
    let coin = |asset| {
        let held = scene.ledger.units(account, asset);
        (held, inflow(scene, account, opening, asset) / elapsed, scene.valuation.price(asset))
    };
    let coins: Vec<_> = scene.ledger.assets().map(|(asset, _)| coin(asset)).collect();
    months_of_fees_usd(&coins).ok()?
}

/// The same in one coin.
fn months_in(scene: &Scene<'_>, account: AccountId, opening: &[f64], asset: AssetId) -> Option<f64> {
    let held = scene.ledger.units(account, asset);
    months_of_fees(held, inflow(scene, account, opening, asset) / elapsed_months(scene)).ok()?
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
