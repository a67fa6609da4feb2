//! What time alone brings to the venues, once a tick: staking yield, changes of mode, recapitalisation, NAV rates.

use bevy_ecs::prelude::*;

use super::rescue::{Budget, RecapitalisationPolicy, mode_of};
use super::{Deal, Venues};
use crate::protocol::amm::Curve;
use crate::protocol::fx::StressMode;
use crate::world::clock::Clock;
use crate::world::ledger::Ledger;
use crate::world::notes::{Note, Notes};
use crate::world::oracle::Oracle;

/// What the treasury does by itself.
#[derive(Debug, Clone, Copy, PartialEq, Default, Resource)]
pub struct TreasuryPolicy {
    /// Staking yield of the collateral, per year as a share.
    pub staking_yield_per_year: f64,
    /// When and how it is recapitalised, if at all.
    pub recapitalisation: Option<RecapitalisationPolicy>,
}

/// How the treasury stands at the start of the tick, for those who watch it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Resource)]
pub struct Stress {
    /// The stress mode.
    pub mode: StressMode,
    /// True in a tick in which the mode has changed.
    pub changed: bool,
}

/// Brings the venues to the present: a system of [`crate::world::phase::Phase::Accrue`].
pub fn accrue(
    mut venues: ResMut<Venues>,
    mut ledger: ResMut<Ledger>,
    mut notes: ResMut<Notes>,
    mut stress: ResMut<Stress>,
    oracle: Res<Oracle>,
    clock: Res<Clock>,
    policy: Res<TreasuryPolicy>,
) {
    let venues = &mut *venues;
    let mut deal = Deal { ledger: &mut ledger, oracle: &oracle, clock: &clock, notes: &mut notes };
    bring_yield(venues, &mut deal, policy.staking_yield_per_year);
    let mode = current_mode(venues, &deal);
    if let (Some(StressMode::Recapitalisation), Some(way)) = (mode, policy.recapitalisation) {
        let outcome = venues.recapitalise(&mut deal, &Budget, way);
        settle_attempt(venues, &mut deal, outcome.is_ok());
    }
    venues.follow_navs(&deal);
    let Some(mode) = mode else { return };
    stress.changed = mode != stress.mode && clock.tick().0 > 0;
    if stress.changed {
        let ratio = venues.treasury.as_ref().and_then(|treasury| {
            treasury.valuation(deal.ledger, deal.oracle, deal.clock).map(|value| value.collateral_ratio())
        });
        deal.notes.add(Note {
            tick: clock.tick(),
            block: 0,
            agent: None,
            kind: "mode_change",
            subject: "treasury".into(),
            detail: format!("{} -> {}", stress.mode.name(), mode.name()),
            value: ratio,
        });
        deal.notes.keep();
    }
    stress.mode = mode;
}

/// The mode now; none without a treasury or before genesis.
fn current_mode(venues: &Venues, deal: &Deal<'_>) -> Option<StressMode> {
    let treasury = venues.treasury.as_ref()?;
    let state = treasury.state(deal.ledger);
    if state.holdings.collateral <= 0.0 {
        return None;
    }
    Some(mode_of(treasury, treasury.valuation(deal.ledger, deal.oracle, deal.clock).as_ref()))
}

fn settle_attempt(venues: &mut Venues, deal: &mut Deal<'_>, succeeded: bool) {
    if succeeded {
        deal.ledger.commit();
        venues.commit();
        deal.notes.keep();
    } else {
        deal.ledger.rollback();
        venues.rollback();
        deal.notes.forget();
    }
}

/// Staking yield comes from outside, into an account of its own: it never touches the NAVs.
fn bring_yield(venues: &mut Venues, deal: &mut Deal<'_>, per_year: f64) {
    let Some(treasury) = &venues.treasury else { return };
    let held = deal.ledger.units(treasury.accounts.vault, treasury.assets.collateral);
    let grown = held * per_year * deal.clock.tick_years();
    let unit = deal.ledger.asset(treasury.assets.collateral).decimals;
    let brought = unit.floor(grown).ok().filter(|amount| amount.is_positive()).map(|amount| {
        deal.ledger.bridge_in(treasury.accounts.staking_yield, treasury.assets.collateral, amount)
    });
    if let Some(brought) = brought {
        settle_attempt(venues, deal, brought.is_ok());
    }
}

impl Venues {
    /// Lets StableSwap pools of fETH count it at its net asset value.
    fn follow_navs(&mut self, deal: &Deal<'_>) {
        let Some(treasury) = &self.treasury else { return };
        let Some(value) = treasury.valuation(deal.ledger, deal.oracle, deal.clock) else { return };
        let feth = treasury.assets.feth;
        for pool in &mut self.pools {
            if let Curve::StableSwap { rates, .. } = &mut pool.curve
                && pool.follows_nav
                && pool.coins[0] == feth
                && value.feth_nav > 0.0
            {
                rates[0] = value.feth_nav;
            }
        }
    }
}
