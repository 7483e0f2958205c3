//! Replays the corpora of `fuzz/`: what was once found, and a seed of each kind, stays understood or refused.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "../../fuzz/src/lib.rs"]
#[expect(
    unreachable_pub,
    reason = "the file is a library of its own; here it is a module"
)]
mod targets;

use targets::TARGETS;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus")
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    let name = |path: PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    entries.map(|entry| name(entry.unwrap().path())).collect()
}

#[test]
fn every_input_of_every_corpus_holds() {
    for (name, target) in TARGETS {
        let mut inputs = 0;
        for entry in fs::read_dir(corpus().join(name)).unwrap() {
            let path = entry.unwrap().path();
            let data = fs::read(&path).unwrap();
            if let Err(panic) = std::panic::catch_unwind(|| target(&data)) {
                eprintln!("{} breaks {name}", path.display());
                std::panic::resume_unwind(panic);
            }
            // Cut off and turned over, because what is nearly right goes deepest.
            for end in 0..data.len().min(300) {
                target(&data[..end]);
            }
            for at in 0..data.len().min(300) {
                let mut other = data.clone();
                other[at] ^= 1 << (at % 8);
                target(&other);
            }
            inputs += 1;
        }
        assert!(inputs > 0, "{name} has no seeds");
    }
}

#[test]
fn targets_programs_and_corpora_are_the_same() {
    let known: BTreeSet<String> = TARGETS.iter().map(|it| it.0.to_owned()).collect();
    assert_eq!(names(&corpus()), known);
    assert_eq!(names(&corpus().join("../fuzz_targets")), known);
}
