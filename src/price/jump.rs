//! Jumps: when they come, which assets they hit, and the diffusion they are laid over.
//!
//! Jumps of an asset arrive as a Poisson process of rate λ. A part of them is common: events of rate
//! `common_jump_probability` times the first asset's λ hit every asset, with correlated sizes (a normal copula).
//! An asset with a smaller λ than that takes part in a common event with the probability that keeps its λ; the rest of
//! an asset's jumps are its own. Arrivals are drawn in continuous time, so that they do not depend on the tick.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::world::streams::Streams;

use super::correlation::Correlation;
use super::noise::{JointNormals, Normals, own_stream, shared_stream};
use super::path::{Grid, MarketPath, Track};
use super::problem::Problems;
use super::process::{FieldNote, field};

/// What is common in the jumps of several assets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct CommonJumps {
    /// Share of the first asset's jumps that hit all assets.
    pub(super) probability: f64,
    /// Correlation of the normal scores of the sizes in a common jump.
    pub(super) correlation: f64,
}

/// The 173 largest hourly ETH moves (22 a year, 2018 to 2025) and the 186 largest of BTC (29 a year, to 2024-06):
/// 97 hours are in both lists, out of 165 of ETH's inside BTC's record.
pub(super) const fn default_common_jump_probability() -> f64 {
    0.6
}

/// Correlation of the log returns in those 97 hours: .97, all with the same sign.
pub(super) const fn default_jump_correlation() -> f64 {
    0.95
}

/// The notes of the fields about common jumps.
pub(super) const COMMON_JUMP_PROBABILITY: FieldNote =
    field("common_jump_probability", "1", "0.6", "share of the first asset's jumps that hit all assets");
/// The note of the correlation of sizes.
pub(super) const JUMP_CORRELATION: FieldNote =
    field("jump_correlation", "1", "0.95", "correlation of the sizes in a common jump");

impl CommonJumps {
    /// Reports values out of range.
    pub(super) fn problems(self, problems: &mut Problems) {
        problems.number("common_jump_probability", self.probability, 0.0..=1.0);
        problems.number("jump_correlation", self.correlation, 0.0..=1.0);
    }
}

/// A law of jump sizes.
pub(super) trait JumpSize {
    /// Jumps a year, λ.
    fn jumps_per_year(&self) -> f64;
    /// The log size with the normal score `z`: increasing in `z`.
    fn log_size(&self, z: f64) -> f64;
    /// E[e^J] - 1, the mean relative move of a jump.
    fn mean_move(&self) -> f64;
}

/// The diffusion under the jumps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Diffusion<'a> {
    pub(super) symbol: &'a str,
    pub(super) initial_usd: f64,
    pub(super) drift: f64,
    pub(super) volatility: f64,
}

/// Paths of d(ln S) = (μ - σ²/2 - λ E[e^J - 1]) dt + σ dW + J dN.
pub(super) fn jump_diffusion(
    assets: &[(Diffusion<'_>, &dyn JumpSize)],
    correlation: &Correlation,
    common: CommonJumps,
    grid: Grid,
    streams: &Streams,
) -> MarketPath {
    let years = grid.tick_years();
    let symbols: Vec<&str> = assets.iter().map(|(diffusion, _)| diffusion.symbol).collect();
    let mut jumps: Vec<_> =
        jumps_by_tick(assets, common, grid, streams).into_iter().map(Vec::into_iter).collect();
    let mut normals = JointNormals::new(streams, &symbols, "diffusion", correlation);
    let mut tracks: Vec<Track> = assets
        .iter()
        .map(|(diffusion, _)| Track::start(diffusion.symbol, diffusion.initial_usd, grid))
        .collect();
    for _ in 0..grid.horizon_ticks {
        let each = tracks.iter_mut().zip(&mut jumps).zip(assets).zip(normals.draw());
        for (((track, jumps), (diffusion, law)), z) in each {
            let variance = diffusion.volatility * diffusion.volatility;
            let log_drift = diffusion.drift - 0.5 * variance - law.jumps_per_year() * law.mean_move();
            let diffused = log_drift * years + (variance * years).sqrt() * z;
            track.step(diffused + jumps.next().unwrap_or(0.0));
        }
    }
    MarketPath::of(tracks, grid)
}

/// The sum of each asset's log jumps in each tick.
fn jumps_by_tick(
    assets: &[(Diffusion<'_>, &dyn JumpSize)],
    common: CommonJumps,
    grid: Grid,
    streams: &Streams,
) -> Vec<Vec<f64>> {
    let years = grid.years();
    let tick_of =
        |time: f64| ((time / grid.tick_years()) as usize).min(grid.horizon_ticks.max(1) as usize - 1);
    let common_rate = assets.first().map_or(0.0, |(_, law)| common.probability * law.jumps_per_year());
    let common_times = arrivals(&mut shared_stream(streams, "jump_times"), common_rate, years);
    let mut shared_sizes = Normals::from(shared_stream(streams, "jump_sizes"));
    let shared: Vec<f64> = common_times.iter().map(|_| shared_sizes.draw()).collect();
    let mixing = Correlation::Equal(common.correlation).mixing(1);
    let mut jumps = Vec::with_capacity(assets.len());
    for (diffusion, law) in assets {
        let mut sums = vec![0.0; (grid.horizon_ticks as usize).max(1)];
        let rate = law.jumps_per_year();
        let stream = |purpose| own_stream(streams, diffusion.symbol, purpose);
        let mut part = stream("common_jump_part");
        let mut sizes = Normals::from(stream("common_jump_sizes"));
        for (time, shared) in common_times.iter().zip(&shared) {
            // Both are drawn for every common event, so that neither stream depends on the outcome of the other.
            let takes_part = part.random::<f64>() * common_rate < rate;
            let mut z = [sizes.draw()];
            mixing.apply(*shared, &mut z);
            if takes_part {
                sums[tick_of(*time)] += law.log_size(z[0]);
            }
        }
        let mut sizes = Normals::from(stream("jump_sizes"));
        for time in arrivals(&mut stream("jump_times"), (rate - common_rate).max(0.0), years) {
            sums[tick_of(time)] += law.log_size(sizes.draw());
        }
        jumps.push(sums);
    }
    jumps
}

/// The arrival times of a Poisson process, in years, before `years`.
fn arrivals(stream: &mut ChaCha8Rng, per_year: f64, years: f64) -> Vec<f64> {
    let mut times = Vec::new();
    if per_year > 0.0 {
        let mut time = 0.0;
        loop {
            // 1 - u is never zero, so the waiting time is finite.
            time -= libm::log(1.0 - stream.random::<f64>()) / per_year;
            if time >= years {
                break;
            }
            times.push(time);
        }
    }
    times
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_are_poisson_and_scale_with_the_rate() {
        let draw = |per_year| arrivals(&mut Streams::new(3).sequential("jumps"), per_year, 500.0);
        let times = draw(20.0);
        let error = (times.len() as f64 - 10_000.0) / 100.0;
        assert!(error.abs() < 4.0, "{} arrivals", times.len());
        assert!(times.is_sorted());
        // The same exponential draws, stretched.
        assert!((draw(10.0)[0] / times[0] - 2.0).abs() < 1e-12);
        assert!(draw(0.0).is_empty());
    }
}
