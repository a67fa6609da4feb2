//! The house rules that a compiler does not check, read off the text of `src/`.
//!
//! Who may import whom, who may look at the clock, who may print, which functions would tie results to a platform. A
//! violation is named with its file, its line and the rule. Each rule is also shown a text that breaks it.

#![allow(clippy::unwrap_used, reason = "in a test a failure is a panic")]

mod law;
mod source;

use std::path::{Path, PathBuf};

use source::{Source, read_all};

fn sources() -> Vec<Source> {
    read_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

fn judge(rule: fn(&Source) -> Vec<String>) {
    let sources = sources();
    assert!(sources.len() > 100, "the sources were found");
    let violations: Vec<String> = sources.iter().flat_map(rule).collect();
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}

/// What `rule` says of `text`, were it the file `src/<name>`.
fn said_of(rule: fn(&Source) -> Vec<String>, name: &str, text: &str) -> Vec<String> {
    rule(&Source::new(PathBuf::from("src").join(name), text, false))
}

#[test]
fn imports_follow_the_direction() {
    judge(law::direction);
    let text = "use crate::{quantity::Tick, agents::{Directory, roster}};\nfn f() { crate::price::g() }\n";
    assert_eq!(
        said_of(law::direction, "venue/pool.rs", text),
        [
            "src/venue/pool.rs:1: `venue` may import numerics, protocol, quantity, world, found `crate::agents::Directory`",
            "src/venue/pool.rs:1: `venue` may import numerics, protocol, quantity, world, found `crate::agents::roster`",
            "src/venue/pool.rs:2: `venue` may import numerics, protocol, quantity, world, found `crate::price::g`",
        ]
    );
    let upwards =
        "use super::super::record::Recorder;\nmod tests {\n    use super::super::super::chart;\n}\n";
    assert_eq!(said_of(law::direction, "venue/pool.rs", upwards).len(), 2);
    assert_eq!(said_of(law::direction, "venue/mod.rs", "pub(in super::agents) fn f() {}").len(), 1);
    assert_eq!(
        said_of(law::direction, "world/mod.rs", "// crate::agents\nconst A: &str = \"crate::agents\";"),
        [""; 0]
    );
    assert_eq!(said_of(law::direction, "chart/fan.rs", "use crate::record::table::Table;"), [""; 0]);
    assert_eq!(said_of(law::direction, "chart/fan.rs", "use crate::record::recorder::Recorder;").len(), 1);
    assert_eq!(said_of(law::direction, "attic/old.rs", "use crate::quantity::Tick;").len(), 1);
}

#[test]
fn the_protocol_is_pure() {
    judge(law::purity);
    for breach in [
        "use bevy_ecs::prelude::*;",
        "use std::{fs, fmt};",
        "use rand::RngExt;",
        "let t = std::time::Instant::now();",
    ] {
        assert_eq!(said_of(law::purity, "protocol/fx/nav.rs", breach).len(), 1, "{breach}");
        assert_eq!(said_of(law::purity, "cli.rs", breach), [""; 0], "{breach}");
    }
}

#[test]
fn only_the_command_line_prints() {
    judge(law::silence);
    assert_eq!(
        said_of(law::silence, "world/clock.rs", "fn f() {\n    eprintln!(\"late\");\n}"),
        ["src/world/clock.rs:2: only the command line prints, found `eprintln!`"]
    );
    assert_eq!(
        said_of(
            law::silence,
            "world/clock.rs",
            "#[cfg(test)]\nmod tests {\n    fn f() { println!(\"x\") }\n}"
        ),
        [""; 0]
    );
    assert_eq!(said_of(law::silence, "main.rs", "println!()"), [""; 0]);
}

#[test]
fn only_the_ensemble_and_the_command_line_look_at_the_clock() {
    judge(law::timelessness);
    for breach in ["use std::time::Instant;", "use std::{fmt, time::SystemTime};", "jiff::Timestamp::now()"] {
        assert_eq!(said_of(law::timelessness, "experiment/run.rs", breach).len(), 1, "{breach}");
        assert_eq!(said_of(law::timelessness, "experiment/ensemble.rs", breach), [""; 0], "{breach}");
    }
}

#[test]
fn nothing_iterates_in_the_order_of_a_hash() {
    judge(law::order);
    assert_eq!(
        said_of(law::order, "world/calendar.rs", "use std::collections::{BTreeMap, HashMap};").len(),
        1
    );
}

#[test]
fn transcendental_functions_are_the_same_on_every_platform() {
    judge(law::portability);
    assert_eq!(
        said_of(
            law::portability,
            "price/gbm.rs",
            "let x = a.exp();\nlet y = f64::powf(a, b);\nlet z = libm::exp(a).sqrt();"
        ),
        [
            "src/price/gbm.rs:1: results may not depend on the platform's `exp`: take it from `libm`",
            "src/price/gbm.rs:2: results may not depend on the platform's `powf`: take it from `libm`",
        ]
    );
    assert_eq!(said_of(law::portability, "chart/axis.rs", "a.log10()"), [""; 0]);
}

#[test]
fn rooms_stay_small() {
    judge(law::room);
    for source in sources().iter().filter(|source| source.lines() > law::LARGE) {
        println!("{}: {} lines; above {} a file wants to be two", source.name(), source.lines(), law::LARGE);
    }
    let long = "fn f() {}\n".repeat(law::TOO_LARGE + 1);
    assert_eq!(said_of(law::room, "world/ledger.rs", &long).len(), 1);
}
