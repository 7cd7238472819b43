#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# The manual page is correct roff and shows what it should.
set -euo pipefail
ctdb=$PWD/$1
page=$TEST_TMPDIR/ctdb.1
"$ctdb" help --man >"$page"
mandoc -Tlint -Wwarning "$page"
mandoc -Tutf8 "$page" | col -b >"$page.txt"
for text in 'ctdb(1)' 'look at and control a cluster' '-n, --node=NODE' \
  'message send NODE CHANNEL TEXT' '$ ctdb ping -n 1' '--watch[=SECONDS]' 'appear as strings' 'EXIT STATUS'; do
  grep -qiF -- "$text" "$page.txt" || { echo "missing: $text"; cat "$page.txt"; exit 1; }
done
