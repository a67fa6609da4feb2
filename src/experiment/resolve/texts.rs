//! Where configs and profiles are found.

use std::cell::RefCell;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::experiment::diagnostic::{Diagnostic, Fault};
use crate::experiment::merge::{Absent, COMMAND_LINE, Library};
use crate::experiment::names::{listed, nearest};
use crate::experiment::shipped;
use crate::experiment::source::{Source, Span};
use crate::experiment::syntax::{Kind, Node};

/// The files that were opened: one file has one name, whatever way leads to it, so that circles are recognised.
#[derive(Debug, Default)]
pub(super) struct Texts {
    opened: RefCell<Vec<(PathBuf, Arc<Source>)>>,
}

impl Texts {
    /// The config that the command line names.
    pub(super) fn config(&self, name: &str) -> Result<Arc<Source>, Box<Diagnostic>> {
        let path = Path::new(name);
        let refused = |message: String, label: &str| {
            let source = Source::new(COMMAND_LINE, name);
            let span = Span::new(&source, 0..name.len());
            Box::new(Diagnostic::error(Fault::Semantic, message, span, label))
        };
        match self.open(path) {
            Ok(source) => return Ok(source),
            Err(Unopened::Missing) => {}
            Err(Unopened::Refused(_)) if path.is_dir() && shipped::config(name).is_some() => {}
            Err(Unopened::Refused(why)) => {
                return Err(refused(format!("cannot read the config `{name}`: {why}"), "cannot be read"));
            }
            Err(Unopened::NotText(fault)) => return Err(fault),
        }
        shipped::config(name).ok_or_else(|| {
            let known: Vec<String> = shipped::configs().into_iter().map(|config| config.name).collect();
            let names = || known.iter().map(String::as_str);
            let message =
                format!("there is no config `{name}`: no such file, and no shipped config of that name");
            let fault = refused(message, "not found");
            let help = nearest(name, names())
                .map(|near| format!("did you mean `{near}`?"))
                .unwrap_or_else(|| format!("the shipped configs are {}", listed(names(), "and")));
            Box::new(fault.help(help))
        })
    }

    /// The profile of that name for the config `main`.
    pub(super) fn profile(&self, name: &str, main: &Source) -> Result<Arc<Source>, Absent> {
        let here = directory_of(main);
        let file = format!("{name}.ron");
        if let Ok(source) = self.open(&here.join(&file))
            && is_profile(&source)
        {
            return Ok(source);
        }
        let beside = [here.join("agents"), here.join("../agents"), PathBuf::from("agents")];
        for directory in &beside {
            match self.open(&directory.join(&file)) {
                Ok(source) => return Ok(source),
                Err(Unopened::Missing) => {}
                Err(Unopened::Refused(why)) => return Err(Absent { why, known: Vec::new() }),
                Err(Unopened::NotText(fault)) => {
                    return Err(Absent { why: fault.message, known: Vec::new() });
                }
            }
        }
        shipped::profile(name).ok_or_else(|| {
            let mut known: Vec<String> =
                shipped::profiles().into_iter().map(|profile| profile.name).collect();
            known.extend(beside.iter().flat_map(|directory| names_in(directory)));
            known.sort();
            known.dedup();
            Absent { why: format!("there is no profile `{name}`"), known }
        })
    }

    fn open(&self, path: &Path) -> Result<Arc<Source>, Unopened> {
        let whole = match fs::canonicalize(path) {
            Ok(whole) => whole,
            Err(error) if is_missing(&error) => return Err(Unopened::Missing),
            Err(error) => return Err(Unopened::Refused(error.to_string())),
        };
        if let Some((_, source)) = self.opened.borrow().iter().find(|(opened, _)| *opened == whole) {
            return Ok(Arc::clone(source));
        }
        let bytes = fs::read(path).map_err(|error| match error.kind() {
            io::ErrorKind::IsADirectory => Unopened::Refused("it is a directory".into()),
            _ => Unopened::Refused(error.to_string()),
        })?;
        let source = Source::from_bytes(path.display().to_string(), &bytes).map_err(Unopened::NotText)?;
        self.opened.borrow_mut().push((whole, Arc::clone(&source)));
        Ok(source)
    }
}

/// Why a file could not be opened.
enum Unopened {
    Missing,
    Refused(String),
    NotText(Box<Diagnostic>),
}

impl Library for Texts {
    fn find(&self, name: &str, from: &Source) -> Result<Arc<Source>, Absent> {
        let file = if name.ends_with(".ron") { name.to_owned() } else { format!("{name}.ron") };
        let directories = [directory_of(from), PathBuf::from("configs")];
        for directory in &directories {
            match self.open(&directory.join(&file)) {
                // A config of the name of its parent means the parent further out.
                Ok(source) if source.name() == from.name() => {}
                Ok(source) => return Ok(source),
                Err(Unopened::Missing) => {}
                Err(Unopened::Refused(why)) => {
                    let why = format!("{}: {why}", directory.join(&file).display());
                    return Err(Absent { why, known: Vec::new() });
                }
                Err(Unopened::NotText(fault)) => {
                    let why = format!("{}: {}", fault.file(), fault.message);
                    return Err(Absent { why, known: Vec::new() });
                }
            }
        }
        match shipped::config(name.trim_end_matches(".ron")) {
            Some(source) if source.name() != from.name() => Ok(source),
            _ => {
                let mut known: Vec<String> =
                    shipped::configs().into_iter().map(|config| config.name).collect();
                known.extend(directories.iter().flat_map(|directory| names_in(directory)));
                known.sort();
                known.dedup();
                let why = "there is no such config next to this one, in ./configs or among the shipped ones";
                Err(Absent { why: why.into(), known })
            }
        }
    }
}

/// The directory that names in a text start from: its own, or the current one.
pub(super) fn directory_of(source: &Source) -> PathBuf {
    if shipped::is_shipped(source) || source.name() == COMMAND_LINE {
        return PathBuf::from(".");
    }
    match Path::new(source.name()).parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidInput
    )
}

/// Profiles bear the name of their kind; what does not, such as an experiment, is none.
fn is_profile(source: &Arc<Source>) -> bool {
    !matches!(Node::parse(source), Ok(Node { kind: Kind::Struct { name: None, .. }, .. }))
}

/// The names of the RON files of a directory, for advice.
fn names_in(directory: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter_map(|name| name.strip_suffix(".ron").map(str::to_owned)).collect()
}
