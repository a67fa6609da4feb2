//! A table in memory: what a run yields, what a sink stores, what a chart draws.

use thiserror::Error;

/// Named columns of equal length.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    columns: Vec<Column>,
}

/// One column: a name, what it means, and its cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Bare name, unique in its table.
    pub name: String,
    /// Unit of the cells (`usd`, `%`, `1`), empty where none applies.
    pub unit: String,
    /// One line of meaning.
    pub meaning: String,
    /// The cells.
    pub cells: Cells,
}

/// The cells of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Cells {
    /// Real numbers; `None` where undefined (there is no sentinel).
    Real(Vec<Option<f64>>),
    /// Integers.
    Integer(Vec<i64>),
    /// Words; `None` where none applies.
    Text(Vec<Option<String>>),
}

impl Cells {
    /// The number of cells.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Real(cells) => cells.len(),
            Self::Integer(cells) => cells.len(),
            Self::Text(cells) => cells.len(),
        }
    }

    /// True without cells.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A table that was asked for something it does not have.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TableError {
    /// Columns of one table have different lengths, or two have one name.
    #[error("column `{name}` does not fit: {why}")]
    Shape {
        /// The column that does not fit.
        name: String,
        /// What was expected and found.
        why: String,
    },
    /// No column of that name and kind.
    #[error("the table has no {kind} column `{name}`")]
    Missing {
        /// The name asked for.
        name: String,
        /// `real`, `integer` or `text`.
        kind: &'static str,
    },
}

impl Table {
    /// A table of these columns.
    ///
    /// # Errors
    /// [`TableError::Shape`] if lengths differ or a name stands twice.
    pub fn new(columns: Vec<Column>) -> Result<Self, TableError> {
        let rows = columns.first().map_or(0, |column| column.cells.len());
        for (place, column) in columns.iter().enumerate() {
            let found = column.cells.len();
            if found != rows {
                let why = format!("expected {rows} rows, found {found}");
                return Err(TableError::Shape { name: column.name.clone(), why });
            }
            if columns[..place].iter().any(|other| other.name == column.name) {
                return Err(TableError::Shape {
                    name: column.name.clone(),
                    why: "the name stands twice".into(),
                });
            }
        }
        Ok(Self { columns })
    }

    /// The columns, in order.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.cells.len())
    }

    /// The column of that name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The rows in which the column of words `name` says `word`; none where there is no such column.
    #[must_use]
    pub fn only(&self, name: &str, word: &str) -> Self {
        let words = self.text(name).unwrap_or(&[]);
        let rows: Vec<usize> = (0..words.len()).filter(|row| words[*row].as_deref() == Some(word)).collect();
        let columns = self.columns.iter().map(|column| Column {
            cells: match &column.cells {
                Cells::Real(cells) => Cells::Real(rows.iter().map(|row| cells[*row]).collect()),
                Cells::Integer(cells) => Cells::Integer(rows.iter().map(|row| cells[*row]).collect()),
                Cells::Text(cells) => Cells::Text(rows.iter().map(|row| cells[*row].clone()).collect()),
            },
            ..column.clone()
        });
        Self { columns: columns.collect() }
    }

    /// The cells of a column of real numbers.
    ///
    /// # Errors
    /// [`TableError::Missing`] if there is none of that name and kind.
    pub fn real(&self, name: &str) -> Result<&[Option<f64>], TableError> {
        match self.column(name).map(|column| &column.cells) {
            Some(Cells::Real(cells)) => Ok(cells),
            _ => Err(TableError::Missing { name: name.into(), kind: "real" }),
        }
    }

    /// The cells of a column of integers.
    ///
    /// # Errors
    /// [`TableError::Missing`] if there is none of that name and kind.
    pub fn integer(&self, name: &str) -> Result<&[i64], TableError> {
        match self.column(name).map(|column| &column.cells) {
            Some(Cells::Integer(cells)) => Ok(cells),
            _ => Err(TableError::Missing { name: name.into(), kind: "integer" }),
        }
    }

    /// The cells of a column of words.
    ///
    /// # Errors
    /// [`TableError::Missing`] if there is none of that name and kind.
    pub fn text(&self, name: &str) -> Result<&[Option<String>], TableError> {
        match self.column(name).map(|column| &column.cells) {
            Some(Cells::Text(cells)) => Ok(cells),
            _ => Err(TableError::Missing { name: name.into(), kind: "text" }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, cells: Cells) -> Column {
        Column { name: name.into(), unit: String::new(), meaning: String::new(), cells }
    }

    #[test]
    fn ragged_and_doubled_columns_are_refused() {
        let ragged = vec![column("a", Cells::Integer(vec![1])), column("b", Cells::Real(vec![]))];
        assert!(matches!(Table::new(ragged), Err(TableError::Shape { name, .. }) if name == "b"));
        let doubled = vec![column("a", Cells::Integer(vec![1])), column("a", Cells::Integer(vec![2]))];
        assert!(Table::new(doubled).is_err());
    }

    #[test]
    fn rows_are_chosen_by_a_word() {
        let words = ["a", "b", "a"].map(|word| Some(word.to_owned())).to_vec();
        let table = Table::new(vec![
            column("variant", Cells::Text(words)),
            column("tick", Cells::Integer(vec![0, 1, 2])),
        ]);
        let table = table.unwrap();
        assert_eq!(table.only("variant", "a").integer("tick"), Ok(&[0, 2][..]));
        assert_eq!(table.only("absent", "a").rows(), 0);
    }

    #[test]
    fn a_column_is_found_by_name_and_kind() {
        let table = Table::new(vec![column("a", Cells::Integer(vec![1, 2]))]).unwrap();
        assert_eq!(table.integer("a"), Ok(&[1, 2][..]));
        assert!(table.real("a").is_err());
        assert_eq!(table.rows(), 2);
    }
}
