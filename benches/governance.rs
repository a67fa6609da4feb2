//! What governance costs: a year of hours, a hundred thousand holders who may vote, two hundred proposals, against the same
//! world without any.
//!
//! `cargo bench --bench governance`. The ratio is taken within one run, worlds in turns; absolute times depend on the machine.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a bench stops where its own set-up is wrong")]

#[path = "common/holders.rs"]
mod holders;
#[path = "common/world.rs"]
mod world;

use std::time::Instant;

use ballast::experiment::config::Experiment;
use ballast::venue::Venues;
use bevy_ecs::prelude::World;
use holders::{holders, market};

const YEAR_TICKS: u32 = 24 * 365;
const WEEK_TICKS: u32 = 24 * 7;

struct Side {
    world: World,
    seconds: f64,
}

impl Side {
    fn new(experiment: &Experiment) -> Self {
        Self { world: world::build(experiment), seconds: 0.0 }
    }

    fn go(&mut self, from: u32, ticks: u32) {
        let began = Instant::now();
        world::tick(&mut self.world, from, ticks);
        self.seconds += began.elapsed().as_secs_f64();
    }
}

fn main() {
    println!("a hundred thousand who may vote, {YEAR_TICKS} ticks");
    println!(
        "{:>16} {:>9} {:>8} {:>9} {:>9} {:>7}",
        "world", "proposals", "turnout", "without s", "with s", "adds"
    );
    let worlds = [
        ("random trade", holders(Some(0.01)), holders(None)),
        ("f(x), all agents", market(true, false), market(false, false)),
        ("f(x), recorded", market(true, true), market(false, true)),
    ];
    for (name, governed, ungoverned) in worlds {
        let (mut with, mut without) = (Side::new(&governed), Side::new(&ungoverned));
        // In turns of a week, so that the machine's moods fall on both.
        for from in (0..YEAR_TICKS).step_by(WEEK_TICKS as usize) {
            let ticks = u32::min(WEEK_TICKS, YEAR_TICKS - from);
            with.go(from, ticks);
            without.go(from, ticks);
        }
        let governance = with.world.resource::<Venues>().governance().expect("a governed world");
        println!(
            "{name:>16} {:>9} {:>7.1}% {:>9.1} {:>9.1} {:>6.1}%",
            governance.made(),
            100.0 * governance.turnout_average().unwrap_or(0.0),
            without.seconds,
            with.seconds,
            100.0 * (with.seconds / without.seconds - 1.0),
        );
    }
}
