//! Concentration: how few hold how much, of liquidity, of the tokens, of the votes.

use super::axis::{self, Axis};
use super::data::{NotDrawn, Series};
use super::figure::{Figure, Mark, Panel, Row};
use super::style::{GREY, Stroke, stroke};
use super::words::{heading, words};
use super::{Options, subtitle};
use crate::record::table::Table;

const CHART: &str = "concentration";
/// More lines than this cannot be told apart, more Lorenz curves side by side cannot be read.
const MOST: usize = 6;

/// Draws Herfindahl-Hirschman index, Gini coefficient and Nakamoto coefficient of every subject over time, by wallet and,
/// dotted, by owner where that is recorded; the largest provider of each pool that has a cap; and Lorenz curves where they
/// were recorded.
///
/// # Errors
/// [`NotDrawn`] if there is no column `<subject>_hhi`, `<subject>_gini` or `<subject>_nakamoto`.
pub fn draw(series: &Table, lorenz: Option<&Table>, options: &Options) -> Result<Figure, NotDrawn> {
    let series = Series::new(series, CHART)?;
    let run = series.run(options.run);
    let measures = [
        ("_hhi", "Herfindahl index (1 = one holder has all)", 150.0),
        ("_gini", "Gini coefficient (0 = all alike)", 150.0),
        ("_nakamoto", "Nakamoto coefficient (fewest holders above 50 %)", 130.0),
    ];
    let mut subjects: Vec<&str> = Vec::new();
    for name in series.names() {
        let subject = measures.iter().find_map(|(ending, ..)| name.strip_suffix(ending));
        if let Some(subject) = subject.filter(|subject| !subjects.contains(subject)) {
            subjects.push(subject);
        }
    }
    let left_out = subjects.len().saturating_sub(MOST);
    subjects.truncate(MOST);
    let mut rows = Vec::new();
    for (ending, title, height) in measures {
        let y = Axis::linear().reach(&[0.0]);
        let y = if ending == "_gini" { y.limits(0.0, 1.0) } else { y };
        let mut panel = Panel::new(title, series.axis(), y);
        for (place, subject) in subjects.iter().enumerate() {
            if let Ok(path) = series.surveyed(CHART, &format!("{subject}{ending}"), run) {
                let line = Mark::named_line(path, stroke(place), &words(subject));
                panel.draw(if ending == "_nakamoto" { line.stepped() } else { line });
            }
            if let Ok(path) = series.surveyed(CHART, &format!("{subject}{ending}_by_owner"), run) {
                let dotted = Stroke::dashed(stroke(place).colour, 1.2, &[1.5, 2.5]);
                let line = Mark::named_line(path, dotted, &format!("{} by owner", words(subject)));
                panel.draw(if ending == "_nakamoto" { line.stepped() } else { line });
            }
        }
        if !panel.marks.is_empty() {
            rows.push(Row::of(height, panel));
        }
    }
    if rows.is_empty() {
        let wanted = "`<subject>_hhi`, `<subject>_gini` or `<subject>_nakamoto`".into();
        return Err(NotDrawn::NoColumn { chart: CHART, wanted });
    }
    rows.extend(largest(&series, run, &subjects));
    if let Some(row) = rows.last_mut() {
        row.panels.iter_mut().for_each(|panel| panel.x_written = true);
    }
    if let Some(row) = lorenz.and_then(|table| curves(table, &series, run, options)) {
        rows.push(row);
    }
    let mut footnote = String::from(
        "Herfindahl index: sum of squared shares. Lorenz curve: share of everything held by the poorest holders; the \
         diagonal is equality.",
    );
    if left_out > 0 {
        footnote = format!("{footnote} {left_out} further subjects are not shown.");
    }
    Ok(Figure {
        name: CHART.into(),
        title: "Concentration of holdings and votes".into(),
        subtitle: subtitle(options, &series.run_words(run), &facts(&series, run, &subjects)),
        reading: "High index and Gini, and a low Nakamoto coefficient, mean that few decide. A Lorenz curve that sags \
                  further below the diagonal is more unequal."
            .into(),
        footnote,
        rows,
    })
}

/// The largest holder of each pool that caps what a wallet may add, and the cap.
fn largest(series: &Series<'_>, run: i64, subjects: &[&str]) -> Option<Row> {
    let y = Axis::linear().reach(&[0.0]);
    let mut panel = Panel::new("Largest provider and cap (% of the pool)", series.axis(), y);
    for (place, subject) in subjects.iter().enumerate() {
        let Ok(cap) = series.path(CHART, &format!("{subject}_provider_cap"), run, 100.0) else { continue };
        if cap.iter().all(|point| point.1.is_none()) {
            continue;
        }
        let colour = stroke(place).colour;
        let named =
            |path, stroke, what: &str| Mark::named_line(path, stroke, &format!("{} {what}", words(subject)));
        panel.draw(named(cap, Stroke::dashed(GREY, 1.2, &[6.0, 3.0]), "cap").stepped());
        for (ending, what, stroke) in [
            ("", "by wallet", stroke(place)),
            ("_by_owner", "by owner", Stroke::dashed(colour, 1.2, &[1.5, 2.5])),
        ] {
            if let Ok(mut path) = series.surveyed(CHART, &format!("{subject}_top1_share{ending}"), run) {
                path.iter_mut().for_each(|point| point.1 = point.1.map(|share| 100.0 * share));
                panel.draw(named(path, stroke, what));
            }
        }
    }
    (!panel.marks.is_empty()).then(|| Row::of(150.0, panel))
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

/// One panel a subject, one curve a tick.
fn curves(table: &Table, series: &Series<'_>, run: i64, options: &Options) -> Option<Row> {
    let (runs, ticks) = (table.integer("run").ok(), table.integer("tick").ok()?);
    let subjects = table.text("subject").ok()?;
    let (holders, holdings) = (table.real("holders_share").ok()?, table.real("holdings_share").ok()?);
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
    names.truncate(4);
    let mut panels = Vec::new();
    for name in names {
        let x = Axis::linear().label("holders, poorest first (%)").limits(0.0, 100.0);
        let mut panel =
            Panel::new(format!("{} (% held)", heading(name)), x, Axis::linear().limits(0.0, 100.0));
        panel.x_written = true;
        let equal = vec![(0.0, Some(0.0)), (100.0, Some(100.0))];
        panel.draw(Mark::line(equal, Stroke::dashed(GREY, 0.9, &[2.0, 2.0]), ""));
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
            panel.draw(Mark::line(points, stroke(place), &when));
        }
        panels.push(panel);
    }
    (!panels.is_empty()).then_some(Row { height: 190.0, panels })
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
