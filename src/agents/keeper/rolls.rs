//! Rolling the vaults of staking pools: anybody may, and keeps the bounty.

use super::{Keeper, bid};
use crate::agents::Eyes;
use crate::agents::commitment::Farm;
use crate::quantity::{Amount, AssetId};
use crate::venue::Action;
use crate::venue::stake_pools::{EmissionPoolId, StakeAction};
use crate::world::mempool::{MinimumGain, Terms};

/// A vault that could be rolled now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Roll {
    /// Beside which pool.
    pub pool: EmissionPoolId,
    /// What the roll pays, in governance tokens.
    pub bounty: Amount,
    /// Which asset that is.
    pub token: AssetId,
    /// What it is worth, in dollars.
    pub bounty_usd: f64,
}

/// The vaults that could be rolled now.
pub(super) fn look(eyes: &Eyes<'_>) -> Vec<Roll> {
    let ids = (0..eyes.venues.stakes().pools().len()).map(|place| EmissionPoolId(place as u8));
    let due = ids.filter_map(|id| {
        let farm = Farm::seen(eyes, id)?;
        let vault = farm.pool.vault()?;
        let cycle = vault.unrolled(farm.pool.cycle(&eyes.clock)?)?;
        let bountiable = vault.vault.is_bountiable(&farm.pool.rules, cycle)
            || vault.vault.staker.returned_at(cycle) > vault.vault.bounty;
        let bounty = vault.vault.bounty;
        let bounty_usd = farm.pool.tokens(bounty) * farm.token_usd;
        bountiable.then_some(Roll { pool: id, bounty, token: farm.accounts.token, bounty_usd })
    });
    due.collect()
}

/// The call, if its bounty pays; the second of two keepers is refused.
pub(super) fn choose(
    keeper: &Keeper,
    roll: &Roll,
    gas_usd: f64,
    dollars: impl Fn(f64) -> Amount,
) -> Option<(Action, Terms)> {
    let bid_usd = bid(keeper, roll.bounty_usd, gas_usd)?;
    let minimum_gain = Some(MinimumGain { asset: roll.token, amount: roll.bounty });
    let terms = Terms { priority_fee: dollars(bid_usd), minimum_gain };
    Some((Action::Stake(StakeAction::VaultRoll { pool: roll.pool }), terms))
}
