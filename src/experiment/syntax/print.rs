//! The one way a tree is written down.

use super::lexer::is_plain;
use super::{Kind, Node};

/// Lists and tuples of plain values go on one line up to this width.
const LINE_WIDTH: usize = 80;

/// The tree as text, with a newline at the end.
pub(super) fn print(node: &Node) -> String {
    let mut text = String::new();
    write(&mut text, node, 0);
    text.push('\n');
    text
}

fn write(out: &mut String, node: &Node, level: usize) {
    match &node.kind {
        Kind::Unit | Kind::Hole | Kind::Gap => out.push_str("()"),
        Kind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Kind::Integer(value) => out.push_str(&value.to_string()),
        Kind::Float(value) => out.push_str(&format!("{value:?}")),
        Kind::Char(value) => {
            out.push('\'');
            escaped(out, *value, '\'');
            out.push('\'');
        }
        Kind::Text(text) => {
            out.push('"');
            text.chars().for_each(|c| escaped(out, c, '"'));
            out.push('"');
        }
        Kind::Word(word) => name(out, word),
        Kind::None => out.push_str("None"),
        Kind::Some(inner) => {
            out.push_str("Some(");
            write(out, inner, level);
            out.push(')');
        }
        Kind::List(items) => sequence(out, items, level, '[', ']'),
        Kind::Tuple { name: title, items } => {
            if let Some(title) = title {
                name(out, &title.text);
            }
            sequence(out, items, level, '(', ')');
        }
        Kind::Map(entries) => {
            let write_entry = |out: &mut String, (key, value): &(Node, Node)| {
                write(out, key, level + 1);
                out.push_str(": ");
                write(out, value, level + 1);
            };
            block(out, entries, level, '{', '}', write_entry);
        }
        Kind::Struct { name: title, fields } => {
            if let Some(title) = title {
                name(out, &title.text);
            }
            block(out, fields, level, '(', ')', |out, field| {
                name(out, &field.name.text);
                out.push_str(": ");
                write(out, &field.value, level + 1);
            });
        }
    }
}

fn name(out: &mut String, name: &str) {
    if !is_plain(name) || matches!(name, "true" | "false" | "Some" | "None" | "inf" | "NaN") {
        out.push_str("r#");
    }
    out.push_str(name);
}

/// Plain values on one line if they fit, else one a line.
fn sequence(out: &mut String, items: &[Node], level: usize, open: char, close: char) {
    let mut line = String::new();
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            line.push_str(", ");
        }
        write(&mut line, item, level);
    }
    if !line.contains('\n') && line.len() <= LINE_WIDTH {
        out.push(open);
        out.push_str(&line);
        out.push(close);
    } else {
        block(out, items, level, open, close, |out, item| write(out, item, level + 1));
    }
}

fn block<T>(
    out: &mut String,
    parts: &[T],
    level: usize,
    open: char,
    close: char,
    write_part: impl Fn(&mut String, &T),
) {
    out.push(open);
    for part in parts {
        out.push('\n');
        out.push_str(&"    ".repeat(level + 1));
        write_part(out, part);
        out.push(',');
    }
    if !parts.is_empty() {
        out.push('\n');
        out.push_str(&"    ".repeat(level));
    }
    out.push(close);
}

fn escaped(out: &mut String, c: char, quote: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\\' => out.push_str("\\\\"),
        _ if c == quote => {
            out.push('\\');
            out.push(c);
        }
        _ if c.is_control() || c == '\u{feff}' => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
        _ => out.push(c),
    }
}
