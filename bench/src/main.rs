//! What must be measured: `obhut-bench alarm-fanout|live|playback|record|seal|start|store [--runs N] [--quick]`.
//!
//! Started by `./x bench NAME`, which builds the server as it is shipped and names it in `OBHUT_BIN`. Prints
//! one JSON object a line, each the median of five runs, with the machine's load and stolen time beside it;
//! single runs and remarks go to standard error. Measures only; it judges nothing.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool talks to whoever typed the command"
)]

mod browser;
mod child;
mod fanout;
mod fill;
mod machine;
mod record;
mod report;
mod scratch;
mod seal;
mod seed;
mod start;
mod store;

use anyhow::{Context as _, Result, bail};

const USAGE: &str =
    "obhut-bench alarm-fanout|live|playback|record|seal|start|store [--runs N] [--quick]";

/// How to measure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Runs of which the median is taken.
    pub(crate) runs: usize,
    /// Everything ten times smaller, to try the bench itself; the names then say so.
    pub(crate) quick: bool,
}

impl Plan {
    fn parse(args: &[String]) -> Result<Self> {
        let mut plan = Self {
            runs: 5,
            quick: false,
        };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--runs" => {
                    let runs = args.next().context("--runs takes a number")?;
                    plan.runs = runs.parse().context("--runs takes a number")?;
                }
                "--quick" => plan.quick = true,
                other => bail!("{other}? {USAGE}"),
            }
        }
        if plan.runs == 0 {
            bail!("--runs takes a number above 0");
        }
        Ok(plan)
    }

    /// A size, or a tenth of it.
    pub(crate) const fn size(self, full: usize) -> usize {
        if self.quick { full / 10 } else { full }
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (name, rest) = args.split_first().context(USAGE)?;
    if name == "fill" {
        // What `playback` starts from its browser's side.
        return fill::run(rest.first().context("fill which folder?")?.as_ref()).await;
    }
    let plan = Plan::parse(rest)?;
    match name.as_str() {
        "alarm-fanout" => fanout::run(plan).await,
        "live" | "playback" => browser::run(name, plan),
        "record" => record::run(plan).await,
        "seal" => seal::run(plan),
        "start" => start::run(plan).await,
        "store" => store::run(plan).await,
        other => bail!("{other}? {USAGE}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Result<Plan> {
        let args: Vec<String> = args.iter().map(|it| (*it).to_owned()).collect();
        Plan::parse(&args)
    }

    #[test]
    fn options_are_read() {
        let plan = parse(&["--runs", "3", "--quick"]).unwrap();
        assert_eq!((plan.runs, plan.size(10_000)), (3, 1000));
        assert_eq!(parse(&[]).unwrap().runs, 5);
        for wrong in [&["--runs"][..], &["--runs", "0"], &["--fast"]] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
