//! Mistakes in a config, shown as a compiler shows them.
//!
//! A [`Diagnostic`] knows what is wrong, where, and what to do; [`Diagnostics`] are all mistakes of a load.

use std::fmt;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Renderer, Snippet};
use serde_json::{Value, json};

use super::source::{Source, Span};

/// How grave it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The config cannot be used.
    Error,
    /// The config can be used, perhaps not as meant.
    Warning,
}

/// The kind of mistake, for tests and for machine-readable output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The text is not RON.
    Syntax,
    /// A parent config is missing, or configs extend one another in a circle.
    Extends,
    /// A `path=value` that names no place.
    Override,
    /// A field that the struct does not have.
    UnknownField,
    /// A field that the struct needs.
    MissingField,
    /// A field or key that stands twice.
    DuplicateField,
    /// A variant that the enum does not have.
    UnknownVariant,
    /// A value of another type.
    WrongType,
    /// A value of the right type that the type refuses.
    WrongValue,
    /// A value that makes no sense where it stands.
    Semantic,
}

impl Fault {
    /// The name in machine-readable output.
    ///
    /// # Examples
    /// ```
    /// use ballast::experiment::diagnostic::Fault;
    /// assert_eq!(Fault::UnknownField.name(), "unknown_field");
    /// ```
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Extends => "extends",
            Self::Override => "override",
            Self::UnknownField => "unknown_field",
            Self::MissingField => "missing_field",
            Self::DuplicateField => "duplicate_field",
            Self::UnknownVariant => "unknown_variant",
            Self::WrongType => "wrong_type",
            Self::WrongValue => "wrong_value",
            Self::Semantic => "semantic",
        }
    }
}

/// A place and a remark about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// The remark, may be empty.
    pub text: String,
}

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How grave it is.
    pub severity: Severity,
    /// Its kind.
    pub fault: Fault,
    /// One line that says what is wrong.
    pub message: String,
    /// Dotted path of the field concerned, such as `populations.2.activity`; empty where there is none.
    pub path: String,
    /// The place of the mistake.
    pub primary: Label,
    /// Other places that explain it.
    pub secondary: Vec<Label>,
    /// Facts that help to understand it.
    pub notes: Vec<String>,
    /// What to do.
    pub helps: Vec<String>,
}

impl Diagnostic {
    /// An error of that kind at that place.
    ///
    /// # Examples
    /// ```
    /// use ballast::experiment::{diagnostic::{Diagnostic, Fault}, source::{Source, Span}};
    /// let source = Source::new("a.ron", "(seed: -1)");
    /// let fault = Diagnostic::error(Fault::Semantic, "bad seed", Span::new(&source, 7..9), "below 0")
    ///     .help("write a number from 0 up");
    /// assert_eq!(fault.render(false), "\
    /// error: bad seed
    ///  --> a.ron:1:8
    ///   |
    /// 1 | (seed: -1)
    ///   |        ^^ below 0
    ///   |
    ///   = help: write a number from 0 up");
    /// ```
    pub fn error(fault: Fault, message: impl Into<String>, span: Span, label: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            fault,
            message: message.into(),
            path: String::new(),
            primary: Label { span, text: label.into() },
            secondary: Vec::new(),
            notes: Vec::new(),
            helps: Vec::new(),
        }
    }

    /// The same as a warning.
    #[must_use]
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// With the field path it concerns.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// With another place that explains it.
    #[must_use]
    pub fn context(mut self, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push(Label { span, text: text.into() });
        self
    }

    /// With a fact that helps to understand it.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// With advice.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.helps.push(text.into());
        self
    }

    /// The name of the text the mistake is in.
    #[must_use]
    pub fn file(&self) -> &str {
        self.primary.span.source().name()
    }

    /// The line of the mistake, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.primary.span.start().0
    }

    /// The column of the mistake in characters, from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        self.primary.span.start().1
    }

    /// The mistake as a compiler would print it, without a newline at the end.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut elements: Vec<Element<'_>> = Vec::new();
        for source in self.sources() {
            let here = |label: &&Label| **label.span.source() == *source;
            let primary = Some(&self.primary).filter(here).into_iter();
            let labels = primary
                .map(|label| (AnnotationKind::Primary, label))
                .chain(self.secondary.iter().filter(here).map(|label| (AnnotationKind::Context, label)));
            let annotations = labels.map(|(kind, label)| {
                let text = (!label.text.is_empty()).then_some(label.text.as_str());
                kind.span(label.span.range()).label(text)
            });
            elements.push(
                Snippet::source(source.text())
                    .path(source.name())
                    .annotations(annotations.collect::<Vec<_>>())
                    .into(),
            );
        }
        elements.extend(self.notes.iter().map(|note| Level::NOTE.message(note.as_str()).into()));
        elements.extend(self.helps.iter().map(|help| Level::HELP.message(help.as_str()).into()));
        let group: Group<'_> = level.primary_title(self.message.as_str()).elements(elements);
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }

    fn sources(&self) -> Vec<&Source> {
        let mut sources: Vec<&Source> = vec![self.primary.span.source()];
        for label in &self.secondary {
            if !sources.contains(&label.span.source().as_ref()) {
                sources.push(label.span.source());
            }
        }
        sources
    }

    /// The mistake for machines.
    ///
    /// # Examples
    /// ```
    /// # use ballast::experiment::{diagnostic::{Diagnostic, Fault}, source::{Source, Span}};
    /// let source = Source::new("a.ron", "(seed: -1)");
    /// let fault = Diagnostic::error(Fault::Semantic, "bad seed", Span::new(&source, 7..9), "below 0");
    /// assert_eq!(fault.to_json()["column"], 8);
    /// ```
    #[must_use]
    pub fn to_json(&self) -> Value {
        let place = |span: &Span| {
            let ((line, column), (end_line, end_column)) = (span.start(), span.end());
            (span.source().name().to_owned(), line, column, end_line, end_column)
        };
        let (file, line, column, end_line, end_column) = place(&self.primary.span);
        let related: Vec<Value> = self
            .secondary
            .iter()
            .map(|label| {
                let (file, line, column, end_line, end_column) = place(&label.span);
                json!({ "file": file, "line": line, "column": column, "end_line": end_line,
                        "end_column": end_column, "label": label.text })
            })
            .collect();
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        json!({
            "severity": severity, "fault": self.fault.name(), "message": self.message, "path": self.path,
            "file": file, "line": line, "column": column, "end_line": end_line, "end_column": end_column,
            "label": self.primary.text, "related": related, "notes": self.notes, "helps": self.helps,
        })
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostic {}

/// All mistakes of a load, in the order of the texts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// The mistakes, one by one.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True without any.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// The mistakes as a compiler would print them, with an empty line between two.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        let parts: Vec<String> = self.0.iter().map(|diagnostic| diagnostic.render(colour)).collect();
        parts.join("\n\n")
    }

    /// The mistakes for machines, a JSON list.
    #[must_use]
    pub fn to_json(&self) -> Value {
        Value::Array(self.0.iter().map(Diagnostic::to_json).collect())
    }

    /// Orders them by text (in the order given), then by place.
    pub(crate) fn sort(&mut self, sources: &[std::sync::Arc<Source>]) {
        self.0.sort_by_key(|diagnostic| {
            let span = &diagnostic.primary.span;
            let text = sources.iter().position(|source| source == span.source()).unwrap_or(sources.len());
            (text, span.range().start)
        });
    }
}

impl From<Vec<Diagnostic>> for Diagnostics {
    fn from(diagnostics: Vec<Diagnostic>) -> Self {
        Self(diagnostics)
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, more: I) {
        self.0.extend(more);
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostics {}
