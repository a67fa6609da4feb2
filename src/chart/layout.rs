//! A figure laid out: title on top, panels in rows on common edges, notes at the foot, nothing upon anything else.

use super::figure::{Figure, Mark, Panel, Row};
use super::font;
use super::panel::{self, Measured};
use super::scene::{Align, Area, Scene};
use super::style::{GREY, INK, MARGIN, NOTE, SMALL, TEXT, TITLE, WIDTH};

const LINE: f64 = 20.0;
const LEGEND_GAP: f64 = 20.0;

/// Lays a figure out.
#[must_use]
pub fn lay_out(figure: &Figure) -> Scene {
    let mut scene = Scene { width: WIDTH, height: 0.0, shapes: Vec::new() };
    let room = WIDTH - 2.0 * MARGIN;
    let mut y = MARGIN;
    for line in font::wrap(&figure.title, TITLE * 1.14, room) {
        y += TITLE;
        scene.bold((MARGIN, y), line, TITLE, INK);
        y += 6.0;
    }
    for line in font::wrap(&figure.subtitle, TEXT, room) {
        y += TEXT + 3.0;
        scene.text((MARGIN, y), line, TEXT, GREY, Align::Start);
        y += 2.0;
    }
    y += 14.0;
    let measured: Vec<Vec<Measured<'_>>> = figure
        .rows
        .iter()
        .map(|row| row.panels.iter().map(|p| panel::measure(p, row.height)).collect())
        .collect();
    let single = || measured.iter().filter(|row| row.len() == 1).flatten();
    let left = single().map(|panel| panel.left).fold(0.0, f64::max);
    let right = single().map(|panel| panel.right).fold(0.0, f64::max);
    for (row, measured) in figure.rows.iter().zip(&measured) {
        let margins = (measured.len() == 1).then_some((left, right));
        y = lay_row(&mut scene, row, measured, margins, y);
    }
    if !figure.footnote.is_empty() {
        y += 6.0;
        for line in font::wrap(&figure.footnote, NOTE, room) {
            y += NOTE + 4.0;
            scene.text((MARGIN, y), line, NOTE, GREY, Align::Start);
        }
    }
    scene.height = (y + MARGIN).ceil();
    scene
}

/// Lays a row out and says where the next one begins.
fn lay_row(
    scene: &mut Scene,
    row: &Row,
    measured: &[Measured<'_>],
    margins: Option<(f64, f64)>,
    y: f64,
) -> f64 {
    let weights: f64 = row.panels.iter().map(|panel| panel.weight.max(0.05)).sum();
    let gap = 18.0;
    let room = WIDTH - 2.0 * MARGIN - gap * row.panels.len().saturating_sub(1) as f64;
    let mut edge = MARGIN;
    let outer: Vec<(f64, f64)> = row
        .panels
        .iter()
        .map(|panel| {
            let start = edge;
            let width = room * panel.weight.max(0.05) / weights;
            edge += width + gap;
            (start, start + width)
        })
        .collect();
    let headers = row.panels.iter().zip(&outer).map(|(panel, (from, to))| header_lines(panel, to - from));
    let header = headers.max().unwrap_or(0) as f64 * LINE;
    for ((panel, measured), (from, to)) in row.panels.iter().zip(measured).zip(outer) {
        draw_header(scene, panel, from, to - from, y);
        let (left, right) = margins.unwrap_or((measured.left, measured.right));
        let top = y + header + 6.0;
        let area = Area {
            left: from + left,
            top,
            right: (to - right).max(from + left + 40.0),
            bottom: top + row.height,
        };
        measured.draw(scene, &area);
    }
    let written = row.panels.iter().any(|panel| panel.x_written);
    y + header + 6.0 + row.height + if written { 48.0 } else { 20.0 }
}

/// The marks that have an entry in the legend, each entry once.
fn entries(panel: &Panel) -> Vec<(&str, &Mark)> {
    let mut entries: Vec<(&str, &Mark)> = Vec::new();
    for mark in &panel.marks {
        if let Some(legend) = mark.legend().filter(|legend| !entries.iter().any(|entry| entry.0 == *legend)) {
            entries.push((legend, mark));
        }
    }
    entries
}

fn entry_width(words: &str) -> f64 {
    panel::sample_width() + 6.0 + font::width(words, SMALL, false)
}

fn legend_width(panel: &Panel) -> f64 {
    entries(panel).iter().map(|(words, _)| entry_width(words) + LEGEND_GAP).sum::<f64>() - LEGEND_GAP
}

/// Whether heading and legend fit on one line.
fn beside(panel: &Panel, width: f64) -> bool {
    font::width(&panel.heading, TEXT, true) + 30.0 + legend_width(panel) <= width
}

/// The lines of the legend when it stands below the heading.
fn below(panel: &Panel, width: f64) -> Vec<Vec<(&str, &Mark)>> {
    let mut lines: Vec<Vec<(&str, &Mark)>> = Vec::new();
    let mut used = f64::INFINITY;
    for entry in entries(panel) {
        let more = entry_width(entry.0) + LEGEND_GAP;
        if used + more - LEGEND_GAP > width {
            lines.push(Vec::new());
            used = 0.0;
        }
        used += more;
        if let Some(line) = lines.last_mut() {
            line.push(entry);
        }
    }
    lines
}

fn heading_lines(panel: &Panel, width: f64) -> Vec<String> {
    font::wrap(&panel.heading, TEXT * 1.12, width)
}

fn header_lines(panel: &Panel, width: f64) -> usize {
    let heading = heading_lines(panel, width).len().max(1);
    if beside(panel, width) { heading } else { heading + below(panel, width).len() }
}

fn draw_header(scene: &mut Scene, panel: &Panel, left: f64, width: f64, y: f64) {
    let heading = heading_lines(panel, width);
    let mut baseline = y + 14.0;
    for line in &heading {
        scene.bold((left, baseline), line, TEXT, INK);
        baseline += LINE;
    }
    let mut draw_line = |line: &[(&str, &Mark)], mut x: f64, baseline: f64| {
        for (words, mark) in line {
            panel::sample(scene, (x, baseline - 4.2), mark);
            let start = x + panel::sample_width() + 6.0;
            let words = font::shorten(words, SMALL, (left + width - start).max(20.0));
            scene.text((start, baseline), words, SMALL, INK, Align::Start);
            x += entry_width(&words_of(mark)) + LEGEND_GAP;
        }
    };
    if beside(panel, width) {
        draw_line(&entries(panel), left + width - legend_width(panel), baseline - LINE);
    } else {
        for line in below(panel, width) {
            draw_line(&line, left, baseline);
            baseline += LINE;
        }
    }
}

fn words_of(mark: &Mark) -> String {
    mark.legend().unwrap_or_default().to_owned()
}
