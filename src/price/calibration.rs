//! Parameters with calibrated defaults for ETH and BTC.
//!
//! The defaults come from hourly Binance candles since 2018 (ETH to 2025-12, BTC to 2024-06); each process says how.
//! Another asset has no defaults: leaving a field out is then an error, never a silent ETH.

use thiserror::Error;

/// A field was left out for an asset without calibrated defaults.
#[derive(Debug, Error)]
#[error("`{symbol}` has no default for `{field}`: give it a value (defaults exist for ETH and BTC)")]
pub(super) struct NoDefault {
    pub(super) symbol: String,
    pub(super) field: &'static str,
}

/// `given`, or the default of that asset.
pub(super) fn or_default(
    given: Option<f64>,
    symbol: &str,
    field: &'static str,
    eth: f64,
    btc: f64,
) -> Result<f64, NoDefault> {
    match (given, symbol) {
        (Some(value), _) => Ok(value),
        (None, "ETH") => Ok(eth),
        (None, "BTC") => Ok(btc),
        (None, _) => Err(NoDefault { symbol: symbol.into(), field }),
    }
}

/// Declares the parameters of one asset under a law: the struct, its ranges, its defaults and its notes, once.
///
/// Each field reads: meaning; `name: "unit", lowest to highest, ETH default, BTC default;`. The symbol, the initial
/// price and the drift come with every law.
macro_rules! asset_parameters {
    (
        $(#[$doc:meta])*
        $name:ident {
            $($(#[doc = $meaning:literal])+ $field:ident: $unit:literal, $low:literal to $high:literal, $eth:literal, $btc:literal;)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "Written")]
        pub struct $name {
            /// Ticker.
            pub symbol: String,
            /// Price at tick 0, in dollars. Default: 2000 for ETH, 40000 for BTC.
            pub initial_usd: f64,
            /// Growth rate of the expected price, 1/year. Default: 0.
            pub drift: f64,
            $(
                $(#[doc = $meaning])+
                #[doc = concat!("\n\nUnit: ", $unit, ". Default: ", stringify!($eth), " for ETH, ", stringify!($btc), " for BTC.")]
                pub $field: f64,
            )+
        }

        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields, rename = "asset")]
        struct Written {
            symbol: String,
            #[serde(default)]
            initial_usd: Option<f64>,
            #[serde(default)]
            drift: f64,
            $(#[serde(default)] $field: Option<f64>,)+
        }

        impl TryFrom<Written> for $name {
            type Error = $crate::price::calibration::NoDefault;

            fn try_from(written: Written) -> Result<Self, Self::Error> {
                use $crate::price::calibration::or_default;
                let symbol = written.symbol;
                Ok(Self {
                    initial_usd: or_default(written.initial_usd, &symbol, "initial_usd", 2000.0, 40_000.0)?,
                    drift: written.drift,
                    $($field: or_default(written.$field, &symbol, stringify!($field), $eth, $btc)?,)+
                    symbol,
                })
            }
        }

        impl $name {
            /// The fields of one asset.
            const FIELDS: &'static [$crate::price::process::FieldNote] = &[
                $crate::price::process::field("symbol", "ticker", "required", "ticker"),
                $crate::price::process::field("initial_usd", "usd", "2000 for ETH, 40000 for BTC", "price at tick 0"),
                $crate::price::process::field("drift", "1/year", "0", "growth rate of the expected price"),
                $($crate::price::process::field(
                    stringify!($field),
                    $unit,
                    concat!(stringify!($eth), " for ETH, ", stringify!($btc), " for BTC"),
                    concat!($($meaning),+).trim_ascii(),
                ),)+
            ];
        }

        impl $crate::price::process::AssetParameters for $name {
            fn symbol(&self) -> &str {
                &self.symbol
            }

            fn problems(&self, problems: &mut $crate::price::problem::Problems) {
                $crate::price::process::check_price("initial_usd", self.initial_usd, problems);
                problems.number("drift", self.drift, -20.0..=20.0);
                $(problems.number(stringify!($field), self.$field, $low..=$high);)+
            }
        }
    };
}

pub(super) use asset_parameters;
