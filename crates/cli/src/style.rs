//! Terminal styles: colors, and the width of lines.

pub(crate) const RED: &str = "\u{1b}[1;31m";
pub(crate) const CYAN: &str = "\u{1b}[36m";
pub(crate) const GREEN: &str = "\u{1b}[1;32m";
pub(crate) const BOLD: &str = "\u{1b}[1m";
pub(crate) const DIM: &str = "\u{1b}[2m";
pub(crate) const YELLOW: &str = "\u{1b}[33m";
pub(crate) const RESET: &str = "\u{1b}[0m";

/// Returns the maximum width of a line. This is the width of the terminal, even if the output goes
/// through a pager; otherwise `COLUMNS`, or a width that suits logs.
pub(crate) fn width() -> usize {
    const LOG: usize = 140;
    let columns = || std::env::var("COLUMNS").ok()?.parse().ok();
    let terminal = |size: Option<(terminal_size::Width, _)>| Some(usize::from(size?.0.0));
    terminal(terminal_size::terminal_size_of(std::io::stdout()))
        .or_else(columns)
        .or_else(|| terminal(terminal_size::terminal_size_of(std::io::stderr())))
        .map_or(LOG, |width| width.clamp(40, LOG))
}
