//! What can go wrong when a type is read from a tree.

use std::fmt;

use serde::de;

use crate::experiment::names::listed;
use crate::experiment::syntax::Step;

/// A refusal by a type, and the steps from the root to the value it refused.
#[derive(Debug)]
pub(super) struct Mistake(Box<Parts>);

#[derive(Debug)]
pub(super) struct Parts {
    pub(super) refusal: Refusal,
    /// Innermost first while the error travels outwards.
    steps: Vec<Step>,
    /// The struct, enum or variant that was being read.
    pub(super) owner: Option<&'static str>,
    /// The names that would have been right.
    pub(super) names: &'static [&'static str],
}

/// What a type refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    UnknownField(String),
    MissingField(&'static str),
    DuplicateField(&'static str),
    UnknownVariant(String),
    /// Holds what was expected.
    WrongType(String),
    /// The same where a string was asked for.
    NoText(String),
    /// Holds what was expected.
    WrongValue(String),
    /// Holds what was expected, and how many parts there are.
    WrongLength(String, usize),
    Other(String),
}

impl Mistake {
    pub(super) fn new(refusal: Refusal) -> Self {
        Self(Box::new(Parts { refusal, steps: Vec::new(), owner: None, names: &[] }))
    }

    pub(super) fn expected(what: &dyn de::Expected) -> Self {
        Self::new(Refusal::WrongType(what.to_string()))
    }

    /// The same, seen from one step further out.
    pub(super) fn under(mut self, step: Step) -> Self {
        self.0.steps.push(step);
        self
    }

    /// The same, while `owner` with parts of these names was read; what is known already stays.
    pub(super) fn within(mut self, owner: &'static str, names: &'static [&'static str]) -> Self {
        let here = self.0.steps.is_empty() || matches!(self.0.refusal, Refusal::UnknownField(_));
        if self.0.owner.is_none() && here && !owner.is_empty() {
            self.0.owner = Some(owner);
            if self.0.names.is_empty() {
                self.0.names = names;
            }
        }
        self
    }

    /// From the root to the value that was refused.
    pub(super) fn steps(&self) -> Vec<Step> {
        self.0.steps.iter().rev().copied().collect()
    }

    pub(super) fn parts(&self) -> &Parts {
        &self.0
    }
}

fn with_names(refusal: Refusal, names: &'static [&'static str]) -> Mistake {
    let mut mistake = Mistake::new(refusal);
    mistake.0.names = names;
    mistake
}

impl de::Error for Mistake {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(Refusal::Other(message.to_string()))
    }

    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(Refusal::WrongType(expected.to_string()))
    }

    fn invalid_value(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(Refusal::WrongValue(expected.to_string()))
    }

    fn invalid_length(length: usize, expected: &dyn de::Expected) -> Self {
        Self::new(Refusal::WrongLength(expected.to_string(), length))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        with_names(Refusal::UnknownVariant(variant.to_owned()), expected)
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        with_names(Refusal::UnknownField(field.to_owned()), expected)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(Refusal::MissingField(field))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new(Refusal::DuplicateField(field))
    }
}

/// In words, for types that pass the reason on as text.
impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = || listed(self.0.names.iter().copied(), "or");
        match &self.0.refusal {
            Refusal::UnknownField(name) => write!(f, "unknown field `{name}`, expected {}", names()),
            Refusal::MissingField(name) => write!(f, "missing field `{name}`"),
            Refusal::DuplicateField(name) => write!(f, "the field `{name}` stands twice"),
            Refusal::UnknownVariant(name) => write!(f, "unknown variant `{name}`, expected {}", names()),
            Refusal::WrongType(expected) | Refusal::NoText(expected) | Refusal::WrongValue(expected) => {
                write!(f, "expected {expected}")
            }
            Refusal::WrongLength(expected, found) => write!(f, "expected {expected}, found {found}"),
            Refusal::Other(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for Mistake {}
