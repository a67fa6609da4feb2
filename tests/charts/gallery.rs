//! The pictures of the documents: small, shown, drawn by a command, and none besides.

use std::collections::BTreeSet;
use std::path::Path;

const MOST_BYTES: u64 = 150_000;

fn text(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

#[test]
fn every_picture_is_small_shown_and_drawn_by_the_script() {
    let images = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/images");
    let mut there = BTreeSet::new();
    for entry in std::fs::read_dir(images).unwrap() {
        let entry = entry.unwrap();
        let (name, bytes) = (entry.file_name().into_string().unwrap(), entry.metadata().unwrap().len());
        assert!(bytes < MOST_BYTES, "{name} has {bytes} bytes");
        there.insert(name);
    }
    let script = text("docs/renew_gallery.sh");
    let drawn = script.lines().filter_map(|line| line.strip_prefix("picture "));
    let drawn = drawn.filter_map(|line| line.split_whitespace().nth(2)).map(|name| format!("{name}.png"));
    assert_eq!(there, drawn.collect());
    for (document, folder) in [("docs/gallery.md", "images/"), ("README.md", "docs/images/")] {
        let (text, opening) = (text(document), format!("]({folder}"));
        let parts = text.split(&opening).skip(1);
        let shown: BTreeSet<String> =
            parts.filter_map(|rest| rest.split_once(')')).map(|(name, _)| name.to_owned()).collect();
        assert!(shown.is_subset(&there), "{document} shows what is not there: {shown:?}");
        if document.starts_with("docs") {
            assert_eq!(shown, there);
        }
    }
}
