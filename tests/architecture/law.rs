//! The rules. Each answers with what it found, one line a violation.

use crate::source::Source;

/// Above this many lines a file wants to be two.
pub(crate) const LARGE: usize = 400;
/// Above this many it has to be.
pub(crate) const TOO_LARGE: usize = 600;

/// Who may import whom, beside itself.
///
/// `quantity, numerics <- protocol <- world <- price, venue <- agents, record, risk <- experiment <- chart <- cli`
const DIRECTION: [(&str, &[&str]); 12] = [
    ("quantity", &[]),
    ("numerics", &[]),
    ("protocol", &["numerics", "quantity"]),
    ("world", &["numerics", "protocol", "quantity"]),
    ("price", &["numerics", "protocol", "quantity", "world"]),
    ("venue", &["numerics", "protocol", "quantity", "world"]),
    ("risk", &["numerics", "price", "protocol", "quantity", "world"]),
    ("agents", &["numerics", "price", "protocol", "quantity", "venue", "world"]),
    ("record", &["numerics", "price", "protocol", "quantity", "venue", "world"]),
    (
        "experiment",
        &["agents", "numerics", "price", "protocol", "quantity", "record", "risk", "venue", "world"],
    ),
    // A chart is drawn from tables; `record::store` is how any file comes to be whole on disk.
    ("chart", &["numerics", "quantity", "record::store", "record::table"]),
    (
        "cli",
        &[
            "agents",
            "chart",
            "experiment",
            "numerics",
            "price",
            "protocol",
            "quantity",
            "record",
            "risk",
            "venue",
            "world",
        ],
    ),
];

/// Maps that have no order are used where a library asks for them, and never looked through.
const UNORDERED: [&str; 1] = ["src/record/parquet.rs"];

fn room_of(source: &Source) -> Option<String> {
    source.module().first().cloned()
}

fn talks_to_people(source: &Source) -> bool {
    matches!(room_of(source).as_deref(), None | Some("cli"))
}

fn at(source: &Source, line: usize, what: &str) -> String {
    format!("{}:{line}: {what}", source.name())
}

/// Modules import to their left only.
pub(crate) fn direction(source: &Source) -> Vec<String> {
    let Some(room) = room_of(source) else { return Vec::new() };
    let Some((_, allowed)) = DIRECTION.iter().find(|(name, _)| *name == room) else {
        return vec![at(source, 1, &format!("`{room}` has no place in the order of imports"))];
    };
    let fits = |path: &[String]| {
        path[0] == room
            || allowed.iter().any(|allowed| {
                let wanted: Vec<&str> = allowed.split("::").collect();
                path.len() >= wanted.len() && path.iter().zip(&wanted).all(|(part, wanted)| part == wanted)
            })
    };
    source
        .imports()
        .into_iter()
        .filter(|import| !fits(&import.path))
        .map(|import| {
            let found = import.path.join("::");
            at(
                source,
                import.line,
                &format!("`{room}` may import {}, found `crate::{found}`", allowed.join(", ")),
            )
        })
        .collect()
}

/// The protocol's arithmetic knows no world, no file, no chance and no clock.
pub(crate) fn purity(source: &Source) -> Vec<String> {
    const IMPURE: [&str; 16] = [
        "bevy_ecs",
        "rand",
        "rand_chacha",
        "rand_distr",
        "rayon",
        "jiff",
        "arrow_array",
        "parquet",
        "csv",
        "ron",
        "std::fs",
        "std::io",
        "std::env",
        "std::net",
        "std::thread",
        "std::time",
    ];
    if room_of(source).as_deref() != Some("protocol") {
        return Vec::new();
    }
    found(source, &IMPURE, "the protocol is pure arithmetic")
}

/// Only the command line talks to people; everything else answers with values.
pub(crate) fn silence(source: &Source) -> Vec<String> {
    if talks_to_people(source) {
        return Vec::new();
    }
    let macros = ["println!", "eprintln!", "print!", "eprint!", "dbg!"];
    let places = |word: &'static str| source.places(word).into_iter().map(move |line| (line, word));
    macros
        .into_iter()
        .flat_map(places)
        .map(|(line, word)| at(source, line, &format!("only the command line prints, found `{word}`")))
        .collect()
}

/// A run does not know what time it is outside.
pub(crate) fn timelessness(source: &Source) -> Vec<String> {
    if talks_to_people(source) || source.module() == ["experiment", "ensemble"] {
        return Vec::new();
    }
    let clocks = found(source, &["std::time"], "only the ensemble and the command line look at the clock");
    let asked = source.paths().into_iter().filter(|path| path.path.last().is_some_and(|last| last == "now"));
    let asked = asked
        .filter(|path| {
            matches!(
                path.path[path.path.len() - 2].as_str(),
                "Timestamp" | "Zoned" | "Instant" | "SystemTime"
            )
        })
        .map(|path| {
            at(
                source,
                path.line,
                &format!(
                    "only the ensemble and the command line look at the clock, found `{}`",
                    path.path.join("::")
                ),
            )
        });
    clocks.into_iter().chain(asked).collect()
}

/// No result may depend on the order of a hash map.
pub(crate) fn order(source: &Source) -> Vec<String> {
    if UNORDERED.contains(&source.name().as_str()) {
        return Vec::new();
    }
    ["HashMap", "HashSet", "RandomState"]
        .into_iter()
        .flat_map(|word| source.places(word).into_iter().map(move |line| (line, word)))
        .map(|(line, word)| {
            at(source, line, &format!("results may not depend on the order of a `{word}`: use a B-tree"))
        })
        .collect()
}

/// Functions that IEEE 754 does not fix to the last bit come from one place.
pub(crate) fn portability(source: &Source) -> Vec<String> {
    const FUNCTIONS: [&str; 26] = [
        "exp", "exp2", "exp_m1", "ln", "ln_1p", "log", "log2", "log10", "powf", "powi", "sin", "cos", "tan",
        "sin_cos", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
        "cbrt", "hypot",
    ];
    if room_of(source).as_deref() == Some("chart") || talks_to_people(source) {
        return Vec::new();
    }
    let mut violations = Vec::new();
    for function in FUNCTIONS {
        for form in [format!(".{function}("), format!("f64::{function}"), format!("f32::{function}")] {
            let rule = format!("results may not depend on the platform's `{function}`: take it from `libm`");
            violations.extend(source.places(&form).into_iter().map(|line| at(source, line, &rule)));
        }
    }
    violations
}

/// A file has at most so many lines.
pub(crate) fn room(source: &Source) -> Vec<String> {
    let lines = source.lines();
    let rule = format!("a file has at most {TOO_LARGE} lines, found {lines}: make two of it");
    if lines > TOO_LARGE { vec![at(source, 1, &rule)] } else { Vec::new() }
}

fn found(source: &Source, forbidden: &[&str], rule: &str) -> Vec<String> {
    let breaks = |path: &[String]| {
        forbidden.iter().any(|forbidden| {
            let parts: Vec<&str> = forbidden.split("::").collect();
            path.len() >= parts.len() && path.iter().zip(&parts).all(|(part, forbidden)| part == forbidden)
        })
    };
    source
        .paths()
        .into_iter()
        .filter(|path| breaks(&path.path))
        .map(|path| at(source, path.line, &format!("{rule}, found `{}`", path.path.join("::"))))
        .collect()
}
