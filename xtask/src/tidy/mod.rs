//! The house rules, as far as a program can see them.
//!
//! Reads every file that git knows or would add; changes nothing. A rule says where, what, and how to
//! mend it. Whether code is *good* is not decided here.

mod lexer;
mod manifests;
mod rust;
mod sources;
mod tree;

use crate::cmd;
use anyhow::Result;
use std::process::Command;

/// One broken rule.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    line: usize,
    text: String,
    warning: bool,
}

/// Collects what is found.
#[derive(Debug, Default)]
struct Findings(Vec<Finding>);

impl Findings {
    /// `what` is wrong, `mend` says what to do about it.
    fn add(&mut self, path: &str, line: usize, what: &str, mend: &str) {
        self.push(path, line, what, mend, false);
    }

    /// Like `add`, but nothing fails.
    fn warn(&mut self, path: &str, line: usize, what: &str, mend: &str) {
        self.push(path, line, what, mend, true);
    }

    fn push(&mut self, path: &str, line: usize, what: &str, mend: &str, warning: bool) {
        let text = format!("{what}; {mend}");
        self.0.push(Finding {
            path: path.to_owned(),
            line,
            text,
            warning,
        });
    }
}

/// A file of the repository.
struct File {
    path: String,
    text: String,
}

impl File {
    fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    fn ends_with(&self, ends: &[&str]) -> bool {
        ends.iter().any(|it| self.path.ends_with(it))
    }

    fn starts_with(&self, starts: &[&str]) -> bool {
        starts.iter().any(|it| self.path.starts_with(it))
    }
}

/// Checks the tree; `false` when a rule is broken.
pub(crate) fn tidy() -> Result<bool> {
    let files = files()?;
    let findings = check(&files);
    for it in &findings.0 {
        let word = if it.warning { "warning: " } else { "" };
        println!("{}:{}: {word}{}", it.path, it.line, it.text);
    }
    let failures = findings.0.iter().filter(|it| !it.warning).count();
    println!("tidy: {} files, {failures} to mend", files.len());
    Ok(failures == 0)
}

fn check(files: &[File]) -> Findings {
    let mut findings = Findings::default();
    for file in files {
        sources::check(file, &mut findings);
        if file.ends_with(&[".rs"]) {
            rust::check(file, &mut findings);
        }
        if file.name() == "Cargo.toml" {
            manifests::check(file, &mut findings);
        }
    }
    tree::check(files, &mut findings);
    findings
        .0
        .sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    findings
}

/// The text files that git has or would take, without those just removed.
fn files() -> Result<Vec<File>> {
    let mut command = Command::new("git");
    command.args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]);
    let list = cmd::output(command)?;
    let mut files: Vec<File> = list
        .split('\0')
        .filter(|it| !it.is_empty())
        .filter_map(|path| {
            let bytes = std::fs::read(path).ok()?;
            let text = String::from_utf8(bytes).ok()?;
            (!text.contains('\0')).then(|| File {
                path: path.to_owned(),
                text,
            })
        })
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    Ok(files)
}

#[cfg(test)]
mod testing {
    use super::*;

    /// What is found in one file, as `line: what` without the remedy.
    pub(super) fn found(path: &str, text: &str) -> Vec<String> {
        found_in(&[(path, text)])
    }

    pub(super) fn found_in(files: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<File> = files
            .iter()
            .map(|(path, text)| File {
                path: (*path).to_owned(),
                text: (*text).to_owned(),
            })
            .collect();
        let short = |it: &Finding| {
            format!(
                "{}: {}",
                it.line,
                it.text.split(';').next().unwrap_or_default()
            )
        };
        check(&files).0.iter().map(short).collect()
    }
}
