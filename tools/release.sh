#!/bin/sh
# release.sh [--check]: what a release needs, in dist/: the archive of the
# present commit, its SHA-256 and the text of the tag.
#
# The tree must be clean, meson.build, CITATION.cff and lib/CHANGELOG.md must
# name one version and one date, and the archive by itself must pass "make
# check".  --check looks at the names alone.
set -eu
cd "$(dirname "$0")/.."

refuse() {
    echo "release.sh: $1" >&2
    exit 1
}

version=$(sed -n "s/^project(.* version: '\([^']*\)'.*/\1/p" meson.build)
cited=$(sed -n 's/^version: *//p' CITATION.cff)
date=$(sed -n 's/^date-released: *//p' CITATION.cff)
heading=$(sed -n '/^## /{ s/^## //p; q; }' lib/CHANGELOG.md)
[ -n "$version" ] || refuse "meson.build: no version"
[ "$cited" = "$version" ] ||
    refuse "CITATION.cff: version '$cited' found, $version expected"
[ "$heading" = "$version, $date" ] ||
    refuse "lib/CHANGELOG.md: '$heading' found, '$version, $date' expected"
[ "${1-}" != --check ] || exit 0

[ -z "$(git status --porcelain)" ] || refuse "the tree is not clean"
name=jacflow-$version
mkdir -p dist
git archive --format=tar --prefix="$name/" HEAD | gzip -9 -n \
    >"dist/$name.tar.gz.$$.new"
mv "dist/$name.tar.gz.$$.new" "dist/$name.tar.gz"

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
trap 'exit 1' HUP INT TERM
tar -xzf "dist/$name.tar.gz" -C "$fresh"
make -C "$fresh/$name" check || refuse "the archive does not pass its check"

(cd dist && sha256sum "$name.tar.gz") >"dist/$name.sha256"
{
    echo "jacflow $version"
    echo
    sed -n '/^## /{ :next; n; /^## /q; p; b next; }' \
        "$fresh/$name/lib/CHANGELOG.md" |
        sed '1{ /^$/d; }; ${ /^$/d; }'
    echo
    echo "Archive: $name.tar.gz"
    echo "SHA-256: $(cut -d ' ' -f 1 "dist/$name.sha256")"
} >"dist/$name.tag"
cat "dist/$name.tag"
echo
echo "git tag -a v$version -F dist/$name.tag"
