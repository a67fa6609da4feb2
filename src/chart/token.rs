//! The governance token: what it costs, whose it is, and what votes did to its number.
//!
//! Drawn where the series has `token_supply`, that is where the token is allotted.

use super::axis::{self, Axis, Scale};
use super::data::{NotDrawn, Series, backdrop};
use super::events::{self, Events};
use super::figure::{Figure, Mark, Panel, Point, Row};
use super::style::{BLUE, Colour, Fill, GREEN, GREY, INK, Marker, ORANGE, Stroke, VERMILION};
use super::{Options, subtitle};
use crate::record::table::Table;

const CHART: &str = "token";
/// The metric by which a token that is allotted is known.
const KNOWN_BY: &str = "token_supply";
const MILLION: f64 = 1e-6;

/// Who holds the supply, from the bottom: metric, name, colour. Neighbours differ in darkness.
const HOLDERS: [(&str, &str, Colour); 5] = [
    ("token_circulating", "circulating", BLUE),
    ("sale_left_tokens", "being sold", VERMILION),
    ("token_unvested", "insiders', not vested", ORANGE),
    ("token_foundation", "foundation", GREY),
    ("token_community", "community", Colour(0xb9, 0xdd, 0xf2)),
];

/// What is marked, from the top: kind in the event table, beginning of its words, name, marker, colour.
const MARKED: [(&str, &str, &str, Marker, Colour); 3] = [
    ("sale", "begins", "a voted sale begins", Marker::Down, VERMILION),
    ("sale", "ends", "it ends", Marker::Ring, INK),
    ("buy_back", "begins", "a buy-back begins", Marker::Up, GREEN),
];

/// Draws the token if a series has one.
#[must_use]
pub fn draw_all(series: &Table, events: Option<&Table>, options: &Options) -> Vec<Result<Figure, NotDrawn>> {
    let known = series.column(KNOWN_BY).is_some();
    known.then(|| draw(series, events, options)).into_iter().collect()
}

/// Draws the price of the token, its supply by holder, and the sales and buy-backs that voters decided.
///
/// # Errors
/// [`NotDrawn`] without the metrics of a token that is allotted.
pub fn draw(series: &Table, events: Option<&Table>, options: &Options) -> Result<Figure, NotDrawn> {
    let series = Series::new(series, CHART)?;
    let run = series.run(options.run);
    let path = |name: &str, factor| series.path(CHART, name, run, factor);
    let price = path("token_price", 1.0)?;
    let mut market = Panel::new("Price of a token (usd)", series.axis(), Axis::linear().reach(&[0.0]));
    backdrop(&series, "token_price", 1.0).into_iter().for_each(|mark| market.draw(mark));
    market.draw(Mark::line(price.clone(), Stroke::solid(INK, 1.6), &format!("run {run}")));
    let mut rows = vec![Row::of(190.0, market)];
    let events = events.and_then(|table| Events::of(table, run));
    rows.extend(events.and_then(|events| lanes(&events, &series)));
    rows.push(Row::of(190.0, supply(&series, run)?));
    let dilution = path("dilution_share", 100.0)?;
    if changes(&dilution) || changes(&path("burned_tokens", 1.0)?) {
        let mut votes = Panel::new("Tokens (millions)", series.axis(), Axis::linear().reach(&[0.0]));
        for (name, words, stroke) in [
            ("issued_tokens", "issued by vote", Stroke::solid(VERMILION, 1.9)),
            ("sale_left_tokens", "still to be sold", Stroke::dashed(ORANGE, 1.7, &[6.0, 3.0])),
            ("burned_tokens", "burned", Stroke::dashed(GREEN, 2.0, &[2.2, 2.6])),
        ] {
            votes.draw(Mark::line(path(name, MILLION)?, stroke, words));
        }
        rows.push(Row::of(130.0, votes));
        let mut share =
            Panel::new("Dilution (% of first supply)", series.axis(), Axis::linear().reach(&[0.0]));
        backdrop(&series, "dilution_share", 100.0).into_iter().for_each(|mark| share.draw(mark));
        share.draw(Mark::line(dilution.clone(), Stroke::solid(INK, 1.7), ""));
        rows.push(Row::of(110.0, share));
    }
    rows.extend(reserve(&series, run));
    Ok(Figure {
        name: CHART.into(),
        title: "The governance token: price, supply, issuance, reserve".into(),
        subtitle: subtitle(options, &series.run_words(run), &facts(&price, &dilution)),
        reading: "Only what circulates can be sold: it grows as insiders' grants vest and as votes issue tokens. A sale \
                  pushes the price down while it goes on, and what it sells dilutes everybody; what a buy-back burns, \
                  and what a sale leaves, is gone."
            .into(),
        footnote: if series.runs() > 1 { "Grey fans: quantiles over all runs at each tick.".into() } else { String::new() },
        rows,
    }
    .sharing_x())
}

/// The supply in layers, one a kind of holder; layers that are empty all along are left out.
fn supply(series: &Series<'_>, run: i64) -> Result<Panel, NotDrawn> {
    let mut panel = Panel::new("Supply by holder (millions)", series.axis(), Axis::linear().reach(&[0.0]));
    let whole = series.path(CHART, KNOWN_BY, run, MILLION)?;
    let mut floor: Vec<f64> = vec![0.0; whole.len()];
    for (name, words, colour) in HOLDERS {
        let layer = series.path(CHART, name, run, MILLION)?;
        if !layer.iter().any(|point| point.1.is_some_and(|held| held > 0.0)) {
            continue;
        }
        let mut points = Vec::with_capacity(layer.len());
        for ((x, held), floor) in layer.into_iter().zip(&mut floor) {
            let band = held.map(|held| (*floor, *floor + held));
            *floor += held.unwrap_or(0.0);
            points.push((x, band));
        }
        panel.draw(Mark::Band { points, fill: Fill::plain(colour), legend: Some(words.into()) });
    }
    panel.draw(Mark::line(whole, Stroke::solid(INK, 1.2), ""));
    Ok(panel)
}

/// The dollars in the reserve and what they should be; none where there never are any.
fn reserve(series: &Series<'_>, run: i64) -> Option<Row> {
    const THOUSAND: f64 = 1e-3;
    let path = series.path(CHART, "reserve_usd", run, THOUSAND).ok().filter(|path| changes(path))?;
    let over = series.path(CHART, "reserve_over_target", run, 1.0).unwrap_or_default();
    let mut panel = Panel::new("Reserve (thousand usd)", series.axis(), Axis::linear().reach(&[0.0]));
    backdrop(series, "reserve_usd", THOUSAND).into_iter().for_each(|mark| panel.draw(mark));
    let both = path.iter().zip(&over).filter_map(|(held, over)| held.1.zip(over.1));
    let target = both.filter(|(_, over)| *over > 0.0).map(|(held, over)| held / over).next();
    if let Some(target) = target {
        panel.draw(Mark::level(target, Stroke::dashed(GREY, 1.0, &[6.0, 3.0]), "target"));
    }
    panel.draw(Mark::line(path, Stroke::solid(INK, 1.7), ""));
    Some(Row::of(110.0, panel))
}

/// One lane a kind of event; none where nothing was voted.
fn lanes(events: &Events<'_>, series: &Series<'_>) -> Option<Row> {
    let mut marks = Vec::new();
    let mut names = Vec::new();
    for (kind, begins, name, marker, colour) in MARKED {
        let own = events.of_kind(kind).filter(|event| event.detail.starts_with(begins));
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

fn changes(path: &[Point]) -> bool {
    path.iter().any(|point| point.1.is_some_and(|value| value > 0.0))
}

fn facts(price: &[Point], dilution: &[Point]) -> String {
    let ends = |path: &[Point]| {
        let mut defined = path.iter().filter_map(|point| point.1);
        let first = defined.next()?;
        Some((first, defined.next_back().unwrap_or(first)))
    };
    let mut told = Vec::new();
    if let Some((first, last)) = ends(price) {
        told.push(format!("price {} to {} usd", axis::number(first, 3), axis::number(last, 3)));
    }
    if let Some((_, last)) = ends(dilution).filter(|(_, last)| *last > 0.0) {
        told.push(format!("diluted by {} %", axis::number(last, 3)));
    }
    told.join(", ")
}
