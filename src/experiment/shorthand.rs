//! Fields that are a plain number or a variant: `activity: 0.5` or `activity: Uniform(0.1, 0.9)`.
//!
//! The crate `ron` loses the name of a variant when the type is open, and an untagged enum loses the place and the
//! reason of a mistake. Here the type derives its variants as usual, under `remote = "Self"`, and
//! [`number_or_variant!`](crate::number_or_variant) adds what a bare number means. Mistakes inside the variants are
//! reported at their own places, and a value that is neither gets one message that names both.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::EnumAccessDeserializer;
use serde::de::{self, Deserializer, EnumAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::names::listed;

/// An enum for which a bare number can stand. Implemented by [`number_or_variant!`](crate::number_or_variant).
pub trait FromNumber: Sized {
    /// What the number means, or why it is refused.
    ///
    /// # Errors
    /// The reason, which is shown at the number.
    fn from_number(number: f64) -> Result<Self, String>;

    /// Reads a named variant.
    ///
    /// # Errors
    /// Those of the variants.
    fn from_variant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

/// Reads a number or a variant.
///
/// # Errors
/// Those of the variants and of [`FromNumber::from_number`]; anything else is a wrong type.
///
/// # Examples
/// See [`number_or_variant!`](crate::number_or_variant).
pub fn deserialize<'de, D: Deserializer<'de>, T: FromNumber>(deserializer: D) -> Result<T, D::Error> {
    struct Either<T>(PhantomData<T>);
    impl<'de, T: FromNumber> Visitor<'de> for Either<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a number or one of {}", listed(variants::<T>().iter().copied(), "or"))
        }

        fn visit_f64<E: de::Error>(self, number: f64) -> Result<T, E> {
            T::from_number(number).map_err(E::custom)
        }

        #[expect(clippy::cast_precision_loss, reason = "a decimal number is rounded to the nearest f64")]
        fn visit_u64<E: de::Error>(self, number: u64) -> Result<T, E> {
            self.visit_f64(number as f64)
        }

        #[expect(clippy::cast_precision_loss, reason = "a decimal number is rounded to the nearest f64")]
        fn visit_i64<E: de::Error>(self, number: i64) -> Result<T, E> {
            self.visit_f64(number as f64)
        }

        fn visit_enum<A: EnumAccess<'de>>(self, variant: A) -> Result<T, A::Error> {
            T::from_variant(EnumAccessDeserializer::new(variant))
        }
    }
    deserializer.deserialize_any(Either(PhantomData))
}

/// The names of the variants: what the derived code asks a deserialiser for, caught by one that answers nothing else.
fn variants<T: FromNumber>() -> &'static [&'static str] {
    #[derive(Debug)]
    struct Names(&'static [&'static str]);
    impl fmt::Display for Names {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(&listed(self.0.iter().copied(), "or"))
        }
    }
    impl std::error::Error for Names {}
    impl de::Error for Names {
        fn custom<M: fmt::Display>(_: M) -> Self {
            Self(&[])
        }
    }
    struct Ask;
    impl<'de> Deserializer<'de> for Ask {
        type Error = Names;

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Names> {
            Err(Names(&[]))
        }

        fn deserialize_enum<V: Visitor<'de>>(
            self,
            _: &'static str,
            variants: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, Names> {
            Err(Names(variants))
        }

        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
            unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
        }
    }
    T::from_variant(Ask).err().map_or(&[], |names| names.0)
}

/// Makes an enum readable from a bare number as well as from its variants.
///
/// The enum derives `Deserialize` under `#[serde(remote = "Self")]`; the second argument is a function from the
/// number to `Result<the enum, String>`.
///
/// # Examples
/// ```
/// use ballast::experiment::{load::load, merge::Shelf, source::Source};
///
/// #[derive(Debug, PartialEq, serde::Deserialize)]
/// #[serde(remote = "Self", deny_unknown_fields)]
/// enum Draw { Constant(f64), Uniform(f64, f64), Normal { mean: f64, sd: f64 } }
/// ballast::number_or_variant!(Draw, |number| Ok(Draw::Constant(number)));
///
/// #[derive(Debug, PartialEq, serde::Deserialize)]
/// struct Profile { activity: Draw, size_usd: Option<Draw> }
/// let text = "(activity: 0.5, size_usd: Normal(mean: 9, sd: 1))";
/// let loaded = load::<Profile>(&Source::new("a.ron", text), &Shelf::default(), &[]).unwrap();
/// let size_usd = Some(Draw::Normal { mean: 9.0, sd: 1.0 });
/// assert_eq!(loaded.value, Profile { activity: Draw::Constant(0.5), size_usd });
/// ```
#[macro_export]
macro_rules! number_or_variant {
    ($enum:ty, $from_number:expr) => {
        impl $crate::experiment::shorthand::FromNumber for $enum {
            fn from_number(number: f64) -> ::std::result::Result<Self, ::std::string::String> {
                let from_number: fn(f64) -> ::std::result::Result<Self, ::std::string::String> = $from_number;
                from_number(number)
            }

            fn from_variant<'de, D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                // The inherent function that `remote = "Self"` derives.
                <$enum>::deserialize(deserializer)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $enum {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::experiment::shorthand::deserialize(deserializer)
            }
        }
    };
}
