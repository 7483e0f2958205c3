//! Takes what is built into the program: the built browser code, templates, texts.
//!
//! Everything is copied first, so that a build of the browser code at the same moment can't take files away
//! under the compiler. The folder of the browser code may be missing; then the program has no application
//! pages, and says so.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../..");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let mut text = String::new();
    for (name, folder, load, kind) in [
        ("FILES", "web/dist", "include_bytes", "&[u8]"),
        ("TEMPLATES", "templates", "include_str", "&str"),
        ("TEXTS", "i18n", "include_str", "&str"),
    ] {
        let folder = root.join(folder);
        // A folder that is missing counts as changed at every build: the pages may be built after the first
        // one (a check of the sources needs none) and must then be found.
        println!("cargo::rerun-if-changed={}", folder.display());
        let copies = out.join(name);
        if copies.exists() {
            fs::remove_dir_all(&copies)?;
        }
        fs::create_dir_all(&copies)?;
        let mut files = Vec::new();
        walk(&folder, "", &mut files)?;
        files.sort();
        let _ = writeln!(text, "pub(crate) static {name}: &[(&str, {kind})] = &[");
        for (n, (path, file)) in files.iter().enumerate() {
            match fs::copy(file, copies.join(n.to_string())) {
                Ok(_) => {
                    let copy = format!("/{name}/{n}");
                    let copy = format!("concat!(env!(\"OUT_DIR\"), {copy:?})");
                    let _ = writeln!(text, "    ({path:?}, {load}!({copy})),");
                }
                // A newer build of the browser code took it away; its change runs this again.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        let _ = writeln!(text, "];");
    }
    fs::write(out.join("embedded.rs"), text)
}

/// Every file below the folder with its path inside it; hidden ones stay outside.
fn walk(folder: &Path, inside: &str, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if inside.is_empty() {
            name.clone()
        } else {
            format!("{inside}/{name}")
        };
        if name.starts_with('.') {
            continue;
        }
        if entry.path().is_dir() {
            walk(&entry.path(), &path, files)?;
        } else {
            println!("cargo::rerun-if-changed={}", entry.path().display());
            files.push((path, entry.path()));
        }
    }
    Ok(())
}
