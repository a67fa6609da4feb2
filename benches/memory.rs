//! What an agent takes: bytes that the program holds for each, at the start and after a quarter.
//!
//! `cargo bench --bench memory`. Counted by the allocator, not guessed from the process.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a bench stops where its own set-up is wrong")]

#[path = "common/holders.rs"]
mod holders;
#[path = "common/world.rs"]
mod world;

use holders::{holders, market};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const QUARTER_TICKS: u32 = 24 * 91;

fn main() {
    println!("bytes an agent");
    println!("{:>16} {:>9} {:>15} {:>16}", "", "at first", "after a quarter", "most in between");
    let worlds = [
        ("random trade", holders(None)),
        ("and votes", holders(Some(0.01))),
        ("f(x), all agents", market(false, false)),
        ("and votes", market(true, false)),
    ];
    for (name, experiment) in worlds {
        let agents: u32 = experiment.populations.iter().map(|population| population.count).sum();
        let before = MEMORY.current_usage();
        let mut world = world::build(&experiment);
        let bytes = |usage: usize| (usage as f64 - before as f64) / f64::from(agents);
        let first = bytes(MEMORY.current_usage());
        MEMORY.reset_peak_usage();
        world::tick(&mut world, 0, QUARTER_TICKS);
        let (last, most) = (bytes(MEMORY.current_usage()), bytes(MEMORY.peak_usage()));
        println!("{name:>16} {first:>9.0} {last:>15.0} {most:>16.0}");
    }
}
