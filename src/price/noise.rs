//! Standard normal draws, alone and joint, from named streams.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::world::streams::Streams;

use super::correlation::{Correlation, Mixing};

/// The stream of one asset for one purpose.
pub(super) fn own_stream(streams: &Streams, symbol: &str, purpose: &str) -> ChaCha8Rng {
    streams.sequential(&format!("price.{symbol}.{purpose}"))
}

/// The stream that all assets share for one purpose. No ticker is a star.
pub(super) fn shared_stream(streams: &Streams, purpose: &str) -> ChaCha8Rng {
    streams.sequential(&format!("price.*.{purpose}"))
}

/// Standard normal draws.
///
/// Marsaglia's polar method over `libm`, because a ziggurat reaches for the platform's logarithm in the tail.
#[derive(Debug)]
pub(super) struct Normals {
    stream: ChaCha8Rng,
    spare: Option<f64>,
}

impl Normals {
    /// Draws from this stream.
    pub(super) fn from(stream: ChaCha8Rng) -> Self {
        Self { stream, spare: None }
    }

    /// The next draw.
    pub(super) fn draw(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let x = 2.0 * self.stream.random::<f64>() - 1.0;
            let y = 2.0 * self.stream.random::<f64>() - 1.0;
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                let scale = (-2.0 * libm::log(square) / square).sqrt();
                self.spare = Some(y * scale);
                return x * scale;
            }
        }
    }
}

/// Correlated standard normal draws, one for each asset.
#[derive(Debug)]
pub(super) struct JointNormals {
    shared: Normals,
    own: Vec<Normals>,
    mixing: Mixing,
    draws: Vec<f64>,
}

impl JointNormals {
    /// Draws for these assets and this purpose.
    pub(super) fn new(streams: &Streams, symbols: &[&str], purpose: &str, correlation: &Correlation) -> Self {
        Self {
            shared: Normals::from(shared_stream(streams, purpose)),
            own: symbols.iter().map(|symbol| Normals::from(own_stream(streams, symbol, purpose))).collect(),
            mixing: correlation.mixing(symbols.len()),
            draws: vec![0.0; symbols.len()],
        }
    }

    /// The next draw of every asset.
    pub(super) fn draw(&mut self) -> &[f64] {
        for (draw, own) in self.draws.iter_mut().zip(&mut self.own) {
            *draw = own.draw();
        }
        let shared = self.shared.draw();
        self.mixing.apply(shared, &mut self.draws);
        &self.draws
    }

    /// Replaces the correlation, leaving the streams where they are.
    pub(super) fn correlate(&mut self, correlation: &Correlation) {
        self.mixing = correlation.mixing(self.own.len());
    }
}

/// The standard normal distribution function.
pub(super) fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * core::f64::consts::FRAC_1_SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_the_moments_of_a_standard_normal() {
        let mut normals = Normals::from(Streams::new(1).sequential("normals"));
        let n = 200_000;
        let draws: Vec<f64> = (0..n).map(|_| normals.draw()).collect();
        let moment = |power| draws.iter().map(|z| libm::pow(*z, power)).sum::<f64>() / f64::from(n);
        // Standard errors from the moments of order 2, 4, 6 and 8: 1, 3, 15, 105.
        for (power, expected, variance) in
            [(1.0, 0.0, 1.0), (2.0, 1.0, 2.0), (3.0, 0.0, 15.0), (4.0, 3.0, 96.0)]
        {
            let error = (moment(power) - expected) / (variance / f64::from(n)).sqrt();
            assert!(error.abs() < 4.0, "moment {power} is {error} standard errors off");
        }
        let below = draws.iter().filter(|z| **z < 1.0).count() as f64 / f64::from(n);
        assert!((below - normal_cdf(1.0)).abs() < 4.0 * (0.84 * 0.16 / f64::from(n)).sqrt());
        assert!((normal_cdf(1.0) - 0.841_344_746_068_542_9).abs() < 1e-15);
    }

    #[test]
    fn every_kind_of_correlation_comes_out() {
        let triangular = Correlation::Matrix(vec![vec![1.0, 0.6], vec![0.6, 1.0]]);
        for (correlation, expected) in
            [(Correlation::Equal(0.8), 0.8), (Correlation::Equal(-0.5), -0.5), (triangular, 0.6)]
        {
            let mut joint = JointNormals::new(&Streams::new(2), &["ETH", "BTC"], "test", &correlation);
            let n = 40_000;
            let product = (0..n).fold(0.0, |sum, _| {
                let z = joint.draw();
                sum + z[0] * z[1] / f64::from(n)
            });
            let error = (product - expected) / ((1.0 + expected * expected) / f64::from(n)).sqrt();
            assert!(error.abs() < 4.0, "{correlation:?}: {product}");
        }
    }
}
