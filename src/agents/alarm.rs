//! The alarm: news that wakes people before their own time.
//!
//! When the stress mode changes or the outside price moves far within a tick, everybody hears of it with some probability
//! and is awake in the next tick. Source of the behaviour: attention to extreme returns, Barber and Odean (2008), "All that
//! glitters".

use bevy_ecs::prelude::*;
use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::{Dice, Directory};
use crate::venue::governance::Health;
use crate::world::calendar::Calendar;
use crate::world::clock::Clock;
use crate::world::ledger::AccountId;
use crate::world::oracle::Oracle;
use crate::world::phase::{Phase, Stage};
use crate::world::streams::Streams;

/// What wakes people.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Resource)]
#[serde(deny_unknown_fields, default)]
pub struct Alarm {
    /// A move of an outside price within a tick that is news, in percent.
    pub large_move_percent: f64,
    /// Probability that an agent hears the news.
    pub attention_share: f64,
}

impl Default for Alarm {
    fn default() -> Self {
        Self { large_move_percent: 5.0, attention_share: 0.25 }
    }
}

/// True if the tick had news.
#[must_use]
pub fn is_news(alarm: &Alarm, mode_changed: bool, largest_move_percent: f64) -> bool {
    mode_changed || largest_move_percent >= alarm.large_move_percent
}

fn ring(
    alarm: Res<Alarm>,
    health: Res<Health>,
    oracle: Res<Oracle>,
    clock: Res<Clock>,
    directory: Res<Directory>,
    dice: Res<Dice<Alarm>>,
    mut calendar: ResMut<Calendar>,
) {
    let moves = (0..oracle.assets()).map(|asset| {
        let before = oracle.spot_before(asset, 1);
        (oracle.spot(asset) / before - 1.0).abs() * 100.0
    });
    if !is_news(&alarm, health.mode_changed, moves.fold(0.0, f64::max)) {
        return;
    }
    let tick = clock.tick().0;
    for population in directory.populations() {
        for account in population.first.0..population.first.0 + population.count {
            if dice.stream.at(account, tick).random::<f64>() < alarm.attention_share {
                calendar.rouse(AccountId(account));
            }
        }
    }
}

/// Adds the alarm to a world.
pub fn install(world: &mut World, alarm: Alarm) {
    let dice = Dice::<Alarm>::new(world.resource::<Streams>(), "alarm");
    world.insert_resource(dice);
    world.insert_resource(alarm);
    world.schedule_scope(Stage::Close, |_, schedule| {
        schedule.add_systems(ring.in_set(Phase::Govern));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_mode_or_a_large_move_is_news() {
        let alarm = Alarm::default();
        assert!(is_news(&alarm, true, 0.0));
        assert!(is_news(&alarm, false, 5.0));
        assert!(!is_news(&alarm, false, 4.9));
        assert!(!is_news(&alarm, false, f64::NAN));
    }
}
