//! From a field path back to the text.

use super::explain;
use crate::experiment::diagnostic::{Diagnostic, Diagnostics, Fault};
use crate::experiment::load::Loaded;
use crate::experiment::merge::Document;
use crate::experiment::source::Span;
use crate::experiment::syntax::{Node, parts};

/// Something wrong with a value that its type alone could not see.
///
/// # Examples
/// ```
/// use ballast::experiment::{load::{Problem, load}, merge::Shelf, source::Source};
/// #[derive(serde::Deserialize)]
/// struct Config { fee_bps: u32 }
/// let source = Source::new("a.ron", "(fee_bps: 20000)");
/// let loaded = load::<Config>(&source, &Shelf::default(), &[]).unwrap();
/// let problem = Problem::new("fee_bps", "at most 10000", "20000").help("fees are in hundredths of a percent");
/// assert_eq!(loaded.diagnose(&problem).render(false), "\
/// error: expected at most 10000 for `fee_bps`, found 20000
///  --> a.ron:1:11
///   |
/// 1 | (fee_bps: 20000)
///   |           ^^^^^ expected at most 10000
///   |
///   = help: fees are in hundredths of a percent");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Dotted path of the field, such as `populations.2.activity`.
    pub path: String,
    /// What would be right there.
    pub expected: String,
    /// What is there instead.
    pub found: String,
    /// What to do.
    pub help: Option<String>,
}

impl Problem {
    /// A problem without advice.
    pub fn new(path: impl Into<String>, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self { path: path.into(), expected: expected.into(), found: found.into(), help: None }
    }

    /// The same with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl Document {
    /// The value at a path: field names, places in lists or the `name` of an item, keys of maps. The payload of a
    /// variant and `Some` are passed through.
    ///
    /// # Examples
    /// ```
    /// use ballast::experiment::{merge::Document, source::Source};
    /// let text = "(price: Gbm(volatility: 0.5), venues: [(name: \"pool\")])";
    /// let document = Document::parse(&Source::new("a.ron", text)).unwrap();
    /// assert_eq!(document.node("price.volatility").unwrap().span.text(), "0.5");
    /// assert_eq!(document.node("venues.pool").unwrap().span.text(), "(name: \"pool\")");
    /// assert!(document.node("price.drift").is_none());
    /// ```
    #[must_use]
    pub fn node(&self, path: &str) -> Option<&Node> {
        if path.is_empty() {
            return Some(&self.root);
        }
        let path = parts(path).ok()?;
        let (steps, taken) = self.root.follow(&path);
        if taken == path.len() { self.root.walk(&steps) } else { None }
    }

    /// Where the value at a path stands; `None` if it is not written but a default.
    ///
    /// # Examples
    /// ```
    /// # use ballast::experiment::{merge::Document, source::Source};
    /// let document = Document::parse(&Source::new("a.ron", "(seed: 7)")).unwrap();
    /// assert_eq!(document.locate("seed").unwrap().start(), (1, 8));
    /// ```
    #[must_use]
    pub fn locate(&self, path: &str) -> Option<Span> {
        self.node(path).map(|node| node.span.clone())
    }

    /// The part at a path as a document of its own, to be laid over another or read as a type.
    #[must_use]
    pub fn fragment(&self, path: &str) -> Option<Self> {
        Some(Self { root: self.node(path)?.clone(), sources: self.sources.clone() })
    }

    /// A problem as a diagnostic at the value, or at the innermost struct that is written if the value is a default.
    #[must_use]
    pub fn diagnose(&self, problem: &Problem) -> Diagnostic {
        let path = parts(&problem.path).unwrap_or_default();
        let (steps, taken) = self.root.follow(&path);
        let node = self.root.walk(&steps).unwrap_or(&self.root);
        let mut fault =
            explain::wrong(Fault::Semantic, node, &problem.path, &problem.expected, &problem.found);
        if let Some(missing) = path.get(taken) {
            fault.primary.text = format!("`{}` is not written here: this is its default", missing.text);
        }
        match &problem.help {
            Some(help) => fault.help(help),
            None => fault,
        }
    }
}

impl<T> Loaded<T> {
    /// See [`Document::diagnose`].
    #[must_use]
    pub fn diagnose(&self, problem: &Problem) -> Diagnostic {
        self.document.diagnose(problem)
    }

    /// The config if there are no problems.
    ///
    /// # Errors
    /// The problems as diagnostics, in the order of the texts.
    ///
    /// # Examples
    /// ```
    /// use ballast::experiment::{load::{Problem, load}, merge::Shelf, source::Source};
    /// let source = Source::new("a.ron", "[1, 2, 9]");
    /// let loaded = load::<Vec<u8>>(&source, &Shelf::default(), &[]).unwrap();
    /// let faults = loaded.accept(&[Problem::new("2", "at most 5", "9")]).unwrap_err();
    /// assert_eq!(faults.iter().next().unwrap().column(), 8);
    /// ```
    pub fn accept(self, problems: &[Problem]) -> Result<Self, Diagnostics> {
        if problems.is_empty() {
            return Ok(self);
        }
        let faults: Vec<Diagnostic> = problems.iter().map(|problem| self.diagnose(problem)).collect();
        let mut faults = Diagnostics::from(faults);
        faults.sort(&self.document.sources);
        Err(faults)
    }
}
