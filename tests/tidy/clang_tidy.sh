#!/usr/bin/env bash
# Runs clang-tidy over sources: tests/tidy/clang_tidy.sh [FILE|DIRECTORY]...
# Without arguments: over lib, daemon and cli. Checks and their reasons are in .clang-tidy.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- lib daemon cli

# Generated headers must be there.
bazel build //capnp:all 2>&1 | grep -E "^ERROR" && exit 1

# clang-tidy says on standard error how many warnings it did not show.
find "$@" -name '*.cc' -print0 | sort -z |
  xargs -0 -r -I SOURCE -P "$(nproc)" \
    clang-tidy --quiet SOURCE -- -std=c++20 -I. -Ibazel-bin -Wall -Wno-unused-parameter \
    2> >(grep -vE '^[0-9]+ warnings? .*generated' >&2)
