//! Rules for the `Cargo.toml` of each crate: versions and lints come from the workspace.

use super::{File, Findings};

/// Members of the workspace; `fuzz` is none, because it needs another compiler.
const MEMBERS: &[&str] = &["crates/", "xtask/", "tests/", "bench/"];

/// Checks one `Cargo.toml`.
pub(super) fn check(file: &File, findings: &mut Findings) {
    if !file.starts_with(MEMBERS) {
        return;
    }
    let mut section = "";
    let mut lints = false;
    for (n, line) in file.text.lines().enumerate() {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            continue;
        };
        let (key, value) = (key.trim(), value.trim());
        lints |= section == "lints" && key == "workspace" && value == "true";
        let inherited = key.ends_with(".workspace") && value == "true";
        let version = matches!(key, "version" | "edition" | "rust-version" | "license");
        if section == "package" && version {
            let mend = format!("write {key}.workspace = true");
            findings.add(&file.path, n + 1, &format!("its own {key}"), &mend);
        }
        if section.ends_with("dependencies") && !key.starts_with('#') {
            let packed: String = value.split_whitespace().collect();
            let itself = section == "dev-dependencies" && packed.contains("path=\".\"");
            if !inherited && !itself && !packed.contains("workspace=true") {
                let what = format!("{key} has a version of its own");
                let mend = format!("put it into the workspace and write {key}.workspace = true");
                findings.add(&file.path, n + 1, &what, &mend);
            }
        }
    }
    if !lints {
        let mend = "add [lints] with workspace = true";
        findings.add(&file.path, 1, "does not use the workspace's lints", mend);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::found;

    #[test]
    fn versions_come_from_the_workspace() {
        let text = "[package]\nname = \"a\"\nversion = \"1.0.0\"\nedition.workspace = true\n\
                    [dependencies]\nb.workspace = true\nc = { workspace = true, features = [\"d\"] }\n\
                    e = \"1\"\n[lints]\nworkspace = true\n";
        let want = ["3: its own version", "8: e has a version of its own"];
        assert_eq!(found("crates/a/Cargo.toml", text), want);
        assert!(found("fuzz/Cargo.toml", text).is_empty());
    }

    #[test]
    fn lints_come_from_the_workspace() {
        let want = ["1: does not use the workspace's lints"];
        assert_eq!(
            found("xtask/Cargo.toml", "[package]\nname = \"xtask\"\n"),
            want
        );
    }
}
