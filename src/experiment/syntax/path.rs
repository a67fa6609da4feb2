//! Dotted paths into a tree, such as `populations.2.activity`.

use super::{Kind, Node};
use crate::experiment::names::{listed, nearest};

/// One step from a node to a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// The field of that place in a struct.
    Field(usize),
    /// The item of that place in a list or tuple.
    Item(usize),
    /// The key of the entry of that place in a map.
    Key(usize),
    /// The value of the entry of that place in a map.
    Entry(usize),
    /// What `Some` holds.
    Inner,
}

impl Node {
    /// The part one step away.
    pub(crate) fn step(&self, step: Step) -> Option<&Self> {
        match (&self.kind, step) {
            (Kind::Struct { fields, .. }, Step::Field(place)) => fields.get(place).map(|field| &field.value),
            (Kind::List(items) | Kind::Tuple { items, .. }, Step::Item(place)) => items.get(place),
            (Kind::Map(entries), Step::Key(place)) => entries.get(place).map(|(key, _)| key),
            (Kind::Map(entries), Step::Entry(place)) => entries.get(place).map(|(_, value)| value),
            (Kind::Some(inner), Step::Inner) => Some(inner),
            _ => None,
        }
    }

    /// The part one step away, to be changed.
    pub(crate) fn step_mut(&mut self, step: Step) -> Option<&mut Self> {
        match (&mut self.kind, step) {
            (Kind::Struct { fields, .. }, Step::Field(place)) => {
                fields.get_mut(place).map(|field| &mut field.value)
            }
            (Kind::List(items) | Kind::Tuple { items, .. }, Step::Item(place)) => items.get_mut(place),
            (Kind::Map(entries), Step::Key(place)) => entries.get_mut(place).map(|(key, _)| key),
            (Kind::Map(entries), Step::Entry(place)) => entries.get_mut(place).map(|(_, value)| value),
            (Kind::Some(inner), Step::Inner) => Some(inner),
            _ => None,
        }
    }

    /// The part those steps away.
    pub(crate) fn walk(&self, steps: &[Step]) -> Option<&Self> {
        steps.iter().try_fold(self, |node, &step| node.step(step))
    }

    /// The part those steps away, to be changed.
    pub(crate) fn walk_mut(&mut self, steps: &[Step]) -> Option<&mut Self> {
        steps.iter().try_fold(self, |node, &step| node.step_mut(step))
    }

    /// The steps as a dotted path.
    pub(crate) fn dotted(&self, steps: &[Step]) -> String {
        let mut parts: Vec<String> = Vec::new();
        let mut node = self;
        for &step in steps {
            match (&node.kind, step) {
                (Kind::Struct { fields, .. }, Step::Field(place)) => {
                    parts.extend(fields.get(place).map(|field| quoted(&field.name.text)));
                }
                // A newtype's payload has the path of the newtype.
                (Kind::Tuple { items, .. }, Step::Item(_)) if transparent(items) => {}
                (_, Step::Item(place)) => parts.push(place.to_string()),
                (Kind::Map(entries), Step::Entry(place) | Step::Key(place)) => {
                    parts.extend(entries.get(place).map(|(key, _)| key_name(key)));
                }
                _ => {}
            }
            match node.step(step) {
                Some(next) => node = next,
                None => break,
            }
        }
        parts.join(".")
    }

    /// The steps through wrappers that a path does not name: `Some(..)` and the payload of `Name((..))`.
    pub(crate) fn unwrapped(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut node = self;
        loop {
            let step = match &node.kind {
                Kind::Some(_) => Step::Inner,
                Kind::Tuple { items, .. } if transparent(items) => Step::Item(0),
                _ => return steps,
            };
            steps.push(step);
            match node.step(step) {
                Some(next) => node = next,
                None => return steps,
            }
        }
    }

    /// The step to the part of that name: a field, an index, a key, or an item that goes by it.
    pub(crate) fn step_named(&self, name: &str) -> Option<Step> {
        match &self.kind {
            Kind::Struct { fields, .. } => {
                fields.iter().position(|field| field.name.text == name).map(Step::Field)
            }
            Kind::Map(entries) => entries.iter().position(|(key, _)| key_text(key) == name).map(Step::Entry),
            Kind::List(items) | Kind::Tuple { items, .. } => match name.parse::<usize>() {
                Ok(place) => (place < items.len()).then_some(Step::Item(place)),
                Err(_) => items.iter().position(|item| item_name(item) == Some(name)).map(Step::Item),
            },
            _ => None,
        }
    }

    /// Follows a path as far as it goes: the steps taken, and how many parts of the path they are.
    pub(crate) fn follow(&self, path: &[Part]) -> (Vec<Step>, usize) {
        let (mut node, mut steps) = (self, Vec::new());
        for (taken, part) in path.iter().enumerate() {
            let mut way = Vec::new();
            let mut inner = node;
            if inner.step_named(&part.text).is_none() {
                way = node.unwrapped();
                inner = node.walk(&way).unwrap_or(node);
            }
            let Some(next) = inner.step_named(&part.text) else { return (steps, taken) };
            way.push(next);
            let Some(found) = node.walk(&way) else { return (steps, taken) };
            node = found;
            steps.extend(way);
        }
        (steps, path.len())
    }

    /// Why there is no part of that name, and what there is instead.
    pub(crate) fn parts_help(&self, name: &str) -> String {
        let names: Vec<String> = match &self.kind {
            Kind::Struct { fields, .. } => fields.iter().map(|field| field.name.text.clone()).collect(),
            Kind::Map(entries) => entries.iter().map(|(key, _)| key_text(key)).collect(),
            Kind::List(items) | Kind::Tuple { items, .. } => {
                let named: Vec<String> = items.iter().filter_map(item_name).map(str::to_owned).collect();
                if name.parse::<usize>().is_ok() || named.is_empty() {
                    return match items.len() {
                        0 => "it is empty; set the whole of it".into(),
                        1 => "it has one item, `0`".into(),
                        count => format!("its items are `0` to `{}`", count - 1),
                    };
                }
                named
            }
            _ => return format!("it is {}, which has no parts", self.describe()),
        };
        let names = names.iter().map(String::as_str);
        match nearest(name, names.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", listed(names, "and")),
        }
    }
}

/// True for the items of a newtype around a struct or a collection, which a path passes through.
fn transparent(items: &[Node]) -> bool {
    matches!(
        items,
        [Node {
            kind: Kind::Struct { .. } | Kind::Tuple { .. } | Kind::Map(_) | Kind::List(_) | Kind::Some(_),
            ..
        }]
    )
}

/// What an item goes by: its `name`, else the `profile` it is drawn from or the `symbol` it stands for.
fn item_name(item: &Node) -> Option<&str> {
    let item = item.walk(&item.unwrapped())?;
    let texts = ["name", "profile", "symbol"].into_iter();
    texts.filter_map(|field| item.field(field)?.value.as_text()).find(|text| !text.is_empty())
}

fn key_text(key: &Node) -> String {
    match &key.kind {
        Kind::Text(text) | Kind::Word(text) => text.clone(),
        _ => key.to_ron().trim_end().to_owned(),
    }
}

fn key_name(key: &Node) -> String {
    quoted(&key_text(key))
}

/// A part of a path, in quotes if it would be taken apart without.
fn quoted(part: &str) -> String {
    if part.contains(['.', '=', '"']) || part.is_empty() { format!("\"{part}\"") } else { part.to_owned() }
}

/// A part of a written path: its text and the bytes it stands at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) text: String,
    pub(crate) range: std::ops::Range<usize>,
}

/// Takes `a.b."c.d"` apart. `Err` holds the place of a part that is empty.
pub(crate) fn parts(path: &str) -> Result<Vec<Part>, usize> {
    let mut parts = Vec::new();
    let (mut start, mut in_quotes) = (0, false);
    let ends = path.char_indices().chain([(path.len(), '.')]);
    for (at, c) in ends {
        if c == '"' {
            in_quotes = !in_quotes;
        }
        if c != '.' || (in_quotes && at < path.len()) {
            continue;
        }
        let written = &path[start..at];
        let trimmed = written.trim();
        let from = start + (written.len() - written.trim_start().len());
        let text = trimmed.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(trimmed);
        if trimmed.is_empty() {
            return Err(start);
        }
        parts.push(Part { text: text.to_owned(), range: from..from + trimmed.len() });
        start = at + 1;
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn takes_paths_apart() {
        let texts =
            |path: &str| parts(path).map(|parts| parts.into_iter().map(|part| part.text).collect::<Vec<_>>());
        assert_eq!(texts("a.2.b"), Ok(vec!["a".into(), "2".into(), "b".into()]));
        assert_eq!(texts(" a . \"b.c\" "), Ok(vec!["a".into(), "b.c".into()]));
        assert_eq!(texts("a..b"), Err(2));
        assert_eq!(texts(""), Err(0));
        assert!(texts("\"a").is_ok());
        assert_eq!(texts("\"a.b").map(|parts| parts.len()), Ok(1));
    }
}
