//! The charts of an experiment with variants: first what the variants show together (the study that the experiment asks for,
//! else the main metrics of each over those of the first), then each by itself.

use super::draw::options;
use crate::chart::data::NotDrawn;
use crate::chart::figure::Figure;
use crate::chart::overlay::{self, Side};
use crate::chart::{
    Options, Tables, beta, concentration, emission, friction, gate, governance, lending, leverage,
    order_book, peg, response, settlement, stress, token,
};
use crate::experiment::config::{Experiment, Study};
use crate::experiment::lending_settings::loan_rules;
use crate::experiment::{lending_study, response_study, study};
use crate::record::manifest::Manifest;
use crate::record::response::table;
use crate::record::summary::rules_in_words;
use crate::record::table::{Cells, Column, Table};

/// Draws the study that the experiment asks for, and the main charts of each variant.
pub(super) fn draw(
    tables: &Tables<'_>,
    manifest: &Manifest,
    experiment: &Experiment,
    variants: &[(String, Experiment)],
) -> Vec<Result<Figure, NotDrawn>> {
    let rules = rules_in_words(&loan_rules(experiment, variants));
    let options_of_all = Options { rules, ..options(manifest, Some(experiment)) };
    let mut drawn = Vec::new();
    match experiment.study {
        Some(Study::BetaSpectrum) => {
            if let Ok(spectrum) = study::beta_spectrum(tables.series, variants) {
                drawn.push(beta::draw(&spectrum, &options_of_all));
            }
        }
        Some(Study::Settlement) => {
            if let Ok(study) = study::settlement(tables.series, variants) {
                drawn.push(settlement::draw(&study.counts, Some(&study.paths), &options_of_all));
            }
        }
        Some(Study::Friction) => {
            for loan in &experiment.loans {
                if let Ok(outcomes) = lending_study::friction(tables.series, &loan.name) {
                    drawn.push(friction::draw(&outcomes, &loan.name, &options_of_all));
                }
            }
        }
        Some(Study::Response) => {
            if let Ok(Some(heard)) = response_study::of_series(tables.series, experiment, variants)
                && let (Ok(estimates), Ok(figures)) = (table(&heard.outcomes()), heard.figures())
            {
                drawn.push(response::draw(&estimates, &figures, &options_of_all));
            }
        }
        Some(Study::Overlay) | None => {}
    }
    let rows = |table: &Table, name: &str| rows_of(table, name, experiment.runs);
    let series: Vec<(&str, Table)> =
        variants.iter().map(|(name, _)| (name.as_str(), rows(tables.series, name))).collect();
    if matches!(experiment.study, Some(Study::Overlay) | None)
        && let Some(((first, base), others)) = series.split_first()
    {
        for (name, other) in others {
            let (one, two) = (Side { name: first, series: base }, Side { name, series: other });
            drawn.extend(options_of_all.fan_metrics.iter().map(|metric| {
                let drawn = overlay::draw(one, two, metric);
                let drawn = drawn.map(|figure| figure.under_rules(&options_of_all.rules));
                drawn.map(|figure| filed(figure, &format!("{first} and {name}")))
            }));
        }
    }
    for ((name, variant), (_, series)) in variants.iter().zip(&series) {
        let whose = format!("{}, variant {name}", manifest.name);
        let options = Options { experiment: whose, ..options(manifest, Some(variant)) };
        let events = tables.events.map(|events| rows(events, name));
        let mut figures = lending::draw_all(series, events.as_ref(), &options);
        figures.extend(order_book::draw_all(series, &options));
        if !variant.staking.is_empty() {
            figures.push(emission::draw(series, &options));
        }
        figures.extend(gate::draw_all(series, &options));
        if variant.governance.is_some() {
            let lorenz = tables.lorenz.map(|lorenz| rows(lorenz, name));
            figures.extend([
                governance::draw(series, events.as_ref(), &options),
                concentration::draw(series, lorenz.as_ref(), &options),
            ]);
            figures.extend(token::draw_all(series, events.as_ref(), &options));
        }
        if variant.fx.is_some() || figures.is_empty() {
            figures.extend([
                peg::draw(series, &options),
                stress::draw(series, events.as_ref(), &options),
                leverage::draw(series, &options),
            ]);
        }
        drawn.extend(figures.into_iter().map(|figure| figure.map(|figure| of_variant(figure, name))));
    }
    drawn
}

/// The rows of one variant. Runs count from zero in each, so that equal numbers share their randomness.
fn rows_of(table: &Table, variant: &str, runs: u32) -> Table {
    let own = table.only("variant", variant);
    let columns = own.columns().iter().cloned().map(|column| match column.cells {
        Cells::Integer(cells) if column.name == "run" => {
            let counted = cells.iter().map(|run| run.rem_euclid(i64::from(runs.max(1)))).collect();
            Column { cells: Cells::Integer(counted), ..column }
        }
        _ => column,
    });
    Table::new(columns.collect()).unwrap_or(own)
}

/// The figure of a variant, which its title and the name of its files tell.
fn of_variant(figure: Figure, variant: &str) -> Figure {
    let title = format!("{} ({variant})", figure.title);
    filed(Figure { title, ..figure }, variant)
}

/// The figure under a name that says whose it is: letters, digits and dashes.
fn filed(figure: Figure, whose: &str) -> Figure {
    let plain: String =
        whose.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
    Figure { name: format!("{}-{}", plain.trim_matches('-').to_lowercase(), figure.name), ..figure }
}
