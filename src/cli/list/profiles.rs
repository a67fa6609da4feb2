//! The shipped profiles: their fields, what stands there, and the comments above.

use super::{List, header};
use crate::experiment::shipped::{self, Shipped};
use crate::experiment::syntax::{Kind, Node};

/// A list of all profiles, then one of the fields of each.
pub(super) fn lists() -> Vec<List> {
    let profiles = shipped::profiles();
    let row = |profile: &Shipped| {
        let words = header(profile.source.text()).join(" ");
        let kind = Node::parse(&profile.source).ok().and_then(|node| node.name().map(str::to_owned));
        vec![profile.name.clone(), kind.unwrap_or_default(), words]
    };
    let all = List {
        heading: "agents: `populations: [(profile: \"NAME\", count: 100, with: (field: value))]`".into(),
        columns: vec!["profile", "kind", "who it is"],
        rows: profiles.iter().map(row).collect(),
    };
    std::iter::once(all).chain(profiles.iter().map(fields)).collect()
}

fn fields(profile: &Shipped) -> List {
    let mut rows = Vec::new();
    if let Ok(node) = Node::parse(&profile.source) {
        collect(&node, "", profile.source.text(), &mut rows);
    }
    List { heading: format!("profile {}", profile.name), columns: vec!["field", "value", "meaning"], rows }
}

fn collect(node: &Node, prefix: &str, text: &str, rows: &mut Vec<Vec<String>>) {
    let Kind::Struct { fields, .. } = &node.kind else { return };
    for field in fields {
        let path = format!("{prefix}{}", field.name.text);
        // A struct without a name groups fields; one with a name is a value, such as a law.
        if let Kind::Struct { name: None, .. } = field.value.kind {
            collect(&field.value, &format!("{path}."), text, rows);
            continue;
        }
        let value = field.value.to_ron().split_whitespace().collect::<Vec<_>>().join(" ");
        let value = value.replace("( ", "(").replace(", )", ")").replace("{ ", "{").replace(", }", "}");
        rows.push(vec![path, value, comment(text, field.name.span.range().start)]);
    }
}

/// The comment lines directly above the line of a field.
fn comment(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or_default();
    let mut lines: Vec<&str> = before.lines().collect();
    if !before.ends_with('\n') {
        lines.pop();
    }
    let above = lines.iter().rev().map(|line| line.trim()).take_while(|line| line.starts_with("//"));
    let mut words: Vec<&str> = above.map(|line| line.trim_start_matches('/').trim()).collect();
    words.reverse();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_every_shipped_profile_has_a_meaning() {
        for profile in shipped::profiles() {
            for row in fields(&profile).rows {
                assert!(!row[1].is_empty(), "{} {row:?}", profile.name);
                // The fields of a style are named for what they are.
                assert!(
                    !row[2].is_empty() || row[0] == "style",
                    "{}: `{}` has no comment",
                    profile.name,
                    row[0]
                );
            }
        }
    }

    #[test]
    fn comments_of_several_lines_are_one_sentence() {
        let text = "Saver(\n    // One\n    // two.\n    trust: 1,\n    bare: 2,\n)";
        assert_eq!(comment(text, text.find("trust").unwrap()), "One two.");
        assert_eq!(comment(text, text.find("bare").unwrap()), "");
    }
}
