#!/bin/sh
# Draws the pictures of docs/gallery.md and of the README again, in a minute or two:
#
#     cargo build --release && sh docs/renew_gallery.sh
set -eu
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# An assertion that fails for want of runs (3) is no failure here.
run() {
    config=$1
    shift
    target/release/ballast run "$config" --quiet --out "$out" "$@" >"$out/told" || [ $? -eq 3 ]
}
picture() {
    cp "$out/$1"-*/charts/"$2.png" "docs/images/$3.png"
}

run black_thursday
picture black_thursday stress black_thursday
picture black_thursday peg peg
picture black_thursday leverage leverage

run baseline
picture baseline fan-collateral_ratio fan
picture baseline pnl pnl

run no_arbitrage --runs 8
picture no_arbitrage with-arbitrageurs-and-without-overlay-feth_peg_deviation overlay

run beta_spectrum --runs 4
picture beta_spectrum beta beta

run eth_2000_to_900 --runs 1
picture eth_2000_to_900 settlement settlement

run governance_baseline --set horizon_days=60
picture governance_baseline governance governance
picture governance_baseline concentration concentration
picture governance_baseline token token

run slow_governance
picture slow_governance response response

run capture --runs 2
picture capture dear-votes-governance capture

run mercenary_liquidity --runs 4
picture mercenary_liquidity gated-emission emission
picture mercenary_liquidity gated-gate gate

run order_book --runs 4
picture order_book no-arbitrage-order_book-eth_book order_book

run lending_crash --runs 8
picture lending_crash friction-eth_loan lending_friction
picture lending_crash prompt-lending-eth_loan lending

target/release/ballast risk alex_appendix --quiet --out "$out" >"$out/told"
picture alex_appendix value_at_risk value_at_risk
picture alex_appendix risk_sensitivity risk_sensitivity
