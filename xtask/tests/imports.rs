//! Finds import cycles: two files that need each other can only be understood together.
#![expect(clippy::unwrap_used, reason = "a test stops at what it cannot read")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, Macro, UseTree, Visibility};

/// The path of a module: the names of its parent modules and its own. Empty for the crate root.
type ModulePath = Vec<String>;

#[test]
fn no_files_import_each_other_in_a_circle() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let crates = fs::read_dir(root.join("crates")).unwrap().map(|entry| entry.unwrap().path());
    let mut found = Vec::new();
    for folder in crates.chain([root.join("site"), root.join("xtask"), root.join("xtask/pack")]) {
        for root_file in ["src/lib.rs", "src/main.rs"] {
            let file = folder.join(root_file);
            if file.is_file() {
                let name = folder.file_name().unwrap().to_string_lossy();
                let circles = circles(&Crate::read(&file)).into_iter();
                found.extend(circles.map(|circle| format!("{name}: {circle}")));
            }
        }
    }
    assert!(found.is_empty(), "files that import each other:\n{}", found.join("\n"));
}

#[test]
fn circles_are_found_through_re_exports_and_parents() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let file = folder.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    write("lib.rs", "mod a; mod b; mod c; pub use b::B;");
    write("a.rs", "use crate::B; pub struct A(B); #[cfg(test)] mod tests { use crate::c::C; }");
    write("b/mod.rs", "mod inner; pub struct B; pub fn f() { inner::g() }");
    write("b/inner.rs", "use super::B; pub fn g() { B; }");
    write("c.rs", "pub struct C; pub fn h() { println!(\"{}\", crate::d()) }");
    let found = || circles(&Crate::read(&folder.path().join("lib.rs")));
    let circle = "b/inner.rs b/mod.rs\n  b/mod.rs -> b/inner.rs: g\n  b/inner.rs -> b/mod.rs: B";
    assert_eq!(found(), [circle]);
    write("b/inner.rs", "use crate::a::A; pub fn g() { A; }");
    assert_eq!(found().len(), 1);
    assert!(found()[0].starts_with("a.rs b/inner.rs b/mod.rs\n"));
    write("b/inner.rs", "pub fn g() {}");
    assert_eq!(found(), [""; 0]);
}

/// The modules of a crate.
struct Crate {
    folder: PathBuf,
    modules: BTreeMap<ModulePath, Module>,
}

/// A module with a file of its own.
struct Module {
    file: PathBuf,
    names: Names,
}

impl Crate {
    /// Reads the modules of a crate, starting at its root file.
    fn read(file: &Path) -> Self {
        let folder = file.parent().unwrap().to_owned();
        let mut read = Self { folder: folder.clone(), modules: BTreeMap::new() };
        read.add(file, &folder, &[]);
        read
    }

    fn add(&mut self, file: &Path, folder: &Path, path: &[String]) {
        let syntax = syn::parse_file(&fs::read_to_string(file).unwrap()).unwrap();
        let mut reader = Names::default();
        reader.visit_file(&syntax);
        self.modules.insert(path.to_vec(), Module { file: file.to_owned(), names: reader });
        for item in &syntax.items {
            let Item::Mod(ItemMod { ident, content: None, attrs, .. }) = item else { continue };
            if attrs.iter().any(is_test) {
                continue;
            }
            let name = ident.to_string();
            let below = folder.join(&name);
            let nested = below.join("mod.rs");
            let file = if nested.is_file() { nested } else { folder.join(format!("{name}.rs")) };
            let path = [path, &[name]].concat();
            self.add(&file, &below, &path);
        }
    }

    /// Returns the module that defines the item of a path, as seen from `within`. Returns `None`
    /// for items of other crates.
    fn resolve(&self, within: &ModulePath, path: &[String], depth: usize) -> Option<ModulePath> {
        const MANY: usize = 16;
        if depth > MANY {
            return None;
        }
        let mut module = within.clone();
        let mut rest = path;
        match rest.first()?.as_str() {
            "crate" => module.clear(),
            "self" => {}
            "super" => {
                module.pop()?;
            }
            first => {
                let own = self.modules.get(within)?;
                if let Some(imported) = own.names.imports.get(first) {
                    let path = [imported.as_slice(), &rest[1..]].concat();
                    // An import through the name of another crate is not a module of this one.
                    return (path != rest)
                        .then(|| self.resolve(within, &path, depth + 1))
                        .flatten();
                }
                let child = [within.as_slice(), &[first.to_owned()]].concat();
                if !self.modules.contains_key(&child) {
                    let known = |glob: &Vec<String>| {
                        let path = [glob.as_slice(), rest].concat();
                        self.resolve(within, &path, depth + 1).filter(|found| found != within)
                    };
                    return own.names.globs.iter().find_map(known);
                }
                return self.descend(child, &rest[1..], depth);
            }
        }
        rest = &rest[1..];
        while rest.first().is_some_and(|name| name == "super") {
            module.pop()?;
            rest = &rest[1..];
        }
        self.descend(module, rest, depth)
    }

    fn descend(&self, module: ModulePath, rest: &[String], depth: usize) -> Option<ModulePath> {
        let Some(next) = rest.first() else { return Some(module) };
        let child = [module.as_slice(), std::slice::from_ref(next)].concat();
        if self.modules.contains_key(&child) {
            return self.descend(child, &rest[1..], depth);
        }
        let own = self.modules.get(&module)?;
        if let Some(imported) = own.names.imports.get(next) {
            return self.resolve(&module, imported, depth + 1);
        }
        Some(module)
    }

    fn file_name(&self, module: &ModulePath) -> String {
        let file = self.modules[module].file.strip_prefix(&self.folder).unwrap();
        file.to_string_lossy().replace('\\', "/")
    }
}

/// Lists the import cycles: the files of each, and the imports between them.
fn circles(read: &Crate) -> Vec<String> {
    let mut arrows: BTreeMap<&ModulePath, BTreeMap<ModulePath, BTreeSet<&str>>> = BTreeMap::new();
    for (path, Module { names, .. }) in &read.modules {
        let mut needed: BTreeMap<ModulePath, BTreeSet<&str>> = BTreeMap::new();
        // A name that is only re-exported is not needed.
        let imports = names.imports.iter().filter(|(name, _)| !names.passed_on.contains(*name));
        for named in imports.map(|(_, named)| named).chain(&names.globs).chain(&names.paths) {
            if let Some(module) = read.resolve(path, named, 0).filter(|module| module != path) {
                needed.entry(module).or_default().extend(named.last().map(String::as_str));
            }
        }
        arrows.insert(path, needed);
    }
    let reachable = |from| {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&ModulePath> = vec![from];
        while let Some(path) = open.pop() {
            open.extend(arrows[path].keys().filter(|next| seen.insert(*next)));
        }
        seen
    };
    let all: BTreeMap<&ModulePath, BTreeSet<&ModulePath>> =
        arrows.keys().map(|path| (*path, reachable(path))).collect();
    let mut found = BTreeSet::new();
    for (path, reached) in all.iter().filter(|(path, reached)| reached.contains(*path)) {
        let circle: Vec<&ModulePath> =
            reached.iter().copied().filter(|other| all[*other].contains(*path)).collect();
        let mut files: Vec<String> = circle.iter().map(|path| read.file_name(path)).collect();
        files.sort();
        let mut text = files.join(" ");
        for from in &circle {
            for (to, names) in arrows[*from].iter().filter(|(to, _)| circle.contains(to)) {
                let names = names.iter().copied().collect::<Vec<_>>().join(", ");
                write!(text, "\n  {} -> {}: {names}", read.file_name(from), read.file_name(to))
                    .unwrap();
            }
        }
        found.insert(text);
    }
    found.into_iter().collect()
}

/// The imports and paths of a file, without its tests.
#[derive(Default)]
struct Names {
    /// The imported names, each with its path.
    imports: BTreeMap<String, Vec<String>>,
    /// The imported names that are re-exported.
    passed_on: BTreeSet<String>,
    /// Modules with a glob import.
    globs: Vec<Vec<String>>,
    /// Every path in the file, as written.
    paths: Vec<Vec<String>>,
}

impl Names {
    fn import(&mut self, tree: &UseTree, above: &[String]) {
        let below = |name: &syn::Ident| [above, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.import(&path.tree, &below(&path.ident)),
            UseTree::Name(name) if name.ident == "self" => {
                if let Some(last) = above.last() {
                    self.imports.insert(last.clone(), above.to_vec());
                }
            }
            UseTree::Name(name) => {
                self.imports.insert(name.ident.to_string(), below(&name.ident));
            }
            UseTree::Rename(rename) => {
                self.imports.insert(rename.rename.to_string(), below(&rename.ident));
            }
            UseTree::Glob(_) => self.globs.push(above.to_vec()),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(tree, above)),
        }
    }

    /// Reads paths from the body of a macro.
    fn scan(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons < 2 {
                        self.paths.push(std::mem::take(&mut path));
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                other => {
                    self.paths.push(std::mem::take(&mut path));
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.scan(group.stream());
                    }
                }
            }
        }
        self.paths.push(path);
    }
}

impl Visit<'_> for Names {
    fn visit_item_use(&mut self, item: &ItemUse) {
        let mut own = Self::default();
        own.import(&item.tree, &[]);
        if !matches!(item.vis, Visibility::Inherited) {
            self.passed_on.extend(own.imports.keys().cloned());
        }
        self.imports.append(&mut own.imports);
        self.globs.append(&mut own.globs);
    }

    fn visit_item_mod(&mut self, item: &ItemMod) {
        if !item.attrs.iter().any(is_test) {
            visit::visit_item_mod(self, item);
        }
    }

    // `pub(crate)` contains a path too.
    fn visit_visibility(&mut self, _: &Visibility) {}

    fn visit_path(&mut self, path: &syn::Path) {
        self.paths.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &Macro) {
        self.scan(item.tokens.clone());
        visit::visit_macro(self, item);
    }
}

fn is_test(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
        && attribute.parse_args::<syn::Ident>().is_ok_and(|flag| flag == "test")
}
