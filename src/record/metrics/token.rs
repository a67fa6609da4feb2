//! The governance token that is allotted: how much of it there is, whose it is, what it costs.

use crate::quantity::{Amount, AssetId};
use crate::record::recorder::{Metric, Scene};
use crate::venue::Venues;
use crate::venue::issuance::TokenRecord;
use crate::venue::token::{TokenAccounts, TokenEconomy};
use crate::world::ledger::AccountId;

fn of_token(
    name: &str,
    unit: &'static str,
    meaning: &str,
    read: impl Fn(&TokenEconomy, &Scene<'_>) -> Option<f64> + Send + Sync + 'static,
) -> Metric {
    Metric::new(name, unit, meaning, move |scene| read(scene.venues.token()?, scene))
}

fn units(scene: &Scene<'_>, token: AssetId, amount: Amount) -> f64 {
    scene.ledger.asset(token).decimals.units(amount)
}

/// What one of the token's accounts holds of it.
fn held(name: &str, meaning: &str, account: fn(&TokenAccounts) -> AccountId) -> Metric {
    of_token(name, "tokens", meaning, move |economy, scene| {
        Some(scene.ledger.units(account(&economy.accounts), economy.token))
    })
}

/// What the market asks for a token now, in dollars; what it was worth at the start where there is no market.
fn price_usd(economy: &TokenEconomy, scene: &Scene<'_>) -> f64 {
    let spot = scene.venues.spot_price(scene.ledger, scene.oracle, economy.token);
    spot.map_or(economy.initial_price_usd, |price| price * scene.oracle.dollar_token())
}

/// What voters have issued, bought back and put into the reserve.
fn of_votes(venues: &Venues) -> Vec<Metric> {
    let dollar = venues.exchange.dollar();
    let count = |name: &str, meaning: &str, amount: fn(&TokenRecord) -> Amount| {
        of_token(name, "tokens", meaning, move |economy, scene| {
            Some(units(scene, economy.token, amount(&economy.record)))
        })
    };
    let mut metrics = vec![
        of_token(
            "dilution_share",
            "1",
            "tokens minted by votes and not burned unsold, over the initial supply",
            |economy, _| economy.dilution_share(),
        ),
        count("issued_tokens", "minted by votes since the start", |record| record.issued),
        count("burned_tokens", "burned since the start, unsold or bought back", TokenRecord::burned),
        count("sale_left_tokens", "minted by a vote and still to be sold", TokenRecord::sale_left),
        of_token(
            "reserve_over_target",
            "1",
            "dollars in the reserve over its target",
            move |economy, scene| {
                let target = economy.reserve_target_usd.filter(|target| *target > 0.0)?;
                Some(scene.ledger.units(economy.accounts.reserve, dollar) / target)
            },
        ),
    ];
    // Loan markets tell what the reserve holds of each coin.
    if venues.loans().is_empty() {
        metrics.push(of_token(
            "reserve_usd",
            "usd",
            "on-chain dollars in the reserve",
            move |economy, scene| Some(scene.ledger.units(economy.accounts.reserve, dollar)),
        ));
    }
    metrics
}

pub(super) fn metrics(venues: &Venues) -> Vec<Metric> {
    if venues.token().is_none() {
        return Vec::new();
    }
    let mut metrics = vec![
        of_token("token_supply", "tokens", "governance tokens in existence", |economy, scene| {
            Some(scene.ledger.supply_units(economy.token))
        }),
        of_token(
            "token_circulating",
            "tokens",
            "supply less what the foundation and the community keep, what has not vested, and what is still to be sold",
            |economy, scene| {
                Some(units(scene, economy.token, economy.circulating(scene.ledger, scene.venues.launches())))
            },
        ),
        held("token_unvested", "granted to insiders and not theirs yet", |accounts| accounts.vesting),
        held("token_community", "kept to reward staking", |accounts| accounts.community),
        held("token_foundation", "kept by the foundation", |accounts| accounts.foundation),
        of_token(
            "token_price",
            "usd",
            "marginal price of the token in its pool, before fees",
            |economy, scene| Some(price_usd(economy, scene)),
        ),
        of_token("token_market_cap", "usd", "price of the circulating tokens", |economy, scene| {
            Some(
                units(scene, economy.token, economy.circulating(scene.ledger, scene.venues.launches()))
                    * price_usd(economy, scene),
            )
        }),
    ];
    metrics.extend(of_votes(venues));
    metrics
}
