//! Importance sampling: paths pushed towards default, with the exact likelihood ratio of each.
//!
//! In every hour the normal draw gets a mean `theta = sum(gain_i * feature_i)` that depends on where the path stands, and
//! jumps get another probability. What the hedge loses is `(w - delta)` times the price's move, plus the convexity of the
//! delta near the strike; so the features are how far the weight lags behind the delta, the pull of the price back to the
//! strike where the delta is steep and where it is not, and a constant. For a loss that is quadratic in the moves a mean
//! proportional to the lag is the exponentially tilted law itself.
//!
//! The likelihood ratio is `exp(-theta (e + theta / 2))` an hour, with `e` the draw before the push, times the ratio of
//! probabilities of what the jump did. Logarithms are summed. The gains come from the cross-entropy method (Rubinstein and
//! Kroese, "The Cross-Entropy Method", 2004), which for a normal mean linear in features is a weighted least squares fit.

use crate::numerics::lanes::{exp, mills_ratio, normal_sides};

use super::model::{HOURS_PER_YEAR, RiskModel};
use super::moves::{HourlyLaw, Normals, WORDS};
use super::pool::{Block, LANES, Lane, Moves};
use super::sum::Sum;

/// Number of features.
pub(super) const FEATURES: usize = 4;

/// How paths are pushed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Gains {
    /// Factor of each feature.
    pub(super) means: [f64; FEATURES],
    /// Factor on the probability of a jump.
    pub(super) jumps: f64,
}

impl Gains {
    /// Paths as they are.
    pub(super) const NONE: Self = Self { means: [0.0; FEATURES], jumps: 1.0 };
}

/// What an hour knows beforehand.
#[derive(Debug, Clone, Copy)]
struct Time {
    /// `1 / (v sqrt t)` at the beginning of the hour.
    slope: f32,
    /// `v sqrt t / 2`.
    shift: f32,
}

/// A pushed law over a term.
#[derive(Debug)]
pub(super) struct Steering {
    law: HourlyLaw,
    times: Vec<Time>,
    means: [f32; FEATURES],
    constant: f32,
    jumps: u32,
    log_ratio_of_jump: f32,
    log_ratio_of_none: f32,
}

impl Steering {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 2^31, or single precision"
    )]
    pub(super) fn new(model: &RiskModel, law: HourlyLaw, gains: &Gains) -> Self {
        let time = |hour: u32| {
            let years = f64::from(model.term_hours - hour) / HOURS_PER_YEAR;
            let deviation = model.model_volatility * years.sqrt();
            Time { slope: (1.0 / deviation) as f32, shift: (0.5 * deviation) as f32 }
        };
        // Both probabilities are whole numbers of words; neither becomes certain or impossible by the push.
        let (words, plain) = (f64::from(WORDS), f64::from(law.jumps));
        let pushed = if law.jumps == 0 {
            0.0
        } else {
            (plain * gains.jumps).round().clamp(1.0, plain.max(0.5 * words))
        };
        Self {
            law,
            times: (0..model.term_hours).map(time).collect(),
            means: gains.means.map(|gain| gain as f32),
            constant: (3.0 / f64::from(model.term_hours).sqrt()) as f32,
            jumps: pushed as u32,
            log_ratio_of_jump: if pushed > 0.0 { libm::log(plain / pushed) as f32 } else { 0.0 },
            log_ratio_of_none: if plain < words {
                libm::log((words - plain) / (words - pushed)) as f32
            } else {
                0.0
            },
        }
    }
}

/// One number for each path of a block, in the precision of the fit.
pub(super) type Total = [f64; LANES];

/// Sums over a path that a fit of the gains needs.
#[derive(Debug, Clone)]
pub(super) struct Sums {
    /// `feature_i * feature_j`.
    pub(super) products: [[Total; FEATURES]; FEATURES],
    /// `feature_i * z`, with `z` the pushed draw.
    pub(super) moments: [Total; FEATURES],
    /// Number of jumps.
    pub(super) jumps: Total,
}

/// The moves of a block of pushed paths.
#[derive(Debug)]
pub(super) struct Steered<'a> {
    steering: &'a Steering,
    normals: Normals,
    /// Logarithm of the likelihood ratio so far.
    pub(super) log_ratio: Sum,
    /// The sums, where they are wanted.
    pub(super) sums: Option<Box<Sums>>,
}

impl<'a> Steered<'a> {
    pub(super) fn new(steering: &'a Steering, key: [u32; 2], first_path: u64, fit: bool) -> Self {
        let zero = [0.0; LANES];
        let sums = || {
            Box::new(Sums { products: [[zero; FEATURES]; FEATURES], moments: [zero; FEATURES], jumps: zero })
        };
        let normals = Normals::new(key, first_path, steering.jumps);
        Self { steering, normals, log_ratio: Sum::new(0.0), sums: fit.then(sums) }
    }
}

impl Moves for Steered<'_> {
    #[allow(clippy::needless_range_loop, reason = "the lanes of several arrays, side by side")]
    #[inline(always)]
    fn hour(&mut self, hour: usize, block: &Block) -> Lane {
        let steering = self.steering;
        let Time { slope, shift } = steering.times[hour];
        let (draws, jumps) = self.normals.hour(hour);
        let mut moves = [0.0; LANES];
        let mut features = [[0.0; LANES]; FEATURES];
        for lane in 0..LANES {
            let distance = block.log_price.total[lane] * slope;
            let d1 = distance + shift;
            let lag = 2.0 * (normal_sides(d1, mills_ratio(d1)).0 - block.weight[lane]);
            let steepness = exp(-0.5 * d1 * d1);
            let pull = -distance / (1.0 + distance * distance).sqrt();
            features[0][lane] = lag;
            features[1][lane] = pull * steepness;
            features[2][lane] = steering.constant;
            features[3][lane] = pull * (1.0 - steepness);
        }
        let (mut pushed, mut ratio) = ([0.0; LANES], [0.0; LANES]);
        for lane in 0..LANES {
            let mut theta = 0.0;
            for feature in 0..FEATURES {
                theta += steering.means[feature] * features[feature][lane];
            }
            let of_jump =
                if jumps[lane] > 0.0 { steering.log_ratio_of_jump } else { steering.log_ratio_of_none };
            pushed[lane] = draws[lane] + theta;
            moves[lane] = (steering.law.drift + steering.law.deviation * pushed[lane])
                + steering.law.jump * jumps[lane];
            ratio[lane] = of_jump - theta * (draws[lane] + 0.5 * theta);
        }
        self.log_ratio.add(&ratio);
        if let Some(sums) = &mut self.sums {
            for one in 0..FEATURES {
                for lane in 0..LANES {
                    sums.moments[one][lane] += f64::from(features[one][lane] * pushed[lane]);
                }
                for other in 0..FEATURES {
                    for lane in 0..LANES {
                        sums.products[one][other][lane] +=
                            f64::from(features[one][lane] * features[other][lane]);
                    }
                }
            }
            for lane in 0..LANES {
                sums.jumps[lane] += f64::from(jumps[lane]);
            }
        }
        moves
    }
}
