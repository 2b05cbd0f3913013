#!/bin/sh
# Install the Debian packages that the tests drive for real, where they are missing.
# As root, or with sudo. Prints what and why; says what to do where it cannot.
set -eu

missing=""
need() { # PACKAGE FILE WHY
    [ -e "$2" ] && return 0
    echo "Missing: $1 ($3)"
    missing="$missing $1"
}

need chromium /usr/bin/chromium "the browser tests open the app in it"
need fonts-noto-cjk /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc "Korean letters on the screenshots"
need gcc /usr/bin/cc "the GPU tests compile a small stand-in for NVIDIA's library"
need libc6-dev /usr/include/stdio.h "the same"
need postgresql /usr/lib/postgresql/*/bin/postgres "the tests start servers of their own, on free ports, beside Debian's"
need redis-server /usr/bin/redis-server "the same"
need prometheus-node-exporter /usr/bin/prometheus-node-exporter "a machine is watched through it"
need curl /usr/bin/curl "the lines that the documents show are tried with it"
need iproute2 /sbin/ip "a probe is put into a network of its own"
need systemd /usr/bin/systemd-analyze "the service units are checked with it"

[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ]; then
    sudo=""
elif command -v sudo >/dev/null 2>&1; then
    sudo="sudo"
else
    echo "Install them as root, then run this again: apt-get install$missing" >&2
    exit 1
fi
echo "Installing:$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086  # the list is meant to be split
$sudo apt-get update -qq
# shellcheck disable=SC2086
$sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
