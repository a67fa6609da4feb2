//! How a [`Dist`] is written in RON and JSON: a bare number, or a name with parameters.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Dist;

/// The laws as they are written by name.
#[derive(Serialize, Deserialize)]
#[serde(rename = "Dist", deny_unknown_fields)]
enum Named {
    Uniform {
        low: f64,
        high: f64,
    },
    Normal {
        mean: f64,
        sd: f64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        low: Option<f64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        high: Option<f64>,
    },
    LogNormal {
        median: f64,
        sigma: f64,
    },
    Pareto {
        minimum: f64,
        alpha: f64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cap: Option<f64>,
    },
    Beta {
        alpha: f64,
        beta: f64,
        #[serde(default = "one")]
        scale: f64,
    },
    Choice(Vec<(f64, f64)>),
}

fn one() -> f64 {
    1.0
}

/// What may stand where a [`Dist`] is expected. Buffered by serde, because neither form announces itself.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Number(f64),
    Law(Attempt),
}

/// Keeps the reason why a named law could not be read: an untagged enum by itself would swallow it.
struct Attempt(Result<Named, String>);

impl<'de> Deserialize<'de> for Attempt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Named::deserialize(deserializer).map_err(|error| error.to_string())))
    }
}

impl<'de> Deserialize<'de> for Dist {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Written::deserialize(deserializer)? {
            Written::Number(value) => Ok(Self::Constant(value)),
            Written::Law(Attempt(Ok(law))) => Ok(law.into()),
            Written::Law(Attempt(Err(reason))) => Err(de::Error::custom(format_args!(
                "expected a number or a distribution such as `Uniform(low: 0.1, high: 0.9)`: {reason}"
            ))),
        }
    }
}

impl Serialize for Dist {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let law = match *self {
            Self::Constant(value) => return value.serialize(serializer),
            Self::Uniform { low, high } => Named::Uniform { low, high },
            Self::Normal { mean, sd, low, high } => Named::Normal { mean, sd, low, high },
            Self::LogNormal { median, sigma } => Named::LogNormal { median, sigma },
            Self::Pareto { minimum, alpha, cap } => Named::Pareto { minimum, alpha, cap },
            Self::Beta { alpha, beta, scale } => Named::Beta { alpha, beta, scale },
            Self::Choice(ref options) => Named::Choice(options.clone()),
        };
        law.serialize(serializer)
    }
}

impl From<Named> for Dist {
    fn from(law: Named) -> Self {
        match law {
            Named::Uniform { low, high } => Self::Uniform { low, high },
            Named::Normal { mean, sd, low, high } => Self::Normal { mean, sd, low, high },
            Named::LogNormal { median, sigma } => Self::LogNormal { median, sigma },
            Named::Pareto { minimum, alpha, cap } => Self::Pareto { minimum, alpha, cap },
            Named::Beta { alpha, beta, scale } => Self::Beta { alpha, beta, scale },
            Named::Choice(options) => Self::Choice(options),
        }
    }
}

#[cfg(test)]
mod tests {
    use ron::extensions::Extensions;

    use super::super::tests::all;
    use super::*;

    #[derive(Debug, Deserialize, Serialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Profile {
        a: Dist,
        #[serde(default)]
        b: Option<Dist>,
    }

    fn read(text: &str) -> Result<Profile, String> {
        let options = ron::Options::default()
            .with_default_extension(Extensions::IMPLICIT_SOME | Extensions::UNWRAP_VARIANT_NEWTYPES);
        options.from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn every_form_is_read_from_ron_and_written_back() {
        for (text, expected) in all() {
            let profile = read(&format!("(a: {text}, b: {text})")).unwrap();
            assert_eq!((&profile.a, profile.b.as_ref()), (&expected, Some(&expected)), "{text}");
            assert_eq!(ron::from_str::<Dist>(text).unwrap(), expected);
            assert_eq!(read(&ron::to_string(&profile).unwrap()).unwrap(), profile);
            let json = serde_json::to_string(&profile).unwrap();
            assert_eq!(serde_json::from_str::<Profile>(&json).unwrap(), profile, "{json}");
        }
        assert_eq!(read("(a: 1)").unwrap().b, None);
    }

    #[test]
    fn a_slip_of_the_pen_is_named() {
        for (text, part) in [
            ("Unifrm(low: 0, high: 1)", "Unifrm"),
            ("Uniform(low: 0, hi: 1)", "hi"),
            ("Uniform(low: 0, high: 1, mean: 2)", "mean"),
            ("Uniform(low: 0)", "high"),
            ("Uniform(low: \"x\", high: 1)", "low"),
            ("Uniform", "Uniform"),
            ("\"half\"", "half"),
            ("[1, 2]", "Uniform(low: 0.1, high: 0.9)"),
            ("true", "number"),
        ] {
            let error = read(&format!("(a: {text})")).unwrap_err();
            assert!(error.contains(part), "{text} -> {error}");
        }
    }
}
