//! What types cannot see of a study of risk.

use super::case;
use super::config::{CaseStudySettings, RiskStudy, Sensitivity};
use crate::experiment::diagnostic::{Diagnostic, Diagnostics};
use crate::experiment::load::{Loaded, Problem};
use crate::experiment::merge::Document;
use crate::experiment::names::listed;
use crate::experiment::resolve::populations::is_name;
use crate::risk::PriceLaw;

/// Fields that studies of risk have and experiments do not.
const MARKS: [&str; 4] = ["model", "paths", "ltvs", "amplifiers"];
/// Fields that experiments have and studies of risk do not.
const OTHERS: [&str; 3] = ["price", "horizon_days", "populations"];

/// The most paths of each model.
const MOST_PATHS: u64 = 100_000_000;

/// True for the text of a study of risk, false for that of an experiment.
#[must_use]
pub fn is_risk(document: &Document) -> bool {
    let has = |name: &&str| document.root.field(name).is_some();
    MARKS.iter().any(has) && !OTHERS.iter().any(has)
}

/// Everything wrong with the values.
pub(in crate::experiment) fn problems(loaded: &Loaded<RiskStudy>) -> Diagnostics {
    let study = &loaded.value;
    let mut check = Check::default();
    if !is_name(&study.name) {
        check.push("name", "1 to 64 letters, digits, `_` or `-`", format!("{:?}", study.name));
    }
    check.within("paths", study.paths as f64, 2.0, MOST_PATHS as f64);
    check.within("loss_threshold", study.loss_threshold, 0.0, 1.0);
    if study.ltvs.is_empty() {
        check.push("ltvs", "at least one loan-to-value", "none");
    }
    check.loans("ltvs", &study.ltvs);
    if study.confidence_levels.is_empty() {
        check.push("confidence_levels", "at least one level", "none");
    }
    for (place, level) in study.confidence_levels.iter().enumerate() {
        let path = format!("confidence_levels.{place}");
        check.within(&path, *level, 0.5, 0.9999);
        if study.confidence_levels[..place].contains(level) {
            check.push(&path, "each level once", format!("{level} again"));
        }
    }
    amplifiers(study, &mut check);
    headline(study, &mut check);
    if let Some(sensitivity) = &study.sensitivity {
        check.loan("sensitivity.ltv", sensitivity.ltv);
        variants(sensitivity, &mut check);
    }
    rare(study, &mut check);
    if let Some(settings) = &study.case_study {
        case_study(settings, &mut check);
    }
    let faults: Vec<Diagnostic> = check.0.iter().map(|problem| loaded.diagnose(problem)).collect();
    let mut faults = Diagnostics::from(faults);
    faults.extend(problems_of_model(loaded));
    faults
}

/// Everything wrong with the model.
pub(super) fn problems_of_model(loaded: &Loaded<RiskStudy>) -> Diagnostics {
    let problems = loaded.value.model.problems();
    let told = |problem: crate::risk::RiskProblem| {
        loaded.diagnose(&Problem::new(format!("model.{}", problem.field), problem.expected, problem.found))
    };
    problems.into_iter().map(told).collect::<Vec<_>>().into()
}

fn amplifiers(study: &RiskStudy, check: &mut Check) {
    let PriceLaw::JumpDiffusion(law) = &study.model.price else {
        if !study.amplifiers.is_empty() {
            let problem = Problem::new("amplifiers", "none beside a price process", "some");
            check
                .0
                .push(problem.help("amplifiers make the jumps of `price: JumpDiffusion(...)` more frequent"));
        }
        return;
    };
    for (place, amplifier) in study.amplifiers.iter().enumerate() {
        let path = format!("amplifiers.{place}");
        let probability = law.jump_probability_per_hour * amplifier;
        if !(*amplifier >= 0.0 && probability <= 1.0) {
            let expected =
                "a number of at least 0 whose product with `jump_probability_per_hour` is at most 1";
            check.push(&path, expected, amplifier);
        }
        if study.amplifiers[..place].contains(amplifier) {
            check.push(&path, "each amplifier once", format!("{amplifier} again"));
        }
    }
}

fn headline(study: &RiskStudy, check: &mut Check) {
    let Some(headline) = &study.headline else { return };
    let words = |numbers: &[f64]| {
        let numbers: Vec<String> = numbers.iter().map(f64::to_string).collect();
        listed(numbers.iter().map(String::as_str), "or")
    };
    if !study.ltvs.contains(&headline.ltv) {
        check.push("headline.ltv", format!("one of `ltvs`: {}", words(&study.ltvs)), headline.ltv);
    }
    match headline.amplifier {
        Some(amplifier) if !study.amplifiers.contains(&amplifier) => {
            let expected = match study.amplifiers.as_slice() {
                [] => "none: the study lists no `amplifiers`".to_owned(),
                some => format!("one of `amplifiers`: {}", words(some)),
            };
            check.push("headline.amplifier", expected, amplifier);
        }
        None if !study.amplifiers.is_empty() => {
            let expected = format!("one of `amplifiers`: {}", words(&study.amplifiers));
            check.push("headline.amplifier", expected, "none");
        }
        _ => {}
    }
}

fn variants(sensitivity: &Sensitivity, check: &mut Check) {
    let mut seen = vec![case::BASE];
    for (place, variant) in sensitivity.variants.iter().enumerate() {
        let path = format!("sensitivity.variants.{place}");
        let name = variant.name.as_str();
        if name.trim().is_empty() || name.chars().count() > 64 || name.chars().any(char::is_control) {
            check.push(&format!("{path}.name"), "1 to 64 printable characters", format!("{name:?}"));
        } else if seen.contains(&name) {
            let expected = "a name that no other variant has, nor the base";
            check.push(&format!("{path}.name"), expected, format!("`{name}` again"));
        }
        seen.push(name);
        if let Some(ltv) = variant.ltv {
            check.loan(&format!("{path}.ltv"), ltv);
        }
    }
}

fn rare(study: &RiskStudy, check: &mut Check) {
    let Some(rare) = &study.rare else { return };
    check.within("rare.paths", rare.paths as f64, 2.0, MOST_PATHS as f64);
    if matches!(study.model.price, PriceLaw::Process(_)) {
        let problem = Problem::new("rare", "none beside a price process", "some");
        check
            .0
            .push(problem.help("the likelihood of a process is not known; use `price: JumpDiffusion(...)`"));
    }
}

fn case_study(settings: &CaseStudySettings, check: &mut Check) {
    check.within("case_study.lending_share", settings.lending_share, 0.0, 1.0);
    check.within("case_study.yield_token_share", settings.yield_token_share, 0.0, 1.0);
    check.above("case_study.fees_per_year", settings.fees_per_year, 10.0);
    check.above("case_study.reserve_share", settings.reserve_share, 1.0);
    for (place, case) in settings.cases.iter().enumerate() {
        check.loan(&format!("case_study.cases.{place}.sizing_ltv"), case.sizing_ltv);
        check.within(&format!("case_study.cases.{place}.loss"), case.loss, 0.0, 1.0);
    }
}

/// Collects problems.
#[derive(Debug, Default)]
struct Check(Vec<Problem>);

impl Check {
    fn push(&mut self, path: &str, expected: impl Into<String>, found: impl ToString) {
        self.0.push(Problem::new(path, expected, found.to_string()));
    }

    fn within(&mut self, path: &str, value: f64, low: f64, high: f64) {
        if !(low..=high).contains(&value) {
            self.push(path, format!("a number from {low} to {high}"), value);
        }
    }

    fn above(&mut self, path: &str, value: f64, high: f64) {
        if !(value > 0.0 && value <= high) {
            self.push(path, format!("a number above 0 up to {high}"), value);
        }
    }

    fn loan(&mut self, path: &str, ltv: f64) {
        self.above(path, ltv, 1.0);
    }

    fn loans(&mut self, path: &str, ltvs: &[f64]) {
        for (place, ltv) in ltvs.iter().enumerate() {
            self.loan(&format!("{path}.{place}"), *ltv);
            if ltvs[..place].contains(ltv) {
                self.push(&format!("{path}.{place}"), "each loan-to-value once", format!("{ltv} again"));
            }
        }
    }
}
