//! Long lines made short: what falls on one pixel is drawn once, its least and greatest value kept.

use super::figure::Point;
use super::scene::Pixel;

/// The points of a line that matter at a resolution of `grain` in `x` (places in pixels): in every bucket the first,
/// the least, the greatest and the last defined value, in order. A bucket without a defined value is a gap.
#[must_use]
pub(super) fn line(points: &[Point], grain: f64) -> Vec<Vec<(f64, f64)>> {
    let mut parts: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut open = false;
    for bucket in buckets(points, grain) {
        let defined: Vec<(f64, f64)> = bucket.iter().filter_map(|&(x, y)| Some((x, y?))).collect();
        let Some((&first, &last)) = defined.first().zip(defined.last()) else {
            open = false;
            continue;
        };
        if !open {
            parts.push(Vec::new());
            open = true;
        }
        let place = |better: fn(f64, f64) -> bool| {
            (1..defined.len()).fold(0, |best, n| if better(defined[n].1, defined[best].1) { n } else { best })
        };
        let (least, greatest) = (place(|a, b| a < b), place(|a, b| a > b));
        let Some(part) = parts.last_mut() else { continue };
        part.push(first);
        for inner in [least.min(greatest), least.max(greatest)] {
            part.push(defined[inner]);
        }
        part.push(last);
        part.dedup();
    }
    parts
}

/// The points of a band at a resolution of `grain`: in every bucket the envelope.
#[must_use]
pub(super) fn band(points: &[(f64, Option<(f64, f64)>)], grain: f64) -> Vec<Vec<(f64, f64, f64)>> {
    let mut parts: Vec<Vec<(f64, f64, f64)>> = Vec::new();
    let mut open = false;
    for bucket in buckets(points, grain) {
        let defined = bucket.iter().filter_map(|&(x, ends)| ends.map(|(low, high)| (x, low, high)));
        let Some(joined) = defined.reduce(|a, b| (a.0, a.1.min(b.1), a.2.max(b.2))) else {
            open = false;
            continue;
        };
        if !open {
            parts.push(Vec::new());
            open = true;
        }
        if let Some(part) = parts.last_mut() {
            part.push(joined);
        }
    }
    parts
}

/// Runs of neighbours that share a bucket.
fn buckets<T>(points: &[(f64, T)], grain: f64) -> impl Iterator<Item = &[(f64, T)]> {
    let bucket = move |point: &(f64, T)| libm::floor(point.0 / grain) as i64;
    points.chunk_by(move |a, b| bucket(a) == bucket(b))
}

/// A line that holds each value until the next place.
pub(super) fn steps(places: &[Pixel]) -> Vec<Pixel> {
    let mut stepped = Vec::with_capacity(2 * places.len());
    for (n, place) in places.iter().enumerate() {
        if n > 0 {
            stepped.push((place.0, places[n - 1].1));
        }
        stepped.push(*place);
    }
    stepped
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_spike_survives_and_a_gap_stays() {
        let mut points: Vec<Point> = (0..10_000).map(|n| (f64::from(n) * 0.01, Some(0.0))).collect();
        points[5_555].1 = Some(9.0);
        for point in &mut points[7_000..8_000] {
            point.1 = None;
        }
        let parts = line(&points, 1.0);
        assert_eq!(parts.len(), 2);
        assert!(parts[0].iter().any(|place| place.1 == 9.0));
        assert!(parts.iter().map(Vec::len).sum::<usize>() < 400);
    }

    proptest! {
        #[test]
        fn extremes_survive(values in prop::collection::vec(prop::option::of(-1e6_f64..1e6), 0..400)) {
            let points: Vec<Point> = values.iter().enumerate().map(|(n, y)| (n as f64 * 0.1, *y)).collect();
            let kept: Vec<f64> = line(&points, 1.0).into_iter().flatten().map(|place| place.1).collect();
            let greatest = |values: &[f64]| values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let least = |values: &[f64]| values.iter().copied().fold(f64::INFINITY, f64::min);
            let all: Vec<f64> = values.into_iter().flatten().collect();
            prop_assert_eq!(greatest(&kept), greatest(&all));
            prop_assert_eq!(least(&kept), least(&all));
        }
    }

    #[test]
    fn a_step_holds_its_value() {
        assert_eq!(steps(&[(0.0, 1.0), (5.0, 2.0)]), [(0.0, 1.0), (5.0, 1.0), (5.0, 2.0)]);
    }
}
