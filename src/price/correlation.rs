//! How assets move together.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde::{Serialize, Serializer};

use super::problem::Problems;

/// Correlation of the normal draws of several assets: one number for all pairs, or a matrix in the order of `assets`.
///
/// Written `0.8` or `[[1.0, 0.8], [0.8, 1.0]]`.
#[derive(Debug, Clone, PartialEq)]
pub enum Correlation {
    /// Every pair has this correlation.
    Equal(f64),
    /// The full matrix: symmetric, ones on the diagonal, positive semidefinite.
    Matrix(Vec<Vec<f64>>),
}

impl Correlation {
    /// Reports a correlation that `assets` assets cannot have.
    pub(super) fn problems(&self, field: &str, assets: usize, problems: &mut Problems) {
        match self {
            Self::Equal(correlation) => {
                let lowest = if assets > 2 { -1.0 / (assets as f64 - 1.0) } else { -1.0 };
                problems.number(field, *correlation, lowest..=1.0);
            }
            Self::Matrix(rows) => {
                if let Some((expected, found)) = matrix_fault(rows, assets) {
                    problems.push(field, expected, found);
                }
            }
        }
    }

    /// The weights that turn independent draws into correlated ones.
    pub(super) fn mixing(&self, assets: usize) -> Mixing {
        match self {
            // The square roots make the squares add up to one.
            Self::Equal(correlation) if *correlation >= 0.0 => {
                Mixing::Shared { shared: correlation.sqrt(), own: (1.0 - correlation).max(0.0).sqrt() }
            }
            Self::Equal(correlation) => {
                let row = |i| (0..assets).map(|j| if i == j { 1.0 } else { *correlation }).collect();
                let rows: Vec<Vec<f64>> = (0..assets).map(row).collect();
                Mixing::Triangular(cholesky(&rows).0)
            }
            Self::Matrix(rows) => Mixing::Triangular(cholesky(rows).0),
        }
    }
}

/// How independent standard normal draws become correlated ones.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Mixing {
    /// One draw shared by all assets and one of each asset's own: no asset's path depends on which others there are.
    Shared { shared: f64, own: f64 },
    /// Cholesky factor: an asset's path depends on those before it.
    Triangular(Vec<Vec<f64>>),
}

impl Mixing {
    /// Mixes the assets' own draws, in place. `shared` is the draw that all of them share.
    pub(super) fn apply(&self, shared_draw: f64, draws: &mut [f64]) {
        match self {
            Self::Shared { shared, own } => {
                for draw in draws {
                    *draw = shared * shared_draw + own * *draw;
                }
            }
            Self::Triangular(rows) => {
                // From the last row up, so that no draw is overwritten before it is used.
                for (place, row) in rows.iter().enumerate().rev() {
                    let mixed = row.iter().zip(draws.iter()).map(|(weight, draw)| weight * draw).sum();
                    if let Some(draw) = draws.get_mut(place) {
                        *draw = mixed;
                    }
                }
            }
        }
    }
}

/// The lower Cholesky factor, row i holding i + 1 numbers, and whether the matrix was positive semidefinite.
fn cholesky(rows: &[Vec<f64>]) -> (Vec<Vec<f64>>, bool) {
    const TOLERANCE: f64 = 1e-10;
    let mut factor: Vec<Vec<f64>> = Vec::with_capacity(rows.len());
    let mut semidefinite = true;
    for (i, row) in rows.iter().enumerate() {
        let mut line: Vec<f64> = Vec::with_capacity(i + 1);
        for j in 0..=i {
            let above: &[f64] = if j == i { &line } else { &factor[j] };
            let known: f64 = line.iter().zip(above).take(j).map(|(left, right)| left * right).sum();
            let rest = row[j] - known;
            if j == i {
                semidefinite &= rest >= -TOLERANCE;
                line.push(rest.max(0.0).sqrt());
            } else if factor[j][j] > TOLERANCE.sqrt() {
                line.push(rest / factor[j][j]);
            } else {
                // A draw that the ones before it determine: nothing may be left to explain.
                semidefinite &= rest.abs() <= TOLERANCE.sqrt();
                line.push(0.0);
            }
        }
        factor.push(line);
    }
    (factor, semidefinite)
}

/// What a correlation matrix should have been and what it is, where it is none.
fn matrix_fault(rows: &[Vec<f64>], assets: usize) -> Option<(String, String)> {
    let square = format!("{assets} rows of {assets} numbers, one for each asset");
    if rows.len() != assets {
        return Some((square, format!("{} rows", rows.len())));
    }
    for (i, row) in rows.iter().enumerate() {
        if row.len() != assets {
            return Some((square, format!("{} numbers in row {i}", row.len())));
        }
        for (j, &cell) in row.iter().enumerate() {
            let found = || format!("{cell} in row {i}, column {j}");
            if !(-1.0..=1.0).contains(&cell) {
                return Some(("correlations from -1 to 1".into(), found()));
            }
            if i == j && (cell - 1.0).abs() > 1e-12 {
                return Some(("ones on the diagonal".into(), found()));
            }
            if j < i && (cell - rows[j][i]).abs() > 1e-12 {
                return Some((format!("{} as in row {j}, column {i} (symmetry)", rows[j][i]), found()));
            }
        }
    }
    let expected = "correlations that can hold together (a positive semidefinite matrix)";
    if cholesky(rows).1 {
        None
    } else {
        Some((expected.into(), "a matrix with a negative eigenvalue".into()))
    }
}

impl Serialize for Correlation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Equal(correlation) => serializer.serialize_f64(*correlation),
            Self::Matrix(rows) => rows.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Correlation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Written)
    }
}

struct Written;

impl<'de> Visitor<'de> for Written {
    type Value = Correlation;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a correlation such as 0.8, or a matrix such as [[1.0, 0.8], [0.8, 1.0]]")
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Correlation, E> {
        Ok(Correlation::Equal(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Correlation, E> {
        Ok(Correlation::Equal(value as f64))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Correlation, E> {
        Ok(Correlation::Equal(value as f64))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Correlation, A::Error> {
        let mut matrix = Vec::new();
        while let Some(row) = rows.next_element()? {
            matrix.push(row);
        }
        Ok(Correlation::Matrix(matrix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_factor_times_itself_is_the_matrix() {
        let rows = vec![vec![1.0, 0.8, -0.2], vec![0.8, 1.0, 0.1], vec![-0.2, 0.1, 1.0]];
        let (factor, semidefinite) = cholesky(&rows);
        assert!(semidefinite);
        for i in 0..3 {
            for j in 0..=i {
                let product: f64 = (0..=j).map(|k| factor[i][k] * factor[j][k]).sum();
                assert!((product - rows[i][j]).abs() < 1e-15, "{i} {j}: {product}");
            }
        }
    }

    #[test]
    fn a_matrix_that_cannot_be_is_told() {
        let fault = |rows: &[&[f64]]| {
            let rows: Vec<Vec<f64>> = rows.iter().map(|row| row.to_vec()).collect();
            matrix_fault(&rows, 3).map(|(expected, _)| expected)
        };
        assert_eq!(fault(&[&[1.0, 1.0, 1.0], &[1.0, 1.0, 1.0], &[1.0, 1.0, 1.0]]), None);
        let impossible = fault(&[&[1.0, 0.9, 0.5], &[0.9, 1.0, 0.9], &[0.5, 0.9, 1.0]]);
        assert!(impossible.is_some_and(|expected| expected.contains("semidefinite")));
        assert!(fault(&[&[1.0, 0.9, 0.0], &[0.8, 1.0, 0.0], &[0.0, 0.0, 1.0]]).is_some());
        assert!(fault(&[&[1.0, f64::NAN, 0.0], &[0.8, 1.0, 0.0], &[0.0, 0.0, 1.0]]).is_some());
        assert!(fault(&[&[1.0], &[1.0], &[1.0]]).is_some());
    }

    #[test]
    fn mixing_is_the_factor_times_the_draws() {
        let rows = vec![vec![1.0, 0.8, -0.2], vec![0.8, 1.0, 0.1], vec![-0.2, 0.1, 1.0]];
        let factor = cholesky(&rows).0;
        let mut draws = [1.0, 5.0, -3.0];
        Correlation::Matrix(rows).mixing(3).apply(9.0, &mut draws);
        let expected = factor[2][0] + factor[2][1] * 5.0 - factor[2][2] * 3.0;
        assert_eq!(draws[0], 1.0);
        assert!((draws[1] - 0.8 - 3.0).abs() < 1e-15 && (draws[2] - expected).abs() < 1e-15, "{draws:?}");
    }
}
