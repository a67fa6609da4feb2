//! What an experiment wants to know of its variants: the quantities of its field `response`.

use super::config::Experiment;
use crate::record::assertion::SyntaxError;
use crate::record::response::{Asked, Responses};
use crate::record::table::{Table, TableError};

/// A quantity that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`response`: `{text}`: {reason}")]
pub struct NoQuantity {
    /// As it is written.
    text: String,
    /// What is wrong with it.
    reason: SyntaxError,
}

/// Hears the runs of an experiment; of one without variants as if it were its only variant.
///
/// # Errors
/// [`NoQuantity`] where a quantity does not follow the grammar.
pub fn responses(
    experiment: &Experiment,
    variants: &[(String, Experiment)],
) -> Result<Responses, NoQuantity> {
    let read = |text: &String| match text.parse() {
        Ok(quantity) => Ok(Asked { text: text.split_whitespace().collect::<Vec<_>>().join(" "), quantity }),
        Err(reason) => Err(NoQuantity { text: text.clone(), reason }),
    };
    let asked = experiment.response.iter().map(read).collect::<Result<_, _>>()?;
    let named = |(name, variant): &(String, Experiment)| (name.clone(), variant.tick_seconds());
    let mut heard: Vec<(String, i64)> = variants.iter().map(named).collect();
    if heard.is_empty() {
        heard.push((experiment.name.clone(), experiment.tick_seconds()));
    }
    Ok(Responses::new(asked, heard, experiment.runs))
}

/// The responses in a table `series` of all runs; `None` where none are asked for, or the text cannot be read any more.
///
/// # Errors
/// [`TableError`] where a column that a quantity names is missing.
pub fn of_series(
    series: &Table,
    experiment: &Experiment,
    variants: &[(String, Experiment)],
) -> Result<Option<Responses>, TableError> {
    let Ok(mut responses) = responses(experiment, variants) else { return Ok(None) };
    if experiment.response.is_empty() {
        return Ok(None);
    }
    responses.add(series)?;
    Ok(Some(responses))
}
