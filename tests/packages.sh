#!/bin/sh
# packages.sh: what ./install.sh asks apt-get for, which here is a stand-in.
set -u
passed=0 failed=0
fresh=$(mktemp -d) || exit 1
trap 'rm -rf "$fresh"' EXIT
mkdir "$fresh/bin"

# A release without the packages in ABSENT; apt-get notes what it is told.
cat >"$fresh/bin/apt-cache" <<'END'
#!/bin/sh
case " $ABSENT " in
*" $2 "*) echo "  Candidate: (none)" ;;
*) echo "  Candidate: 1" ;;
esac
END
printf '#!/bin/sh\necho "$@" >>"%s/asked"\n' "$fresh" >"$fresh/bin/apt-get"
printf '#!/bin/sh\necho 0\n' >"$fresh/bin/id"
chmod +x "$fresh/bin/"*

result() { # STATUS WHAT
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "packages: failed: $2" >&2
        cat "$fresh/asked" "$fresh/said" >&2
    fi
}

# installs STATUS COMPILER ABSENT: asked and said are what it did.
installs() {
    : >"$fresh/asked"
    CC=$2 ABSENT=$3 PATH="$fresh/bin:$PATH" ./install.sh >"$fresh/said" 2>&1
    [ $? -eq "$1" ]
    result $? "status with CC=$2, without $3"
}

asks() {
    grep -qE -e "^install .* $1( |\$)" "$fresh/asked"
    result $? "does not ask for $1"
}

asks_not() {
    ! grep -qE -e " $1( |\$)" "$fresh/asked"
    result $? "asks for $1"
}

# A compiler that cannot: nothing is there, nor will it ever be.
installs 1 false libflint-arb-dev
asks libflint-dev
asks libgsl-dev
asks_not libflint-arb-dev
asks_not update
grep -q '^Type: .* libgsl-dev' "$fresh/said"
result $? "no line to type"
installs 1 false ""
asks libflint-arb-dev
installs 1 false libgsl-dev
grep -q '^update' "$fresh/asked"
result $? "no new lists for a package that is not in the old ones"
installs 1 /nowhere/clang-77 ""
asks clang-77
asks libomp-77-dev
installs 1 /nowhere/aarch64-linux-gnu-gcc ""
asks libgsl-dev:arm64
asks librandom123-dev
asks_not libhdf5-dev

# The control: where all is there it is silent.
installs 0 "${CC:-cc}" ""
[ ! -s "$fresh/asked" ] && [ ! -s "$fresh/said" ]
result $? "not silent"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
