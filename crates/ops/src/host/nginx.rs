//! The configuration of nginx.

use promptdex_wire::Digest;
use promptdex_wire::catalog::Visibility;

use super::hosted_registry::HostedRegistry;
use super::template;

/// Headers of a public registry.
const OPEN: &str = "add_header Access-Control-Allow-Origin * always;
add_header Access-Control-Expose-Headers ETag always;";

/// Headers of a private registry.
const CLOSED: &str = "add_header X-Robots-Tag noindex always;";

pub(super) fn configuration(hosted: &HostedRegistry) -> String {
    let base = hosted.base.as_str();
    // Variables belong to all sites of one nginx, so their names are those of one registry at one
    // place: registries without a registry.yaml have the same name.
    let place = format!("{} {} {base}", hosted.registry, hosted.folder.as_str());
    let digest = Digest::of(place.as_bytes()).hex();
    let id = format!("{}_{}", hosted.registry.as_str().replace('-', "_"), &digest[..8]);
    let listen = match hosted.listen {
        None => "listen 80;\nlisten [::]:80;".to_owned(),
        Some(listen) if listen.address.is_none() => {
            format!("listen {0};\nlisten [::]:{0};", listen.port)
        }
        Some(listen) => format!("listen {listen};"),
    };
    let outside = match base {
        "/" => String::new(),
        base => {
            let folder = base.trim_end_matches('/');
            format!("location = {folder} {{\n    return 308 {base}$is_args$args;\n}}")
        }
    };
    template::configuration(
        hosted,
        include_str!("nginx.conf"),
        &[
            ("ID", &id),
            ("LISTEN", &listen),
            // `_` is a name that no client asks for; without another server, it answers all.
            ("NAME", hosted.name.as_ref().map_or("_", |name| name.as_str())),
            ("BASE", base),
            ("BASE_PATTERN", &hosted.base.pattern()),
            ("PRIVACY", if hosted.visibility == Visibility::Public { OPEN } else { CLOSED }),
            ("OUTSIDE", &outside),
        ],
    )
}
