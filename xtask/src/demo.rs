//! Builds promptdex with its site, and serves the sample prompt tree.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Context as _, bail};

use crate::programs::cargo;
use crate::site;
use crate::steps::{self, Step};

/// The port of the URLs in the documentation.
const PORT: u16 = 8017;

/// The number of ports to try.
const TRIES: u16 = 100;

pub(crate) fn run(port: Option<&str>) -> anyhow::Result<()> {
    let port = match port {
        Some(text) => text.parse().with_context(|| format!("`{text}` is not a port"))?,
        None => PORT,
    };
    let free = free_port(port)?;
    let mut steps = site::steps();
    steps.push(Step::new("compile promptdex", 110, || cargo(&["build", "--package", "promptdex"])));
    let serve = format!("serve prompts/ on http://127.0.0.1:{free}/ until you press Ctrl-C");
    steps.push(Step::new(serve, 0, move || {
        // The build takes minutes, so the port may be taken by now.
        let port = free_port(free)?.to_string();
        cargo(&["run", "--quiet", "--package", "promptdex", "--", "serve", "--port", &port])
    }));
    steps::run("demo", steps)
}

/// Returns the first free port from `wanted` on. Prints a note if it is a different one.
fn free_port(wanted: u16) -> anyhow::Result<u16> {
    for port in wanted..=wanted.saturating_add(TRIES) {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(_) if port == wanted => return Ok(port),
            Ok(_) => {
                eprintln!("Port {wanted} is taken: the demo uses {port}, http://127.0.0.1:{port}/");
                return Ok(port);
            }
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            Err(error) => {
                return Err(error).with_context(|| format!("cannot listen on port {port}"));
            }
        }
    }
    bail!("the ports from {wanted} on are taken: name another, as in `cargo xtask demo 9000`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_taken_is_passed_over() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let free = free_port(port).unwrap();
        assert!((port + 1..=port + TRIES).contains(&free), "{port} {free}");
        drop(taken);
        assert_eq!(free_port(port).unwrap(), port);
    }
}
