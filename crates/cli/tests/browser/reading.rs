//! Tests the text that a screen reader gets for a comparison.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::host::Static;
use crate::registries::compared;
use crate::webdriver::Browser;

#[test]
fn a_comparison_reads_as_what_was_removed_and_added_in_order() {
    let host = Static::start(compared(), "/registry/");
    let browser = Browser::start();
    let read = |layout: &str| {
        let page = format!("{}p/texts/small/?view=diff&a=1.0.0&b=2.0.0{layout}", host.base);
        browser.visit(&page);
        browser.wait("the comparison", "return document.querySelector('.sentence') !== null");
        let told = read_out(&browser);
        let (_, told) = told.split_once("heading 2: Messages\n").unwrap();
        told.split_once("contentinfo").unwrap().0.to_owned()
    };
    insta::assert_snapshot!(read("&as=unified"), @"
    heading 3: 1 system changed
    link: line 1 before
    link: line 1 after
    Stay as you are.
    heading 4: Change 1 of 2
    link: removed, line 2 before
    deletion
      Take this line out.
    link: removed, line 3 before
    deletion
      Answer within
      mark
        three
      days.
    link: added, line 2 after
    insertion
      Answer within
      mark
        five
      days.
    link: line 4 before
    link: line 3 after
    Thank you.
    heading 4: Change 2 of 2
    link: added, line 4 after
    insertion
      Put this line in.
    link: line 5 before
    link: line 5 after
    Goodbye.
    ");
    insta::assert_snapshot!(read(""), @"
    heading 3: 1 system changed
    link: line 1 before
    link: line 1 after
    Stay as you are.
    heading 4: Change 1 of 2
    link: removed, line 2 before
    deletion
      Take this line out.
    link: line 3 before
    link: line 2 after
    Answer within
    deletion
      three
    insertion
      five
    days.
    link: line 4 before
    link: line 3 after
    Thank you.
    heading 4: Change 2 of 2
    link: added, line 4 after
    insertion
      Put this line in.
    link: line 5 before
    link: line 5 after
    Goodbye.
    ");
    insta::assert_snapshot!(read("&as=split"), @"
    heading 3: 1 system changed
    link: line 1 before
    Stay as you are.
    link: line 1 after
    Stay as you are.
    heading 4: Change 1 of 2
    link: removed, line 2 before
    deletion
      Take this line out.
    link: removed, line 3 before
    deletion
      Answer within
      mark
        three
      days.
    link: added, line 2 after
    insertion
      Answer within
      mark
        five
      days.
    link: line 4 before
    Thank you.
    link: line 3 after
    Thank you.
    heading 4: Change 2 of 2
    link: added, line 4 after
    insertion
      Put this line in.
    link: line 5 before
    Goodbye.
    link: line 5 after
    Goodbye.
    ");
    browser.assert_calm("what is read");
}

/// Returns the accessibility tree of the page in reading order: one line for each element with a
/// role and a name, and for each piece of text.
fn read_out(browser: &Browser) -> String {
    let tree = browser.devtools("Accessibility.getFullAXTree", &json!({}));
    let nodes = tree["nodes"].as_array().unwrap();
    let by_id: BTreeMap<&str, &Value> =
        nodes.iter().map(|node| (node["nodeId"].as_str().unwrap(), node)).collect();
    let mut told = String::new();
    tell(nodes[0]["nodeId"].as_str().unwrap(), &by_id, 0, &mut told);
    told
}

fn tell(id: &str, nodes: &BTreeMap<&str, &Value>, depth: usize, told: &mut String) {
    let Some(node) = nodes.get(id) else { return };
    let role = node["role"]["value"].as_str().unwrap_or_default();
    let name = node["name"]["value"].as_str().unwrap_or_default().trim();
    let is_told = node["ignored"] != true;
    let indent = "  ".repeat(depth);
    let mut inside = depth;
    match role {
        _ if !is_told || role == "StaticText" && name.is_empty() => {}
        "StaticText" => writeln!(told, "{indent}{name}").unwrap(),
        // What they are made of is told by their names.
        "heading" => {
            let level = node["properties"]
                .as_array()
                .and_then(|list| list.iter().find(|property| property["name"] == "level"))
                .map_or(Value::Null, |level| level["value"]["value"].clone());
            writeln!(told, "{indent}heading {level}: {name}").unwrap();
            return;
        }
        "link" | "button" | "LabelText" | "DisclosureTriangle" => {
            writeln!(told, "{indent}{role}: {name}").unwrap();
            return;
        }
        "deletion" | "insertion" | "mark" | "contentinfo" => {
            writeln!(told, "{indent}{role}").unwrap();
            inside += 1;
        }
        _ => {}
    }
    for child in node["childIds"].as_array().into_iter().flatten() {
        tell(child.as_str().unwrap(), nodes, inside, told);
    }
}
