//! Axes: where the ticks stand and what is written at them.

use super::calendar::date_ticks;

/// Numbers beyond this are not drawn: they are faults of a run, and their sums would overflow.
pub const LARGEST: f64 = 1e60;

/// What the numbers of an axis are.
#[derive(Debug, Clone, PartialEq)]
pub enum Scale {
    /// Plain numbers, evenly spaced.
    Linear,
    /// Positive numbers, evenly spaced by their logarithm.
    Log,
    /// Seconds since 1970, written as dates and hours UTC.
    Date,
    /// Words at 0, 1, 2, ... from the top.
    Names(Vec<String>),
}

/// An axis of a panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// What its numbers are.
    pub scale: Scale,
    /// Name and unit; written under a horizontal axis (a vertical one is named by its panel's heading).
    pub label: String,
    /// Fixed ends; `None` fits the data.
    pub limits: Option<(f64, f64)>,
    /// Numbers the axis must reach, whatever the data.
    pub reach: Vec<f64>,
    /// Larger numbers to the left.
    pub reversed: bool,
}

impl Axis {
    /// An axis of plain numbers that fits its data.
    #[must_use]
    pub fn linear() -> Self {
        Self::of(Scale::Linear)
    }

    /// An axis that fits its data.
    #[must_use]
    pub fn of(scale: Scale) -> Self {
        Self { scale, label: String::new(), limits: None, reach: Vec::new(), reversed: false }
    }

    /// With a label.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// With fixed ends.
    #[must_use]
    pub fn limits(mut self, low: f64, high: f64) -> Self {
        self.limits = Some((low, high));
        self
    }

    /// Reaching these numbers at least.
    #[must_use]
    pub fn reach(mut self, numbers: &[f64]) -> Self {
        self.reach.extend_from_slice(numbers);
        self
    }
}

/// An axis with its ends and ticks decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Ruler {
    low: f64,
    high: f64,
    log: bool,
    reversed: bool,
    /// Places and words of the ticks, in the order of the axis.
    pub ticks: Vec<(f64, String)>,
}

impl Ruler {
    /// Decides ends and ticks for data from `span.0` to `span.1`, with at most about `most` ticks.
    /// `padded` leaves air beyond the data.
    #[must_use]
    pub fn new(axis: &Axis, span: Option<(f64, f64)>, most: usize, padded: bool) -> Self {
        let most = most.max(2);
        if let Scale::Names(names) = &axis.scale {
            let ticks = names.iter().enumerate().map(|(place, name)| (place as f64, name.clone())).collect();
            let high = names.len() as f64 - 0.5;
            return Self { low: high.max(0.5), high: -0.5, log: false, reversed: axis.reversed, ticks };
        }
        let log = axis.scale == Scale::Log;
        let usable = |x: &f64| x.is_finite() && x.abs() <= LARGEST && (!log || *x > 0.0);
        let reach = axis.reach.iter().copied().filter(usable);
        let ends = span.into_iter().flat_map(|(low, high)| [low, high]).filter(usable).chain(reach);
        let found = ends.fold(None, |ends: Option<(f64, f64)>, x| {
            Some(ends.map_or((x, x), |(low, high)| (low.min(x), high.max(x))))
        });
        let (mut low, mut high) = found.unwrap_or(if log { (1.0, 10.0) } else { (0.0, 1.0) });
        if let Some((from, to)) = axis.limits.filter(|(from, to)| usable(from) && usable(to) && from < to) {
            (low, high) = (from, to);
        } else if log {
            (low, high) = if low == high { (low / 2.0, high * 2.0) } else { (low / 1.08, high * 1.08) };
        } else if low == high {
            let half = match axis.scale {
                Scale::Date => 43_200.0,
                _ => (low.abs() * 0.02).max(1e-9).max(if low == 0.0 { 1.0 } else { 0.0 }),
            };
            (low, high) = (low - half, high + half);
        } else if padded {
            let air = (high - low) * 0.06;
            let touches = |end: f64| axis.reach.contains(&end);
            // Air never crosses zero: an axis below it would promise values that cannot be.
            let below = if low >= 0.0 { (low - air).max(0.0) } else { low - air };
            let above = if high <= 0.0 { (high + air).min(0.0) } else { high + air };
            (low, high) = (if touches(low) { low } else { below }, if touches(high) { high } else { above });
        }
        let ticks = match axis.scale {
            Scale::Log => log_ticks(low, high, most),
            Scale::Date => date_ticks(low, high, most),
            _ => linear_ticks(low, high, most),
        };
        Self { low, high, log, reversed: axis.reversed, ticks }
    }

    /// Where a number stands between the ends, 0 to 1; beyond them outside of that. `None` if it has no place.
    #[must_use]
    pub fn share(&self, number: f64) -> Option<f64> {
        if !number.is_finite() || number.abs() > LARGEST || (self.log && number <= 0.0) {
            return None;
        }
        let share = if self.log {
            let (low, high) = (libm::log(self.low), libm::log(self.high));
            (libm::log(number) - low) / (high - low)
        } else {
            (number - self.low) / (self.high - self.low)
        };
        let share = if self.reversed { 1.0 - share } else { share };
        share.is_finite().then_some(share.clamp(-1e6, 1e6))
    }
}

/// A step of 1, 2 or 5 times a power of ten that gives at most `most` ticks.
fn nice_step(range: f64, most: usize) -> f64 {
    let rough = range / most as f64;
    let power = libm::pow(10.0, libm::floor(libm::log10(rough)));
    let lead = rough / power;
    let nice = [1.0, 2.0, 5.0].into_iter().find(|&nice| lead <= nice * (1.0 + 1e-9)).unwrap_or(10.0);
    nice * power
}

pub(super) fn linear_ticks(low: f64, high: f64, most: usize) -> Vec<(f64, String)> {
    let mut ticks = Vec::new();
    // A single number tells no scale: then a finer step is taken.
    for most in most..most + 4 {
        let step = nice_step(high - low, most);
        if !step.is_normal() || (high.abs().max(low.abs()) / step) > 1e12 {
            return vec![(low, number(low, 6))];
        }
        let first = libm::ceil(low / step - 1e-9);
        let places = (0..=2 * most).map(|n| (first + n as f64) * step);
        let places: Vec<f64> = places.take_while(|x| *x <= high + step * 1e-9).collect();
        let words = numbers(&places, step);
        ticks = places.into_iter().zip(words).collect();
        if ticks.len() > 1 {
            break;
        }
    }
    ticks
}

fn log_ticks(low: f64, high: f64, most: usize) -> Vec<(f64, String)> {
    let (from, to) = (libm::floor(libm::log10(low)) as i32, libm::ceil(libm::log10(high)) as i32);
    if to - from <= 1 && high / low < 4.0 {
        return linear_ticks(low, high, most).into_iter().filter(|(x, _)| *x > 0.0).collect();
    }
    let decades = (to - from).unsigned_abs() as usize;
    let ticks = |leads: &[f64], every: usize| -> Vec<(f64, String)> {
        let powers = (from..=to).step_by(every);
        let places =
            powers.flat_map(|power| leads.iter().map(move |lead| lead * libm::pow(10.0, f64::from(power))));
        places
            .filter(|x| *x >= low * (1.0 - 1e-9) && *x <= high * (1.0 + 1e-9))
            .map(|x| (x, number(x, 3)))
            .collect()
    };
    if decades <= most {
        let ladder: [&[f64]; 2] = [&[1.0, 2.0, 5.0], &[1.0, 3.0]];
        if let Some(dense) = ladder.into_iter().map(|leads| ticks(leads, 1)).find(|ticks| ticks.len() <= most)
        {
            return dense;
        }
    }
    let sparse = ticks(&[1.0], decades.div_ceil(most).max(1));
    if sparse.len() > 1 { sparse } else { ticks(&[1.0, 3.0], 1) }
}

/// The words of ticks `step` apart: one suffix and one number of decimals for all.
fn numbers(places: &[f64], step: f64) -> Vec<String> {
    let largest = places.iter().fold(0.0_f64, |largest, x| largest.max(x.abs()));
    let (unit, suffix) = match largest {
        x if x >= 1e15 || (x > 0.0 && x < 1e-6) => return places.iter().map(|x| scientific(*x)).collect(),
        x if x >= 1e12 => (1e12, "T"),
        x if x >= 1e9 => (1e9, "B"),
        x if x >= 1e6 => (1e6, "M"),
        x if x >= 2e4 => (1e3, "k"),
        _ => (1.0, ""),
    };
    let decimals = (-libm::floor(libm::log10(step / unit) + 1e-9)).clamp(0.0, 9.0) as usize;
    places
        .iter()
        .map(|x| {
            let words = sign(&grouped(x / unit, decimals));
            match suffix {
                "" => words,
                _ if x.abs() < step * 1e-9 => "0".into(),
                suffix => words + suffix,
            }
        })
        .collect()
}

fn scientific(x: f64) -> String {
    if x == 0.0 { "0".into() } else { sign(&format!("{x:.1e}")) }
}

/// A number for running text: at most `digits` significant digits, thousands grouped, `k`, `M`, `B` when large.
#[must_use]
pub fn number(x: f64, digits: usize) -> String {
    if !x.is_finite() {
        return "undefined".into();
    }
    let size = x.abs();
    let (unit, suffix) = match size {
        s if s >= 1e15 || (s > 0.0 && s < 1e-6) => return scientific(x),
        s if s >= 1e12 => (1e12, "T"),
        s if s >= 1e9 => (1e9, "B"),
        s if s >= 1e6 => (1e6, "M"),
        s if s >= 1e4 => (1e3, "k"),
        _ => (1.0, ""),
    };
    let scaled = x / unit;
    let whole = if scaled.abs() < 1.0 { 0.0 } else { libm::floor(libm::log10(scaled.abs())) + 1.0 };
    let leading_zeros = if scaled == 0.0 || scaled.abs() >= 1.0 {
        0.0
    } else {
        -libm::floor(libm::log10(scaled.abs())) - 1.0
    };
    let decimals = (digits as f64 - whole + leading_zeros).clamp(0.0, 9.0) as usize;
    let mut words = grouped(scaled, decimals);
    if words.contains('.') {
        words.truncate(words.trim_end_matches('0').trim_end_matches('.').len());
    }
    sign(&words) + suffix
}

/// Decimals, with a thin space between thousands from five digits on.
fn grouped(x: f64, decimals: usize) -> String {
    let plain = format!("{x:.decimals$}");
    let plain = if plain.trim_start_matches('-').chars().all(|c| c == '0' || c == '.') {
        plain.trim_start_matches('-').to_owned()
    } else {
        plain
    };
    let (whole, rest) = plain.split_at(plain.find('.').unwrap_or(plain.len()));
    let digits = whole.trim_start_matches('-');
    if digits.len() < 5 {
        return plain;
    }
    let mut out = String::from(if whole.starts_with('-') { "-" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

fn sign(words: &str) -> String {
    words.replace('-', "\u{2212}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(axis: &Axis, low: f64, high: f64, most: usize) -> Vec<String> {
        Ruler::new(axis, Some((low, high)), most, false).ticks.into_iter().map(|tick| tick.1).collect()
    }

    #[test]
    fn ticks_are_round_and_written_alike() {
        assert_eq!(words(&Axis::linear(), 0.0, 1.0, 5), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(words(&Axis::linear(), -2.1, 2.1, 5), ["\u{2212}2", "\u{2212}1", "0", "1", "2"]);
        assert_eq!(words(&Axis::linear(), 0.0, 3e6, 4), ["0", "1M", "2M", "3M"]);
        assert_eq!(words(&Axis::linear(), 1.27, 1.55, 2), ["1.3", "1.4", "1.5"], "one number tells no scale");
        assert_eq!(words(&Axis::of(Scale::Log), 1.0, 120.0, 8), ["1", "2", "5", "10", "20", "50", "100"]);
    }

    #[test]
    fn numbers_in_text_are_short() {
        assert_eq!(number(1_234_567.0, 3), "1.23M");
        assert_eq!(number(-0.012_345, 3), "\u{2212}0.0123");
        assert_eq!(number(43_210.4, 3), "43.2k");
        assert_eq!(number(4_321.4, 3), "4321");
        assert_eq!(number(0.0, 3), "0");
        assert_eq!(number(f64::NAN, 3), "undefined");
    }

    proptest! {
        #[test]
        fn any_span_has_a_ruler_with_few_ticks_in_order(
            a in -1e70_f64..1e70, b in prop::num::f64::ANY, small in -10.0_f64..10.0, most in 0_usize..20,
        ) {
            for scale in [Scale::Linear, Scale::Log, Scale::Date] {
                for span in [(a, b), (small, a), (small, small), (small, small + 1e-12), (b, b)] {
                    let ruler = Ruler::new(&Axis::of(scale.clone()), Some(span), most, true);
                    prop_assert!(ruler.ticks.len() <= 4 * most.max(2) + 4);
                    prop_assert!(ruler.ticks.is_sorted_by(|x, y| x.0 < y.0));
                    if let Some(share) = ruler.share(small) { prop_assert!(share.is_finite()); }
                }
            }
        }
    }
}
