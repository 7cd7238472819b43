#!/usr/bin/env bash
# Ten thousand seeds under all faults. Argument: the program. Wants --config=opt.
set -euo pipefail
sim=$1
for run in "3 majority 2500" "5 majority 2000" "7 majority 1000" "3 lock 2000" "5 lock 1500"; do
  read -r nodes rule seeds <<<"$run"
  echo "$nodes nodes, $rule:"
  "$sim" --nodes "$nodes" --rule "$rule" --seeds "1..$seeds"
done
echo "two nodes that go on alone:"
"$sim" --rule two-nodes --seeds 1..1000
