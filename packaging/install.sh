#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# Installs what users of the library and of the cluster need:
#
#   packaging/install.sh /usr/local              # builds it first
#   DESTDIR=stage packaging/install.sh /usr      # for packages
#   packaging/install.sh --from DIR PREFIX       # what was built before: DIR/lib/client and so on
#
#   PREFIX/include/ctdbapi.h
#   PREFIX/lib/libctdbapi.so -> libctdbapi.so.0 -> libctdbapi.so.VERSION, lib/pkgconfig/ctdbapi.pc
#   PREFIX/bin/ctdb
#   PREFIX/sbin/ctdbd, transportd, clusterd, databased, smbproxyd
#   PREFIX/libexec/ctdb/ctdb_mutex_fcntl_helper
set -euo pipefail
source=$(cd "$(dirname "$0")/.." && pwd)

usage() {
  echo "usage: packaging/install.sh [--from DIR] PREFIX" >&2
  exit 1
}
built=
if [ "${1:-}" = --from ]; then
  [ $# -ge 2 ] || usage
  built=$2
  shift 2
fi
[ $# -eq 1 ] || usage
case "$1" in
  /*) ;;
  *)
    echo "install.sh: PREFIX must begin with \"/\", since it is written into ctdbapi.pc: $1" >&2
    exit 1
    ;;
esac
prefix=${1%/}
root=${DESTDIR:-}$prefix

daemons=(ctdbd transportd clusterd databased smbproxyd)
if [ -z "$built" ]; then
  cd "$source"
  bazel build --config=opt //lib/client:libctdbapi.so //cli:ctdb \
    "${daemons[@]/#///daemon:}" //daemon:ctdb_mutex_fcntl_helper
  built=$(bazel info --config=opt bazel-bin)
fi
version=$(sed -n 's/.*kSoftwareVersion\[\] = "\(.*\)";.*/\1/p' "$source/lib/base/version.h")
[ -n "$version" ] || {
  echo "install.sh: no version found in $source/lib/base/version.h" >&2
  exit 1
}

put() { install -D -m "$1" "$2" "$root/$3"; }
put 644 "$source/lib/client/ctdbapi.h" include/ctdbapi.h
put 755 "$built/lib/client/libctdbapi.so" "lib/libctdbapi.so.$version"
ln -sf "libctdbapi.so.$version" "$root/lib/libctdbapi.so.0"
ln -sf libctdbapi.so.0 "$root/lib/libctdbapi.so"
put 755 "$built/cli/ctdb" bin/ctdb
for daemon in "${daemons[@]}"; do put 755 "$built/daemon/$daemon" "sbin/$daemon"; done
put 755 "$built/daemon/ctdb_mutex_fcntl_helper" libexec/ctdb/ctdb_mutex_fcntl_helper
mkdir -p "$root/lib/pkgconfig"
sed -e "s|@PREFIX@|$prefix|" -e "s|@VERSION@|$version|" "$source/packaging/ctdbapi.pc.in" \
  >"$root/lib/pkgconfig/ctdbapi.pc"
echo "Installed libctdbapi $version in $root"
