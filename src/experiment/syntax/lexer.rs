//! Text into tokens, comments and white space left out.

use std::ops::Range;
use std::sync::Arc;

use super::literal;
use crate::experiment::diagnostic::{Diagnostic, Fault};
use crate::experiment::source::{Source, Span};

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Tok {
    /// One of `(`, `[`, `{`.
    Open(char),
    /// One of `)`, `]`, `}`.
    Close(char),
    Comma,
    Colon,
    /// One of `#`, `!`, `=`.
    Mark(char),
    /// A bare name; true if written `r#name`.
    Ident(String, bool),
    Integer(i128),
    Float(f64),
    Text(String),
    Char(char),
    /// Something that has been reported already.
    Bad,
    End,
}

/// A token and the bytes it covers.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) tok: Tok,
    pub(super) range: Range<usize>,
}

/// The tokens of a text, the last of which is [`Tok::End`].
pub(super) struct Tokens {
    pub(super) tokens: Vec<Token>,
    pub(super) faults: Vec<Diagnostic>,
    /// A string or comment never ended: whatever else seems wrong follows from that.
    pub(super) unended: bool,
    /// The first string that runs over the end of its line and seems to lack its closing quote.
    pub(super) long_string: Option<Range<usize>>,
}

pub(super) struct Lexer<'a> {
    pub(super) source: &'a Arc<Source>,
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) faults: Vec<Diagnostic>,
    unended: bool,
    long_string: Option<Range<usize>>,
}

/// Splits a text into tokens.
pub(super) fn tokens(source: &Arc<Source>) -> Tokens {
    let mut lexer =
        Lexer { source, text: source.text(), at: 0, faults: Vec::new(), unended: false, long_string: None };
    if lexer.text.starts_with('\u{feff}') {
        lexer.at = '\u{feff}'.len_utf8();
    }
    let mut tokens = Vec::new();
    loop {
        lexer.skip_blank();
        let start = lexer.at;
        let Some(first) = lexer.peek() else { break };
        let tok = lexer.token(first);
        tokens.push(Token { tok, range: start..lexer.at });
    }
    let end = lexer.text.len();
    tokens.push(Token { tok: Tok::End, range: end..end });
    Tokens { tokens, faults: lexer.faults, unended: lexer.unended, long_string: lexer.long_string }
}

impl Lexer<'_> {
    pub(super) fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    pub(super) fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    pub(super) fn eat_while(&mut self, keep: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&keep) {
            self.next();
        }
    }

    pub(super) fn fault(
        &mut self,
        range: Range<usize>,
        message: impl Into<String>,
        label: impl Into<String>,
    ) {
        let span = Span::new(self.source, range);
        self.faults.push(Diagnostic::error(Fault::Syntax, message, span, label));
    }

    fn help(&mut self, text: &str) {
        if let Some(fault) = self.faults.last_mut() {
            fault.helps.push(text.into());
        }
    }

    fn skip_blank(&mut self) {
        loop {
            self.eat_while(is_blank);
            let start = self.at;
            if self.eat("//") {
                self.eat_while(|c| c != '\n');
            } else if self.eat("/*") {
                self.block_comment(start);
            } else {
                return;
            }
        }
    }

    fn block_comment(&mut self, start: usize) {
        let mut open = 1;
        while open > 0 {
            if self.eat("/*") {
                open += 1;
            } else if self.eat("*/") {
                open -= 1;
            } else if self.next().is_none() {
                self.unended = true;
                self.fault(start..start + 2, "a block comment is not closed", "the comment begins here");
                self.help("end it with `*/`; comments may stand inside one another");
                return;
            }
        }
    }

    fn token(&mut self, first: char) -> Tok {
        let start = self.at;
        match first {
            '(' | '[' | '{' => self.one(Tok::Open(first)),
            ')' | ']' | '}' => self.one(Tok::Close(first)),
            ',' => self.one(Tok::Comma),
            ':' => self.one(Tok::Colon),
            '#' | '!' | '=' => self.one(Tok::Mark(first)),
            '"' => self.string(),
            '\'' => self.character(),
            '0'..='9' | '+' | '-' | '.' => literal::number(self),
            'r' if self.raw_string_hashes().is_some() => self.raw_string(),
            'b' if self.rest().starts_with("b\"") || self.rest().starts_with("b'") => {
                self.next();
                self.fault(start..start + 1, "byte strings have no place in a config", "this `b`");
                self.help("remove the `b`");
                if self.peek() == Some('"') { self.string() } else { self.character() }
            }
            _ if is_name_start(first) => self.identifier(),
            _ => {
                self.next();
                let end = self.at;
                self.eat_while(|c| !c.is_ascii() && !is_name_start(c) && !is_blank(c));
                let letter = "names and numbers are written in plain letters and digits";
                let label = if first.is_alphanumeric() { letter } else { "no value begins with it" };
                self.fault(start..end, format!("unexpected character {first:?}"), label);
                if "\u{201c}\u{201d}\u{201e}\u{ab}\u{bb}".contains(first) {
                    self.help("write straight quotes: \"text\"");
                }
                Tok::Bad
            }
        }
    }

    fn one(&mut self, tok: Tok) -> Tok {
        self.next();
        tok
    }

    fn identifier(&mut self) -> Tok {
        let start = self.at;
        let raw = self.rest().starts_with("r#") && self.rest()[2..].starts_with(is_raw_name);
        if raw {
            self.at += 2;
            self.eat_while(is_raw_name);
            return Tok::Ident(self.text[start + 2..self.at].into(), true);
        }
        self.eat_while(is_name);
        let name = &self.text[start..self.at];
        if matches!(name, "inf" | "NaN" | "inff32" | "inff64" | "NaNf32" | "NaNf64") {
            self.fault(start..self.at, "numbers of a config are finite", "not a finite number");
            return Tok::Bad;
        }
        Tok::Ident(name.into(), false)
    }

    fn string(&mut self) -> Tok {
        let start = self.at;
        self.next();
        let mut text = String::new();
        loop {
            let before = self.at;
            match self.next() {
                Some('"') => break,
                Some('\\') => match literal::escape(self, before) {
                    Some(Some(c)) => text.push(c),
                    Some(None) => {}
                    None => text.push('\u{fffd}'),
                },
                Some(c) => text.push(c),
                None => return self.unended_string(start),
            }
        }
        if text.contains('\n') && self.long_string.is_none() && self.goes_on_oddly() {
            self.long_string = Some(start..start + 1);
        }
        Tok::Text(text)
    }

    /// True if what stands here cannot follow a string: its closing quote was probably the next string's opening one.
    fn goes_on_oddly(&self) -> bool {
        let line = self.rest().split('\n').next().unwrap_or_default().trim();
        !(line.is_empty() || line.starts_with([',', ')', ']', '}', ':', '/']))
    }

    /// How many `#` open the raw string that begins here, if one does.
    fn raw_string_hashes(&self) -> Option<usize> {
        let behind = self.rest().strip_prefix('r')?;
        let hashes = behind.bytes().take_while(|&byte| byte == b'#').count();
        behind[hashes..].starts_with('"').then_some(hashes)
    }

    fn raw_string(&mut self) -> Tok {
        let start = self.at;
        let hashes = self.raw_string_hashes().unwrap_or(0);
        self.at += 2 + hashes;
        let close = format!("\"{}", "#".repeat(hashes));
        match self.rest().find(&close) {
            Some(length) => {
                let text = self.rest()[..length].to_owned();
                self.at += length + close.len();
                Tok::Text(text)
            }
            None => {
                self.at = self.text.len();
                self.unended_string(start)
            }
        }
    }

    fn unended_string(&mut self, start: usize) -> Tok {
        self.unended = true;
        let length = self.text[start..].find('\n').unwrap_or(self.text.len() - start).min(1);
        self.fault(start..start + length.max(1), "a string is not closed", "the string begins here");
        Tok::Bad
    }

    fn character(&mut self) -> Tok {
        let start = self.at;
        self.next();
        let value = match self.next() {
            Some('\\') => literal::escape(self, self.at - 1).flatten(),
            Some('\'') => None,
            other => other,
        };
        if let (Some(value), true) = (value, self.eat("'")) {
            return Tok::Char(value);
        }
        // A string in single quotes, most likely: skip to the quote if it stands on this line.
        let line = self.rest().split('\n').next().unwrap_or_default();
        if let Some(length) = line.find('\'') {
            self.at += length + 1;
        }
        self.fault(start..self.at, "expected one character between single quotes", "not one character");
        self.help("strings stand in double quotes: \"text\"");
        Tok::Bad
    }
}

fn is_blank(c: char) -> bool {
    matches!(
        c,
        ' ' | '\t'
            | '\n'
            | '\r'
            | '\x0B'
            | '\x0C'
            | '\u{85}'
            | '\u{200E}'
            | '\u{200F}'
            | '\u{2028}'
            | '\u{2029}'
    )
}

fn is_name_start(c: char) -> bool {
    c == '_' || c.is_ascii_alphabetic()
}

fn is_name(c: char) -> bool {
    c == '_' || c.is_ascii_alphanumeric()
}

fn is_raw_name(c: char) -> bool {
    is_name(c) || matches!(c, '.' | '+' | '-')
}

/// True if the name can be written without `r#`.
pub(super) fn is_plain(name: &str) -> bool {
    name.starts_with(is_name_start) && name.chars().all(is_name)
}
