#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# A user's way: install into a prefix, look at what was installed, build the examples against it
# with pkg-config, and run them on different nodes of a cluster of the installed daemons.
set -uo pipefail
unset CTDB_TEST_MODE CTDB_BASE CTDB_TIMEOUT CTDBD
base=$(mktemp -d /tmp/ctdb-it.XXXXXX)
prefix=$base/p
ctdb=$prefix/bin/ctdb
trap '"$ctdb" local destroy "$base/c" >/dev/null 2>&1; rm -rf "$base"' EXIT

fail() {
  echo "FAILED: $*"
  "$ctdb" local log "$base/c" 2>/dev/null | tail -30
  exit 1
}

packaging/install.sh relative >/dev/null 2>&1 && fail "a relative prefix is accepted"
packaging/install.sh --from "$PWD" "$prefix" >/dev/null || fail "install"
for file in include/ctdbapi.h lib/libctdbapi.so lib/libctdbapi.so.0 lib/pkgconfig/ctdbapi.pc \
  bin/ctdb sbin/ctdbd sbin/transportd sbin/clusterd sbin/databased sbin/smbproxyd \
  libexec/ctdb/ctdb_mutex_fcntl_helper; do
  [[ -s $prefix/$file ]] || fail "$file is not installed"
done
version=$("$ctdb" version | grep -o '[0-9]*\.[0-9]*\.[0-9]*' | head -1)
[[ -f $prefix/lib/libctdbapi.so.$version ]] || fail "the library has not the version of ctdb"

# What is exported is what the header declares, and nothing else.
declared=$(grep -o '^[a-z].*\bctdb_[a-z_]*(' "$prefix/include/ctdbapi.h" | grep -v typedef |
  grep -o 'ctdb_[a-z_]*($' | tr -d '(' | sort)
exported=$(nm -D --defined-only "$prefix/lib/libctdbapi.so" | awk '$2 != "A" { print $3 }' |
  sed 's/@.*//' | sort)
[[ $exported == "$declared" ]] ||
  fail "exported or declared only: $(comm -3 <(echo "$exported") <(echo "$declared") | xargs)"
readelf -d "$prefix/lib/libctdbapi.so" | grep -q 'SONAME.*\[libctdbapi\.so\.0\]' || fail "soname"

# The header needs nothing but itself, in any dialect.
echo '#include <ctdbapi.h>' >"$base/header.c"
for dialect in "cc -std=c99" "cc -std=c11" "c++ -x c++ -std=c++11"; do
  $dialect -pedantic -Wall -Wextra -Werror -I"$prefix/include" -fsyntax-only "$base/header.c" ||
    fail "the header alone with $dialect"
done
macros() { cc -std=c99 -dM -E "$@" | grep -o '^#define [A-Za-z_0-9]*' | sort -u; }
printf '#include <stddef.h>\n#include <stdint.h>\n' >"$base/plain.c"
leaked=$(comm -13 <(macros "$base/plain.c") <(macros -I"$prefix/include" "$base/header.c") |
  grep -vE '^#define (CTDB_|LIB_CLIENT_CTDBAPI_H_$)')
[[ -z $leaked ]] || fail "macros leak: $leaked"

export PKG_CONFIG_PATH=$prefix/lib/pkgconfig LD_LIBRARY_PATH=$prefix/lib
warnings="-pedantic -Wall -Wextra -Werror"
cc -std=c99 $warnings -o "$base/counter_c" examples/embed_c/counter.c \
  $(pkg-config --cflags --libs ctdbapi) || fail "the C example does not build"
c++ -std=c++17 $warnings -o "$base/counter_cpp" examples/embed_cpp/counter.cc \
  $(pkg-config --cflags --libs ctdbapi) || fail "the C++ example does not build"
for example in examples/embed_c/counter.c examples/embed_cpp/counter.cc; do
  [[ $(wc -l <$example) -lt 100 ]] || fail "$example is too long to be an example"
done

out=$("$base/counter_c" 1 2>&1) && fail "it works without a cluster: $out"
[[ $out == *"cannot open a client"* ]] || fail "without a cluster it says: $out"

on() { "$ctdb" local onnode --dir "$base/c" "$@"; }
"$ctdb" local setup "$base/c" && "$ctdb" local start "$base/c" || fail "no cluster"
on all ctdb wait --for running --timeout 20 >/dev/null || fail "the cluster does not run"

on 0 "$base/counter_c" 300 3 >"$base/c.out" 2>&1 &
first=$!
deadline=$((SECONDS + 30))
until grep -q 'counted to' "$base/c.out"; do
  kill -0 $first 2>/dev/null || fail "the C example ended: $(cat "$base/c.out")"
  [[ $SECONDS -lt $deadline ]] || fail "the C example does not count: $(cat "$base/c.out")"
  sleep 0.05
done
out=$(on 1 "$base/counter_cpp" 300 1 2>&1) || fail "the C++ example: $out"
[[ $out == *"node 1 counted to 600"* ]] || fail "the C++ example said: $out"
out=$(on 2 "$base/counter_c" 300 1 2>&1) || fail "the C example on node 2: $out"
[[ $out == *"node 2 counted to 900"* ]] || fail "the C example on node 2 said: $out"
wait $first || fail "the C example on node 0: $(cat "$base/c.out")"
for line in "node 0 counted to 300" "heard from node 0: 300" "heard from node 1: 600" \
  "heard from node 2: 900"; do
  grep -q "$line" "$base/c.out" || fail "no \"$line\" in: $(cat "$base/c.out")"
done

# The programs of the guide.
block() { sed -n "/^\`\`\`$1\$/,/^\`\`\`\$/{/^\`/!p}" docs/embedding.md; }
block c >"$base/guide.c"
block cpp >"$base/guide.cc"
cc -std=c99 $warnings -o "$base/guide_c" "$base/guide.c" \
  $(pkg-config --cflags --libs ctdbapi) || fail "the guide's C does not build"
c++ -std=c++17 $warnings -o "$base/guide_cpp" "$base/guide.cc" \
  $(pkg-config --cflags --libs ctdbapi) || fail "the guide's C++ does not build"
out=$(on 0 "$base/guide_c" 2>&1)
[[ $out == *"stored on node 0"* ]] || fail "the guide's C says: $out"
out=$(on 1 "$base/guide_cpp" 2>&1)
[[ $out == *"node 1 reads hello"* ]] || fail "the guide's C++ says: $out"

# Both at once.
on 0 "$base/counter_c" 500 1 >/dev/null 2>&1 &
first=$!
on 2 "$base/counter_cpp" 500 1 >/dev/null 2>&1 || fail "counting at once"
wait $first || fail "counting at once"
out=$(on 1 "$base/counter_c" 0 1 2>&1)
[[ $out == *"counted to 1900"* ]] || fail "counted at once: $out"

"$ctdb" local destroy "$base/c" >/dev/null || fail "destroy"
[[ -z $(pgrep -f "$base" | grep -v "^$$\$") ]] || fail "processes are left: $(pgrep -af "$base")"
echo PASS
