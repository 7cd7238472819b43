# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# The interface of the example daemon. Services of other makers have numbers from 1000 on.

@0xc77f29d36fee33bf;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("example");

using Control = import "../../capnp/control.capnp";

interface Echo extends(Control.DaemonControl) {
  echo @0 (text :Text) -> (text :Text);
}
