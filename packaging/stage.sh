#!/usr/bin/env bash
# stage.sh PREFIX PROGRAM: lays out below PREFIX what every package installs. PROGRAM is the program in Jupyter's kernelspec.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
prefix=$1 program=$2

rm -rf "$prefix"
install -D .build/release/innerloop "$prefix/bin/innerloop"
strip --strip-all --remove-section=.comment --remove-section=.note "$prefix/bin/innerloop"

kernel=$prefix/share/jupyter/kernels/innerloop
install -d "$kernel"
install -m 644 kernelspec/logo-* "$kernel"
sed "s|@INNERLOOP@|$program|" kernelspec/kernel.json >"$kernel/kernel.json"

install -D -m 644 -t "$prefix/share/innerloop/notebooks" notebooks/*.ipynb
install -D -m 644 -t "$prefix/share/innerloop/examples" examples/*.loop
install -D -m 644 -t "$prefix/share/man/man1" docs/innerloop.1
install -d "$prefix/share/bash-completion/completions"
# A completion is read by a shell and not run: it has no interpreter line.
.build/release/innerloop --generate-completion-script bash | sed '1{/^#!/d}' >"$prefix/share/bash-completion/completions/innerloop"
