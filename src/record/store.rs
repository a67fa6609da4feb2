//! What every sink shares: a file that appears whole or not at all, and what can go wrong with it.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use thiserror::Error;

use super::table::{Cells, Column, Table, TableError};

/// A table could not be stored or read back.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The file system refused: no such directory, no permission, disk full.
    #[error("cannot {act} `{}`: {source}", path.display())]
    File {
        /// What was tried: `create`, `write`, `open`, `read`.
        act: &'static str,
        /// The file.
        path: PathBuf,
        /// The reason the system gave.
        source: std::io::Error,
    },
    /// The file does not hold what its format promises.
    #[error("cannot read `{}` as {format}: {why}", path.display())]
    Format {
        /// `parquet`, `csv` or `json`.
        format: &'static str,
        /// The file.
        path: PathBuf,
        /// What was expected and found, with the line where there is one.
        why: String,
    },
    /// The table does not have the columns the file was opened with.
    #[error("cannot append to `{}`: {source}", path.display())]
    Shape {
        /// The file.
        path: PathBuf,
        /// The column that does not fit.
        source: TableError,
    },
    /// A column was asked for that the file does not hold.
    #[error("`{}` has no column `{name}`; it has: {known}", path.display())]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
}

impl StoreError {
    /// A refusal of the file system, for use with `map_err`.
    pub fn file(act: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File { act, path, source }
    }
}

/// A file under a temporary name in the directory of its final name; [`Pending::finish`] renames it. Dropped
/// before that, it leaves nothing behind.
#[derive(Debug)]
pub struct Pending {
    file: NamedTempFile,
    path: PathBuf,
}

impl Pending {
    /// Opens a temporary file beside `path`.
    ///
    /// # Errors
    /// [`StoreError::File`] if the directory is missing or not writable.
    pub fn create(path: &Path) -> Result<Self, StoreError> {
        let directory = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".unfinished-");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let file = builder.tempfile_in(directory).map_err(StoreError::file("create", path))?;
        Ok(Self { file, path: path.to_path_buf() })
    }

    /// The final name.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A second handle to the temporary file, for writers that own what they write to.
    ///
    /// # Errors
    /// [`StoreError::File`] if the system gives no handle.
    pub fn handle(&self) -> Result<File, StoreError> {
        self.file.as_file().try_clone().map_err(StoreError::file("write", &self.path))
    }

    /// Puts the file under its final name, replacing what stood there.
    ///
    /// # Errors
    /// [`StoreError::File`] if the contents cannot reach the disk or the name cannot be taken.
    pub fn finish(self) -> Result<(), StoreError> {
        let Self { file, path } = self;
        file.as_file().sync_all().map_err(StoreError::file("write", &path))?;
        file.persist(&path).map(drop).map_err(|refused| StoreError::file("create", &path)(refused.error))
    }
}

/// Writes a whole file, or nothing.
///
/// # Errors
/// [`StoreError::File`] with the path and the reason.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let mut pending = Pending::create(path)?;
    pending.file.write_all(bytes).map_err(StoreError::file("write", path))?;
    pending.finish()
}

/// The kind of a column's cells, as written in schemas.
pub(crate) fn kind_of(cells: &Cells) -> &'static str {
    match cells {
        Cells::Real(_) => "real",
        Cells::Integer(_) => "integer",
        Cells::Text(_) => "text",
    }
}

/// The columns of a file: those of the first table, which every later one must have.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    pub(crate) columns: Vec<Column>,
}

impl Shape {
    /// The shape of a table, without its cells.
    pub(crate) fn of(table: &Table) -> Self {
        let bare = |column: &Column| Column {
            cells: match column.cells {
                Cells::Real(_) => Cells::Real(Vec::new()),
                Cells::Integer(_) => Cells::Integer(Vec::new()),
                Cells::Text(_) => Cells::Text(Vec::new()),
            },
            ..column.clone_without_cells()
        };
        Self { columns: table.columns().iter().map(bare).collect() }
    }

    /// Says which column of `table` does not fit, if any.
    pub(crate) fn check(&self, table: &Table, path: &Path) -> Result<(), StoreError> {
        let refuse = |name: &str, why: String| StoreError::Shape {
            path: path.to_path_buf(),
            source: TableError::Shape { name: name.to_owned(), why },
        };
        for (place, expected) in self.columns.iter().enumerate() {
            let Some(found) = table.columns().get(place) else {
                return Err(refuse(&expected.name, "the column is missing".into()));
            };
            let (kind, found_kind) = (kind_of(&expected.cells), kind_of(&found.cells));
            if found.name != expected.name || found_kind != kind || found.unit != expected.unit {
                let why = format!(
                    "expected {kind} `{}` in `{}`, found {found_kind} `{}` in `{}`",
                    expected.name, expected.unit, found.name, found.unit
                );
                return Err(refuse(&found.name, why));
            }
        }
        match table.columns().get(self.columns.len()) {
            Some(extra) => Err(refuse(&extra.name, "the file has no such column".into())),
            None => Ok(()),
        }
    }
}

impl Column {
    fn clone_without_cells(&self) -> Self {
        Self {
            name: self.name.clone(),
            unit: self.unit.clone(),
            meaning: self.meaning.clone(),
            cells: Cells::Integer(Vec::new()),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Any table of one column a kind, with undefined cells and odd words.
    pub(crate) fn any_table() -> impl Strategy<Value = Table> {
        let row = (
            any::<i64>(),
            prop::option::of(any::<f64>().prop_filter("NaN is not equal to itself", |x| !x.is_nan())),
            prop::option::of("[a-z,\"\n\u{e9}]{1,8}"),
        );
        prop::collection::vec(row, 0..40).prop_map(|rows| {
            let column = |name: &str, unit: &str, cells| Column {
                name: name.into(),
                unit: unit.into(),
                meaning: format!("what {name} means"),
                cells,
            };
            Table::new(vec![
                column("run", "", Cells::Integer(rows.iter().map(|row| row.0).collect())),
                column("feth_price", "usd", Cells::Real(rows.iter().map(|row| row.1).collect())),
                column("kind", "", Cells::Text(rows.iter().map(|row| row.2.clone()).collect())),
            ])
            .unwrap()
        })
    }

    #[test]
    fn an_unfinished_file_leaves_nothing_behind() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("series.parquet");
        drop(Pending::create(&path).unwrap());
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
        write_file(&path, b"whole").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"whole");
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_refusal_says_path_and_reason() {
        let told = write_file(Path::new("/no/such/place/a.csv"), b"").unwrap_err().to_string();
        assert!(told.contains("/no/such/place/a.csv") && told.contains("No such file"), "{told}");
    }
}
