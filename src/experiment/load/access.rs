//! The parts of a node, one after the other: fields, entries, items, and the payload of a variant.

use serde::de::value::{StrDeserializer, StringDeserializer};
use serde::de::{
    DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::mistake::{Mistake, Refusal};
use super::reader::Reader;
use crate::experiment::syntax::{Field, Kind, Node, Step};

type Result<T> = std::result::Result<T, Mistake>;

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

/// A variant as a map with one entry: from its name to its payload.
pub(super) struct Tagged<'a> {
    pub(super) reader: Option<Reader<'a>>,
}

impl<'de> MapAccess<'de> for Tagged<'_> {
    type Error = Mistake;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let Some(reader) = self.reader else { return Ok(None) };
        let name: StrDeserializer<'_, Mistake> = reader.node.name().unwrap_or_default().into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        let Some(reader) = self.reader.take() else {
            return Err(Mistake::new(Refusal::Other("a value was asked for without its key".into())));
        };
        match &reader.node.kind {
            Kind::Tuple { items, .. } if items.len() == 1 => {
                seed.deserialize(Reader::new(&items[0])).map_err(|error| error.under(Step::Item(0)))
            }
            _ => seed.deserialize(Reader { payload: true, ..reader }),
        }
    }
}

/// Reads them in the order written.
pub(super) struct Fields<'a> {
    pub(super) fields: &'a [Field],
    pub(super) at: usize,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Mistake;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        while self.fields.get(self.at).is_some_and(|field| field.value.kind == Kind::Gap) {
            self.at += 1;
        }
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

/// Reads them in the order written.
pub(super) struct Entries<'a> {
    pub(super) entries: &'a [(Node, Node)],
    pub(super) at: usize,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Mistake;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        while self.entries.get(self.at).is_some_and(|(_, value)| value.kind == Kind::Gap) {
            self.at += 1;
        }
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

/// Reads them in the order written.
pub(super) struct Items<'a> {
    pub(super) items: &'a [Node],
    pub(super) at: usize,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Mistake;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        while self.items.get(self.at).is_some_and(|item| item.kind == Kind::Gap) {
            self.at += 1;
        }
        let Some(item) = self.items.get(self.at) else { return Ok(None) };
        self.at += 1;
        seed.deserialize(Reader::new(item)).map(Some).map_err(|error| error.under(Step::Item(self.at - 1)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len() - self.at)
    }
}
