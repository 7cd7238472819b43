#!/usr/bin/env bash
# What ctdb-sim says and how it ends. Argument: the program.
set -uo pipefail
sim=$1
failures=0

# expect CODE TEXT ARGUMENTS...: the program ends with CODE and its output has TEXT.
expect() {
  local code=$1 text=$2
  shift 2
  local output
  output=$("$sim" "$@" 2>&1)
  local ended=$?
  if [ "$ended" -ne "$code" ] || ! grep -qF -e "$text" <<<"$output"; then
    echo "ctdb-sim $*: ended with $ended, not $code, or without \"$text\":"
    echo "$output"
    failures=$((failures + 1))
  fi
}

expect 2 "unknown command line flag 'bogus'" --bogus
expect 2 "\"flood\" is not a fault" --faults flood
expect 2 "\"king\" is not a rule" --rule king
expect 2 "use \"FIRST..LAST\"" --seeds 5..1
expect 2 "use \"FIRST..LAST\"" --seeds 1..x
expect 2 "1 to 1000" --nodes 0
expect 2 "--nodes=2 only" --rule two-nodes --nodes 3
expect 2 "--minutes" --minutes -1
expect 2 "\"extra\" is not an option" extra
expect 0 "runs 3," --seeds 1..3 --minutes 0.2
expect 0 "seed 7: 2 nodes, rule two-nodes" --seeds 7 --minutes 0.2 --rule two-nodes --verbose
# 1.5 % of such runs once had a node that went on owning what others had got meanwhile.
expect 0 "runs 20," --nodes 3 --seeds 1..20
expect 0 "faults none" --seeds 1 --minutes 0.2 --faults none --verbose
# Nobody can be well again in no time: a violation with its trace and the command that repeats it.
expect 1 "calm begins" --seeds 1..20 --minutes 0.5 --faults crash --limit 0.001 --trace 2000
expect 1 "--minutes 0.5 --faults crash --rule majority --limit 0.001" \
  --seeds 1..20 --minutes 0.5 --faults crash --limit 0.001

if [ "$("$sim" --seeds 1..5 --minutes 0.3 | tail -1)" != \
  "$("$sim" --seeds 1..5 --minutes 0.3 | tail -1)" ]; then
  echo "the same seeds gave another hash"
  failures=$((failures + 1))
fi
exit $((failures > 0))
