//! A directory to work in, and the program started there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;

/// A market of two days with one pool and a few traders.
pub const TINY: &str = r#"(
    name: "tiny",
    seed: 7,
    runs: 2,
    horizon_days: 2,
    price: Gbm(assets: [(symbol: "ETH", initial_usd: 2000, volatility: 0.8)]),
    pools: [(name: "pool", base: "ETH", fee_bps: 30, initial_value_usd: 1e6)],
    populations: [
        (profile: "noise_trader", count: 20, with: (pool: "pool", endowment: (holdings: {"USD": 0.5, "ETH": 0.5}))),
    ],
)
"#;

/// A directory of its own.
pub struct Desk(tempfile::TempDir);

/// What the program left behind.
pub struct Told {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Told {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self {
            code: output.status.code().unwrap(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    /// The one JSON value on stdout.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in {:?}", self.stdout))
    }

    /// The directory of the results.
    pub fn directory(&self) -> String {
        self.json()["directory"].as_str().unwrap().to_owned()
    }
}

impl Desk {
    /// With the tiny market in `tiny.ron`.
    pub fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        desk.write("tiny.ron", TINY);
        desk
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn command(&self) -> Command {
        let mut command = Command::cargo_bin("ballast").unwrap();
        command.current_dir(self.0.path()).env_remove("NO_COLOR");
        command
    }

    /// Runs the program with arguments that are parted by blanks.
    pub fn ballast(&self, arguments: &str) -> Told {
        self.with(&arguments.split_whitespace().collect::<Vec<_>>())
    }

    pub fn with(&self, arguments: &[&str]) -> Told {
        Told::of(&self.command().args(arguments).output().unwrap())
    }

    /// As [`Desk::ballast`], and it must end well.
    pub fn well(&self, arguments: &str) -> Told {
        let told = self.ballast(arguments);
        assert_eq!(told.code, 0, "{arguments}\n{}\n{}", told.stdout, told.stderr);
        told
    }

    /// What `check` says of a config.
    pub fn checked(&self, config: &str) -> String {
        self.write("wrong.ron", config);
        let told = self.ballast("check wrong.ron");
        assert_eq!((told.code, told.stdout.as_str()), (2, ""), "{}", told.stderr);
        told.stderr
    }

    pub fn read(&self, path: impl AsRef<Path>) -> Vec<u8> {
        let path = self.0.path().join(path);
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// All files of results but the manifest, which knows time and machine, by name.
    pub fn files(&self, directory: &str) -> Vec<(String, Vec<u8>)> {
        let mut found = Vec::new();
        collect(&self.path(directory), "", &mut found);
        found.sort();
        found
    }
}

fn collect(directory: &Path, prefix: &str, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{name}/"), found);
        } else if name != "manifest.json" && name != ".lock" {
            found.push((name, fs::read(entry.path()).unwrap()));
        }
    }
}

/// Says which files differ, not how.
pub fn assert_same(one: &[(String, Vec<u8>)], other: &[(String, Vec<u8>)]) {
    let names = |files: &[(String, Vec<u8>)]| files.iter().map(|file| file.0.clone()).collect::<Vec<_>>();
    assert_eq!(names(one), names(other));
    for (one, other) in one.iter().zip(other) {
        assert!(one.1 == other.1, "{} differs", one.0);
    }
}
