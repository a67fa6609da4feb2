//! Many paths of one model: what each loan's pool is worth at expiry.
//!
//! A path is a function of the seed and its number. Blocks of paths are spread over the threads of the current rayon pool
//! and put together in the order of their numbers; no two paths are ever added up. The outcomes are therefore the same
//! bytes for any number of threads and any width of vectors.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use fearless_simd::{Level, dispatch};
use rayon::prelude::*;

use crate::world::streams::Streams;

use super::model::{Conversion, PriceLaw, PriceProcess, RiskModel};
use super::moves::{Diffusing, Given, HourlyLaw, key};
use super::outcomes::Outcomes;
use super::pool::{LANES, Lane, Moves, Pool, walk};
use super::problem::{Problems, RiskError};
use super::sale::Sales;

/// Blocks between two looks at who is done; a multiple of any sensible number of threads.
const WAVE: u32 = 64;

/// The most paths of one simulation; their values then take 34 GB for each loan that has its own.
const MOST_PATHS: u64 = 1 << 32;

/// What is simulated of a model.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// Loans to simulate, as debt at face value over initial pool value, each above 0 up to 1.
    pub ltvs: &'a [f64],
    /// Number of paths, 1 to 2^32.
    pub paths: u64,
    /// Seed; two models with the same seed share their randomness path by path.
    pub seed: u64,
    /// Where the files of a price process are looked for.
    pub base_dir: &'a Path,
}

/// Simulates `sample` of `model` on the threads of the current rayon pool.
///
/// `progress` is told, from any thread, how many more paths are done. Once `stop` is set no further block is begun; the
/// outcomes then hold the leading paths that were finished, which are what a smaller sample would have given.
///
/// # Errors
/// [`RiskError`] if the model or the sample has problems, or the price process gives no path.
pub fn simulate(
    model: &RiskModel,
    sample: &Sample<'_>,
    stop: &AtomicBool,
    progress: impl Fn(u64) + Sync,
) -> Result<Outcomes, RiskError> {
    simulate_at(Level::new(), model, sample, stop, progress)
}

/// [`simulate`] at one width of vectors.
pub(super) fn simulate_at(
    level: Level,
    model: &RiskModel,
    sample: &Sample<'_>,
    stop: &AtomicBool,
    progress: impl Fn(u64) + Sync,
) -> Result<Outcomes, RiskError> {
    check(model, sample)?;
    let walker = Walker { level, model, sample, pool: Pool::new(model), key: key(sample.seed, "risk.paths") };
    // At most 2^27.
    let blocks = u32::try_from(sample.paths.div_ceil(LANES as u64)).unwrap_or(u32::MAX);
    let series = if matches!(model.conversion, Conversion::Off) { 1 } else { sample.ltvs.len() };
    let mut values: Vec<Vec<f64>> = vec![Vec::new(); series];
    for wave in (0..blocks).step_by(WAVE as usize) {
        let done = (wave..blocks.min(wave + WAVE)).into_par_iter().with_max_len(1).map(|block| {
            if stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let first = u64::from(block) * LANES as u64;
            let lanes = walker.block(first)?;
            progress((sample.paths - first).min(LANES as u64));
            Ok(Some(lanes))
        });
        let done: Vec<Option<Vec<Lane>>> = done.collect::<Result<_, RiskError>>()?;
        let stopped = done.iter().any(Option::is_none);
        for block in done.into_iter().map_while(|block| block) {
            for (all, lanes) in values.iter_mut().zip(block) {
                all.extend(lanes.into_iter().map(|log_value| libm::exp(f64::from(log_value))));
            }
        }
        if stopped {
            break;
        }
    }
    // The last block may be wider than what is left.
    for series in &mut values {
        series.truncate(usize::try_from(sample.paths).unwrap_or(usize::MAX));
    }
    Ok(Outcomes::new(sample.ltvs.to_vec(), values))
}

fn check(model: &RiskModel, sample: &Sample<'_>) -> Result<(), RiskError> {
    let mut problems = Problems::from(model.problems());
    check_paths(sample.paths, &mut problems);
    check_ltvs(sample.ltvs, &mut problems);
    let problems = problems.into_list();
    if problems.is_empty() { Ok(()) } else { Err(RiskError::Invalid(problems)) }
}

/// Reports a number of paths that cannot be walked.
pub(super) fn check_paths(paths: u64, problems: &mut Problems) {
    if !(1..=MOST_PATHS).contains(&paths) {
        problems.push("paths", format!("a whole number from 1 to {MOST_PATHS}"), paths);
    }
}

/// Reports loans that no pool can have.
pub(super) fn check_ltvs(ltvs: &[f64], problems: &mut Problems) {
    if ltvs.is_empty() {
        problems.push("ltvs", "at least one loan-to-value", "none");
    }
    for (place, ltv) in ltvs.iter().enumerate().filter(|(_, ltv)| !(**ltv > 0.0 && **ltv <= 1.0)) {
        problems.push(&format!("ltvs[{place}]"), "a number above 0 up to 1", ltv);
    }
}

/// Everything a block of paths needs.
struct Walker<'a> {
    level: Level,
    model: &'a RiskModel,
    sample: &'a Sample<'a>,
    pool: Pool,
    key: [u32; 2],
}

impl Walker<'_> {
    /// Logarithms of final over initial value, of the pool that all loans share or of each loan's.
    fn block(&self, first_path: u64) -> Result<Vec<Lane>, RiskError> {
        match &self.model.price {
            PriceLaw::JumpDiffusion(law) => {
                let law = HourlyLaw::new(law);
                Ok(self.settle(|| Diffusing::new(law, self.key, first_path)))
            }
            PriceLaw::Process(process) => {
                let moves = self.given(process, first_path)?;
                Ok(self.settle(|| Given(&moves)))
            }
        }
    }

    fn settle<M: Moves>(&self, moves: impl Fn() -> M) -> Vec<Lane> {
        let each = |ltvs: &[f64]| settle(self.level, self.model, &self.pool, ltvs, &mut moves());
        if self.pool_knows_the_loan() {
            self.sample.ltvs.iter().flat_map(|ltv| each(&[*ltv])).collect()
        } else {
            each(self.sample.ltvs)
        }
    }

    /// Whether loans change the pool on the way, so that each needs a walk of its own.
    fn pool_knows_the_loan(&self) -> bool {
        self.sample.ltvs.iter().any(|ltv| Pool::forced(self.model, *ltv).is_some())
    }

    /// The hourly moves of a block of paths of a price process.
    #[allow(clippy::cast_possible_truncation, reason = "single precision is what lanes have")]
    fn given(&self, process: &PriceProcess, first_path: u64) -> Result<Vec<Lane>, RiskError> {
        let mut moves = vec![[0.0; LANES]; self.pool.term()];
        let wanted = (self.sample.paths - first_path).min(LANES as u64);
        for (lane, path) in (first_path..first_path + wanted).enumerate() {
            // Paths are fewer than 2^32.
            let streams = Streams::of_run(self.sample.seed, u32::try_from(path).unwrap_or(u32::MAX));
            let market = process
                .spec
                .generate(self.model.term_hours, 3_600, &streams, self.sample.base_dir)
                .map_err(|source| RiskError::Price { path, source: Box::new(source) })?;
            let asset = process.asset.as_deref().and_then(|asset| market.index_of(asset)).unwrap_or(0);
            for (hour, prices) in market.prices_usd[asset].windows(2).enumerate() {
                moves[hour][lane] = libm::log(prices[1] / prices[0]) as f32;
            }
        }
        Ok(moves)
    }
}

/// Walks a block through the term: logarithms of final over initial value, one lane for each loan where loans end apart and
/// one for all where they do not. Where loans change the pool on the way, `ltvs` is a single one.
pub(super) fn settle<M: Moves>(
    level: Level,
    model: &RiskModel,
    pool: &Pool,
    ltvs: &[f64],
    moves: &mut M,
) -> Vec<Lane> {
    let mut block = pool.block();
    let block = &mut block;
    if let Some(mut sales) = Sales::new(&model.conversion, ltvs) {
        let sales = &mut sales;
        dispatch!(level, _simd => walk(pool, None, moves, sales, block));
        return sales.log_values(pool.term(), block);
    }
    let forced = ltvs.first().and_then(|ltv| Pool::forced(model, *ltv));
    dispatch!(level, _simd => walk(pool, forced, moves, &mut (), block));
    vec![block.log_value()]
}
