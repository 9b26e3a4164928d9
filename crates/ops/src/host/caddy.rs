//! The configuration of Caddy.

use promptdex_wire::catalog::Visibility;

use super::hosted_registry::HostedRegistry;
use super::template;

/// Headers of a public registry.
const OPEN: &str = "Access-Control-Allow-Origin *\nAccess-Control-Expose-Headers ETag";

/// Headers of a private registry.
const CLOSED: &str = "X-Robots-Tag noindex";

pub(super) fn configuration(hosted: &HostedRegistry) -> String {
    let name = hosted.name.as_ref().map(|name| name.as_str()).unwrap_or_default();
    // For a name alone, Caddy gets a certificate and serves HTTPS. Who chooses a port has
    // something in front of it.
    let address = match (name, hosted.listen) {
        ("", None) => ":80".to_owned(),
        (name, None) if hosted.has_https => name.to_owned(),
        (name, None) => format!("http://{name}"),
        (name, Some(listen)) => format!("http://{name}:{}", listen.port),
    };
    let bind = hosted.listen.and_then(|listen| listen.address);
    let bind = bind.map(|address| format!("bind {address}")).unwrap_or_default();
    let (outside, error_base) = match hosted.base.as_str() {
        "/" => (String::new(), String::new()),
        base => {
            let folder = base.trim_end_matches('/');
            let pattern = hosted.base.pattern();
            let outside = format!(
                "@base path_regexp ^{}$\nredir @base {base} 308\n@outside not path_regexp ^{pattern}\nerror @outside 404\nuri strip_prefix {folder}",
                pattern.trim_end_matches('/'),
            );
            (outside, format!("uri strip_prefix {folder}"))
        }
    };
    template::configuration(
        hosted,
        include_str!("Caddyfile"),
        &[
            ("ADDRESS", &address),
            ("BIND", &bind),
            ("BASE", hosted.base.as_str()),
            ("PRIVACY", if hosted.visibility == Visibility::Public { OPEN } else { CLOSED }),
            ("OUTSIDE", &outside),
            ("ERROR_BASE", &error_base),
        ],
    )
}
