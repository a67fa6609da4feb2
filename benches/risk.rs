//! The risk engine against a hand-written scalar loop of the same pool, in path-steps a second.
//!
//! `cargo bench --bench risk`. First comes a table of medians measured in turns, of which the ratios depend little on the
//! machine's other work; then Criterion's own measurements. `benches/risk_numpy.py` has the loop in NumPy and Numba; where
//! the variable `PYTHON` names an interpreter that has them, they take their turns too.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a bench stops where its own set-up is wrong"
)]

use std::convert::Infallible;
use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use ballast::risk::published::{FIGURES, LTVS};
use ballast::risk::{RiskModel, Sample, estimate_rare, simulate};
use criterion::{Criterion, Throughput, criterion_group};
use rand::{RngExt, TryRng};
use rand_distr::{Distribution, StandardNormal};
use rayon::ThreadPool;

const PATHS: u64 = 2_048;
/// Ballast takes more of them in its turn, so that a turn lasts as long as it takes two threads to get going.
const MORE_PATHS: u64 = 8 * PATHS;
const HOURS: u64 = 2_190;

/// xoshiro256++ (Blackman and Vigna 2021): about the fastest sequential generator there is.
struct Xoshiro([u64; 4]);

impl TryRng for Xoshiro {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.try_next_u64()? >> 32) as u32)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let [a, b, c, d] = &mut self.0;
        let word = a.wrapping_add(*d).rotate_left(23).wrapping_add(*a);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        Ok(word)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.try_next_u64()?.to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// One path after the other, ziggurat normals, the platform's logarithm: the sum of the final values.
fn scalar(paths: u64, amplifier: f64) -> f64 {
    let mut random = Xoshiro([1, 2, 3, 4]);
    let dt = 1.0 / 8_760.0_f64;
    let (drift, deviation) = (-2.5 * dt, dt.sqrt());
    let (probability, jump) = (0.000_17 * amplifier, 0.8_f64.ln());
    let delta = |x: f64, left: f64| {
        let spread = left.sqrt();
        0.5 * libm::erfc(-(x / spread + 0.5 * spread) * std::f64::consts::FRAC_1_SQRT_2)
    };
    let hours = HOURS as usize;
    let left: Vec<f64> = (0..=hours).map(|hour| (hours - hour) as f64 * dt).collect();
    let mut sum = 0.0;
    for _ in 0..paths {
        let (mut x, mut log_value, mut weight) = (0.0, 0.0, delta(0.0, left[0]));
        for left in &left[1..] {
            let z: f64 = StandardNormal.sample(&mut random);
            let mut moved = drift + deviation * z;
            if random.random::<f64>() < probability {
                moved += jump;
            }
            x += moved;
            log_value += weight * moved;
            if *left > 0.0 {
                let next = weight + 0.07 * (delta(x, *left) - weight);
                log_value +=
                    next * (weight / next).ln() + (1.0 - next) * ((1.0 - weight) / (1.0 - next)).ln();
                weight = next;
            }
        }
        sum += log_value.exp();
    }
    sum
}

fn lanes(pool: &ThreadPool, model: &RiskModel, paths: u64) -> f64 {
    let sample = Sample { ltvs: &LTVS, paths, seed: 1, base_dir: Path::new(".") };
    let found = pool.install(|| simulate(model, &sample, &AtomicBool::new(false), |_| {})).unwrap();
    found.values(0).unwrap().iter().sum()
}

/// The programs of `benches/risk_numpy.py`, which run when they are asked.
struct Python {
    child: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Python {
    /// With the interpreter that the environment names, if it does.
    fn new() -> Option<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/risk_numpy.py");
        let mut child = Command::new(std::env::var_os("PYTHON")?)
            .arg(script)
            .arg("--turns")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (asks, answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Some(Self { child, asks, answers })
    }

    /// Seconds that the program of this name takes for [`PATHS`]; none if it is not installed.
    fn seconds(&mut self, name: &str) -> Option<f64> {
        writeln!(self.asks, "{name}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        answer.trim().parse().ok()
    }

    fn end(mut self) {
        drop(self.asks);
        self.child.wait().unwrap();
    }
}

fn threads(number: usize) -> ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(number).build().unwrap()
}

fn seconds(work: impl FnOnce() -> f64) -> f64 {
    let began = Instant::now();
    black_box(work());
    began.elapsed().as_secs_f64()
}

/// Not a number where nothing was measured.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn in_turns() {
    let (one, two) = (threads(1), threads(2));
    let model = RiskModel::with_amplifier(100.0);
    let mut python = Python::new();
    let mut times: [Vec<f64>; 5] = Default::default();
    for _ in 0..15 {
        times[0].push(seconds(|| scalar(PATHS, 100.0)));
        // Counted as if they were as few as the others'.
        for (threads, times) in [&one, &two].into_iter().zip(&mut times[1..3]) {
            times.push(seconds(|| lanes(threads, &model, MORE_PATHS)) * PATHS as f64 / MORE_PATHS as f64);
        }
        for (name, times) in ["NumPy", "Numba"].into_iter().zip(&mut times[3..]) {
            times.extend(python.as_mut().and_then(|python| python.seconds(name)));
        }
    }
    if let Some(python) = python {
        python.end();
    }
    let [loop_, single, double, numpy, numba] = times.map(median);
    let rate = |time: f64| (PATHS * HOURS) as f64 / time;
    println!("path-steps a second, medians of 15 turns");
    println!("scalar loop, ziggurat, one thread {:>10.3e}", rate(loop_));
    println!(
        "Ballast, one thread               {:>10.3e}  {:.2} times the loop",
        rate(single),
        loop_ / single
    );
    println!(
        "Ballast, two threads              {:>10.3e}  {:.2} times one thread",
        rate(double),
        single / double
    );
    for (name, time) in [("NumPy", numpy), ("Numba", numba)].into_iter().filter(|(_, time)| !time.is_nan()) {
        println!(
            "{name}, one thread                 {:>10.3e}  Ballast on one thread is {:.2} times as fast",
            rate(time),
            time / single
        );
    }

    let all = threads(0);
    let appendix = seconds(|| FIGURES.iter().map(|figure| lanes(&all, &figure.model(), 20_000)).sum());
    println!(
        "the appendix, 6 amplifiers by 4 loans by 20,000 paths: {appendix:.2} s on {} threads",
        all.current_num_threads()
    );

    let calm = RiskModel::with_amplifier(0.0);
    for ltv in [0.75, 0.72, 0.7] {
        let mut found = None;
        let rare = seconds(|| {
            let estimate =
                one.install(|| estimate_rare(&calm, ltv, 16_384, 1, &AtomicBool::new(false), |_| {}));
            found.insert(estimate.unwrap()).default_probability.value
        });
        let plain = seconds(|| lanes(&one, &calm, 16_384));
        if let Some((found, ratio)) = found.and_then(|found| Some((found, found.variance_ratio?))) {
            println!(
                "rare default at {ltv}: {:.3e}, variance less by {ratio:.1} a path and by {:.1} a second",
                found.default_probability.value,
                ratio * plain / rare
            );
        }
    }
}

fn criterion(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("risk");
    group.throughput(Throughput::Elements(PATHS * HOURS)).sample_size(15);
    let model = RiskModel::with_amplifier(100.0);
    group.bench_function("scalar", |bench| bench.iter(|| scalar(PATHS, 100.0)));
    for number in [1, 2] {
        let pool = threads(number);
        group.bench_function(format!("{number} threads"), |bench| bench.iter(|| lanes(&pool, &model, PATHS)));
    }
    group.finish();
}

criterion_group!(benches, criterion);

fn main() {
    // `cargo test --benches` runs benches too; it only needs to know that they start.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    in_turns();
    benches();
    Criterion::default().configure_from_args().final_summary();
}
