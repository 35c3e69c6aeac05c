#!/bin/sh
# fresh.sh [--cache DIR] RELEASE [COMMAND...]: is the README true of a machine
# with nothing on it?
#
# Makes a bare Debian of that release (bookworm, trixie, ...) in a temporary
# folder, with what the README asks for and no more, clones the last commit of
# this project there, and runs the command in the clone; without one, make
# experiments PROFILE=quick.  Its status is the command's.  --cache keeps the
# bare system as DIR/RELEASE.tar and takes it from there the next time.
#
# Packages come from the mirror that this machine itself uses.  Wants root and
# debootstrap.  Mounts are in a namespace of their own and end with it, and the
# folder is removed, however this ends.
set -u
include=git,make,ca-certificates # git, make: README.md

refuse() { # STATUS WHY
    echo "fresh.sh: $2" >&2
    exit "$1"
}

usage() {
    echo "Usage: tools/fresh.sh [--cache DIR] RELEASE [COMMAND...]"
}

cache=
case ${1-} in
--help)
    usage
    exit 0
    ;;
--cache)
    [ $# -ge 2 ] || refuse 2 "--cache without a folder"
    cache=$2
    shift 2
    ;;
-*) refuse 2 "$1: no such option; $(usage)" ;;
esac
[ $# -ge 1 ] || refuse 2 "no release; $(usage)"
release=$1
shift
[ $# -gt 0 ] || set -- make experiments PROFILE=quick

case $release in
*[!a-z]* | '') refuse 2 "$release: no name of a release" ;;
esac
[ -z "$cache" ] || [ -d "$cache" ] || refuse 2 "$cache: no such folder"
command -v debootstrap >/dev/null ||
    refuse 1 "no debootstrap here: apt-get install debootstrap"
[ -e "/usr/share/debootstrap/scripts/$release" ] ||
    refuse 2 "$release: debootstrap knows no such release"
[ "$(id -u)" -eq 0 ] || refuse 1 "only root can make a system"

# The mirror of this machine's own release, in whatever form it is written.
own=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
# shellcheck disable=SC2016 # words of apt-get's own
mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
    'Created-By: Packages' | awk -v own="$own" '
    $2 == own && $3 == "main" && !found { print $1; found = 1 }')
[ -n "$mirror" ] || refuse 1 "apt's sources name no mirror of $own main"
source=$(cd "$(dirname "$0")/.." && git rev-parse --show-toplevel) ||
    refuse 1 "not in a clone of the project"

folder=$(mktemp -d) || exit 1
child=
clean() {
    if [ -n "$child" ]; then # what runs in the namespace dies with it
        kill -KILL "$child" 2>/dev/null
        wait "$child" 2>/dev/null
    fi
    rm -rf --one-file-system "$folder"
}
trap clean EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
system=$folder/$release

# apart COMMAND...: with processes and mounts that nobody else sees.
apart() {
    unshare --mount --pid --fork --kill-child -- "$@" </dev/null &
    child=$!
    wait "$child"
    status=$?
    child=
    return "$status"
}

bare() {
    if [ -n "$cache" ] && [ -e "$cache/$release.tar" ]; then
        tar -C "$folder" -xf "$cache/$release.tar"
        return
    fi
    echo "fresh.sh: a bare $release from $mirror" >&2
    apart debootstrap --variant=minbase --include="$include" "$release" \
        "$system" "$mirror" >"$folder/log" 2>&1 || {
        tail -n 3 "$folder/log" >&2
        return 1
    }
    [ -z "$cache" ] || {
        tar -C "$folder" -cf "$cache/$release.tar.$$" "$release" &&
            mv "$cache/$release.tar.$$" "$cache/$release.tar"
    }
}

bare || refuse 1 "no bare $release"
cp /etc/resolv.conf /etc/hosts "$system/etc/"
git clone -q "$source" "$system/root/jacflow" || refuse 1 "no clone"

echo "fresh.sh: $release: $*" >&2
# shellcheck disable=SC2016 # of the shell within
apart sh -c 'system=$1
    shift
    mount -t proc proc "$system/proc" && mount -t sysfs sysfs "$system/sys" &&
        mount --rbind /dev "$system/dev" && exec chroot "$system" "$@"' sh \
    "$system" /usr/bin/env -i HOME=/root LANG=C.UTF-8 \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    ${http_proxy:+"http_proxy=$http_proxy"} \
    ${OPENBLAS_CORETYPE:+"OPENBLAS_CORETYPE=$OPENBLAS_CORETYPE"} \
    ${OPENBLAS_L2_SIZE:+"OPENBLAS_L2_SIZE=$OPENBLAS_L2_SIZE"} \
    sh -c 'cd /root/jacflow && exec "$@"' sh "$@"
