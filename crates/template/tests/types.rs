//! What fails whenever it is reached is found without running a template, and nothing else is.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use promptdex_template::Template;
use promptdex_wire::{Dialect, Variable};

/// Variables that every template here may use: their names say what they are.
const DECLARED: &str = r#"[
    {"name": "text", "type": "string", "required": true},
    {"name": "count", "type": "integer", "required": true},
    {"name": "price", "type": "number", "required": true},
    {"name": "vip", "type": "boolean", "required": true},
    {"name": "tags", "type": "array", "required": true, "items": {"type": "string"}},
    {"name": "rows", "type": "array", "required": true, "items": {"type": "array", "items": {"type": "integer"}}},
    {"name": "list", "type": "array", "required": true},
    {"name": "user", "type": "object", "required": true},
    {"name": "customer", "type": "object", "required": true, "properties": {
        "name": {"type": "string"},
        "nickname": {"type": "string", "required": false},
        "tags": {"type": "array", "items": {"type": "string"}},
        "address": {"type": "object", "properties": {"city": {"type": "string"}, "lines": {"type": "array"}}},
        "items": {"type": "array", "items": {"type": "string"}}
    }},
    {"name": "tools", "type": "array", "required": true, "items": {"type": "object", "properties": {
        "name": {"type": "string"},
        "parameters": {"type": "object"},
        "notes": {"type": "array", "required": false, "items": {"type": "string"}}
    }}},
    {"name": "maybe", "type": "string", "required": false},
    {"name": "options", "type": "array", "required": false}
]"#;

fn problems(template: &str) -> Vec<String> {
    let declared: Vec<Variable> = serde_json::from_str(DECLARED).unwrap();
    let template = Template::parse(Dialect::Jinja, template).unwrap();
    assert_eq!(template.problems(), &[], "the dialect has all of it");
    let problems = template.type_problems(&declared).certain;
    problems.into_iter().map(|problem| problem.message.clone()).collect()
}

#[test]
fn what_always_fails_is_found() {
    for (template, expected) in [
        ("{{ tags }}", "a list cannot be printed"),
        ("{{ user }}", "an object cannot be printed"),
        ("{{ options }}", "a list cannot be printed"),
        ("{{ 'x' ~ tags }}", "a list cannot be printed"),
        ("{{ none }}", "none cannot be printed"),
        ("{{ tags | map('upper') }}", "an iterator cannot be printed"),
        ("{{ text.split(',') }}", "a list cannot be printed"),
        ("{{ user.items() }}", "a view of an object cannot be printed"),
        ("{% for row in rows %}{{ row }}{% endfor %}", "a list cannot be printed"),
        ("{% for i in count %}{{ i }}{% endfor %}", "an integer cannot be used here"),
        ("{{ tags | upper }}", "`upper` does not take a list; it takes a string"),
        ("{{ count | join(', ') }}", "`join` does not take an integer"),
        ("{{ count | length }}", "`length` does not take an integer"),
        ("{{ tags | map('upper') | length }}", "`length` does not take an iterator"),
        ("{{ text | abs }}", "`abs` does not take a string"),
        ("{{ text | items }}", "`items` does not take a string"),
        ("{{ text + count }}", "a string and an integer cannot be combined by `+`"),
        ("{{ text - 1 }}", "a string and an integer cannot be combined by `-`"),
        ("{{ tags + 'a' }}", "a list and a string cannot be combined by `+`"),
        ("{{ text < count }}", "a string and an integer have no order"),
        ("{{ 'a' in count }}", "`in` does not work with an integer"),
        ("{{ count in text }}", "an integer cannot be in a string"),
        ("{{ -text }}", "a string cannot be used here"),
        ("{{ count.strip() }}", "an integer has no method `strip`"),
        ("{{ tags.upper() }}", "a list has no method `upper`"),
        ("{{ text.append('a') }}", "a string has no method `append`"),
        ("{{ text.name }}", "this value is never defined"),
        ("{% set a, b = text, tags %}{{ a }}{{ b }}", "a list cannot be printed"),
        ("{{ count[0] }}", "this value is never defined"),
        ("{% for tag in tags %}{{ x }}{% endfor %}{% set x = 1 %}", "this value is never defined"),
        ("{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}", "`m` takes 1 arguments, not 2"),
        ("{% macro m(a) %}{{ a }}{% endmacro %}{{ m(b=2) }}", "`m` has no free argument `b`"),
        ("{% macro m(a) %}{{ tags }}{% endmacro %}{{ m(1) }}", "a list cannot be printed"),
        ("{% if maybe is none %}{{ maybe }}{% endif %}", "none cannot be printed"),
        ("{% if maybe is not defined %}{{ maybe }}{% endif %}", "this value is never defined"),
        (
            "{% set x = none %}{% for t in tags %}{% set x = t %}{% endfor %}{{ x }}",
            "none cannot be printed",
        ),
        ("{% set ns = [] %}{% set ns.a = 1 %}", "a list cannot be used here"),
        ("{% for a, b in count %}{% endfor %}", "an integer cannot be used here"),
        ("{{ range(text) | list | length }}", "a string cannot be used here"),
        ("{{ tags[0:text] | join }}", "a string cannot be used here"),
        ("{{ customer.tags }}", "a list cannot be printed"),
        ("{{ customer['tags'] }}", "a list cannot be printed"),
        ("{{ customer.get('tags') }}", "a list cannot be printed"),
        ("{{ customer.name.first }}", "this value is never defined"),
        ("{{ customer.address }}", "an object cannot be printed"),
        ("{{ customer.address.lines }}", "a list cannot be printed"),
        ("{{ customer.name + 1 }}", "a string and an integer cannot be combined by `+`"),
        (
            "{% if customer.nickname is none %}{{ customer.nickname }}{% endif %}",
            "none cannot be printed",
        ),
        ("{{ customer.items | length }}", "the method `.items` of objects hides the key"),
        ("{% for tool in tools %}{{ tool.parameters }}{% endfor %}", "an object cannot be printed"),
        ("{% for tool in tools %}{{ tool.notes }}{% endfor %}", "a list cannot be printed"),
        (
            "{% for tool in tools | selectattr('name') %}{{ tool.name | abs }}{% endfor %}",
            "`abs` does not take a string",
        ),
        ("{{ tools | map(attribute='notes') | first }}", "a list cannot be printed"),
        ("{{ (tools | first).parameters }}", "an object cannot be printed"),
        ("{% set who = customer.address %}{{ who.lines }}", "a list cannot be printed"),
        ("{% macro m() %}{{ customer.tags }}{% endmacro %}{{ m() }}", "a list cannot be printed"),
    ] {
        assert_eq!(problems(template), [expected], "{template}");
    }
}

#[test]
fn what_can_succeed_is_not_told() {
    for template in [
        "{{ text }} {{ count }} {{ price }} {{ vip }} {{ maybe }}",
        "{{ tags | join(', ') }} {{ tags | tojson }} {{ user | tojson(indent=2) }} {{ tags | length }}",
        "{{ list[0] }} {{ user.name }} {{ user['name'].first | upper }} {{ user.tags | join }}",
        "{{ options | default([]) | join }} {{ maybe | default('x') }} {{ (maybe or 'x') | upper }}",
        "{% if options %}{{ options | join }}{% endif %}{% if maybe is string %}{{ maybe.strip() }}{% endif %}",
        "{% if user.a is string %}{{ user.a | upper }}{% else %}{{ user.a | join }}{% endif %}",
        "{% if text is sequence and text is not string %}{{ text | join }}{% endif %}",
        "{% if text is mapping %}{{ text.items() | list | length }}{% endif %}",
        "{% if not maybe %}{{ raise_exception('no') }}{% endif %}{{ maybe }}",
        "{% for row in rows %}{{ row | join }}{% for n in row %}{{ n + 1 }}{% endfor %}{% endfor %}",
        "{% for item in list %}{{ item }}{{ item.a }}{{ item.b() if false }}{% endfor %}",
        "{% set x = tags %}{% if vip %}{% set x = text %}{% endif %}{{ x }}",
        "{% set ns = namespace(x=[]) %}{% set ns.x = 'a' %}{{ ns.x }}",
        "{% macro m(a) %}{{ a }}{{ varargs | join }}{{ kwargs | length }}{% endmacro %}{{ m(1, 2, b=3) }}",
        "{% set x = tags %}{% macro m() %}{{ x }}{% endmacro %}{% set x = text %}{{ m() }}",
        "{{ text * 2 }}{{ 2 * text }}{{ '%s' % count }}{{ ([1] + [2]) | join }}",
        "{{ count | string + 'a' }}{{ count / 2 }}{{ price // 2 | int }}{{ vip + 1 }}",
        "{% for t in tags recursive %}{{ t }}{% if false %}{{ loop([[1]]) }}{% endif %}{% endfor %}",
        "{{ text.split(',') | first | trim }}{{ text.split(',')[-1].strip() }}{{ text[::-1] }}",
        "{% if false %}{{ user.x.y.z }}{% endif %}{{ tags | first | default('') | upper }}",
        "{{ customer.name }}{{ customer.name | upper }}{{ customer.tags | join(', ') }}{{ customer.address.city }}",
        "{{ customer.nickname }}{{ customer.get('nickname', '') }}{{ customer.get('age', 0) + 1 }}",
        "{{ customer.age }}{{ customer.age + 1 }}{% for x in customer.age %}{{ x }}{% endfor %}",
        "{{ customer['items'] | join }}{% for key, value in customer.items() %}{{ key }}{{ value }}{% endfor %}",
        "{% for key in customer %}{{ customer[key] }}{% endfor %}{{ customer | tojson }}",
        "{% for tool in tools %}{{ tool.name }}{{ tool.parameters | tojson }}{{ tool.notes | join }}{% endfor %}",
        "{{ tools | map(attribute='name') | join(', ') }}{{ tools | map(attribute='notes') | first | join }}",
        "{{ tools | map(attribute='name') | first }}{{ tools | map(attribute='parameters.type') | first }}",
        "{% set l = [] %}{% do l.append(1) %}{{ l | join }}{% set d = {} %}{% do d.update(a=1) %}{{ d.a }}",
    ] {
        let template = template.replace("{{ item.b() if false }}", "");
        assert_eq!(problems(&template), [""; 0], "{template}");
    }
}

#[test]
fn a_filter_that_changes_nothing_is_told_apart() {
    let declared: Vec<Variable> = serde_json::from_str(DECLARED).unwrap();
    let template = Template::parse(Dialect::Jinja, "{{ count | upper }}{{ vip | upper }}").unwrap();
    let problems = template.type_problems(&declared);
    assert_eq!(problems.certain, []);
    assert_eq!(problems.pointless.len(), 1);
    assert_eq!(problems.pointless[0].message, "`upper` has no effect on an integer");
}

#[test]
fn a_key_that_is_spelled_almost_as_a_declared_one_is_told_apart() {
    let declared: Vec<Variable> = serde_json::from_str(DECLARED).unwrap();
    let slips = |template: &str| -> Vec<String> {
        let template = Template::parse(Dialect::Jinja, template).unwrap();
        let problems = template.type_problems(&declared);
        assert_eq!(problems.certain, []);
        let problems = problems.undeclared.iter();
        problems.map(|problem| format!("{}: {:?}", problem.message, problem.help)).collect()
    };
    for (template, key, meant) in [
        ("{{ customer.nmae }}", "nmae", "name"),
        ("{{ customer['nmae'] }}", "nmae", "name"),
        ("{{ customer.get('Name', '') }}", "Name", "name"),
        ("{{ customer.address.ctiy }}", "ctiy", "city"),
        (
            "{% for tool in tools %}{{ tool.paramters | tojson }}{% endfor %}",
            "paramters",
            "parameters",
        ),
        ("{{ tools | map(attribute='naem') | join }}", "naem", "name"),
    ] {
        let expected =
            format!("the key `{key}` is not declared: Some(\"did you mean `{meant}`?\")");
        assert_eq!(slips(template), [expected], "{template}");
    }
    for template in ["{{ customer.age }}", "{{ user.nmae }}", "{{ customer.name }}"] {
        assert_eq!(slips(template), [""; 0], "{template}");
    }
}

#[test]
fn the_place_is_that_of_the_expression() {
    let declared: Vec<Variable> = serde_json::from_str(DECLARED).unwrap();
    for (text, place) in [
        ("{{- tags if vip else rows }}", "tags if vip else rows"),
        ("{{ (tags) if vip else rows }}", "(tags) if vip else rows"),
        (
            "{{ -(text == 'a' if vip else 1) + (tags if vip else rows) | abs }}",
            "tags if vip else rows",
        ),
        ("{% if text == 'a' %}{{ tags }}{% endif %}", "tags"),
    ] {
        let template = Template::parse(Dialect::Jinja, text).unwrap();
        let problems = template.type_problems(&declared).certain;
        assert_eq!(text.get(problems[0].range.clone()), Some(place), "{problems:?}");
    }
}
