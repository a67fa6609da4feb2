//! Emission: what staking could have paid, what it owed and what was claimed; what is staked, and what it earns.

use super::axis::{self, Axis, Scale};
use super::data::{NotDrawn, Series, backdrop};
use super::figure::{Figure, Mark, Panel, Point, Row};
use super::style::{BLUE, GREEN, GREY, Stroke, stroke};
use super::words::words;
use super::{Options, subtitle};
use crate::record::table::Table;

const CHART: &str = "emission";
/// More pools than this cannot be told apart.
const MOST: usize = 6;

/// Draws emission since the start, and for each staking pool the share that is staked and its reward a year.
///
/// # Errors
/// [`NotDrawn`] without `emission_scheduled`, `emission_minted` or `emission_claimed`.
pub fn draw(series: &Table, options: &Options) -> Result<Figure, NotDrawn> {
    let series = Series::new(series, CHART)?;
    let run = series.run(options.run);
    let path = |name: &str| series.path(CHART, name, run, 1e-6);
    let (scheduled, minted) = (path("emission_scheduled")?, path("emission_minted")?);
    let claimed = path("emission_claimed")?;
    let mut books =
        Panel::new("Emission since the start (million tokens)", series.axis(), Axis::linear().reach(&[0.0]));
    backdrop(&series, "emission_claimed", 1e-6).into_iter().for_each(|mark| books.draw(mark));
    let facts = facts(&scheduled, &minted, &claimed);
    books.draw(Mark::line(minted, Stroke::solid(BLUE, 2.4), "paid or owed"));
    books.draw(Mark::line(scheduled, Stroke::dashed(GREY, 1.2, &[5.0, 3.0]), "scheduled"));
    books.draw(Mark::line(claimed, Stroke::solid(GREEN, 1.7), "claimed"));
    let mut rows = vec![Row::of(230.0, books)];
    let names = |ending: &'static str| {
        series.names().filter_map(move |name| name.strip_suffix(ending)).take(MOST).collect::<Vec<_>>()
    };
    let mut staked =
        Panel::new("Staked (% of the supply of what is staked)", series.axis(), Axis::linear().reach(&[0.0]));
    for (place, name) in names("_staked_share").into_iter().enumerate() {
        let path = series.path(CHART, &format!("{name}_staked_share"), run, 100.0)?;
        staked.draw(Mark::named_line(path, stroke(place), &words(name)));
    }
    rows.push(Row::of(180.0, staked));
    let pools = names("_stake_apr");
    let mut rates = Vec::new();
    for name in &pools {
        rates.push(series.path(CHART, &format!("{name}_stake_apr"), run, 100.0)?);
    }
    let mut earned = Panel::new("Reward over value staked (% a year)", series.axis(), rate_axis(&rates));
    for (place, (name, path)) in pools.into_iter().zip(rates).enumerate() {
        earned.draw(Mark::named_line(path, stroke(place), &words(name)));
    }
    rows.push(Row::of(180.0, earned));
    Ok(Figure {
        name: CHART.into(),
        title: "Staking and emission".into(),
        subtitle: subtitle(options, &series.run_words(run), &facts),
        reading: "What is scheduled is paid only for cycles in which somebody has staked, and only to those who claim it: \
                  the gap below the dashed line has lapsed, the one below it waits for its owners. A kink is a halving."
            .into(),
        footnote: "Reward at the token's price of the moment, before the weights of longer locks.".into(),
        rows,
    }
    .sharing_x())
}

/// Rewards over next to no stake are without bounds: an even axis, or a logarithmic one where they span a lot.
fn rate_axis(rates: &[Vec<Point>]) -> Axis {
    let positive = || rates.iter().flatten().filter_map(|point| point.1).filter(|rate| *rate > 0.0);
    let (least, most) = (positive().fold(f64::INFINITY, f64::min), positive().fold(0.0, f64::max));
    if most > 30.0 * least { Axis::of(Scale::Log) } else { Axis::linear().reach(&[0.0]) }
}

fn facts(scheduled: &[Point], minted: &[Point], claimed: &[Point]) -> String {
    let last = |path: &[Point]| path.iter().rev().find_map(|point| point.1);
    match (last(scheduled), last(minted), last(claimed)) {
        (Some(scheduled), Some(minted), Some(claimed)) if scheduled > 0.0 => format!(
            "of {} million tokens scheduled {} % were earned, {} % claimed",
            axis::number(scheduled, 3),
            axis::number(minted / scheduled * 100.0, 3),
            axis::number(claimed / scheduled * 100.0, 3)
        ),
        _ => String::new(),
    }
}
