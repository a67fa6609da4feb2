//! Tables become SVG and PNG charts and the HTML report; knows no world.
//!
//! A chart function takes the tables it lives on and [`Options`], and gives a [`figure::Figure`], or says why there
//! is none ([`data::NotDrawn`]). [`draw_all`] tries them all. [`canvas`] writes a figure as SVG and PNG; both are the
//! same bytes on every machine.

pub mod axis;
pub mod beta;
mod bitmap;
pub mod calendar;
pub mod canvas;
pub mod concentration;
pub mod data;
pub mod default_probability;
pub mod emission;
pub mod events;
pub mod fan;
pub mod figure;
pub mod font;
pub mod friction;
pub mod gate;
pub mod governance;
pub mod layout;
pub mod lending;
pub mod leverage;
pub mod loss_distribution;
pub mod order_book;
pub mod overlay;
mod panel;
pub mod peg;
pub mod pnl;
pub mod report;
pub mod response;
mod risk_rows;
pub mod risk_sensitivity;
pub mod scene;
pub mod settlement;
pub mod stress;
pub mod style;
mod thin;
pub mod token;
pub mod value_at_risk;
pub mod words;

use crate::record::table::Table;
use data::NotDrawn;
use figure::Figure;

/// The tables of an experiment. Only `series` is needed.
#[derive(Debug, Clone, Copy)]
pub struct Tables<'a> {
    /// Metrics by run and tick.
    pub series: &'a Table,
    /// What happened.
    pub events: Option<&'a Table>,
    /// What became of each agent.
    pub agents: Option<&'a Table>,
    /// Lorenz curves.
    pub lorenz: Option<&'a Table>,
}

/// A collateral ratio at which something begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// What begins.
    pub name: String,
    /// The ratio: 1.3 for 130 %.
    pub ratio: f64,
}

/// A loan market, by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Loan {
    /// Its name.
    pub name: String,
    /// Whose rules it follows.
    pub profile: String,
    /// Loan-to-value at which it converts: 0.9 for 90 %.
    pub conversion: f64,
}

/// An order book, by name, and the columns of other markets for its coins, without their ending `_price`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderBook {
    /// Its name.
    pub name: String,
    /// A pool of the same coins.
    pub pool: Option<String>,
    /// The base coin outside, where the quote coin is the dollar.
    pub outside: Option<String>,
}

/// How long the stages of a proposal last, in ticks; zero where one is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stages {
    /// Review.
    pub review: i64,
    /// Referendum.
    pub referendum: i64,
    /// Implementation.
    pub implementation: i64,
    /// Vote.
    pub vote: i64,
}

/// What a chart is told besides its tables.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Name of the experiment.
    pub experiment: String,
    /// The run whose path is drawn.
    pub run: i64,
    /// Half-width of the band inside which the peg holds, per cent.
    pub peg_band_pct: f64,
    /// Where the stress modes begin.
    pub thresholds: Vec<Threshold>,
    /// The loan markets.
    pub loans: Vec<Loan>,
    /// By whose rules loans are run, in words; told under every title, nothing without loans.
    pub rules: String,
    /// The order books.
    pub books: Vec<OrderBook>,
    /// The stages of a proposal, where there is governance.
    pub stages: Option<Stages>,
    /// Ticks of the Lorenz curves; first, middle and last if empty.
    pub lorenz_ticks: Vec<i64>,
    /// Metrics that get a fan chart of their own where there are several runs.
    pub fan_metrics: Vec<String>,
}

impl Default for Options {
    /// Run 0, a band of half a per cent, and the thresholds of the f(x) white paper of May 2023 (130, 120, 114 and
    /// 100 %).
    fn default() -> Self {
        let threshold = |(name, ratio): (&str, f64)| Threshold { name: name.into(), ratio };
        let thresholds = [
            ("stability", 1.30),
            ("user rebalance", 1.20),
            ("protocol rebalance", 1.14),
            ("recapitalisation", 1.00),
        ];
        Self {
            experiment: String::new(),
            run: 0,
            peg_band_pct: 0.5,
            thresholds: thresholds.into_iter().map(threshold).collect(),
            loans: Vec::new(),
            rules: String::new(),
            books: Vec::new(),
            stages: None,
            lorenz_ticks: Vec::new(),
            fan_metrics: ["collateral_ratio", "feth_peg_deviation", "xeth_nav"].map(str::to_owned).to_vec(),
        }
    }
}

/// Draws every chart the tables allow, in the order of the report; of the others, the reason.
#[must_use]
pub fn draw_all(tables: &Tables<'_>, options: &Options) -> Vec<Result<Figure, NotDrawn>> {
    let mut drawn = vec![
        peg::draw(tables.series, options),
        stress::draw(tables.series, tables.events, options),
        leverage::draw(tables.series, options),
        concentration::draw(tables.series, tables.lorenz, options),
        pnl::draw(tables.series, tables.agents, options),
        governance::draw(tables.series, tables.events, options),
    ];
    if tables.series.column("emission_scheduled").is_some() {
        drawn.push(emission::draw(tables.series, options));
    }
    drawn.extend(token::draw_all(tables.series, tables.events, options));
    drawn.extend(gate::draw_all(tables.series, options));
    drawn.extend(lending::draw_all(tables.series, tables.events, options));
    drawn.extend(order_book::draw_all(tables.series, options));
    drawn.extend(options.fan_metrics.iter().map(|metric| fan::draw(tables.series, metric, options)));
    drawn
}

/// Experiment, rules, run and facts, as they stand under a title.
fn subtitle(options: &Options, run: &str, facts: &str) -> String {
    let parts = [options.experiment.as_str(), options.rules.as_str(), run, facts];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" \u{b7} ")
}
