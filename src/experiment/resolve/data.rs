//! The files of data that a market reads: found, and named so that their place does not count.

use std::path::{Path, PathBuf};

use super::populations::written_text;
use super::texts::directory_of;
use crate::experiment::ensemble::DataInput;
use crate::experiment::merge::Document;
use crate::experiment::syntax::{Kind, Node, Step, parts};

/// The field in which every price process names a file.
const PATH: &str = "path";

/// Where an experiment and a study of risk have their market.
const MARKETS: [&str; 2] = ["price", "model.price"];

/// Finds the files that `price` names and writes their absolute paths in place of what was written.
pub(super) fn locate(document: &mut Document) -> Vec<DataInput> {
    let mut inputs: Vec<DataInput> = Vec::new();
    for steps in places(&document.root) {
        let field = document.root.dotted(&steps);
        let Some(node) = document.root.walk_mut(&steps) else { continue };
        let Some(written) = written_text(node) else { continue };
        let path = absolute(&directory_of(node.span.source()).join(&written));
        node.kind = Kind::Text(path.to_string_lossy().into_owned());
        let stored = stored_name(&written, &path, &inputs);
        inputs.push(DataInput { field, written, path, stored });
    }
    inputs
}

/// The files that `price` names, as they stand in the text.
pub(in crate::experiment) fn named(document: &Document) -> Vec<String> {
    let places = places(&document.root).into_iter();
    places.filter_map(|steps| written_text(document.root.walk(&steps)?)).collect()
}

/// The text of a config that names files of data by their copies.
pub(super) fn with_copies(mut document: Document, data: &[DataInput]) -> String {
    for (steps, input) in places(&document.root).into_iter().zip(data) {
        if let Some(node) = document.root.walk_mut(&steps) {
            node.kind = Kind::Text(input.stored.clone());
        }
    }
    document.root.to_ron()
}

/// `data/<file>`; a second file of the same name gets a number.
fn stored_name(written: &str, path: &Path, others: &[DataInput]) -> String {
    if let Some(same) = others.iter().find(|other| other.path == path) {
        return same.stored.clone();
    }
    let file = Path::new(written).file_name().map(|name| name.to_string_lossy().into_owned());
    let file = file.unwrap_or_else(|| "data".into());
    let free = |name: &String| others.iter().all(|other| other.stored != *name);
    let numbered = (2_usize..).map(|number| format!("data/{number}-{file}"));
    std::iter::once(format!("data/{file}")).chain(numbered).find(free).unwrap_or_default()
}

/// The path without links and detours if something is there, else just absolute.
fn absolute(path: &Path) -> PathBuf {
    let found = std::fs::canonicalize(path).or_else(|_| std::path::absolute(path));
    found.unwrap_or_else(|_| path.to_owned())
}

/// Where `price` names files.
fn places(root: &Node) -> Vec<Vec<Step>> {
    let mut found = Vec::new();
    for path in MARKETS.iter().filter_map(|path| parts(path).ok()) {
        let (steps, taken) = root.follow(&path);
        if let (true, Some(price)) = (taken == path.len(), root.walk(&steps)) {
            collect(price, &steps, &mut found);
        }
    }
    found
}

fn collect(node: &Node, steps: &[Step], found: &mut Vec<Vec<Step>>) {
    let parts: Vec<(Step, &Node)> = match &node.kind {
        Kind::Struct { fields, .. } => {
            let fields = fields.iter().enumerate();
            fields.map(|(place, field)| (Step::Field(place), &field.value)).collect()
        }
        Kind::List(items) | Kind::Tuple { items, .. } => {
            items.iter().enumerate().map(|(place, item)| (Step::Item(place), item)).collect()
        }
        Kind::Some(inner) => vec![(Step::Inner, inner)],
        _ => Vec::new(),
    };
    for (step, part) in parts {
        let below: Vec<Step> = steps.iter().copied().chain([step]).collect();
        let is_path = match (&node.kind, step) {
            (Kind::Struct { fields, .. }, Step::Field(place)) => fields[place].name.text == PATH,
            _ => false,
        };
        if is_path && written_text(part).is_some() {
            found.push(below);
        } else {
            collect(part, &below, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::source::Source;

    fn config(price: &str) -> Document {
        Document::parse(&Source::new("dir/mine.ron", format!("(name: \"x\", price: {price})"))).unwrap()
    }

    #[test]
    fn every_file_is_found_wherever_it_stands() {
        for price in [
            "Replay(path: \"a.csv\", symbol: \"ETH\", others: [(path: \"b.csv\", symbol: \"BTC\")])",
            "Bootstrap(assets: [(path: \"a.csv\", symbol: \"ETH\"), (path: \"b.csv\", symbol: \"BTC\")])",
            "Shocked(base: Replay(path: \"a.csv\", symbol: \"ETH\", others: [(path: \"b.csv\")]), shocks: [])",
        ] {
            let mut document = config(price);
            let data = locate(&mut document);
            let written: Vec<&str> = data.iter().map(|input| input.written.as_str()).collect();
            assert_eq!(written, ["a.csv", "b.csv"], "{price}");
            assert!(data[0].path.is_absolute() && data[0].path.ends_with("dir/a.csv"), "{:?}", data[0].path);
            let text = with_copies(document, &data);
            assert!(text.contains("path: \"data/a.csv\"") && text.contains("path: \"data/b.csv\""), "{text}");
        }
    }

    #[test]
    fn two_files_of_one_name_are_told_apart() {
        let mut document =
            config("Bootstrap(assets: [(path: \"x/a.csv\"), (path: \"y/a.csv\"), (path: \"x/a.csv\")])");
        let stored: Vec<String> = locate(&mut document).into_iter().map(|input| input.stored).collect();
        assert_eq!(stored, ["data/a.csv", "data/2-a.csv", "data/a.csv"]);
    }

    #[test]
    fn what_the_command_line_names_starts_from_here() {
        let mut document = config("Replay(path: \"a.csv\", symbol: \"ETH\")");
        document.set("price.path=Cargo.toml").unwrap();
        assert_eq!(locate(&mut document)[0].path, std::fs::canonicalize("Cargo.toml").unwrap());
    }
}
