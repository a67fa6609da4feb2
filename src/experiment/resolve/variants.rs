//! The variants of an experiment: the same text with some fields set otherwise.
//!
//! Fields are set in the expanded text, so that `populations.saver.target_share` reaches into the profile. A variant has
//! the runs, the seed, the files of data and the metrics of the experiment: only then can they be compared run by run.

use std::collections::BTreeMap;

use super::{Unread, data, populations};
use crate::experiment::config::Experiment;
use crate::experiment::diagnostic::{Diagnostic, Diagnostics, Fault, Label};
use crate::experiment::ensemble::DataInput;
use crate::experiment::load::{Loaded, Problem};
use crate::experiment::merge::{COMMAND_LINE, Document};
use crate::experiment::validate;

/// What all variants share.
const COMMON: [&str; 8] = ["name", "description", "seed", "runs", "variants", "response", "study", "extends"];

/// Expands every variant.
pub(super) fn expand(
    base: &Loaded<Experiment>,
    data: &[DataInput],
    metrics: &[String],
) -> Result<Vec<(String, Experiment)>, Diagnostics> {
    let mut faults = Diagnostics::default();
    let mut variants = Vec::new();
    for (place, variant) in base.value.variants.iter().enumerate() {
        match one(base, place, data, metrics) {
            Ok(experiment) => variants.push((variant.name.clone(), experiment)),
            Err(more) => faults.extend(more.into_iter().map(|fault| relocated(base, place, fault))),
        }
    }
    if faults.is_empty() { Ok(variants) } else { Err(faults) }
}

/// The variants of a resolved text that was run before: nothing is checked again.
pub(super) fn reread(base: &Loaded<Experiment>) -> Result<Vec<(String, Experiment)>, Diagnostics> {
    let mut variants = Vec::new();
    for variant in &base.value.variants {
        let (mut document, mut faults) = (base.document.clone(), Diagnostics::default());
        for (path, value) in &variant.set {
            set(&mut document, &format!("{path}={value}"), &mut faults);
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        variants.push((variant.name.clone(), document.read::<Experiment>()?.value));
    }
    Ok(variants)
}

fn set(document: &mut Document, assignment: &str, faults: &mut Diagnostics) {
    if populations::is_inside_an_agent(assignment) {
        populations::set(document, assignment, &mut Unread::new(), faults);
    } else {
        faults.extend(document.set(assignment).err().map(|fault| *fault));
    }
}

fn one(
    base: &Loaded<Experiment>,
    place: usize,
    data: &[DataInput],
    metrics: &[String],
) -> Result<Experiment, Diagnostics> {
    let mut faults = Diagnostics::default();
    let mut document = base.document.clone();
    for (path, value) in &base.value.variants[place].set {
        let assignment = format!("{path}={value}");
        if let Some(refused) = refused(path) {
            let problem = Problem::new(key(place, path), refused, format!("`{path}`"));
            faults.push(base.diagnose(&problem));
        } else {
            set(&mut document, &assignment, &mut faults);
        }
    }
    if data::named(&document) != data::named(&base.document) {
        let expected = "the experiment's own files of data";
        faults.push(base.diagnose(&Problem::new(format!("variants.{place}.set"), expected, "others")));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let loaded = document.read::<Experiment>()?;
    let faults = validate::problems(&loaded, data, &Unread::new());
    if !faults.is_empty() {
        return Err(faults);
    }
    let found = validate::trial(&loaded, data)?;
    if found != metrics {
        let other = found.iter().find(|name| !metrics.contains(name));
        let other = other.or_else(|| metrics.iter().find(|name| !found.contains(name)));
        let found = other.map_or_else(|| "others".into(), |name| format!("`{name}` in one of the two only"));
        let problem = Problem::new(format!("variants.{place}.set"), "the metrics of the experiment", found);
        return Err(base
            .diagnose(&problem.help("variants have the pools and populations of the experiment"))
            .into());
    }
    Ok(loaded.value)
}

fn key(place: usize, path: &str) -> String {
    format!("variants.{place}.set.\"{path}\"")
}

/// Why a field cannot be set by a variant.
fn refused(path: &str) -> Option<&'static str> {
    let parts: Vec<&str> = path.split('.').map(str::trim).collect();
    match parts.as_slice() {
        [first, ..] if COMMON.contains(first) => Some("a field in which variants may differ"),
        ["populations", _, "profile" | "with"] => Some("a field of the profile itself"),
        ["populations", _, "with", ..] => Some("a field of the profile itself, without `with`"),
        _ => None,
    }
}

/// What is wrong with a value that a variant sets is shown where the variant sets it.
fn relocated(base: &Loaded<Experiment>, place: usize, mut fault: Diagnostic) -> Diagnostic {
    let variant = &base.value.variants[place];
    fault.notes.push(format!("in the variant `{}`", variant.name));
    at_its_setting(&base.document, &format!("variants.{place}"), &variant.set, fault)
}

/// What is wrong with a value of `set`, which stands at `place` in the base, is shown there.
pub(in crate::experiment) fn at_its_setting(
    base: &Document,
    place: &str,
    set: &BTreeMap<String, String>,
    mut fault: Diagnostic,
) -> Diagnostic {
    let span = &fault.primary.span;
    if span.source().name() != COMMAND_LINE || base.sources.contains(span.source()) {
        return fault;
    }
    let written = set.iter().find(|(path, value)| span.source().text().ends_with(&format!("{path}={value}")));
    let path = written.map_or_else(|| place.to_owned(), |(path, _)| format!("{place}.set.\"{path}\""));
    let node = base.node(&path).unwrap_or(&base.root);
    fault.primary = Label { span: node.head(), text: fault.primary.text };
    fault.secondary.clear();
    if fault.fault == Fault::Override {
        fault.path = path;
    }
    fault
}
