//! Exogenous markets.
