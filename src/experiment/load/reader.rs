//! Reads a type from a tree: a serde deserialiser whose errors know the exact node.
//!
//! The rules are those of the crate `ron` with implicit `Some` and unwrapped newtype variants, and one more:
//! `deserialize_any` keeps the name of a variant, which `ron` drops. That is what lets a field be a number or a
//! variant, see [`shorthand`](crate::experiment::shorthand).

use serde::de::{self, Deserializer, Visitor};

use super::access::{Entries, Fields, Items, Tagged};
use super::hole::Hole;
use super::mistake::{Mistake, Refusal};
use crate::experiment::load::fragment;
use crate::experiment::syntax::{Kind, Node, Step};

type Result<T> = std::result::Result<T, Mistake>;

/// A node about to be read.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) node: &'a Node,
    /// The name of the node has been read already: what is left is the payload.
    pub(super) payload: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(node: &'a Node) -> Self {
        Self { node, payload: false }
    }

    /// The written name, unless it has been read already.
    fn name(self) -> Option<&'a str> {
        if self.payload { None } else { self.node.name() }
    }

    fn integer<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.node.kind {
            Kind::Integer(value) => match (u64::try_from(value), i64::try_from(value)) {
                (Ok(value), _) => visitor.visit_u64(value),
                (_, Ok(value)) => visitor.visit_i64(value),
                _ => visitor.visit_i128(value),
            },
            Kind::Hole => Hole::default().deserialize_u8(visitor),
            _ => Err(Mistake::expected(&visitor)),
        }
    }

    fn text<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match &self.node.kind {
            Kind::Text(text) => visitor.visit_str(text),
            Kind::Hole => visitor.visit_str(""),
            _ => Err(Mistake::new(Refusal::NoText(words(&visitor)))),
        }
    }

    /// Reads the fields, or none from an empty pair of brackets.
    pub(super) fn fields<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match &self.node.kind {
            Kind::Struct { fields, .. } => visitor.visit_map(Fields { fields, at: 0 }),
            Kind::Unit => visitor.visit_map(Fields { fields: &[], at: 0 }),
            Kind::Tuple { items, .. } if items.is_empty() => visitor.visit_map(Fields { fields: &[], at: 0 }),
            _ => Err(Mistake::expected(&visitor)),
        }
    }

    fn items<'de, V: Visitor<'de>>(self, items: &'a [Node], visitor: V) -> Result<V::Value> {
        let mut sequence = Items { items, at: 0 };
        let expected = words(&visitor);
        let value = visitor.visit_seq(&mut sequence)?;
        if sequence.at < items.len() {
            return Err(Mistake::new(Refusal::WrongLength(expected, items.len())));
        }
        Ok(value)
    }

    pub(super) fn tuple<'de, V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value> {
        match &self.node.kind {
            Kind::Tuple { items, .. } => {
                if items.len() != len {
                    let message = format!("{len} values");
                    return Err(Mistake::new(Refusal::WrongLength(message, items.len())));
                }
                self.items(items, visitor)
            }
            Kind::Unit if len == 0 => self.items(&[], visitor),
            Kind::Hole => Hole::default().deserialize_tuple(len, visitor),
            _ => Err(Mistake::expected(&visitor)),
        }
    }

    /// Refuses a written struct name other than that of the type.
    fn check_name(self, name: &'static str) -> Result<()> {
        match self.name() {
            Some(written) if written != name && !name.is_empty() => {
                Err(Mistake::new(Refusal::WrongType(format!("struct {name}"))))
            }
            _ => Ok(()),
        }
    }
}

/// True for the buffer in which serde keeps a value that an untagged enum tries several types on. It knows variants only
/// as JSON writes them: a map from the name to the payload.
fn is_buffer<T>() -> bool {
    let name = std::any::type_name::<T>();
    name.starts_with("serde") && name.rsplit("::").next().is_some_and(|last| last.starts_with("Content"))
}

fn words(expected: &dyn de::Expected) -> String {
    expected.to_string()
}

macro_rules! integers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            self.integer(visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Mistake;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match &self.node.kind {
            Kind::Unit => visitor.visit_unit(),
            Kind::Bool(value) => visitor.visit_bool(*value),
            Kind::Integer(_) => self.integer(visitor),
            Kind::Float(value) => visitor.visit_f64(*value),
            Kind::Char(value) => visitor.visit_char(*value),
            Kind::Text(text) => visitor.visit_str(text),
            Kind::List(items) => self.items(items, visitor),
            Kind::Map(entries) => visitor.visit_map(Entries { entries, at: 0 }),
            Kind::None => visitor.visit_none(),
            Kind::Some(inner) => {
                visitor.visit_some(Reader::new(inner)).map_err(|error| error.under(Step::Inner))
            }
            Kind::Hole | Kind::Gap => Hole::default().deserialize_any(visitor),
            Kind::Word(word) if is_buffer::<V::Value>() => visitor.visit_str(word),
            _ if self.name().is_some() && is_buffer::<V::Value>() => {
                visitor.visit_map(Tagged { reader: Some(self) })
            }
            _ if self.name().is_some() => visitor.visit_enum(self),
            Kind::Struct { fields, .. } => visitor.visit_map(Fields { fields, at: 0 }),
            Kind::Tuple { items, .. } => self.items(items, visitor),
            Kind::Word(_) => visitor.visit_unit(),
        }
    }

    integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.node.kind {
            Kind::Bool(value) => visitor.visit_bool(value),
            Kind::Hole => visitor.visit_bool(false),
            _ => Err(Mistake::expected(&visitor)),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.node.kind {
            Kind::Float(value) => visitor.visit_f64(value),
            // Integers of a config have 64 bits; beyond 53 they round like any decimal does.
            #[expect(clippy::cast_precision_loss, reason = "a decimal number is rounded to the nearest f64")]
            Kind::Integer(value) => visitor.visit_f64(value as f64),
            Kind::Hole => Hole::default().deserialize_f64(visitor),
            _ => Err(Mistake::expected(&visitor)),
        }
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.node.kind {
            Kind::Char(value) => visitor.visit_char(value),
            Kind::Hole => visitor.visit_char('a'),
            _ => Err(Mistake::expected(&visitor)),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.text(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.text(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match &self.node.kind {
            Kind::Word(word) => visitor.visit_str(word),
            _ => self.text(visitor),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_any(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match &self.node.kind {
            Kind::None | Kind::Hole => visitor.visit_none(),
            Kind::Some(inner) => {
                visitor.visit_some(Reader::new(inner)).map_err(|error| error.under(Step::Inner))
            }
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match &self.node.kind {
            Kind::Unit | Kind::Hole => visitor.visit_unit(),
            Kind::Tuple { items, .. } if self.payload && items.is_empty() => visitor.visit_unit(),
            _ => Err(Mistake::expected(&visitor)),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value> {
        match &self.node.kind {
            Kind::Word(word) if word == name => visitor.visit_unit(),
            _ => self.deserialize_unit(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value> {
        if name == fragment::TOKEN {
            return visitor.visit_string(self.node.to_ron());
        }
        match &self.node.kind {
            Kind::Tuple { items, .. }
                if items.len() == 1 && self.name().is_none_or(|written| written == name) =>
            {
                visitor
                    .visit_newtype_struct(Reader::new(&items[0]))
                    .map_err(|error| error.under(Step::Item(0)))
            }
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match &self.node.kind {
            Kind::List(items) => self.items(items, visitor),
            Kind::Hole => Hole::default().deserialize_seq(visitor),
            _ => Err(Mistake::expected(&visitor)),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value> {
        if self.name().is_some() {
            return Err(Mistake::expected(&visitor));
        }
        self.tuple(len, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.check_name(name)?;
        self.tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match &self.node.kind {
            Kind::Map(entries) => visitor.visit_map(Entries { entries, at: 0 }),
            Kind::Hole => Hole::default().deserialize_map(visitor),
            _ => Err(Mistake::expected(&visitor)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        if let Kind::Hole = self.node.kind {
            return Hole::default().deserialize_struct(name, fields, visitor);
        }
        self.check_name(name)?;
        self.fields(visitor).map_err(|error| error.within(name, fields))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        let refused = || Mistake::expected(&visitor).within(name, variants);
        match &self.node.kind {
            Kind::Hole => Hole::default().deserialize_enum(name, variants, visitor),
            Kind::None | Kind::Some(_) => {
                visitor.visit_enum(self).map_err(|error| error.within(name, variants))
            }
            _ if self.name().is_some() => {
                visitor.visit_enum(self).map_err(|error| error.within(name, variants))
            }
            _ => Err(refused()),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }
}
