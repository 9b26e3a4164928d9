#!/usr/bin/env bash
# Builds promptdex for a target, and packs it for a release: `release/promptdex-VERSION-TARGET.tar.gz`, or `.zip`
# for Windows. The program for CI runners is also there by itself, because workflows check its checksum.
set -euo pipefail

target="$1"
rustup toolchain install stable --profile minimal
rustup target add "$target" wasm32-unknown-unknown
cargo xtask site
# The allocator is written in C.
if [[ "$target" == *-musl ]]; then sudo apt-get install -qq --yes --no-install-recommends musl-tools; fi
cargo build --release --locked --package promptdex --target "$target"

extension=""
if [[ "$target" == *windows* ]]; then extension=.exe; fi
program="target/$target/release/promptdex$extension"
version="$("$program" --version | cut -d ' ' -f 2)"
if [ "v$version" != "$TAG" ]; then
  echo "the tag is $TAG, but the version is $version" >&2
  exit 1
fi

name="promptdex-$version-$target"
mkdir -p "release/$name"
cp "$program" README.md LICENSE-APACHE LICENSE-MIT "release/$name/"
cd release
if [[ "$target" == *windows* ]]; then
  7z a -bso0 "$name.zip" "$name"
else
  tar -czf "$name.tar.gz" "$name"
fi
if [ "$target" = x86_64-unknown-linux-gnu ]; then cp "$name/promptdex" "$name.program"; fi
rm -r "$name"
if [ -f "$name.program" ]; then mv "$name.program" "$name"; fi
