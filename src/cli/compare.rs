//! `ballast compare`: what differs between results, in charts and in figures.

use std::path::{Path, PathBuf};

use clap::Args;
use rayon::prelude::*;
use serde_json::{Value, json};

use super::failure::Failure;
use super::figures::{main_metrics, number, unit};
use super::{results, terminal};
use crate::chart::figure::Figure;
use crate::chart::report::{self, Report};
use crate::chart::{canvas, overlay};
use crate::experiment::compare::{Comparison, MetricComparison, Side, compare as contrast};
use crate::experiment::names::{listed, nearest};
use crate::record::atomic::{BoxedError, write_whole};
use crate::record::hash;
use crate::record::manifest::Manifest;
use crate::record::store::write_file;
use crate::record::summary::rules_in_words;
use crate::record::table::{Cells, Column, Table};

/// Arguments of `ballast compare`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Directories of results, or their names below <OUT>; all others are compared with the first
    #[arg(value_name = "RUN", num_args = 2.., required = true)]
    runs: Vec<PathBuf>,
    /// Directory that holds all results
    #[arg(long, value_name = "DIR", default_value = "output")]
    out: PathBuf,
    /// Metric to draw and to show; can be given several times, the main ones if not given
    #[arg(long, value_name = "NAME")]
    metric: Vec<String>,
    /// Print one JSON summary on standard output, and nothing else there
    #[arg(long)]
    pub(super) json: bool,
}

/// Results as they are compared.
struct Results {
    manifest: Manifest,
    series: Table,
    side: Side,
}

/// Compares the results.
pub(super) fn compare(arguments: &Arguments) -> Result<(), Failure> {
    let all = read(arguments)?;
    let Some((first, others)) = all.split_first() else { return Ok(()) };
    let comparisons: Vec<Comparison> =
        others.iter().map(|other| contrast(&first.side, &other.side)).collect();
    let shown = chosen(arguments, &comparisons)?;
    let into = arguments.out.join(directory_name(&all));
    let figures: Vec<Figure> =
        others.iter().flat_map(|other| overlays(first, other, &shown, others.len())).collect();
    figures.par_iter().try_for_each(|figure| store(&into, figure))?;
    let charts: Vec<String> = figures
        .iter()
        .map(|figure| into.join(format!("charts/{}.svg", figure.name)).display().to_string())
        .collect();
    let value = to_json(&all, &comparisons, &into, &charts);
    write_whole(&into.join("compare.json"), |path| Ok(std::fs::write(path, format!("{value:#}\n"))?))?;
    write_whole(&into.join("compare.csv"), |path| write_csv(path, &comparisons))?;
    write_report(&into, &all, &comparisons, &figures)?;
    if arguments.json {
        return terminal::print_json(&value);
    }
    let mut text = rules(&all.iter().collect::<Vec<_>>());
    text.push_str(if text.is_empty() { "" } else { "\n" });
    for comparison in &comparisons {
        text.push_str(&told(comparison, &shown));
    }
    text.push_str(&format!("all metrics: {}\n", into.join("compare.csv").display()));
    text.push_str(&format!("report:      {}\n", into.join("report.html").display()));
    terminal::print(&text)
}

fn read(arguments: &Arguments) -> Result<Vec<Results>, Failure> {
    let mut paths = Vec::new();
    for named in &arguments.runs {
        let path = results::find(named, &arguments.out)?;
        let manifest = results::manifest(&path)?;
        paths.push((path, manifest));
    }
    let names: Vec<String> = paths.iter().map(|(_, manifest)| manifest.name.clone()).collect();
    let read = |(path, manifest): (PathBuf, Manifest)| {
        let series = results::series(&path)?;
        // Experiments of one name are told apart by their digests.
        let is_alone = names.iter().filter(|name| **name == manifest.name).count() == 1;
        let digits = manifest.digest.get(..4).unwrap_or_default();
        let name = if is_alone { manifest.name.clone() } else { format!("{}-{digits}", manifest.name) };
        let side =
            Side::of(&name, manifest.seed, &series).map_err(|error| Failure::Run(error.to_string()))?;
        Ok(Results { manifest, series, side })
    };
    paths.into_iter().map(read).collect()
}

/// The metrics that are drawn and shown.
fn chosen(arguments: &Arguments, comparisons: &[Comparison]) -> Result<Vec<String>, Failure> {
    let names: Vec<&str> = comparisons
        .first()
        .map(|comparison| comparison.metrics.iter().map(|metric| metric.name.as_str()).collect())
        .unwrap_or_default();
    if let Some(wanted) = arguments.metric.iter().find(|wanted| !names.contains(&wanted.as_str())) {
        let help = match nearest(wanted, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("they have {}", listed(names.iter().copied(), "and")),
        };
        return Err(Failure::Usage(format!(
            "expected a metric that all results have, found `{wanted}`; {help}"
        )));
    }
    if arguments.metric.is_empty() {
        return Ok(main_metrics(&names).into_iter().map(str::to_owned).collect());
    }
    Ok(arguments.metric.clone())
}

/// `compare-<a>-<b>-<hash>`; the hash covers everything that is compared.
fn directory_name(all: &[Results]) -> String {
    let names: Vec<String> =
        all.iter().map(|results| results.manifest.name.chars().take(40).collect()).collect();
    let digests: Vec<&str> = all.iter().map(|results| results.manifest.digest.as_str()).collect();
    let mut hash = hash::of_bytes(digests.join(" ").as_bytes());
    hash.truncate(hash::DIGITS);
    format!("compare-{}-{hash}", names.join("-"))
}

/// By whose rules the loans of each were run.
fn rules(all: &[&Results]) -> String {
    let told = all.iter().filter(|results| !results.manifest.loan_rules.is_empty());
    let told: Vec<String> = told
        .map(|results| format!("{}: {}", results.side.name, rules_in_words(&results.manifest.loan_rules)))
        .collect();
    told.join("; ")
}

fn overlays(first: &Results, other: &Results, metrics: &[String], others: usize) -> Vec<Figure> {
    let draw = |metric: &String| {
        let before = overlay::Side { name: &first.side.name, series: &first.series };
        let after = overlay::Side { name: &other.side.name, series: &other.series };
        let mut figure = overlay::draw(before, after, metric).ok()?;
        figure = figure.under_rules(&rules(&[first, other]));
        if others > 1 {
            figure.name = format!("{}-{}", figure.name, other.side.name);
        }
        Some(figure)
    };
    metrics.iter().filter_map(draw).collect()
}

fn store(into: &Path, figure: &Figure) -> Result<(), Failure> {
    let path = |ending: &str| into.join(format!("charts/{}.{ending}", figure.name));
    write_whole(&path("svg"), |path| Ok(canvas::write_svg(figure, path)?))?;
    write_whole(&path("png"), |path| Ok(canvas::write_png(figure, path)?))?;
    Ok(())
}

fn write_csv(path: &Path, comparisons: &[Comparison]) -> Result<(), BoxedError> {
    let mut writer = csv::Writer::from_path(path)?;
    writer.write_record([
        "before_name",
        "after_name",
        "metric",
        "unit",
        "figure",
        "before",
        "after",
        "difference",
        "low_95",
        "high_95",
        "sd",
        "pairs",
        "verdict",
    ])?;
    let cell = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    for comparison in comparisons {
        for metric in &comparison.metrics {
            for (figure, found) in [("time_mean", &metric.time_mean), ("final", &metric.last)] {
                writer.write_record([
                    comparison.before.clone(),
                    comparison.after.clone(),
                    metric.name.clone(),
                    metric.unit.clone(),
                    figure.to_owned(),
                    cell(found.before),
                    cell(found.after),
                    cell(found.difference),
                    cell(found.low_95),
                    cell(found.high_95),
                    cell(found.sd),
                    found.pairs.to_string(),
                    found.words(),
                ])?;
            }
        }
    }
    writer.flush()?;
    Ok(())
}

fn write_report(
    into: &Path,
    all: &[Results],
    comparisons: &[Comparison],
    figures: &[Figure],
) -> Result<(), Failure> {
    let names: Vec<&str> = all.iter().map(|results| results.side.name.as_str()).collect();
    let title = names.join(" against ");
    let facts: Vec<(String, String)> = all
        .iter()
        .map(|results| {
            let manifest = &results.manifest;
            let mut value = format!("{}-{}, seed {}", manifest.name, manifest.digest, manifest.seed);
            if !manifest.loan_rules.is_empty() {
                value = format!("{value}; {}", rules_in_words(&manifest.loan_rules));
            }
            (results.side.name.clone(), value)
        })
        .collect();
    let warnings: Vec<String> =
        comparisons.iter().flat_map(|comparison| comparison.warnings.clone()).collect();
    let summary = table(comparisons);
    let report = Report {
        experiment: &title,
        description: "Differences are taken run by run: run k of experiments with one seed sees the same market.",
        assertions: None,
        summary: summary.as_ref(),
        tables: &[],
        figures,
        not_drawn: &[],
        notes: &warnings,
        manifest: &facts,
    };
    write_file(&into.join("report.html"), report::html(&report)?.as_bytes())?;
    Ok(())
}

/// The means over time, one row a metric and comparison.
fn table(comparisons: &[Comparison]) -> Option<Table> {
    let rows: Vec<(&Comparison, &MetricComparison)> = comparisons
        .iter()
        .flat_map(|comparison| comparison.metrics.iter().map(move |metric| (comparison, metric)))
        .collect();
    let column = |name: &str, meaning: &str, cells| Column {
        name: name.into(),
        unit: String::new(),
        meaning: meaning.into(),
        cells,
    };
    let text = |read: &dyn Fn(&(&Comparison, &MetricComparison)) -> String| {
        Cells::Text(rows.iter().map(|row| Some(read(row))).collect())
    };
    let real = |read: &dyn Fn(&MetricComparison) -> Option<f64>| {
        Cells::Real(rows.iter().map(|row| read(row.1)).collect())
    };
    let columns = vec![
        column("compared_with", "the second of the two", text(&|row| row.0.after.clone())),
        column("metric", "bare name of its column", text(&|row| row.1.name.clone())),
        column("unit", "unit", text(&|row| unit(&row.1.unit).to_owned())),
        column("before", "mean over time and pairs, first", real(&|metric| metric.time_mean.before)),
        column("after", "mean over time and pairs, second", real(&|metric| metric.time_mean.after)),
        column("difference", "second less first", real(&|metric| metric.time_mean.difference)),
        column("from", "lower end of the 95 % interval", real(&|metric| metric.time_mean.low_95)),
        column("to", "upper end of the 95 % interval", real(&|metric| metric.time_mean.high_95)),
        column("verdict", "what can be said", text(&|row| row.1.time_mean.words())),
        column("at_the_end", "difference of the last values", real(&|metric| metric.last.difference)),
        column("verdict_at_the_end", "what can be said of it", text(&|row| row.1.last.words())),
    ];
    Table::new(columns).ok()
}

fn to_json(all: &[Results], comparisons: &[Comparison], into: &Path, charts: &[String]) -> Value {
    let sides: Vec<Value> = all
        .iter()
        .map(|results| {
            let manifest = &results.manifest;
            json!({
                "name": results.side.name, "experiment": manifest.name, "digest": manifest.digest,
                "seed": manifest.seed, "runs": manifest.runs_finished, "loan_rules": manifest.loan_rules,
            })
        })
        .collect();
    json!({
        "status": "done", "directory": into.display().to_string(), "sides": sides, "comparisons": comparisons,
        "charts": charts, "report": into.join("report.html").display().to_string(),
    })
}

fn told(comparison: &Comparison, shown: &[String]) -> String {
    let mut text =
        format!("{} against {}: {} paired runs\n", comparison.after, comparison.before, comparison.pairs);
    for warning in &comparison.warnings {
        text.push_str(&format!("warning: {warning}\n"));
    }
    text.push('\n');
    let mut rows = Vec::new();
    for metric in comparison.metrics.iter().filter(|metric| shown.contains(&metric.name)) {
        for (figure, found) in [("mean", &metric.time_mean), ("at the end", &metric.last)] {
            let interval = match (found.low_95, found.high_95) {
                (Some(_), Some(_)) => format!("{} to {}", number(found.low_95), number(found.high_95)),
                _ => String::new(),
            };
            rows.push(vec![
                metric.name.clone(),
                unit(&metric.unit).to_owned(),
                figure.to_owned(),
                number(found.before),
                number(found.after),
                number(found.difference),
                interval,
                found.words(),
            ]);
        }
    }
    let head = [
        "metric",
        "unit",
        "figure",
        &comparison.before,
        &comparison.after,
        "difference",
        "95 % interval",
        "verdict",
    ];
    text.push_str(&terminal::table(&head, &rows));
    text.push('\n');
    text
}
