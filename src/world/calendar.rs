//! The calendar that wakes agents.
//!
//! An agent sleeps until a tick drawn from its own activity rate, so that a tick costs what its awake agents cost. The
//! waiting time of an agent active with probability `p` a tick is geometric; drawing it at once is the same process as
//! tossing a coin every tick.

use bevy_ecs::prelude::Resource;
use rand::RngExt;

use super::ledger::AccountId;
use super::read_ahead::{Groups, look_at};
use super::streams::{AgentStream, Streams};
use crate::quantity::Tick;

/// Ticks covered by the wheel; later wake-ups wait in the overflow list until their turn comes within reach.
const WHEEL: usize = 1024;

/// Who wakes when.
#[derive(Debug, Resource)]
pub struct Calendar {
    stream: AgentStream,
    first: u32,
    /// `1 / ln(1 - activity)` of each agent; zero for one that is always active, minus infinity for one that never is.
    inverse_log: Vec<f32>,
    wheel: Vec<Vec<u32>>,
    overflow: Vec<(u32, u32)>,
    due: Vec<u32>,
    roused: Vec<u32>,
}

impl Calendar {
    /// An empty calendar for agents whose accounts begin at `first`.
    #[must_use]
    pub fn new(streams: &Streams, first: AccountId) -> Self {
        Self {
            stream: streams.per_agent("wake"),
            first: first.0,
            inverse_log: Vec::new(),
            wheel: vec![Vec::new(); WHEEL],
            overflow: Vec::new(),
            due: Vec::new(),
            roused: Vec::new(),
        }
    }

    /// Enters the next agent, active with probability `activity` a tick (clamped to 0..=1), and draws its first wake-up.
    pub fn enter(&mut self, activity: f64) {
        let activity = if activity.is_nan() { 0.0 } else { activity.clamp(0.0, 1.0) };
        let inverse_log =
            if activity <= 0.0 { f32::NEG_INFINITY } else { (1.0 / libm::log1p(-activity)) as f32 };
        let place = self.inverse_log.len() as u32;
        self.inverse_log.push(inverse_log);
        // Before tick zero there is tick "minus one": its draw decides the first wake-up.
        let uniform = self.stream.at(self.first + place, u32::MAX).random();
        self.schedule(place, 0, uniform);
    }

    /// Puts the next wake-up of the agent at `place` at `earliest` or later, given a draw in 0..1.
    #[inline]
    fn schedule(&mut self, place: u32, earliest: u32, uniform: f64) {
        let inverse_log = self.inverse_log[place as usize];
        if inverse_log == f32::NEG_INFINITY {
            return;
        }
        let wait = if inverse_log == 0.0 {
            0
        } else {
            // 1 - u lies in (0, 1], so that the logarithm is finite; a huge wait saturates.
            (libm::log(1.0 - uniform) * f64::from(inverse_log)) as u32
        };
        let tick = earliest.saturating_add(wait);
        if tick - earliest < WHEEL as u32 - 1 {
            self.wheel[tick as usize % WHEEL].push(place);
        } else {
            self.overflow.push((tick, place));
        }
    }

    /// Begins `tick`: afterwards [`Self::due`] lists who is awake. Each of them already has a next wake-up.
    pub fn begin(&mut self, tick: Tick) {
        let now = tick.0;
        if (now as usize).is_multiple_of(WHEEL) {
            let wheel = &mut self.wheel;
            self.overflow.retain(|(at, place)| {
                let within = at - now < WHEEL as u32;
                if within {
                    wheel[*at as usize % WHEEL].push(*place);
                }
                !within
            });
        }
        self.due.clear();
        // The slot gives its memory back: kept in all of the wheel it would come to more than everything else of an agent.
        self.due.append(&mut std::mem::take(&mut self.wheel[now as usize % WHEEL]));
        self.draw_next(now);
        self.due.append(&mut self.roused);
        self.due.sort_unstable();
        self.due.dedup();
    }

    /// Draws when those due `now` wake next.
    fn draw_next(&mut self, now: u32) {
        let due = std::mem::take(&mut self.due);
        let agents: Vec<AccountId> = due.iter().map(|place| AccountId(self.first + place)).collect();
        let draws = self.stream.first_draws(&agents, now);
        let mut groups = Groups::of(due.iter().copied().zip(draws));
        while let Some(group) = groups.next() {
            look_at(group.iter().map(|(place, _)| self.inverse_log[*place as usize]));
            group.iter().for_each(|(place, uniform)| self.schedule(*place, now + 1, *uniform));
        }
        self.due = due;
    }

    /// Wakes an agent at the next tick, whatever its own calendar says.
    pub fn rouse(&mut self, agent: AccountId) {
        let place = agent.0.wrapping_sub(self.first);
        if (place as usize) < self.inverse_log.len() {
            self.roused.push(place);
        }
    }

    /// The agents awake this tick among the `count` from `first`, in the order of their accounts.
    pub fn due(&self, first: AccountId, count: u32) -> impl ExactSizeIterator<Item = AccountId> + '_ {
        let low = first.0.wrapping_sub(self.first);
        let begin = self.due.partition_point(|place| *place < low);
        let end = begin + self.due[begin..].partition_point(|place| *place < low.saturating_add(count));
        self.due[begin..end].iter().map(|place| AccountId(place + self.first))
    }

    /// How many agents are awake this tick.
    #[must_use]
    pub fn awake(&self) -> usize {
        self.due.len()
    }

    /// How many agents have a place in the calendar.
    #[must_use]
    pub fn agents(&self) -> u32 {
        self.inverse_log.len() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(activity: f64, agents: u32) -> Calendar {
        let mut calendar = Calendar::new(&Streams::new(1), AccountId(5));
        (0..agents).for_each(|_| calendar.enter(activity));
        calendar
    }

    #[test]
    fn wake_ups_come_at_the_activity_rate() {
        for activity in [0.0005, 0.02, 0.5] {
            let mut calendar = calendar(activity, 500);
            let ticks = 6_000;
            let mut woken = 0;
            for tick in 0..ticks {
                calendar.begin(Tick(tick));
                woken += calendar.awake();
            }
            let trials = f64::from(ticks) * 500.0;
            let standard_error = (trials * activity * (1.0 - activity)).sqrt();
            let excess = woken as f64 - trials * activity;
            assert!(excess.abs() < 4.0 * standard_error, "{activity}: {woken} of {trials}");
        }
    }

    #[test]
    fn the_always_active_wake_every_tick_and_the_never_active_not_at_all() {
        let mut always = calendar(1.0, 3);
        let mut never = calendar(0.0, 3);
        for tick in 0..2_000 {
            always.begin(Tick(tick));
            never.begin(Tick(tick));
            assert_eq!(always.due(AccountId(5), 3).count(), 3);
            assert_eq!(never.awake(), 0);
        }
    }

    #[test]
    fn a_roused_agent_wakes_once_and_only_in_its_own_range() {
        let mut calendar = calendar(0.0, 10);
        calendar.rouse(AccountId(7));
        calendar.rouse(AccountId(7));
        calendar.rouse(AccountId(4));
        calendar.begin(Tick(0));
        assert_eq!(calendar.due(AccountId(5), 10).collect::<Vec<_>>(), [AccountId(7)]);
        assert_eq!(calendar.due(AccountId(8), 10).count(), 0);
        calendar.begin(Tick(1));
        assert_eq!(calendar.awake(), 0);
    }
}
