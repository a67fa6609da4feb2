//! What stands between brackets, and what to make of brackets, commas and quotes that are missing.

use std::ops::Range;

use super::lexer::Tok;
use super::parser::{Parser, starts_plain_value};
use crate::experiment::diagnostic::{Diagnostic, Fault};
use crate::experiment::source::Span;

/// A lost quote turns the text inside out. If a string runs over the end of its line, only the first fault behind it
/// is worth reading, and the string is the likely reason.
pub(super) fn blame_string(faults: &mut Vec<Diagnostic>, string: Span) {
    let behind = |fault: &Diagnostic| fault.primary.span.range().start > string.range().start;
    if let Some(first) = faults.iter().position(behind) {
        faults.truncate(first + 1);
        if let Some(fault) = faults.pop() {
            let why = "this string runs over the end of its line: is its closing quote missing?";
            faults.push(fault.context(string, why));
        }
    }
}

impl Parser<'_> {
    /// Reads elements between brackets, from the opening to the closing one.
    pub(super) fn sequence(&mut self, close: char, what: &str, mut element: impl FnMut(&mut Self)) {
        let (opening, opening_char) = (self.range(), partner(close));
        self.next();
        self.open.push((opening_char, opening.clone()));
        loop {
            match self.peek().clone() {
                Tok::Close(found) if found == close => {
                    self.note_askew(&opening);
                    self.next();
                    break;
                }
                Tok::Close(found) => {
                    self.unclosed(close, what, &opening);
                    let outer =
                        self.open[..self.open.len() - 1].iter().any(|(open, _)| *open == partner(found));
                    if !outer {
                        self.next();
                    }
                    break;
                }
                Tok::End => {
                    self.unclosed(close, what, &opening);
                    self.stop();
                    break;
                }
                Tok::Comma => {
                    let message = format!("expected a value or `{close}`, found `,`");
                    self.fault(self.range(), message, "one comma too many");
                    self.next();
                }
                _ => {
                    let before = self.at;
                    element(self);
                    if self.at == before {
                        self.next();
                    }
                    self.separator(close, what);
                }
            }
        }
        self.open.pop();
    }

    fn separator(&mut self, close: char, what: &str) {
        match self.peek() {
            Tok::Comma => self.next(),
            Tok::Close(_) | Tok::End => {}
            Tok::Open(_)
            | Tok::Ident(..)
            | Tok::Integer(_)
            | Tok::Float(_)
            | Tok::Text(_)
            | Tok::Char(_)
            | Tok::Bad => {
                if *self.peek() != Tok::Bad {
                    let message = format!("expected `,` or `{close}` in {what}, found {}", self.found());
                    self.fault(self.behind(), message, "expected `,` here");
                }
            }
            Tok::Colon | Tok::Mark(_) => {
                let message = format!("expected `,` or `{close}` in {what}, found {}", self.found());
                self.fault(self.range(), message, "not expected here");
                self.next();
                if starts_plain_value(self.peek()) || matches!(self.peek(), Tok::Open(_) | Tok::Ident(..)) {
                    self.value();
                }
                self.eat(&Tok::Comma);
            }
        }
    }

    fn unclosed(&mut self, close: char, what: &str, opening: &Range<usize>) {
        let message = format!("expected `{close}` to close {what}, found {}", self.found());
        let label = format!("expected `{close}` here");
        let opened = format!("{what} opened here");
        let mut fault = Diagnostic::error(Fault::Syntax, message, self.span(self.range()), label)
            .context(self.span(opening.clone()), opened);
        if let Some(askew) = self.askew.first().filter(|askew| askew.start > opening.start) {
            let span = self.span(askew.clone());
            fault = fault.context(span, "its partner is indented differently: is this the one left open?");
        }
        self.report(fault);
    }

    /// Remembers a pair of brackets on different lines with different indentation.
    fn note_askew(&mut self, opening: &Range<usize>) {
        let text = self.source.text();
        let indentation = |offset: usize| {
            let line = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
            (line, text[line..].chars().take_while(|c| matches!(c, ' ' | '\t')).count())
        };
        let (open_line, open_depth) = indentation(opening.start);
        let (close_line, close_depth) = indentation(self.range().start);
        if open_line != close_line && open_depth != close_depth {
            self.askew.push(opening.clone());
        }
    }
}

fn partner(close: char) -> char {
    match close {
        ')' => '(',
        ']' => '[',
        _ => '{',
    }
}
