//! Order books: do they quote what other markets pay, at what spread, and how deep are they?
//!
//! An order book is known by its metrics: where the series has `NAME_bid_depth`, there is a book `NAME`.

use super::axis::{self, Axis};
use super::data::{NotDrawn, Series, backdrop};
use super::figure::{Figure, Mark, Panel, Point, Row};
use super::style::{BLUE, GREEN, GREY, INK, ORANGE, Stroke, VERMILION};
use super::{Options, subtitle};
use crate::record::table::Table;

const CHART: &str = "order_book";
/// The metric by which an order book is known.
const KNOWN_BY: &str = "_bid_depth";

/// Draws a chart for every order book of a series.
#[must_use]
pub fn draw_all(series: &Table, options: &Options) -> Vec<Result<Figure, NotDrawn>> {
    let names = series.columns().iter().filter_map(|column| column.name.strip_suffix(KNOWN_BY));
    names.map(|book| draw(series, book, options)).collect()
}

/// Draws price against pool and outside price, what parts them, spread, and depth of a book.
///
/// # Errors
/// [`NotDrawn`] without the metrics of a book of that name.
pub fn draw(series: &Table, book: &str, options: &Options) -> Result<Figure, NotDrawn> {
    let series = Series::new(series, CHART)?;
    let run = series.run(options.run);
    let path = |suffix: &str| series.path(CHART, &format!("{book}_{suffix}"), run, 1.0);
    let spread = path("spread")?;
    let told = options.books.iter().find(|told| told.name == book);
    let (pool, outside) =
        (told.and_then(|told| told.pool.as_ref()), told.and_then(|told| told.outside.as_ref()));

    let mut prices = Panel::new("Price (quote per base)", series.axis(), Axis::linear());
    let column = |name: &String| series.path(CHART, &format!("{name}_price"), run, 1.0).ok();
    if let Some(line) = outside.and_then(column) {
        prices.draw(Mark::line(line, Stroke::solid(GREEN.tint(0.6), 3.4), "outside"));
    }
    if let Some(line) = pool.and_then(column) {
        prices.draw(Mark::line(line, Stroke::dashed(ORANGE, 1.7, &[6.0, 3.0]), "pool, marginal"));
    }
    prices.draw(Mark::line(path("mid")?, Stroke::solid(INK, 1.3), "middle of the book"));

    let mut gaps = Panel::new("Book over others (%)", series.axis(), Axis::linear().reach(&[0.0]));
    gaps.draw(Mark::level(0.0, Stroke::solid(GREY, 1.0), ""));
    let pool_gap = path("pool_gap").ok();
    for (line, stroke, legend) in [
        (pool_gap.clone(), Stroke::solid(ORANGE, 1.4), "over the pool"),
        (path("value_gap").ok(), Stroke::solid(GREEN, 1.4), "over the outside price or net asset value"),
    ] {
        if let Some(line) = line.filter(|line| line.iter().any(|point| point.1.is_some())) {
            gaps.draw(Mark::line(line, stroke, legend));
        }
    }

    let mut distance = Panel::new("Spread (bps)", series.axis(), Axis::linear().reach(&[0.0]));
    backdrop(&series, &format!("{book}_spread"), 1.0).into_iter().for_each(|mark| distance.draw(mark));
    distance.draw(Mark::line(spread.clone(), Stroke::solid(INK, 1.5), &format!("run {run}")));

    let mut depth = Panel::new("Depth within 2 % (quote)", series.axis(), Axis::linear().reach(&[0.0]));
    depth.draw(Mark::line(path("bid_depth")?, Stroke::solid(BLUE, 1.6), "bids"));
    depth.draw(Mark::line(path("ask_depth")?, Stroke::dashed(VERMILION, 1.6, &[6.0, 3.0]), "offers"));

    let mut rows = vec![Row::of(210.0, prices)];
    if gaps.marks.len() > 1 {
        rows.push(Row::of(150.0, gaps));
    }
    rows.extend([Row::of(120.0, distance), Row::of(130.0, depth)]);
    Ok(Figure {
        name: format!("{CHART}-{book}"),
        title: format!("Order book {book}: price, spread and depth"),
        subtitle: subtitle(options, &series.run_words(run), &facts(&spread, pool_gap.as_deref())),
        reading: "The middle of the book should lie on the price of the other markets: what parts them is what fees and \
                  spreads let stand, or what nobody had the capital to trade away. Makers widen the spread when the price \
                  moves, and are short of what everybody bought."
            .into(),
        footnote: if series.runs() > 1 { "Grey fan: quantiles over all runs at each tick.".into() } else { String::new() },
        rows,
    }
    .sharing_x())
}

fn facts(spread: &[Point], pool_gap: Option<&[Point]>) -> String {
    let mean = |path: &[Point]| {
        let sizes: Vec<f64> = path.iter().filter_map(|point| point.1.map(f64::abs)).collect();
        (!sizes.is_empty()).then(|| sizes.iter().sum::<f64>() / sizes.len() as f64)
    };
    let spread = mean(spread).map(|spread| format!("mean spread {} bps", axis::number(spread, 3)));
    let gap =
        pool_gap.and_then(mean).map(|gap| format!("mean distance from the pool {} %", axis::number(gap, 2)));
    spread.into_iter().chain(gap).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::table::{Cells, Column};

    fn real(name: &str, cells: [Option<f64>; 3]) -> Column {
        Column {
            name: name.into(),
            unit: String::new(),
            meaning: String::new(),
            cells: Cells::Real(cells.to_vec()),
        }
    }

    fn series(with_gap: bool) -> Table {
        let integers = |name: &str, cells: [i64; 3]| Column {
            name: name.into(),
            unit: String::new(),
            meaning: String::new(),
            cells: Cells::Integer(cells.to_vec()),
        };
        let mut columns = vec![
            integers("run", [0; 3]),
            integers("tick", [0, 1, 2]),
            real("b_mid", [None, Some(10.0), Some(11.0)]),
            real("b_spread", [None, Some(20.0), Some(40.0)]),
            real("b_bid_depth", [None, Some(1e4), Some(2e4)]),
            real("b_ask_depth", [None, Some(2e4), Some(1e4)]),
        ];
        if with_gap {
            columns.push(real("b_pool_gap", [None, Some(-0.5), Some(0.1)]));
        }
        Table::new(columns).unwrap()
    }

    #[test]
    fn a_book_is_drawn_with_what_is_known_of_it() {
        let figure = draw(&series(true), "b", &Options::default()).unwrap();
        assert_eq!((figure.name.as_str(), figure.rows.len()), ("order_book-b", 4));
        assert!(
            figure.subtitle.contains("mean spread 30 bps; mean distance from the pool 0.3 %"),
            "{}",
            figure.subtitle
        );
        let alone = draw(&series(false), "b", &Options::default()).unwrap();
        assert_eq!(alone.rows.len(), 3, "without other markets there is no gap to draw");
        assert!(draw(&series(true), "c", &Options::default()).is_err());
        assert_eq!(draw_all(&series(true), &Options::default()).len(), 1);
    }
}
