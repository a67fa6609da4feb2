//! From the tables of an experiment to its charts and its report.

use rayon::prelude::*;

use super::failure::Failure;
use super::{responses, results, variants, verdicts};
use crate::chart::data::NotDrawn;
use crate::chart::figure::Figure;
use crate::chart::report::{self, Report};
use crate::chart::{Loan, Options, OrderBook, Stages, Tables, Threshold, canvas, draw_all};
use crate::experiment::config::Experiment;
use crate::experiment::lending_settings::{LoanSettings, loan_rules};
use crate::experiment::order_book_settings::OrderBookSettings;
use crate::experiment::resolve::reread;
use crate::record::directory::OutputDirectory;
use crate::record::manifest::Manifest;
use crate::record::summary::{MetricSummary, Summary, rules_in_words};
use crate::record::table::{Cells, Column, Table};

/// The report's file.
pub(super) const REPORT: &str = "report.html";

/// Draws everything that the tables allow into the directory. Answers with the names of the charts.
pub(super) fn draw(directory: &OutputDirectory, manifest: &Manifest) -> Result<Vec<String>, Failure> {
    let path = directory.path();
    let series = results::series(path)?;
    let (events, agents) = (results::table(path, "events")?, results::table(path, "agents")?);
    let lorenz = results::table(path, "lorenz")?;
    let tables =
        Tables { series: &series, events: events.as_ref(), agents: agents.as_ref(), lorenz: lorenz.as_ref() };
    // A config of another version still has tables; the charts then show what they show by default.
    let reread = reread(&manifest.resolved_config).ok();
    let drawn = match &reread {
        Some((experiment, variants)) if !variants.is_empty() => {
            variants::draw(&tables, manifest, experiment, variants)
        }
        _ => draw_all(&tables, &options(manifest, reread.as_ref().map(|(experiment, _)| experiment))),
    };
    let (figures, not_drawn) = part(drawn);
    write_figures(directory, &figures)?;
    let summary = results::summary(path)?;
    let assertions = verdicts::table(&summary);
    let responses: Vec<_> = responses::table(&summary).into_iter().collect();
    let summary = summary_table(&summary);
    let facts = facts(manifest, ("runs", u64::from(manifest.runs_finished)));
    let report = Report {
        experiment: &manifest.name,
        description: &manifest.description,
        assertions: assertions.as_ref(),
        summary: summary.as_ref(),
        tables: &responses,
        figures: &figures,
        not_drawn: &not_drawn,
        notes: &manifest.notes,
        manifest: &facts,
    };
    let page = report::html(&report)?;
    directory.write_file(REPORT, |path| Ok(std::fs::write(path, page)?))?;
    Ok(figures.iter().map(|figure| figure.name.clone()).collect())
}

pub(super) fn part(drawn: Vec<Result<Figure, NotDrawn>>) -> (Vec<Figure>, Vec<NotDrawn>) {
    let (mut figures, mut missing) = (Vec::new(), Vec::new());
    for outcome in drawn {
        match outcome {
            Ok(figure) => figures.push(figure),
            Err(why) => missing.push(why),
        }
    }
    (figures, missing)
}

pub(super) fn write_figures(directory: &OutputDirectory, figures: &[Figure]) -> Result<(), Failure> {
    figures.par_iter().try_for_each(|figure| {
        directory.write_file(&format!("charts/{}.svg", figure.name), |path| {
            Ok(canvas::write_svg(figure, path)?)
        })?;
        directory.write_file(&format!("charts/{}.png", figure.name), |path| {
            Ok(canvas::write_png(figure, path)?)
        })?;
        Ok(())
    })
}

/// What the charts should know of the experiment.
pub(super) fn options(manifest: &Manifest, experiment: Option<&Experiment>) -> Options {
    let default = Options { experiment: manifest.name.clone(), ..Options::default() };
    let Some(experiment) = experiment else { return default };
    let told = |loan: &LoanSettings| Loan {
        name: loan.name.clone(),
        profile: loan.profile.name().to_owned(),
        conversion: loan.conversion_loan_to_value,
    };
    let default = Options {
        loans: experiment.loans.iter().map(told).collect(),
        rules: rules_in_words(&loan_rules(experiment, &[])),
        books: experiment.order_books.iter().map(|book| markets_of(experiment, book)).collect(),
        stages: stages(experiment),
        ..default
    };
    let Some(fx) = &experiment.fx else {
        let outside = experiment.price.symbols();
        let prices = outside.iter().map(|symbol| format!("{}_price", symbol.to_lowercase()));
        let pools = experiment.pools.iter().map(|pool| format!("{}_price", pool.name));
        let gaps = default.books.iter().filter(|book| book.pool.is_some());
        let gaps = gaps.map(|book| format!("{}_pool_gap", book.name)).collect::<Vec<_>>();
        return Options {
            thresholds: Vec::new(),
            fan_metrics: prices.chain(pools).take(3).chain(gaps).collect(),
            ..default
        };
    };
    let begins = fx.rules().thresholds;
    let threshold = |(name, ratio): (&str, f64)| Threshold { name: name.into(), ratio };
    let thresholds = [
        ("stability", begins.stability),
        ("user rebalance", begins.user_rebalance),
        ("protocol rebalance", begins.protocol_rebalance),
        ("recapitalisation", begins.recapitalisation),
    ];
    Options { thresholds: thresholds.into_iter().map(threshold).collect(), ..default }
}

/// How long a proposal stays in each stage.
fn stages(experiment: &Experiment) -> Option<Stages> {
    let rules = experiment.governance.as_ref()?.rules();
    let ticks = |hours: f64| (hours / experiment.tick_hours).round() as i64;
    Some(Stages {
        review: ticks(rules.review_hours),
        referendum: ticks(rules.referendum_hours),
        implementation: ticks(rules.implementation_hours),
        vote: ticks(rules.voting_hours),
    })
}

/// Where else the coins of an order book trade.
fn markets_of(experiment: &Experiment, book: &OrderBookSettings) -> OrderBook {
    let mut pools = experiment.pools.iter();
    let pool = pools.find(|pool| (&pool.base, &pool.quote) == (&book.base, &book.quote));
    let outside = book.quote == "USD" && experiment.price.symbols().contains(&book.base.as_str());
    OrderBook {
        name: book.name.clone(),
        pool: pool.map(|pool| pool.name.clone()),
        outside: outside.then(|| book.base.to_lowercase()),
    }
}

/// One row a metric.
fn summary_table(summary: &Summary) -> Option<Table> {
    let column = |name: &str, meaning: &str, cells| Column {
        name: name.into(),
        unit: String::new(),
        meaning: meaning.into(),
        cells,
    };
    let text = |read: fn(&MetricSummary) -> &str| {
        Cells::Text(summary.metrics.iter().map(|metric| Some(read(metric).to_owned())).collect())
    };
    let real =
        |read: fn(&MetricSummary) -> Option<f64>| Cells::Real(summary.metrics.iter().map(read).collect());
    let table = Table::new(vec![
        column("metric", "bare name of its column", text(|metric| &metric.name)),
        column("unit", "unit", text(|metric| super::figures::unit(&metric.unit))),
        column("mean", "mean over time and runs", real(|metric| metric.time_mean.mean)),
        column(
            "from",
            "lower end of the 95 % interval of the mean",
            real(|metric| metric.time_mean.mean_low_95),
        ),
        column(
            "to",
            "upper end of the 95 % interval of the mean",
            real(|metric| metric.time_mean.mean_high_95),
        ),
        column("at_the_end", "mean over runs of the last value", real(|metric| metric.last.mean)),
        column("lowest", "smallest value of any run", real(|metric| metric.minimum)),
        column("highest", "largest value of any run", real(|metric| metric.maximum)),
        column("meaning", "what it is", text(|metric| &metric.meaning)),
    ]);
    // All columns have one cell a metric.
    table.ok()
}

/// What identifies the experiment, with how much of it was run. Host and wall time stay in the manifest: equal experiments have equal reports.
pub(super) fn facts(manifest: &Manifest, (counted, count): (&str, u64)) -> Vec<(String, String)> {
    let mut facts = vec![
        ("digest".to_owned(), manifest.digest.clone()),
        ("engine version".to_owned(), manifest.engine_version.clone()),
        ("seed".to_owned(), manifest.seed.to_string()),
        ("seed rule".to_owned(), manifest.seed_rule.clone()),
        (counted.to_owned(), count.to_string()),
    ];
    let rules = rules_in_words(&manifest.loan_rules);
    if !rules.is_empty() {
        facts.push(("rules of loans".to_owned(), rules));
    }
    let data = manifest
        .data
        .iter()
        .map(|file| ("data".to_owned(), format!("{} (SHA-256 {})", file.name, file.sha256)));
    facts.extend(data);
    facts
}
