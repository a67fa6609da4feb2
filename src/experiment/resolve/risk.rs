//! From the name of a study of risk to a checked, self-contained one.

use std::sync::Arc;

use super::texts::Texts;
use super::{data, once};
use crate::experiment::diagnostic::{Diagnostic, Diagnostics, Fault};
use crate::experiment::ensemble::DataInput;
use crate::experiment::load::Loaded;
use crate::experiment::merge::Document;
use crate::experiment::risk::config::RiskStudy;
use crate::experiment::risk::{RiskCase, expand, is_risk, problems};
use crate::experiment::source::Source;

/// A study of risk that can be run.
#[derive(Debug, Clone)]
pub struct ResolvedRisk {
    /// The study and where each part of it was written. Files of data have absolute paths.
    pub loaded: Loaded<RiskStudy>,
    /// Its models, each with its loans.
    pub cases: Vec<RiskCase>,
    /// Its text as it stands in the results and in the digest: files of data are named by their copies.
    pub text: String,
    /// The files of data.
    pub data: Vec<DataInput>,
}

impl ResolvedRisk {
    /// The text with files of data where they are now: it can be run from any directory of this machine.
    #[must_use]
    pub fn local_text(&self) -> String {
        self.loaded.resolved_text()
    }
}

/// True if the config of that name is one of `ballast risk`; false also where there is none or it cannot be read.
#[must_use]
pub fn names_risk(config: &str) -> bool {
    let texts = Texts::default();
    let document = texts.config(config).ok().and_then(|source| Document::resolve(&source, &texts).ok());
    document.is_some_and(|document| is_risk(&document))
}

/// Reads the text of a study of risk as it stands, unchecked.
///
/// # Errors
/// What cannot be read.
pub fn reread_risk(text: &str) -> Result<RiskStudy, Diagnostics> {
    Ok(Document::parse(&Source::new("config.ron", text))?.read::<RiskStudy>()?.value)
}

/// True for the resolved text of a study of risk.
#[must_use]
pub fn is_risk_text(text: &str) -> bool {
    Document::parse(&Source::new("config.ron", text)).is_ok_and(|document| is_risk(&document))
}

/// Resolves and checks the study of risk of that name (a path, or a shipped one) with `overrides` of the form `path=value`.
///
/// # Errors
/// All mistakes that can be found in one go.
///
/// # Examples
/// ```
/// use ballast::experiment::resolve::resolve_risk;
/// let resolved = resolve_risk("alex_appendix", &["paths=100".to_owned()]).unwrap();
/// assert_eq!(resolved.loaded.value.paths, 100);
/// assert!(resolve_risk("baseline", &[]).unwrap_err().to_string().contains("ballast run baseline"));
/// ```
pub fn resolve_risk(config: &str, overrides: &[String]) -> Result<ResolvedRisk, Diagnostics> {
    let texts = Texts::default();
    let source = texts.config(config).map_err(|fault| Diagnostics::from(*fault))?;
    let mut document = Document::resolve(&source, &texts)?;
    if document.root.field("horizon_days").is_some() {
        return Err(
            other(&document, "a study of risk", "an experiment", &format!("ballast run {config}")).into()
        );
    }
    let mut faults = Diagnostics::default();
    for assignment in overrides {
        faults.extend(document.set(assignment).err().map(|fault| *fault));
    }
    let data = data::locate(&mut document);
    let sources = document.sources.clone();
    let sorted = |mut faults: Diagnostics| {
        faults.sort(&sources);
        once(faults)
    };
    let loaded = match document.read::<RiskStudy>() {
        Ok(loaded) => loaded,
        Err(more) => {
            faults.extend(more);
            return Err(sorted(faults));
        }
    };
    faults.extend(problems(&loaded));
    let mut cases = Vec::new();
    if faults.is_empty() {
        match expand(&loaded) {
            Ok(expanded) => cases = expanded,
            Err(more) => faults.extend(more),
        }
    }
    if !faults.is_empty() {
        return Err(sorted(faults));
    }
    let text = data::with_copies(loaded.document.clone(), &data);
    Ok(ResolvedRisk { loaded, cases, text, data })
}

/// A config of another command.
pub(super) fn other(document: &Document, expected: &str, found: &str, command: &str) -> Diagnostic {
    let message = format!("expected {expected}, found {found}");
    Diagnostic::error(Fault::Semantic, message, document.root.head(), format!("{found} begins here"))
        .help(format!("`{command}` runs it"))
}

/// Refuses a study of risk where an experiment is wanted.
pub(super) fn refuse_risk(document: &Document, source: &Arc<Source>) -> Result<(), Diagnostics> {
    if !is_risk(document) {
        return Ok(());
    }
    let name = source.name().trim_end_matches(" (shipped)");
    Err(other(document, "an experiment", "a study of risk", &format!("ballast risk {name}")).into())
}
