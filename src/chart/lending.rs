//! Loan markets: how near each came to its debt, how it was hedged, what it charged, and what stood behind it.
//!
//! A loan market is known by its metrics: where the series has `NAME_loan_to_value`, there is a market `NAME`.

use super::axis::{self, Axis, Scale};
use super::data::{Fan, NotDrawn, Series, backdrop, fan_marks};
use super::events::{self, Events};
use super::figure::{Figure, Mark, Panel, Point, Row};
use super::style::{BLUE, Colour, GREEN, GREY, INK, Marker, ORANGE, PURPLE, Stroke, VERMILION};
use super::{Options, subtitle};
use crate::record::table::Table;

const CHART: &str = "lending";
const RATES: &str = "rates";
const RESERVE: &str = "reserve";
/// The metric by which a loan market is known.
const KNOWN_BY: &str = "_loan_to_value";

/// What is marked, from the top: kind in the event table, name, marker, colour.
const MARKED: [(&str, &str, Marker, Colour); 3] = [
    ("conversion", "conversion", Marker::Diamond, PURPLE),
    ("default", "default", Marker::Down, VERMILION),
    ("settlement", "term settled in full", Marker::Disc, GREEN),
];

/// The loan markets whose metrics a series has.
#[must_use]
pub fn markets(series: &Table) -> Vec<String> {
    let names = series.columns().iter().filter_map(|column| column.name.strip_suffix(KNOWN_BY));
    names.map(str::to_owned).collect()
}

/// Draws every chart of loan markets that a series allows; none for a series without one.
#[must_use]
pub fn draw_all(series: &Table, events: Option<&Table>, options: &Options) -> Vec<Result<Figure, NotDrawn>> {
    let markets = markets(series);
    let mut drawn: Vec<_> = markets.iter().map(|market| draw(series, events, market, options)).collect();
    if !markets.is_empty() {
        drawn.push(rates(series, &markets, options));
        drawn.push(reserve(series, &markets, options));
    }
    drawn
}

/// Draws the loan-to-value of a market, its hedge, what became of a unit of value, and the events of its terms.
///
/// # Errors
/// [`NotDrawn`] without the metrics of a market of that name.
pub fn draw(
    series: &Table,
    events: Option<&Table>,
    market: &str,
    options: &Options,
) -> Result<Figure, NotDrawn> {
    let series = Series::new(series, CHART)?;
    let run = series.run(options.run);
    let path = |suffix: &str, factor| series.path(CHART, &format!("{market}_{suffix}"), run, factor);
    let seen = path("loan_to_value", 100.0)?;
    let outside = path("loan_to_value_outside", 100.0)?;
    let mut ratio = Panel::new("Loan to value (%)", series.axis(), Axis::linear().reach(&[100.0]));
    let loan = options.loans.iter().find(|loan| loan.name == market);
    backdrop(&series, &format!("{market}_loan_to_value_outside"), 100.0)
        .into_iter()
        .for_each(|mark| ratio.draw(mark));
    ratio.draw(Mark::level(100.0, Stroke::solid(GREY, 1.0), "debt not covered"));
    if let Some(loan) = loan {
        let words = format!("conversion {} %", axis::number(loan.conversion * 100.0, 4));
        ratio.draw(Mark::level(loan.conversion * 100.0, Stroke::dashed(GREY, 1.1, &[4.0, 3.0]), &words));
    }
    ratio.draw(Mark::line(outside.clone(), Stroke::solid(INK, 1.8), "at the outside price"));
    ratio.draw(Mark::line(seen, Stroke::dashed(ORANGE, 1.6, &[6.0, 3.0]), "as the pool sees it"));
    let mut hedge = Panel::new("Collateral (% of value)", series.axis(), Axis::linear().limits(0.0, 100.0));
    hedge.draw(Mark::line(
        path("weight", 100.0)?,
        Stroke::dashed(BLUE, 1.6, &[6.0, 3.0]),
        "weight it quotes at",
    ));
    hedge.draw(Mark::line(path("collateral_share", 100.0)?, Stroke::solid(INK, 1.6), "held"));
    let mut value = Panel::new("Value of one unit brought", series.axis(), Axis::linear().reach(&[1.0]));
    let frictionless = path("frictionless_performance", 1.0)?;
    let held = path("performance", 1.0)?;
    value.draw(Mark::line(
        frictionless.clone(),
        Stroke::dashed(GREEN, 1.7, &[2.2, 2.6]),
        "rebalanced at once, without friction",
    ));
    value.draw(Mark::line(held.clone(), Stroke::solid(INK, 1.7), "in this pool"));
    let mut rows = vec![Row::of(230.0, ratio), Row::of(150.0, hedge), Row::of(150.0, value)];
    if let Some(lanes) =
        events.and_then(|table| Events::of(table, run)).and_then(|events| lanes(&events, &series, market))
    {
        rows.insert(1, lanes);
    }
    Ok(Figure {
        name: format!("{CHART}-{market}"),
        title: match loan {
            Some(loan) => format!("Loan market {market} ({} rules): debt, hedge and value", loan.profile),
            None => format!("Loan market {market}: debt, hedge and value"),
        },
        subtitle: subtitle(options, &series.run_words(run), &facts(&series, &outside, &held, &frictionless)),
        reading: "The pool is to sell collateral as it falls, so that the loan to value stays below 100 % until the \
                  term ends. Where the lower two lines part, rebalancing was late, costly or cut short. Values begin \
                  anew with every term."
            .into(),
        footnote: if series.runs() > 1 { "Grey fan: quantiles over all runs at each tick.".into() } else { String::new() },
        rows,
    }
    .sharing_x())
}

fn facts(series: &Series<'_>, ratio: &[Point], held: &[Point], frictionless: &[Point]) -> String {
    let highest = ratio.iter().filter_map(|(x, y)| Some((*x, (*y)?))).max_by(|a, b| a.1.total_cmp(&b.1));
    let Some(highest) = highest else { return String::new() };
    let peak = format!("highest {} % on {}", axis::number(highest.1, 4), series.moment(highest.0));
    let gaps = held.iter().zip(frictionless).filter_map(|(held, free)| Some(free.1? - held.1?));
    match gaps.max_by(f64::total_cmp).filter(|gap| *gap > 0.0) {
        Some(gap) => {
            format!("{peak}; up to {} % of a unit below the frictionless pool", axis::number(gap * 100.0, 2))
        }
        None => peak,
    }
}

/// One lane a kind of event that happened to this market.
fn lanes(events: &Events<'_>, series: &Series<'_>, market: &str) -> Option<Row> {
    let mut names = Vec::new();
    let mut marks = Vec::new();
    for (kind, name, marker, colour) in MARKED {
        let own = events.of_kind(kind).filter(|event| event.subject == market);
        let places: Vec<f64> = own.filter_map(|event| series.place(event.tick)).collect();
        if places.is_empty() {
            continue;
        }
        let lane = names.len() as f64;
        marks.push(Mark::Aside { value: lane, words: format!("{name}, {}", events::times(places.len())) });
        let points = places.into_iter().map(|place| (place, lane)).collect();
        marks.push(Mark::Dots { points, marker, colour, legend: None });
        names.push(String::new());
    }
    let mut panel = Panel::new("Events", series.axis(), Axis::of(Scale::Names(names.clone())));
    panel.marks = marks;
    (!names.is_empty()).then(|| Row::of(20.0 * names.len() as f64 + 8.0, panel))
}

/// Draws the fixed rate of every market, and what was borrowed.
///
/// # Errors
/// [`NotDrawn`] if a market has no rate.
pub fn rates(series: &Table, markets: &[String], options: &Options) -> Result<Figure, NotDrawn> {
    let series = Series::new(series, RATES)?;
    let run = series.run(options.run);
    let mut rate = Panel::new("Fixed rate (% a year)", series.axis(), Axis::linear().reach(&[0.0]));
    let mut debt = Panel::new("Borrowed at face value (usd)", series.axis(), Axis::linear().reach(&[0.0]));
    let mut told = Vec::new();
    for (place, market) in markets.iter().enumerate() {
        let name = format!("{market}_rate");
        if markets.len() == 1 {
            fan_marks(&series.fan(&name, 100.0), BLUE, "").into_iter().for_each(|mark| rate.draw(mark));
        }
        let path = series.path(RATES, &name, run, 100.0)?;
        told.extend(mean(&path).map(|mean| format!("{market} {} % on average", axis::number(mean, 3))));
        let name = named(market, options);
        rate.draw(Mark::named_line(path, super::style::stroke(place), &name));
        let owed = series.path(RATES, &format!("{market}_debt"), run, 1.0)?;
        debt.draw(Mark::named_line(owed, super::style::stroke(place), &name));
    }
    Ok(Figure {
        name: RATES.into(),
        title: "Fixed rates, as discovered by borrowers and lenders".into(),
        subtitle: subtitle(options, &series.run_words(run), &told.join(", ")),
        reading: "A yield token pays one dollar when its term ends; the rate is what its discount comes to a year. \
                  Borrowers push it up by selling, lenders down by buying. It begins anew with every term."
            .into(),
        footnote: String::new(),
        rows: vec![Row::of(220.0, rate), Row::of(150.0, debt)],
    }
    .sharing_x())
}

/// The name of a market, with whose rules it follows where that is known.
fn named(market: &str, options: &Options) -> String {
    let loan = options.loans.iter().find(|loan| loan.name == market);
    loan.map_or_else(|| market.to_owned(), |loan| format!("{market} ({})", loan.profile))
}

fn mean(path: &[Point]) -> Option<f64> {
    let values: Vec<f64> = path.iter().filter_map(|point| point.1).collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Draws the three lines of defence, the months of fees that the first equals, and what was lost.
///
/// # Errors
/// [`NotDrawn`] without the metrics of the reserve.
pub fn reserve(series: &Table, markets: &[String], options: &Options) -> Result<Figure, NotDrawn> {
    let series = Series::new(series, RESERVE)?;
    let run = series.run(options.run);
    let path = |name: &str| series.path(RESERVE, name, run, 1.0);
    let own = path("reserve")?;
    let mut lines = Panel::new("Lines of defence (usd)", series.axis(), Axis::linear().reach(&[0.0]));
    lines.draw(Mark::named_line(own.clone(), Stroke::solid(BLUE, 1.9), "the reserve's own"));
    for (name, words, stroke) in [
        ("reserve_principal", "stakers' principal", Stroke::dashed(PURPLE, 1.6, &[6.0, 3.0])),
        ("reserve_backstop", "issuance", Stroke::dashed(GREY, 1.6, &[2.2, 2.6])),
    ] {
        let line = path(name)?;
        if line.iter().any(|point| point.1.is_some_and(|value| value > 0.0)) {
            lines.draw(Mark::named_line(line, stroke, words));
        }
    }
    let mut rows = vec![Row::of(190.0, lines)];
    if let Some(row) = losses(&series, markets, run, options) {
        rows.push(row);
    }
    let months = path("reserve_months")?;
    let mut covered = Panel::new("Months of fees covered", series.axis(), Axis::of(Scale::Log));
    months_fan(&series).into_iter().for_each(|mark| covered.draw(mark));
    covered.draw(Mark::line(months.clone(), Stroke::solid(INK, 1.7), ""));
    rows.push(Row::of(130.0, covered));
    let drawn = path("reserve_drawn")?.iter().rev().find_map(|point| point.1).unwrap_or(0.0);
    let facts = format!("paid for shortfalls: {} usd", axis::number(drawn, 4));
    Ok(Figure {
        name: RESERVE.into(),
        title: "The reserve and what it had to pay".into(),
        subtitle: subtitle(options, &series.run_words(run), &facts),
        reading: "Fees less rebates fill the reserve; shortfalls at the end of a term empty it. A reserve of three \
                  months of fees needs three quiet months to be rebuilt."
            .into(),
        footnote: "Valued in dollars: a reserve in one coin need not cover a shortfall in another.".into(),
        rows,
    }
    .sharing_x())
}

fn months_fan(series: &Series<'_>) -> Vec<Mark> {
    let fan: Fan = series.fan("reserve_months", 1.0);
    if fan.is_empty() { Vec::new() } else { fan_marks(&fan, GREY, "") }
}

/// What was missing at the end of terms, by market; nothing where nothing was.
fn losses(series: &Series<'_>, markets: &[String], run: i64, options: &Options) -> Option<Row> {
    let mut panel = Panel::new("Shortfalls so far (usd)", series.axis(), Axis::linear().reach(&[0.0]));
    for (place, market) in markets.iter().enumerate() {
        let line = series.path(RESERVE, &format!("{market}_shortfall"), run, 1.0).ok()?;
        if line.iter().any(|point| point.1.is_some_and(|value| value > 0.0)) {
            let name = named(market, options);
            panel.draw(Mark::named_line(line, super::style::stroke(place), &name).stepped());
        }
    }
    (!panel.marks.is_empty()).then(|| Row::of(120.0, panel))
}
