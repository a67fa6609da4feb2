//! placeholder
use serde::{Deserialize, Serialize};
/// f(x).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FxSettings {}
