//! The first day: venues receive their opening liquidity, agents are drawn and given what they own.
//!
//! Assets from outside are brought in as wished. What venues issue exists in a fixed amount at genesis, held by the
//! foundation, and is shared out in proportion to what everybody wished for; rounding and what nobody wished for stay
//! with the foundation.

use bevy_ecs::prelude::*;
use thiserror::Error;

use super::config::Experiment;
use super::electorate;
use super::fx_settings::FxSettings;
use super::launches;
use super::lending_settings::LoanSettings;
use super::liquidity_settings::LiquiditySettings;
use super::token;
use super::token_lending;
use super::venues::{FOUNDATION, RESERVE};
use super::world::{BuildError, groups};
use crate::agents::Directory;
use crate::quantity::{Amount, AmountError, AssetId};
use crate::record::metrics::Group;
use crate::venue::lending::LoanMarketId;
use crate::venue::pool::{PoolAction, PoolId};
use crate::venue::{Action, Deal, Refusal, Valuation, Venues};
use crate::world::clock::Clock;
use crate::world::ledger::{AccountId, Ledger};
use crate::world::notes::Notes;
use crate::world::oracle::Oracle;

/// Why the opening balances could not be laid out.
#[derive(Debug, Error)]
pub enum EndowError {
    /// A venue refused its opening deposit.
    #[error("`{venue}` could not be founded: {refusal}")]
    Founding {
        /// Which venue.
        venue: String,
        /// Why.
        refusal: Refusal,
    },
    /// An endowment is too large for the ledger.
    #[error("population `{population}`: {source}")]
    Amount {
        /// Which population.
        population: String,
        /// Why.
        source: AmountError,
    },
    /// A pool takes more of the governance token than the foundation keeps.
    #[error(
        "pool `{pool}` is founded with {needed} {token}, but the foundation keeps {held}: lower the pool's \
         `initial_value_usd`, or raise `governance.allocation.foundation`"
    )]
    FoundationTooSmall {
        /// Which pool.
        pool: String,
        /// Ticker of the governance token.
        token: String,
        /// Tokens that go into the pool.
        needed: f64,
        /// Tokens that the foundation has left for pools.
        held: f64,
    },
    /// A launch sells more of the governance token than the foundation has to give.
    #[error(
        "launch `{launch}` sells {needed} {token}, but the foundation has {held} to give: sell fewer `tickets`, or raise \
         `governance.allocation.foundation`"
    )]
    LaunchTooLarge {
        /// Which launch.
        launch: String,
        /// Ticker of the governance token.
        token: String,
        /// Tokens on sale.
        needed: f64,
        /// Tokens that the foundation has left.
        held: f64,
    },
    /// An endowment names an asset that does not exist.
    #[error(
        "population `{population}`: `endowment.holdings` names `{symbol}`, which this world does not have"
    )]
    UnknownAsset {
        /// Which population.
        population: String,
        /// The ticker.
        symbol: String,
    },
}

/// A wish for an asset that venues issue.
struct Wish {
    account: AccountId,
    asset: AssetId,
    dollars: f64,
}

/// Founds the venues and populates the world.
pub(super) fn found(world: &mut World, experiment: &Experiment) -> Result<Vec<Group>, BuildError> {
    if let Some(fx) = &experiment.fx {
        found_treasury(world, fx)?;
    }
    for (place, settings) in experiment.pools.iter().enumerate() {
        revalue(world);
        seed_pool(world, experiment, PoolId(place as u8), settings.initial_value_usd)?;
    }
    launches::found(world, experiment)?;
    revalue(world);
    if !experiment.loans.is_empty() || token::is_allotted(experiment) {
        found_reserve(world, experiment)?;
    }
    for (place, settings) in experiment.loans.iter().enumerate() {
        found_loan_market(world, LoanMarketId(place as u8), settings)?;
    }
    revalue(world);
    let mut wishes = Vec::new();
    for settings in &experiment.populations {
        let (population, wealth) = settings
            .agent
            .populate(world, settings.label(), settings.count)
            .map_err(|source| BuildError::Population { name: settings.label().into(), source })?;
        if let Some(civic) = &settings.civic {
            electorate::enfranchise(world, &population, civic);
        }
        if let Some(lends) = &settings.lends {
            token_lending::admit(world, &population, lends);
        }
        token::promise(world, experiment, &population, &wealth);
        for (symbol, share) in &settings.agent.endowment().holdings {
            let ledger = world.resource::<Ledger>();
            let asset = ledger.find(symbol).ok_or_else(|| EndowError::UnknownAsset {
                population: settings.label().into(),
                symbol: symbol.clone(),
            })?;
            let mid = world.resource::<Venues>().exchange.mid(world.resource::<Oracle>(), asset);
            for (account, wealth) in (population.first.0..).map(AccountId).zip(&wealth) {
                let dollars = share * wealth;
                let Some(mid) = mid else {
                    wishes.push(Wish { account, asset, dollars });
                    continue;
                };
                let mut ledger = world.resource_mut::<Ledger>();
                let amount =
                    ledger.asset(asset).decimals.floor(dollars / mid).map_err(|source| {
                        EndowError::Amount { population: settings.label().into(), source }
                    })?;
                ledger.bridge_in(account, asset, amount)?;
                ledger.commit();
            }
        }
    }
    grant(world, experiment, &wishes)?;
    for (place, settings) in experiment.pools.iter().enumerate() {
        if let Some(liquidity) = &settings.liquidity {
            found_provision(world, PoolId(place as u8), liquidity)?;
        }
    }
    give_wallets(world, experiment)?;
    token_lending::found(world, experiment)?;
    revalue(world);
    Ok(groups(world.resource::<Directory>().populations()))
}

/// Shares out what the foundation holds of each issued asset in proportion to the wishes; of a governance token that is
/// allotted, the part that is for the populations.
fn grant(world: &mut World, experiment: &Experiment, wishes: &[Wish]) -> Result<(), BuildError> {
    let allotted = world.resource::<Venues>().token().map(|economy| (economy.token, economy.initial_supply));
    let mut ledger = world.resource_mut::<Ledger>();
    let assets: Vec<AssetId> = ledger.assets().map(|(asset, _)| asset).collect();
    for asset in assets {
        let wished: f64 = wishes.iter().filter(|wish| wish.asset == asset).map(|wish| wish.dollars).sum();
        let for_all = allotted.filter(|(token, _)| *token == asset);
        let for_all = for_all.and_then(|(_, supply)| token::for_populations(experiment, supply));
        let supply = for_all.unwrap_or_else(|| ledger.balance(FOUNDATION, asset));
        for wish in wishes.iter().filter(|wish| wish.asset == asset && wished > 0.0) {
            let amount = supply.share(wish.dollars / wished).min(ledger.balance(FOUNDATION, asset));
            ledger.transfer(FOUNDATION, wish.account, asset, amount)?;
            // One by one: a journal of all of it would keep its size for ever.
            ledger.commit();
        }
    }
    Ok(())
}

fn revalue(world: &mut World) {
    world.init_resource::<Valuation>();
    world.resource_scope(|world, mut valuation: Mut<Valuation>| {
        valuation.update(
            world.resource::<Ledger>(),
            world.resource::<Venues>(),
            world.resource::<Oracle>(),
            world.resource::<Clock>(),
        );
    });
}

/// Gives the foundation both coins, worth `value_usd` together, and lets it open the pool.
fn seed_pool(
    world: &mut World,
    experiment: &Experiment,
    id: PoolId,
    value_usd: f64,
) -> Result<(), BuildError> {
    let pool = world.resource::<Venues>().pool(id);
    let (name, coins) = (pool.name.clone(), pool.coins);
    let mut max = [Amount::ZERO; 2];
    for (place, coin) in coins.into_iter().enumerate() {
        let price = world.resource::<Valuation>().price(coin);
        let outside = world.resource::<Venues>().exchange.mid(world.resource::<Oracle>(), coin).is_some();
        let mut ledger = world.resource_mut::<Ledger>();
        let units = if price > 0.0 { 0.5 * value_usd / price } else { 0.0 };
        max[place] = ledger
            .asset(coin)
            .decimals
            .floor(units)
            .map_err(|source| EndowError::Amount { population: name.clone(), source })?;
        if outside {
            ledger.bridge_in(FOUNDATION, coin, max[place])?;
        }
        ledger.commit();
        token::check_founding(world, experiment, &name, coin, max[place])?;
    }
    let action = Action::Pool(PoolAction::AddLiquidity { pool: id, max });
    founding(world, &name, |venues, deal| venues.perform(deal, FOUNDATION, action, Amount::ZERO))?;
    Ok(())
}

/// Opens the accounts behind a pool's rules on provision and lets the foundation pay into its fund.
fn found_provision(world: &mut World, id: PoolId, settings: &LiquiditySettings) -> Result<(), BuildError> {
    let venues = world.resource::<Venues>();
    let pool = venues.pool(id);
    let (name, quote) = (pool.name.clone(), pool.coins[1]);
    let Some(accounts) = pool.provision.as_ref().map(|provision| provision.accounts) else { return Ok(()) };
    let outside = venues.exchange.mid(world.resource::<Oracle>(), quote).is_some();
    let price = world.resource::<Valuation>().price(quote);
    let mut ledger = world.resource_mut::<Ledger>();
    let opened = ledger.open_accounts(2)?;
    debug_assert_eq!(opened, accounts.escrow, "venues count on the number of agents");
    let wanted = settings.insurance.map_or(0.0, |insurance| insurance.initial_usd);
    let units = if price > 0.0 { wanted / price } else { 0.0 };
    let amount = ledger.asset(quote).decimals.floor(units);
    let amount = amount.map_err(|source| EndowError::Amount { population: name, source })?;
    if outside {
        ledger.bridge_in(accounts.fund, quote, amount)?;
    } else {
        let amount = amount.min(ledger.balance(FOUNDATION, quote));
        ledger.transfer(FOUNDATION, accounts.fund, quote, amount)?;
    }
    ledger.commit();
    Ok(())
}

/// Opens the further wallets that profiles ask for, behind all other accounts.
fn give_wallets(world: &mut World, experiment: &Experiment) -> Result<(), BuildError> {
    let populations = world.resource::<Directory>().populations().to_vec();
    for (settings, population) in experiment.populations.iter().zip(populations) {
        let most = settings.agent.further_wallets();
        if most == 0 {
            continue;
        }
        for owner in (population.first.0..population.first.0 + population.count).map(AccountId) {
            let first = world.resource_mut::<Ledger>().open_accounts(u32::from(most))?;
            world.resource_mut::<Venues>().wallets_mut().give(owner, first, most);
        }
    }
    Ok(())
}

/// Brings the collateral in and lets the foundation open the treasury.
fn found_treasury(world: &mut World, settings: &FxSettings) -> Result<(), BuildError> {
    let Some(treasury) = &world.resource::<Venues>().treasury else { return Ok(()) };
    let (accounts, asset) = (treasury.accounts, treasury.assets.collateral);
    let budget = settings.recapitalisation.map_or(0.0, |recapitalisation| recapitalisation.budget);
    let mut ledger = world.resource_mut::<Ledger>();
    let unit = ledger.asset(asset).decimals;
    let amount =
        |units| unit.floor(units).map_err(|source| EndowError::Amount { population: "fx".into(), source });
    let deposit = amount(settings.initial_collateral)?;
    for (account, amount) in [
        (FOUNDATION, deposit),
        (accounts.reserve, amount(settings.reserve)?),
        (accounts.recapitaliser, amount(budget)?),
    ] {
        ledger.bridge_in(account, asset, amount)?;
    }
    ledger.commit();
    founding(world, "fx", |venues, deal| venues.open_treasury(deal, FOUNDATION, deposit))?;
    Ok(())
}

/// Brings in what the reserve, the stakers and the second line start with.
fn found_reserve(world: &mut World, experiment: &Experiment) -> Result<(), BuildError> {
    let settings = &experiment.reserve;
    let mut lines = vec![(RESERVE, &settings.initial)];
    if let Some(reserve) = world.resource::<Venues>().reserve() {
        lines.push((reserve.principal, &settings.stakers_principal));
        lines.push((reserve.backstop, &settings.backstop));
    }
    let mut ledger = world.resource_mut::<Ledger>();
    for (account, wanted) in lines {
        for (symbol, units) in wanted {
            let unknown =
                || EndowError::UnknownAsset { population: "reserve".into(), symbol: symbol.clone() };
            let asset = ledger.find(symbol).ok_or_else(unknown)?;
            let amount = ledger.asset(asset).decimals.floor(*units);
            let amount =
                amount.map_err(|source| EndowError::Amount { population: "reserve".into(), source })?;
            ledger.bridge_in(account, asset, amount)?;
        }
    }
    ledger.commit();
    Ok(())
}

/// Opens a loan market's first term and its rate pool.
fn found_loan_market(world: &mut World, id: LoanMarketId, settings: &LoanSettings) -> Result<(), BuildError> {
    let token = world.resource::<Venues>().loan(id).token;
    let mut ledger = world.resource_mut::<Ledger>();
    let liquidity = ledger.asset(token).decimals.floor(settings.rates.initial_liquidity_usd);
    let liquidity =
        liquidity.map_err(|source| EndowError::Amount { population: settings.name.clone(), source })?;
    ledger.bridge_in(FOUNDATION, token, liquidity)?;
    ledger.commit();
    founding(world, &settings.name, |venues, deal| {
        venues.found_loan_market(deal, FOUNDATION, id, liquidity)
    })?;
    Ok(())
}

/// Lets the foundation act before the first tick.
fn founding(
    world: &mut World,
    venue: &str,
    act: impl FnOnce(&mut Venues, &mut Deal<'_>) -> Result<Amount, Refusal>,
) -> Result<Amount, BuildError> {
    world.resource_scope(|world, mut venues: Mut<'_, Venues>| {
        world.resource_scope(|world, mut ledger: Mut<'_, Ledger>| {
            let mut notes = Notes::default();
            let mut deal = Deal {
                ledger: &mut ledger,
                oracle: world.resource::<Oracle>(),
                clock: world.resource::<Clock>(),
                notes: &mut notes,
            };
            let outcome = act(&mut venues, &mut deal);
            match outcome {
                Ok(_) => {
                    ledger.commit();
                    venues.commit();
                }
                Err(_) => {
                    ledger.rollback();
                    venues.rollback();
                }
            }
            outcome.map_err(|refusal| EndowError::Founding { venue: venue.into(), refusal }.into())
        })
    })
}
