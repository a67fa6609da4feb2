//! From what a person names to a checked, self-contained experiment.
//!
//! A config is laid over what it extends, overrides are applied, each population's profile takes its place under
//! `agent`, files of data are found, and everything is checked. What comes out says of itself all there is to say:
//! running its text gives the same bytes.
//!
//! Where a name leads:
//!
//! | name | looked for |
//! |---|---|
//! | config of the command line | as a file, then among the shipped configs |
//! | `extends: "calm"` | `calm.ron` next to the config that says so, in `./configs`, among the shipped configs |
//! | `profile: "saver"` | `saver.ron` next to the config, in `agents/` next to it or next to its parent directory, in `./agents`, among the shipped profiles |
//! | file of data | from the directory of the text that names it; from the current directory if `--set` names it |
//!
//! The resolved text names a file of data by its copy in the results, `data/<file>`: neither the place of the original nor
//! the directory of the config counts in the digest, the contents do.

pub(in crate::experiment) mod data;
pub(in crate::experiment) mod populations;
mod risk;
mod texts;
mod variants;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::config::Experiment;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::ensemble::DataInput;
use super::load::Loaded;
use super::merge::Document;
use super::source::Source;
use super::validate;
pub use risk::{ResolvedRisk, is_risk_text, names_risk, reread_risk, resolve_risk};
use texts::Texts;
pub(super) use variants::at_its_setting;

/// An experiment that can be run.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The experiment and where each part of it was written. Files of data have absolute paths.
    pub loaded: Loaded<Experiment>,
    /// Its variants by name, each a whole experiment.
    pub variants: Vec<(String, Experiment)>,
    /// Its text as it stands in the results and in the digest: files of data are named by their copies.
    pub text: String,
    /// The files of data.
    pub data: Vec<DataInput>,
}

impl Resolved {
    /// The text with files of data where they are now: it can be run from any directory of this machine.
    #[must_use]
    pub fn local_text(&self) -> String {
        self.loaded.resolved_text()
    }
}

/// Resolves and checks the config of that name (a path, or a shipped one) with `overrides` of the form `path=value`.
///
/// # Errors
/// All mistakes that can be found in one go.
///
/// # Examples
/// ```
/// use ballast::experiment::resolve::resolve;
/// let resolved = resolve("baseline", &["runs=3".to_owned()]).unwrap();
/// assert_eq!(resolved.loaded.value.runs, 3);
/// assert!(resolve("baselin", &[]).unwrap_err().to_string().contains("did you mean `baseline`?"));
/// ```
pub fn resolve(config: &str, overrides: &[String]) -> Result<Resolved, Diagnostics> {
    let texts = Texts::default();
    let source = texts.config(config).map_err(|fault| Diagnostics::from(*fault))?;
    resolve_source(&source, &texts, overrides).map_err(once)
}

/// Each mistake once: a profile may stand behind several populations and in several variants.
fn once(faults: Diagnostics) -> Diagnostics {
    let mut seen = Vec::new();
    let mut is_new = |fault: &Diagnostic| {
        let place = fault.primary.clone();
        let new = !seen.contains(&place);
        seen.push(place);
        new
    };
    faults.into_iter().filter(|fault| is_new(fault)).collect::<Vec<_>>().into()
}

/// Reads the resolved text of a finished experiment, and its variants; nothing outside of it is looked at.
///
/// # Errors
/// What this version of the program does not understand.
pub fn reread(text: &str) -> Result<(Experiment, Vec<(String, Experiment)>), Diagnostics> {
    let loaded = Document::parse(&Source::new("config.ron", text))?.read::<Experiment>()?;
    let variants = variants::reread(&loaded)?;
    Ok((loaded.value, variants))
}

fn resolve_source(
    source: &Arc<Source>,
    texts: &Texts,
    overrides: &[String],
) -> Result<Resolved, Diagnostics> {
    let mut document = Document::resolve(source, texts)?;
    risk::refuse_risk(&document, source)?;
    let mut faults = Diagnostics::default();
    let (inside, outside): (Vec<&String>, Vec<&String>) =
        overrides.iter().partition(|assignment| populations::is_inside_an_agent(assignment));
    for assignment in outside {
        faults.extend(document.set(assignment).err().map(|fault| *fault));
    }
    let mut unread = populations::expand(&mut document, texts, source, &mut faults);
    for assignment in inside {
        populations::set(&mut document, assignment, &mut unread, &mut faults);
    }
    let data = data::locate(&mut document);
    let sources = document.sources.clone();
    let loaded = match document.clone().read::<Experiment>() {
        Ok(loaded) => loaded,
        Err(more) => {
            faults.extend(more);
            faults.sort(&sources);
            return Err(faults);
        }
    };
    faults.extend(validate::problems(&loaded, &data, &unread));
    let mut variants = Vec::new();
    if faults.is_empty() {
        match validate::trial(&loaded, &data) {
            Ok(metrics) => match variants::expand(&loaded, &data, &metrics) {
                Ok(expanded) => variants = expanded,
                Err(more) => faults.extend(more),
            },
            Err(more) => faults.extend(more),
        }
    }
    if !faults.is_empty() {
        faults.sort(&sources);
        return Err(faults);
    }
    let text = data::with_copies(loaded.document.clone(), &data);
    Ok(Resolved { loaded, variants, text, data })
}

/// Populations, by place, that cannot be judged because something in them has been reported already.
pub(in crate::experiment) type Unread = BTreeSet<usize>;
