//! Accounts, assets and venues of an experiment, still empty.

use super::config::{CurveSettings, Experiment, PoolSettings};
use super::endow::EndowError;
use super::fx_settings::FxSettings;
use super::launch_settings::BootstrapSettings;
use super::world::BuildError;
use super::{launches, loans, order_books, staking, token};
use crate::price::MarketPath;
use crate::protocol::amm::Curve;
use crate::quantity::{Asset, AssetId};
use crate::venue::accrual::{PegPrice, TreasuryPolicy};
use crate::venue::exchange::{Exchange, Listing};
use crate::venue::governance::Governance;
use crate::venue::pool::oracle::PoolOracle;
use crate::venue::pool::provision::{Provision, ProvisionAccounts};
use crate::venue::pool::{Pool, PoolRecord};
use crate::venue::rescue::RecapitalisationPolicy;
use crate::venue::reserve::Reserve;
use crate::venue::staking::Staking;
use crate::venue::treasury::{Treasury, TreasuryAccounts, TreasuryAssets};
use crate::venue::{Valuation, Venues};
use crate::world::ledger::{AccountId, Issuance, Ledger};
use crate::world::streams::Streams;

/// Decimal places of the dollar and of every asset that a venue issues: i64 atoms then hold nine trillion units.
pub(super) const TOKEN_DECIMALS: u8 = 6;
/// Decimal places of outside assets: gwei for ETH.
pub(super) const OUTSIDE_DECIMALS: u8 = 9;

/// Where gas goes.
pub(super) const NETWORK: AccountId = AccountId(0);
/// Who holds what nobody else was given at genesis.
pub(super) const FOUNDATION: AccountId = AccountId(1);
/// Who collects the part of pool fees that liquidity providers do not keep.
pub(super) const RESERVE: AccountId = AccountId(2);
const TREASURY: TreasuryAccounts = TreasuryAccounts {
    vault: AccountId(3),
    platform: AccountId(4),
    reserve: AccountId(5),
    stakes: AccountId(6),
    staking_yield: AccountId(7),
    recapitaliser: AccountId(8),
};
/// Votes, while they are locked.
const ESCROW: AccountId = AccountId(9);
const FIRST_POOL: u32 = 10;
/// Accounts behind the loan markets: the principal of stakers, and what issuance can raise. A world without loan markets
/// has neither, so that its agents have the numbers, and draw the numbers, that they always had.
const BEHIND_LOANS: u32 = 2;

/// Opens the accounts of all venues; agents come after them.
pub(super) fn open_venues(
    experiment: &Experiment,
    path: &MarketPath,
    streams: &Streams,
) -> Result<(Ledger, Venues), BuildError> {
    let mut assets = vec![(Asset::new("USD", TOKEN_DECIMALS), Issuance::Bridged)];
    let mut listings = Vec::new();
    for (feed, symbol) in path.assets.iter().enumerate() {
        listings.push(Listing { asset: AssetId(assets.len() as u8), feed });
        assets.push((Asset::new(symbol, OUTSIDE_DECIMALS), Issuance::Bridged));
    }
    if experiment.fx.is_some() {
        for symbol in ["fETH", "xETH"] {
            assets.push((Asset::new(symbol, TOKEN_DECIMALS), Issuance::By(TREASURY.vault)));
        }
    }
    if let Some(governance) = &experiment.governance {
        assets.push((Asset::new(&governance.token, TOKEN_DECIMALS), Issuance::By(FOUNDATION)));
    }
    let first_share = assets.len();
    for (place, pool) in experiment.pools.iter().enumerate() {
        let vault = AccountId(FIRST_POOL + place as u32);
        assets.push((Asset::new(format!("{}_shares", pool.name), TOKEN_DECIMALS), Issuance::By(vault)));
    }
    let first_loan_token = assets.len();
    let first_loan_account = FIRST_POOL + experiment.pools.len() as u32;
    let behind_loans = if experiment.loans.is_empty() { 0 } else { BEHIND_LOANS };
    let loan_account = |place: usize| first_loan_account + behind_loans + place as u32 * loans::ACCOUNTS;
    for (place, loan) in experiment.loans.iter().enumerate() {
        for (symbol, issuer) in loans::tokens(&loan.name) {
            let issuer = AccountId(loan_account(place) + issuer);
            assets.push((Asset::new(symbol, TOKEN_DECIMALS), Issuance::By(issuer)));
        }
    }
    let first_token_account = loan_account(experiment.loans.len());
    let of_token = if token::is_allotted(experiment) { token::ACCOUNTS } else { 0 };
    // A world without staking has the accounts and the assets that it always had.
    let stakes = AccountId(first_token_account + of_token);
    for symbol in staking::tokens(experiment) {
        assets.push((Asset::new(symbol, TOKEN_DECIMALS), Issuance::By(stakes)));
    }
    let mut ledger = Ledger::new(assets);
    // The accounts of books and launches come last, so that a world without has the accounts that it always had.
    let first_book_account = stakes.0 + staking::accounts(experiment);
    let first_launch_account = first_book_account + experiment.order_books.len() as u32;
    let first_agent = first_launch_account + experiment.launches.len() as u32;
    ledger.open_accounts(first_agent)?;
    let mut behind_provision = provision_accounts(experiment, first_agent);
    let mut pools = Vec::new();
    for (place, settings) in experiment.pools.iter().enumerate() {
        let coin = |symbol: &str| {
            ledger.find(symbol).ok_or_else(|| BuildError::UnknownCoin {
                pool: settings.name.clone(),
                symbol: symbol.into(),
                known: ledger.assets().map(|(_, asset)| asset.symbol.as_str()).collect::<Vec<_>>().join(", "),
            })
        };
        pools.push(Pool {
            name: settings.name.clone(),
            account: AccountId(FIRST_POOL + place as u32),
            coins: [coin(&settings.base)?, coin(&settings.quote)?],
            shares: AssetId((first_share + place) as u8),
            reserve: RESERVE,
            curve: curve(settings),
            slide: settings.bootstrap.map(BootstrapSettings::slide),
            follows_nav: matches!(settings.curve, CurveSettings::StableSwap { nav_rate: true, .. }),
            fee: settings.fee_bps * 1e-4,
            rebate: settings.rebate_share,
            oracle: oracle(settings),
            provision: settings
                .liquidity
                .as_ref()
                .zip(behind_provision.next())
                .map(|(liquidity, accounts)| Box::new(Provision::new(accounts, liquidity.rules()))),
            record: PoolRecord::default(),
        });
    }
    let treasury = experiment.fx.as_ref().map(|fx| treasury(fx, path, &ledger)).transpose()?;
    let names: Vec<String> = experiment.pools.iter().map(|pool| pool.name.clone()).collect();
    let mut markets = Vec::new();
    for (place, settings) in experiment.loans.iter().enumerate() {
        let first_token = first_loan_token + place * loans::tokens("").len();
        markets.push(loans::market(settings, &names, path, &ledger, loan_account(place), first_token)?);
    }
    let exchange = Exchange::new(experiment.exchange, AssetId(0), listings);
    let mut venues = Venues::new(exchange, pools, treasury);
    if !markets.is_empty() {
        let reserve = Reserve {
            account: RESERVE,
            principal: AccountId(first_loan_account),
            backstop: AccountId(first_loan_account + 1),
            mixed_ledger: experiment.reserve.mixed_ledger,
        };
        venues = venues.lending(markets, reserve);
    }
    let mut books = Vec::new();
    for (settings, account) in experiment.order_books.iter().zip(first_book_account..) {
        books.push(order_books::book(settings, &ledger, AccountId(account), RESERVE)?);
    }
    venues = venues.with_books(books);
    let mut sales = Vec::new();
    for (settings, account) in experiment.launches.iter().zip(first_launch_account..) {
        let token = experiment.governance.as_ref().map_or("GOV", |governance| &governance.token);
        sales.push(launches::launch(settings, token, &ledger, streams, AccountId(account))?);
    }
    venues = venues.with_launches(sales);
    if let Some(settings) = &experiment.governance
        && let Some(token) = ledger.find(&settings.token)
    {
        let supply = ledger.asset(token).decimals.floor(settings.initial_supply);
        ledger.mint(
            FOUNDATION,
            FOUNDATION,
            token,
            supply.map_err(|source| EndowError::Amount { population: "governance".into(), source })?,
        )?;
        let governance = Governance::new(settings.rules(), token, ESCROW)?
            .with_reserve(RESERVE)
            .with_phases(settings.phase_rules())
            .with_counts(settings.counts)
            .with_vote_market(settings.vote_market);
        venues = venues.governed_by(governance);
        if let Some(economy) = token::allot(experiment, &mut ledger, token, first_token_account)? {
            venues = venues.emitting(staking::pools(experiment, &ledger, &economy, stakes)?);
            venues = venues.allotting(economy);
        }
    }
    Ok((ledger, venues))
}

/// Escrow and fund of each pool with rules on the provision of liquidity, in the order of pools. They lie behind the
/// accounts of the agents, so that these are the same, and draw the same, with such rules and without.
pub(super) fn provision_accounts(
    experiment: &Experiment,
    first_agent: u32,
) -> impl Iterator<Item = ProvisionAccounts> + use<> {
    let agents: u32 = experiment.populations.iter().map(|population| population.count).sum();
    (0_u32..).map(move |place| {
        let escrow = first_agent + agents + 2 * place;
        ProvisionAccounts { escrow: AccountId(escrow), fund: AccountId(escrow + 1) }
    })
}

/// Nothing is valued yet but the governance token, which has no market of its own yet.
pub(super) fn opening_valuation(experiment: &Experiment, venues: &Venues) -> Valuation {
    let settings = experiment.governance.as_ref();
    let price = settings.map_or(0.0, |settings| settings.initial_price_usd);
    venues.governance().map_or_else(Valuation::default, |governance| {
        Valuation::with_governance_token(governance.token(), price)
    })
}

fn curve(settings: &PoolSettings) -> Curve {
    match settings.curve {
        CurveSettings::ConstantProduct => Curve::ConstantProduct,
        CurveSettings::Weighted { base_weight } => Curve::Weighted { weight_base: base_weight },
        CurveSettings::StableSwap { amplification, .. } => {
            Curve::StableSwap { amplification, rates: [1.0, 1.0] }
        }
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "validated: six minutes to a year"
)]
fn oracle(settings: &PoolSettings) -> PoolOracle {
    let window_s = (settings.twap_hours * 3_600.0).round() as u64;
    PoolOracle::new(window_s, settings.resilient_average).unwrap_or_default()
}

fn treasury(settings: &FxSettings, path: &MarketPath, ledger: &Ledger) -> Result<Treasury, BuildError> {
    let unknown = || BuildError::UnknownCollateral {
        symbol: settings.collateral.clone(),
        known: path.assets.join(", "),
    };
    let feed = path.index_of(&settings.collateral).ok_or_else(unknown)?;
    let find = |symbol: &str| ledger.find(symbol).ok_or_else(unknown);
    let assets =
        TreasuryAssets { collateral: find(&settings.collateral)?, feth: find("fETH")?, xeth: find("xETH")? };
    let staking = Staking::new(settings.rebalance_pool, settings.pool_rules());
    let opening = path.prices_usd[feed].first().copied().unwrap_or(1.0);
    Ok(Treasury::new(TREASURY, assets, feed, settings.rules(), staking, opening))
}

/// What the treasury does by itself.
pub(super) fn treasury_policy(experiment: &Experiment) -> TreasuryPolicy {
    let Some(fx) = &experiment.fx else { return TreasuryPolicy::default() };
    let policy = |settings: super::fx_settings::RecapitalisationSettings| RecapitalisationPolicy {
        way: settings.way,
        target_ratio: settings.target_ratio.unwrap_or(fx.rules().thresholds.protocol_rebalance),
    };
    TreasuryPolicy {
        staking_yield_per_year: fx.staking_yield_per_year,
        recapitalisation: fx.recapitalisation.map(policy),
        peg_price: experiment.governance.as_ref().map_or_else(PegPrice::default, |votes| votes.peg_price),
    }
}
