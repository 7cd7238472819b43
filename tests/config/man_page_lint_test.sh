#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# mandoc has nothing to warn about in the generated manual pages (the arguments).
set -uo pipefail
[ $# -ge 1 ] || exit 1
for page in "$@"; do
  [ -s "$page" ] || { echo "$page is missing or empty"; exit 1; }
  mandoc -Tlint -Wwarning "$page" || exit 1
done
