//! A part of a config that is kept as it is written.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Visitor};

/// The name by which a [`Fragment`] asks the reader for the text of a value.
pub(super) const TOKEN: &str = "$ballast::experiment::Fragment";

/// Any value, as RON text: for a field whose type is known only when another field has been read, such as the
/// overrides of a profile.
///
/// The text is for keeping and comparing; to read the fragment with exact places, take
/// [`Document::fragment`](crate::experiment::merge::Document::fragment) at its path.
///
/// # Examples
/// ```
/// use ballast::experiment::{load::{Fragment, load}, merge::Shelf, source::Source};
/// #[derive(serde::Deserialize)]
/// struct Population { profile: String, overrides: Fragment }
/// let text = "(profile: \"saver\", overrides: (patience_days: 9))";
/// let loaded = load::<Population>(&Source::new("a.ron", text), &Shelf::default(), &[]).unwrap();
/// assert_eq!(loaded.value.overrides.text(), "(\n    patience_days: 9,\n)\n");
/// let overrides = loaded.document.fragment("overrides").unwrap();
/// assert_eq!(overrides.root.field("patience_days").unwrap().name.span.start(), (1, 32));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment(String);

impl Fragment {
    /// The value as RON text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl Default for Fragment {
    /// The empty value `()`.
    fn default() -> Self {
        Self("()\n".into())
    }
}

impl<'de> Deserialize<'de> for Fragment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Fragment;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_str<E>(self, text: &str) -> Result<Fragment, E> {
                Ok(Fragment(text.to_owned()))
            }
        }
        deserializer.deserialize_newtype_struct(TOKEN, Text)
    }
}
