//! Tables as Parquet: the form results are kept in.
//!
//! One appended table is one row group, so that an ensemble is written run by run and memory does not grow with
//! the number of runs. Unit and meaning of a column stand in its field metadata. The bytes depend on the tables
//! alone: no clock, no host, a fixed author.
//!
//! Real numbers are stored as zstd level 3 over `BYTE_STREAM_SPLIT` without dictionary, which was the smallest of
//! the fast forms for simulated series.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;

use super::store::{Pending, Shape, StoreError};
use super::table::{Cells, Column, Table};

/// A Parquet file being written, one row group a table.
pub struct ParquetSink {
    pending: Pending,
    shape: Shape,
    schema: SchemaRef,
    writer: ArrowWriter<File>,
}

impl ParquetSink {
    /// Opens a file for tables with the columns of `like`, whose rows are not written.
    ///
    /// # Errors
    /// [`StoreError`] with the path and the reason.
    pub fn create(path: &Path, like: &Table) -> Result<Self, StoreError> {
        let pending = Pending::create(path)?;
        let shape = Shape::of(like);
        let schema = Arc::new(Schema::new(shape.columns.iter().map(field).collect::<Vec<_>>()));
        let properties = properties(&shape).map_err(failed("write", path))?;
        let writer = ArrowWriter::try_new(pending.handle()?, Arc::clone(&schema), Some(properties))
            .map_err(failed("write", path))?;
        Ok(Self { pending, shape, schema, writer })
    }

    /// Appends a table as one row group; a table without rows adds nothing.
    ///
    /// # Errors
    /// [`StoreError::Shape`] if its columns are not those of the file, else the reason of the system.
    pub fn append(&mut self, table: &Table) -> Result<(), StoreError> {
        let path = self.pending.path();
        self.shape.check(table, path)?;
        if table.rows() == 0 {
            return Ok(());
        }
        let arrays = table.columns().iter().map(|column| array(&column.cells)).collect();
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays)
            .map_err(|why| failed("write", path)(ParquetError::ArrowError(why.to_string())))?;
        self.writer.write(&batch).and_then(|()| self.writer.flush()).map_err(failed("write", path))
    }

    /// Completes the file and gives it its name.
    ///
    /// # Errors
    /// [`StoreError`] with the path and the reason.
    pub fn finish(self) -> Result<(), StoreError> {
        self.writer.close().map(drop).map_err(failed("write", self.pending.path()))?;
        self.pending.finish()
    }
}

/// Writes one table as a file.
///
/// # Errors
/// As [`ParquetSink`].
pub fn write(path: &Path, table: &Table) -> Result<(), StoreError> {
    let mut sink = ParquetSink::create(path, table)?;
    sink.append(table)?;
    sink.finish()
}

/// Writes tables of the same columns as one file, holding one of them at a time. Without tables the file has
/// neither columns nor rows.
///
/// # Errors
/// As [`ParquetSink`].
pub fn write_all(path: &Path, tables: impl IntoIterator<Item = Table>) -> Result<(), StoreError> {
    let mut tables = tables.into_iter();
    let first = tables.next().unwrap_or_default();
    let mut sink = ParquetSink::create(path, &first)?;
    sink.append(&first)?;
    drop(first);
    for table in tables {
        sink.append(&table)?;
    }
    sink.finish()
}

/// Reads a whole file.
///
/// # Errors
/// [`StoreError`] if there is no such file or it is not Parquet of the kinds a [`Table`] has.
pub fn read(path: &Path) -> Result<Table, StoreError> {
    read_with(path, None)
}

/// Reads some columns of a file, in the order of `names`; the others are not touched on disk.
///
/// # Errors
/// As [`read`], and [`StoreError::NoColumn`].
pub fn read_columns(path: &Path, names: &[&str]) -> Result<Table, StoreError> {
    read_with(path, Some(names))
}

/// The columns of a file without their cells: names, units and meanings.
///
/// # Errors
/// As [`read`].
pub fn read_shape(path: &Path) -> Result<Table, StoreError> {
    let builder = open(path)?;
    let columns =
        builder.schema().fields().iter().map(|field| empty(field, path)).collect::<Result<_, _>>()?;
    assemble(columns, path)
}

fn read_with(path: &Path, names: Option<&[&str]>) -> Result<Table, StoreError> {
    let builder = open(path)?;
    let schema = Arc::clone(builder.schema());
    let places: Vec<usize> = match names {
        None => (0..schema.fields().len()).collect(),
        Some(names) => names.iter().map(|name| place(&schema, name, path)).collect::<Result<_, _>>()?,
    };
    let mask = ProjectionMask::roots(builder.parquet_schema(), places.iter().copied());
    let reader = builder.with_projection(mask).build().map_err(malformed(path))?;
    let mut columns =
        places.iter().map(|&place| empty(schema.field(place), path)).collect::<Result<Vec<_>, _>>()?;
    for batch in reader {
        let batch = batch.map_err(|why| malformed(path)(ParquetError::ArrowError(why.to_string())))?;
        for column in &mut columns {
            if let Some(array) = batch.column_by_name(&column.name) {
                extend(&mut column.cells, array);
            }
        }
    }
    assemble(columns, path)
}

fn open(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>, StoreError> {
    let file = File::open(path).map_err(StoreError::file("open", path))?;
    ParquetRecordBatchReaderBuilder::try_new(file).map_err(malformed(path))
}

fn place(schema: &Schema, name: &str, path: &Path) -> Result<usize, StoreError> {
    schema.index_of(name).map_err(|_| StoreError::NoColumn {
        path: path.to_path_buf(),
        name: name.to_owned(),
        known: schema.fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>().join(", "),
    })
}

fn field(column: &Column) -> Field {
    let (data_type, nullable) = match column.cells {
        Cells::Real(_) => (DataType::Float64, true),
        Cells::Integer(_) => (DataType::Int64, false),
        Cells::Text(_) => (DataType::Utf8, true),
    };
    Field::new(&column.name, data_type, nullable).with_metadata(HashMap::from([
        ("meaning".to_owned(), column.meaning.clone()),
        ("unit".to_owned(), column.unit.clone()),
    ]))
}

fn properties(shape: &Shape) -> Result<WriterProperties, ParquetError> {
    let mut properties = WriterProperties::builder()
        .set_created_by(concat!("ballast ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?));
    for column in &shape.columns {
        if matches!(column.cells, Cells::Real(_)) {
            let path = ColumnPath::new(vec![column.name.clone()]);
            properties = properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, Encoding::BYTE_STREAM_SPLIT);
        }
    }
    Ok(properties.build())
}

fn array(cells: &Cells) -> ArrayRef {
    match cells {
        Cells::Real(cells) => Arc::new(Float64Array::from(cells.clone())),
        Cells::Integer(cells) => Arc::new(Int64Array::from(cells.clone())),
        Cells::Text(cells) => Arc::new(StringArray::from(cells.clone())),
    }
}

fn empty(field: &Field, path: &Path) -> Result<Column, StoreError> {
    let cells = match field.data_type() {
        DataType::Float64 => Cells::Real(Vec::new()),
        DataType::Int64 if !field.is_nullable() => Cells::Integer(Vec::new()),
        DataType::Utf8 => Cells::Text(Vec::new()),
        other => {
            let why = format!(
                "column `{}` holds {other}{}; expected Float64, Int64 without nulls or Utf8",
                field.name(),
                if field.is_nullable() { " with nulls" } else { "" }
            );
            return Err(StoreError::Format { format: "parquet", path: path.to_path_buf(), why });
        }
    };
    let told = |key: &str| field.metadata().get(key).cloned().unwrap_or_default();
    Ok(Column { name: field.name().clone(), unit: told("unit"), meaning: told("meaning"), cells })
}

fn extend(cells: &mut Cells, array: &ArrayRef) {
    let any = array.as_any();
    match cells {
        Cells::Real(cells) => {
            cells.extend(any.downcast_ref::<Float64Array>().into_iter().flat_map(|array| array.iter()));
        }
        Cells::Integer(cells) => {
            cells.extend(any.downcast_ref::<Int64Array>().into_iter().flat_map(|array| array.values()));
        }
        Cells::Text(cells) => {
            let words = any.downcast_ref::<StringArray>().into_iter().flat_map(|array| array.iter());
            cells.extend(words.map(|word| word.map(str::to_owned)));
        }
    }
}

fn assemble(columns: Vec<Column>, path: &Path) -> Result<Table, StoreError> {
    Table::new(columns).map_err(|why| StoreError::Format {
        format: "parquet",
        path: path.to_path_buf(),
        why: why.to_string(),
    })
}

fn failed(act: &'static str, path: &Path) -> impl FnOnce(ParquetError) -> StoreError {
    let path = path.to_path_buf();
    move |source| StoreError::File { act, path, source: std::io::Error::other(source) }
}

fn malformed(path: &Path) -> impl FnOnce(ParquetError) -> StoreError {
    let path = path.to_path_buf();
    move |why| StoreError::Format { format: "parquet", path, why: why.to_string() }
}

#[cfg(test)]
mod tests {
    use super::super::store::tests::any_table;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn what_is_written_is_read(table in any_table()) {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("series.parquet");
            write(&path, &table).unwrap();
            prop_assert_eq!(&read(&path).unwrap(), &table);
            let some = read_columns(&path, &["kind", "run"]).unwrap();
            prop_assert_eq!(some.columns(), &[table.columns()[2].clone(), table.columns()[0].clone()][..]);
        }
    }

    fn ticks(run: i64, rows: i64) -> Table {
        let column =
            |name: &str, cells| Column { name: name.into(), unit: "1".into(), meaning: String::new(), cells };
        Table::new(vec![
            column("run", Cells::Integer(vec![run; rows as usize])),
            column(
                "x",
                Cells::Real((0..rows).map(|row| (row % 7 != 0).then_some(row as f64 * 0.1)).collect()),
            ),
        ])
        .unwrap()
    }

    #[test]
    fn the_same_tables_give_the_same_bytes_and_one_row_group_each() {
        let directory = tempfile::tempdir().unwrap();
        let bytes = |name: &str| {
            let path = directory.path().join(name);
            write_all(&path, (0..3).map(|run| ticks(run, 500))).unwrap();
            std::fs::read(path).unwrap()
        };
        assert_eq!(bytes("a.parquet"), bytes("b.parquet"));
        let builder = open(&directory.path().join("a.parquet")).unwrap();
        assert_eq!(builder.metadata().num_row_groups(), 3);
        assert_eq!(builder.metadata().file_metadata().created_by(), Some("ballast 0.1.0"));
        let chunk = builder.metadata().row_group(0).column(1);
        assert!(chunk.encodings().any(|encoding| encoding == Encoding::BYTE_STREAM_SPLIT));
        assert_eq!(read(&directory.path().join("b.parquet")).unwrap().rows(), 1500);
        assert_eq!(read_shape(&directory.path().join("b.parquet")).unwrap().columns()[1].unit, "1");
    }

    #[test]
    fn other_columns_and_other_files_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("series.parquet");
        let mut sink = ParquetSink::create(&path, &ticks(0, 1)).unwrap();
        assert!(matches!(sink.append(&Table::default()), Err(StoreError::Shape { .. })));
        drop(sink);
        assert!(!path.exists());
        std::fs::write(&path, "run,tick\n1,2\n").unwrap();
        assert!(matches!(read(&path), Err(StoreError::Format { format: "parquet", .. })));
        write(&path, &ticks(0, 2)).unwrap();
        let told = read_columns(&path, &["y"]).unwrap_err().to_string();
        assert!(told.contains("no column `y`") && told.contains("run, x"), "{told}");
    }
}
