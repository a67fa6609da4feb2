//! Responses: what each variant answers to every quantity, and by how much it differs from the first variant.

use super::axis::{self, Axis, Scale};
use super::data::{NotDrawn, drawable};
use super::figure::{Figure, Mark, Panel, Row};
use super::style::{BLUE, Colour, GREY, GRID, Marker, Stroke, VERMILION};
use super::{Options, subtitle};
use crate::record::table::Table;

const CHART: &str = "response";
/// More variants than this cannot be told apart.
const MOST_VARIANTS: usize = 16;
/// More quantities than this make no chart that is looked at.
const MOST_QUANTITIES: usize = 10;
/// Room below the last variant, for the axis.
const LANE: f64 = 24.0;

/// One quantity with its variants in their order.
struct Asked<'a> {
    quantity: &'a str,
    unit: &'a str,
    variants: Vec<Variant<'a>>,
}

struct Variant<'a> {
    name: &'a str,
    level: Spread,
    difference: Spread,
    /// The figures of its runs, in their order.
    runs: Vec<f64>,
}

/// A mean and the ends of its interval.
#[derive(Clone, Copy)]
struct Spread {
    mean: Option<f64>,
    from: Option<f64>,
    to: Option<f64>,
}

impl Spread {
    fn numbers(self) -> [Option<f64>; 3] {
        [self.mean, self.from, self.to]
    }
}

/// Draws a row a quantity: `estimates` with the columns `quantity`, `unit`, `variant`, `mean`, `from`, `to`, `difference`,
/// `difference_from` and `difference_to`, `figures` with `quantity`, `variant` and `figure`, a row a run.
///
/// # Errors
/// [`NotDrawn`] if a column is missing or no quantity has a mean.
pub fn draw(estimates: &Table, figures: &Table, options: &Options) -> Result<Figure, NotDrawn> {
    let mut asked = asked(estimates, figures)?;
    let mut footnote = vec![
        "Disc: mean over runs (of P: share of runs). Bar: its 95 % interval. Strokes: the runs.".to_owned(),
    ];
    if asked.len() > MOST_QUANTITIES {
        footnote.push(format!("{} further quantities are not shown.", asked.len() - MOST_QUANTITIES));
        asked.truncate(MOST_QUANTITIES);
    }
    let most = asked.iter().map(|asked| asked.variants.len()).max().unwrap_or(0);
    if most > MOST_VARIANTS {
        footnote.push(format!("{} further variants are not shown.", most - MOST_VARIANTS));
        asked.iter_mut().for_each(|asked| asked.variants.truncate(MOST_VARIANTS));
    }
    let first = asked.first().and_then(|asked| asked.variants.first()).map_or("", |variant| variant.name);
    if most > 1 {
        footnote.push(format!("To the right: each run less the run of \"{first}\" on the same seed, and Student's 95 % interval."));
    }
    let count = asked.first().map_or(0, |asked| asked.variants.len());
    let runs = asked.iter().flat_map(|asked| &asked.variants).map(|variant| variant.runs.len()).max();
    let facts = format!("{count} variants, {} runs each", runs.unwrap_or(0));
    let rows = asked.iter().enumerate().map(|(place, asked)| row(asked, first, place == 0)).collect();
    Ok(Figure {
        name: CHART.into(),
        title: "What the variants answer".into(),
        subtitle: subtitle(options, "", &facts),
        reading: "Each row of panels is a quantity, each line a variant. To the left what it comes to; to the right by how \
                  much it differs from the first variant, taken run by run: where the bar leaves out zero, the variants \
                  differ."
            .into(),
        footnote: footnote.join(" "),
        rows,
    })
}

fn row(asked: &Asked<'_>, first: &str, is_first: bool) -> Row {
    let names: Vec<String> = asked.variants.iter().map(|variant| variant.name.to_owned()).collect();
    let lanes = names.len();
    let unit = if asked.unit.is_empty() { String::new() } else { format!(" ({})", asked.unit) };
    let levels = asked.variants.iter().flat_map(|variant| {
        variant.level.numbers().into_iter().flatten().chain(variant.runs.iter().copied())
    });
    let changes = asked.variants.iter().flat_map(|variant| variant.difference.numbers()).flatten();
    let mut level =
        Panel::new(format!("{}{unit}", asked.quantity), airy(levels), Axis::of(Scale::Names(names)));
    let mut change = Panel::new(
        format!("difference to \"{first}\"{unit}"),
        airy(changes.chain([0.0])),
        Axis::of(Scale::Names(vec![String::new(); lanes])),
    );
    for panel in [&mut level, &mut change] {
        panel.x_written = true;
        for lane in 0..lanes {
            panel.draw(Mark::level(lane as f64, Stroke::solid(GRID, 0.9), ""));
        }
    }
    level.weight = 1.35;
    change.draw(Mark::Upright { place: 0.0, stroke: Stroke::solid(GREY, 1.1), legend: None });
    let key = |words: &'static str| is_first.then_some(words);
    for (lane, variant) in asked.variants.iter().enumerate() {
        let at = lane as f64;
        strokes(&mut level, &variant.runs, at, key("each run"));
        bar(&mut level, variant.level, at, BLUE, key("mean and 95 % interval"));
        let told = variant.level.mean.map_or_else(|| "\u{2013}".into(), |mean| axis::number(mean, 3));
        level.draw(Mark::Aside { value: at, words: told });
        if lane > 0 {
            bar(&mut change, variant.difference, at, VERMILION, key("mean difference"));
            let told = variant.difference.mean.map_or_else(|| "\u{2013}".into(), signed);
            change.draw(Mark::Aside { value: at, words: told });
        }
    }
    let panels = if lanes > 1 { vec![level, change] } else { vec![level] };
    Row { height: LANE * lanes as f64 + 8.0, panels }
}

/// An axis that leaves room for a mark at either end.
fn airy(numbers: impl Iterator<Item = f64>) -> Axis {
    let ends = numbers.filter_map(|number| drawable(Some(number)));
    let ends = ends.fold(None, |ends: Option<(f64, f64)>, x| {
        Some(ends.map_or((x, x), |(low, high)| (low.min(x), high.max(x))))
    });
    match ends {
        Some((low, high)) if low < high => {
            let air = 0.04 * (high - low);
            Axis::linear().limits(low - air, high + air)
        }
        _ => Axis::linear(),
    }
}

/// A number with its sign.
fn signed(number: f64) -> String {
    let plus = if number > 0.0 { "+" } else { "" };
    format!("{plus}{}", axis::number(number, 3))
}

/// A stroke a run, from the lowest to the highest so that those which lie on each other are drawn once.
fn strokes(panel: &mut Panel, runs: &[f64], at: f64, legend: Option<&str>) {
    let mut sorted = runs.to_vec();
    sorted.sort_by(f64::total_cmp);
    if !sorted.is_empty() {
        let points = sorted.into_iter().map(|figure| (figure, at)).collect();
        let legend = legend.map(str::to_owned);
        panel.draw(Mark::Dots { points, marker: Marker::Stroke, colour: GREY.tint(0.55), legend });
    }
}

/// A disc at the mean upon a bar over the interval.
fn bar(panel: &mut Panel, spread: Spread, at: f64, colour: Colour, legend: Option<&str>) {
    if let Some((from, to)) = drawable(spread.from).zip(drawable(spread.to)) {
        let points = vec![(from, Some(at)), (to, Some(at))];
        panel.draw(Mark::line(points, Stroke::solid(colour, 2.6), ""));
    }
    if let Some(mean) = drawable(spread.mean) {
        let legend = legend.map(str::to_owned);
        panel.draw(Mark::Dots { points: vec![(mean, at)], marker: Marker::Disc, colour, legend });
    }
}

fn asked<'a>(estimates: &'a Table, figures: &'a Table) -> Result<Vec<Asked<'a>>, NotDrawn> {
    let missing = |source| NotDrawn::Column { chart: CHART, source };
    let text = |name: &str| estimates.text(name).map_err(missing);
    let real = |name: &str| estimates.real(name).map_err(missing);
    let (quantities, units, names) = (text("quantity")?, text("unit")?, text("variant")?);
    let level = [real("mean")?, real("from")?, real("to")?];
    let difference = [real("difference")?, real("difference_from")?, real("difference_to")?];
    let of_runs = (
        figures.text("quantity").map_err(missing)?,
        figures.text("variant").map_err(missing)?,
        figures.real("figure").map_err(missing)?,
    );
    let mut asked: Vec<Asked<'_>> = Vec::new();
    for (row, quantity) in quantities.iter().enumerate() {
        let Some((quantity, name)) = quantity.as_deref().zip(names[row].as_deref()) else { continue };
        let place = asked.iter().position(|asked| asked.quantity == quantity).unwrap_or_else(|| {
            let unit = units[row].as_deref().unwrap_or_default();
            asked.push(Asked { quantity, unit, variants: Vec::new() });
            asked.len() - 1
        });
        let spread = |cells: [&[Option<f64>]; 3]| {
            let [mean, from, to] = cells.map(|cells| drawable(cells[row]));
            Spread { mean, from, to }
        };
        let belongs = |at: &usize| {
            (of_runs.0[*at].as_deref(), of_runs.1[*at].as_deref()) == (Some(quantity), Some(name))
        };
        let runs = (0..figures.rows()).filter(belongs).filter_map(|at| drawable(of_runs.2[at])).collect();
        asked[place].variants.push(Variant {
            name,
            level: spread(level),
            difference: spread(difference),
            runs,
        });
    }
    if asked.iter().flat_map(|asked| &asked.variants).all(|variant| variant.level.mean.is_none()) {
        return Err(NotDrawn::NoRows { chart: CHART, table: "responses" });
    }
    Ok(asked)
}
