//! The models of a study, by the part of it that asks for them.

use std::collections::BTreeMap;

use super::config::{RiskStudy, Sensitivity};
use crate::experiment::diagnostic::{Diagnostic, Diagnostics};
use crate::experiment::load::{Loaded, Problem};
use crate::experiment::merge::Document;
use crate::experiment::resolve::{at_its_setting, data};
use crate::protocol::crp::Profile;
use crate::risk::{Conversion, PriceLaw, RiskModel};

/// The name of the unchanged base among the variants.
pub const BASE: &str = "base";

/// The path prefix of fields that changes may set.
const MODEL: &str = "model.";

/// Which part of a study asks for a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Amplifiers against loans.
    Grid,
    /// The base and its changes.
    Sensitivity,
}

impl Part {
    /// Its name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Grid => "grid",
            Self::Sensitivity => "sensitivity",
        }
    }
}

/// A model and the loans that are asked of it.
#[derive(Debug, Clone, PartialEq)]
pub struct RiskCase {
    /// Which part asks.
    pub part: Part,
    /// What it is called there.
    pub name: String,
    /// The model.
    pub model: RiskModel,
    /// The loans, as debt over initial pool value.
    pub ltvs: Vec<f64>,
}

impl RiskCase {
    /// By whose rules the pool is run. The Monte-Carlo recursion is the white paper's; a weight that is forced on the curve is
    /// the contract's.
    #[must_use]
    pub fn rules(&self) -> String {
        let (whitepaper, contract) = (Profile::Whitepaper.name(), Profile::Contract.name());
        match self.model.conversion {
            Conversion::OnCurve(_) => format!("{whitepaper} with the {contract}'s conversion"),
            Conversion::Off | Conversion::AtMarket(_) => whitepaper.into(),
        }
    }

    /// The jump amplifier of its price; none of a price process.
    #[must_use]
    pub fn amplifier(&self) -> Option<f64> {
        match &self.model.price {
            PriceLaw::JumpDiffusion(law) => Some(law.jump_amplifier),
            PriceLaw::Process(_) => None,
        }
    }
}

/// The name of the model of a jump amplifier.
#[must_use]
pub fn amplified_name(amplifier: f64) -> String {
    format!("{amplifier}x")
}

/// The cases of a study: the grid, then the base and its changes.
pub(in crate::experiment) fn expand(loaded: &Loaded<RiskStudy>) -> Result<Vec<RiskCase>, Diagnostics> {
    let mut cases = grid(&loaded.value);
    if let Some(sensitivity) = &loaded.value.sensitivity {
        cases.extend(changes(loaded, sensitivity)?);
    }
    Ok(cases)
}

fn grid(study: &RiskStudy) -> Vec<RiskCase> {
    let case =
        |name: String, model: RiskModel| RiskCase { part: Part::Grid, name, model, ltvs: study.ltvs.clone() };
    if study.amplifiers.is_empty() {
        return vec![case("model".into(), study.model.clone())];
    }
    let amplified = |amplifier: &f64| {
        let mut model = study.model.clone();
        if let PriceLaw::JumpDiffusion(law) = &mut model.price {
            law.jump_amplifier = *amplifier;
        }
        case(amplified_name(*amplifier), model)
    };
    study.amplifiers.iter().map(amplified).collect()
}

fn changes(loaded: &Loaded<RiskStudy>, sensitivity: &Sensitivity) -> Result<Vec<RiskCase>, Diagnostics> {
    let mut faults = Diagnostics::default();
    let mut take = |found: Result<Document, Diagnostics>| found.map_err(|more| faults.extend(more)).ok();
    let base = take(changed(&loaded.document, &sensitivity.set, "sensitivity"));
    let mut documents = Vec::new();
    if let Some(base) = base {
        documents.push((BASE.to_owned(), sensitivity.ltv, base.clone()));
        for (place, variant) in sensitivity.variants.iter().enumerate() {
            let place = format!("sensitivity.variants.{place}");
            let found = changed(&base, &variant.set, &place);
            let named = found.map_err(|faults| in_variant(faults, &variant.name));
            if let Some(document) = take(named) {
                let ltv = variant.ltv.unwrap_or(sensitivity.ltv);
                documents.push((variant.name.clone(), ltv, document));
            }
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let case = |(name, ltv, document): (String, f64, Document)| {
        let model = document.read::<RiskStudy>()?.value.model;
        Ok(RiskCase { part: Part::Sensitivity, name, model, ltvs: vec![ltv] })
    };
    documents.into_iter().map(case).collect()
}

fn in_variant(faults: Diagnostics, name: &str) -> Diagnostics {
    let noted = |mut fault: Diagnostic| {
        fault.notes.push(format!("in the variant `{name}`"));
        fault
    };
    faults.into_iter().map(noted).collect::<Vec<_>>().into()
}

/// The document with fields of its model set otherwise; what is wrong with them is shown where they are set, at `place`.
fn changed(base: &Document, set: &BTreeMap<String, String>, place: &str) -> Result<Document, Diagnostics> {
    let (mut document, mut faults) = (base.clone(), Diagnostics::default());
    for (path, value) in set {
        if path.starts_with(MODEL) {
            faults.extend(document.set(&format!("{path}={value}")).err().map(|fault| *fault));
        } else {
            let problem =
                Problem::new(format!("{place}.set.\"{path}\""), "a field of `model`", format!("`{path}`"));
            faults.push(base.diagnose(&problem.help("for example `{\"model.smoothing\": \"0.1\"}`")));
        }
    }
    if faults.is_empty() && data::named(&document) != data::named(base) {
        let problem = Problem::new(format!("{place}.set"), "the study's own files of data", "others");
        faults.push(base.diagnose(&problem));
    }
    if faults.is_empty() {
        match document.clone().read::<RiskStudy>() {
            Ok(loaded) => faults.extend(super::check::problems_of_model(&loaded)),
            Err(more) => faults.extend(more),
        }
    }
    if faults.is_empty() {
        return Ok(document);
    }
    let moved = faults.into_iter().map(|fault| at_its_setting(base, place, set, fault));
    Err(moved.collect::<Vec<_>>().into())
}
