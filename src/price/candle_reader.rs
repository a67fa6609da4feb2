//! Reading candles from a file: the project's own CSV, and Binance klines.
//!
//! Own form: a header with `timestamp,open,high,low,close` in any order and with any other columns; or with
//! `timestamp,price`, where the one price serves as all four. Binance klines: no header, 12 columns, the first five of
//! them open time, open, high, low, close. Times are Unix seconds, milliseconds or microseconds, told apart row by row
//! by their size (a time of 10^11 or more is no plausible second, one of 10^14 or more no plausible millisecond).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use csv::ByteRecord;

use super::candle::{BadRow, Candle, CandleError, Candles, LISTED_ROWS};
use super::path::{HIGHEST_USD, LOWEST_USD};

/// The number of columns of a Binance kline.
const KLINE_COLUMNS: usize = 12;
/// Names under which the time stands in a header.
const TIME_NAMES: [&str; 2] = ["timestamp", "open_time"];

/// Where each value stands in a row.
#[derive(Debug, Clone, Copy)]
struct Columns {
    time: usize,
    open: usize,
    high: usize,
    low: usize,
    close: usize,
    /// Columns that every row must have.
    least: usize,
}

impl Candles {
    /// Reads a file.
    ///
    /// # Errors
    /// [`CandleError`] if it cannot be read, has neither form, has fewer than two bars, or has bad rows: all of those
    /// are counted and the first 20 listed.
    pub fn read(file: &Path) -> Result<Self, CandleError> {
        let bytes = fs::read(file).map_err(|reason| CandleError::Unreadable { file: file.into(), reason })?;
        Self::parse(&bytes, file)
    }

    /// Reads the bytes of a file; `file` is its name in errors.
    ///
    /// # Errors
    /// As [`Candles::read`], except that the bytes are there.
    pub fn parse(bytes: &[u8], file: &Path) -> Result<Self, CandleError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(bytes);
        let mut row = ByteRecord::new();
        let mut bars: Vec<Candle> = Vec::new();
        let mut bad = BadRows::default();
        let mut columns: Option<Columns> = None;
        loop {
            match reader.read_byte_record(&mut row) {
                Ok(true) => {}
                Ok(false) => break,
                Err(fault) => {
                    return Err(CandleError::Unreadable { file: file.into(), reason: fault.into() });
                }
            }
            let line = row.position().map_or(0, csv::Position::line);
            let columns = match columns {
                Some(columns) => columns,
                None => {
                    let (found, is_header) = columns_of(&row).ok_or_else(|| CandleError::UnknownForm {
                        file: file.into(),
                        found: shown(row.as_slice()),
                    })?;
                    columns = Some(found);
                    if is_header {
                        continue;
                    }
                    found
                }
            };
            match bar_of(&row, columns, bars.last()) {
                Ok(bar) => bars.push(bar),
                Err((column, name, expected, found)) => {
                    bad.add(BadRow { line, column: column + 1, name: name.into(), expected, found });
                }
            }
        }
        if bad.total > 0 {
            return Err(CandleError::BadRows { file: file.into(), rows: bad.listed, total: bad.total });
        }
        if columns.is_none() {
            return Err(CandleError::UnknownForm { file: file.into(), found: "an empty file".into() });
        }
        let Some(interval_seconds) = usual_interval(&bars) else {
            return Err(CandleError::TooFew { file: file.into(), found: bars.len() });
        };
        Ok(Self { file: file.into(), bars, interval_seconds })
    }
}

#[derive(Debug, Default)]
struct BadRows {
    listed: Vec<BadRow>,
    total: usize,
}

impl BadRows {
    fn add(&mut self, row: BadRow) {
        self.total += 1;
        if self.listed.len() < LISTED_ROWS {
            self.listed.push(row);
        }
    }
}

/// The columns that the first row announces, and whether it is a header.
fn columns_of(first: &ByteRecord) -> Option<(Columns, bool)> {
    let is_number = |cell: &[u8]| number(cell).is_some();
    if first.iter().next().is_some_and(is_number) {
        let kline = Columns { time: 0, open: 1, high: 2, low: 3, close: 4, least: KLINE_COLUMNS };
        return (first.len() == KLINE_COLUMNS).then_some((kline, false));
    }
    let place = |name: &str| first.iter().position(|cell| cell.eq_ignore_ascii_case(name.as_bytes()));
    let time = TIME_NAMES.iter().find_map(|name| place(name))?;
    let (open, high, low, close) = match (place("open"), place("high"), place("low"), place("close")) {
        (Some(open), Some(high), Some(low), Some(close)) => (open, high, low, close),
        (None, None, None, None) => {
            let price = place("price")?;
            (price, price, price, price)
        }
        _ => return None,
    };
    let least = [time, open, high, low, close].into_iter().max().map_or(0, |last| last + 1);
    Some((Columns { time, open, high, low, close, least }, true))
}

/// Column (from 0), its name, what was expected, what was found.
type Fault = (usize, &'static str, String, String);

fn bar_of(row: &ByteRecord, columns: Columns, before: Option<&Candle>) -> Result<Candle, Fault> {
    if row.len() < columns.least {
        let expected = format!("at least {} columns", columns.least);
        return Err((row.len().saturating_sub(1), "row", expected, row.len().to_string()));
    }
    let cell = |place: usize| row.get(place).unwrap_or_default();
    let open_seconds = match std::str::from_utf8(cell(columns.time)).ok().and_then(|text| text.parse().ok()) {
        Some(time) if time >= 0 => seconds(time),
        _ => {
            let expected = "a Unix time in seconds, milliseconds or microseconds";
            return Err((columns.time, "timestamp", expected.into(), shown(cell(columns.time))));
        }
    };
    let price = |place: usize, name: &'static str| match number(cell(place)) {
        Some(price) if (LOWEST_USD..=HIGHEST_USD).contains(&price) => Ok(price),
        _ => Err((place, name, "a price above zero".to_owned(), shown(cell(place)))),
    };
    let (open, high) = (price(columns.open, "open")?, price(columns.high, "high")?);
    let (low, close) = (price(columns.low, "low")?, price(columns.close, "close")?);
    if low > high {
        return Err((columns.low, "low", format!("a price of at most the high, {high}"), low.to_string()));
    }
    for (place, name, value) in [(columns.open, "open", open), (columns.close, "close", close)] {
        if !(low..=high).contains(&value) {
            return Err((place, name, format!("a price from low {low} to high {high}"), value.to_string()));
        }
    }
    if let Some(before) = before
        && open_seconds <= before.open_seconds
    {
        let last = before.open_seconds;
        let expected = format!("a time after {last} s, the last good row's");
        let found =
            if open_seconds == last { "the same time again".into() } else { format!("{open_seconds} s") };
        return Err((columns.time, "timestamp", expected, found));
    }
    Ok(Candle { open_seconds, open, high, low, close })
}

/// A Unix time in seconds, whatever its unit.
fn seconds(time: i64) -> i64 {
    match time {
        0..100_000_000_000 => time,
        100_000_000_000..100_000_000_000_000 => time / 1_000,
        _ => time / 1_000_000,
    }
}

fn number(cell: &[u8]) -> Option<f64> {
    std::str::from_utf8(cell).ok()?.parse().ok().filter(|value: &f64| value.is_finite())
}

/// A cell for an error message: short, and printable.
fn shown(cell: &[u8]) -> String {
    const SHOWN: usize = 60;
    let text: String =
        String::from_utf8_lossy(cell).chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if text.is_empty() { "nothing".into() } else { format!("`{text}`") }
}

/// The most frequent time between two bars, the shorter one in a tie.
fn usual_interval(bars: &[Candle]) -> Option<i64> {
    let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
    for pair in bars.windows(2) {
        if let [before, after] = pair {
            *counts.entry(after.open_seconds - before.open_seconds).or_default() += 1;
        }
    }
    counts.into_iter().max_by_key(|&(interval, count)| (count, -interval)).map(|(interval, _)| interval)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_of_a_time_shows_in_its_size() {
        assert_eq!(seconds(1_583_971_200), 1_583_971_200);
        assert_eq!(seconds(1_583_971_200_000), 1_583_971_200);
        assert_eq!(seconds(1_583_971_200_000_123), 1_583_971_200);
        assert_eq!(seconds(i64::MAX), i64::MAX / 1_000_000);
    }

    #[test]
    fn the_usual_interval_is_the_mode() {
        let bars: Vec<Candle> = [0, 60, 120, 600, 660, 663]
            .map(|open_seconds| Candle { open_seconds, open: 1.0, high: 1.0, low: 1.0, close: 1.0 })
            .to_vec();
        assert_eq!(usual_interval(&bars), Some(60));
        assert_eq!(usual_interval(&bars[..1]), None);
    }

    #[test]
    fn missing_bars_are_counted_on_the_grid_of_the_bars() {
        let text = "timestamp,price\n30,1\n90,1\n150,1\n630,1\n690,1\n";
        let candles = Candles::parse(text.as_bytes(), Path::new("minutes")).unwrap();
        // 210, 270, ... 570.
        assert_eq!(candles.missing(0, 1_000).bars, 7);
        assert_eq!(candles.missing(200, 275).bars, 2);
        assert_eq!(candles.missing(211, 269).bars, 0);
    }
}
