//! RON text as a tree that remembers where everything stands.
//!
//! The tree is what configs are merged in, what overrides change, and what types are read from; a mistake found in any
//! of these steps points at the text that a person wrote. The dialect is RON with implicit `Some` and unwrapped
//! newtype variants (`Heston(volatility: 0.5)` for `Heston(HestonSettings)`); numbers are finite and carry no type
//! suffix; there are no byte strings. Whatever is read here is RON to the crate `ron` too.

mod brackets;
mod lexer;
mod literal;
mod parser;
mod path;
mod print;

use std::sync::Arc;

use super::diagnostic::Diagnostics;
use super::source::{Source, Span};

pub(crate) use path::{Part, Step, parts};

/// Deeper nesting than this is refused, so that no text can exhaust the stack.
pub const DEPTH_LIMIT: usize = 64;

/// A name and where it stands.
#[derive(Debug, Clone)]
pub struct Name {
    /// The name, without `r#`.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// A field of a struct.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: Name,
    /// Its value.
    pub value: Node,
}

/// A value and where it stands. Two nodes are equal if their values are, wherever they stand.
#[derive(Debug, Clone)]
pub struct Node {
    /// From the first to the last character of the value, its name and brackets included.
    pub span: Span,
    /// The value.
    pub kind: Kind,
}

/// What a [`Node`] holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// `()`
    Unit,
    /// `true`, `false`
    Bool(bool),
    /// `12`, `-0x1f`
    Integer(i128),
    /// `0.5`, `1e-9`; finite
    Float(f64),
    /// `'a'`
    Char(char),
    /// `"text"`, `r#"text"#`
    Text(String),
    /// `[a, b]`
    List(Vec<Node>),
    /// `{a: b}`
    Map(Vec<(Node, Node)>),
    /// `(a: b)`, `Name(a: b)`
    Struct {
        /// The name of the struct or variant, if written.
        name: Option<Name>,
        /// Its fields in the order written.
        fields: Vec<Field>,
    },
    /// `(a, b)`, `Name(a, b)`, `Name()`
    Tuple {
        /// The name of the struct or variant, if written.
        name: Option<Name>,
        /// Its items.
        items: Vec<Node>,
    },
    /// A bare name: a variant without payload.
    Word(String),
    /// `None`
    None,
    /// `Some(a)`
    Some(Box<Node>),
    /// Stands where a value was wrong and has been reported; fits every type.
    Hole,
    /// The same where the type refused the stand-in too; left out when a type is read.
    Gap,
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Node {
    /// Reads one RON value, the whole of `source`.
    ///
    /// # Errors
    /// All syntax errors that can be told apart, in order.
    ///
    /// # Examples
    /// ```
    /// use ballast::experiment::{source::Source, syntax::{Kind, Node}};
    /// let node = Node::parse(&Source::new("a.ron", "/* calm */ (seed: 7,)")).unwrap();
    /// assert_eq!(node.field("seed").map(|field| &field.value.kind), Some(&Kind::Integer(7)));
    /// let faults = Node::parse(&Source::new("a.ron", "(seed: 7")).unwrap_err();
    /// assert_eq!(faults.iter().next().unwrap().message, "expected `)` to close the struct, found the end of the text");
    /// ```
    pub fn parse(source: &Arc<Source>) -> Result<Self, Diagnostics> {
        parser::parse(source)
    }

    /// The value as RON text: one field a line, four spaces a level, short lists and tuples on one line, no comments.
    ///
    /// Reading the text again yields an equal node, and printing that yields the same text.
    ///
    /// # Examples
    /// ```
    /// use ballast::experiment::{source::Source, syntax::Node};
    /// let node = Node::parse(&Source::new("a.ron", "( xs :[1,2 , ], /*!*/ seed: 0x10 )")).unwrap();
    /// assert_eq!(node.to_ron(), "(\n    xs: [1, 2],\n    seed: 16,\n)\n");
    /// ```
    #[must_use]
    pub fn to_ron(&self) -> String {
        print::print(self)
    }

    /// How many levels of brackets it has; at most [`DEPTH_LIMIT`] if it was read from text.
    #[must_use]
    pub fn depth(&self) -> usize {
        let deepest = |nodes: &mut dyn Iterator<Item = &Self>| 1 + nodes.map(Self::depth).max().unwrap_or(0);
        match &self.kind {
            Kind::List(items) | Kind::Tuple { items, .. } => deepest(&mut items.iter()),
            Kind::Struct { fields, .. } => deepest(&mut fields.iter().map(|field| &field.value)),
            Kind::Map(entries) => deepest(&mut entries.iter().flat_map(|(key, value)| [key, value])),
            Kind::Some(inner) => 1 + inner.depth(),
            Kind::Unit => 1,
            _ => 0,
        }
    }

    /// The field of that name, if this is a struct (also inside `Some`) that has it.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        match &self.kind {
            Kind::Struct { fields, .. } => fields.iter().find(|field| field.name.text == name),
            Kind::Some(inner) => inner.field(name),
            _ => None,
        }
    }

    /// The text, if this is a string.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The name of the struct or variant, if one is written.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match &self.kind {
            Kind::Struct { name, .. } | Kind::Tuple { name, .. } => {
                name.as_ref().map(|name| name.text.as_str())
            }
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    /// The part of the value that stands for the whole in a message: its name, its opening bracket, or all of it.
    #[must_use]
    pub fn head(&self) -> Span {
        let (open, name_end) = match &self.kind {
            Kind::Struct { name, .. } | Kind::Tuple { name, .. } => match name {
                Some(name) => return name.span.clone(),
                None => ('(', 0),
            },
            Kind::List(_) => ('[', 0),
            Kind::Map(_) => ('{', 0),
            _ => return self.span.clone(),
        };
        if !self.span.text().contains('\n') || !self.span.text().starts_with(open) {
            return self.span.clone();
        }
        let start = self.span.range().start + name_end;
        Span::new(self.span.source(), start..start + 1)
    }

    /// The value in words, for `found ...`.
    ///
    /// # Examples
    /// ```
    /// use ballast::experiment::{source::Source, syntax::Node};
    /// let node = Node::parse(&Source::new("a.ron", "[1, 2]")).unwrap();
    /// assert_eq!(node.describe(), "a list of 2");
    /// ```
    #[must_use]
    pub fn describe(&self) -> String {
        match &self.kind {
            Kind::Unit => "the empty value `()`".into(),
            Kind::Bool(value) => format!("the boolean `{value}`"),
            Kind::Integer(value) => format!("the integer `{value}`"),
            Kind::Float(value) => format!("the number `{value:?}`"),
            Kind::Char(value) => format!("the character {value:?}"),
            Kind::Text(text) if text.chars().count() > 40 => "a string".into(),
            Kind::Text(text) => format!("the string {text:?}"),
            Kind::List(items) => format!("a list of {}", items.len()),
            Kind::Map(entries) => format!("a map of {}", entries.len()),
            Kind::Struct { name: Some(name), .. } => format!("`{}` with named fields", name.text),
            Kind::Struct { name: None, .. } => "a struct `(...)`".into(),
            Kind::Tuple { name: Some(name), items } if items.is_empty() => format!("`{}()`", name.text),
            Kind::Tuple { name: Some(name), .. } => format!("`{}` with unnamed values", name.text),
            Kind::Tuple { name: None, items } => format!("a tuple of {}", items.len()),
            Kind::Word(word) => format!("the bare word `{word}`"),
            Kind::None => "`None`".into(),
            Kind::Some(inner) => inner.describe(),
            Kind::Hole | Kind::Gap => "a value".into(),
        }
    }
}
