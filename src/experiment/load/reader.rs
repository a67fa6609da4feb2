//! Reads a type from a tree: a serde deserialiser whose errors know the exact node.
//!
//! The rules are those of the crate `ron` with implicit `Some` and unwrapped newtype variants, and one more:
//! `deserialize_any` keeps the name of a variant, which `ron` drops. That is what lets a field be a number or a
//! variant, see [`shorthand`](crate::experiment::shorthand).

use serde::de::value::{StrDeserializer, StringDeserializer};
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};

use super::hole::Hole;
use super::mistake::{Mistake, Refusal};
use crate::experiment::load::fragment;
use crate::experiment::syntax::{Field, Kind, Node, Step};

type Result<T> = std::result::Result<T, Mistake>;

/// A node about to be read.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    node: &'a Node,
    /// The name of the node has been read already: what is left is the payload.
    payload: bool,
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
    fn fields<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
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

    fn tuple<'de, V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value> {
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
            Kind::Hole => Hole::default().deserialize_any(visitor),
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

impl<'de> EnumAccess<'de> for Reader<'_> {
    type Error = Mistake;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self)> {
        let name = match &self.node.kind {
            Kind::None => "None",
            Kind::Some(_) => "Some",
            _ => self.node.name().unwrap_or_default(),
        };
        let variant: StrDeserializer<'_, Mistake> = name.into_deserializer();
        Ok((seed.deserialize(variant)?, Self { payload: true, ..self }))
    }
}

impl Reader<'_> {
    /// A variant that is written without what it needs, or with what it does not take.
    fn shape(self, needs: &str) -> Mistake {
        let name = match &self.node.kind {
            Kind::None => "None",
            _ => self.node.name().unwrap_or_default(),
        };
        Mistake::new(Refusal::WrongType(format!("`{name}` {needs}")))
    }
}

impl<'de> VariantAccess<'de> for Reader<'_> {
    type Error = Mistake;

    fn unit_variant(self) -> Result<()> {
        match &self.node.kind {
            Kind::Word(_) | Kind::None => Ok(()),
            _ => Err(self.shape("without brackets")),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        match &self.node.kind {
            Kind::Some(inner) => {
                seed.deserialize(Reader::new(inner)).map_err(|error| error.under(Step::Inner))
            }
            Kind::Tuple { items, .. } if items.len() == 1 => {
                seed.deserialize(Reader::new(&items[0])).map_err(|error| error.under(Step::Item(0)))
            }
            Kind::Struct { .. } | Kind::Tuple { .. } => seed.deserialize(self),
            _ => Err(self.shape("with a value in brackets")),
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value> {
        match &self.node.kind {
            Kind::Tuple { .. } => self.tuple(len, visitor),
            _ => Err(self.shape(&format!("with {len} values in brackets"))),
        }
    }

    fn struct_variant<V: Visitor<'de>>(self, names: &'static [&'static str], visitor: V) -> Result<V::Value> {
        match &self.node.kind {
            Kind::Struct { .. } => self.fields(visitor),
            Kind::Tuple { items, .. } if items.is_empty() => self.fields(visitor),
            _ => Err(self.shape("with named fields in brackets")),
        }
        .map_err(|error| error.within("", names))
    }
}

struct Fields<'a> {
    fields: &'a [Field],
    at: usize,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Mistake;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let Some(field) = self.fields.get(self.at) else { return Ok(None) };
        let name: StringDeserializer<Mistake> = field.name.text.clone().into_deserializer();
        seed.deserialize(name).map(Some).map_err(|error| error.under(Step::Field(self.at)))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        let Some(field) = self.fields.get(self.at) else {
            return Err(Mistake::new(Refusal::Other("a value was asked for without its key".into())));
        };
        self.at += 1;
        seed.deserialize(Reader::new(&field.value)).map_err(|error| error.under(Step::Field(self.at - 1)))
    }
}

struct Entries<'a> {
    entries: &'a [(Node, Node)],
    at: usize,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Mistake;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let Some((key, _)) = self.entries.get(self.at) else { return Ok(None) };
        seed.deserialize(Reader::new(key)).map(Some).map_err(|error| error.under(Step::Key(self.at)))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        let Some((_, value)) = self.entries.get(self.at) else {
            return Err(Mistake::new(Refusal::Other("a value was asked for without its key".into())));
        };
        self.at += 1;
        seed.deserialize(Reader::new(value)).map_err(|error| error.under(Step::Entry(self.at - 1)))
    }
}

struct Items<'a> {
    items: &'a [Node],
    at: usize,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Mistake;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let Some(item) = self.items.get(self.at) else { return Ok(None) };
        self.at += 1;
        seed.deserialize(Reader::new(item)).map(Some).map_err(|error| error.under(Step::Item(self.at - 1)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len() - self.at)
    }
}
