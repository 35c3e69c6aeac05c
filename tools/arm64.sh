#!/bin/sh
# arm64.sh [BUILD_DIR]: build for arm64 on another processor, and run the unit
# tests under qemu-user; ends with "N passed, N failed".
#
# Adds the architecture arm64 to this Debian and installs the cross compiler,
# the libraries of that kind, and qemu-user; it says so.  To keep all that off
# this machine, give the script to tools/fresh.sh.
set -eu
build=${1:-build-arm64}
cd "$(dirname "$0")/.."
if ! dpkg --print-foreign-architectures | grep -qx arm64; then
    echo "arm64.sh: adding the architecture arm64" >&2
    dpkg --add-architecture arm64
fi
export CC=aarch64-linux-gnu-gcc
export PKG_CONFIG_LIBDIR=/usr/lib/aarch64-linux-gnu/pkgconfig
./install.sh
if ! command -v qemu-aarch64 >/dev/null; then
    echo "arm64.sh: installing qemu-user" >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
        --no-install-recommends qemu-user >&2
fi
[ -f "$build/build.ninja" ] ||
    env -u CC meson setup --cross-file tools/arm64.ini -Dwerror=true "$build"
ninja -C "$build"
exec tests/run.sh "$build" qemu-aarch64
