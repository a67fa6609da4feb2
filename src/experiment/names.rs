//! The nearest valid name to one that was mistyped.

/// The candidate that `name` most likely stands for, if any is near enough.
///
/// Near is a Damerau-Levenshtein distance of at most a third of the length (and at least 1), or a Jaro-Winkler
/// similarity of 0.9 (a name that was cut off); case and `-` against `_` do not count. Of equals the first wins.
///
/// # Examples
/// ```
/// use ballast::experiment::names::nearest;
/// assert_eq!(nearest("volatilty", ["drift", "volatility"]), Some("volatility"));
/// assert_eq!(nearest("colour", ["drift", "volatility"]), None);
/// ```
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace('-', "_");
    let name = plain(name);
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in candidates {
        let other = plain(candidate);
        let distance = strsim::damerau_levenshtein(&name, &other);
        let longest = name.chars().count().max(other.chars().count());
        let near = distance <= (longest / 3).max(1) && distance < longest;
        let cut_off = name.len() >= 3 && strsim::jaro_winkler(&name, &other) >= 0.9;
        if (near || cut_off) && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Names as a sentence lists them, the last joined by `and` or `or`; the first eight of a long list.
///
/// # Examples
/// ```
/// assert_eq!(ballast::experiment::names::listed(["a", "b", "c"], "or"), "`a`, `b` or `c`");
/// ```
pub fn listed<'a>(names: impl IntoIterator<Item = &'a str>, join: &str) -> String {
    const SHOWN: usize = 8;
    let mut quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    if quoted.len() > SHOWN + 1 {
        let more = quoted.len() - SHOWN;
        quoted.truncate(SHOWN);
        return format!("{} and {more} more", quoted.join(", "));
    }
    match quoted.pop() {
        None => String::new(),
        Some(last) if quoted.is_empty() => last,
        Some(last) => format!("{} {join} {last}", quoted.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::{listed, nearest};

    #[test]
    fn finds_typos_and_refuses_strangers() {
        let names = ["volatility", "mean_reversion", "Heston", "fee_bps"];
        for (typo, expected) in [
            ("volatilty", Some("volatility")),
            ("volatiltiy", Some("volatility")),
            ("xplatility", Some("volatility")),
            ("mean-reversion", Some("mean_reversion")),
            ("heston", Some("Heston")),
            ("fee_bsp", Some("fee_bps")),
            ("fee", None),
            ("drift", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(typo, names), expected, "{typo}");
        }
    }

    #[test]
    fn a_single_letter_is_near_nothing() {
        assert_eq!(nearest("a", ["b"]), None);
    }

    #[test]
    fn lists_are_cut() {
        let names: Vec<String> = (0..12).map(|number| format!("n{number}")).collect();
        let text = listed(names.iter().map(String::as_str), "and");
        assert!(text.ends_with("`n7` and 4 more"), "{text}");
        assert_eq!(listed([], "or"), "");
    }
}
