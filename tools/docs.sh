#!/usr/bin/env bash
# Makes the documentation of the Swift libraries, offline, from their built modules: build/docs is a static site.
# Ends with a failure when DocC warns of anything, such as a link to a name that is not there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
output=${1:-build/docs}
modules=.build/release/Modules
graphs=$(mktemp -d)
trap 'rm -rf "$graphs"' EXIT

# The modules import C ones, whose maps a Swift module only refers to.
maps=(-Xcc "-fmodule-map-file=.build/release/CKernels.build/module.modulemap")
for map in Sources/C*/module.modulemap; do maps+=(-Xcc "-fmodule-map-file=$map"); done
target=$(swiftc -print-target-info | sed -n 's/.*"unversionedTriple": "\(.*\)".*/\1/p' | head -n 1)
libraries=$(sed -n 's/^    \.library(name: "\([A-Za-z]*\)", targets:.*/\1/p' Package.swift)
for library in $libraries; do
  swift symbolgraph-extract -module-name "$library" -I "$modules" "${maps[@]}" -target "$target" \
    -minimum-access-level public -skip-inherited-docs -skip-synthesized-members -output-dir "$graphs"
done

mkdir -p "$(dirname "$output")"
docc=$(dirname "$(readlink -f "$(command -v swift)")")/docc
"$docc" convert docs/Innerloop.docc --additional-symbol-graph-dir "$graphs" --output-dir "$output" \
  --fallback-display-name Innerloop --fallback-bundle-identifier innerloop --warnings-as-errors
