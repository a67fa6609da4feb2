//! Identifiers as a reader would say them.

/// The words of an identifier: `user_rebalance` becomes `user rebalance`, asset names keep their case.
#[must_use]
pub fn words(identifier: &str) -> String {
    let word = |word: &str| match word {
        "fx" => "f(x)".to_owned(),
        "feth" => "fETH".to_owned(),
        "xeth" => "xETH".to_owned(),
        "eth" => "ETH".to_owned(),
        "btc" => "BTC".to_owned(),
        "usd" => "USD".to_owned(),
        "nav" => "NAV".to_owned(),
        "lp" => "LP".to_owned(),
        "lps" => "LPs".to_owned(),
        "hhi" => "HHI".to_owned(),
        "pnl" => "profit and loss".to_owned(),
        "lvr" => "LVR".to_owned(),
        "cr" => "CR".to_owned(),
        "tvl" => "TVL".to_owned(),
        "ltv" => "LTV".to_owned(),
        "amm" => "AMM".to_owned(),
        "dao" => "DAO".to_owned(),
        "bps" => "bps".to_owned(),
        other => other.to_owned(),
    };
    identifier.split(['_', ' ']).filter(|part| !part.is_empty()).map(word).collect::<Vec<_>>().join(" ")
}

/// The words with a capital at the start, unless the first is a name such as `fETH`.
#[must_use]
pub fn heading(identifier: &str) -> String {
    let words = words(identifier);
    if ["f(x)", "fETH", "xETH"].into_iter().any(|name| words.starts_with(name)) {
        return words;
    }
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_become_words() {
        assert_eq!(heading("feth_peg_deviation"), "fETH peg deviation");
        assert_eq!(heading("collateral_ratio"), "Collateral ratio");
        assert_eq!(heading("fx_beta"), "f(x) beta");
    }
}
