//! Leverage: what one xETH is worth, what the market pays for it, and how much ETH it carries.

use super::axis::{self, Axis, Scale};
use super::data::{Fan, NotDrawn, Series, backdrop};
use super::figure::{Figure, Mark, Panel, Point, Row};
use super::style::{GREY, INK, MARKET, Stroke, VALUE};
use super::{Options, subtitle};
use crate::record::table::Table;

const CHART: &str = "leverage";

/// Draws net asset value, market price and leverage of xETH.
///
/// # Errors
/// [`NotDrawn`] without `xeth_nav` or `xeth_leverage`.
pub fn draw(series: &Table, options: &Options) -> Result<Figure, NotDrawn> {
    let series = Series::new(series, CHART)?;
    let run = series.run(options.run);
    let nav = series.path(CHART, "xeth_nav", run, 1.0)?;
    let leverage = series.path(CHART, "xeth_leverage", run, 1.0)?;
    let mut value = Panel::new("xETH (usd)", series.axis(), fitting(&nav, &series.fan("xeth_nav", 1.0)));
    backdrop(&series, "xeth_nav", 1.0).into_iter().for_each(|mark| value.draw(mark));
    value.draw(Mark::line(nav, VALUE, "net asset value"));
    if let Ok(price) = series.path(CHART, "xeth_price", run, 1.0) {
        value.draw(Mark::line(price, MARKET, "market price"));
    }
    let mut times = Panel::new(
        "Leverage of xETH (times)",
        series.axis(),
        fitting(&leverage, &series.fan("xeth_leverage", 1.0)).reach(&[1.0]),
    );
    backdrop(&series, "xeth_leverage", 1.0).into_iter().for_each(|mark| times.draw(mark));
    times.draw(Mark::level(1.0, Stroke::dashed(GREY, 1.0, &[4.0, 3.0]), "1 \u{d7}: plain ETH"));
    times.draw(Mark::line(leverage.clone(), Stroke::solid(INK, 1.7), &format!("run {run}")));
    let highest = leverage.iter().filter_map(|(x, y)| Some((*x, (*y)?))).max_by(|a, b| a.1.total_cmp(&b.1));
    let facts = highest.map_or_else(String::new, |(place, times)| {
        format!("highest leverage {} \u{d7} on {}", axis::number(times, 3), series.moment(place))
    });
    Ok(Figure {
        name: CHART.into(),
        title: "Value and leverage of xETH".into(),
        subtitle: subtitle(options, &series.run_words(run), &facts),
        reading: "xETH takes the price moves fETH is spared: the more fETH stands on the same collateral, the higher \
                  its leverage. Where the thin line leaves the broad one, the market disagrees with the treasury."
            .into(),
        footnote: if series.runs() > 1 { "Grey fans: quantiles over all runs at each tick.".into() } else { String::new() },
        rows: vec![Row::of(230.0, value), Row::of(200.0, times)],
    }
    .sharing_x())
}

/// An even axis, or a logarithmic one where the greatest value is more than thirty times the least.
fn fitting(path: &[Point], fan: &Fan) -> Axis {
    let fan = || fan.iter().filter_map(|place| place.1).flat_map(|q| [q.p05, q.p95]);
    let values = || path.iter().filter_map(|point| point.1).chain(fan());
    let (least, greatest) = (values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max));
    Axis::of(if least > 0.0 && greatest > 30.0 * least { Scale::Log } else { Scale::Linear })
}
