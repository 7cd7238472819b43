#!/usr/bin/env bash
# 101,000 simulated runs with faults: of the cluster service, of volatile databases, and of those
# that each node has a copy of. Wants --config=opt; takes about half an hour of one processor.
# Arguments: the programs.
set -euo pipefail
sim=$1 database=$2 replica=$3

for run in "3 majority 1..12500" "5 majority 1..10000" "7 majority 1..5000" \
  "3 lock 1..10000" "5 lock 1..7500" "2 two-nodes 1..5000"; do
  read -r nodes rule seeds <<<"$run"
  echo "cluster service, $nodes nodes, $rule, seeds $seeds:"
  "$sim" --nodes "$nodes" --rule "$rule" --seeds "$seeds"
done

tests() { # tests PROGRAM SEEDS TEST...: so many seeds of each
  local program=$1 seeds=$2 filter
  shift 2
  filter=$(printf 'RandomRunTest.%s*:' "$@")
  [ "$("$program" --gtest_filter="$filter" --gtest_list_tests | grep -c '^  ')" -eq $# ] ||
    { echo "not all of these tests are there: $*" >&2 && exit 1; }
  CTDB_SEEDS=$seeds "$program" --gtest_filter="$filter"
}

echo "volatile databases:"
tests "$database" 6000 CutLinksLose NodesComeAndGo ReadersSeeWhat NothingDeletedComesBack
echo "persistent and replicated databases:"
tests "$replica" 9000 NothingAcknowledgedIsLost DamagedCopiesAreFilled AReplicatedDatabaseSurvives
echo "101000 runs, no violation"
