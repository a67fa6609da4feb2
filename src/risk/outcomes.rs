//! What a simulation found: the final value of the pool on each path.

use crate::protocol::risk::loss;

/// The final pool values of a sample, over the initial value.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcomes {
    ltvs: Vec<f64>,
    /// One series that all loans share, or one for each loan.
    values: Vec<Vec<f64>>,
}

impl Outcomes {
    pub(super) fn new(ltvs: Vec<f64>, values: Vec<Vec<f64>>) -> Self {
        Self { ltvs, values }
    }

    /// The loans, as debt over initial pool value.
    #[must_use]
    pub fn ltvs(&self) -> &[f64] {
        &self.ltvs
    }

    /// Number of paths; fewer than asked for where the simulation was stopped.
    #[must_use]
    pub fn paths(&self) -> u64 {
        self.values.first().map_or(0, |series| series.len() as u64)
    }

    /// The pool's final over initial value on each path, in the order of paths, for the loan at `place` in
    /// [`ltvs`](Self::ltvs); `None` if there is no such loan.
    #[must_use]
    pub fn values(&self, place: usize) -> Option<&[f64]> {
        self.ltvs.get(place)?;
        // Without conversion the pool does not know the loan: one series serves all.
        self.values.get(place).or_else(|| self.values.first()).map(Vec::as_slice)
    }

    /// The loss on each path as a share of the initial pool value, zero where the pool covers the debt.
    #[must_use]
    pub fn losses(&self, place: usize) -> Option<Vec<f64>> {
        let ltv = *self.ltvs.get(place)?;
        Some(self.values(place)?.iter().map(|value| loss(ltv, *value)).collect())
    }
}
