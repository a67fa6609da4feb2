//! What holds for any text at all.

use ballast::experiment::diagnostic::Diagnostics;
use ballast::experiment::merge::{Document, lay_over};
use ballast::experiment::source::{Source, Span};
use ballast::experiment::syntax::{Field, Kind, Name, Node};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::toy::{FULL, read};

/// What a slip of the hand does to a text.
#[derive(Debug, Clone)]
enum Slip {
    Delete(usize),
    Insert(&'static str),
    Swap,
}

fn slips() -> impl Strategy<Value = Vec<(usize, Slip)>> {
    let insert = prop::sample::select(vec![
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "\"",
        "'",
        "#",
        "!",
        "=",
        "-",
        ".",
        "_",
        "0",
        "9e9",
        "1_0",
        "x",
        "r#",
        "r\"",
        "/*",
        "*/",
        "//",
        "\n",
        "\\",
        "\\u{41}",
        "Some(",
        "None",
        "true",
        "é",
        "\u{1F600}",
        "\u{0}",
        "extends: \"calm\",",
        "0x",
        "b\"",
    ]);
    let slip = prop_oneof![
        4 => (1_usize..6).prop_map(Slip::Delete),
        4 => insert.prop_map(Slip::Insert),
        1 => Just(Slip::Swap),
    ];
    vec((0_usize..2000, slip), 1..4)
}

fn slipped(text: &str, slips: &[(usize, Slip)]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for (at, slip) in slips {
        let at = at % chars.len().max(1);
        match slip {
            Slip::Delete(count) => drop(chars.drain(at..(at + count).min(chars.len()))),
            Slip::Insert(insert) => drop(chars.splice(at..at, insert.chars())),
            Slip::Swap if at + 1 < chars.len() => chars.swap(at, at + 1),
            Slip::Swap => {}
        }
    }
    chars.into_iter().collect()
}

/// Shows the mistakes in all ways and checks that they lie in their texts.
fn inspect(faults: &Diagnostics) {
    assert!(!faults.is_empty());
    assert!(!faults.render(false).is_empty() && !faults.render(true).is_empty());
    for fault in faults {
        let json = fault.to_json();
        let range = fault.primary.span.range();
        assert!(range.start <= range.end && range.end <= fault.primary.span.source().text().len());
        assert_eq!(json["line"], fault.line());
        assert!(fault.line() >= 1 && fault.column() >= 1 && !fault.message.is_empty());
    }
}

fn span() -> Span {
    Span::new(&Source::new("", ""), 0..0)
}

fn node(kind: Kind) -> Node {
    Node { span: span(), kind }
}

fn name() -> impl Strategy<Value = Name> {
    let text = prop_oneof![4 => "[a-zA-Z_][a-z0-9_]{0,6}", 1 => "[a-z][a-z.+-]{0,4}"];
    let text = text.prop_filter("keywords are no names", |text| {
        !matches!(text.as_str(), "true" | "false" | "None" | "Some" | "inf" | "NaN")
    });
    text.prop_map(|text| Name { text, span: span() })
}

/// Any tree that a text can mean.
fn trees() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        Just(Kind::Unit),
        Just(Kind::None),
        any::<bool>().prop_map(Kind::Bool),
        any::<i64>().prop_map(|value| Kind::Integer(value.into())),
        any::<u64>().prop_map(|value| Kind::Integer(value.into())),
        any::<f64>().prop_filter("finite", |value| value.is_finite()).prop_map(Kind::Float),
        any::<char>().prop_map(Kind::Char),
        any::<String>().prop_map(Kind::Text),
        name().prop_map(|name| Kind::Word(name.text)),
    ];
    leaf.prop_map(node).prop_recursive(4, 40, 5, |inner| {
        let fields = vec((name(), inner.clone()), 1..5).prop_map(|fields| {
            let mut unique: Vec<Field> = Vec::new();
            for (name, value) in fields {
                if unique.iter().all(|field| field.name != name) {
                    unique.push(Field { name, value });
                }
            }
            unique
        });
        let entries = vec((any::<u16>(), inner.clone()), 0..4).prop_map(|entries| {
            let unique: std::collections::BTreeMap<u16, Node> = entries.into_iter().collect();
            unique.into_iter().map(|(key, value)| (node(Kind::Integer(key.into())), value)).collect()
        });
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Kind::List),
            (prop::option::of(name()), fields).prop_map(|(name, fields)| Kind::Struct { name, fields }),
            (name(), vec(inner.clone(), 0..4))
                .prop_map(|(name, items)| Kind::Tuple { name: Some(name), items }),
            vec(inner.clone(), 1..4).prop_map(|items| Kind::Tuple { name: None, items }),
            inner.prop_map(|inner| Kind::Some(Box::new(inner))),
            entries.prop_map(Kind::Map),
        ]
        .prop_map(node)
    })
}

fn parse(text: &str) -> Result<Node, Diagnostics> {
    Node::parse(&Source::new("any.ron", text))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        match Source::from_bytes("any.ron", &bytes) {
            Ok(source) => if let Err(faults) = Node::parse(&source) { inspect(&faults); },
            Err(fault) => inspect(&(*fault).into()),
        }
    }

    #[test]
    fn any_soup_of_tokens_is_read_or_refused(
        words in vec(prop::sample::select(vec!["(", ")", "[", "]", "{", "}", ",", ":", "a", "1", "\"s\"", "=", "#", "!", "Some",
            "None", "'c'", " ", "\n", "'", "\"", "//", "/*", "*/", "-", "1e", "r#\"", "\\"]), 0..60)
    ) {
        if let Err(faults) = parse(&words.concat()) { inspect(&faults); }
    }

    #[test]
    fn slips_are_reported_and_what_loads_is_stable(slips in slips()) {
        match read(&slipped(FULL, &slips), &[]) {
            Err(faults) => inspect(&faults),
            Ok(loaded) => {
                let text = loaded.resolved_text();
                let again = read(&text, &[]).unwrap_or_else(|faults| panic!("{faults}"));
                prop_assert_eq!(again.resolved_text(), text);
                prop_assert_eq!(again.value, loaded.value);
            }
        }
    }

    #[test]
    fn what_is_read_here_is_ron(slips in slips()) {
        let text = slipped(FULL, &slips);
        let theirs = ron::from_str::<ron::Value>(&text);
        match (parse(&text), theirs) {
            (Ok(_), theirs) => prop_assert!(theirs.is_ok(), "{:?} in {}", theirs, text),
            // Refused on purpose: ranges, names beyond ASCII, byte strings, what is not finite or stands twice.
            (Err(faults), Ok(_)) => {
                let stricter = ["is not a number", "unexpected character", "too large", "finite", "byte strings", "twice"];
                let first = &faults.iter().next().unwrap().message;
                prop_assert!(stricter.iter().any(|part| first.contains(part)), "{}", faults);
            }
            (Err(_), Err(_)) => {}
        }
    }

    #[test]
    fn any_override_is_applied_or_refused(path in "[a-z.0-9\" ]{0,12}", value in ".{0,12}", known in 0..6_usize) {
        let place = ["", "price.", "populations.1.", "venues.perp", "shocks.1.size", "name"][known];
        let assignment = format!("{place}{path}={value}");
        match read(FULL, &[&assignment]) {
            Err(faults) => inspect(&faults),
            Ok(loaded) => {
                let text = loaded.resolved_text();
                prop_assert_eq!(read(&text, &[]).map(|again| again.resolved_text()), Ok(text));
            }
        }
    }

    #[test]
    fn any_tree_is_printed_and_read_back(tree in trees()) {
        let text = tree.to_ron();
        let again = parse(&text).unwrap_or_else(|faults| panic!("{faults}"));
        prop_assert_eq!(again.to_ron(), text);
        prop_assert_eq!(again, tree);
    }

    #[test]
    fn a_merged_tree_is_printed_and_read_back(parent in trees(), child in trees()) {
        let merged = lay_over(parent, child);
        let again = parse(&merged.to_ron()).unwrap_or_else(|faults| panic!("{faults}"));
        prop_assert_eq!(again, merged);
    }

    #[test]
    fn laying_a_tree_over_itself_changes_nothing(tree in trees()) {
        prop_assert_eq!(lay_over(tree.clone(), tree.clone()), tree);
    }

    #[test]
    fn any_path_is_followed_or_refused(tree in trees(), path in "[a-z.0-9\"]{0,10}") {
        let document = Document { root: tree, sources: Vec::new() };
        let _ = document.locate(&path);
        let _ = document.diagnose(&ballast::experiment::load::Problem::new(path, "x", "y")).render(false);
    }
}

#[test]
fn deep_nesting_is_refused_everywhere() {
    for (open, close) in
        [("(", ")"), ("[", "]"), ("Some(", ")"), ("A(", ")"), ("(a: ", ")"), ("{1: ", "}"), ("/*", "*/")]
    {
        let text = format!("{}7{}", open.repeat(5000), close.repeat(5000));
        if let Err(faults) = parse(&text) {
            inspect(&faults);
        } else {
            panic!("{open} was read");
        }
    }
    assert!(parse(&format!("{}7{}", "[".repeat(64), "]".repeat(64))).is_ok());
    let path = vec!["a"; 5000].join(".");
    inspect(&read(FULL, &[&format!("{path}=1")]).unwrap_err());
}

#[test]
fn odd_texts() {
    for text in [
        "\u{feff}(seed: 1)",
        "(a: 'é')",
        "(a: \"\\u{1F600}\")",
        "(a: 1 // end\n)",
        "(\r\n a: 1,\r\n)",
        "-0x1F",
        "+.5",
        "1.",
    ] {
        assert!(parse(text).is_ok(), "{text}");
    }
    for text in [
        "\u{feff}",
        "-",
        "+",
        ".",
        "1__.5._",
        "1e",
        "0x",
        "\"\\",
        "'",
        "''",
        "r#",
        "r#\"",
        "#",
        "#![",
        "#![enable(",
        "(a:",
        "b'",
    ] {
        inspect(&parse(text).unwrap_err());
    }
}
