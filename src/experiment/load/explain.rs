//! What a type refused, in the words of the person who wrote the config.

use super::mistake::{Mistake, Parts, Refusal};
use crate::experiment::diagnostic::{Diagnostic, Fault};
use crate::experiment::names::{listed, nearest};
use crate::experiment::syntax::{Kind, Node, Step};

/// The diagnostic of a mistake at those steps from the root.
pub(super) fn explain(root: &Node, steps: &[Step], mistake: &Mistake) -> Diagnostic {
    let parts = mistake.parts();
    let path = match steps.split_last() {
        // The path of a key is that of its map: the key is what is wrong.
        Some((Step::Key(_), parents)) => root.dotted(parents),
        _ => root.dotted(steps),
    };
    let node = root.walk(steps).unwrap_or(root);
    match &parts.refusal {
        Refusal::UnknownField(found) => unknown_field(root, steps, parts, found).at(path),
        Refusal::MissingField(name) => {
            let message = format!("missing field `{name}`{}", inside(node, parts));
            let label = format!("missing field `{name}`");
            let path = if path.is_empty() { (*name).to_owned() } else { format!("{path}.{name}") };
            Diagnostic::error(Fault::MissingField, message, node.head(), label).at(path)
        }
        Refusal::DuplicateField(name) => {
            let message = format!("the field `{name}` stands twice{}", inside(node, parts));
            Diagnostic::error(Fault::DuplicateField, message, node.head(), "under two names").at(path)
        }
        Refusal::UnknownVariant(found) => {
            let of = match parts.owner {
                Some(owner) => format!(" of `{owner}`"),
                None if path.is_empty() => String::new(),
                None => format!(" for `{path}`"),
            };
            let message = format!("unknown variant `{found}`{of}");
            let fault =
                Diagnostic::error(Fault::UnknownVariant, message, node.head(), "no such variant").at(path);
            with_names(fault, found, parts.names, "its variants are")
        }
        Refusal::WrongType(expected) | Refusal::NoText(expected) => {
            let words = match steps.last() {
                Some(Step::Key(_)) => format!("{} as a key", words(expected, parts)),
                _ => words(expected, parts),
            };
            wrong(Fault::WrongType, node, &path, &words, &node.describe()).hinted(hint(node, expected, parts))
        }
        Refusal::WrongValue(expected) => {
            wrong(Fault::WrongValue, node, &path, &words(expected, parts), &node.describe())
        }
        Refusal::WrongLength(expected, found) => {
            let found = format!("{found} {}", if *found == 1 { "value" } else { "values" });
            wrong(Fault::WrongType, node, &path, &words(expected, parts), &found)
        }
        Refusal::Other(message) => {
            let of = if path.is_empty() { String::new() } else { format!("`{path}`: ") };
            let label = format!("found {}", node.describe());
            Diagnostic::error(Fault::WrongValue, format!("{of}{message}"), node.head(), label).at(path)
        }
    }
}

impl Diagnostic {
    fn hinted(self, hint: Option<String>) -> Self {
        match hint {
            Some(hint) => self.help(hint),
            None => self,
        }
    }
}

/// "expected ... for `path`, found ..." at a value.
pub(super) fn wrong(fault: Fault, node: &Node, path: &str, expected: &str, found: &str) -> Diagnostic {
    let of = if path.is_empty() { String::new() } else { format!(" for `{path}`") };
    let message = format!("expected {expected}{of}, found {found}");
    Diagnostic::error(fault, message, node.head(), format!("expected {expected}")).at(path)
}

fn unknown_field(root: &Node, steps: &[Step], parts: &Parts, found: &str) -> Diagnostic {
    let (owner, span) = match steps.split_last() {
        Some((&Step::Field(place), parents)) => {
            let owner = root.walk(parents).unwrap_or(root);
            let span = match &owner.kind {
                Kind::Struct { fields, .. } => fields.get(place).map(|field| field.name.span.clone()),
                _ => None,
            };
            (owner, span.unwrap_or_else(|| owner.head()))
        }
        _ => (root, root.head()),
    };
    let message = format!("unknown field `{found}`{}", inside(owner, parts));
    let fault = Diagnostic::error(Fault::UnknownField, message, span, "no such field");
    with_names(fault, found, parts.names, "its fields are")
}

/// "in `Name`": the written name of a variant, or the type's.
fn inside(node: &Node, parts: &Parts) -> String {
    node.name().or(parts.owner).map(|name| format!(" in `{name}`")).unwrap_or_default()
}

fn with_names(fault: Diagnostic, found: &str, names: &[&'static str], are: &str) -> Diagnostic {
    let fault = match names {
        [] => fault.note("there are none"),
        names => fault.note(format!("{are} {}", listed(names.iter().copied(), "and"))),
    };
    match nearest(found, names.iter().copied()) {
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None => fault,
    }
}

/// What serde expects, in plain words.
fn words(expected: &str, parts: &Parts) -> String {
    let range = |least: i128, most: i128| format!("an integer from {least} to {most}");
    match expected {
        "f32" | "f64" => "a number".into(),
        "u8" => range(0, u8::MAX.into()),
        "u16" => range(0, u16::MAX.into()),
        "u32" => range(0, u32::MAX.into()),
        "i8" => range(i8::MIN.into(), i8::MAX.into()),
        "i16" => range(i16::MIN.into(), i16::MAX.into()),
        "i32" => range(i32::MIN.into(), i32::MAX.into()),
        "a nonzero u8" => range(1, u8::MAX.into()),
        "a nonzero u16" => range(1, u16::MAX.into()),
        "a nonzero u32" => range(1, u32::MAX.into()),
        "a nonzero u64" | "a nonzero usize" => "an integer from 1 up".into(),
        "u64" | "u128" | "usize" => "an integer from 0 up".into(),
        "i64" | "i128" | "isize" => "an integer".into(),
        "a boolean" => "`true` or `false`".into(),
        "a sequence" => "a list `[...]`".into(),
        "a map" => "a map `{...}`".into(),
        "unit" => "`()`".into(),
        _ => {
            if let Some(size) = expected.strip_prefix("a tuple of size ") {
                return format!("a tuple of {size} values `(...)`");
            }
            if let Some(name) = expected.strip_prefix("struct ") {
                return format!("a struct `{name}` with fields in `(...)`");
            }
            match parts.names {
                names @ [_, ..] if expected.starts_with("enum ") => match listed(names.iter().copied(), "or")
                {
                    one if names.len() == 1 => one,
                    list => format!("one of {list}"),
                },
                _ => expected.to_owned(),
            }
        }
    }
}

/// The most likely way out of a wrong type.
fn hint(node: &Node, expected: &str, parts: &Parts) -> Option<String> {
    let is_enum = expected.starts_with("enum ");
    match &node.kind {
        Kind::Word(word) if matches!(parts.refusal, Refusal::NoText(_)) => {
            Some(format!("strings stand in double quotes: \"{word}\""))
        }
        Kind::Text(text) if is_enum => {
            nearest(text, parts.names.iter().copied()).map(|near| format!("write `{near}`, without quotes"))
        }
        Kind::Text(text)
            if text.parse::<f64>().is_ok()
                && matches!(expected.as_bytes(), [b'f' | b'i' | b'u', b'0'..=b'9', ..]) =>
        {
            Some(format!("write `{text}`, without quotes"))
        }
        Kind::Float(value)
            if value.fract() == 0.0 && value.abs() < 1e15 && expected.starts_with(['i', 'u']) =>
        {
            Some(format!("write `{value:.0}`"))
        }
        Kind::Struct { .. } if expected == "a map" => Some("maps are written `{\"key\": value}`".into()),
        Kind::Tuple { .. } if expected == "a sequence" => Some("lists are written `[a, b]`".into()),
        Kind::List(_) if expected.starts_with("a tuple") => Some("tuples are written `(a, b)`".into()),
        Kind::Struct { name: Some(_), .. } if expected.starts_with("struct ") => {
            let name = expected.trim_start_matches("struct ");
            Some(format!("write `{name}(...)`, or leave the name out"))
        }
        Kind::Map(_) if expected.starts_with("struct ") => {
            Some("structs are written `(field: value)`".into())
        }
        _ => None,
    }
}
