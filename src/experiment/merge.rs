//! Configs laid over one another, and single fields set from outside.
//!
//! A config with the top-level field `extends: "parent"` is laid over its parent. Structs merge field by field, also
//! the named fields of a variant if both sides name the same one (or the child leaves the name out). Everything else
//! is replaced as a whole: numbers, strings, lists, maps, tuples, another variant.

mod overrides;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::diagnostic::{Diagnostic, Diagnostics, Fault};
use super::names::{listed, nearest};
use super::source::{Source, Span};
use super::syntax::{Field, Kind, Name, Node};
pub(crate) use overrides::COMMAND_LINE;

/// The top-level field that names the parent of a config.
pub const EXTENDS: &str = "extends";

/// A longer chain of parents is taken for one without end.
const CHAIN_LIMIT: usize = 32;

/// There is no config of the name asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Absent {
    /// Why not, such as `no file of this name in configs/`.
    pub why: String,
    /// Names that would be found, for advice.
    pub known: Vec<String>,
}

/// Where parents are found: a directory, the configs embedded in the program, or both.
///
/// Any closure `Fn(&str, &Source) -> Result<Arc<Source>, Absent>` is a library.
pub trait Library {
    /// The text of the config `name`, which the text `from` extends.
    ///
    /// Two calls that mean the same text must return texts of the same name: circles are recognised by it.
    ///
    /// # Errors
    /// [`Absent`] if there is none, or if it cannot be read.
    fn find(&self, name: &str, from: &Source) -> Result<Arc<Source>, Absent>;
}

impl<F: Fn(&str, &Source) -> Result<Arc<Source>, Absent>> Library for F {
    fn find(&self, name: &str, from: &Source) -> Result<Arc<Source>, Absent> {
        self(name, from)
    }
}

/// A library in memory: names and texts.
///
/// # Examples
/// ```
/// use ballast::experiment::{merge::{Library, Shelf}, source::Source};
/// let shelf = Shelf::from([("calm", "(seed: 7)")]);
/// let from = Source::new("mine.ron", "(extends: \"calm\")");
/// assert_eq!(shelf.find("calm", &from).unwrap().text(), "(seed: 7)");
/// assert_eq!(shelf.find("clam", &from).unwrap_err().known, ["calm"]);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Shelf(BTreeMap<String, String>);

impl<N: Into<String>, T: Into<String>, const COUNT: usize> From<[(N, T); COUNT]> for Shelf {
    fn from(texts: [(N, T); COUNT]) -> Self {
        Self(texts.into_iter().map(|(name, text)| (name.into(), text.into())).collect())
    }
}

impl Library for Shelf {
    fn find(&self, name: &str, _from: &Source) -> Result<Arc<Source>, Absent> {
        match self.0.get(name) {
            Some(text) => Ok(Source::new(name, text)),
            None => {
                Err(Absent { why: "no config of this name".into(), known: self.0.keys().cloned().collect() })
            }
        }
    }
}

/// A config as one tree, with all texts it came from.
#[derive(Debug, Clone)]
pub struct Document {
    /// The tree.
    pub root: Node,
    /// The texts: the config itself, its parents, then overrides.
    pub sources: Vec<Arc<Source>>,
}

impl Document {
    /// Reads a text that extends nothing.
    ///
    /// # Errors
    /// The syntax errors.
    ///
    /// # Examples
    /// ```
    /// use ballast::experiment::{merge::Document, source::Source};
    /// assert!(Document::parse(&Source::new("a.ron", "(seed: 7)")).is_ok());
    /// ```
    pub fn parse(source: &Arc<Source>) -> Result<Self, Diagnostics> {
        Ok(Self { root: Node::parse(source)?, sources: vec![Arc::clone(source)] })
    }

    /// Reads a text and lays it over its parent, and that over its own.
    ///
    /// # Errors
    /// The syntax errors of a text, a parent that is not found, a circle.
    ///
    /// # Examples
    /// ```
    /// use ballast::experiment::{merge::{Document, Shelf}, source::Source};
    /// let shelf = Shelf::from([("base", "(seed: 7, price: Heston(kappa: 2.0, theta: 0.5))")]);
    /// let child = Source::new("mine.ron", "(extends: \"base\", price: Heston(theta: 0.9))");
    /// let merged = Document::resolve(&child, &shelf).unwrap();
    /// assert_eq!(merged.root, Document::parse(&Source::new("", "(seed: 7, price: Heston(kappa: 2.0, theta: 0.9))"))
    ///     .unwrap().root);
    /// ```
    pub fn resolve(source: &Arc<Source>, library: &impl Library) -> Result<Self, Diagnostics> {
        let mut layers: Vec<Node> = Vec::new();
        let mut sources = vec![Arc::clone(source)];
        let mut links: Vec<Span> = Vec::new();
        loop {
            let current = Arc::clone(&sources[sources.len() - 1]);
            let mut node = Node::parse(&current)?;
            let parent = take_extends(&mut node)?;
            layers.push(node);
            let Some((name, span)) = parent else { break };
            let found =
                library.find(&name, &current).map_err(|absent| missing_parent(&name, &span, &absent))?;
            if sources.len() >= CHAIN_LIMIT {
                let message = format!("a chain of more than {CHAIN_LIMIT} configs that extend one another");
                return Err(Diagnostic::error(Fault::Extends, message, span, "one too many")
                    .at(EXTENDS)
                    .into());
            }
            links.push(span);
            if let Some(first) = sources.iter().position(|known| known.name() == found.name()) {
                return Err(circle(&sources[first..], &links[first..]).into());
            }
            sources.push(found);
        }
        let mut root: Option<Node> = None;
        while let Some(layer) = layers.pop() {
            root = Some(match root {
                Some(parent) => lay_over(parent, layer),
                None => layer,
            });
        }
        // The loop above pushes a layer before it can end.
        let root = root.unwrap_or(Node { span: Span::new(source, 0..0), kind: Kind::Unit });
        Ok(Self { root, sources })
    }

    /// Lays another document over this one.
    ///
    /// # Examples
    /// ```
    /// use ballast::experiment::{merge::Document, source::Source};
    /// let mut profile = Document::parse(&Source::new("saver.ron", "(activity: 0.5, patience_days: 30)")).unwrap();
    /// let over = Document::parse(&Source::new("mine.ron", "(activity: 0.9)")).unwrap();
    /// profile.lay(over);
    /// assert_eq!(profile.root.to_ron(), "(\n    activity: 0.9,\n    patience_days: 30,\n)\n");
    /// ```
    pub fn lay(&mut self, over: Self) {
        let parent =
            std::mem::replace(&mut self.root, Node { span: over.root.span.clone(), kind: Kind::Hole });
        self.root = lay_over(parent, over.root);
        for source in over.sources {
            if !self.sources.contains(&source) {
                self.sources.push(source);
            }
        }
    }
}

/// Lays `child` over `parent` by the rules of this module.
///
/// # Examples
/// ```
/// use ballast::experiment::{merge::lay_over, source::Source, syntax::Node};
/// let node = |text| Node::parse(&Source::new("", text)).unwrap();
/// assert_eq!(lay_over(node("(a: 1, b: [1, 2])"), node("(b: [3])")), node("(a: 1, b: [3])"));
/// assert_eq!(lay_over(node("Gbm(a: 1)"), node("Heston(b: 2)")), node("Heston(b: 2)"));
/// ```
#[must_use]
pub fn lay_over(parent: Node, child: Node) -> Node {
    let span = child.span.clone();
    match (parent.kind, child.kind) {
        (Kind::Some(parent), child_kind) if child_kind != Kind::None => {
            let child = match child_kind {
                Kind::Some(inner) => *inner,
                kind => Node { span: child.span, kind },
            };
            let merged = lay_over(*parent, child);
            Node { span, kind: Kind::Some(Box::new(merged)) }
        }
        (parent_kind @ Kind::Struct { .. }, Kind::Some(inner)) => {
            lay_over(Node { span: parent.span, kind: parent_kind }, *inner)
        }
        (Kind::Struct { name: parent_name, fields: mut merged }, Kind::Struct { name, fields })
            if same(parent_name.as_ref(), name.as_ref()) =>
        {
            for field in fields {
                lay_field(&mut merged, field);
            }
            Node { span, kind: Kind::Struct { name: name.or(parent_name), fields: merged } }
        }
        (parent_kind @ Kind::Struct { .. }, Kind::Unit) => Node { span, kind: parent_kind },
        (Kind::Struct { name: parent_name, fields }, Kind::Tuple { name, items })
            if items.is_empty() && same(parent_name.as_ref(), name.as_ref()) =>
        {
            Node { span, kind: Kind::Struct { name, fields } }
        }
        (Kind::Tuple { name: parent_name, items: mut inner }, Kind::Tuple { name, mut items })
            if same(parent_name.as_ref(), name.as_ref()) && both_wrap_structs(&inner, &items) =>
        {
            let merged = inner.pop().zip(items.pop()).map(|(parent, child)| lay_over(parent, child));
            Node {
                span,
                kind: Kind::Tuple { name: name.or(parent_name), items: merged.into_iter().collect() },
            }
        }
        (_, kind) => Node { span, kind },
    }
}

fn lay_field(merged: &mut Vec<Field>, field: Field) {
    match merged.iter_mut().find(|other| other.name == field.name) {
        Some(other) => {
            let hole = Node { span: field.value.span.clone(), kind: Kind::Hole };
            let parent = std::mem::replace(&mut other.value, hole);
            *other = Field { name: field.name, value: lay_over(parent, field.value) };
        }
        None => merged.push(field),
    }
}

/// A name left out agrees with every name.
fn same(parent: Option<&Name>, child: Option<&Name>) -> bool {
    parent.zip(child).is_none_or(|(parent, child)| parent == child)
}

fn both_wrap_structs(parent: &[Node], child: &[Node]) -> bool {
    let wraps = |items: &[Node]| matches!(items, [Node { kind: Kind::Struct { .. }, .. }]);
    wraps(parent) && wraps(child)
}

/// Takes the field `extends` out of a config.
fn take_extends(node: &mut Node) -> Result<Option<(String, Span)>, Diagnostics> {
    let Kind::Struct { name, fields } = &mut node.kind else { return Ok(None) };
    let Some(place) = fields.iter().position(|field| field.name.text == EXTENDS) else { return Ok(None) };
    let field = fields.remove(place);
    if fields.is_empty() {
        node.kind = match name.take() {
            Some(name) => Kind::Tuple { name: Some(name), items: Vec::new() },
            None => Kind::Unit,
        };
    }
    match &field.value.kind {
        Kind::Text(name) => Ok(Some((name.clone(), field.value.span))),
        Kind::None => Ok(None),
        _ => {
            let found = field.value.describe();
            let message = format!("`{EXTENDS}` names a config, found {found}");
            let fault = Diagnostic::error(Fault::Extends, message, field.value.span, "expected a string");
            Err(fault.at(EXTENDS).into())
        }
    }
}

fn missing_parent(name: &str, span: &Span, absent: &Absent) -> Diagnostic {
    let message = format!("cannot extend `{name}`: {}", absent.why);
    let fault = Diagnostic::error(Fault::Extends, message, span.clone(), "not found").at(EXTENDS);
    let known = || absent.known.iter().map(String::as_str);
    match nearest(name, known()) {
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None if absent.known.is_empty() => fault,
        None => fault.help(format!("there are {}", listed(known(), "and"))),
    }
}

fn circle(sources: &[Arc<Source>], links: &[Span]) -> Diagnostic {
    let first = sources.first().map_or("", |source| source.name());
    let round: Vec<&str> = sources.iter().map(|source| source.name()).chain([first]).collect();
    let message = format!("configs extend one another in a circle: {}", round.join(" -> "));
    let (last, before) = match links.split_last() {
        Some((last, before)) => (last.clone(), before),
        None => (Span::new(&Source::new("", ""), 0..0), links),
    };
    let mut fault = Diagnostic::error(Fault::Extends, message, last, "this closes the circle").at(EXTENDS);
    for (span, next) in before.iter().zip(sources.iter().skip(1)) {
        fault = fault.context(span.clone(), format!("leads to {}", next.name()));
    }
    fault.help("let one of them extend nothing")
}
