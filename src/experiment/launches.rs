//! Launches of an experiment: opened, and given what they sell.

use bevy_ecs::prelude::*;
use rand::RngExt;

use super::config::Experiment;
use super::endow::EndowError;
use super::launch_settings::{BootstrapSettings, LaunchSettings};
use super::token;
use super::venues::FOUNDATION;
use super::world::BuildError;
use crate::protocol::launchpad::{Caller, Sale, Terms, Tier};
use crate::quantity::{AssetId, Decimals, SECONDS_PER_HOUR};
use crate::venue::Venues;
use crate::venue::launch::{Launch, LaunchTerms};
use crate::venue::pool::WeightSlide;
use crate::world::ledger::{AccountId, Ledger};
use crate::world::streams::Streams;

/// A second of a run that lies so many hours after its start.
#[allow(clippy::cast_possible_truncation, reason = "validated: within the longest run")]
fn second(hours: f64) -> i64 {
    (hours * SECONDS_PER_HOUR as f64).round() as i64
}

impl BootstrapSettings {
    /// The slide.
    pub(super) fn slide(self) -> WeightSlide {
        let seconds = [self.from_hours, self.to_hours].map(|hours| second(hours).unsigned_abs());
        WeightSlide { weights: [self.from_weight, self.to_weight], seconds }
    }
}

/// A launch of the asset of ticker `token` whose money is kept in `account`; the walk's seed is drawn from a stream of the launch's name.
pub(super) fn launch(
    settings: &LaunchSettings,
    token: &str,
    ledger: &Ledger,
    streams: &Streams,
    account: AccountId,
) -> Result<Launch, BuildError> {
    let unsold = |what: &str| BuildError::Launch { launch: settings.name.clone(), what: what.to_owned() };
    let find = |symbol: &str| ledger.find(symbol).ok_or_else(|| unsold(&format!("no asset `{symbol}`")));
    let (cash, sold) = (AssetId(0), find(token)?);
    let power = match &settings.power {
        None => None,
        Some(symbol) => {
            let asset = find(symbol)?;
            Some((asset, ledger.issuer(asset).ok_or_else(|| unsold("a power that nobody can burn"))?))
        }
    };
    let unit = |asset: AssetId| ledger.asset(asset).decimals;
    let atoms = |unit: Decimals, units: f64| unit.floor(units).map_err(|error| unsold(&error.to_string()));
    let height = |hours: f64| Launch::height_of(second(hours));
    let power_unit = power.map_or(unit(cash), |(asset, _)| unit(asset));
    let tiers = settings.tiers.iter().map(|tier| {
        let apower_per_ticket = atoms(power_unit, tier.power_per_ticket)?;
        Ok(Tier { apower_per_ticket, width: tier.width.into() })
    });
    let terms = Terms {
        tokens_per_ticket: atoms(unit(sold), settings.tokens_per_ticket)?,
        price_per_ticket: atoms(unit(cash), settings.price_per_ticket_usd)?,
        activation_threshold: settings.activation_threshold.into(),
        registration_start: height(settings.opens_hours),
        registration_end: height(settings.closes_hours),
        claim_end: height(settings.claims_end_hours),
        max_tickets: settings.most_tickets.into(),
        tiers: tiers.collect::<Result<_, BuildError>>()?,
    };
    let opened = Sale::open(terms, 0).and_then(|mut sale| {
        sale.add_tickets(0, Caller::Operator, settings.tickets.into())?;
        Ok(sale)
    });
    let sale = opened.map_err(|refusal| unsold(&refusal.to_string()))?;
    let seed = streams.sequential(&format!("launch {}", settings.name)).random();
    let terms =
        LaunchTerms { name: settings.name.clone(), account, owner: FOUNDATION, token: sold, cash, power };
    Ok(Launch::new(terms, sale, seed))
}

/// Lets the foundation put into each launch what it sells.
pub(super) fn found(world: &mut World, experiment: &Experiment) -> Result<(), BuildError> {
    let offers: Vec<_> = world
        .resource::<Venues>()
        .launches()
        .iter()
        .map(|launch| (launch.terms.clone(), launch.offered()))
        .collect();
    for (terms, offered) in offers {
        let offered = offered.ok_or_else(|| BuildError::Launch {
            launch: terms.name.clone(),
            what: "more tokens than the ledger can hold".into(),
        })?;
        let free = token::free(world, experiment, terms.token);
        let mut ledger = world.resource_mut::<Ledger>();
        if free < offered {
            let asset = ledger.asset(terms.token);
            return Err(EndowError::LaunchTooLarge {
                launch: terms.name,
                token: asset.symbol.clone(),
                needed: asset.decimals.units(offered),
                held: asset.decimals.units(free),
            }
            .into());
        }
        ledger.transfer(FOUNDATION, terms.account, terms.token, offered)?;
        ledger.commit();
    }
    Ok(())
}
