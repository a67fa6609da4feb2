//! From the text of an assertion to what it says, by the grammar of [`super`].

use std::iter::Peekable;
use std::ops::Range;
use std::str::FromStr;
use std::vec::IntoIter;

use thiserror::Error;

use super::{Assertion, Comparison, Condition, Figure, Mention, Quantity, Term, When};

/// The words that an assertion can begin with, and one quantile for all.
const QUANTITIES: &[&str] = &["P", "share", "mean", "min", "max", "final", "q05"];
/// Words that join and cannot be metrics.
const JOINING: [&str; 5] = ["and", "or", "for", "at", "end"];
/// Units of time and their seconds.
const UNITS: [(&str, f64); 3] = [("min", 60.0), ("h", 3_600.0), ("d", 86_400.0)];
const UNIT_NAMES: &[&str] = &["min", "h", "d"];
/// A thousand years: longer than any run.
const MOST_SECONDS: f64 = 3.2e10;

/// A text that is no assertion.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("expected {expected}, found {found}")]
pub struct SyntaxError {
    /// The bytes of the text that do not fit; empty behind its end.
    pub range: Range<usize>,
    /// What would be right there.
    pub expected: String,
    /// What is there.
    pub found: String,
    /// Names that could stand there, for advice.
    pub known: &'static [&'static str],
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Token<'a> {
    /// A name, a number, or a number with its unit.
    Word(&'a str),
    Comparison(Comparison),
    Open,
    Close,
    Other,
}

type Placed<'a> = (Token<'a>, Range<usize>);

struct Parser<'a> {
    text: &'a str,
    tokens: Peekable<IntoIter<Placed<'a>>>,
}

impl FromStr for Assertion {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        let mut parser = Parser { text, tokens: tokens(text).into_iter().peekable() };
        let quantity = parser.quantity()?;
        let comparison = parser.comparison("`<`, `<=`, `>` or `>=`")?;
        let bound = match quantity {
            Quantity::Figure(..) => parser.number("a number", |_| true)?,
            _ => parser.number("a number from 0 to 1", |bound| (0.0..=1.0).contains(&bound))?,
        };
        if parser.tokens.peek().is_some() {
            return Err(parser.wrong("the end of the assertion", &[]));
        }
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Ok(Self { text, quantity, comparison, bound })
    }
}

impl FromStr for Quantity {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        let mut parser = Parser { text, tokens: tokens(text).into_iter().peekable() };
        let quantity = parser.quantity()?;
        match parser.tokens.peek() {
            None => Ok(quantity),
            Some(_) => Err(parser.wrong("the end of the quantity", &[])),
        }
    }
}

fn tokens(text: &str) -> Vec<Placed<'_>> {
    let in_word = |c: char| c.is_alphanumeric() || "_.+-%".contains(c);
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let (token, length) = match first {
            blank if blank.is_whitespace() => (None, blank.len_utf8()),
            '(' => (Some(Token::Open), 1),
            ')' => (Some(Token::Close), 1),
            '<' if rest.starts_with("<=") => (Some(Token::Comparison(Comparison::AtMost)), 2),
            '>' if rest.starts_with(">=") => (Some(Token::Comparison(Comparison::AtLeast)), 2),
            '<' => (Some(Token::Comparison(Comparison::Less)), 1),
            '>' => (Some(Token::Comparison(Comparison::More)), 1),
            other if in_word(other) => {
                let length = rest.find(|c| !in_word(c)).unwrap_or(rest.len());
                (Some(Token::Word(&rest[..length])), length)
            }
            _ => {
                let known = |c: char| in_word(c) || c.is_whitespace() || "()<>".contains(c);
                (Some(Token::Other), rest.find(known).unwrap_or(rest.len()))
            }
        };
        tokens.extend(token.map(|token| (token, at..at + length)));
        at += length;
    }
    tokens
}

impl<'a> Parser<'a> {
    fn quantity(&mut self) -> Result<Quantity, SyntaxError> {
        let expected = "`P`, `share`, `mean`, `min`, `max`, `final` or a quantile such as `q05`";
        let kind = match self.word() {
            Some("P") => None,
            Some("share") => Some(None),
            Some(word) => Some(Some(figure(word).ok_or_else(|| self.wrong(expected, QUANTITIES))?)),
            None => return Err(self.wrong(expected, QUANTITIES)),
        };
        self.tokens.next();
        self.exactly(Token::Open, "`(`")?;
        let quantity = match kind {
            None => {
                let condition = self.condition()?;
                Quantity::Probability(condition, self.when()?)
            }
            Some(None) => Quantity::Share(self.condition()?),
            Some(Some(figure)) => Quantity::Figure(figure, self.metric()?),
        };
        let expected = match &quantity {
            Quantity::Probability(_, When::Ever) => "`and`, `or`, `for`, `at end` or `)`",
            Quantity::Share(_) => "`and`, `or` or `)`",
            Quantity::Probability(..) | Quantity::Figure(..) => "`)`",
        };
        self.exactly(Token::Close, expected)?;
        Ok(quantity)
    }

    fn condition(&mut self) -> Result<Condition, SyntaxError> {
        let mut any_of = Vec::new();
        loop {
            let mut all_of = vec![self.term()?];
            while self.word() == Some("and") {
                self.tokens.next();
                all_of.push(self.term()?);
            }
            any_of.push(all_of);
            if self.word() != Some("or") {
                return Ok(Condition { any_of });
            }
            self.tokens.next();
        }
    }

    fn term(&mut self) -> Result<Term, SyntaxError> {
        Ok(Term {
            metric: self.metric()?,
            comparison: self.comparison("`<`, `<=`, `>` or `>=`")?,
            bound: self.number("a number", |_| true)?,
        })
    }

    fn metric(&mut self) -> Result<Mention, SyntaxError> {
        let is_name = |word: &&str| !JOINING.contains(word) && number(word).is_none();
        let name = self.word().filter(is_name).map(str::to_owned);
        let name = name.ok_or_else(|| self.wrong("the name of a metric", &[]))?;
        Ok(Mention { name, range: self.take() })
    }

    fn when(&mut self) -> Result<When, SyntaxError> {
        match self.word() {
            Some("for") => {}
            Some("at") => {
                self.tokens.next();
                self.exactly(Token::Word("end"), "`end`")?;
                return Ok(When::AtEnd);
            }
            _ => return Ok(When::Ever),
        }
        self.tokens.next();
        let strictly = match self.tokens.peek() {
            Some((Token::Comparison(Comparison::More), _)) => true,
            Some((Token::Comparison(Comparison::AtLeast), _)) => false,
            _ => return Err(self.wrong("`>` or `>=`", &[])),
        };
        self.tokens.next();
        let seconds = self.seconds()?;
        Ok(When::For { at_least_seconds: seconds + u64::from(strictly) })
    }

    /// A duration: `24h` or `24 h`.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 1 and `MOST_SECONDS`"
    )]
    fn seconds(&mut self) -> Result<u64, SyntaxError> {
        let expected = "a length of time such as `24h`, in min, h or d";
        let word = self.word().ok_or_else(|| self.wrong(expected, &[]))?;
        let cut = word.find(|c: char| c.is_alphabetic()).unwrap_or(word.len());
        let (amount, joined) = word.split_at(cut);
        let amount = number(amount).ok_or_else(|| self.wrong(expected, &[]))?;
        let unit = if joined.is_empty() {
            self.tokens.next();
            self.word()
        } else {
            Some(joined)
        };
        let unit = UNITS.iter().find(|(name, _)| unit == Some(name));
        let (_, length) = unit.ok_or_else(|| self.wrong("a unit of time: min, h or d", UNIT_NAMES))?;
        let seconds = (amount * length).round();
        if !(1.0..=MOST_SECONDS).contains(&seconds) {
            return Err(self.wrong("a length of time from a second to a thousand years", &[]));
        }
        self.tokens.next();
        Ok(seconds as u64)
    }

    fn comparison(&mut self, expected: &str) -> Result<Comparison, SyntaxError> {
        match self.tokens.peek() {
            Some((Token::Comparison(comparison), _)) => {
                let comparison = *comparison;
                self.tokens.next();
                Ok(comparison)
            }
            _ => Err(self.wrong(expected, &[])),
        }
    }

    fn number(&mut self, expected: &str, fine: impl Fn(f64) -> bool) -> Result<f64, SyntaxError> {
        let found = self.word().and_then(number).filter(|found| fine(*found));
        let found = found.ok_or_else(|| self.wrong(expected, &[]))?;
        self.tokens.next();
        Ok(found)
    }

    fn exactly(&mut self, token: Token<'_>, expected: &str) -> Result<(), SyntaxError> {
        if self.tokens.peek().is_some_and(|(found, _)| *found == token) {
            self.tokens.next();
            return Ok(());
        }
        Err(self.wrong(expected, &[]))
    }

    fn word(&mut self) -> Option<&'a str> {
        match self.tokens.peek() {
            Some((Token::Word(word), _)) => Some(word),
            _ => None,
        }
    }

    /// Takes a token and tells where it stood.
    fn take(&mut self) -> Range<usize> {
        self.tokens.next().map_or(0..0, |(_, range)| range)
    }

    /// The next token is not what was expected.
    fn wrong(&mut self, expected: &str, known: &'static [&'static str]) -> SyntaxError {
        let end = self.text.trim_end().len();
        let (range, found) = match self.tokens.peek() {
            Some((_, range)) => (range.clone(), format!("`{}`", &self.text[range.clone()])),
            None if end == 0 => (0..0, "nothing".into()),
            None => (end..end, "the end".into()),
        };
        SyntaxError { range, expected: expected.into(), found, known }
    }
}

fn figure(word: &str) -> Option<Figure> {
    Some(match word {
        "mean" => Figure::Mean,
        "min" => Figure::Min,
        "max" => Figure::Max,
        "final" => Figure::Final,
        _ => {
            let digits = word.strip_prefix('q').filter(|rest| rest.len() == 2)?;
            let percent =
                digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse().ok())??;
            Figure::Quantile(Some(percent).filter(|percent| *percent > 0)?)
        }
    })
}

/// A finite number, written in digits.
fn number(word: &str) -> Option<f64> {
    let begins = word.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    // `-inf` begins like a number.
    word.parse().ok().filter(|number: &f64| begins && number.is_finite())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Assertion {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn refused(text: &str) -> (Range<usize>, String) {
        let error = text.parse::<Assertion>().unwrap_err();
        (error.range.clone(), error.to_string())
    }

    #[test]
    fn a_probability_has_a_condition_and_a_time() {
        let read_all = read("P( collateral_ratio<1.3 for > 24h )\n < 0.01");
        assert_eq!(read_all.text, "P( collateral_ratio<1.3 for > 24h ) < 0.01");
        assert_eq!((read_all.comparison, read_all.bound), (Comparison::Less, 0.01));
        let metric = Mention { name: "collateral_ratio".into(), range: 3..19 };
        let term = Term { metric, comparison: Comparison::Less, bound: 1.3 };
        let condition = Condition { any_of: vec![vec![term]] };
        let when = When::For { at_least_seconds: 86_401 };
        assert_eq!(read_all.quantity, Quantity::Probability(condition.clone(), when));
        for (text, expected) in [
            ("P( collateral_ratio < 1.3) < 1", When::Ever),
            ("P( collateral_ratio < 1.3 at end) < 1", When::AtEnd),
            ("P( collateral_ratio < 1.3 for >= 1.5 d) < 1", When::For { at_least_seconds: 129_600 }),
            ("P( collateral_ratio < 1.3 for >= 15min) < 1", When::For { at_least_seconds: 900 }),
        ] {
            assert_eq!(read(text).quantity, Quantity::Probability(condition.clone(), expected), "{text}");
        }
    }

    #[test]
    fn and_binds_tighter_than_or() {
        let assertion = read("share(a < 1 or b >= -2e-3 and pnl_my-bot > 3 or c <= 4) > 0.5");
        let Quantity::Share(condition) = &assertion.quantity else { panic!("{assertion:?}") };
        let names = |terms: &Vec<Term>| terms.iter().map(|term| term.metric.name.clone()).collect::<Vec<_>>();
        let names: Vec<_> = condition.any_of.iter().map(names).collect();
        assert_eq!(names, [vec!["a"], vec!["b", "pnl_my-bot"], vec!["c"]]);
        assert_eq!(
            (condition.any_of[1][0].bound, condition.any_of[1][0].comparison),
            (-0.002, Comparison::AtLeast)
        );
        assert_eq!(assertion.mentions().count(), 4);
    }

    #[test]
    fn figures_have_one_metric_and_any_bound() {
        for (text, expected) in [
            ("mean(x) < -3", Figure::Mean),
            ("min(x) < 1e6", Figure::Min),
            ("max(x) < +.5", Figure::Max),
            ("final(x) < 3", Figure::Final),
            ("q05(x) < 3", Figure::Quantile(5)),
            ("q99(x) < 3", Figure::Quantile(99)),
        ] {
            let quantity = read(text).quantity;
            assert!(matches!(quantity, Quantity::Figure(found, _) if found == expected), "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_is_named_with_its_place() {
        for (text, range, told) in [
            (
                "",
                0..0,
                "expected `P`, `share`, `mean`, `min`, `max`, `final` or a quantile such as `q05`, found nothing",
            ),
            ("p(a < 1) < 1", 0..1, "such as `q05`, found `p`"),
            ("q00(a) < 1", 0..3, "found `q00`"),
            ("P a < 1", 2..3, "expected `(`, found `a`"),
            ("P(1.3 > a) < 1", 2..5, "expected the name of a metric, found `1.3`"),
            ("P(a = 1) < 1", 4..5, "expected `<`, `<=`, `>` or `>=`, found `=`"),
            ("P(a < b) < 1", 6..7, "expected a number, found `b`"),
            ("P(a < inf) < 1", 6..9, "expected a number, found `inf`"),
            ("P(a < -inf) < 1", 6..10, "expected a number, found `-inf`"),
            ("P(a < 1e999) < 1", 6..11, "expected a number, found `1e999`"),
            ("P(a < 1 xor b < 1) < 1", 8..11, "expected `and`, `or`, `for`, `at end` or `)`, found `xor`"),
            ("P(a < 1 for 24h) < 1", 12..15, "expected `>` or `>=`, found `24h`"),
            ("P(a < 1 for > 24) < 1", 16..17, "expected a unit of time: min, h or d, found `)`"),
            ("P(a < 1 for > 24hours) < 1", 14..21, "expected a unit of time: min, h or d, found `24hours`"),
            ("P(a < 1 for > -1h) < 1", 14..17, "expected a length of time from a second"),
            ("P(a < 1 for > soon) < 1", 14..18, "expected a length of time such as `24h`"),
            ("P(a < 1 at start) < 1", 11..16, "expected `end`, found `start`"),
            ("P(a < 1 at end", 14..14, "expected `)`, found the end"),
            ("share(a < 1 for > 1h) < 1", 12..15, "expected `and`, `or` or `)`, found `for`"),
            ("P(a < 1) < 1%", 11..13, "expected a number from 0 to 1, found `1%`"),
            ("P(a < 1) < 1.01 ", 11..15, "expected a number from 0 to 1, found `1.01`"),
            ("mean(a) < 1 or 2", 12..14, "expected the end of the assertion, found `or`"),
            ("P(\u{3b1} \u{2264} 1) < 1", 5..8, "found `\u{2264}`"),
        ] {
            let (found, error) = refused(text);
            assert_eq!(found, range, "{text}: {error}");
            assert!(error.contains(told), "{text}: {error}");
        }
    }

    #[test]
    fn a_quantity_stands_alone() {
        let alone: Quantity = "share(a < 1)".parse().unwrap();
        assert_eq!(alone, read("share(a < 1) < 0.5").quantity);
        for (text, range, told) in [
            ("mean(a) < 1", 8..9, "expected the end of the quantity, found `<`"),
            ("mean(a) mean(b)", 8..12, "expected the end of the quantity, found `mean`"),
            ("median(a)", 0..6, "such as `q05`, found `median`"),
            ("mean(a", 6..6, "expected `)`, found the end"),
            ("a", 0..1, "such as `q05`, found `a`"),
        ] {
            let error = text.parse::<Quantity>().unwrap_err();
            assert_eq!(error.range, range, "{text}: {error}");
            assert!(error.to_string().contains(told), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,60}") {
            let _ = text.parse::<Assertion>();
            let _ = text.parse::<Quantity>();
        }

        /// Words in any order: much nearer to an assertion than any characters.
        #[test]
        fn no_words_panic(words in prop::collection::vec(
            prop::sample::select(vec![
                "P", "(", ")", "share", "mean", "q05", "a", "\u{e9}", "<", ">=", "1", "-0.5", "for", ">", "24h", "h", "at", "end",
                "and", "or", " ", "%", "=",
            ]), 0..24)) {
            let text = words.join(" ");
            match text.parse::<Assertion>() {
                Ok(read) => {
                    for metric in read.mentions() {
                        prop_assert_eq!(&text[metric.range.clone()], metric.name.as_str());
                    }
                    prop_assert_eq!(read.text.parse::<Assertion>().map(|again| again.text), Ok(read.text));
                }
                Err(error) => prop_assert!(text.get(error.range.clone()).is_some(), "{error:?}"),
            }
        }
    }
}
