//! The report: one HTML file with everything in it, read without a network.

use std::fmt::Write;
use std::path::Path;

use super::axis;
use super::canvas::{self, CanvasError, escape};
use super::data::NotDrawn;
use super::figure::Figure;
use super::words::words;
use crate::record::store::write_file;
use crate::record::table::{Cells, Table};

/// What a report tells.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// Name of the experiment.
    pub experiment: &'a str,
    /// What was tried, in paragraphs parted by empty lines.
    pub description: &'a str,
    /// What was asserted and what came of it, one row each.
    pub assertions: Option<&'a Table>,
    /// Figures of the whole, one row each: name, unit, mean and the like, as the table's columns have it.
    pub summary: Option<&'a Table>,
    /// Further tables under their headings.
    pub tables: &'a [(&'a str, Table)],
    /// The charts, in order.
    pub figures: &'a [Figure],
    /// The charts that could not be drawn.
    pub not_drawn: &'a [NotDrawn],
    /// What a reader should know.
    pub notes: &'a [String],
    /// Seed, version, hashes: name and value.
    pub manifest: &'a [(String, String)],
}

const STYLE: &str = "\
:root{color-scheme:light}\
body{font:16px/1.55 'DejaVu Sans',Verdana,sans-serif;color:#1f1f1f;background:#fff;max-width:1040px;margin:2.5rem auto;padding:0 20px}\
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .6rem}h2{font-size:1.25rem;margin:2.6rem 0 .6rem}\
p{max-width:46rem}nav{font-size:.9rem;margin:1.2rem 0}nav a{margin-right:1.1rem;white-space:nowrap}a{color:#00558a}\
figure{margin:2.2rem 0 3rem}figure svg{width:100%;height:auto;display:block;border:1px solid #e4e4e4}\
figcaption{font-size:.95rem;margin-top:.6rem;max-width:46rem}\
.scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.85rem;font-variant-numeric:tabular-nums}\
th,td{padding:.3rem .8rem .3rem 0;border-bottom:1px solid #e4e4e4;text-align:left;vertical-align:top}\
td.number,th.number{text-align:right}td.value{font-family:'DejaVu Sans Mono',monospace;overflow-wrap:anywhere}\
.unit{color:#5a5a5a;font-weight:normal}\
@media print{body{margin:0;max-width:none}figure{break-inside:avoid}nav{display:none}}";

/// The report as an HTML document.
///
/// # Errors
/// [`CanvasError::Draw`] if a chart cannot be drawn.
pub fn html(report: &Report<'_>) -> Result<String, CanvasError> {
    let name = escape(report.experiment);
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{name}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<h1>{name}</h1>\n"
    );
    for paragraph in report.description.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
        push(&mut page, format_args!("<p>{}</p>\n", escape(paragraph.trim())));
    }
    if report.figures.len() > 1 {
        page.push_str("<nav aria-label=\"Charts\">");
        for figure in report.figures {
            push(&mut page, format_args!("<a href=\"#{}\">{}</a> ", anchor(figure), escape(&figure.title)));
        }
        page.push_str("</nav>\n");
    }
    if let Some(assertions) = report.assertions.filter(|assertions| assertions.rows() > 0) {
        page.push_str("<h2>Assertions</h2>\n");
        push_table(&mut page, assertions);
    }
    if let Some(summary) = report.summary.filter(|summary| summary.rows() > 0) {
        page.push_str("<h2>Summary</h2>\n");
        push_table(&mut page, summary);
    }
    for (heading, table) in report.tables.iter().filter(|(_, table)| table.rows() > 0) {
        push(&mut page, format_args!("<h2>{}</h2>\n", escape(heading)));
        push_table(&mut page, table);
    }
    if !report.figures.is_empty() {
        page.push_str("<h2>Charts</h2>\n");
    }
    for figure in report.figures {
        let svg = canvas::svg(figure)?;
        let caption = escape(&figure.reading);
        push(
            &mut page,
            format_args!(
                "<figure id=\"{}\">\n{svg}<figcaption>{caption}</figcaption>\n</figure>\n",
                anchor(figure)
            ),
        );
    }
    if !report.notes.is_empty() || !report.not_drawn.is_empty() {
        page.push_str("<h2>Notes</h2>\n<ul>\n");
        for note in report.notes {
            push(&mut page, format_args!("<li>{}</li>\n", escape(note)));
        }
        for missing in report.not_drawn {
            push(&mut page, format_args!("<li>{}</li>\n", escape(&format!("{missing}."))));
        }
        page.push_str("</ul>\n");
    }
    if !report.manifest.is_empty() {
        page.push_str("<h2>Manifest</h2>\n<div class=\"scroll\"><table>\n");
        for (name, value) in report.manifest {
            let (name, value) = (escape(name), escape(value));
            push(
                &mut page,
                format_args!("<tr><th scope=\"row\">{name}</th><td class=\"value\">{value}</td></tr>\n"),
            );
        }
        page.push_str("</table></div>\n");
    }
    page.push_str("</body>\n</html>\n");
    Ok(page)
}

/// Writes the report.
///
/// # Errors
/// [`CanvasError`] if a chart cannot be drawn or the file not be written.
pub fn write(report: &Report<'_>, path: &Path) -> Result<(), CanvasError> {
    Ok(write_file(path, html(report)?.as_bytes())?)
}

fn anchor(figure: &Figure) -> String {
    figure.name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect()
}

/// Writing to a string cannot fail.
fn push(page: &mut String, words: std::fmt::Arguments<'_>) {
    let _ = page.write_fmt(words);
}

fn push_table(page: &mut String, table: &Table) {
    page.push_str("<div class=\"scroll\"><table>\n<thead><tr>");
    for column in table.columns() {
        let class = if matches!(column.cells, Cells::Text(_)) { "" } else { " class=\"number\"" };
        let unit = if column.unit.is_empty() || column.unit == "1" {
            String::new()
        } else {
            format!(" <span class=\"unit\">({})</span>", escape(&column.unit))
        };
        let (name, meaning) = (escape(&words(&column.name)), escape(&column.meaning));
        push(page, format_args!("<th scope=\"col\"{class} title=\"{meaning}\">{name}{unit}</th>"));
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for row in 0..table.rows() {
        page.push_str("<tr>");
        for column in table.columns() {
            match &column.cells {
                Cells::Real(cells) => {
                    let cell = cells[row].map_or_else(|| "\u{2013}".into(), |value| axis::number(value, 4));
                    push(page, format_args!("<td class=\"number\">{cell}</td>"));
                }
                Cells::Integer(cells) => push(page, format_args!("<td class=\"number\">{}</td>", cells[row])),
                Cells::Text(cells) => {
                    let cell = escape(cells[row].as_deref().unwrap_or_default());
                    push(page, format_args!("<td>{cell}</td>"));
                }
            }
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody></table></div>\n");
}
