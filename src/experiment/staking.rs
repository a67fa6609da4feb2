//! The staking pools of an experiment, still empty.

use super::config::Experiment;
use super::endow::EndowError;
use super::staking_settings::{OpeningSettings, StakingSettings};
use super::world::BuildError;
use crate::protocol::staking::{Activation, ActivationRules, Coinbase, StakingPool, Tiers};
use crate::quantity::AssetId;
use crate::venue::stake_pools::{
    APOWER, EmissionPool, EmissionPools, ShareVault, StakeAccounts, VAULT_PREFIX, VoterView,
};
use crate::venue::token::TokenEconomy;
use crate::world::ledger::{AccountId, Ledger};

/// What of the token voters expect to be staked, where they reckon what its emission brings a holder who stakes.
const STAKED_SHARE: f64 = 0.5;

/// Tickers of what the staking pools issue: APower, and shares of vaults.
pub(super) fn tokens(experiment: &Experiment) -> Vec<String> {
    if experiment.staking.is_empty() {
        return Vec::new();
    }
    let vaults = experiment.staking.iter().filter(|settings| settings.vault.is_some());
    std::iter::once(APOWER.to_owned()).chain(vaults.map(|settings| shares_of(&settings.name))).collect()
}

fn shares_of(name: &str) -> String {
    format!("{VAULT_PREFIX}{name}")
}

/// How many accounts the staking pools have: a world without any has the accounts that it always had.
pub(super) fn accounts(experiment: &Experiment) -> u32 {
    u32::from(!experiment.staking.is_empty())
}

/// The pools; all principal lies in the account `stakes`.
pub(super) fn pools(
    experiment: &Experiment,
    ledger: &Ledger,
    economy: &TokenEconomy,
    stakes: AccountId,
) -> Result<EmissionPools, BuildError> {
    let Some(apower) = ledger.find(APOWER) else { return Ok(EmissionPools::default()) };
    let accounts =
        StakeAccounts { stakes, community: economy.accounts.community, token: economy.token, apower };
    let mut pools = Vec::new();
    for settings in &experiment.staking {
        pools.push(pool(experiment, settings, ledger, economy)?);
    }
    Ok(EmissionPools::new(accounts, pools))
}

fn pool(
    experiment: &Experiment,
    settings: &StakingSettings,
    ledger: &Ledger,
    economy: &TokenEconomy,
) -> Result<EmissionPool, BuildError> {
    let find = |symbol: &str| {
        ledger.find(symbol).ok_or_else(|| BuildError::UnknownCoin {
            pool: settings.name.clone(),
            symbol: symbol.into(),
            known: ledger.assets().map(|(_, asset)| asset.symbol.as_str()).collect::<Vec<_>>().join(", "),
        })
    };
    let too_large =
        |source| EndowError::Amount { population: format!("staking `{}`", settings.name), source };
    let token = ledger.asset(economy.token).decimals;
    let asset = find(&settings.asset)?;
    let coinbase = Coinbase::of_tokens(settings.emission.tokens_per_cycle(), token).map_err(too_large)?;
    let (height, opening) = match settings.opening {
        OpeningSettings::Height { block } => (Some(block), None),
        OpeningSettings::Registrations { wallets, delay_blocks } => {
            (None, Some(ActivationRules { wallets, delay_blocks }))
        }
    };
    let activation = Activation { height, cycle_blocks: settings.cycle_blocks, wallets: 0 };
    let apower = settings.apower_multiplier.unwrap_or_else(|| settings.emission.apower_multiplier());
    let rules = StakingPool::new(activation, coinbase.with_halving(settings.halving_cycles), apower)
        .with_tiers(Tiers::new(&settings.tiers)?);
    let mut pool = EmissionPool::new(settings.name.clone(), asset, settings.block_seconds(), rules, token);
    let view = view(experiment, settings, &pool, asset, economy, token.units(economy.initial_supply));
    (pool.opening, pool.view) = (opening, view);
    if let Some(vault) = settings.vault {
        let bounty = token.floor(vault.bounty_tokens).map_err(too_large)?;
        pool = pool.with_vault(ShareVault::new(find(&shares_of(&settings.name))?, bounty, vault.end_cycle));
    }
    Ok(pool)
}

/// What voters reckon that a token more a cycle means: against the supply at the start, and what the pool was founded with.
fn view(
    experiment: &Experiment,
    settings: &StakingSettings,
    pool: &EmissionPool,
    asset: AssetId,
    economy: &TokenEconomy,
    supply: f64,
) -> VoterView {
    let cycles = pool.cycles_per_year();
    let dilution_per_year = if supply > 0.0 { cycles / supply } else { 0.0 };
    if asset == economy.token {
        return VoterView { gain_per_year: dilution_per_year / STAKED_SHARE, dilution_per_year };
    }
    let founded = experiment.pools.iter().find(|pool| format!("{}_shares", pool.name) == settings.asset);
    let gain = founded.map_or(0.0, |pool| cycles * economy.initial_price_usd / pool.initial_value_usd);
    VoterView { gain_per_year: gain, dilution_per_year }
}
