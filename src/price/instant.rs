//! Instants as people write them.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::problem::Problems;

/// Unix seconds of a date (`2020-03-12`, midnight UTC), a date and time (UTC) or an RFC 3339 time.
pub(super) fn unix_seconds(written: &str) -> Option<i64> {
    if let Ok(instant) = written.parse::<Timestamp>() {
        return Some(instant.as_second());
    }
    let civil: DateTime = written.parse().ok()?;
    civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp().as_second())
}

/// Unix seconds as RFC 3339 in UTC.
pub(super) fn rfc3339(unix_seconds: i64) -> String {
    match Timestamp::from_second(unix_seconds) {
        Ok(instant) => instant.to_string(),
        Err(_) => format!("Unix second {unix_seconds}"),
    }
}

/// Reports bounds that are no instants, or stand in the wrong order.
pub(super) fn check_bounds(from: Option<&str>, to: Option<&str>, problems: &mut Problems) {
    let expected =
        "a date such as 2020-03-12 (midnight UTC) or an RFC 3339 time such as 2020-03-12T06:00:00Z";
    for (field, written) in [("from", from), ("to", to)] {
        if let Some(written) = written
            && unix_seconds(written).is_none()
        {
            problems.push(field, expected, format!("`{written}`"));
        }
    }
    if let (Some(start), Some(end)) = (from.and_then(unix_seconds), to.and_then(unix_seconds))
        && end <= start
    {
        problems.push("to", format!("an instant after `from` ({})", rfc3339(start)), rfc3339(end));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_are_utc() {
        assert_eq!(unix_seconds("1970-01-02"), Some(86_400));
        assert_eq!(unix_seconds("2020-03-12T00:00:00Z"), Some(1_583_971_200));
        assert_eq!(unix_seconds("2020-03-12T01:00:00+01:00"), Some(1_583_971_200));
        assert_eq!(unix_seconds("2020-03-12T00:00"), Some(1_583_971_200));
        assert_eq!(unix_seconds("12.03.2020"), None);
        assert_eq!(rfc3339(1_583_971_200), "2020-03-12T00:00:00Z");
        assert_eq!(rfc3339(i64::MAX), "Unix second 9223372036854775807");
    }
}
