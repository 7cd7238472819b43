#!/usr/bin/env bash
# Each argument is a file: the first line says which library may not depend on what, the lines that
# follow are the forbidden chain of dependencies and should not exist.
set -euo pipefail
[ $# -gt 0 ] || { echo "no layers given"; exit 1; }
violations=0
for answer in "$@"; do
  if [ "$(wc -l <"$answer")" -gt 1 ]; then
    violations=$((violations + 1))
    head -n 1 "$answer"
    tail -n +2 "$answer" | sed 's/^/    -> /'
  fi
done
if [ $violations -gt 0 ]; then
  echo
  echo "$violations layers broken. Each chain ends in a target that its beginning may not reach."
  echo "Move the code that needs it to an io/ package, or take the need as a callback interface"
  echo "that is wired up in lib/daemon/services. The rules: tests/layers/BUILD.bazel."
  exit 1
fi
echo "$# libraries keep to their layer"
