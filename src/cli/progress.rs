//! How far the runs are: a bar on a terminal, plain lines elsewhere.

use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::terminal::tell;
use crate::experiment::ensemble::Progress;

/// A plain line is written at most this often.
const PAUSE: Duration = Duration::from_secs(2);

/// Tells how far the runs are.
#[derive(Debug)]
pub(super) struct Display {
    ticks_per_run: u64,
    /// What a run is called.
    runs: &'static str,
    bar: ProgressBar,
    lines: bool,
    total: AtomicU32,
    done: AtomicU32,
    times: Mutex<(Instant, Instant)>,
}

impl Display {
    /// A display for runs of so many ticks; it says nothing if `quiet`.
    pub(super) fn new(ticks_per_run: u64, quiet: bool) -> Self {
        let terminal = io::stderr().is_terminal();
        let bar = if quiet || !terminal { ProgressBar::hidden() } else { ProgressBar::new(0) };
        let template = "{wide_bar} {percent:>3} %  {msg}  {eta_precise} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        let now = Instant::now();
        Self {
            ticks_per_run,
            runs: "runs",
            bar,
            lines: !quiet && !terminal,
            total: AtomicU32::new(0),
            done: AtomicU32::new(0),
            times: Mutex::new((now, now)),
        }
    }

    /// The same under another name for its runs.
    pub(super) fn of(self, runs: &'static str) -> Self {
        Self { runs, ..self }
    }

    /// Takes the bar away.
    pub(super) fn close(&self) {
        self.bar.finish_and_clear();
    }

    /// A line if the last one is a while ago, or if this is the last.
    fn line(&self, done: u32, total: u32) {
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if done < total && now.duration_since(times.1) < PAUSE {
            return;
        }
        times.1 = now;
        let spent = now.duration_since(times.0).as_secs_f64();
        let left = spent / f64::from(done.max(1)) * f64::from(total - done.min(total));
        let runs = self.runs;
        tell(&if done < total {
            format!("{done} of {total} {runs}, about {} left", duration(left))
        } else {
            format!("{done} of {total} {runs} in {}", duration(spent))
        });
    }
}

impl Progress for Display {
    fn started(&self, missing: u32) {
        self.total.store(missing, Ordering::Relaxed);
        self.bar.set_length(u64::from(missing) * self.ticks_per_run);
        self.bar.set_message(format!("0 of {missing} {}", self.runs));
        if !self.bar.is_hidden() {
            self.bar.enable_steady_tick(Duration::from_millis(200));
        }
        let now = Instant::now();
        *self.times.lock().unwrap_or_else(PoisonError::into_inner) = (now, now);
    }

    fn ticks(&self, ticks: u64) {
        self.bar.inc(ticks);
    }

    fn finished(&self, _run: u32) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        let total = self.total.load(Ordering::Relaxed);
        self.bar.set_message(format!("{done} of {total} {}", self.runs));
        if self.lines {
            self.line(done, total);
        }
    }
}

/// Seconds in words: `4.2 s`, `3 min 20 s`, `2 h 5 min`.
pub(super) fn duration(seconds: f64) -> String {
    let whole = seconds.round().max(0.0) as u64;
    match whole {
        0..60 => format!("{seconds:.1} s"),
        60..3_600 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", whole / 3_600, whole % 3_600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_are_words() {
        let words = [0.04, 59.4, 59.96, 200.0, 7_500.0].map(duration);
        assert_eq!(words, ["0.0 s", "59.4 s", "1 min 0 s", "3 min 20 s", "2 h 5 min"]);
    }
}
