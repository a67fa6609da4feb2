//! A text that configuration was read from, and places in it.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::diagnostic::{Diagnostic, Fault};

/// A named text: a file, an embedded config, or what stood behind a `--set` of the command line.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    name: String,
    text: String,
}

impl Source {
    /// A text and the name it is shown under, usually a file path.
    ///
    /// # Examples
    /// ```
    /// use ballast::experiment::source::Source;
    /// let source = Source::new("configs/calm.ron", "(seed: 7)");
    /// assert_eq!(source.name(), "configs/calm.ron");
    /// ```
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { name: name.into(), text: text.into() })
    }

    /// A text from the bytes of a file.
    ///
    /// # Errors
    /// A [`Diagnostic`] at the first byte that is not UTF-8.
    ///
    /// # Examples
    /// ```
    /// use ballast::experiment::source::Source;
    /// let fault = Source::from_bytes("calm.ron", b"(name: \"\xff\")").unwrap_err();
    /// assert_eq!((fault.line(), fault.column()), (1, 9));
    /// ```
    pub fn from_bytes(name: impl Into<String>, bytes: &[u8]) -> Result<Arc<Self>, Box<Diagnostic>> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Self::new(name, text)),
            Err(error) => {
                let at = error.valid_up_to();
                // Bytes before `at` are valid, so the lossy text keeps their offsets; the replacement has 3 bytes.
                let source = Self::new(name, String::from_utf8_lossy(bytes));
                let span = Span::new(&source, at..at + 3);
                let message = "the file is not UTF-8 text";
                Err(Box::new(
                    Diagnostic::error(Fault::Syntax, message, span, "this byte belongs to no character")
                        .help("save the file as UTF-8"),
                ))
            }
        }
    }

    /// The name it is shown under.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// A range of bytes of a [`Source`].
#[derive(Clone, PartialEq, Eq)]
pub struct Span {
    source: Arc<Source>,
    range: Range<usize>,
}

impl Span {
    /// The bytes `range` of `source`; both ends are moved back to the start of a character inside the text.
    #[must_use]
    pub fn new(source: &Arc<Source>, range: Range<usize>) -> Self {
        let text = source.text();
        let end = text.floor_char_boundary(range.end);
        let start = text.floor_char_boundary(range.start.min(end));
        Self { source: Arc::clone(source), range: start..end }
    }

    /// The text it lies in.
    #[must_use]
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// The bytes it covers.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// What is written there.
    #[must_use]
    pub fn text(&self) -> &str {
        self.source.text.get(self.range.clone()).unwrap_or_default()
    }

    /// Line and column of the first character, both counted from 1, columns in characters.
    ///
    /// # Examples
    /// ```
    /// use ballast::experiment::source::{Source, Span};
    /// let source = Source::new("a.ron", "(\n  \"é\": 1)");
    /// assert_eq!(Span::new(&source, 4..8).start(), (2, 3));
    /// assert_eq!(Span::new(&source, 4..8).end(), (2, 6));
    /// ```
    #[must_use]
    pub fn start(&self) -> (usize, usize) {
        self.position(self.range.start)
    }

    /// Line and column just behind the last character.
    #[must_use]
    pub fn end(&self) -> (usize, usize) {
        self.position(self.range.end)
    }

    fn position(&self, offset: usize) -> (usize, usize) {
        let before = self.source.text.get(..offset).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
        (line, before[line_start..].chars().count() + 1)
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.start();
        write!(f, "{}:{line}:{column}", self.source.name)
    }
}
