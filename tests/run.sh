#!/usr/bin/env bash
# Installs what is missing, runs all tests, and ends with the line "N passed, N failed".
# Arguments go to bazel, for example: tests/run.sh --config=asan
set -uo pipefail
cd "$(dirname "$0")/.."
tests/install_packages.sh || exit 1

log=$(mktemp)
trap 'rm -f "$log"' EXIT
bazel test --keep_going --color=no --curses=no "$@" //... 2>&1 | tee "$log"
status=${PIPESTATUS[0]}

passed=$(grep -cE '^//\S+ .*\bPASSED\b' "$log")
failed=$(grep -cE '^//\S+ .*\b(FAILED|TIMEOUT|FAILED TO BUILD|NO STATUS)\b' "$log")

# The README's other command is a test as well.
if [ "$status" -eq 0 ] && [ $# -eq 0 ]; then
  echo "examples/quickstart.sh:"
  if examples/quickstart.sh >"$log" 2>&1; then
    passed=$((passed + 1))
  else
    cat "$log"
    failed=$((failed + 1))
  fi
fi
# A build that breaks before any test has a result is a failure, too.
[ "$status" -ne 0 ] && [ "$failed" -eq 0 ] && failed=1
echo "$passed passed, $failed failed"
[ "$status" -eq 0 ] && [ "$failed" -eq 0 ]
