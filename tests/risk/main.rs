//! Risk.
use ballast::numerics::quantile::quantiles;
use ballast::risk::published::{FIGURES, LTVS};
use ballast::risk::{Sample, simulate};
use std::path::Path;
use std::sync::atomic::AtomicBool;

#[test]
fn the_published_figures_come_out() {
    let mut squares = 0.0;
    for figure in FIGURES {
        let t = std::time::Instant::now();
        let sample = Sample { ltvs: &LTVS, paths: 20_000, seed: 1, base_dir: Path::new(".") };
        let outcomes = simulate(&figure.model(), &sample, &AtomicBool::new(false), |_| {}).unwrap();
        let t = t.elapsed();
        for place in 0..4 {
            let losses: Vec<f64> = outcomes.losses(place).unwrap().into_iter().filter(|l| *l > 0.0).collect();
            let q = quantiles(&losses, [0.95, 0.99]).unwrap();
            squares +=
                (q[0] - figure.quantile_95[place]).powi(2) + (q[1] - figure.quantile_99[place]).powi(2);
            println!("{} {} {:.4} {:.4} {} {:?}", figure.amplifier, LTVS[place], q[0], q[1], losses.len(), t);
        }
    }
    println!("{}", (squares / 48.0_f64).sqrt());
}
