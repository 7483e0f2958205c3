//! Rules for every text file: heads of page code, length, no traces of somebody's machine.

use super::{File, Findings};

const WARN_ABOVE: usize = 600;
const FAIL_ABOVE: usize = 1000;

/// Made by a program, read by nobody from top to bottom.
const GENERATED: &[&str] = &["web/src/api/schema.ts"];

/// Folders of machines this was made on; written apart, so that this file does not break the rule.
const MACHINE: [&str; 4] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/fa", "rm"),
    concat!("/ho", "me/"),
];

/// Checks one file.
pub(super) fn check(file: &File, findings: &mut Findings) {
    length(file, findings);
    head(file, findings);
    machine(file, findings);
    if file.name() == "package-lock.json" {
        registry(file, findings);
    }
}

fn length(file: &File, findings: &mut Findings) {
    if !file.ends_with(&[".rs", ".ts", ".svelte", ".css", ".sql"]) || file.starts_with(GENERATED) {
        return;
    }
    let lines = file.text.lines().count();
    let what = format!("{lines} lines");
    let mend = "split it by what it is about";
    if lines > FAIL_ABOVE {
        findings.add(&file.path, lines, &what, mend);
    } else if lines > WARN_ABOVE {
        findings.warn(&file.path, lines, &what, mend);
    }
}

/// Page code opens with a comment; in a component it may be the first line of the script.
fn head(file: &File, findings: &mut Findings) {
    let mut lines = file.text.lines().map(str::trim).filter(|it| !it.is_empty());
    let first = lines.next().unwrap_or_default();
    let comment = |it: &str| it.starts_with("//") || it.starts_with("/*");
    let fine = if file.ends_with(&[".svelte"]) {
        let second = lines.next().unwrap_or_default();
        first.starts_with("<!--") || (first.starts_with("<script") && comment(second))
    } else if file.ends_with(&[".ts"]) {
        comment(first)
    } else {
        true
    };
    if !fine {
        let mend = "begin the file with a comment that says what it is";
        findings.add(&file.path, 1, "has no head", mend);
    }
}

fn machine(file: &File, findings: &mut Findings) {
    for (n, line) in file.text.lines().enumerate() {
        if let Some(it) = MACHINE.iter().find(|it| begins_path(line, it)) {
            let what = format!("names a folder of one machine ({it})");
            findings.add(
                &file.path,
                n + 1,
                &what,
                "use a relative path or a variable",
            );
        }
    }
}

/// Whether `folder` stands in the line as the beginning of a path, not inside a longer one.
fn begins_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + folder.len()..].chars().next();
        let inside = |it: char| it.is_alphanumeric() || "._-~}*".contains(it);
        let more = |it: char| it.is_alphanumeric() && !folder.ends_with('/');
        !before.is_some_and(inside) && !after.is_some_and(more)
    })
}

/// Packages come from the public registry, whatever mirror a machine uses.
fn registry(file: &File, findings: &mut Findings) {
    for (n, line) in file.text.lines().enumerate() {
        if line.contains("\"resolved\": \"http") && !line.contains("//registry.npmjs.org/") {
            let mend = "write the lock file with omit-lockfile-registry-resolved";
            findings.add(&file.path, n + 1, "names a registry of one machine", mend);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::found;

    #[test]
    fn files_are_short() {
        let lines = |n| "/* */\n".repeat(n);
        assert!(found("web/src/a.ts", &lines(600)).is_empty());
        assert_eq!(found("web/src/a.ts", &lines(601)), ["601: 601 lines"]);
        assert_eq!(found("web/src/a.ts", &lines(1001)), ["1001: 1001 lines"]);
        assert!(found("web/src/api/schema.ts", &lines(2000)).is_empty());
    }

    #[test]
    fn page_code_has_heads() {
        assert!(found("web/src/a.ts", "// It.\n").is_empty());
        assert_eq!(found("web/src/a.ts", "export {};\n"), ["1: has no head"]);
        assert!(found("web/src/A.svelte", "<!-- It. -->\n").is_empty());
        assert!(found("web/src/A.svelte", "<script lang=\"ts\">\n  // It.\n").is_empty());
        assert_eq!(
            found("web/src/A.svelte", "<script>\n  let a;\n"),
            ["1: has no head"]
        );
    }

    #[test]
    fn no_traces_of_a_machine() {
        let at = |it: &str| found("docs/a.md", it).len();
        assert_eq!(at(concat!("see /wo", "rk/main")), 1);
        assert_eq!(at(concat!("(/fa", "rm)")), 1);
        assert_eq!(at(concat!("example.org/wo", "rk/main and /fa", "rmer")), 0);
        assert_eq!(at("/api/network/x"), 0);
    }

    #[test]
    fn lock_files_name_no_mirror() {
        let lock =
            "\"resolved\": \"https://registry.npmjs.org/a\"\n\"resolved\": \"https://b/a\"\n";
        assert_eq!(
            found("web/package-lock.json", lock),
            ["2: names a registry of one machine"]
        );
    }
}
