//! Candle files, replay and bootstrap: small files made here, and the real record where it stands beside the project.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use ballast::price::{CandleError, Candles, MarketPath, PriceError, PriceSpec};
use ballast::world::streams::Streams;
use ron::extensions::Extensions;
use tempfile::TempDir;

const HOUR: i64 = 3_600;
const START: i64 = 1_583_971_200; // 2020-03-12

fn spec(text: &str) -> PriceSpec {
    let ron = ron::Options::default()
        .with_default_extension(Extensions::UNWRAP_VARIANT_NEWTYPES | Extensions::IMPLICIT_SOME);
    ron.from_str(text).unwrap_or_else(|fault| panic!("{text}: {fault}"))
}

fn generate(text: &str, ticks: u32, tick_seconds: i64, dir: &Path) -> Result<MarketPath, PriceError> {
    spec(text).generate(ticks, tick_seconds, &Streams::new(1), dir)
}

/// A directory with one file.
fn dir_with(name: &str, content: impl AsRef<[u8]>) -> TempDir {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join(name), content).unwrap();
    dir
}

/// Hourly bars that open at these hours after `START`; hour h opens at 100 + h and closes at 100.5 + h.
fn own_form(hours: &[i64]) -> String {
    let mut text = String::from("timestamp,open,high,low,close,volume,venue\n");
    for hour in hours {
        let open = 100.0 + *hour as f64;
        let (high, low, close) = (open + 1.0, open - 1.0, open + 0.5);
        writeln!(text, "{},{open},{high},{low},{close},1.0,here", START + hour * HOUR).unwrap();
    }
    text
}

fn klines(hours: &[i64], per_second: i64) -> String {
    let mut text = String::new();
    for hour in hours {
        let (open, time) = (100.0 + *hour as f64, (START + hour * HOUR) * per_second);
        let (high, low, close) = (open + 1.0, open - 1.0, open + 0.5);
        let ends = time + HOUR * per_second - 1;
        writeln!(text, "{time},{open},{high},{low},{close},1.0,{ends},1.0,5,1.0,1.0,0").unwrap();
    }
    text
}

#[test]
fn a_replay_has_each_open_at_its_hour() {
    let dir = dir_with("eth.csv", own_form(&[0, 1, 2, 3]));
    let path = generate(r#"Replay(path: "eth.csv", symbol: "ETH")"#, 3, HOUR, dir.path()).unwrap();
    assert_eq!(path.assets, ["ETH"]);
    assert_eq!(path.prices_usd, [[100.0, 101.0, 102.0, 103.0]]);
    assert_eq!(path.start_unix_seconds, Some(START));
    assert!(path.notes.is_empty(), "{:?}", path.notes);
    // The close of the last bar is known an hour later.
    let path = generate(r#"Replay(path: "eth.csv", symbol: "ETH")"#, 4, HOUR, dir.path()).unwrap();
    assert_eq!(path.prices_usd[0][4], 103.5);
}

#[test]
fn closes_are_known_when_the_bar_has_ended() {
    let dir = dir_with("eth.csv", own_form(&[0, 1, 2, 3]));
    let path =
        generate(r#"Replay(path: "eth.csv", symbol: "ETH", price: Close)"#, 3, HOUR, dir.path()).unwrap();
    assert_eq!(path.start_unix_seconds, Some(START + HOUR));
    assert_eq!(path.prices_usd, [[100.5, 101.5, 102.5, 103.5]]);
}

#[test]
fn klines_are_read_in_milliseconds_and_microseconds() {
    let hours: Vec<i64> = (0..5).collect();
    let own = Candles::parse(own_form(&hours).as_bytes(), Path::new("own")).unwrap();
    for per_second in [1_000, 1_000_000] {
        let bars = Candles::parse(klines(&hours, per_second).as_bytes(), Path::new("klines")).unwrap();
        assert_eq!(bars.bars, own.bars);
        assert_eq!(bars.interval_seconds, HOUR);
    }
    // A dump that changes its unit on the way.
    let mixed = klines(&hours[..3], 1_000) + &klines(&hours[3..], 1_000_000);
    assert_eq!(Candles::parse(mixed.as_bytes(), Path::new("mixed")).unwrap().bars, own.bars);
}

#[test]
fn byte_order_marks_line_ends_and_column_order_do_not_matter() {
    let text = "\u{feff}close,Timestamp,low,open,high\r\n100.5,1583971200,99,100,101\r\n\r\n101.5,1583974800,100,101,102\r\n";
    let candles = Candles::parse(text.as_bytes(), Path::new("own")).unwrap();
    assert_eq!((candles.bars[0].open, candles.bars[0].close, candles.bars[1].high), (100.0, 100.5, 102.0));
    let prices = "timestamp,price\n1583971200,1.0\n1583974800,0.88\n";
    let candles = Candles::parse(prices.as_bytes(), Path::new("prices")).unwrap();
    assert_eq!((candles.bars[1].open, candles.bars[1].low), (0.88, 0.88));
}

#[test]
fn missing_bars_are_filled_forward_and_counted() {
    let dir = dir_with("eth.csv", own_form(&[0, 1, 4, 5, 7, 8]));
    let path = generate(r#"Replay(path: "eth.csv", symbol: "ETH")"#, 8, HOUR, dir.path()).unwrap();
    // Hours 2 and 3 have the close of hour 1, hour 6 that of hour 5.
    assert_eq!(path.prices_usd[0], [100.0, 101.0, 101.5, 101.5, 104.0, 105.0, 105.5, 107.0, 108.0]);
    assert_eq!(path.notes, ["ETH: filled 3 missing bars forward (longest gap 2, from 2020-03-12T02:00:00Z)"]);
    // Only those inside the run count.
    let text = r#"Replay(path: "eth.csv", symbol: "ETH", from: "2020-03-12T03:00:00Z")"#;
    let path = generate(text, 2, HOUR, dir.path()).unwrap();
    assert_eq!(path.notes, ["ETH: filled 1 missing bar forward (longest gap 1, from 2020-03-12T03:00:00Z)"]);
    assert_eq!(path.prices_usd[0], [101.5, 104.0, 105.0]);
}

#[test]
fn coarse_candles_are_held_or_interpolated_and_fine_ones_taken_at_the_tick() {
    let dir = dir_with("eth.csv", own_form(&[0, 1, 2, 3, 4]));
    let text = |between: &str| format!(r#"Replay(path: "eth.csv", symbol: "ETH", between: {between})"#);
    let held = generate(&text("Hold"), 5, 1_800, dir.path()).unwrap();
    assert_eq!(held.prices_usd[0], [100.0, 100.0, 101.0, 101.0, 102.0, 102.0]);
    let drawn = generate(&text("Interpolate"), 5, 1_800, dir.path()).unwrap();
    assert_eq!(drawn.prices_usd[0][2], 101.0);
    assert!((drawn.prices_usd[0][1] - (100.0_f64 * 101.0).sqrt()).abs() < 1e-12);
    let coarse = generate(&text("Hold"), 2, 2 * HOUR, dir.path()).unwrap();
    assert_eq!(coarse.prices_usd[0], [100.0, 102.0, 104.0]);
}

#[test]
fn several_assets_start_where_all_are_known() {
    let dir = dir_with("eth.csv", own_form(&[0, 1, 2, 3, 4]));
    fs::write(dir.path().join("btc.csv"), klines(&[2, 3, 4, 5], 1_000)).unwrap();
    let text = r#"Replay(path: "eth.csv", symbol: "ETH", others: [(path: "btc.csv", symbol: "BTC")])"#;
    let path = generate(text, 2, HOUR, dir.path()).unwrap();
    assert_eq!(path.assets, ["ETH", "BTC"]);
    assert_eq!(path.prices_usd, [[102.0, 103.0, 104.0], [102.0, 103.0, 104.0]]);
    assert_eq!(path.start_unix_seconds, Some(START + 2 * HOUR));
    assert_eq!(spec(text).data_files(), [PathBuf::from("eth.csv"), PathBuf::from("btc.csv")]);
    assert_eq!(spec(text).symbols(), ["ETH", "BTC"]);
}

#[test]
fn a_run_outside_the_file_says_what_the_file_covers() {
    let dir = dir_with("eth.csv", own_form(&[0, 1, 2, 3]));
    let fault = generate(r#"Replay(path: "eth.csv", symbol: "ETH")"#, 5, HOUR, dir.path()).unwrap_err();
    let text = fault.to_string();
    assert!(matches!(fault, PriceError::NotCovered { .. }), "{text}");
    for part in ["eth.csv", "2020-03-12T05:00:00Z", "covers 2020-03-12T00:00:00Z to 2020-03-12T04:00:00Z"] {
        assert!(text.contains(part), "{text}");
    }
    let before = r#"Replay(path: "eth.csv", symbol: "ETH", from: "2020-03-11")"#;
    assert!(matches!(generate(before, 1, HOUR, dir.path()), Err(PriceError::NotCovered { .. })));
    let bounded =
        spec(r#"Replay(path: "eth.csv", symbol: "ETH", from: "2020-03-12", to: "2020-03-12T02:00:00Z")"#);
    assert_eq!(bounded.length_ticks(HOUR), Some(2));
    assert!(bounded.generate(2, HOUR, &Streams::new(1), dir.path()).is_ok());
    let fault = bounded.generate(3, HOUR, &Streams::new(1), dir.path()).unwrap_err();
    assert!(fault.to_string().contains("shorten the horizon to 2 ticks"), "{fault}");
    let missing = generate(r#"Replay(path: "no.csv", symbol: "ETH")"#, 1, HOUR, dir.path()).unwrap_err();
    assert!(missing.to_string().contains("no.csv: cannot be read"), "{missing}");
}

#[test]
fn bad_rows_are_all_told_with_line_and_column() {
    let text = "timestamp,open,high,low,close,volume\n\
        1583971200,100,101,99,100.5,1\n\
        1583974800,abc,102,100,101.5,1\n\
        1583978400,101,102,103,101.5,1\n\
        1583982000,101,102,-1,101.5,1\n\
        1583971200,100,101,99,100.5,1\n\
        1583964000,100,101,99,100.5,1\n\
        1583985600,100,101\n\
        soon,100,101,99,100.5,1\n\
        1583989200,100,101,99,NaN,1\n\
        1583992800,105,101,99,100,1\n\
        1583996400,100,101,99,100.5,1\n";
    let fault = Candles::parse(text.as_bytes(), Path::new("eth.csv")).unwrap_err();
    let shown = fault.to_string();
    let CandleError::BadRows { rows, total, .. } = fault else { panic!("{shown}") };
    let places: Vec<(u64, usize, &str)> =
        rows.iter().map(|row| (row.line, row.column, row.name.as_str())).collect();
    assert_eq!(
        places,
        [
            (3, 2, "open"),
            (4, 4, "low"),
            (5, 4, "low"),
            (6, 1, "timestamp"),
            (7, 1, "timestamp"),
            (8, 3, "row"),
            (9, 1, "timestamp"),
            (10, 5, "close"),
            (11, 2, "open"),
        ]
    );
    assert_eq!(total, 9);
    for part in [
        "eth.csv: 9 bad rows",
        "found `abc`",
        "the same time again",
        "at most the high, 102",
        "at least 5 columns",
    ] {
        assert!(shown.contains(part), "{shown}");
    }
}

#[test]
fn of_many_bad_rows_twenty_are_listed_and_all_counted() {
    let mut text = own_form(&[0, 1]);
    for _ in 0..50 {
        text.push_str("x,1,1,1,1,1,1\n");
    }
    let fault = Candles::parse(text.as_bytes(), Path::new("eth.csv")).unwrap_err();
    assert!(fault.to_string().ends_with("and 30 more"), "{fault}");
    assert!(matches!(fault, CandleError::BadRows { rows, total: 50, .. } if rows.len() == 20));
}

#[test]
fn files_of_another_form_are_refused() {
    let parse = |text: &str| Candles::parse(text.as_bytes(), Path::new("f")).unwrap_err();
    for text in ["", "a,b,c\n1,2,3\n", "timestamp,open,high\n", "1583971200,1,1,1,1\n", "{\"json\": true}"] {
        assert!(matches!(parse(text), CandleError::UnknownForm { .. }), "{text}");
    }
    assert!(matches!(parse("timestamp,open,high,low,close\n"), CandleError::TooFew { found: 0, .. }));
    assert!(matches!(parse(&klines(&[0], 1_000)), CandleError::TooFew { found: 1, .. }));
}

/// Log returns that repeat.
const SAW: [f64; 4] = [0.01, -0.02, 0.0101, 0.0];

/// Bars with the returns of the saw.
fn saw(bars: usize) -> (String, Vec<f64>) {
    let returns: Vec<f64> = (0..bars - 1).map(|bar| SAW[bar % 4]).collect();
    let mut text = String::from("timestamp,price\n");
    let mut log_price = 0.0_f64;
    for bar in 0..bars {
        writeln!(text, "{},{}", START + bar as i64 * HOUR, log_price.exp()).unwrap();
        log_price += returns.get(bar).copied().unwrap_or(0.0);
    }
    (text, returns)
}

#[test]
fn a_bootstrap_strings_real_returns_together_in_blocks() {
    let (text, returns) = saw(401);
    let dir = dir_with("eth.csv", text);
    let to = r#"to: "2020-03-28T16:00:00Z""#; // 400 hours
    let text = |hours: f64| {
        format!(
            r#"Bootstrap(assets: [(symbol: "ETH", path: "eth.csv", initial_usd: 50.0)], mean_block_hours: {hours}, {to})"#
        )
    };
    let ticks = 40_000;
    let path = generate(&text(8.0), ticks, HOUR, dir.path()).unwrap();
    assert_eq!(path.prices_usd[0][0], 50.0);
    assert_eq!(path.start_unix_seconds, None);
    let drawn: Vec<f64> = path.prices_usd[0].windows(2).map(|pair| (pair[1] / pair[0]).ln()).collect();
    let kind = |r: f64| SAW.iter().position(|known| (r - known).abs() < 1e-9).unwrap();
    let kinds: Vec<usize> = drawn.iter().map(|r| kind(*r)).collect();
    // A block goes on with probability 7/8, and one jump in four lands where it would have gone anyway.
    let going_on =
        kinds.windows(2).filter(|pair| pair[1] == (pair[0] + 1) % 4).count() as f64 / f64::from(ticks);
    assert!(
        (going_on - (7.0 / 8.0 + 1.0 / 32.0)).abs() < 4.0 * (0.1 / f64::from(ticks)).sqrt(),
        "{going_on}"
    );
    let mean = drawn.iter().sum::<f64>() / f64::from(ticks);
    let expected = returns.iter().sum::<f64>() / returns.len() as f64;
    assert!((mean - expected).abs() < 4.0 * 0.0123 / f64::from(ticks).sqrt(), "{mean} {expected}");
    // One long block is the history itself, from somewhere on and round its end.
    let path = generate(&text(1e7), 800, HOUR, dir.path()).unwrap();
    let drawn: Vec<usize> =
        path.prices_usd[0].windows(2).map(|pair| kind((pair[1] / pair[0]).ln())).collect();
    assert!(drawn.windows(2).all(|pair| pair[1] == (pair[0] + 1) % 4));
}

#[test]
fn bootstrapped_assets_keep_what_ties_them() {
    let (text, _) = saw(101);
    let dir = dir_with("eth.csv", &text);
    fs::write(dir.path().join("btc.csv"), &text).unwrap();
    let text = r#"Bootstrap(assets: [(symbol: "ETH", path: "eth.csv"), (symbol: "BTC", path: "btc.csv", initial_usd: 2.0, log_drift: 0.0)],
        mean_block_hours: 5.0)"#;
    let path = generate(text, 500, HOUR, dir.path()).unwrap();
    // The second differs by its mean alone: 25 turns of the saw over 101 returns, the last close's included.
    let mean = 25.0 * 0.0001 / 101.0;
    for tick in 1..=500 {
        let step = |asset: usize| (path.prices_usd[asset][tick] / path.prices_usd[asset][tick - 1]).ln();
        assert!((step(0) - mean - step(1)).abs() < 1e-9, "tick {tick}");
    }
}

#[test]
fn a_bootstrap_needs_candles_as_fine_as_its_ticks() {
    let dir = dir_with("eth.csv", own_form(&[0, 1, 2, 3]));
    let text = r#"Bootstrap(assets: [(symbol: "ETH", path: "eth.csv")])"#;
    assert!(matches!(generate(text, 5, 1_800, dir.path()), Err(PriceError::TooCoarse { .. })));
    assert!(matches!(generate(text, 5, 3 * HOUR, dir.path()), Err(PriceError::TooShort { found: 1, .. })));
    assert!(generate(text, 5, HOUR, dir.path()).is_ok());
}

/// The real record, in `shared/data` beside the project; `None`, said aloud, where it is absent.
fn real_data() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = ["../shared/data", "../../shared/data"].map(|place| root.join(place));
    let found = found.into_iter().find(|place| place.join("eth_usd_1h.csv").is_file());
    if found.is_none() {
        eprintln!("skipped: no shared/data beside {}", root.display());
    }
    found
}

#[test]
fn real_black_thursday() {
    let Some(data) = real_data() else { return };
    let candles = Candles::read(&data.join("eth_usd_1h.csv")).unwrap();
    let bar = |open_seconds: i64| *candles.bars.iter().find(|bar| bar.open_seconds == open_seconds).unwrap();
    assert_eq!(bar(START).open, 194.61);
    assert_eq!(bar(START + 26 * HOUR).low, 86.0);
    let text = r#"Replay(path: "eth_usd_1h.csv", symbol: "ETH", from: "2020-02-01", to: "2020-05-01",
        others: [(path: "btc_usd_1h.csv", symbol: "BTC")])"#;
    let ticks = spec(text).length_ticks(HOUR).unwrap();
    assert_eq!(ticks, 90 * 24);
    let path = generate(text, ticks, HOUR, &data).unwrap();
    assert_eq!(path.prices_usd[0][40 * 24], 194.61);
    let low = path.prices_usd[0].iter().copied().fold(f64::INFINITY, f64::min);
    assert!((86.0..110.0).contains(&low), "{low}");
    // 2020-02-09 one bar, 02-19 five, 03-04 one, 04-25 two.
    assert_eq!(
        path.notes,
        [
            "ETH: filled 9 missing bars forward (longest gap 5, from 2020-02-19T12:00:00Z)",
            "BTC: filled 9 missing bars forward (longest gap 5, from 2020-02-19T12:00:00Z)",
        ]
    );
}

#[test]
fn real_files_have_the_gaps_that_are_known() {
    let Some(data) = real_data() else { return };
    for (file, interval, bars, missing) in [
        ("eth_usd_1h.csv", HOUR, 72_583, 128),
        ("btc_usd_1h.csv", HOUR, 59_618, 127),
        ("eth_usd_1d.csv", 86_400, 3_028, 0),
        ("btc_usd_1d.csv", 86_400, 3_445, 34),
        ("binance_klines/ETHUSDT-4h-2024-01.csv", 4 * HOUR, 192, 0),
        ("binance_klines/ETHUSDT-5m-2023-03-20_28.csv", 300, 2_576, 16),
        ("binance_klines/BTCUSDT-1h-2020-03.csv", HOUR, 743, 1),
        ("binance_klines/BTCUSDT-1h-2022-05.csv", HOUR, 744, 0),
    ] {
        let candles = Candles::read(&data.join(file)).unwrap_or_else(|fault| panic!("{fault}"));
        let found = candles.missing(candles.opens(), candles.ends()).bars;
        assert_eq!(
            (candles.interval_seconds, candles.bars.len(), found),
            (interval, bars, missing),
            "{file}"
        );
    }
    for file in ["usdc_usd_chainlink.csv", "dai_usdc_30m.csv"] {
        Candles::read(&data.join(file)).unwrap_or_else(|fault| panic!("{fault}"));
    }
}

#[test]
fn real_klines_equal_the_hourly_record() {
    let Some(data) = real_data() else { return };
    let replay = |path: &str| {
        let text = format!(r#"Replay(path: "{path}", symbol: "ETH", from: "2024-01-01")"#);
        generate(&text, 180, 4 * HOUR, &data).unwrap().prices_usd
    };
    assert_eq!(replay("eth_usd_1h.csv"), replay("binance_klines/ETHUSDT-4h-2024-01.csv"));
}

#[test]
fn a_real_bootstrap_has_the_volatility_and_correlation_of_the_record() {
    let Some(data) = real_data() else { return };
    let text = r#"Bootstrap(from: "2018-01-01", to: "2024-06-01", assets: [(symbol: "ETH", path: "eth_usd_1h.csv"),
        (symbol: "BTC", path: "btc_usd_1h.csv")])"#;
    let path = generate(text, 60_000, HOUR, &data).unwrap();
    let returns: Vec<Vec<f64>> = path
        .prices_usd
        .iter()
        .map(|prices| prices.windows(2).map(|pair| (pair[1] / pair[0]).ln()).collect())
        .collect();
    let product = |a: usize, b: usize| returns[a].iter().zip(&returns[b]).map(|(x, y)| x * y).sum::<f64>();
    let volatility = (product(0, 0) / 60_000.0 * 8_760.0).sqrt();
    let correlation = product(0, 1) / (product(0, 0) * product(1, 1)).sqrt();
    assert!((0.75..1.05).contains(&volatility), "{volatility}");
    assert!((0.75..0.9).contains(&correlation), "{correlation}");
    let sizes: Vec<f64> = returns[0].iter().map(|r| r.abs()).collect();
    let mean = sizes.iter().sum::<f64>() / sizes.len() as f64;
    let lagged = |lag: usize| {
        sizes[lag..].iter().zip(&sizes).map(|(x, y)| (x - mean) * (y - mean)).sum::<f64>()
            / sizes.len() as f64
    };
    let clustering = lagged(24) / lagged(0);
    assert!((0.1..0.3).contains(&clustering), "{clustering}");
}
