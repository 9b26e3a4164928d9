//! How an app reads a prompt over plain HTTP: by environment, or pinned to one version.

use promptdex_wire::{Digest, Environment, PromptName, RegistryPath, Version};

/// The document that a snippet reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SnippetAddress {
    /// The live version of an environment.
    Environment(PromptName, Environment),
    /// One version, held to its digest.
    Pinned(PromptName, Version, Digest),
}

/// A language that snippets are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// The shell, with curl.
    Curl,
    /// Python 3, standard library.
    Python,
    /// TypeScript, for browsers, Node.js, Deno and Bun.
    TypeScript,
    /// Rust, with `ureq`, `serde_json` and `sha2`.
    Rust,
}

impl Language {
    /// Every language, in the order in which it is shown.
    pub const ALL: [Self; 4] = [Self::Curl, Self::Python, Self::TypeScript, Self::Rust];

    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Curl => "curl",
            Self::Python => "Python",
            Self::TypeScript => "TypeScript",
            Self::Rust => "Rust",
        }
    }
}

impl SnippetAddress {
    /// Returns where it is, below the registry's base.
    pub fn path(&self) -> RegistryPath {
        match self {
            Self::Environment(name, environment) => {
                RegistryPath::Latest(name.clone(), environment.clone())
            }
            Self::Pinned(name, version, _) => RegistryPath::Version(name.clone(), version.clone()),
        }
    }
}

/// Writes a snippet. `base` is the registry's address and ends with a slash. Names, versions, digests
/// and addresses have no quotation marks, so that quoted they are one word and one string.
pub fn snippet(language: Language, address: &SnippetAddress, base: &str) -> String {
    let url = format!("{base}{}", address.path());
    let digest = match address {
        SnippetAddress::Environment(..) => None,
        SnippetAddress::Pinned(_, _, digest) => Some(digest.hex()),
    };
    match (language, digest) {
        (Language::Curl, None) => format!("curl --fail '{url}'\n"),
        (Language::Curl, Some(hex)) => format!(
            "curl --fail --output prompt.json '{url}'\necho \"{hex}  prompt.json\" | sha256sum --check\n"
        ),
        (Language::Python, None) => format!(
            "import json
import urllib.request

with urllib.request.urlopen(\"{url}\") as answer:
    prompt = json.load(answer)
print(prompt[\"ref\"], len(prompt[\"messages\"]))
"
        ),
        (Language::Python, Some(hex)) => format!(
            "import hashlib
import json
import urllib.request

with urllib.request.urlopen(\"{url}\") as answer:
    body = answer.read()
if hashlib.sha256(body).hexdigest() != \"{hex}\":
    raise ValueError(\"not the prompt that was published\")
prompt = json.loads(body)
print(prompt[\"version\"], len(prompt[\"messages\"]))
"
        ),
        (Language::TypeScript, None) => format!(
            "const answer = await fetch(\"{url}\");
if (!answer.ok) throw new Error(`no prompt: ${{answer.status}}`);
const prompt = await answer.json();
console.log(prompt.ref, prompt.messages.length);
"
        ),
        (Language::TypeScript, Some(hex)) => format!(
            "const answer = await fetch(\"{url}\");
if (!answer.ok) throw new Error(`no prompt: ${{answer.status}}`);
const body = await answer.arrayBuffer();
const hash = new Uint8Array(await crypto.subtle.digest(\"SHA-256\", body));
const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, \"0\")).join(\"\");
if (hex !== \"{hex}\") {{
  throw new Error(\"not the prompt that was published\");
}}
const prompt = JSON.parse(new TextDecoder().decode(body));
console.log(prompt.version, prompt.messages.length);
"
        ),
        (Language::Rust, None) => format!(
            "// cargo add ureq serde_json
fn main() -> Result<(), Box<dyn std::error::Error>> {{
    let body = ureq::get(\"{url}\")
        .call()?
        .body_mut()
        .read_to_vec()?;
    let prompt: serde_json::Value = serde_json::from_slice(&body)?;
    println!(\"{{}} {{}}\", prompt[\"ref\"], prompt[\"messages\"]);
    Ok(())
}}
"
        ),
        (Language::Rust, Some(hex)) => format!(
            "// cargo add ureq serde_json sha2
use sha2::Digest as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {{
    let body = ureq::get(\"{url}\")
        .call()?
        .body_mut()
        .read_to_vec()?;
    let hash = sha2::Sha256::digest(&body);
    let hex: String = hash.iter().map(|byte| format!(\"{{byte:02x}}\")).collect();
    assert_eq!(hex, \"{hex}\");
    let prompt: serde_json::Value = serde_json::from_slice(&body)?;
    println!(\"{{}} {{}}\", prompt[\"version\"], prompt[\"messages\"]);
    Ok(())
}}
"
        ),
    }
}
