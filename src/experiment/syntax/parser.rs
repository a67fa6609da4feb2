//! Tokens into a tree. After a mistake the parser mends what it can and goes on, so that one reading finds several.

use std::ops::Range;
use std::sync::Arc;

use super::brackets::blame_string;
use super::lexer::{Tok, Token, tokens};
use super::{DEPTH_LIMIT, Field, Kind, Name, Node};
use crate::experiment::diagnostic::{Diagnostic, Diagnostics, Fault};
use crate::experiment::names::{listed, nearest};
use crate::experiment::source::{Source, Span};

/// More mistakes than this are not listed: a file that is no config at all would fill the screen.
const FAULT_LIMIT: usize = 20;

const EXTENSIONS: [&str; 4] =
    ["implicit_some", "unwrap_newtypes", "unwrap_variant_newtypes", "explicit_struct_names"];

pub(super) struct Parser<'a> {
    pub(super) source: &'a Arc<Source>,
    tokens: Vec<Token>,
    pub(super) at: usize,
    faults: Vec<Diagnostic>,
    /// Brackets that are open, outermost first.
    pub(super) open: Vec<(char, Range<usize>)>,
    /// Brackets whose partner stands at another indentation: a lost bracket is probably near the first.
    pub(super) askew: Vec<Range<usize>>,
    /// What follows would only be noise.
    stopped: bool,
}

/// What stands between round brackets.
enum Group {
    Fields(Vec<Field>),
    Items(Vec<Node>),
}

pub(super) fn parse(source: &Arc<Source>) -> Result<Node, Diagnostics> {
    let lexed = tokens(source);
    let mut parser = Parser {
        source,
        tokens: lexed.tokens,
        at: 0,
        faults: Vec::new(),
        open: Vec::new(),
        askew: Vec::new(),
        stopped: lexed.unended,
    };
    parser.attributes();
    let node = parser.value();
    if *parser.peek() != Tok::End {
        let found = parser.found();
        parser.fault(
            parser.range(),
            format!("expected the end of the text, found {found}"),
            "a config is one value",
        );
    }
    let mut faults = lexed.faults;
    faults.extend(parser.faults);
    if faults.is_empty() {
        return Ok(node);
    }
    faults.sort_by_key(|fault| fault.primary.span.range().start);
    faults.truncate(FAULT_LIMIT);
    if let Some(string) = lexed.long_string {
        blame_string(&mut faults, Span::new(source, string));
    }
    Err(faults.into())
}

impl Parser<'_> {
    pub(super) fn peek(&self) -> &Tok {
        self.tokens.get(self.at).map_or(&Tok::End, |token| &token.tok)
    }

    fn peek_second(&self) -> &Tok {
        self.tokens.get(self.at + 1).map_or(&Tok::End, |token| &token.tok)
    }

    pub(super) fn range(&self) -> Range<usize> {
        let end = self.source.text().len();
        match self.tokens.get(self.at) {
            // The end of the text is shown behind the last thing written, not behind the last newline.
            Some(Token { tok: Tok::End, .. }) | None => self.behind(),
            Some(token) => token.range.clone().start..token.range.end.min(end),
        }
    }

    /// The place just behind the token before this one.
    pub(super) fn behind(&self) -> Range<usize> {
        let end =
            self.at.checked_sub(1).and_then(|before| self.tokens.get(before)).map_or(0, |t| t.range.end);
        end..end
    }

    pub(super) fn next(&mut self) {
        if *self.peek() != Tok::End {
            self.at += 1;
        }
    }

    pub(super) fn eat(&mut self, tok: &Tok) -> bool {
        let found = self.peek() == tok;
        if found {
            self.next();
        }
        found
    }

    pub(super) fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.source, range)
    }

    pub(super) fn fault(
        &mut self,
        range: Range<usize>,
        message: impl Into<String>,
        label: impl Into<String>,
    ) {
        self.report(Diagnostic::error(Fault::Syntax, message, self.span(range), label));
    }

    /// What stands at a token that the lexer has reported is not reported again.
    pub(super) fn report(&mut self, fault: Diagnostic) {
        if !self.stopped && *self.peek() != Tok::Bad {
            self.faults.push(fault);
            self.stopped = self.faults.len() >= FAULT_LIMIT;
        }
    }

    /// Gives up: nothing more is read or reported.
    pub(super) fn stop(&mut self) {
        self.stopped = true;
        self.at = self.tokens.len();
    }

    pub(super) fn found(&self) -> String {
        match self.peek() {
            Tok::End => "the end of the text".into(),
            Tok::Ident(name, _) => format!("`{name}`"),
            Tok::Text(_) => "a string".into(),
            Tok::Bad => "something that is no part of a value".into(),
            _ => format!("`{}`", self.span(self.range()).text()),
        }
    }

    fn node(&self, start: usize, kind: Kind) -> Node {
        Node { span: self.span(start..self.behind().end.max(start)), kind }
    }

    fn attributes(&mut self) {
        while self.eat(&Tok::Mark('#')) {
            let start = self.at;
            let opens = [Tok::Mark('!'), Tok::Open('['), Tok::Ident("enable".into(), false), Tok::Open('(')];
            let mut well = opens.iter().all(|tok| self.eat(tok));
            while let (true, Tok::Ident(name, _)) = (well, self.peek().clone()) {
                if !EXTENSIONS.contains(&name.as_str()) {
                    let message = format!("unknown extension `{name}`");
                    let near = nearest(&name, EXTENSIONS).map(|near| format!("did you mean `{near}`?"));
                    let help = near.unwrap_or_else(|| format!("there are {}", listed(EXTENSIONS, "and")));
                    let fault = Diagnostic::error(Fault::Syntax, message, self.span(self.range()), "");
                    self.report(fault.help(help));
                }
                self.next();
                if !self.eat(&Tok::Comma) {
                    break;
                }
            }
            well = well && self.eat(&Tok::Close(')')) && self.eat(&Tok::Close(']'));
            if !well {
                let from = self.tokens.get(start).map_or(0, |token| token.range.start);
                let range = from..self.range().end.max(from);
                self.fault(range, "expected an attribute `#![enable(...)]`", "this is not one");
                self.stop();
            }
        }
    }

    /// Reads a value; where there is none, reports that and yields a hole, taking at most one token.
    pub(super) fn value(&mut self) -> Node {
        let range = self.range();
        let start = range.start;
        let kind = match self.peek().clone() {
            Tok::Integer(value) => self.leaf(Kind::Integer(value)),
            Tok::Float(value) => self.leaf(Kind::Float(value)),
            Tok::Text(text) => self.leaf(Kind::Text(text)),
            Tok::Char(value) => self.leaf(Kind::Char(value)),
            Tok::Bad => self.leaf(Kind::Hole),
            Tok::Ident(name, raw) => {
                self.next();
                return self.named(start, Name { text: name, span: self.span(range) }, raw);
            }
            Tok::Open(_) if self.open.len() >= DEPTH_LIMIT => {
                let message = format!("the config is nested deeper than {DEPTH_LIMIT} levels");
                self.fault(range, message, "one level too many");
                self.stop();
                Kind::Hole
            }
            Tok::Open('(') => match self.group(None) {
                Group::Fields(fields) => Kind::Struct { name: None, fields },
                Group::Items(items) if items.is_empty() => Kind::Unit,
                Group::Items(items) => Kind::Tuple { name: None, items },
            },
            Tok::Open('[') => {
                let mut items = Vec::new();
                self.sequence(']', "the list", |parser| items.push(parser.value()));
                Kind::List(items)
            }
            Tok::Open(_) => self.map(),
            Tok::Close(_) | Tok::Comma | Tok::Colon | Tok::Mark(_) | Tok::End => {
                let found = self.found();
                self.fault(range, format!("expected a value, found {found}"), "expected a value here");
                if matches!(self.peek(), Tok::Colon | Tok::Mark(_)) {
                    self.next();
                }
                Kind::Hole
            }
        };
        self.node(start, kind)
    }

    fn leaf(&mut self, kind: Kind) -> Kind {
        self.next();
        kind
    }

    /// What a name begins: a keyword, a bare variant, a struct or variant with a payload.
    fn named(&mut self, start: usize, name: Name, raw: bool) -> Node {
        let opens = *self.peek() == Tok::Open('(');
        let kind = match name.text.as_str() {
            "true" if !raw => Kind::Bool(true),
            "false" if !raw => Kind::Bool(false),
            "None" if !raw => Kind::None,
            _ if !opens => Kind::Word(name.text),
            _ if self.open.len() >= DEPTH_LIMIT => return self.value(),
            "Some" if !raw => match self.group(Some(&name)) {
                Group::Items(mut items) if items.len() == 1 => {
                    items.pop().map_or(Kind::Hole, |item| Kind::Some(Box::new(item)))
                }
                _ => {
                    let range = start..self.behind().end;
                    self.fault(range, "`Some` holds exactly one value", "expected `Some(value)`");
                    Kind::Hole
                }
            },
            _ => match self.group(Some(&name)) {
                Group::Fields(fields) => Kind::Struct { name: Some(name), fields },
                Group::Items(items) => Kind::Tuple { name: Some(name), items },
            },
        };
        self.node(start, kind)
    }

    fn group(&mut self, name: Option<&Name>) -> Group {
        let begins_field = |parser: &Self, place: usize| match &parser.tokens.get(place..place + 2) {
            Some([Token { tok: Tok::Ident(..), .. }, next]) => {
                matches!(next.tok, Tok::Colon | Tok::Mark('=')) || starts_plain_value(&next.tok)
            }
            Some([Token { tok: Tok::Text(_), .. }, next]) => next.tok == Tok::Colon,
            _ => false,
        };
        if begins_field(self, self.at + 1) {
            let mut fields: Vec<Field> = Vec::new();
            let what = name.map_or("the struct".into(), |name| format!("`{}`", name.text));
            self.sequence(')', &what, |parser| parser.field(&mut fields));
            return Group::Fields(fields);
        }
        let mut items = Vec::new();
        let what = match (name, self.peek_second()) {
            (Some(name), _) => format!("`{}`", name.text),
            (None, Tok::Ident(..) | Tok::Close(_) | Tok::End) => "the struct".into(),
            (None, _) => "the tuple".into(),
        };
        self.sequence(')', &what, |parser| items.push(parser.value()));
        Group::Items(items)
    }

    fn field(&mut self, fields: &mut Vec<Field>) {
        let range = self.range();
        let text = match self.peek().clone() {
            Tok::Ident(name, _) => name,
            Tok::Text(name) if *self.peek_second() == Tok::Colon => {
                let fault = Diagnostic::error(
                    Fault::Syntax,
                    "names of fields carry no quotes",
                    self.span(range.clone()),
                    "expected a bare name",
                );
                self.report(fault.help(format!("write `{name}: ...`, or a map `{{\"{name}\": ...}}`")));
                name
            }
            _ => {
                let found = self.found();
                self.fault(range, format!("expected a field, found {found}"), "expected `name: value`");
                self.value();
                return;
            }
        };
        self.next();
        let name = Name { text, span: self.span(range) };
        if !self.eat(&Tok::Colon) {
            self.colon_missing(&name);
        }
        let value = self.value();
        if let Some(first) = fields.iter().find(|field| field.name.text == name.text) {
            let message = format!("the field `{}` stands twice", name.text);
            let fault =
                Diagnostic::error(Fault::DuplicateField, message, name.span.clone(), "the second time");
            self.report(fault.context(first.name.span.clone(), "the first time"));
            return;
        }
        fields.push(Field { name, value });
    }

    fn colon_missing(&mut self, name: &Name) {
        let range = if *self.peek() == Tok::Mark('=') { self.range() } else { self.behind() };
        let message = format!("expected `:` after the field name `{}`, found {}", name.text, self.found());
        self.fault(range, message, "expected `:` here");
        self.eat(&Tok::Mark('='));
    }

    fn map(&mut self) -> Kind {
        let mut entries: Vec<(Node, Node)> = Vec::new();
        self.sequence('}', "the map", |parser| {
            let key = parser.value();
            if !parser.eat(&Tok::Colon) {
                let message = format!("expected `:` after the key of the map, found {}", parser.found());
                let range = if *parser.peek() == Tok::Mark('=') { parser.range() } else { parser.behind() };
                parser.fault(range, message, "expected `:` here");
                if !parser.eat(&Tok::Mark('=')) && matches!(parser.peek(), Tok::Comma | Tok::Close(_)) {
                    return;
                }
            }
            let value = parser.value();
            match entries.iter().find(|(other, _)| *other == key && key.kind != Kind::Hole) {
                Some((first, _)) => {
                    let fault = Diagnostic::error(
                        Fault::DuplicateField,
                        "a key stands twice in the map",
                        key.span,
                        "again",
                    );
                    let first = first.span.clone();
                    parser.report(fault.context(first, "the first time"));
                }
                None => entries.push((key, value)),
            }
        });
        Kind::Map(entries)
    }
}

pub(super) fn starts_plain_value(tok: &Tok) -> bool {
    matches!(tok, Tok::Integer(_) | Tok::Float(_) | Tok::Text(_) | Tok::Char(_))
}
