//! Web servers that serve a built registry: `promptdex serve`, and nginx and Caddy with the
//! configurations that `promptdex host` writes.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use ureq::Agent;
use ureq::http::Request;

use crate::http::{self, Answer};

/// A limit that no operation exceeds, even on a busy machine.
const LONG: Duration = Duration::from_secs(30);

/// A folder with a tree of prompts, and the registry that was built from it.
pub(crate) struct Desk {
    folder: tempfile::TempDir,
    root: PathBuf,
}

impl Desk {
    /// Builds a tree of the repository.
    pub(crate) fn of(root: &Path) -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap(), root: root.to_owned() };
        desk.build();
        desk
    }

    /// Builds a tree of these files.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("prompts");
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let desk = Self { folder, root };
        desk.build();
        desk
    }

    fn build(&self) {
        assert!(self.promptdex(&["build"]).output().unwrap().status.success());
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn promptdex(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_promptdex"));
        command.arg("--root").arg(&self.root).args(arguments);
        command.current_dir(self.folder.path()).env_clear();
        command
    }

    /// Returns the files of the registry, by path.
    pub(crate) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let dist = self.path("dist");
        let entries = walkdir::WalkDir::new(&dist).sort_by_file_name().into_iter();
        entries
            .map(Result::unwrap)
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| {
                let path = entry.path().strip_prefix(&dist).unwrap().to_str().unwrap().to_owned();
                (path, fs::read(entry.path()).unwrap())
            })
            .collect()
    }

    /// Starts all web servers. The ones that are configured serve the registry below a path.
    pub(crate) fn hosts(&self, base: &str) -> [Host; 3] {
        let dist = self.path("dist").display().to_string();
        let configuration = |program: &str, port: u16| {
            let file = self.path(program);
            let listen = format!("127.0.0.1:{port}");
            let output = self
                .promptdex(&["host", program, &dist, "--listen", &listen, "--name", "127.0.0.1"])
                .args(["--base", base, "--output"])
                .arg(&file)
                .output()
                .unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            file
        };
        [
            Host::start("promptdex serve", "/", &self.path("serve.log"), |port| {
                self.promptdex(&["serve", &dist, "--port", &port.to_string()])
            }),
            Host::start("nginx", base, &self.path("nginx.log"), |port| {
                let site = configuration("nginx", port);
                // One process, which ends when it is ended, and no file outside of the folder.
                let whole = format!(
                    "daemon off; master_process off; error_log stderr; pid nginx.pid;\nevents {{}}\nhttp {{\n\
                     access_log off; client_body_temp_path a; proxy_temp_path b; fastcgi_temp_path c;\n\
                     uwsgi_temp_path d; scgi_temp_path e;\ninclude \"{}\";\n}}\n",
                    site.display()
                );
                fs::write(self.path("nginx.conf"), whole).unwrap();
                let mut nginx = Command::new(program("nginx"));
                nginx.arg("-p").arg(self.folder.path()).args(["-c", "nginx.conf"]);
                nginx
            }),
            Host::start("caddy", base, &self.path("caddy.log"), |port| {
                let site = configuration("caddy", port);
                let whole = format!(
                    "{{\n\tadmin off\n\tauto_https off\n}}\nimport \"{}\"\n",
                    site.display()
                );
                fs::write(self.path("Caddyfile"), whole).unwrap();
                let mut caddy = Command::new(program("caddy"));
                caddy.args(["run", "--adapter", "caddyfile", "--config"]);
                caddy.arg(self.path("Caddyfile")).env("HOME", self.folder.path());
                caddy
            }),
        ]
    }
}

/// Returns the path of a web server. Distributions install some where only administrators look.
fn program(name: &str) -> PathBuf {
    let sbin = Path::new("/usr/sbin").join(name);
    if sbin.is_file() { sbin } else { PathBuf::from(name) }
}

/// A running web server.
pub(crate) struct Host {
    pub(crate) name: &'static str,
    /// The path below which it serves the registry.
    base: String,
    address: String,
    agent: Agent,
    child: Child,
}

impl Drop for Host {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Host {
    /// Starts a web server on a free port, and waits until it listens.
    fn start(name: &'static str, base: &str, log: &Path, command: impl Fn(u16) -> Command) -> Self {
        let started = Instant::now();
        loop {
            let port = {
                let free = TcpListener::bind(("127.0.0.1", 0)).unwrap();
                free.local_addr().unwrap().port()
            };
            let file = File::create(log).unwrap();
            let mut command = command(port);
            command.stdout(file.try_clone().unwrap()).stderr(file);
            let mut child = command.spawn().unwrap_or_else(|error| {
                panic!("cannot start {name}, {error}: `cargo xtask test` installs it")
            });
            while child.try_wait().unwrap().is_none() {
                if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                    let (base, address) = (base.to_owned(), format!("127.0.0.1:{port}"));
                    return Self { name, base, address, agent: http::agent(Some(LONG)), child };
                }
                assert!(started.elapsed() < LONG, "{name} does not listen");
                std::thread::sleep(Duration::from_millis(5));
            }
            // Another process may have taken the port in between.
            let log = fs::read_to_string(log).unwrap();
            assert!(log.contains("in use") && started.elapsed() < LONG, "{name} ended:\n{log}");
        }
    }

    /// Returns the URL of the registry, without a slash at its end.
    pub(crate) fn url(&self) -> String {
        format!("http://{}{}", self.address, self.base.trim_end_matches('/'))
    }

    /// Returns the path of a file of the registry as a host-relative URL.
    pub(crate) fn path(&self, path: &str) -> String {
        format!("{}{}", self.base, path.trim_start_matches('/'))
    }

    /// Sends a request without a body for a path below the base.
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask_exactly(method, &format!("{}{path}", self.base.trim_end_matches('/')), headers)
    }

    /// Sends a request for a path of the host.
    pub(crate) fn ask_exactly(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request =
            Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        for &(name, value) in headers {
            request = request.header(name, value);
        }
        http::send(&self.agent, request.body(()).unwrap())
            .unwrap_or_else(|error| panic!("{}: {method} {path}: {error}", self.name))
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[])
    }
}
