//! Concentration: how few hold how much, of liquidity, of the tokens, of the votes.

use super::axis::{self, Axis};
use super::data::{NotDrawn, Series};
use super::figure::{Figure, Mark, Panel, Point, Row};
use super::style::{GREY, Stroke, stroke};
use super::words::{heading, words};
use super::{Options, subtitle};
use crate::record::table::Table;

const CHART: &str = "concentration";
/// More lines than this cannot be told apart.
const MOST: usize = 6;
/// Lorenz curves side by side.
const ABREAST: usize = 4;

/// What is measured: ending of its columns, factor, heading.
const MEASURES: [(&str, f64, &str); 5] = [
    ("_hhi", 1.0, "Herfindahl index (1 = one holds all)"),
    ("_gini", 1.0, "Gini coefficient (0 = all alike)"),
    ("_nakamoto", 1.0, "Nakamoto coefficient (fewest holders above 50 %)"),
    (LARGEST, 100.0, "Largest holder (% of all)"),
    ("_top5_share", 100.0, "Five largest holders (% of all)"),
];
const LARGEST: &str = "_top1_share";
/// Endings of the names of those who hold something else than a part of a pool.
const HOLDERS: [&str; 3] = ["_holders", "voting_power", "_stakers"];

/// Draws index, coefficients and largest shares of every subject over time, pools to the left, tokens, votes and stakes to
/// the right; by wallet and, dotted, by owner where that is recorded; the cap on a pool's providers; and Lorenz curves.
///
/// # Errors
/// [`NotDrawn`] if there is no column of a measure, such as `<subject>_hhi`.
pub fn draw(series: &Table, lorenz: Option<&Table>, options: &Options) -> Result<Figure, NotDrawn> {
    let series = Series::new(series, CHART)?;
    let run = series.run(options.run);
    let mut subjects: Vec<&str> = Vec::new();
    for name in series.names() {
        let subject = MEASURES.iter().find_map(|(ending, ..)| name.strip_suffix(ending));
        if let Some(subject) = subject.filter(|subject| !subjects.contains(subject)) {
            subjects.push(subject);
        }
    }
    if subjects.is_empty() {
        let wanted = "`<subject>_hhi`, `<subject>_gini` or `<subject>_nakamoto`".into();
        return Err(NotDrawn::NoColumn { chart: CHART, wanted });
    }
    let held = |subject: &&str| HOLDERS.iter().any(|ending| subject.ends_with(ending));
    let (mut others, mut pools): (Vec<&str>, Vec<&str>) = subjects.iter().partition(|subject| held(subject));
    let left_out = [&mut pools, &mut others].map(|group| group.split_off(group.len().min(MOST))).concat();
    let mut rows = Vec::new();
    for measure in MEASURES {
        let first = rows.is_empty();
        let groups = [("Liquidity", &pools), ("Tokens, votes", &others)];
        let groups = groups.into_iter().filter(|(_, group)| !group.is_empty());
        let panels: Vec<Panel> = groups
            .map(|(whose, group)| panel(&series, run, measure, group, first.then_some(whose)))
            .filter(|panel| !panel.marks.is_empty())
            .collect();
        if !panels.is_empty() {
            rows.push(Row { height: 118.0, panels });
        }
    }
    if let Some(row) = rows.last_mut() {
        row.panels.iter_mut().for_each(|panel| panel.x_written = true);
    }
    rows.extend(lorenz.map(|table| curves(table, &series, run, options)).unwrap_or_default());
    let mut footnote = String::from(
        "Herfindahl index: sum of squared shares. Lorenz curve: share of everything held by the poorest holders; the \
         diagonal is equality. Liquidity is held in shares of a pool; votes lie in wallets, in escrow and in stakes.",
    );
    if !left_out.is_empty() {
        let names: Vec<String> = left_out.into_iter().map(words).collect();
        footnote = format!("{footnote} Not shown: {}.", names.join(", "));
    }
    Ok(Figure {
        name: CHART.into(),
        title: "Concentration of liquidity, tokens, votes and stakes".into(),
        subtitle: subtitle(options, &series.run_words(run), &facts(&series, run, &subjects)),
        reading: "High index and Gini, and a low Nakamoto coefficient, mean that few decide. A Lorenz curve that sags \
                  further below the diagonal is more unequal."
            .into(),
        footnote,
        rows,
    })
}

/// One measure of the subjects of one group. The first panel of a group says whose it is and names the lines of all.
fn panel(
    series: &Series<'_>,
    run: i64,
    (ending, factor, words_of_it): (&str, f64, &str),
    subjects: &[&str],
    whose: Option<&str>,
) -> Panel {
    let heading = whose.map_or_else(|| words_of_it.to_owned(), |whose| format!("{whose}: {words_of_it}"));
    let y = Axis::linear().reach(&[0.0]);
    let y = if ending == "_gini" { y.limits(0.0, 1.0) } else { y };
    let mut panel = Panel::new(heading, series.axis(), y);
    let path = |name: String| {
        let mut path = series.surveyed(CHART, &name, run).ok().filter(|path| !path.is_empty())?;
        path.iter_mut().for_each(|point| point.1 = point.1.map(|value| value * factor));
        Some(path)
    };
    let drawn = |points, stroke, name: String, named: bool| {
        let line = Mark::line(points, stroke, if named { &name } else { "" });
        if ending == "_nakamoto" { line.stepped() } else { line }
    };
    for (place, subject) in subjects.iter().enumerate() {
        if let Some(path) = path(format!("{subject}{ending}")) {
            panel.draw(drawn(path, stroke(place), words(subject), whose.is_some()));
        }
        if let Some(path) = path(format!("{subject}{ending}_by_owner")) {
            let dotted = Stroke::dashed(stroke(place).colour, 1.2, &[1.5, 2.5]);
            panel.draw(drawn(path, dotted, format!("{} by owner", words(subject)), whose.is_some()));
        }
        if let Some(cap) =
            path(format!("{subject}_provider_cap")).filter(|cap| ending == LARGEST && caps(cap))
        {
            let stroke = Stroke::dashed(GREY, 1.4, &[6.0, 3.0]);
            panel.draw(drawn(cap, stroke, format!("{} cap", words(subject)), true).stepped());
        }
    }
    panel
}

/// Whether a cap ever kept anybody from having all, in per cent.
fn caps(path: &[Point]) -> bool {
    path.iter().any(|point| point.1.is_some_and(|cap| cap < 100.0))
}

/// The subject that ends most concentrated.
fn facts(series: &Series<'_>, run: i64, subjects: &[&str]) -> String {
    let last = |subject: &&str| {
        let path = series.surveyed(CHART, &format!("{subject}_nakamoto"), run).ok()?;
        path.iter().rev().find_map(|point| point.1)
    };
    let fewest = subjects
        .iter()
        .filter_map(|subject| Some((subject, last(subject)?)))
        .min_by(|a, b| a.1.total_cmp(&b.1));
    fewest.map_or_else(String::new, |(subject, count)| {
        let holders = if count == 1.0 { "holder has" } else { "holders have" };
        format!("at the end {} {holders} more than half of the {}", axis::number(count, 4), words(subject))
    })
}

/// One panel a subject, one curve a tick; empty if the table is not one of Lorenz curves.
fn curves(table: &Table, series: &Series<'_>, run: i64, options: &Options) -> Vec<Row> {
    let runs = table.integer("run").ok();
    let (Ok(ticks), Ok(subjects)) = (table.integer("tick"), table.text("subject")) else { return Vec::new() };
    let (Ok(holders), Ok(holdings)) = (table.real("holders_share"), table.real("holdings_share")) else {
        return Vec::new();
    };
    let mine: Vec<usize> =
        (0..table.rows()).filter(|row| runs.is_none_or(|runs| runs[*row] == run)).collect();
    let mut known: Vec<i64> = mine.iter().map(|row| ticks[*row]).collect();
    known.sort_unstable();
    known.dedup();
    let chosen = chosen(&known, &options.lorenz_ticks);
    let mut names: Vec<&str> = Vec::new();
    for row in &mine {
        if let Some(name) = subjects[*row].as_deref().filter(|name| !names.contains(name)) {
            names.push(name);
        }
    }
    let mut panels = Vec::new();
    for (place, name) in names.iter().copied().enumerate() {
        let x = Axis::linear().label("holders, poorest first (%)").limits(0.0, 100.0);
        let mut panel =
            Panel::new(format!("{} (% held)", heading(name)), x, Axis::linear().limits(0.0, 100.0));
        panel.x_written = true;
        let equal = vec![(0.0, Some(0.0)), (100.0, Some(100.0))];
        panel.draw(Mark::line(equal, Stroke::dashed(GREY, 0.9, &[2.0, 2.0]), ""));
        let first = place == 0;
        for (place, tick) in chosen.iter().enumerate() {
            let mut points: Vec<(f64, Option<f64>)> = mine
                .iter()
                .filter(|row| ticks[**row] == *tick && subjects[**row].as_deref() == Some(name))
                .filter_map(|row| Some((holders[*row]? * 100.0, Some(holdings[*row]? * 100.0))))
                .filter(|point| point.0.is_finite())
                .collect();
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            let when =
                series.place(*tick).map_or_else(|| format!("tick {tick}"), |place| series.moment(place));
            panel.draw(Mark::line(points, stroke(place), if first { &when } else { "" }));
        }
        panels.push(panel);
    }
    let row = |panels: &[Panel]| Row { height: 150.0, panels: panels.to_vec() };
    // Rows as even as may be: a panel alone would be as wide as all.
    let rows = panels.len().div_ceil(ABREAST).max(1);
    panels.chunks(panels.len().div_ceil(rows).max(1)).map(row).collect()
}

/// The recorded ticks nearest to those asked for, or first, middle and last.
fn chosen(known: &[i64], wanted: &[i64]) -> Vec<i64> {
    let mut chosen: Vec<i64> = if wanted.is_empty() {
        [known.first(), known.get(known.len() / 2), known.last()].into_iter().flatten().copied().collect()
    } else {
        let nearest = |tick: &i64| known.iter().min_by_key(|known| known.abs_diff(*tick)).copied();
        wanted.iter().filter_map(nearest).take(4).collect()
    };
    chosen.dedup();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_are_those_of_the_nearest_recorded_ticks() {
        assert_eq!(chosen(&[0, 10, 20, 30], &[]), [0, 20, 30]);
        assert_eq!(chosen(&[0, 10, 20, 30], &[1, 24]), [0, 20]);
        assert!(chosen(&[], &[5]).is_empty());
    }
}
