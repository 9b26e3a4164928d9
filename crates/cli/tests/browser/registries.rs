//! The registries for the browser tests. Each is built once per run, in the target folder.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Builds the sample prompts. Most of them were published one version later than the rest, so that
/// there is a history.
pub(crate) fn ours() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let prompts = workspace().join("prompts");
        let (tree, output) = empty_folders("ours");
        copy(&prompts, &tree);
        let pointer = "shared/tone/environments/staging.yaml";
        fs::write(tree.join(pointer), "version: 1.0.0\n").unwrap();
        build(&tree, &output, &[]);
        fs::copy(prompts.join(pointer), tree.join(pointer)).unwrap();
        build(&tree, &output, &["--previous", output.to_str().unwrap()]);
        output
    })
}

/// Builds a prompt with a variable of each type, in a registry with the given tokenizer.
pub(crate) fn forms(tokenizer: &str) -> &'static Path {
    static BUILT: [OnceLock<PathBuf>; 2] = [const { OnceLock::new() }; 2];
    BUILT[usize::from(tokenizer == "o200k_base")].get_or_init(|| {
        let (tree, output) = empty_folders(tokenizer);
        let write = |path: &str, value: &Value| {
            let file = tree.join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, value.to_string()).unwrap();
        };
        write("registry.yaml", &json!({"registry": "forms", "tokenizer": tokenizer}));
        let kinds = [
            ("text", "string"),
            ("whole", "integer"),
            ("number", "number"),
            ("truth", "boolean"),
            ("list", "array"),
            ("map", "object"),
            ("picture", "image"),
            ("paper", "file"),
            ("sound", "audio"),
        ];
        let mut variables: Vec<Value> = kinds
            .iter()
            .map(|(name, kind)| {
                let required = matches!(*name, "text" | "whole");
                json!({"name": name, "type": kind, "required": required})
            })
            .collect();
        variables.push(json!({"name": "choice", "enum": ["warm", "calm"], "required": false}));
        variables.push(json!({"name": "secret", "sensitive": true, "required": false}));
        let folder = "all/types/v1.0.0";
        write(
            &format!("{folder}/metadata.json"),
            &json!({"template": "jinja", "variables": variables}),
        );
        // Each message is counted separately, so that several messages make a difference.
        let printed = ["number", "truth", "list | tojson", "map | tojson"];
        let optional: String = printed
            .iter()
            .map(|value| {
                let name = value.split(' ').next().unwrap_or(value);
                format!("{{% if {name} %}}{name}: {{{{ {value} }}}}\n{{% endif %}}")
            })
            .collect();
        let turn = |role: &str, content: &str| json!({"role": role, "content": content});
        let messages = json!([
            turn("system", &format!("{{{{ text }}}} {{{{ whole }}}}\n{optional}")),
            turn("user", "  {{ text }}  "),
            turn(
                "user",
                "{% if choice %}{{ choice }}{% endif %}. {% if secret %}{{ secret }}{% endif %}"
            ),
        ]);
        write(&format!("{folder}/messages.yaml"), &messages);
        // Without the sensitive value, which would be counted but not published.
        let texts = [
            "plain words",
            "請以繁體中文回答。ご注文ありがとう 안녕",
            "👩‍👩‍👧‍👦 🤖🏳️‍🌈 e\u{301}\u{301}",
            "  \n\r\n x  \t don't 1234567",
        ];
        let case = |(number, text): (usize, &&str)| {
            let values = json!({"text": text, "whole": number});
            json!({"name": format!("case {number}"), "variables": values})
        };
        let cases: Vec<Value> = texts.iter().enumerate().map(case).collect();
        write("all/types/cases/1.0.0.yaml", &json!(cases));
        build(&tree, &output, &[]);
        output
    })
}

/// Builds a registry of 10,000 prompts with 90,000 files, in a memory file system if there is one.
pub(crate) fn large() -> TempDir {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    let folder = tempfile::Builder::new().prefix("promptdex-large-").tempdir_in(folder).unwrap();
    let tree = folder.path().join("tree");
    fs::create_dir(&tree).unwrap();
    fs::write(
        tree.join("registry.yaml"),
        "registry: large
visibility: public
",
    )
    .unwrap();
    (0..LARGE).for_each(|number| write_prompt(&tree, number));
    build(&tree, &folder.path().join("dist"), &[]);
    folder
}

pub(crate) const LARGE: usize = 10_000;

const FOLDERS: [&str; 7] =
    ["billing", "customer-support", "engineering", "hr/onboarding", "hr/reviews", "legal", "sales"];
const VERBS: [&str; 6] = ["Draft", "Sort", "Summarise", "Translate", "Check", "Answer"];
const THINGS: [&str; 11] = [
    "refund request",
    "angry customer letter",
    "pull request",
    "contract clause",
    "invoice",
    "incident report",
    "job application",
    "release note",
    "returned parcel",
    "meeting minutes",
    "Straße und Größe",
];
const TAGS: [&str; 5] = ["Drafts", "billing", "two words", "json", "de"];
const OWNERS: [&str; 17] = [
    "ana", "ben", "chi", "dee", "eva", "fay", "gus", "hal", "ida", "jon", "kim", "leo", "mia",
    "ned", "oki", "pia", "@quinn",
];

fn write_prompt(tree: &Path, number: usize) {
    let folder = FOLDERS[number % FOLDERS.len()];
    let thing = THINGS[number % THINGS.len()];
    let verb = VERBS[number / 3 % VERBS.len()];
    let leaf = thing.split(' ').next().unwrap().to_lowercase().replace('ß', "ss");
    let prompt = tree.join(folder).join(format!("{leaf}-{number:05}"));
    let versions = if number.is_multiple_of(4) { &["1.0.0", "1.1.0"][..] } else { &["1.0.0"] };
    for version in versions {
        let folder = prompt.join(format!("v{version}"));
        fs::create_dir_all(&folder).unwrap();
        let mut text = format!("{verb} the {thing} of case {number}.");
        if let 0..3 = number % 13 {
            let input = format!("input_{}", number % 13);
            write!(text, "{{{{ {input} }}}}").unwrap();
            let model = format!("model-{}", number % 3);
            let metadata = json!({"variables": {input: "string"}, "model": model});
            fs::write(folder.join("metadata.json"), metadata.to_string()).unwrap();
        }
        // A word that occurs only in the text.
        write!(text, " Stay {}.", ["polite", "brief", "calm"][number % 3]).unwrap();
        match number % 40 {
            3 => text.push_str(" Offer a Repayment\nplan."),
            4 => text.push_str(" Plan the repayment."),
            7 => text.push_str("处理退款申请前，请核对订单。"),
            _ => {}
        }
        if *version != *versions.last().unwrap() {
            text.push_str(" An antique wording.");
        }
        fs::write(folder.join("system_prompt.txt"), text).unwrap();
    }
    let mut tags = vec![TAGS[number % TAGS.len()]];
    if number.is_multiple_of(9) {
        tags.push("urgent");
    }
    let facts = json!({
        "title": format!("{verb} the {thing}"),
        "description": format!("Number {number} of many."),
        "tags": tags,
        "owners": [OWNERS[number % OWNERS.len()]],
    });
    let deprecated = "\ndeprecated: {1.0.0: use another}\n";
    let deprecated = if number.is_multiple_of(50) { deprecated } else { "" };
    // JSON is valid YAML without its outer braces.
    let mut yaml = String::new();
    for (key, value) in facts.as_object().unwrap() {
        writeln!(yaml, "{key}: {value}").unwrap();
    }
    fs::write(prompt.join("prompt.yaml"), yaml + deprecated).unwrap();
    // `dev` serves the highest version without a pointer file.
    let environments = prompt.join("environments");
    fs::create_dir(&environments).unwrap();
    let highest = versions.last().unwrap();
    if !number.is_multiple_of(10) {
        fs::write(environments.join("staging.yaml"), format!("version: {highest}\n")).unwrap();
    }
    if number.is_multiple_of(2) {
        fs::write(environments.join("production.yaml"), "version: 1.0.0\n").unwrap();
    }
}

/// Attacks by a hostile author, one for each kind of text.
pub(crate) const HOSTILE: [&str; 12] = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "<svg onload=alert(3)><a href=\"javascript:alert(3)\">x</a></svg>",
    "</pre></code></bdi></span></div></main><iframe src=\"javascript:alert(4)\"></iframe>",
    "\" onmouseover=\"alert(5)\" autofocus onfocus=\"alert(5)\" x=\"",
    "' onclick='alert(6)' style='position:fixed",
    "</title></textarea></style></noscript><script>alert(7)</script>",
    "javascript:alert(8)",
    "]]>--><script>alert(9)</script><!--",
    "${alert(10)}{{constructor.constructor('alert(10)')()}}",
    "&lt;script&gt;alert(11)&lt;/script&gt; &amp;amp; &#60;b>",
    "مرحبا <b>שלום</b> 你好，世界 🏳️‍🌈",
];

/// Text with invisible characters. The tree accepts it, because its policy turns the check off.
pub(crate) const INVISIBLE: &str =
    "turned \u{202E}round\u{202C} and \u{2066}apart\u{2069}, \u{E0068}\u{E0069}tagged";

/// The number of lines of the long prompt.
pub(crate) const LINES: usize = 1_200;

/// Builds a registry in which every text is an attack, as far as `promptdex check` accepts it.
pub(crate) fn hostile() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let (tree, output) = empty_folders("hostile");
        write_hostile(&tree);
        build(&tree, &output, &[]);
        output
    })
}

fn write_hostile(tree: &Path) {
    let write = |path: &str, text: &str| {
        let file = tree.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    let write_json = |path: &str, value: &Value| write(path, &value.to_string());
    write("policy.yaml", "checks: {invisible-character: off}\n");
    // A URL must not contain quotation marks, angle brackets and spaces.
    let registry = json!({
        "registry": "hostile",
        "url": "http://127.0.0.1/%27onmouseover=%27alert%2820%29%27/",
        "repository": {
            "url": "https://127.0.0.1/%27onclick=%27alert%2821%29%27",
            "branch": "\"><script>alert(22)</script>",
            "path": "' onclick='alert(23)",
        },
    });
    write_json("registry.yaml", &registry);
    let every = HOSTILE.join("\n");
    let long = "W".repeat(700);
    let facts = |title: &str| {
        let mut yaml = String::new();
        let facts = json!({
            "title": title,
            "description": format!("{every} {INVISIBLE} {long}"),
            "tags": HOSTILE.iter().chain([&long.as_str()]).collect::<Vec<_>>(),
            "owners": HOSTILE,
        });
        for (key, value) in facts.as_object().unwrap() {
            writeln!(yaml, "{key}: {value}").unwrap();
        }
        yaml
    };
    let variables = json!([
        {"name": "input", "description": format!("{every} {INVISIBLE} {long}"), "enum": HOSTILE, "default": HOSTILE[0]},
        {"name": "picture", "type": "image", "required": false},
    ]);
    let metadata = json!({
        "description": format!("{every} {INVISIBLE} {long}"),
        "created_by": HOSTILE[1],
        "template": "jinja",
        "model": HOSTILE[0],
        "tags": HOSTILE,
        "variables": variables,
        "parameters": {HOSTILE[0]: HOSTILE[3]},
        "metadata": {HOSTILE[2]: [HOSTILE[4], long]},
        "origin": {"system": HOSTILE[0], "name": HOSTILE[1], "version": HOSTILE[2], "url": "javascript:alert(30)"},
    });
    write("attack/messages/prompt.yaml", &facts(HOSTILE[0]));
    let version = "attack/messages/v1.0.0";
    write_json(&format!("{version}/metadata.json"), &metadata);
    let text = format!(
        "{{% raw %}}{every}{{% endraw %}}\n{INVISIBLE}\n{long}\n{{# {} #}}\n{{{{ input }}}}\n{{% include \"attack/included@1.0.0\" %}}",
        HOSTILE[0]
    );
    let messages = json!([
        {"role": "system", "name": HOSTILE[4], "content": text},
        {"role": "assistant", "tool_calls": [{"id": HOSTILE[0], "function": {"name": HOSTILE[1], "arguments": HOSTILE[3]}}]},
        {"role": "tool", "tool_call_id": HOSTILE[3], "content": format!("{{% raw %}}{}{{% endraw %}}", HOSTILE[9])},
        {"examples": {"user": "{{ input }}", "assistant": "{{ output }}"}},
        {"placeholder": HOSTILE[2]},
        {"role": "user", "content": [
            {"type": "text", "text": format!("{{% raw %}}{}{{% endraw %}}", HOSTILE[3])},
            {"type": "image", "url": "javascript:alert(31)", "media_type": HOSTILE[1]},
            {"type": "image", "variable": "picture", "media_type": "image/<script>alert(32)</script>"},
            {"type": "image", "file": "files/picture.svg", "media_type": "image/svg+xml"},
        ]},
    ]);
    write_json(&format!("{version}/messages.yaml"), &messages);
    write(
        &format!("{version}/files/picture.svg"),
        "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(33)\"><script>alert(34)</script></svg>",
    );
    let examples: Vec<Value> = HOSTILE
        .iter()
        .map(|text| json!({"input": text, "output": long, *text: {"text": text}}))
        .collect();
    write_json(&format!("{version}/examples.json"), &json!(examples));
    write_json(
        &format!("{version}/response_schema.json"),
        &json!({"type": "object", "title": HOSTILE[0], "description": every}),
    );
    write_json(
        &format!("{version}/tools.json"),
        &json!([{"name": HOSTILE[1], "description": every, "input_schema": {"type": "object", "description": HOSTILE[3]}}]),
    );
    let cases: Vec<Value> = HOSTILE
        .iter()
        .map(|text| {
            json!({"name": text, "variables": {"input": text}, "expect": {"contains": [text], "not_contains": [format!("{text}{long}")]}})
        })
        .collect();
    write_json("attack/messages/cases/1.0.0.yaml", &json!(cases));
    write("attack/messages/environments/production.yaml", &rollout("1.0.0"));

    write("attack/included/prompt.yaml", &(facts(HOSTILE[6]) + &reasons()));
    for version in ["0.7.0", "0.8.0", "0.9.0", "1.0.0"] {
        let folder = format!("attack/included/v{version}");
        write(&format!("{folder}/system_prompt.txt"), HOSTILE[11]);
        write_json(
            &format!("{folder}/metadata.json"),
            &json!({"template": "plain", "created_by": HOSTILE[0], "description": HOSTILE[8]}),
        );
    }

    let mut lines = String::new();
    for number in 1..=LINES {
        writeln!(lines, "{number} {}", HOSTILE[number % HOSTILE.len()]).unwrap();
    }
    write(
        "attack/long/v1.0.0/system_prompt.txt",
        &(lines + &"长い一行 ".repeat(400) + &"x".repeat(2_000)),
    );
    write_json("attack/long/v1.0.0/metadata.json", &json!({"template": "plain"}));
    write("attack/long/prompt.yaml", &facts(&long));
    write_rewritten(write);
}

/// Builds a registry of versions with known differences, which are counted where they are written.
pub(crate) fn compared() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let (tree, output) = empty_folders("compared");
        fs::write(tree.join("registry.yaml"), "registry: compared\n").unwrap();
        let pairs = [
            ("long", [long(0), long(1)]),
            ("spaced", [spaced(0), spaced(1)]),
            (
                "folded",
                [0, 1].map(|version| {
                    long(0).replacen(
                        "2501: a customer",
                        ["2501: a customer", "2501: a colleague"][version],
                        1,
                    )
                }),
            ),
            ("prose", [prose(0), prose(1)]),
            ("moved", MOVED.map(str::to_owned)),
            ("scripts", SCRIPTS.map(str::to_owned)),
            ("small", SMALL.map(str::to_owned)),
            ("grown", ["One.\nTwo.\n", "One.\nTwo.\nThree.\n"].map(str::to_owned)),
        ];
        for (name, texts) in pairs {
            for (version, text) in ["1.0.0", "2.0.0"].into_iter().zip(texts) {
                let folder = tree.join(format!("texts/{name}/v{version}"));
                fs::create_dir_all(&folder).unwrap();
                fs::write(folder.join("system_prompt.txt"), text).unwrap();
                if name == "scripts" {
                    let metadata = json!({"variables": {"name": "string", "order": "string"}});
                    fs::write(folder.join("metadata.json"), metadata.to_string()).unwrap();
                }
            }
        }
        build(&tree, &output, &[]);
        output
    })
}

/// The number of lines of the longest text.
pub(crate) const LONG: usize = 5_000;

/// Returns one version of 5,000 lines: every fifth line has a different word, and every fiftieth is
/// added or removed.
pub(crate) fn long(version: usize) -> String {
    let mut text = String::new();
    for number in 1..=LONG {
        match (number % 50, version) {
            (10, 0) => writeln!(text, "This rule of line {number} was taken back."),
            (35, 1) => writeln!(text, "Here line {number} adds a rule of its own."),
            (10 | 35, _) => Ok(()),
            _ => {
                let is_other = number.is_multiple_of(5) && version == 1;
                let word = if is_other { "colleague" } else { "customer" };
                writeln!(
                    text,
                    "{number}: a {word} who asks for the order {} is told when it was sent, and where it is now.",
                    number * 7
                )
            }
        }
        .unwrap();
    }
    text
}

/// Returns one version of a text in which every fiftieth line was indented, and the first one
/// edited.
fn spaced(version: usize) -> String {
    let indent = |number: usize| if number % 50 == 25 && version == 1 { "    " } else { "" };
    let first = ["The first line.\n", "The very first line.\n"][version];
    let lines = (0..LONG).map(|number| format!("{}rule {number}\n", indent(number)));
    first.to_owned() + &lines.collect::<String>()
}

/// The number of words that differ in the two versions of the prose, on each side.
pub(crate) const EDITS: usize = 65;

/// Returns thirteen lines of fourteen sentences, with some 860 characters each. Five words of each
/// line differ.
fn prose(version: usize) -> String {
    let sentence = |number: usize| {
        let is_edited = number % 14 % 3 == 1;
        let word = if is_edited { ["gently", "firmly"][version] } else { "calmly" };
        format!("Sentence {number:03} asks the model to answer {word} and in brief.")
    };
    let line = |line: usize| {
        let sentences: Vec<String> = (0..14).map(|at| sentence(line * 14 + at)).collect();
        sentences.join(" ") + "\n"
    };
    (0..13).map(line).collect()
}

/// A block of four lines that moves to the end, with `slowly` changed to `quickly`.
const MOVED: [&str; 2] = [
    "You answer for a shop.

# Refunds
Ask for the number of the order before anything else.
Then look slowly for the parcel in the list of returns.
Say how long a refund takes, and on which account.
Never promise a day on which the money will be there.

# Tone
Be short and kind.
Use the words of the customer.
",
    "You answer for a shop.

# Tone
Be short and kind.
Use the words of the customer.

# Refunds
Ask for the number of the order before anything else.
Then look quickly for the parcel in the list of returns.
Say how long a refund takes, and on which account.
Never promise a day on which the money will be there.
",
];

/// Arabic and Hebrew around placeholders, and a Chinese sentence with one different character.
const SCRIPTS: [&str; 2] = [
    "مرحبا {{ name }}، كيف حالك؟
שלום {{ name }}, ההזמנה {{ order }} נשלחה.
退款需要三天。
The end.
",
    "مرحبا {{ name }}، كيف حالك اليوم؟
שלום {{ name }}, ההזמנה {{ order }} נשלחה.
退款需要五天。
The end.
",
];

/// One removed, one added and one edited line among unchanged lines.
const SMALL: [&str; 2] = [
    "Stay as you are.
Take this line out.
Answer within three days.
Thank you.
Goodbye.
",
    "Stay as you are.
Answer within five days.
Thank you.
Put this line in.
Goodbye.
",
];

/// Writes both versions of a rewritten text: 100 KB without a common word.
fn write_rewritten(write: impl Fn(&str, &str)) {
    for (version, word) in [("1.0.0", "alt"), ("2.0.0", "neu")] {
        let mut text = String::new();
        for number in 0..REWRITTEN {
            let word = |at: usize| format!("{word}{}", number * 31 % 97 + at);
            let words: Vec<String> = (0..12).map(word).collect();
            writeln!(text, "{}.", words.join(" ")).unwrap();
        }
        write(&format!("attack/rewritten/v{version}/system_prompt.txt"), &text);
    }
}

/// The number of lines of the rewritten prompt.
pub(crate) const REWRITTEN: usize = 1_400;

fn rollout(version: &str) -> String {
    let arm = |key: &str| json!({"key": key, "version": version, "weight": 50});
    let arms = [arm(HOSTILE[0]), arm(HOSTILE[1])];
    json!({"rollout": {"experiment": HOSTILE[2], "arms": arms}}).to_string()
}

fn reasons() -> String {
    let reason = json!(HOSTILE[1]);
    format!(
        "deprecated: {{0.7.0: {reason}}}\nyanked: {{0.8.0: {reason}}}\nredacted: {{0.9.0: {reason}}}\n"
    )
}

/// Creates an empty folder for a tree, and returns it with the path of the output.
fn empty_folders(name: &str) -> (PathBuf, PathBuf) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    let tree = folder.join("tree");
    fs::create_dir_all(&tree).unwrap();
    (tree, folder.join("dist"))
}

fn build(tree: &Path, output: &Path, more: &[&str]) {
    let built = Command::new(env!("CARGO_BIN_EXE_promptdex"))
        .arg("build")
        .arg("--root")
        .arg(tree)
        .arg("--output")
        .arg(output)
        .args(more)
        .current_dir(tree)
        .env_clear()
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "{}\n{said}", String::from_utf8_lossy(&built.stdout));
    assert!(
        output.join("index.html").is_file(),
        "no site is embedded: run `cargo xtask site`\n{said}"
    );
}

/// Copies a folder.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}
