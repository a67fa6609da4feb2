//! The allocation of the governance token: into whose accounts the initial supply goes.

use bevy_ecs::prelude::*;

use super::config::Experiment;
use super::endow::EndowError;
use super::token_settings::{AllocationSettings, InsiderSettings};
use super::venues::{FOUNDATION, RESERVE};
use super::world::BuildError;
use crate::agents::Population;
use crate::protocol::vesting::split;
use crate::quantity::{Amount, AssetId};
use crate::venue::Venues;
use crate::venue::issuance::TokenRecord;
use crate::venue::token::{TokenAccounts, TokenEconomy, Vesting};
use crate::world::ledger::{AccountId, Ledger};

/// Accounts of the token: the community's, that of what has not vested, that of what is being sold. A world that does not
/// allot its token has none of them, so that its agents have the numbers, and draw the numbers, that they always had.
pub(super) const ACCOUNTS: u32 = 3;

fn allocation(experiment: &Experiment) -> Option<&AllocationSettings> {
    experiment.governance.as_ref()?.allocation.as_ref()
}

/// Whether the experiment says who gets the token.
pub(super) fn is_allotted(experiment: &Experiment) -> bool {
    allocation(experiment).is_some()
}

/// Of the foundation's balance of the token, what is for the populations, and so not for founding pools.
pub(super) fn for_populations(experiment: &Experiment, initial_supply: Amount) -> Option<Amount> {
    Some(split(initial_supply, &allocation(experiment)?.shares())[1])
}

/// Moves the community's and the insiders' parts of the supply, which the foundation holds, to accounts from
/// `first_account` on. What the foundation keeps for the populations stays with it until they are there.
pub(super) fn allot(
    experiment: &Experiment,
    ledger: &mut Ledger,
    token: AssetId,
    first_account: u32,
) -> Result<Option<TokenEconomy>, BuildError> {
    let Some((allocation, governance)) = allocation(experiment).zip(experiment.governance.as_ref()) else {
        return Ok(None);
    };
    let account = |place: u32| AccountId(first_account + place);
    let accounts = TokenAccounts {
        foundation: FOUNDATION,
        community: account(0),
        vesting: account(1),
        issuance: account(2),
        reserve: RESERVE,
    };
    let initial_supply = ledger.supply(token);
    let parts = split(initial_supply, &allocation.shares());
    ledger.transfer(FOUNDATION, accounts.community, token, parts[2])?;
    ledger.transfer(FOUNDATION, accounts.vesting, token, parts[3])?;
    Ok(Some(TokenEconomy {
        token,
        accounts,
        initial_supply,
        initial_price_usd: governance.initial_price_usd,
        reserve_target_usd: experiment.reserve.target_usd,
        initial_target_usd: experiment.reserve.target_usd,
        vesting: None,
        record: TokenRecord::default(),
    }))
}

/// Promises insiders their grants, if `population` is theirs: in proportion to their wealth.
pub(super) fn promise(world: &mut World, experiment: &Experiment, population: &Population, wealth: &[f64]) {
    let insiders = allocation(experiment).and_then(|allocation| allocation.insiders.as_ref());
    let Some(insiders) = insiders.filter(|insiders| insiders.population == population.profile) else {
        return;
    };
    let Some(vesting) = vesting(world, insiders, population, wealth) else { return };
    world.resource_mut::<Venues>().vest(vesting);
}

fn vesting(
    world: &World,
    insiders: &InsiderSettings,
    population: &Population,
    wealth: &[f64],
) -> Option<Vesting> {
    let economy = world.resource::<Venues>().token()?;
    let grant = world.resource::<Ledger>().balance(economy.accounts.vesting, economy.token);
    Some(Vesting { schedule: insiders.schedule(), first: population.first, grants: split(grant, wealth) })
}

/// What the foundation may give away of what it holds of `coin`: not what is for the populations.
pub(super) fn free(world: &World, experiment: &Experiment, coin: AssetId) -> Amount {
    let economy = world.resource::<Venues>().token().filter(|economy| economy.token == coin);
    let reserved = economy.and_then(|economy| for_populations(experiment, economy.initial_supply));
    let held = world.resource::<Ledger>().balance(FOUNDATION, coin);
    held.saturating_less(reserved.unwrap_or(Amount::ZERO))
}

/// Refuses to found `pool` with `needed` of an asset that the foundation is to hand on.
pub(super) fn check_founding(
    world: &World,
    experiment: &Experiment,
    pool: &str,
    coin: AssetId,
    needed: Amount,
) -> Result<(), EndowError> {
    if world.resource::<Venues>().token().is_none_or(|economy| economy.token != coin) {
        return Ok(());
    }
    let free = free(world, experiment, coin);
    if needed <= free {
        return Ok(());
    }
    let asset = world.resource::<Ledger>().asset(coin);
    Err(EndowError::FoundationTooSmall {
        pool: pool.into(),
        token: asset.symbol.clone(),
        needed: asset.decimals.units(needed),
        held: asset.decimals.units(free),
    })
}
