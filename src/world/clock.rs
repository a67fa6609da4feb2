//! What time it is.

use bevy_ecs::prelude::Resource;

use crate::quantity::{SECONDS_PER_YEAR, Tick};

/// The clock of a world: ticks of equal length, each holding a few blocks.
#[derive(Debug, Clone, Copy, Resource)]
pub struct Clock {
    tick: Tick,
    tick_seconds: i64,
    block: u32,
    blocks_per_tick: u32,
}

impl Clock {
    /// A clock at tick zero.
    #[must_use]
    pub fn new(tick_seconds: i64, blocks_per_tick: u32) -> Self {
        Self {
            tick: Tick(0),
            tick_seconds: tick_seconds.max(1),
            block: 0,
            blocks_per_tick: blocks_per_tick.max(1),
        }
    }

    /// The current tick.
    #[must_use]
    pub const fn tick(&self) -> Tick {
        self.tick
    }

    /// The current block of the tick, from zero.
    #[must_use]
    pub const fn block(&self) -> u32 {
        self.block
    }

    /// The length of a tick.
    #[must_use]
    pub const fn tick_seconds(&self) -> i64 {
        self.tick_seconds
    }

    /// The length of a tick, in years of 365 days.
    #[must_use]
    pub fn tick_years(&self) -> f64 {
        self.tick_seconds as f64 / SECONDS_PER_YEAR
    }

    /// Seconds since the start of the run; blocks divide a tick evenly.
    #[must_use]
    pub fn now_seconds(&self) -> i64 {
        i64::from(self.tick.0) * self.tick_seconds
            + i64::from(self.block) * self.tick_seconds / i64::from(self.blocks_per_tick)
    }

    /// Begins `tick`, at its first block.
    pub fn begin(&mut self, tick: Tick) {
        self.tick = tick;
        self.block = 0;
    }

    /// Begins block number `block` of the tick.
    pub fn begin_block(&mut self, block: u32) {
        self.block = block;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_divide_the_tick() {
        let mut clock = Clock::new(3600, 4);
        clock.begin(Tick(2));
        clock.begin_block(1);
        assert_eq!(clock.now_seconds(), 2 * 3600 + 900);
    }
}
