//! What `./x` calls: one verb, one module.
//!
//! Needs nothing but the standard library, cargo and what `setup` finds or installs. Holds no rule of
//! the product itself; the house rules it checks are in `tidy` and `layers`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool talks to whoever typed the command"
)]

mod bench;
mod cmd;
mod counts;
mod fuzz;
mod guard;
mod layers;
mod lint;
mod peers;
mod postgres;
mod run;
mod setup;
mod soak;
mod test;
mod tidy;

use anyhow::{Context, Result, bail};
use std::process::ExitCode;

const HELP: &str = "\
./x VERB

  run [--demo] [--release] [ARGS]   set up, build, start the server in place of this command
  test [FILTER]                     every test: Rust, documentation, pages, browser
  e2e [FILTER]                      the browser tests alone
  e2e --peers                       recordings of real footage, played by GStreamer, judged by ffmpeg
  lint [--advisories]               format, house rules, layers, clippy, dependencies, documentation, pages
  tidy                              the house rules alone
  layers                            who may import whom, alone
  fmt                               format everything
  check                             type-check everything
  doc [--open]                      the documentation of the code
  openapi                           accept the changed interface description, renew the types made from it
  bench NAME                        measure: alarm-fanout, build, live, playback, record, seal, start, store
  fuzz NAME [ARGS]                  feed one parser with garbage
  soak hub-away [--minutes N]       cameras record while the hub is away for an hour
  setup                             only fetch what run and test need
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("x: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs one verb from the root of the repository; `false` means it ran and found something wrong.
fn dispatch(args: &[String]) -> Result<bool> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("xtask has no folder above it")?;
    std::env::set_current_dir(root).context("could not go to the root of the repository")?;
    let (verb, rest) = match args.split_first() {
        Some((verb, rest)) => (verb.as_str(), rest),
        None => ("help", args),
    };
    match verb {
        "run" => run::run(rest).map(|never| match never {}),
        "test" => Ok(test::test(rest)),
        "e2e" => Ok(test::e2e(rest)),
        "lint" => lint::lint(rest),
        "tidy" => tidy::tidy(),
        "layers" => layers::layers(),
        "fmt" => lint::fmt().map(|()| true),
        "check" => cmd::run(cmd::cargo(&["check", "--workspace", "--all-targets"])).map(|()| true),
        "doc" => lint::doc(rest).map(|()| true),
        "openapi" => lint::openapi().map(|()| true),
        "bench" => bench::bench(rest).map(|()| true),
        "fuzz" => fuzz::fuzz(rest).map(|()| true),
        "soak" => soak::soak(rest).map(|()| true),
        "setup" => setup::everything().map(|()| true),
        "help" | "-h" | "--help" => {
            print!("{HELP}");
            Ok(true)
        }
        other => bail!("there is no verb {other}\n\n{HELP}"),
    }
}
