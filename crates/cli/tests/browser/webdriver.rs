//! Drives Chromium over the [WebDriver protocol](https://www.w3.org/TR/webdriver2/), JSON over
//! HTTP. The protocol is implemented here, because the crates for it have a license that
//! `deny.toml` does not allow.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::Agent;
use ureq::http::Request;

use crate::http;

/// The limit for any operation of a page.
const PATIENCE: Duration = Duration::from_secs(20);

const MISSING: &str = "the browser tests need Chromium and its driver: install the Debian packages \
                       `chromium` and `chromium-driver`";

/// A script that runs in every page before its own scripts. It records refused requests and errors,
/// and the look of the page when its body began and when the app took over.
const WATCH: &str = r##"
(() => {
  const seen = { trouble: [], theme: undefined, taken: undefined };
  window.seen = seen;
  addEventListener("securitypolicyviolation", (event) => {
    seen.trouble.push(`refused by ${event.violatedDirective}: ${event.blockedURI || event.sample}`);
  }, true);
  addEventListener("error", (event) => {
    if (event.message) seen.trouble.push(event.message);
  }, true);
  addEventListener("unhandledrejection", (event) => seen.trouble.push(String(event.reason)));
  new MutationObserver((_, observer) => {
    if (document.body && seen.theme === undefined) {
      seen.theme = document.documentElement.dataset.theme ?? "none";
    }
    if (!document.querySelector("#app[data-ready]")) return;
    observer.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => { seen.taken = look(); }));
  }).observe(document, { subtree: true, childList: true, attributeFilter: ["data-ready"] });
  window.look = () => {
    const included = document.getElementById("included-by");
    if (included) included.hidden = true;
    const app = document.getElementById("app");
    const look = { text: app.innerText, height: document.documentElement.scrollHeight };
    // Only the app adds it, once it has the catalogue.
    if (included) included.hidden = false;
    return look;
  };
})();
"##;

/// A script that intercepts the messages between a page and its workers.
const HOLD: &str = "
window.held = { isOn: true, questions: [], ended: 0 };
window.Worker = class extends Worker {
  postMessage(question) {
    held.questions.push(question);
    if (!held.isOn) super.postMessage(question);
  }
  terminate() {
    held.ended += 1;
    super.terminate();
  }
};
";

/// A browser with a profile of its own: empty storage, and no other tabs.
pub(crate) struct Browser {
    chromedriver: Child,
    /// The output of chromedriver, which must stay open.
    _talk: BufReader<ChildStdout>,
    agent: Agent,
    /// The URL of all sessions.
    address: String,
    /// The part of the URL that names this session.
    session: String,
    /// The process id of Chromium.
    process: String,
    _profile: TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It ends Chromium, its child. If it does not answer, Chromium is ended by its own number.
        if self.ask("DELETE", "", None).is_err() && !self.process.is_empty() {
            drop(Command::new("kill").arg(&self.process).status());
        }
        drop(self.chromedriver.kill());
        drop(self.chromedriver.wait());
    }
}

impl Browser {
    pub(crate) fn start() -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null());
        let mut chromedriver = command
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start chromedriver, {error}: {MISSING}"));
        let mut talk = BufReader::new(chromedriver.stdout.take().unwrap());
        let mut line = String::new();
        let port = loop {
            line.clear();
            assert!(talk.read_line(&mut line).unwrap() > 0, "chromedriver ended: {MISSING}");
            if let Some((_, port)) = line.split_once("successfully on port ") {
                break port.trim().trim_end_matches('.').to_owned();
            }
        };
        let address = format!("http://127.0.0.1:{port}/session");
        let user_data = format!("--user-data-dir={}", profile.path().display());
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--force-prefers-reduced-motion",
            // Tests type faster than people, and each letter goes to the address.
            "--disable-ipc-flooding-protection",
            "--window-size=1280,900",
            &user_data,
        ];
        let capabilities = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"args": arguments},
            // A dialog fails the next command, and so the test.
            "unhandledPromptBehavior": "ignore",
        }}});
        let (session, process) = (String::new(), String::new());
        let agent = http::agent(None);
        let mut browser =
            Self { chromedriver, _talk: talk, agent, address, session, process, _profile: profile };
        let session = browser
            .ask("POST", "", Some(&capabilities))
            .unwrap_or_else(|error| panic!("cannot start Chromium: {MISSING}\n{error}"));
        browser.session = format!("/{}", session["sessionId"].as_str().unwrap());
        browser.process = session["capabilities"]["goog:processID"].to_string();
        browser.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({"source": WATCH}));
        browser.size(1280);
        browser
    }

    /// Sends a command of the session, and returns its value.
    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
        let url = format!("{}{}{path}", self.address, self.session);
        let request = Request::builder().method(method).uri(url);
        let answer = match body {
            Some(body) => http::send(&self.agent, request.body(body.to_string()).unwrap()),
            None => http::send(&self.agent, request.body(()).unwrap()),
        };
        let answer = answer.map_err(|error| format!("chromedriver does not answer: {error}"))?;
        let mut answer: Value =
            serde_json::from_str(&answer.text()).map_err(|error| error.to_string())?;
        let value = answer["value"].take();
        match value["error"].as_str() {
            Some(error) => {
                Err(format!("{error}: {}", value["message"].as_str().unwrap_or_default()))
            }
            None => Ok(value),
        }
    }

    #[track_caller]
    fn post(&self, path: &str, body: &Value) -> Value {
        match self.ask("POST", path, Some(body)) {
            Ok(value) => value,
            Err(error) => panic!("{path}: {error}"),
        }
    }

    /// Sends a command of the Chrome `DevTools` Protocol.
    #[track_caller]
    pub(crate) fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.post("/goog/cdp/execute", &json!({"cmd": command, "params": parameters}))
    }

    /// Sets the width of the page.
    pub(crate) fn size(&self, width: u32) {
        self.size_of(width, 900);
    }

    /// Sets the width and height of the page.
    pub(crate) fn size_of(&self, width: u32, height: u32) {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Sets the preferred color scheme of the system.
    pub(crate) fn prefer(&self, scheme: &str) {
        self.prefer_all("", &[("prefers-color-scheme", scheme)]);
    }

    /// Sets the media type of the page, `print` or none, and the preferences of the system.
    pub(crate) fn prefer_all(&self, media: &str, features: &[(&str, &str)]) {
        let feature = |&(name, value): &(&str, &str)| json!({"name": name, "value": value});
        let features: Vec<Value> = features.iter().map(feature).collect();
        let media = json!({"media": media, "features": features});
        self.devtools("Emulation.setEmulatedMedia", &media);
    }

    /// Turns the scripts of pages off or on.
    pub(crate) fn scripts(&self, are_on: bool) {
        // The next page is loaded anew, also when only the place on it is another.
        self.open("about:blank");
        self.devtools("Emulation.setScriptExecutionDisabled", &json!({"value": !are_on}));
    }

    /// Holds back the messages to workers until `held.isOn` is false, as if the workers were busy.
    pub(crate) fn hold_workers(&self) {
        self.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({"source": HOLD}));
    }

    /// Opens a URL, and waits until the page has loaded with its styles.
    #[track_caller]
    pub(crate) fn open(&self, url: &str) {
        self.post("/url", &json!({"url": url}));
        // On a busy machine, the driver answers too early where the scripts of pages are off.
        let loaded = format!(
            "return document.readyState === 'complete' \
             && (location.href !== 'about:blank') === {}",
            url != "about:blank"
        );
        self.wait(url, &loaded);
    }

    /// Opens a URL, and waits until the app has taken over.
    #[track_caller]
    pub(crate) fn visit(&self, url: &str) {
        self.open(url);
        self.wait(&format!("the app at {url}"), "return Boolean(window.seen?.taken)");
    }

    #[track_caller]
    pub(crate) fn back(&self) {
        self.post("/back", &json!({}));
    }

    #[track_caller]
    pub(crate) fn forward(&self) {
        self.post("/forward", &json!({}));
    }

    #[track_caller]
    pub(crate) fn reload(&self) {
        self.post("/refresh", &json!({}));
        self.wait("the app", "return Boolean(window.seen?.taken)");
    }

    /// Runs a script `return …` in the page, and returns its value.
    #[track_caller]
    pub(crate) fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({"script": script, "args": []}))
    }

    /// Runs a script that calls `arguments[0]` with its value.
    #[track_caller]
    pub(crate) fn run_until_called(&self, script: &str) -> Value {
        self.post("/execute/async", &json!({"script": script, "args": []}))
    }

    /// Runs a script that returns a text.
    #[track_caller]
    pub(crate) fn text(&self, script: &str) -> String {
        match self.run(script) {
            Value::String(text) => text,
            other => panic!("{script}: not a text but {other}"),
        }
    }

    /// Runs a script that returns a list of texts.
    #[track_caller]
    pub(crate) fn texts(&self, script: &str) -> Vec<String> {
        let value = self.run(script);
        serde_json::from_value(value).unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Waits until a script returns true.
    #[track_caller]
    pub(crate) fn wait(&self, what: &str, script: &str) {
        let start = Instant::now();
        while self.run(script) != Value::Bool(true) {
            assert!(
                start.elapsed() < PATIENCE,
                "waited in vain for {what}\n{script}\n{}\n{}",
                self.trouble().join("\n"),
                self.text("return document.body.innerText.slice(0, 2000)")
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Opens a URL in a new tab, and returns the result of a script there.
    #[track_caller]
    pub(crate) fn in_another_tab(&self, url: &str, script: &str) -> Vec<String> {
        let here = self.ask("GET", "/window", None).unwrap();
        let tab = self.post("/window/new", &json!({"type": "tab"}));
        self.post("/window", &json!({"handle": tab["handle"]}));
        self.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({"source": WATCH}));
        self.visit(url);
        let texts = self.texts(script);
        self.assert_calm(url);
        self.ask("DELETE", "/window", None).unwrap();
        self.post("/window", &json!({"handle": here}));
        texts
    }

    #[track_caller]
    pub(crate) fn click(&self, selector: &str) {
        let find = json!({"using": "css selector", "value": selector});
        let element = self.post("/element", &find);
        let id = element.as_object().and_then(|found| found.values().next()).unwrap();
        self.post(&format!("/element/{}/click", id.as_str().unwrap()), &json!({}));
    }

    /// Presses keys one after the other, on the focused element.
    #[track_caller]
    pub(crate) fn press(&self, keys: &str) {
        let stroke = |key: char| {
            let key = key.to_string();
            [json!({"type": "keyDown", "value": key}), json!({"type": "keyUp", "value": key})]
        };
        self.act(&keys.chars().flat_map(stroke).collect::<Vec<_>>());
    }

    /// Moves to the previous stop with Shift and Tab.
    #[track_caller]
    pub(crate) fn press_back(&self) {
        let (down, up) = ("keyDown", "keyUp");
        let strokes = [(down, key::SHIFT), (down, key::TAB), (up, key::TAB), (up, key::SHIFT)];
        self.act(&strokes.map(|(act, key)| json!({"type": act, "value": key})));
    }

    #[track_caller]
    fn act(&self, strokes: &[Value]) {
        let keys = json!({"type": "key", "id": "keys", "actions": strokes});
        self.post("/actions", &json!({"actions": [keys]}));
    }

    /// Returns the problems of the page since the last call: requests that the policy refused,
    /// errors in scripts, and warnings and errors in the console.
    #[track_caller]
    pub(crate) fn trouble(&self) -> Vec<String> {
        let mut trouble = self.texts("return (window.seen?.trouble ?? []).splice(0)");
        let console = self.post("/se/log", &json!({"type": "browser"}));
        for entry in console.as_array().into_iter().flatten() {
            if matches!(entry["level"].as_str(), Some("WARNING" | "SEVERE")) {
                trouble.push(format!("console: {}", entry["message"].as_str().unwrap_or_default()));
            }
        }
        trouble
    }

    /// Fails if the page had any problems.
    #[track_caller]
    pub(crate) fn assert_calm(&self, place: &str) {
        let trouble = self.trouble();
        assert!(trouble.is_empty(), "{place}:\n{}", trouble.join("\n"));
    }

    /// Fails if the page had any problems, except for missing files in the console: a missing page,
    /// and its search for the registry's folder.
    #[track_caller]
    pub(crate) fn assert_calm_but_missing(&self, place: &str) {
        let is_missing = |line: &String| {
            line.starts_with("console: ")
                && (line.contains("status of 404")
                    || line.contains("Refused to execute script") && line.contains("/not-found-"))
        };
        let trouble: Vec<String> =
            self.trouble().into_iter().filter(|line| !is_missing(line)).collect();
        assert!(trouble.is_empty(), "{place}:\n{}", trouble.join("\n"));
    }
}

/// Keys without a character, by their names in the protocol.
pub(crate) mod key {
    pub(crate) const TAB: &str = "\u{E004}";
    pub(crate) const ENTER: &str = "\u{E007}";
    pub(crate) const DOWN: &str = "\u{E015}";
    pub(crate) const SHIFT: &str = "\u{E008}";
}
