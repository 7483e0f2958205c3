//! How many tests passed and failed, read from what the test runners print.
//!
//! A runner that fails without saying how many tests did counts as one failure: nothing may end red
//! inside and green outside.

use anyhow::{Context, Result};
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use crate::cmd;

/// Passed and failed tests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

/// Whose output is read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Runner {
    /// `cargo nextest`: one summary line.
    Nextest,
    /// `cargo test`: one line for each binary.
    Libtest,
    /// One line with a bar in it.
    Vitest,
    /// One line for each outcome.
    Playwright,
    /// Our own programs: `3 passed, 1 failed` on a line.
    Plain,
    /// A check that passes or fails as a whole.
    Check,
}

impl Runner {
    /// Adds what one line of output says.
    pub(crate) fn read(self, line: &str, counts: &mut Counts) {
        let line = plain(line);
        let line = line.trim();
        match self {
            Self::Nextest => {
                if let Some((_, after)) = line.split_once(" run: ")
                    && line.starts_with("Summary [")
                {
                    counts.add(after, ',');
                }
            }
            Self::Libtest => {
                if let Some((_, after)) = line.split_once(". ")
                    && line.starts_with("test result: ")
                {
                    counts.add(after, ';');
                }
            }
            Self::Vitest => {
                if let Some(after) = line.strip_prefix("Tests ") {
                    counts.add(after, '|');
                }
            }
            Self::Playwright => counts.add(line, '\n'),
            Self::Plain => {
                if line.ends_with(" failed") {
                    counts.add(line, ',');
                }
            }
            Self::Check => {}
        }
    }
}

impl Counts {
    /// Reads `3 passed (1 slow), 1 failed, 5 skipped`; what is in brackets is said twice.
    fn add(&mut self, text: &str, separator: char) {
        for part in without_brackets(text).split(separator) {
            let Some((number, word)) = part.trim().split_once(' ') else {
                continue;
            };
            let Ok(number) = number.parse::<u64>() else {
                continue;
            };
            match word.trim() {
                "passed" => self.passed += number,
                "failed" | "timed out" | "exec failed" | "flaky" | "interrupted" => {
                    self.failed += number;
                }
                _ => {}
            }
        }
    }
}

fn without_brackets(text: &str) -> String {
    let mut depth = 0_u32;
    text.chars()
        .filter(|it| match it {
            '(' => {
                depth += 1;
                false
            }
            ')' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect()
}

/// The text without the sequences that colour it on a terminal.
fn plain(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line.chars();
    while let Some(it) = rest.next() {
        if it == '\u{1b}' {
            // ESC [ … letter
            rest.by_ref().skip(1).find(char::is_ascii_alphabetic);
        } else {
            out.push(it);
        }
    }
    out
}

/// Runs a command, passes its output on line by line and counts.
pub(crate) fn count(mut command: Command, runner: Runner) -> Result<Counts> {
    let line = cmd::shown(&command);
    eprintln!("$ {line}");
    if std::io::stdout().is_terminal() {
        command
            .env("CARGO_TERM_COLOR", "always")
            .env("FORCE_COLOR", "1");
    }
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("could not start: {line}"))?;
    let counts = Arc::new(Mutex::new(Counts::default()));
    let out = child.stdout.take().context("no output")?;
    let err = child.stderr.take().context("no output")?;
    let reader = {
        let counts = Arc::clone(&counts);
        std::thread::spawn(move || pass_on(err, std::io::stderr(), runner, &counts))
    };
    pass_on(out, std::io::stdout(), runner, &counts)?;
    reader.join().ok().context("reading the output stopped")??;
    let status = child
        .wait()
        .with_context(|| format!("lost sight of: {line}"))?;
    let mut counts = *counts.lock().unwrap_or_else(PoisonError::into_inner);
    if !status.success() && counts.failed == 0 {
        counts.failed = 1;
    }
    Ok(counts)
}

fn pass_on(
    from: impl Read,
    mut to: impl Write,
    runner: Runner,
    counts: &Mutex<Counts>,
) -> Result<()> {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line)? > 0 {
        to.write_all(&line)?;
        to.flush()?;
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        runner.read(&String::from_utf8_lossy(&line), &mut counts);
        line.clear();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(runner: Runner, output: &str, passed: u64, failed: u64) {
        let mut counts = Counts::default();
        for line in output.lines() {
            runner.read(line, &mut counts);
        }
        assert_eq!(counts, Counts { passed, failed });
    }

    #[test]
    fn reads_nextest() {
        check(
            Runner::Nextest,
            "     Summary [   0.5s] 5/9 tests run: 3 passed (1 slow, 1 leaky), 1 failed, 1 timed out, 4 skipped",
            3,
            2,
        );
        check(
            Runner::Nextest,
            "\u{1b}[32;1m     Summary\u{1b}[0m [   0.0s] \u{1b}[1m2\u{1b}[0m tests run: \u{1b}[1m2\u{1b}[0m \u{1b}[32;1mpassed\u{1b}[0m, \u{1b}[1m0\u{1b}[0m \u{1b}[33;1mskipped\u{1b}[0m",
            2,
            0,
        );
        check(Runner::Nextest, "a test printed: 4 failed", 0, 0);
    }

    #[test]
    fn reads_libtest() {
        let output = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n\
                      test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured";
        check(Runner::Libtest, output, 4, 2);
    }

    #[test]
    fn reads_vitest() {
        check(
            Runner::Vitest,
            " Test Files  1 passed (1)\n      Tests  1 failed | 2 passed (3)",
            2,
            1,
        );
    }

    #[test]
    fn reads_playwright() {
        check(
            Runner::Playwright,
            "  1 failed\n    a.spec.ts:3:1 › it 3 passed\n  2 flaky\n  7 passed (4.2s)",
            7,
            3,
        );
    }

    #[test]
    fn reads_our_own() {
        check(
            Runner::Plain,
            "failed: a segment: 3 of 4\n3 passed, 1 failed",
            3,
            1,
        );
    }

    #[test]
    fn counts_a_failure_without_words() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo '3 passed'; exit 1"]);
        assert_eq!(
            count(command, Runner::Playwright).unwrap(),
            Counts {
                passed: 3,
                failed: 1
            }
        );
    }
}
