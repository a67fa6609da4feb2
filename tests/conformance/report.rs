//! What became of the cases, a line a group.

use std::collections::BTreeMap;
use std::fmt;

/// The outcome of one case.
pub enum Verdict {
    Passed,
    Failed(String),
    /// Only for the reasons that the format of the vectors lists.
    Skipped(&'static str),
}

#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
    skipped: BTreeMap<&'static str, usize>,
}

/// Counts by group, and the text of every failure.
#[derive(Default)]
pub struct Report {
    groups: BTreeMap<String, Tally>,
    failures: Vec<String>,
}

impl Report {
    /// Notes what became of case `id` of `group`.
    pub fn note(&mut self, group: &str, id: &str, verdict: Verdict) {
        let tally = self.groups.entry(group.to_owned()).or_default();
        match verdict {
            Verdict::Passed => tally.passed += 1,
            Verdict::Skipped(reason) => *tally.skipped.entry(reason).or_default() += 1,
            Verdict::Failed(why) => {
                tally.failed += 1;
                self.failures.push(format!("{group} {id}: {why}"));
            }
        }
    }

    /// Notes a group that no code here can run: a failure, never a silence.
    pub fn unknown(&mut self, group: &str) {
        self.note(group, "-", Verdict::Failed("unknown group".into()));
    }

    pub fn cases(&self) -> usize {
        self.groups.values().map(|tally| tally.passed + tally.failed).sum()
    }

    pub fn failures(&self) -> &[String] {
        &self.failures
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<34}{:>8}{:>8}{:>9}", "group", "passed", "failed", "skipped")?;
        for (group, tally) in &self.groups {
            let skipped: usize = tally.skipped.values().sum();
            write!(f, "{group:<34}{:>8}{:>8}{skipped:>9}", tally.passed, tally.failed)?;
            for (reason, count) in &tally.skipped {
                write!(f, "  {reason}: {count}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
