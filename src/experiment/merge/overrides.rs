//! Single fields set from outside: `--set price.volatility=0.5`.

use std::sync::Arc;

use super::Document;
use crate::experiment::diagnostic::{Diagnostic, Fault, Label};
use crate::experiment::source::{Source, Span};
use crate::experiment::syntax::{DEPTH_LIMIT, Field, Kind, Name, Node, Part, Step, parts};

/// What stands before an override when it is shown.
const FLAG: &str = "--set ";

/// The name an override is shown under.
pub(crate) const COMMAND_LINE: &str = "command line";

impl Document {
    /// Sets one field: `path=value`.
    ///
    /// The path is dotted: field names, places in lists (from 0) or the `name` of a list's item (else its `profile` or
    /// `symbol`), keys of maps; the payload of a variant is passed through, so that `price.volatility` reaches into
    /// `price: Gbm(volatility: 0.5)`. A part with a dot in it stands in double quotes. Fields that are not there yet are
    /// added; whether the type knows them is found out when it is read. The value is RON; text that is not (a file path,
    /// a date) is a string.
    ///
    /// # Errors
    /// A diagnostic that points into the override: no `=`, a path through something that has no such part, a value
    /// with brackets or quotes that is not RON.
    ///
    /// # Examples
    /// ```
    /// use ballast::experiment::{merge::Document, source::Source};
    /// let mut config = Document::parse(&Source::new("a.ron", "(venues: [(name: \"pool\", fee_bps: 4)])")).unwrap();
    /// config.set("venues.pool.fee_bps=30").unwrap();
    /// config.set("venues.0.data=prices/eth-2021.csv").unwrap();
    /// assert_eq!(config.root, Document::parse(&Source::new("", "(venues: [(name: \"pool\", fee_bps: 30,
    ///     data: \"prices/eth-2021.csv\")])")).unwrap().root);
    /// assert!(config.set("venues.pol.fee_bps=30").unwrap_err().render(false).contains("did you mean `pool`?"));
    /// ```
    pub fn set(&mut self, assignment: &str) -> Result<(), Box<Diagnostic>> {
        self.set_through(assignment, |_| None)
    }

    /// As [`Document::set`], through a field that the path leaves out: `way` says before which part which field stands.
    pub(crate) fn set_through(
        &mut self,
        assignment: &str,
        way: impl FnOnce(&[Part]) -> Option<(usize, &'static str)>,
    ) -> Result<(), Box<Diagnostic>> {
        let source = Source::new(COMMAND_LINE, format!("{FLAG}{assignment}"));
        self.sources.push(Arc::clone(&source));
        let span = |range: std::ops::Range<usize>| {
            Span::new(&source, range.start + FLAG.len()..range.end + FLAG.len())
        };
        let fault = |range, message: &str, label: &str| {
            Box::new(Diagnostic::error(Fault::Override, message, span(range), label))
        };
        let whole = 0..assignment.len();
        let Some(equals) = equals_sign(assignment) else {
            let fault = fault(whole, "an override is written `path=value`", "there is no `=`");
            return Err(Box::new(fault.help("for example `price.volatility=0.5`")));
        };
        let mut path = parts(&assignment[..equals]).map_err(|at| {
            fault(at..(at + 1).min(equals.max(1)), "a part of the path is empty", "expected a name here")
        })?;
        if let Some((place, field)) = way(&path) {
            let range = path.get(place).map_or(0..0, |part| part.range.clone());
            path.insert(place, Part { text: field.to_owned(), range });
        }
        let value = read_value(&source, FLAG.len() + equals + 1)?;
        if path.len() + value.depth() > DEPTH_LIMIT {
            let fault = fault(whole, "the override reaches too deep", "too many levels");
            return Err(Box::new(fault.help(format!("a config has at most {DEPTH_LIMIT} levels"))));
        }
        if let Kind::Unit = self.root.kind {
            self.root.kind = Kind::Struct { name: None, fields: Vec::new() };
        }
        place(&mut self.root, &path, value, &span)
    }
}

/// The first `=` outside quotes.
fn equals_sign(assignment: &str) -> Option<usize> {
    let mut in_quotes = false;
    for (at, c) in assignment.char_indices() {
        match c {
            '"' => in_quotes = !in_quotes,
            '=' if !in_quotes => return Some(at),
            _ => {}
        }
    }
    None
}

/// Reads the value that begins at byte `start` of an override, so that its spans lie in the whole text.
fn read_value(source: &Arc<Source>, start: usize) -> Result<Node, Box<Diagnostic>> {
    let written = source.text().get(start..).unwrap_or_default();
    let from = start + (written.len() - written.trim_start().len());
    let range = from..from + written.trim().len();
    // Blanks before the value keep every offset as it is in the text that is shown.
    let alone = Source::new(source.name(), format!("{}{written}", " ".repeat(start)));
    match Node::parse(&alone) {
        Ok(mut node) => {
            move_to(&mut node, source);
            Ok(node)
        }
        Err(_) if !range.is_empty() && !written.contains(['(', ')', '[', ']', '{', '}', '"']) => {
            let kind = Kind::Text(source.text()[range.clone()].to_owned());
            Ok(Node { span: Span::new(source, range), kind })
        }
        Err(faults) => {
            let moved =
                |label: Label| Label { span: Span::new(source, label.span.range()), text: label.text };
            let first = faults.into_iter().next().map(|fault| Diagnostic {
                fault: Fault::Override,
                primary: moved(fault.primary),
                secondary: fault.secondary.into_iter().map(moved).collect(),
                ..fault
            });
            let otherwise = || {
                let span = Span::new(source, range);
                Diagnostic::error(Fault::Override, "the value cannot be read", span, "not RON")
            };
            Err(Box::new(first.unwrap_or_else(otherwise)))
        }
    }
}

/// Makes all spans of a tree lie in `source`, at the same bytes.
fn move_to(node: &mut Node, source: &Arc<Source>) {
    node.span = Span::new(source, node.span.range());
    let rename = |name: &mut Name| name.span = Span::new(source, name.span.range());
    match &mut node.kind {
        Kind::List(items) => items.iter_mut().for_each(|item| move_to(item, source)),
        Kind::Tuple { name, items } => {
            name.iter_mut().for_each(rename);
            items.iter_mut().for_each(|item| move_to(item, source));
        }
        Kind::Struct { name, fields } => {
            name.iter_mut().for_each(rename);
            for field in fields {
                rename(&mut field.name);
                move_to(&mut field.value, source);
            }
        }
        Kind::Map(entries) => {
            for (key, value) in entries {
                move_to(key, source);
                move_to(value, source);
            }
        }
        Kind::Some(inner) => move_to(inner, source),
        _ => {}
    }
}

fn place(
    root: &mut Node,
    path: &[Part],
    value: Node,
    span: &impl Fn(std::ops::Range<usize>) -> Span,
) -> Result<(), Box<Diagnostic>> {
    let mut steps: Vec<Step> = Vec::new();
    for (depth, part) in path.iter().enumerate() {
        let last = depth + 1 == path.len();
        let key_span = span(part.range.clone());
        let Some(mut node) = root.walk(&steps) else { break };
        if node.step_named(&part.text).is_none() {
            steps.extend(node.unwrapped());
            node = root.walk(&steps).unwrap_or(root);
        }
        if let Some(step) = node.step_named(&part.text) {
            steps.push(step);
            continue;
        }
        if !can_grow(node, last) {
            let before = root.dotted(&steps);
            let whole = if before.is_empty() { "the config" } else { before.as_str() };
            let message = format!("`{whole}` has no part `{}`", part.text);
            let help = node.parts_help(&part.text);
            let mut fault = Diagnostic::error(Fault::Override, message, key_span, "no such part").help(help);
            if node.span.source().name() != COMMAND_LINE {
                fault = fault.context(node.head(), format!("this is `{whole}`"));
            }
            return Err(Box::new(fault));
        }
        let hole = Node { span: value.span.clone(), kind: Kind::None };
        let Some(node) = root.walk_mut(&steps) else { break };
        steps.push(grow(node, Name { text: part.text.clone(), span: key_span }, hole));
    }
    // The name of a field that is set is shown where it is set.
    if let (Some((&Step::Field(place), parents)), Some(part)) = (steps.split_last(), path.last())
        && let Some(Node { kind: Kind::Struct { fields, .. }, .. }) = root.walk_mut(parents)
        && let Some(field) = fields.get_mut(place)
    {
        field.name.span = span(part.range.clone());
    }
    if let Some(node) = root.walk_mut(&steps) {
        *node = value;
    }
    Ok(())
}

/// Structs take new fields, and so does what may be an empty struct; maps take new keys, but not halfway of a path:
/// there no type would notice a typo.
fn can_grow(node: &Node, last: bool) -> bool {
    match &node.kind {
        Kind::Struct { .. } | Kind::Unit | Kind::None | Kind::Word(_) => true,
        Kind::Tuple { name, items } => name.is_some() && items.is_empty(),
        Kind::Map(_) => last,
        _ => false,
    }
}

/// Adds an empty part of that name.
fn grow(node: &mut Node, name: Name, hole: Node) -> Step {
    let title = match &mut node.kind {
        Kind::Struct { fields, .. } => {
            fields.push(Field { name, value: hole });
            return Step::Field(fields.len() - 1);
        }
        Kind::Map(entries) => {
            let key = Node { span: name.span, kind: Kind::Text(name.text) };
            entries.push((key, hole));
            return Step::Entry(entries.len() - 1);
        }
        Kind::Tuple { name, .. } => name.take(),
        // A variant that got its brackets here is judged here.
        Kind::Word(word) => Some(Name { text: std::mem::take(word), span: name.span.clone() }),
        _ => None,
    };
    if title.is_none() {
        node.span = name.span.clone();
    }
    node.kind = Kind::Struct { name: title, fields: vec![Field { name, value: hole }] };
    Step::Field(0)
}
