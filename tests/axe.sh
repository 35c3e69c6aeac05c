#!/bin/sh
# axe.sh REPORT.html AXE.js: what axe-core finds wrong with the page for readers
# who hear it, see little, or have no mouse; in Chromium, at a screen's and a
# phone's width, light and dark.
#
# AXE.js is axe.min.js of axe-core, as the package axe-playwright-python of PyPI
# has it: .ci/run axe.  A page with an image without words and with pale text
# must not pass.
set -u
page=$1 axe=$2
fresh=$(mktemp -d) || exit 1
trap 'rm -rf "$fresh"' EXIT
trap 'exit 1' HUP INT TERM
browser=
for name in chromium chromium-browser google-chrome; do
    ! command -v "$name" >"$fresh/log" 2>&1 || browser=${browser:-$name}
done
if [ -z "$browser" ] || [ ! -r "$page" ] || [ ! -r "$axe" ]; then
    echo "axe.sh: Chromium, a report and axe.min.js expected" >&2
    exit 2
fi
passed=0 failed=0

result() { # STATUS WHAT
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "axe.sh: failed: $2" >&2
    fi
}

cp "$page" "$fresh/page.html" || exit 1

# with_axe MORE: the page with MORE and with axe at its end, whose answers are
# lines that begin with "axe: ".
with_axe() {
    cat "$fresh/page.html"
    printf '%s\n<script>' "$1"
    cat "$axe"
    cat <<'END'
</script>
<script>
window.addEventListener('load', function () {
    axe.run(document, {resultTypes: ['violations']}).then(function (r) {
        var lines = ['axe: ' + r.passes.length + ' rules pass, ' +
                     r.violations.length + ' do not'];
        r.violations.forEach(function (v) {
            lines.push('axe: ' + v.id + ', ' + v.nodes.length + ' times: ' +
                       v.help + ': ' + v.nodes.map(function (n) {
                           return n.target;
                       }).slice(0, 5).join(', '));
        });
        document.body.textContent = lines.join('\n');
    }, function (e) {
        document.body.textContent = 'axe: ' + e;
    });
});
</script>
END
}

# ask OPTION...: put what axe says of with.html into seen.
ask() {
    timeout 300 "$browser" --headless --no-sandbox --disable-gpu \
        --no-first-run --disable-background-networking \
        --disable-component-update --disable-sync \
        --user-data-dir="$fresh/browser" --virtual-time-budget=60000 "$@" \
        --dump-dom "file://$fresh/with.html" 2>"$fresh/log" |
        grep -o 'axe: .*' >"$fresh/seen"
}

with_axe '' >"$fresh/with.html"
for way in 1280,1000 500,1000 1280,1000,dark; do
    dark=
    [ "$way" = "${way%,dark}" ] ||
        dark=--blink-settings=preferredColorScheme=0
    # shellcheck disable=SC2086 # an option or none
    ask --window-size="${way%,dark}" $dark
    grep -q '^axe: [0-9]* rules pass, 0 do not' "$fresh/seen"
    result $? "$way: $(cat "$fresh/seen")"
done
with_axe '<p style="color:#ccc;background:#fff">pale</p>
<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">' >"$fresh/with.html"
ask --window-size=1280,1000
for rule in image-alt color-contrast; do
    grep -q "^axe: $rule," "$fresh/seen"
    result $? "a planted fault is not seen: $rule"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
