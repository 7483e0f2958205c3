//! `./x soak NAME`: what takes hours, with real processes in real time.

use crate::cmd;
use crate::run;
use anyhow::{Context, Result, bail};

/// Runs one.
pub(crate) fn soak(args: &[String]) -> Result<()> {
    let (name, minutes) = match args {
        [name] => (name, 60),
        [name, option, n] if option == "--minutes" => {
            (name, n.parse().context("--minutes takes a number")?)
        }
        _ => bail!("./x soak hub-away [--minutes N]"),
    };
    if name != "hub-away" {
        bail!("there is no soak {name}. There is: hub-away");
    }
    let binary = run::build(false)?;
    let seconds: u64 = minutes * 60;
    let mut command = cmd::cargo(&["test", "-p", "obhut-tests", "--", "--nocapture"]);
    command
        .arg("cameras::away::nothing_is_missing_on_sqlite")
        .env("OBHUT_BIN", binary)
        .env("OBHUT_AWAY_S", seconds.to_string());
    cmd::run(command)
}
