//! Writing to stdout and stderr without ever failing for a reader that went away.

use std::io::{self, ErrorKind, IsTerminal, Write};

use super::failure::Failure;

/// Writes results. A pipe that was closed early (`ballast list | head`) is no error.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::Run(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes JSON in lines.
pub(super) fn print_json(value: &serde_json::Value) -> Result<(), Failure> {
    print(&format!("{value:#}\n"))
}

/// Tells the person something; there is nobody left to tell if that fails.
pub(super) fn tell(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Whether messages may be coloured.
pub(super) fn colour() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// `1 run`, `2 runs`.
pub(super) fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// Rows of cells as lines: columns that start with a number are set to the right, two spaces between columns.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain(head.get(column).map(|cell| cell.chars().count())).max().unwrap_or(0)
    };
    let numeric = |column: usize| {
        let mut cells = rows.iter().filter_map(|row| row.get(column)).filter(|cell| !cell.is_empty());
        let is_number = |cell: &String| {
            cell.starts_with(|c: char| c.is_ascii_digit() || "-+\u{2212}\u{2013}".contains(c))
        };
        cells.clone().next().is_some() && cells.all(is_number)
    };
    let columns: Vec<(usize, bool)> =
        (0..head.len()).map(|column| (width(column), numeric(column))).collect();
    let mut text = String::new();
    let head = head.iter().map(|cell| (*cell).to_owned()).collect();
    for row in std::iter::once(&head).chain(rows) {
        let mut line = String::new();
        for (cell, (width, right)) in row.iter().zip(&columns) {
            let gap = " ".repeat(width - cell.chars().count());
            let (before, after) = if *right { (gap.as_str(), "") } else { ("", gap.as_str()) };
            line.push_str(before);
            line.push_str(cell);
            line.push_str(after);
            line.push_str("  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn numbers_stand_on_the_right_and_words_on_the_left() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let text =
            table(&["metric", "mean", "unit"], &[row(["a", "1.5", "usd"]), row(["long_name", "-12", ""])]);
        assert_eq!(text, "metric     mean  unit\na           1.5  usd\nlong_name   -12\n");
    }
}
