//! Tables as CSV, for people and spreadsheets; units and meanings stand beside them in `columns.json`.
//!
//! An undefined cell is empty (so an empty word reads back as undefined). A real number is written in the shortest
//! form that reads back to the same bits. `columns.json` maps each CSV file of its directory to its columns:
//! name, kind, unit, meaning.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::atomic::final_name;
use super::store::{Pending, Shape, StoreError, kind_of, write_file};
use super::table::{Cells, Column, Table};

/// A CSV file being written, table by table.
pub struct CsvSink {
    pending: Pending,
    shape: Shape,
    writer: csv::Writer<BufWriter<File>>,
}

/// What `columns.json` says of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    name: String,
    kind: String,
    unit: String,
    meaning: String,
}

type Columns = BTreeMap<String, Vec<Told>>;

impl CsvSink {
    /// Opens a file for tables with the columns of `like`, whose rows are not written.
    ///
    /// # Errors
    /// [`StoreError`] with the path and the reason.
    pub fn create(path: &Path, like: &Table) -> Result<Self, StoreError> {
        let pending = Pending::create(path)?;
        let shape = Shape::of(like);
        let mut writer = csv::Writer::from_writer(BufWriter::new(pending.handle()?));
        if !shape.columns.is_empty() {
            let names = shape.columns.iter().map(|column| column.name.as_str());
            writer.write_record(names).map_err(failed(path))?;
        }
        Ok(Self { pending, shape, writer })
    }

    /// Appends the rows of a table.
    ///
    /// # Errors
    /// [`StoreError::Shape`] if its columns are not those of the file, else the reason of the system.
    pub fn append(&mut self, table: &Table) -> Result<(), StoreError> {
        let path = self.pending.path();
        self.shape.check(table, path)?;
        for row in 0..table.rows() {
            for column in table.columns() {
                let written = match &column.cells {
                    Cells::Real(cells) => {
                        self.writer.write_field(cells[row].map(shortest).unwrap_or_default())
                    }
                    Cells::Integer(cells) => self.writer.write_field(cells[row].to_string()),
                    Cells::Text(cells) => self.writer.write_field(cells[row].as_deref().unwrap_or_default()),
                };
                written.map_err(failed(path))?;
            }
            self.writer.write_record(None::<&[u8]>).map_err(failed(path))?;
        }
        Ok(())
    }

    /// Completes the file, gives it its name and enters its columns in `columns.json`.
    ///
    /// # Errors
    /// [`StoreError`] with the path and the reason.
    pub fn finish(mut self) -> Result<(), StoreError> {
        let path = self.pending.path().to_path_buf();
        self.writer.flush().map_err(StoreError::file("write", &path))?;
        drop(self.writer);
        self.pending.finish()?;
        enter(&path, &self.shape)
    }
}

/// Reads a file whose columns stand in `columns.json`.
///
/// # Errors
/// [`StoreError`] if either file is missing, or a cell is not of the kind of its column.
pub fn read(path: &Path) -> Result<Table, StoreError> {
    let wrong = |why: String| StoreError::Format { format: "csv", path: path.to_path_buf(), why };
    let told = columns(&columns_path(path))?
        .remove(&file_name(path))
        .ok_or_else(|| wrong(format!("`columns.json` beside it does not name `{}`", file_name(path))))?;
    let mut columns = told.iter().map(|told| empty(told, path)).collect::<Result<Vec<_>, _>>()?;
    let file = File::open(path).map_err(StoreError::file("open", path))?;
    let mut reader = csv::Reader::from_reader(file);
    let header = reader.headers().map_err(|why| wrong(why.to_string()))?;
    if !header.iter().eq(told.iter().map(|told| told.name.as_str())) {
        return Err(wrong("its header does not name the columns of `columns.json`".into()));
    }
    for record in reader.records() {
        let record = record.map_err(|why| wrong(why.to_string()))?;
        for (column, cell) in columns.iter_mut().zip(&record) {
            if let Err(expected) = push(&mut column.cells, cell) {
                let line = record.position().map_or(0, csv::Position::line);
                return Err(wrong(format!(
                    "line {line}, column `{}`: expected {expected}, found `{cell}`",
                    column.name
                )));
            }
        }
    }
    Table::new(columns).map_err(|why| wrong(why.to_string()))
}

/// The shortest decimal that reads back to the same number.
fn shortest(number: f64) -> String {
    let mut written = format!("{number:?}");
    if written.ends_with(".0") {
        written.truncate(written.len() - 2);
    }
    written
}

fn push(cells: &mut Cells, cell: &str) -> Result<(), &'static str> {
    match cells {
        Cells::Real(cells) if cell.is_empty() => cells.push(None),
        Cells::Real(cells) => cells.push(Some(cell.parse().map_err(|_| "a real number or nothing")?)),
        Cells::Integer(cells) => cells.push(cell.parse().map_err(|_| "an integer")?),
        Cells::Text(cells) => cells.push((!cell.is_empty()).then(|| cell.to_owned())),
    }
    Ok(())
}

fn empty(told: &Told, path: &Path) -> Result<Column, StoreError> {
    let cells = match told.kind.as_str() {
        "real" => Cells::Real(Vec::new()),
        "integer" => Cells::Integer(Vec::new()),
        "text" => Cells::Text(Vec::new()),
        other => {
            let why = format!("column `{}` is of kind `{other}`; expected real, integer or text", told.name);
            return Err(StoreError::Format { format: "json", path: columns_path(path), why });
        }
    };
    Ok(Column { name: told.name.clone(), unit: told.unit.clone(), meaning: told.meaning.clone(), cells })
}

fn columns_path(path: &Path) -> PathBuf {
    path.with_file_name("columns.json")
}

/// The name under which the columns of a file are entered: the one it will have when it is whole.
fn file_name(path: &Path) -> String {
    final_name(&path.file_name().unwrap_or_default().to_string_lossy()).to_owned()
}

fn columns(path: &Path) -> Result<Columns, StoreError> {
    let text = std::fs::read_to_string(path).map_err(StoreError::file("read", path))?;
    serde_json::from_str(&text).map_err(|why| StoreError::Format {
        format: "json",
        path: path.to_path_buf(),
        why: why.to_string(),
    })
}

fn enter(path: &Path, shape: &Shape) -> Result<(), StoreError> {
    let beside = columns_path(path);
    let mut known = if beside.exists() { columns(&beside)? } else { Columns::new() };
    let told = |column: &Column| Told {
        name: column.name.clone(),
        kind: kind_of(&column.cells).to_owned(),
        unit: column.unit.clone(),
        meaning: column.meaning.clone(),
    };
    known.insert(file_name(path), shape.columns.iter().map(told).collect());
    let mut text = serde_json::to_string_pretty(&known)
        .map_err(|why| StoreError::file("write", &beside)(std::io::Error::other(why)))?;
    text.push('\n');
    write_file(&beside, text.as_bytes())
}

fn failed(path: &Path) -> impl FnOnce(csv::Error) -> StoreError {
    let path = path.to_path_buf();
    move |source| StoreError::File { act: "write", path, source: std::io::Error::other(source) }
}

#[cfg(test)]
mod tests {
    use super::super::store::tests::any_table;
    use super::*;
    use proptest::prelude::*;

    fn write(path: &Path, table: &Table) -> Result<(), StoreError> {
        let mut sink = CsvSink::create(path, table)?;
        sink.append(table)?;
        sink.finish()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_is_written_is_read(table in any_table()) {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("series.csv");
            write(&path, &table).unwrap();
            prop_assert_eq!(read(&path).unwrap(), table);
        }
    }

    #[test]
    fn cells_are_plain_and_two_files_share_columns_json() {
        let directory = tempfile::tempdir().unwrap();
        let column = |name: &str, unit: &str, cells| Column {
            name: name.into(),
            unit: unit.into(),
            meaning: "price in the market".into(),
            cells,
        };
        let prices =
            column("feth_price", "usd", Cells::Real(vec![Some(0.1 + 0.2), None, Some(2.0), Some(1e-9)]));
        let table = Table::new(vec![prices]).unwrap();
        write(&directory.path().join("a.csv"), &table).unwrap();
        write(&directory.path().join("b.csv"), &table).unwrap();
        let written = std::fs::read_to_string(directory.path().join("a.csv")).unwrap();
        assert_eq!(written, "feth_price\n0.30000000000000004\n\"\"\n2\n1e-9\n");
        let told = columns(&directory.path().join("columns.json")).unwrap();
        assert_eq!(told.keys().collect::<Vec<_>>(), ["a.csv", "b.csv"]);
        assert_eq!((told["a.csv"][0].unit.as_str(), told["a.csv"][0].kind.as_str()), ("usd", "real"));
    }

    #[test]
    fn a_wrong_cell_is_told_by_line_and_column() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.csv");
        let cells = Cells::Integer(vec![1, 2]);
        let tick = Column { name: "tick".into(), unit: String::new(), meaning: String::new(), cells };
        write(&path, &Table::new(vec![tick]).unwrap()).unwrap();
        std::fs::write(&path, "tick\n1\nlater\n").unwrap();
        let told = read(&path).unwrap_err().to_string();
        assert!(told.contains("line 3, column `tick`: expected an integer, found `later`"), "{told}");
    }
}
