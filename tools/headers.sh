#!/bin/sh
# headers.sh LIB TARGET: the headers that LIB/jf.h reaches, into the folder
# TARGET of the place that meson installs to.
#
# In lib/ headers name each other from there, "base/real.h"; installed ones by
# <jacflow/base/real.h>, so that no folder of a user's own is in their way.
set -eu
lib=$1 target=${MESON_INSTALL_DESTDIR_PREFIX:?}/$2

put() { # HEADER
    [ ! -e "$target/$1" ] || return 0
    mkdir -p "$target/$(dirname "$1")"
    sed 's|^\(#include \)"\([a-z_]*/[a-z_]*\.h\)"|\1<jacflow/\2>|' \
        "$lib/$1" >"$target/$1"
    sed -n 's|^#include <jacflow/\(.*\)>.*|\1|p' "$target/$1" |
        while read -r next; do put "$next"; done
}

rm -rf "$target"
put jf.h
