//! Dates: seconds since 1970 as people write them, and where the ticks of a calendar stand. All times are UTC.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::axis::{linear_ticks, number};

const HOUR: f64 = 3_600.0;
const DAY: f64 = 86_400.0;
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The civil time of seconds since 1970, if it lies in the calendar.
fn civil(seconds: f64) -> Option<DateTime> {
    if seconds.abs() > 2e11 {
        return None;
    }
    Timestamp::from_second(seconds as i64).ok().map(|timestamp| Offset::UTC.to_datetime(timestamp))
}

/// Seconds since 1970 of an RFC 3339 time.
#[must_use]
pub fn seconds(time: &str) -> Option<f64> {
    time.parse::<Timestamp>().ok().map(|timestamp| timestamp.as_second() as f64)
}

/// A day in words, such as `12 Mar 2020`.
#[must_use]
pub fn day(seconds: f64) -> String {
    civil(seconds)
        .map_or_else(|| number(seconds, 6), |time| format!("{} {} {}", time.day(), month(time), time.year()))
}

/// The year or years from one time to another, such as `2024\u{2013}2025`.
#[must_use]
pub fn years(from: f64, to: f64) -> String {
    match (civil(from), civil(to)) {
        (Some(from), Some(to)) if from.year() == to.year() => from.year().to_string(),
        (Some(from), Some(to)) => format!("{}\u{2013}{}", from.year(), to.year()),
        _ => String::new(),
    }
}

fn month(time: DateTime) -> &'static str {
    MONTHS[usize::from(time.month().unsigned_abs()).clamp(1, 12) - 1]
}

pub(super) fn date_ticks(low: f64, high: f64, most: usize) -> Vec<(f64, String)> {
    let steps = [HOUR, 3.0 * HOUR, 6.0 * HOUR, 12.0 * HOUR, DAY, 2.0 * DAY, 7.0 * DAY, 14.0 * DAY];
    let range = high - low;
    if let Some(step) = steps.into_iter().find(|step| range / step <= most as f64) {
        // Whole weeks count from a Monday, 5 January 1970.
        let origin = if step >= 7.0 * DAY { 4.0 * DAY } else { 0.0 };
        let first = libm::ceil((low - origin) / step);
        let places = (0..=most).map(|n| origin + (first + n as f64) * step).take_while(|x| *x <= high);
        return places.filter_map(|x| civil(x).map(|time| (x, hour_or_day(time, step)))).collect();
    }
    let (Some(from), Some(to)) = (civil(low), civil(high)) else {
        return linear_ticks(low / DAY, high / DAY, most)
            .into_iter()
            .map(|(x, words)| (x * DAY, words))
            .collect();
    };
    let months = (f64::from(to.year()) - f64::from(from.year())) * 12.0 + 12.0;
    let ladder = [1_i64, 2, 3, 6, 12, 24, 60, 120, 600, 1200];
    let every = ladder.into_iter().find(|every| months / *every as f64 <= most as f64 + 2.0).unwrap_or(6000);
    let mut count = i64::from(from.year()) * 12;
    let mut ticks = Vec::new();
    while ticks.len() < 4 * most {
        let (year, place) = (count.div_euclid(12), count.rem_euclid(12));
        let start = i16::try_from(year)
            .ok()
            .and_then(|year| DateTime::new(year, place as i8 + 1, 1, 0, 0, 0, 0).ok());
        let Some(x) =
            start.and_then(|start| Offset::UTC.to_timestamp(start).ok()).map(|t| t.as_second() as f64)
        else {
            break;
        };
        if x > high {
            break;
        }
        if x >= low {
            let name = MONTHS[place as usize % 12];
            let words = if every >= 12 { year.to_string() } else { format!("{name} {year}") };
            ticks.push((x, words));
        }
        count += every;
    }
    ticks
}

fn hour_or_day(time: DateTime, step: f64) -> String {
    if step < DAY && time.hour() != 0 {
        format!("{:02}:00", time.hour())
    } else {
        format!("{} {}", time.day(), month(time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(low: f64, high: f64, most: usize) -> Vec<String> {
        date_ticks(low, high, most).into_iter().map(|tick| tick.1).collect()
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        let at = |time: &str| seconds(time).unwrap();
        let (from, to) = (at("2020-03-12T00:00:00Z"), at("2020-03-13T12:00:00Z"));
        assert_eq!(words(from, to, 6), ["12 Mar", "06:00", "12:00", "18:00", "13 Mar", "06:00", "12:00"]);
        let (from, to) = (at("2024-11-20T00:00:00Z"), at("2025-02-18T00:00:00Z"));
        assert_eq!(words(from, to, 10)[..2], ["25 Nov", "9 Dec"]);
        let (from, to) = (at("2018-06-01T00:00:00Z"), at("2025-02-18T00:00:00Z"));
        assert_eq!(words(from, to, 10), ["2019", "2020", "2021", "2022", "2023", "2024", "2025"]);
        assert_eq!(day(from), "1 Jun 2018");
        assert_eq!(years(from, to), "2018\u{2013}2025");
    }
}
