//! Compression of what is served. Assets of the site lie compressed beside their plain form; everything else is compressed when it
//! is asked for.

use std::io::{self, Write as _};

use axum::http::{HeaderMap, header};
use flate2::Compression;
use flate2::write::GzEncoder;

/// Fewer bytes fit into one packet, compressed or not.
const SMALL: usize = 1_024;

/// More is worth less than the time it takes on the way to the same machine.
const LEVEL: u32 = 4;

/// Whether a client accepts an encoding.
pub(crate) fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let offers = headers.get_all(header::ACCEPT_ENCODING).iter();
    let mut offers =
        offers.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    offers.any(|offer| {
        let (name, quality) = offer.split_once(';').unwrap_or((offer, ""));
        let quality = quality.trim().strip_prefix("q=").and_then(|text| text.parse::<f32>().ok());
        name.trim() == encoding && quality != Some(0.0)
    })
}

/// Whether a client gets a file compressed.
pub(crate) fn is_worthwhile(bytes: &[u8], headers: &HeaderMap) -> bool {
    bytes.len() > SMALL && accepts(headers, "gzip")
}

/// Compresses a file for `gzip`.
pub(crate) fn compress(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::new(LEVEL));
    gzip.write_all(bytes)?;
    gzip.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_is_accepted_unless_it_is_excluded() {
        for (header, expected) in [
            ("gzip", true),
            ("br, gzip;q=0.5", true),
            ("deflate , gzip ; q=1", true),
            ("gzip;q=0, br", false),
            ("x-gzip", false),
            ("", false),
        ] {
            let headers =
                HeaderMap::from_iter([(header::ACCEPT_ENCODING, header.parse().unwrap())]);
            assert_eq!(accepts(&headers, "gzip"), expected, "{header}");
        }
    }
}
