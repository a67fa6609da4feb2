//! What time alone brings to the venues, once a tick: observations of pool prices, weights that slide, gates that open,
//! winners of launches, fees of token loans, staking yield, vested tokens, slices of voted sales and buy-backs, changes of mode, recapitalisation, NAV rates.

use bevy_ecs::prelude::*;
use serde::{Deserialize, Serialize};

use super::governance::Health;
use super::lending;
use super::rescue::{RecapitalisationPolicy, mode_of};
use super::{Deal, Venues};
use crate::protocol::amm::Curve;
use crate::protocol::fx::{StressMode, Valuation};
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
    /// By which price of the pool voters judge the peg.
    pub peg_price: PegPrice,
}

/// Which price of fETH stands for the market where voters judge the peg.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum PegPrice {
    /// The marginal price at the start of the tick: what the last trade left.
    #[default]
    Spot,
    /// The pool's average over its window: what a single trade leaves for a moment does not alarm anybody.
    Twap,
}

/// Brings the venues to the present: a system of [`crate::world::phase::Phase::Accrue`].
pub fn accrue(
    mut venues: ResMut<Venues>,
    mut ledger: ResMut<Ledger>,
    mut notes: ResMut<Notes>,
    mut health: ResMut<Health>,
    oracle: Res<Oracle>,
    clock: Res<Clock>,
    policy: Res<TreasuryPolicy>,
) {
    let venues = &mut *venues;
    let mut deal = Deal { ledger: &mut ledger, oracle: &oracle, clock: &clock, notes: &mut notes };
    venues.observe_pools(&deal);
    venues.slide_weights(&deal);
    venues.end_provision_cycles(&mut deal);
    lending::accrue(venues, &mut deal);
    let outcome = venues.release_vested(&mut deal);
    settle_attempt(venues, &mut deal, outcome.is_ok());
    venues.charge_token_loans(&mut deal);
    venues.proceed_launches(&mut deal);
    bring_yield(venues, &mut deal, policy.staking_yield_per_year);
    let mode = current_mode(venues, &deal);
    let raising = venues.is_raising_collateral();
    venues.proceed(&mut deal, policy.recapitalisation);
    if let Some(way) = policy.recapitalisation
        && (mode == Some(StressMode::Recapitalisation) || raising && mode.is_some())
    {
        let outcome = venues.recapitalise(&mut deal, way);
        settle_attempt(venues, &mut deal, outcome.is_ok());
    }
    venues.follow_navs(&deal);
    let Some(mode) = mode else {
        venues.look_back(&mut deal, &Health::default());
        return;
    };
    let value = venues
        .treasury
        .as_ref()
        .and_then(|treasury| treasury.valuation(deal.ledger, deal.oracle, deal.clock));
    let seen = Health {
        missing_usd: venues.missing_usd(&deal, value.as_ref(), policy.recapitalisation),
        ..venues.health(&deal, mode, value.as_ref(), policy.peg_price)
    };
    let before = std::mem::replace(&mut *health, seen);
    venues.look_back(&mut deal, &health);
    health.mode_changed = mode as u8 != before.stress_mode && clock.tick().0 > 0;
    if health.mode_changed {
        let from = StressMode::ALL.get(usize::from(before.stress_mode)).map_or("?", |mode| mode.name());
        deal.notes.add(Note {
            tick: clock.tick(),
            block: 0,
            agent: None,
            kind: "mode_change",
            subject: "treasury".into(),
            detail: format!("{from} -> {}", mode.name()),
            value: health.collateral_ratio,
        });
        deal.notes.keep();
    }
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

pub(super) fn settle_attempt(venues: &mut Venues, deal: &mut Deal<'_>, succeeded: bool) {
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
    /// Keeps what each pool's price has been, before anything of this tick moves it.
    fn observe_pools(&mut self, deal: &Deal<'_>) {
        for pool in &mut self.pools {
            pool.observe(deal.ledger, deal.clock);
        }
    }

    /// Brings bootstrapping pools to the weight of now.
    fn slide_weights(&mut self, deal: &Deal<'_>) {
        for pool in &mut self.pools {
            if let (Curve::Weighted { weight_base }, Some(slide)) = (&mut pool.curve, &pool.slide) {
                *weight_base = slide.weight(deal.clock);
            }
        }
    }

    /// Lets those who wait at a gate leave and pays claims, where a cycle is over; what fails is tried again next tick.
    fn end_provision_cycles(&mut self, deal: &mut Deal<'_>) {
        for pool in &mut self.pools {
            if !pool.cycle_is_over(deal.clock) {
                continue;
            }
            let before = (pool.record, pool.provision.clone());
            if pool.end_cycles(deal).is_ok() {
                deal.ledger.commit();
                deal.notes.keep();
            } else {
                deal.ledger.rollback();
                deal.notes.forget();
                (pool.record, pool.provision) = before;
            }
        }
    }

    fn health(
        &self,
        deal: &Deal<'_>,
        mode: StressMode,
        value: Option<&Valuation>,
        peg_price: PegPrice,
    ) -> Health {
        let peg = || {
            let treasury = self.treasury.as_ref()?;
            let pool = self.pools.iter().find(|pool| pool.coins[0] == treasury.assets.feth)?;
            let quote = self.exchange.mid(deal.oracle, pool.coins[1])? * deal.oracle.dollar_token();
            let price = match peg_price {
                PegPrice::Spot => pool.price(deal.ledger),
                PegPrice::Twap => pool.twap(deal.ledger, deal.clock),
            };
            Some(price? * quote / value?.feth_nav - 1.0)
        };
        Health {
            collateral_ratio: value.map(Valuation::collateral_ratio).filter(|ratio| ratio.is_finite()),
            stress_mode: mode as u8,
            mode_changed: false,
            peg_deviation: peg().filter(|deviation| deviation.is_finite()),
            missing_usd: 0.0,
        }
    }

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
