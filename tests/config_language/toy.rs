//! A config type with one of everything.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use ballast::experiment::diagnostic::Diagnostics;
use ballast::experiment::load::{Fragment, Loaded, load};
use ballast::experiment::merge::Shelf;
use ballast::experiment::source::Source;
use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Experiment {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: Option<String>,
    pub(crate) seed: u64,
    #[serde(default = "one")]
    pub(crate) runs: NonZeroU32,
    pub(crate) horizon: Days,
    pub(crate) price: Price,
    #[serde(default)]
    pub(crate) venues: BTreeMap<String, Venue>,
    #[serde(default)]
    pub(crate) populations: Vec<Population>,
    #[serde(default)]
    pub(crate) governance: Option<Governance>,
    #[serde(default)]
    pub(crate) shocks: Vec<Shock>,
    #[serde(default)]
    pub(crate) band: (f64, f64),
    #[serde(default)]
    pub(crate) grade: Option<char>,
    #[serde(default)]
    pub(crate) strict: bool,
}

fn one() -> NonZeroU32 {
    NonZeroU32::MIN
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Days(pub(crate) f64);

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) enum Price {
    Flat,
    Gbm {
        volatility: f64,
        #[serde(default)]
        drift: f64,
    },
    Heston(Heston),
    Candles(String),
    Mix(f64, f64),
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Heston {
    pub(crate) kappa: f64,
    pub(crate) theta: f64,
    #[serde(default)]
    pub(crate) rho: Correlation,
}

/// Refuses what is outside -1 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(try_from = "f64")]
pub(crate) struct Correlation(pub(crate) f64);

impl TryFrom<f64> for Correlation {
    type Error = String;

    fn try_from(value: f64) -> Result<Self, String> {
        if (-1.0..=1.0).contains(&value) {
            Ok(Self(value))
        } else {
            Err("a correlation lies from -1 to 1".into())
        }
    }
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Venue {
    pub(crate) fee_bps: u16,
    #[serde(default)]
    pub(crate) depth_usd: Option<Draw>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Population {
    pub(crate) name: String,
    pub(crate) count: u32,
    pub(crate) activity: Draw,
    #[serde(default)]
    pub(crate) overrides: Fragment,
}

/// A number or a distribution.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub(crate) enum Draw {
    Constant(f64),
    Uniform(f64, f64),
    Normal { mean: f64, sd: f64 },
}
ballast::number_or_variant!(Draw, |number| Ok(Draw::Constant(number)));

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Governance {
    pub(crate) quorum: f64,
    pub(crate) timelock_hours: u32,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) enum Shock {
    None,
    Jump { at_tick: u32, size: f64 },
    Depeg(Days),
}

/// A config that uses all of it.
pub(crate) const FULL: &str = r#"#![enable(implicit_some)]
// A config with one of everything.
Experiment(
    name: "full",
    description: Some("a \"quoted\" text"),
    seed: 0x10,
    runs: 8,
    horizon: 30, /* days /* nested */ */
    price: Heston(
        kappa: 2.0,
        theta: 5e-1,
        rho: -0.7,
    ),
    venues: {
        "feth_pool": (fee_bps: 4, depth_usd: Uniform(1e6, 2_000_000)),
        "perp": (fee_bps: 10),
    },
    populations: [
        (name: "savers", count: 100, activity: 0.5),
        (name: "whales", count: 3, activity: Normal(mean: 0.1, sd: 0.05), overrides: (patience_days: 9, mood: Calm)),
        (
            name: r"bots",
            count: 2,
            activity: Constant(1),
        ),
    ],
    governance: (quorum: 0.04, timelock_hours: 48),
    shocks: [None, Jump(at_tick: 10, size: -0.3), Depeg(2.5)],
    band: (0.99, 1.01),
    grade: 'A',
    strict: true,
)
"#;

/// The least that loads.
pub(crate) const LEAST: &str = r#"(
    name: "least",
    seed: 7,
    horizon: 1,
    price: Flat,
)
"#;

/// Loads one text; `calm` can be extended.
pub(crate) fn read(text: &str, overrides: &[&str]) -> Result<Loaded<Experiment>, Diagnostics> {
    let shelf = Shelf::from([
        ("calm", LEAST),
        ("stormy", "(extends: \"calm\", price: Gbm(volatility: 0.9))"),
        ("round_a", "(extends: \"round_b\")"),
        ("round_b", "(extends: \"round_a\")"),
        ("broken", "(seed: )"),
    ]);
    let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
    load(&Source::new("test.ron", text), &shelf, &overrides)
}
