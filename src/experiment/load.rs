//! From texts to a typed config, or to all mistakes in it.
//!
//! [`load`] reads a config, lays it over what it extends, applies overrides and reads the type `T` from the result.
//! Where the type refuses a value, the value is reported, replaced by a stand-in, and reading goes on: one call finds
//! the mistakes of a whole file, without those that only follow from others.
//!
//! What can be judged only with other fields in view (a value out of range, an unknown profile) is found later; a
//! [`Problem`] with the path of the field brings it back to its place in the text.

mod access;
mod explain;
mod fragment;
mod hole;
mod locate;
mod mistake;
mod reader;

use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::diagnostic::{Diagnostic, Diagnostics, Fault};
use super::merge::{COMMAND_LINE, Document, Library};
use super::names::nearest;
use super::source::Source;
use super::syntax::{Field, Kind, Name, Node, Step};
pub use fragment::Fragment;
pub use locate::Problem;
use mistake::{Mistake, Refusal};
use reader::Reader;

/// More mistakes than this are not searched for.
const FAULT_LIMIT: usize = 30;

/// Readings of one tree, an upper bound: each takes one mistake, or something that follows from one, out of the way.
const READING_LIMIT: usize = 300;

/// A config that was read, and where each part of it stands.
#[derive(Debug, Clone)]
pub struct Loaded<T> {
    /// The config.
    pub value: T,
    /// The tree it was read from.
    pub document: Document,
}

impl<T> Loaded<T> {
    /// The whole config as one RON text that extends nothing and loads to the same value.
    ///
    /// # Examples
    /// ```
    /// use ballast::experiment::{load::load, merge::Shelf, source::Source};
    /// #[derive(serde::Deserialize)]
    /// struct Config { seed: u64, runs: u32 }
    /// let shelf = Shelf::from([("base", "(seed: 7, runs: 1)")]);
    /// let child = Source::new("mine.ron", "(extends: \"base\" /* mine */, runs: 8)");
    /// let loaded = load::<Config>(&child, &shelf, &["seed=9".to_owned()]).unwrap();
    /// assert_eq!((loaded.value.seed, loaded.value.runs), (9, 8));
    /// assert_eq!(loaded.resolved_text(), "(\n    seed: 9,\n    runs: 8,\n)\n");
    /// ```
    #[must_use]
    pub fn resolved_text(&self) -> String {
        self.document.root.to_ron()
    }
}

/// Loads a config: `source`, laid over what it extends in `library`, with `overrides` of the form `path=value` set.
///
/// # Errors
/// All mistakes that can be found in one go, in the order of the texts.
///
/// # Examples
/// ```
/// use ballast::experiment::{load::load, merge::Shelf, source::Source};
/// #[derive(Debug, serde::Deserialize)]
/// #[serde(deny_unknown_fields)]
/// struct Gbm { drift: f64, volatility: f64 }
/// let source = Source::new("mine.ron", "(drift: \"up\", volatilty: 0.5)");
/// let faults = load::<Gbm>(&source, &Shelf::default(), &[]).unwrap_err();
/// assert_eq!(faults.to_string(), "\
/// error: expected a number for `drift`, found the string \"up\"
///  --> mine.ron:1:9
///   |
/// 1 | (drift: \"up\", volatilty: 0.5)
///   |         ^^^^ expected a number
///
/// error: unknown field `volatilty` in `Gbm`
///  --> mine.ron:1:15
///   |
/// 1 | (drift: \"up\", volatilty: 0.5)
///   |               ^^^^^^^^^ no such field
///   |
///   = note: its fields are `drift` and `volatility`
///   = help: did you mean `volatility`?");
/// ```
pub fn load<T: DeserializeOwned>(
    source: &Arc<Source>,
    library: &impl Library,
    overrides: &[String],
) -> Result<Loaded<T>, Diagnostics> {
    let mut document = Document::resolve(source, library)?;
    let mut faults = Diagnostics::default();
    for assignment in overrides {
        faults.extend(document.set(assignment).err().map(|fault| *fault));
    }
    let sources = document.sources.clone();
    match document.read() {
        Ok(loaded) if faults.is_empty() => return Ok(loaded),
        Ok(_) => {}
        Err(more) => faults.extend(more),
    }
    faults.sort(&sources);
    Err(faults)
}

impl Document {
    /// Reads a type from the tree.
    ///
    /// # Errors
    /// All values that the type refuses.
    ///
    /// # Examples
    /// ```
    /// use ballast::experiment::{merge::Document, source::Source};
    /// let document = Document::parse(&Source::new("a.ron", "[1, 2]")).unwrap();
    /// assert_eq!(document.read::<Vec<u8>>().unwrap().value, [1, 2]);
    /// ```
    pub fn read<T: DeserializeOwned>(mut self) -> Result<Loaded<T>, Diagnostics> {
        match read(&mut self.root) {
            Ok(value) => Ok(Loaded { value, document: self }),
            Err(mut faults) => {
                faults.sort(&self.sources);
                Err(faults)
            }
        }
    }
}

/// Reads `T` from the tree. Words of the command line that turn out to be strings become strings in the tree.
fn read<T: DeserializeOwned>(root: &mut Node) -> Result<T, Diagnostics> {
    let mut faults: Vec<Diagnostic> = Vec::new();
    // Copied at the first mistake.
    let mut mended: Option<Node> = None;
    for _ in 0..READING_LIMIT {
        let mistake = match T::deserialize(Reader::new(mended.as_ref().unwrap_or(root))) {
            Ok(value) if faults.is_empty() => return Ok(value),
            Ok(_) => break,
            Err(mistake) => mistake,
        };
        let steps = mistake.steps();
        if faults.is_empty() && take_as_text(root, &steps, &mistake) {
            continue;
        }
        let tree = mended.get_or_insert_with(|| root.clone());
        if take_as_text(tree, &steps, &mistake) {
            continue;
        }
        if follows_from_another(tree, &steps, &mistake) {
            if !give_up(tree, steps) {
                break;
            }
            continue;
        }
        faults.push(explain::explain(tree, &steps, &mistake));
        if faults.len() >= FAULT_LIMIT || !mend(tree, &steps, &mistake) {
            break;
        }
    }
    if faults.is_empty() {
        let message = "the config cannot be read";
        faults.push(Diagnostic::error(Fault::WrongValue, message, root.head(), "refused without a reason"));
    }
    Err(faults.into())
}

/// A whole value of the command line that is no string, where one is wanted, is taken as it is written.
fn take_as_text(tree: &mut Node, steps: &[Step], mistake: &Mistake) -> bool {
    let Refusal::NoText(_) = mistake.parts().refusal else { return false };
    let Some(node) = tree.walk_mut(steps) else { return false };
    let plain =
        matches!(node.kind, Kind::Word(_) | Kind::Integer(_) | Kind::Float(_) | Kind::Bool(_) | Kind::None);
    let source = node.span.source();
    let is_whole = source.text().split_once('=').is_some_and(|(_, value)| value.trim() == node.span.text());
    let taken = plain && is_whole && source.name() == COMMAND_LINE;
    if taken {
        node.kind = Kind::Text(node.span.text().to_owned());
    }
    taken
}

/// True for a mistake of a stand-in, or of a check that looks at a value with a stand-in in it.
fn follows_from_another(tree: &Node, steps: &[Step], mistake: &Mistake) -> bool {
    let Some(node) = tree.walk(steps) else { return false };
    match mistake.parts().refusal {
        Refusal::Other(_) => has_hole(node),
        Refusal::MissingField(name) => node.field(name).is_some_and(|field| field.value.kind == Kind::Gap),
        _ => matches!(node.kind, Kind::Hole | Kind::Gap),
    }
}

fn has_hole(node: &Node) -> bool {
    match &node.kind {
        Kind::Hole | Kind::Gap => true,
        Kind::List(items) | Kind::Tuple { items, .. } => items.iter().any(has_hole),
        Kind::Struct { fields, .. } => fields.iter().any(|field| has_hole(&field.value)),
        Kind::Map(entries) => entries.iter().any(|(key, value)| has_hole(key) || has_hole(value)),
        Kind::Some(inner) => has_hole(inner),
        _ => false,
    }
}

/// Puts a stand-in for a value, or leaves the value out if its stand-in was refused, or else does so with what is
/// around it. False if that would be the whole: nothing more can be found.
fn give_up(tree: &mut Node, mut steps: Vec<Step>) -> bool {
    while let Some((&last, parents)) = steps.split_last() {
        let in_tuple = matches!(tree.walk(parents), Some(Node { kind: Kind::Tuple { .. }, .. }));
        let can_be_left_out = matches!(last, Step::Field(_) | Step::Entry(_) | Step::Item(_)) && !in_tuple;
        match tree.walk_mut(&steps) {
            Some(node) if node.kind == Kind::Hole && can_be_left_out => {
                node.kind = Kind::Gap;
                return true;
            }
            Some(node) if !matches!(node.kind, Kind::Hole | Kind::Gap) => return put_hole(tree, &steps),
            _ => steps.pop(),
        };
    }
    false
}

fn put_hole(tree: &mut Node, steps: &[Step]) -> bool {
    let Some((last, parents)) = steps.split_last() else { return false };
    if let Step::Key(place) = last {
        if let Some(Node { kind: Kind::Map(entries), .. }) = tree.walk_mut(parents)
            && *place < entries.len()
        {
            entries.remove(*place);
            return true;
        }
        return false;
    }
    match tree.walk_mut(steps) {
        Some(node) => {
            node.kind = Kind::Hole;
            true
        }
        None => false,
    }
}

/// Takes a reported mistake out of the way. False if nothing is left to read.
fn mend(tree: &mut Node, steps: &[Step], mistake: &Mistake) -> bool {
    let parts = mistake.parts();
    match &parts.refusal {
        Refusal::UnknownField(name) => {
            let Some((&Step::Field(place), parents)) = steps.split_last() else {
                return put_hole(tree, steps);
            };
            let Some(Node { kind: Kind::Struct { fields, .. }, .. }) = tree.walk_mut(parents) else {
                return false;
            };
            // A mistyped name that is missing is read as the one that was meant.
            match nearest(name, parts.names.iter().copied()) {
                Some(meant) if fields.iter().all(|field| field.name.text != meant) => {
                    fields[place].name.text = meant.to_owned();
                }
                _ => {
                    fields.remove(place);
                }
            }
            true
        }
        Refusal::MissingField(name) => match tree.walk_mut(steps) {
            Some(node) => add_hole(node, name),
            None => false,
        },
        Refusal::WrongType(expected) if expected.starts_with("struct ") => match tree.walk_mut(steps) {
            // A struct of another name: its fields are read all the same.
            Some(Node { kind: Kind::Struct { name: name @ Some(_), .. }, .. }) => {
                *name = None;
                true
            }
            _ => put_hole(tree, steps),
        },
        _ => put_hole(tree, steps),
    }
}

fn add_hole(node: &mut Node, name: &str) -> bool {
    let field = Field {
        name: Name { text: name.to_owned(), span: node.span.clone() },
        value: Node { span: node.span.clone(), kind: Kind::Hole },
    };
    match &mut node.kind {
        Kind::Struct { fields, .. } => {
            let is_new = fields.iter().all(|field| field.name.text != name);
            fields.push(field);
            is_new
        }
        Kind::Tuple { name: title, items } if items.is_empty() => {
            node.kind = Kind::Struct { name: title.take(), fields: vec![field] };
            true
        }
        Kind::Unit => {
            node.kind = Kind::Struct { name: None, fields: vec![field] };
            true
        }
        _ => {
            node.kind = Kind::Hole;
            true
        }
    }
}
