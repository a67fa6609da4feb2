//! Numbers and escapes.

use super::lexer::{Lexer, Tok};

/// Reads a number that begins here with a digit, a sign or a point.
pub(super) fn number(lexer: &mut Lexer<'_>) -> Tok {
    let start = lexer.at;
    if matches!(lexer.peek(), Some('+' | '-')) {
        lexer.next();
    }
    let radix = ["0x", "0b", "0o"].into_iter().any(|prefix| lexer.rest().starts_with(prefix));
    let mut last = ' ';
    while let Some(c) = lexer.peek() {
        let exponent_sign = matches!(c, '+' | '-') && matches!(last, 'e' | 'E') && !radix;
        if !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.') || exponent_sign) {
            break;
        }
        last = c;
        lexer.next();
    }
    let written = lexer.text[start..lexer.at].to_owned();
    match value(&written) {
        Ok(tok) => tok,
        Err((message, label)) => {
            if lexer.at == start {
                lexer.next();
            }
            lexer.fault(start..lexer.at, message, label);
            Tok::Bad
        }
    }
}

fn value(written: &str) -> Result<Tok, (String, &'static str)> {
    let bad = || (format!("`{written}` is not a number"), "not a number");
    let (negative, digits) = match written.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, written.strip_prefix('+').unwrap_or(written)),
    };
    if matches!(digits, "inf" | "NaN") {
        return Err(("numbers of a config are finite".into(), "not a finite number"));
    }
    let mut last = ' ';
    for c in digits.chars() {
        // A separator stands behind a digit, or behind another.
        if c == '_' && !(last.is_ascii_hexdigit() || last == '_') {
            return Err(bad());
        }
        last = c;
    }
    let (radix, body) = match digits.get(..2) {
        Some("0x") => (16, &digits[2..]),
        Some("0b") => (2, &digits[2..]),
        Some("0o") => (8, &digits[2..]),
        _ => (10, digits),
    };
    let plain = body.replace('_', "");
    let body = plain.as_str();
    if radix == 10 && body.contains(['.', 'e', 'E']) {
        let float: f64 = body.parse().map_err(|_| bad())?;
        if !float.is_finite() {
            return Err(("the number is too large".into(), "beyond the largest 64-bit number, 1.8e308"));
        }
        return Ok(Tok::Float(if negative { -float } else { float }));
    }
    if body.is_empty() || !body.chars().all(|c| c.is_digit(radix)) {
        return Err(bad());
    }
    let integer = i128::from_str_radix(body, radix)
        .ok()
        .filter(|&value| i64::try_from(value).is_ok() || u64::try_from(value).is_ok())
        .ok_or_else(|| ("the integer is too large".to_owned(), "beyond 64 bits"))?;
    let integer = if negative { -integer } else { integer };
    if integer < i128::from(i64::MIN) {
        return Err(("the integer is too large".to_owned(), "beyond 64 bits"));
    }
    Ok(Tok::Integer(integer))
}

/// Reads what follows a backslash at `start`: a character, or nothing for an escaped line end; `None` after a fault.
#[expect(
    clippy::option_option,
    reason = "fault, line end and character are three outcomes of one short scan"
)]
pub(super) fn escape(lexer: &mut Lexer<'_>, start: usize) -> Option<Option<char>> {
    let c = lexer.next();
    let value = match c {
        Some('n') => Some('\n'),
        Some('r') => Some('\r'),
        Some('t') => Some('\t'),
        Some('0') => Some('\0'),
        Some('\\' | '"' | '\'') => c,
        Some('x') => {
            let digits = lexer.rest().get(..2).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
            let code = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(u8::is_ascii);
            if code.is_some() {
                lexer.at += 2;
            }
            code.map(char::from)
        }
        Some('u') => unicode(lexer),
        Some('\n') => {
            lexer.eat_while(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
            return Some(None);
        }
        Some('\r') if lexer.eat("\n") => {
            lexer.eat_while(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
            return Some(None);
        }
        _ => None,
    };
    if value.is_none() {
        let label = r#"known escapes: \n \r \t \0 \\ \" \' \x41 \u{e9}"#;
        lexer.fault(start..lexer.at, "unknown escape in a string", label);
        return None;
    }
    Some(value)
}

fn unicode(lexer: &mut Lexer<'_>) -> Option<char> {
    let (digits, _) = lexer.rest().strip_prefix('{')?.split_once('}')?;
    if digits.is_empty() || digits.len() > 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let value = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)?;
    lexer.at += digits.len() + 2;
    Some(value)
}
