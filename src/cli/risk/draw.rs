//! From the tables of a study of risk to its charts and its report.

use std::path::Path;

use super::super::draw::{REPORT, facts, part, write_figures};
use super::super::failure::Failure;
use super::super::results;
use super::told;
use crate::chart::report::{self, Report};
use crate::chart::{Options, default_probability, loss_distribution, risk_sensitivity, value_at_risk};
use crate::experiment::risk::summary::RiskSummary;
use crate::experiment::risk::table::TABLES;
use crate::record::directory::OutputDirectory;
use crate::record::manifest::Manifest;
use crate::record::summary::rules_in_words;
use crate::record::table::Table;

/// The figures of finished results.
pub(super) fn summary(directory: &Path) -> Result<RiskSummary, Failure> {
    let path = directory.join("summary.json");
    let refused = |why: String| {
        Failure::Run(format!("cannot read {}: {why}; run the study again with --force", path.display()))
    };
    let text = std::fs::read_to_string(&path).map_err(|error| refused(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| refused(error.to_string()))
}

/// Draws everything that the tables allow into the directory. Answers with the names of the charts.
pub(in crate::cli) fn draw(directory: &OutputDirectory, manifest: &Manifest) -> Result<Vec<String>, Failure> {
    let path = directory.path();
    let summary = summary(path)?;
    let [estimates, losses] = TABLES.map(|name| stored(path, name));
    let (estimates, losses) = (estimates?, losses?);
    let rules = format!("{} rules", summary.rules);
    let options = Options { experiment: manifest.name.clone(), rules, ..Options::default() };
    let mut drawn =
        vec![value_at_risk::draw(&estimates, &options), default_probability::draw(&estimates, &options)];
    if let Some(headline) = &summary.headline {
        let loan = (headline.model.as_str(), headline.ltv);
        drawn.push(loss_distribution::draw(&estimates, &losses, loan, &options));
    }
    if !summary.sensitivity.is_empty() {
        let rules = rules_in_words(&manifest.loan_rules);
        drawn.push(risk_sensitivity::draw(&estimates, &Options { rules, ..options }));
    }
    let (figures, not_drawn) = part(drawn);
    write_figures(directory, &figures)?;
    let facts = facts(manifest, ("paths of each model", summary.paths));
    let description = std::iter::once(manifest.description.clone()).chain(summary.readings.iter().cloned());
    let description = description.collect::<Vec<_>>().join("\n\n");
    let tables = told::tables(&summary);
    let report = Report {
        experiment: &manifest.name,
        description: &description,
        assertions: None,
        summary: None,
        tables: &tables,
        figures: &figures,
        not_drawn: &not_drawn,
        notes: &manifest.notes,
        manifest: &facts,
    };
    let page = report::html(&report)?;
    directory.write_file(REPORT, |path| Ok(std::fs::write(path, page)?))?;
    Ok(figures.iter().map(|figure| figure.name.clone()).collect())
}

fn stored(directory: &Path, name: &str) -> Result<Table, Failure> {
    results::table(directory, name)?.ok_or_else(|| {
        Failure::Run(format!(
            "{} holds neither {name}.parquet nor {name}.csv; run the study again with --force",
            directory.display()
        ))
    })
}
