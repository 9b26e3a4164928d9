//! The `promptdex` command.

mod baseline;
mod ci;
mod cli;
mod commands;
mod embedded_site;
mod exit;
mod failure;
mod help;
mod input_file;
mod output;
mod publication_report;
mod run_context;
mod style;
mod time_argument;
mod ui;

use std::process::ExitCode;

use clap::Parser as _;

use cli::{Cli, Command};
use exit::Exit;
use ui::Ui;

/// A build allocates and frees many small values on all cores; with the system allocator, that
/// takes 15% of its time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let ui = Ui::new(cli.global.color, cli.global.quiet);
    let root = &cli.global.root;
    let result = match &cli.command {
        Command::Init(args) => commands::init::run(&ui, root, args),
        Command::New(args) => commands::new::run(&ui, root, args),
        Command::Check(args) => commands::check::run(&ui, root, args),
        Command::Fix(args) => commands::fix::run(&ui, root, args),
        Command::Render(args) => commands::render::run(&ui, root, args),
        Command::Log(args) => commands::log::run(&ui, root, args),
        Command::Diff(args) => commands::diff::run(&ui, root, args),
        Command::Version(args) => commands::version::run(&ui, root, args),
        Command::Promote(args) => commands::promote::run(&ui, root, args),
        Command::Rollback(args) => commands::rollback::run(&ui, root, args),
        Command::UpdateIncludes(args) => commands::update_includes::run(&ui, root, args),
        Command::Deprecate(args) => commands::deprecate::run(&ui, root, args),
        Command::Yank(args) => commands::yank::run(&ui, root, args),
        Command::Archive(args) => commands::archive::run(&ui, root, args),
        Command::Redact(args) => commands::redact::run(&ui, root, args),
        Command::Record(args) => commands::record::run(&ui, root, args),
        Command::Report(args) => commands::report::run(&ui, root, args),
        Command::Ci(args) => commands::ci::run(&ui, root, args),
        Command::Codeowners(args) => commands::codeowners::run(&ui, root, args),
        Command::Build(args) => commands::build::run(&ui, root, args),
        Command::Publish(args) => commands::publish::run(&ui, root, args),
        Command::Serve(args) => commands::serve::run(&ui, root, args),
        Command::Host(args) => commands::host::run(&ui, root, args),
        Command::Explain(args) => commands::explain::run(&ui, args),
        Command::Completions(args) => commands::completions::run(&ui, args),
    };
    let exit = result.unwrap_or_else(|error| {
        ui.error(error.as_ref());
        Exit::Failed
    });
    exit.into()
}
