//! Templates that would take all memory, all time or all stack, by what they use.

/// Statements, operators and literals, each with what it ends in.
pub(crate) fn statements() -> Vec<(String, &'static str)> {
    let chain = |link: &str| format!("{{{{ 'a'{} }}}}", link.repeat(100_000));
    let mut templates = vec![
        // Many constants do not hide one, and are not unbounded work themselves.
        ("{{ 1 + 1 }}".repeat(1_000) + "{{ 'a' * 100000000 }}", "limit"),
        (format!("{{% if a is undefined %}}{}{{% endif %}}", "{{ 'a' * 1000000 }}".repeat(5_000)), "limit"),
        ("{{ 'a' * 100000000 }}".to_owned(), "limit"),
        ("{{ 'a' * 100000000 }}".repeat(80), "limit"),
        ("{% if false %}{{ 'a' * 100000000 }}{% endif %}".to_owned(), "limit"),
        ("{{ ('a' * 4000000) * 4000000 }}".to_owned(), "limit"),
        ("{{ ([1] * 100000000) | length }}".to_owned(), "limit"),
        ("{{ ((1, 2) * 9223372036854775807) | length }}".to_owned(), "limit"),
        ("{{ 10 ** 1000 }}".to_owned(), "value"),
        ("{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}x{% endfor %}{% endfor %}{% endfor %}".to_owned(), "limit"),
        ("{% set x = 'ab' %}{% for i in range(60) %}{% set x = x ~ x %}{% endfor %}".to_owned(), ""),
        ("{% macro d(x) %}{{ d(x ~ x) }}{% endmacro %}{{ d('ab') }}".to_owned(), "limit"),
        ("{% macro m(n) %}{{ m(n) }}{{ m(n) }}{% endmacro %}{{ m(1) }}".to_owned(), "limit"),
        ("{% macro l(x) %}{{ l([x, x]) }}{% endmacro %}{{ l([1]) }}".to_owned(), "limit"),
        ("{% macro m() %}{{ caller() }}{% endmacro %}{% macro n() %}{% call m() %}{{ n() }}{% endcall %}{% endmacro %}{{ n() }}".to_owned(), "limit"),
        ("{% for x in [1, 2, 3] recursive %}{{ loop([1, 2, 3]) }}{% endfor %}".to_owned(), "limit"),
        ("{% for x in [1] recursive %}{{ loop([x, x]) }}{% endfor %}".to_owned(), "limit"),
        (format!("{{% for a in range(90000) %}}{{% set x %}}{}{{% endset %}}{{% endfor %}}", "a".repeat(900_000)), "limit"),
        (format!("{{% for a in range(90000) %}}{{% filter upper %}}{}{{% endfilter %}}{{% endfor %}}", "a".repeat(900_000)), "limit"),
        (format!("{{% for a in range(30000) %}}{{% if 'b' in '{}' %}}{{% endif %}}{{% endfor %}}", "a".repeat(900_000)), "limit"),
        (format!("{{% for a in range(30000) %}}{{{{ '{}'[a] }}}}{{% endfor %}}", "a".repeat(900_000)), "limit"),
        (format!("{{% for a in range(30000) %}}{{{{ '{}'[::-1] | length }}}}{{% endfor %}}", "a".repeat(900_000)), "limit"),
        ("{% if a %}".repeat(100_000) + &"{% endif %}".repeat(100_000), "limit or syntax"),
        ("{% for x in a %}".repeat(21) + &"{% endfor %}".repeat(21), "limit"),
        ("{% with %}".repeat(120) + &"{% endwith %}".repeat(120), "limit"),
        ("{% macro m() %}".repeat(95) + &"{% endmacro %}".repeat(95), "limit"),
        (format!("{{% if a %}}{}{{% endif %}}", "{% elif a %}".repeat(50_000)), "limit"),
        (format!("{{{{ {}1{} }}}}", "(".repeat(100_000), ")".repeat(100_000)), "limit or syntax"),
        (format!("{{{{ {}1{} }}}}", "[".repeat(100_000), "]".repeat(100_000)), "limit or syntax"),
        (format!("{{{{ {}1{} }}}}", "{'a':".repeat(100_000), "}".repeat(100_000)), "limit or syntax"),
        (format!("{{{{ {}1{} }}}}", "dict(a=".repeat(60), ")".repeat(60)), "limit"),
        (format!("{{{{ {}1 }}}}", "not ".repeat(100_000)), "limit"),
        (format!("{{{{ {}1 }}}}", "-".repeat(100_000)), "limit"),
        (format!("{{{{ x{} }}}}", " is defined".repeat(100_000)), "limit or syntax"),
        (format!("{{{{ 1{} }}}}", " if 1 else 1".repeat(100_000)), "limit"),
        (format!("{{% with {} %}}{{% endwith %}}", (0..50_000).map(|i| format!("a{i}=1")).collect::<Vec<_>>().join(",")), ""),
        // A block that binds many names is entered often.
        (format!("{{% for i in range(90000) %}}{{% if false %}}{}{{% endif %}}{{% endfor %}}", (0..5_000).map(|i| format!("{{% set a{i} = a %}}")).collect::<String>()), "limit"),
        (format!("{{% macro m() %}}{{% if false %}}{}{{% endif %}}{{% endmacro %}}{{% for i in range(20000) %}}{{{{ m() }}}}{{% endfor %}}", (0..5_000).map(|i| format!("{{% set a{i} = a %}}")).collect::<String>()), "limit"),
        // Many parameters meet many named arguments.
        (format!("{{% macro m({}) %}}{{{{ kwargs }}}}{{% endmacro %}}{{{{ m(**o) }}}}", (0..5_000).map(|i| format!("a{i}=1")).collect::<Vec<_>>().join(",")), "limit"),
        ((0..25_000).map(|i| format!("{{% set a{i} = a %}}")).collect(), ""),
        ("{{ 'a' * 4000000 }}".repeat(3_000), "limit"),
    ];
    for link in [
        " ~ 'a'", " + 'a'", " | upper", ".a", "[0]", "()", " and 1", " or 1", " ** 1", " < 1",
        " in 'a'",
    ] {
        templates.push((chain(link), "limit"));
    }
    templates
}

/// Filters and tests.
pub(crate) fn filters() -> Vec<(String, &'static str)> {
    let often = |body: &str| format!("{{% for i in range(90000) %}}{body}{{% endfor %}}");
    // Every two strings differ in their last bytes only, so that comparing them walks all of it.
    let similar: Vec<String> =
        (0..32).map(|i| format!("'{}{}'", "a".repeat(28_000), (i * 7919) % 32 + 1000)).collect();
    let similar = similar.join(",");
    vec![
        ("{{ range(1000000000) | list | length }}".to_owned(), "limit"),
        ("{{ range(1000000000) | sum }}".to_owned(), "limit"),
        ("{{ range(1000000000) | select('eq', -1) | first }}".to_owned(), "limit"),
        ("{{ range(1000000000) | reverse | first }}".to_owned(), ""),
        ("{{ range(9223372036854775807) | map('string') | first }}".to_owned(), ""),
        ("{{ 'a\\nb' | indent(4000000000) }}".to_owned(), "limit"),
        ("{{ ('a\\n' * 100000) | indent(1000) | length }}".to_owned(), "limit"),
        ("{{ ('a' * 1000000) | replace('a', 'b' * 1000000) }}".to_owned(), "limit"),
        ("{{ ('a' * 1000000) | replace('', 'b' * 1000) }}".to_owned(), "limit"),
        ("{{ range(100000) | join('x' * 1000000) }}".to_owned(), "limit"),
        ("{{ [1] | tojson(indent=4000000000) }}".to_owned(), "limit"),
        ("{{ [[1], [2]] | tojson(indent=2000000) | length }}".to_owned(), "limit"),
        ("{{ 'a' | center(9000000000000000000) }}".to_owned(), "limit"),
        ("{{ 'a b' | wordwrap(1, wrapstring='x' * 4000000) | length }}".to_owned(), "limit"),
        ("{{ ('ab ' * 300000) | wordwrap(1, wrapstring='xxxxxxxxxxxxxxxxxxxx') | length }}".to_owned(), "limit"),
        ("{{ ('a' * 3000000) | truncate(9, end='x' * 4000000) }}".to_owned(), ""),
        ("{{ ('a' * 1000000) | trim('b' * 1000000 ~ 'a') | length }}".to_owned(), ""),
        ("{{ ('%' * 1500000) | urlencode | length }}".to_owned(), "limit"),
        ("{{ range(300000) | batch(1) | list | length }}".to_owned(), "limit"),
        ("{{ [1] | batch(9000000000000000000, 'x') | list | length }}".to_owned(), "limit"),
        ("{{ [1] | slice(9000000000000000000, 'x') | list | length }}".to_owned(), "limit"),
        ("{{ '%9000000000s' | format('a') }}".to_owned(), "limit"),
        ("{{ '%*d' | format(9000000000, 1) }}".to_owned(), "limit or value"),
        ("{{ '%.1000000000f' | format(1.5) | length }}".to_owned(), "limit"),
        ("{{ '{:9000000000}'.format('a') }}".to_owned(), "limit"),
        ("{{ '{:.1000000000f}'.format(1.5) | length }}".to_owned(), "limit"),
        ("{{ ('%s' * 500000) | format(*range(500000)) | length }}".to_owned(), "limit"),
        ("{{ ('{a}' * 200000).format(**o) | length }}".to_owned(), "limit or value"),
        (format!("{{{{ [{similar}] | sort | length }}}}"), "limit"),
        (format!("{{{{ [{similar}] | groupby(0) | length }}}}"), ""),
        (format!("{{{{ dict([{similar}] | map('batch', 30000) | map('first')) | length }}}}"), ""),
        (often(&format!("{{{{ [{similar}] | unique | list | length }}}}")), "limit"),
        (often(&format!("{{{{ [{similar}] | max | length }}}}")), "limit"),
        (often("{{ range(5000) | sort | length }}"), "limit"),
        (often("{{ ([[1]] * 1000) | groupby(0) | length }}"), "limit"),
        (often("{{ l | length }}"), ""),
        (often("{% if -1 in l %}{% endif %}"), "limit"),
        (often("{{ l | last }}"), ""),
        (often("{{ l | map('string') | first }}"), "limit"),
        (often("{{ o | dictsort | length }}"), "limit"),
        (often("{% if l == m %}{% endif %}"), "limit"),
        (often("{% if o == p %}{% endif %}"), "limit"),
        (often("{{ o | tojson | length }}"), "limit"),
        (often("{% if l is sequence and l is iterable and o is mapping %}{% endif %}"), ""),
        (often("{{ l | select('gt', -1) | list | length }}"), "limit"),
        (often("{{ t | wordcount }}"), "limit"),
        (often("{{ t is lower }}"), "limit"),
        (often("{{ [t] is in([u]) }}"), "limit"),
        ("{% set k = 'a' * 2000000 %}{{ range(5000) | list | map(attribute=k) | list | length }}".to_owned(), ""),
        (format!("{{% set k = 'a' * 2000000 %}}{{{{ [{}] | map(attribute=k) | list | length }}}}", vec!["{}"; 3000].join(",")), "limit"),
        ("{% set k = 'a.' * 1000000 %}{{ [o] | map(attribute=k) | list | length }}".to_owned(), ""),
        ("{{ range(100000) | map('list') | list }}".to_owned(), "value"),
        ("{{ ('a' * 100000) | list | map('center', 1000) | join | length }}".to_owned(), "limit"),
    ]
}

/// Lists, objects and iterators that grow, change or hold one another.
pub(crate) fn values() -> Vec<(String, &'static str)> {
    let often = |before: &str, body: &str, after: &str| {
        format!("{before}{{% for i in range(30000) %}}{body}{{% endfor %}}{after}")
    };
    let list = "{% set l = [] %}";
    let space = "{% set ns = namespace(x=[1], y='a') %}";
    let mut templates = vec![
        ("{% macro l(x, n) %}{% if n %}{{ l([x, x, x, x], n - 1) }}{% else %}{{ x | tojson }}{% endif %}{% endmacro %}{{ l([1], 12) }}".to_owned(), "limit"),
        ("{% macro l(x, n) %}{% if n %}{{ l([x, x, x, x], n - 1) }}{% else %}{{ [x] == [x] }}{% endif %}{% endmacro %}{{ l([1], 12) }}".to_owned(), ""),
        ("{% macro l(x, y, n) %}{% if n %}{{ l([x, x, x, x], [y, y, y, y], n - 1) }}{% else %}{{ x == y }}{% endif %}{% endmacro %}{{ l([1], [1], 12) }}".to_owned(), "limit"),
        // Nested from outside, and from inside.
        (format!("{{% set x = [1] %}}{}{{{{ x | tojson }}}}", "{% set x = [x] %}".repeat(10_000)), "limit"),
        (format!("{{% set x = {{}} %}}{{% set y = {{}} %}}{}{{{{ x == y }}}}", "{% set x = {'a': x} %}{% set y = {'a': y} %}".repeat(10_000)), "limit"),
        (format!("{{% set x = [1] %}}{{% set y = [1] %}}{}{{{{ x < y }}}}", "{% set x = [x] %}{% set y = [y] %}".repeat(10_000)), "limit"),
        (format!("{{% set x = (1,) %}}{}{{{{ {{x: 1}} | length }}}}", "{% set x = (x,) %}".repeat(10_000)), "limit"),
        (format!("{{% set x = (1,) %}}{}{{{{ [x] | unique | list | length }}}}", "{% set x = (x,) %}".repeat(10_000)), "limit"),
        (often(space, "{% set ns.x = [ns.x] %}", "{{ ns.x | length }}"), "limit"),
        (often(space, "{% set new = [] %}{% do ns.x.append(new) %}{% set ns.x = new %}", "{{ ns.x | length }}"), ""),
        (often("{% set top = [] %}{% set ns = namespace(x=top) %}", "{% set new = [] %}{% do ns.x.append(new) %}{% set ns.x = new %}", "{{ top | tojson }}"), "limit"),
        (often("{% set top = {} %}{% set ns = namespace(x=top) %}", "{% set new = {} %}{% do ns.x.update(a=new) %}{% set ns.x = new %}", "{{ top == dict(top) }}"), ""),
        (often(space, "{% set ns.x = ns.x | batch(1) | list %}", "{{ ns.x | tojson }}"), "limit"),
        (often(space, "{% set ns.x = cycler(ns.x) %}", "{{ ns.x.current is defined }}"), "limit"),
        (often(space, "{% set ns.x = joiner(ns.x) %}", "{{ ns.x() }}"), "limit"),
        (often(space, "{% set ns.x = namespace(a=ns.x) %}", "{{ ns.x.a is defined }}"), "limit"),
        (often(space, "{% set ns.x = {'a': ns.x}.values() %}", "{{ ns.x | length }}"), "limit"),
        (often(space, "{% set ns.x = ns.x | map('string') %}", "{{ ns.x | list | length }}"), "limit"),
        (often(space, "{% set ns.x = [ns.x] | map('list') %}", "{{ ns.x | list | length }}"), "limit"),
        (often(space, "{% set ns.x = [ns.x] | select %}", "{{ ns.x | first is defined }}"), "limit"),
        (often(space, "{% set ns.x = dict([('a', ns.x)]) | items %}", "{{ ns.x | first is defined }}"), "limit"),
        ("{% set ns = namespace() %}{% macro m() %}{% set ns.t = varargs %}{% endmacro %}{% for i in range(9000) %}{{ m(ns.t | default(1)) }}{% endfor %}{{ {ns.t: 1} | length }}".to_owned(), "limit"),
        ("{% set ns = namespace() %}{% macro m() %}{% set ns.t = kwargs %}{% endmacro %}{% for i in range(9000) %}{{ m(a=ns.t | default(1)) }}{% endfor %}{{ ns.t | tojson }}".to_owned(), "limit"),
        // Nested from inside through everything that holds values, and dropped.
        (often(space, "{% set new = [] %}{% do ns.x.append(namespace(a=cycler(joiner(new)))) %}{% set ns.x = new %}", "{{ ns.x | length }}"), ""),
        (often(space, "{% set new = [] %}{% do ns.x.append(new | map('string')) %}{% set ns.x = new %}", "{{ ns.x | length }}"), ""),
        (often(space, "{% set new = [] %}{% do ns.x.append((new | reverse, {'a': new}.values())) %}{% set ns.x = new %}", "{{ ns.x | length }}"), ""),
        (often(space, "{% set new = [] %}{% do ns.x.append(new | batch(2)) %}{% set g = new | select %}{% set ns.x = new %}", "{{ ns.x | length }}"), ""),
        // What would hold itself.
        (format!("{list}{{% do l.append(l) %}}"), "value"),
        (format!("{list}{{% do l.append([(l, 1)]) %}}"), "value"),
        (format!("{list}{{% do l.append({{'a': l}}) %}}"), "value"),
        (format!("{list}{{% do l.extend([l]) %}}"), "value"),
        (format!("{list}{{% do l.insert(0, namespace(a=l)) %}}"), "value"),
        (format!("{list}{{% do l.append(cycler(l)) %}}"), "value"),
        (format!("{list}{{% do l.append(joiner(l)) %}}"), "value"),
        (format!("{list}{{% do l.append(l | map('string')) %}}"), "value"),
        (format!("{list}{{% do l.append(l | reverse) %}}"), "value"),
        (format!("{list}{{% set ns = namespace(l=l) %}}{{% do l.append(ns) %}}"), "value"),
        ("{% set d = {} %}{% do d.update(a=d) %}".to_owned(), "value"),
        ("{% set d = {} %}{% do d.update({'a': d.values()}) %}".to_owned(), "value"),
        ("{% set d = {} %}{% do d.update([('a', [d.items() | reverse])]) %}".to_owned(), "value"),
        (format!("{space}{{% set ns.x = ns %}}"), "value"),
        (format!("{space}{{% set ns.x = [ns] %}}"), "value"),
        ("{% for x in [1] %}{{ loop.changed(loop) }}{% endfor %}".to_owned(), "unsupported"),
        // What changes while it is gone through.
        (format!("{list}{{% do l.append(1) %}}{{% do l.extend(l) %}}{{% do l.extend(l) %}}{{{{ l | length }}}}"), ""),
        (format!("{list}{{% do l.append(1) %}}{{% do l.extend(l | map('string')) %}}"), "limit"),
        (format!("{list}{{% do l.append(1) %}}{{% for x in l %}}{{% do l.append(x) %}}{{% endfor %}}"), "limit"),
        (format!("{list}{{% do l.append(1) %}}{{% for x in l | select %}}{{% do l.append(x) %}}{{{{ loop.length }}}}{{% endfor %}}"), ""),
        (format!("{list}{{% set g = l | map('list') %}}{{% do l.append(2) %}}{{{{ g | list }}}}"), "value"),
        ("{% set d = {'a': 1} %}{% for k in d %}{% do d.update({k ~ 'b': 1}) %}{% endfor %}".to_owned(), "value"),
        ("{% set d = {'a': 1} %}{% do d.update(d) %}{% do d.update(d.items()) %}{{ d | tojson }}".to_owned(), ""),
        ("{% set d = {'a': 1} %}{% do d.update(d | items) %}{{ d | tojson }}".to_owned(), ""),
        // Methods that move all items, or walk all of them.
        (often("{% set l = [1] * 5000 %}", "{% do l.insert(0, i) %}", ""), "limit"),
        (often("{% set l = [1] * 40000 %}", "{% do l.pop(0) %}", ""), "limit"),
        (often("{% set l = [1] * 5000 %}", "{% do l.reverse() %}", ""), "limit"),
        (often("{% set l = [1] * 5000 %}", "{{ l.count(2) }}", ""), "limit"),
        (often("{% set l = [1] * 5000 %}", "{{ l[:].copy() | length }}", ""), "limit"),
        (often(space, "{% set ns.x = ns.x + ns.x %}", ""), "limit"),
        (often(space, "{% set ns.y = ns.y ~ ns.y %}", ""), "limit"),
        (often(space, "{% set ns.x = ns.x + [i] %}", ""), "limit"),
        (often("{% set c = cycler('a' * 100000, 'b' * 100000) %}", "{{ c.next() }}", ""), "limit"),
        (often("{% set c = cycler('a' * 100000) %}", "{% set x = c.items %}", ""), ""),
        (often("{% set j = joiner('a' * 100000) %}", "{{ j() }}", ""), "limit"),
        // Long keys.
        (often("{% set k = 'a' * 1000000 %}{% set d = {k: 1, k ~ 'b': 2} %}", "{{ d[k] }}", ""), "limit"),
        (often("{% set k = 'a' * 1000000 %}{% set d = {k: 1} %}", "{% do d.update({k: i}) %}", ""), "limit"),
        (often("{% set k = ('a',) * 5000 %}{% set d = {k: 1} %}", "{{ d[k] }}", ""), "limit"),
        (often("{% set k = 'a' * 1000000 %}{% set d = {k: 1} %}", "{% if k in d %}{% endif %}", ""), "limit"),
        (often("{% set k = 'a' * 1000000 %}", "{% if [k] | unique | first %}{% endif %}", ""), ""),
        (often("", "{{ o.missing is defined }}", ""), ""),
        (often("", "{{ o | length }}", ""), ""),
        (often("", "{{ o.items() | list | length }}", ""), "limit"),
        (often("", "{{ t.find('b') }}{{ t.split('a') | length }}", ""), "limit"),
        (often("", "{{ t[i] }}", ""), "limit"),
        ("{{ ('a,' * 1000000).split(',') | length }}".to_owned(), "limit"),
        ("{{ ('a' * 1000000).join(['b', 'c', 'd', 'e', 'f', 'g']) | length }}".to_owned(), "limit"),
        ("{{ 'a'.ljust(9000000000) }}{{ 'a'.zfill(9000000000) }}".to_owned(), "limit"),
        ("{{ '\\t'.expandtabs(2000000000) }}".to_owned(), "limit"),
    ];
    // Values are shared, so they are huge only when they are walked.
    let sharing = |use_of: &str, expected| {
        let doubled = "{% set x = [x, x] %}".repeat(40);
        let other = "{% set y = [y, y] %}".repeat(40);
        (
            format!("{{% set x = [1] %}}{{% set y = [1] %}}{doubled}{other}{{{{ x {use_of} }}}}"),
            expected,
        )
    };
    templates.extend([
        sharing("== x", ""),
        sharing("== y", "limit"),
        sharing("< y", "limit"),
        sharing("| tojson", "limit"),
        sharing("in [y]", "limit"),
        sharing("| length", ""),
        sharing("| unique | list", "value"),
        sharing("| groupby(0) | length", ""),
    ]);
    templates
}
