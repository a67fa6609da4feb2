//! Order books.

use super::{Check, MOST_UNITS, tickers, unknown_ticker};
use crate::experiment::config::Experiment;
use crate::experiment::load::Problem;
use crate::experiment::order_book_settings::OrderBookSettings;
use crate::experiment::order_books::decimals;

/// The most order books of a world: as many as bots tell apart.
const MOST_BOOKS: usize = 8;

/// Checks `order_books`.
pub(super) fn check(experiment: &Experiment, check: &mut Check) {
    let books = &experiment.order_books;
    if books.len() > MOST_BOOKS {
        let expected = format!("at most {MOST_BOOKS} order books");
        check.push(Problem::new("order_books", expected, format!("{} order books", books.len())));
    }
    let names = books.iter().enumerate();
    check.unique(
        names.map(|(place, book)| (format!("order_books.{place}.name"), book.name.as_str())),
        "order book",
    );
    let known = tickers(experiment);
    for (place, book) in books.iter().enumerate() {
        let path = |field: &str| format!("order_books.{place}.{field}");
        check.name(path("name"), &book.name);
        if experiment.pools.iter().any(|pool| pool.name == book.name) {
            let found = format!("`{}` again", book.name);
            let problem = Problem::new(path("name"), "a name that no pool has", found);
            check.push(problem.help(format!("`{}_book` would do", book.name)));
        }
        for (field, symbol) in [("base", &book.base), ("quote", &book.quote)] {
            if !known.contains(symbol) {
                check.push(unknown_ticker(experiment, path(field), symbol));
            }
        }
        if book.base == book.quote {
            let found = format!("`{}`", book.quote);
            check.push(Problem::new(path("quote"), "another coin than the base", found));
        }
        check.range(path("maker_fee_bps"), book.maker_fee_bps, 0.0, 10_000.0, "basis points");
        check.range(path("taker_fee_bps"), book.taker_fee_bps, 0.0, 10_000.0, "basis points");
        steps(experiment, book, &path, check);
    }
}

/// A tick and a lot, each by itself and together.
fn steps(
    experiment: &Experiment,
    book: &OrderBookSettings,
    path: &dyn Fn(&str) -> String,
    check: &mut Check,
) {
    let before = check.problems.len();
    check.positive(path("tick_size"), book.tick_size, MOST_UNITS, "quote units");
    check.positive(path("lot_size"), book.lot_size, MOST_UNITS, "base units");
    let outside = experiment.price.symbols();
    let (base, quote) = (decimals(&outside, &book.base), decimals(&outside, &book.quote));
    if check.problems.len() > before || book.steps(base, quote).is_some() {
        return;
    }
    let expected = format!(
        "whole atoms: a lot in steps of 1e-{} {}, a tick times a lot in steps of 1e-{} {}",
        base.places(),
        book.base,
        quote.places(),
        book.quote
    );
    let found = format!("a tick of {} and a lot of {}", book.tick_size, book.lot_size);
    let problem = Problem::new(path("lot_size"), expected, found);
    check.push(problem.help("take a larger lot or a larger tick: what is paid is never rounded"));
}
