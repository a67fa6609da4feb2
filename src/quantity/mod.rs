//! What a number means: asset, amount, time.

mod amount;
mod asset;
mod time;

pub use amount::{Amount, AmountError};
pub use asset::{Asset, AssetId, Decimals};
pub use time::{HOURS_PER_YEAR, SECONDS_PER_DAY, SECONDS_PER_HOUR, SECONDS_PER_YEAR, Tick};
