//! What every price process does, and what every asset's parameters share.

use std::path::{Path, PathBuf};

use crate::world::streams::Streams;

use super::path::{Grid, HIGHEST_USD, LOWEST_USD, MarketPath};
use super::problem::{PriceError, Problems};

/// A law, or a record, of how outside prices move.
pub(super) trait Process {
    /// The tickers it prices.
    fn symbols(&self) -> Vec<&str>;
    /// Reports every field that no market could have. Reads no file.
    fn problems(&self, problems: &mut Problems);
    /// Generates the path of a run; called only without problems.
    fn generate(&self, grid: Grid, streams: &Streams, base_dir: &Path) -> Result<MarketPath, PriceError>;
    /// The files it reads, as written.
    fn data_files(&self) -> Vec<PathBuf> {
        Vec::new()
    }
    /// How long it lasts in seconds, where it has an end of its own.
    fn length_seconds(&self) -> Option<i64> {
        None
    }
}

/// One field that a person can set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldNote {
    /// The field's name.
    pub name: &'static str,
    /// Its unit, `1` where it has none.
    pub unit: &'static str,
    /// What it is when not given; `required` where it must be.
    pub default: &'static str,
    /// One line of meaning.
    pub meaning: &'static str,
}

/// One process that a person can choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProcessNote {
    /// The variant's name in a configuration.
    pub name: &'static str,
    /// One line of meaning.
    pub meaning: &'static str,
    /// The fields of the process.
    pub fields: &'static [FieldNote],
    /// The fields of each element of `assets` (of `others` in a replay).
    pub asset_fields: &'static [FieldNote],
}

/// Shorthand for a table of notes.
pub(super) const fn field(
    name: &'static str,
    unit: &'static str,
    default: &'static str,
    meaning: &'static str,
) -> FieldNote {
    FieldNote { name, unit, default, meaning }
}

/// The note of `assets`, alike in every process that has them.
pub(super) const ASSETS: FieldNote = field("assets", "list", "required", "the assets, with the fields below");
/// The note of `correlation`, alike in every process that has it.
pub(super) const CORRELATION: FieldNote = field(
    "correlation",
    "1",
    "0.8",
    "correlation of the assets' diffusions: one number for all pairs, or a matrix [[1, r], [r, 1]]",
);

/// The parameters of one asset under a parametric law.
pub(super) trait AssetParameters {
    /// Ticker.
    fn symbol(&self) -> &str;
    /// Reports every field out of its range.
    fn problems(&self, problems: &mut Problems);
}

/// Reports what is wrong with a list of assets.
pub(super) fn check_assets<A: AssetParameters>(assets: &[A], problems: &mut Problems) {
    check_symbols("assets", symbols_under("assets", assets.iter().map(AssetParameters::symbol)), problems);
    for (place, asset) in assets.iter().enumerate() {
        problems.under(&format!("assets[{place}]"), |problems| asset.problems(problems));
    }
}

/// Each ticker of a list with the path of its field.
pub(super) fn symbols_under<'a>(
    list: &str,
    symbols: impl Iterator<Item = &'a str>,
) -> Vec<(String, &'a str)> {
    symbols.enumerate().map(|(place, symbol)| (format!("{list}[{place}].symbol"), symbol)).collect()
}

/// Reports tickers that are missing, ill-formed or given twice.
pub(super) fn check_symbols(list: &str, symbols: Vec<(String, &str)>, problems: &mut Problems) {
    if symbols.is_empty() || symbols.len() > 64 {
        problems.push(list, "1 to 64 assets", symbols.len().to_string());
    }
    for (place, (field, symbol)) in symbols.iter().enumerate() {
        if let Some(expected) = symbol_fault(symbol) {
            problems.push(field, expected, format!("`{symbol}`"));
        } else if symbols[..place].iter().any(|(_, other)| other == symbol) {
            problems.push(field, "a ticker that stands once", format!("`{symbol}` again"));
        }
    }
}

/// What a ticker should have been, where it is not one. Tickers name random streams, so they hold no dots or stars.
fn symbol_fault(symbol: &str) -> Option<&'static str> {
    let well_formed = (1..=32).contains(&symbol.len())
        && symbol.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if well_formed { None } else { Some("a ticker of 1 to 32 letters, digits, `_` or `-`") }
}

/// Reports an initial price that is not one.
pub(super) fn check_price(field: &str, usd: f64, problems: &mut Problems) {
    problems.number(field, usd, LOWEST_USD..=HIGHEST_USD);
}
