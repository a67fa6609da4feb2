//! The `ballast` program.
use ballast::experiment::config::Experiment;
use ballast::experiment::ensemble::*;
struct P;
impl Progress for P {
    fn ticks(&self, _: u64) {}
    fn finished(&self, run: u32) {
        println!("run {run}");
    }
}
fn main() {
    let text = std::fs::read_to_string(std::env::args().nth(1).unwrap()).unwrap();
    let o = ron::Options::default().with_default_extension(
        ron::extensions::Extensions::UNWRAP_VARIANT_NEWTYPES | ron::extensions::Extensions::IMPLICIT_SOME,
    );
    let experiment: Experiment = o.from_str(&text).unwrap();
    let plan = Plan {
        experiment,
        variants: Vec::new(),
        resolved: text,
        base_dir: ".".into(),
        out: "/tmp/e2e/out".into(),
        intent: ballast::record::directory::Intent::Force,
        threads: 2,
        formats: Formats { parquet: true, csv: true },
    };
    let t = std::time::Instant::now();
    let out = execute(&plan, &std::sync::atomic::AtomicBool::new(false), &P).unwrap();
    println!("{:?} {:?}", out.directory, t.elapsed());
}
