#!/usr/bin/env bash
# Fuzzes one decoder: tests/fuzz/run.sh NAME [SECONDS], for example tests/fuzz/run.sh config_fuzz 60
# Inputs that it finds interesting stay in a directory that it names at the end; add those that
# found something to tests/fuzz/corpus.
set -euo pipefail
cd "$(dirname "$0")/../.."
name=${1:?usage: tests/fuzz/run.sh NAME [SECONDS]}
seconds=${2:-60}
bazel build --config=fuzz "//tests/fuzz:$name"
found=$(mktemp -d)
trap 'echo "New inputs: $found"' EXIT
bazel-bin/tests/fuzz/"$name" -max_total_time="$seconds" -print_final_stats=1 \
  -artifact_prefix="$found/" "$found" tests/fuzz/corpus/"${name%_fuzz}"
