//! Each population's profile takes its place under `agent`.

use std::sync::Arc;

use super::Unread;
use super::texts::Texts;
use crate::experiment::diagnostic::{Diagnostic, Diagnostics, Fault};
use crate::experiment::merge::{COMMAND_LINE, Document, lay_over};
use crate::experiment::names::{listed, nearest};
use crate::experiment::source::Source;
use crate::experiment::syntax::{Field, Kind, Name, Node, Part, Step, parts};

const POPULATIONS: &str = "populations";
const AGENT: &str = "agent";
const WITH: &str = "with";
const PROFILE: &str = "profile";

/// The fields of a population itself; any other name behind a population is a field of its agents.
const OWN: [&str; 7] = [PROFILE, "name", "count", "civic", "lends", WITH, AGENT];

/// True for an override of a field of agents: it can be applied only when the profile is there.
pub(super) fn is_inside_an_agent(assignment: &str) -> bool {
    match path_of(assignment).as_slice() {
        [first, _, third, ..] if first.text == POPULATIONS => {
            third.text == AGENT || !OWN.contains(&third.text.as_str())
        }
        _ => false,
    }
}

fn path_of(assignment: &str) -> Vec<Part> {
    let path = assignment.split_once('=').map_or(assignment, |(path, _)| path);
    parts(path).unwrap_or_default()
}

/// Applies such an override; `agent` itself need not be written.
pub(super) fn set(document: &mut Document, assignment: &str, unread: &mut Unread, faults: &mut Diagnostics) {
    let path = path_of(assignment);
    let (steps, taken) = document.root.follow(&path[..path.len().min(2)]);
    if let (2, Some(Step::Item(place))) = (taken, steps.last())
        && unread.contains(place)
    {
        return;
    }
    let implied = |path: &[Part]| path.get(2).filter(|part| part.text != AGENT).map(|_| (2, AGENT));
    faults.extend(document.set_through(assignment, implied).err().map(|fault| *fault));
}

/// Expands every population. Answers with those that could not be.
pub(super) fn expand(
    document: &mut Document,
    texts: &Texts,
    main: &Source,
    faults: &mut Diagnostics,
) -> Unread {
    let mut unread = Unread::new();
    let Ok(path) = parts(POPULATIONS) else { return unread };
    let (mut steps, _) = document.root.follow(&path);
    steps.extend(document.root.walk(&steps).map(Node::unwrapped).unwrap_or_default());
    let Some(Node { kind: Kind::List(items), .. }) = document.root.walk_mut(&steps) else { return unread };
    let mut sources = Vec::new();
    let mut reported: Vec<Diagnostic> = Vec::new();
    for (place, item) in items.iter_mut().enumerate() {
        let Kind::Struct { fields, .. } = &mut item.kind else { continue };
        let mut found = Vec::new();
        let agent = agent(place, fields, texts, main, &mut sources, &mut found);
        // One broken profile may stand behind several populations.
        found.retain(|fault| !reported.contains(fault));
        reported.extend(found);
        let value = agent.unwrap_or_else(|| {
            unread.insert(place);
            Node { span: item.span.clone(), kind: Kind::Hole }
        });
        fields.retain(|field| ![AGENT, WITH].contains(&field.name.text.as_str()));
        let name = Name { text: AGENT.into(), span: value.span.clone() };
        fields.push(Field { name, value });
    }
    for source in sources {
        if !document.sources.contains(&source) {
            document.sources.push(source);
        }
    }
    faults.extend(reported);
    unread
}

/// The tree of a population's agents: written out or looked up, with what `with` changes.
fn agent(
    place: usize,
    fields: &[Field],
    texts: &Texts,
    main: &Source,
    sources: &mut Vec<Arc<Source>>,
    faults: &mut Vec<Diagnostic>,
) -> Option<Node> {
    let field = |name: &str| fields.iter().find(|field| field.name.text == name).map(|field| &field.value);
    let agent = match field(AGENT) {
        Some(agent) => agent.clone(),
        None => look_up(place, field(PROFILE)?, texts, main, sources, faults)?,
    };
    let Some(with) = field(WITH) else { return Some(agent) };
    match &with.kind {
        Kind::Struct { .. } | Kind::Unit | Kind::None => {}
        _ => {
            let found = with.describe();
            let message = format!("expected fields of the profile `(field: value)`, found {found}");
            let fault =
                Diagnostic::error(Fault::WrongType, message, with.head(), "expected `(field: value)`");
            faults.push(fault.at(format!("{POPULATIONS}.{place}.{WITH}")));
            return None;
        }
    }
    if with.kind == Kind::None {
        return Some(agent);
    }
    // What is wrong with the whole is shown at the population, not at what changes a part of it.
    let span = agent.span.clone();
    Some(Node { span, ..lay_over(agent, with.clone()) })
}

fn look_up(
    place: usize,
    named: &Node,
    texts: &Texts,
    main: &Source,
    sources: &mut Vec<Arc<Source>>,
    faults: &mut Vec<Diagnostic>,
) -> Option<Node> {
    let path = format!("{POPULATIONS}.{place}.{PROFILE}");
    // What is no text is left to the reader of types.
    let name = written_text(named)?;
    let refuse = |message: String, label: &str| {
        Diagnostic::error(Fault::Semantic, message, named.head(), label).at(path.clone())
    };
    if !is_name(&name) {
        let message = format!("expected the name of a profile for `{path}`, found {name:?}");
        let fault = refuse(message, "expected letters, digits, `_` or `-`");
        faults.push(match name.strip_suffix(".ron") {
            Some(stem) => fault.help(format!("profiles are named without the ending: \"{stem}\"")),
            None => fault.help("a profile is found by the name of its file, not by a path"),
        });
        return None;
    }
    let source = match texts.profile(&name, main) {
        Ok(source) => source,
        Err(absent) => {
            let known = || absent.known.iter().map(String::as_str);
            let fault = refuse(format!("{} for `{path}`", absent.why), "no such profile");
            let looked = "looked next to the config, in agents/ next to it or its parent, in ./agents and among the \
                          shipped profiles";
            faults.push(match nearest(&name, known()) {
                Some(near) => fault.note(looked).help(format!("did you mean `{near}`?")),
                None if absent.known.is_empty() => fault,
                None => fault.note(looked).help(format!("there are {}", listed(known(), "and"))),
            });
            return None;
        }
    };
    if !sources.contains(&source) {
        sources.push(Arc::clone(&source));
    }
    match Node::parse(&source) {
        Ok(node) => Some(node),
        Err(more) => {
            faults.extend(more);
            None
        }
    }
}

/// The text of a node; on the command line texts need no quotes.
pub(super) fn written_text(node: &Node) -> Option<String> {
    match &node.kind {
        Kind::Text(text) => Some(text.clone()),
        Kind::Word(_) | Kind::Integer(_) | Kind::Float(_) if node.span.source().name() == COMMAND_LINE => {
            Some(node.span.text().to_owned())
        }
        _ => None,
    }
}

/// True for what can name a file, a column and a chart.
pub(crate) fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    !text.is_empty() && text.len() <= 64 && text.chars().all(plain)
}
