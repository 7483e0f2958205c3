//! The command line: `obhut serve` is the whole server, everything else is a tool.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line talks to its terminal"
)]

mod audit;
mod camera;
mod check;
mod demo;
mod ends;
mod serve;
mod setting;
mod simulate;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "obhut",
    version,
    about = "Watches over people and places without putting people under surveillance."
)]
struct Cli {
    /// The configuration file; `obhut.toml` here, if there is one and none is named. For `obhut camera` the file with
    /// its cameras.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Runs the server.
    Serve {
        /// A fictional fire brigade to try things out; keeps to a folder of its own.
        #[arg(long)]
        demo: bool,
        /// Does not limit how often anonymous requests come; for benches alone.
        #[arg(long, hide = true)]
        no_limits: bool,
    },
    /// The configuration.
    Config {
        #[command(subcommand)]
        verb: ConfigVerb,
    },
    /// Prints a new link to set the installation up; only while there is no organisation.
    SetupLink,
    /// Runs the agent beside the cameras: records, seals and sends what they show.
    Camera(camera::Camera),
    /// Stand-ins to try things out with.
    Simulate {
        #[command(subcommand)]
        verb: SimulateVerb,
    },
    /// What cameras recorded.
    Video {
        #[command(subcommand)]
        verb: VideoVerb,
    },
    /// The log of acts that matter.
    Audit {
        #[command(subcommand)]
        verb: AuditVerb,
    },
}

#[derive(Subcommand)]
enum ConfigVerb {
    /// Says what is in force, where it comes from and what is questionable.
    Check,
}

#[derive(Subcommand)]
enum SimulateVerb {
    /// An RTSP camera that plays a drawn scene with a clock, or a file.
    Camera(simulate::Simulate),
}

#[derive(Subcommand)]
enum VideoVerb {
    /// Checks that index, files and keys of the recordings agree. The server may go on running.
    Check,
}

#[derive(Subcommand)]
enum AuditVerb {
    /// Checks that nothing in the log was changed. The server may go on running.
    Verify {
        /// A file with a checkpoint kept from earlier: finds a log that was rewritten as a whole.
        #[arg(long)]
        checkpoint: Option<PathBuf>,
        /// Only the log of this organisation (`org_…`), or `installation`.
        #[arg(long)]
        log: Option<String>,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    // An agent does little at a time: one thread passes pictures on, without handing them around.
    let mut runtime = match cli.verb {
        Verb::Camera(_) | Verb::Simulate { .. } => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    let runtime = match runtime.enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("obhut: the runtime can't start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let done = runtime.block_on(async {
        let config = cli.config.as_deref();
        match cli.verb {
            Verb::Serve { demo, no_limits } => serve::run(config, demo, !no_limits).await,
            Verb::Config {
                verb: ConfigVerb::Check,
            } => setting::check(config),
            Verb::SetupLink => serve::setup_link(config).await,
            Verb::Camera(args) => camera::run(args, cli.config).await,
            Verb::Simulate {
                verb: SimulateVerb::Camera(args),
            } => simulate::run(args).await,
            Verb::Video {
                verb: VideoVerb::Check,
            } => check::recordings(config).await,
            Verb::Audit {
                verb: AuditVerb::Verify { checkpoint, log },
            } => audit::verify(config, checkpoint.as_deref(), log.as_deref()).await,
        }
    });
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("obhut: {error:#}");
            ExitCode::FAILURE
        }
    }
}
