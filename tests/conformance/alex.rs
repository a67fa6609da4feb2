//! ALEX: what its contracts did, case by case.

mod crp;

use serde_json::Value;

use crate::report::Report;

/// Replays one file of ALEX vectors. A section or a scenario that nobody here knows is a failure.
pub(crate) fn replay(file: &Value, report: &mut Report) {
    let Some(sections) = file.as_object() else {
        report.unknown("alex: not an object");
        return;
    };
    for section in sections.keys() {
        if !["meta", "crp_weight_cases", "crp_create_cases", "scenarios"].contains(&section.as_str()) {
            report.unknown(&format!("alex_{section}"));
        }
    }
    for scenario in file["scenarios"].as_array().into_iter().flatten() {
        let name = scenario["name"].as_str().unwrap_or("?");
        if !crp::knows(name) {
            report.unknown(&format!("alex_{name}"));
        }
    }
    crp::run(report, file);
}
