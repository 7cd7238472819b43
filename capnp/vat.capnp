# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# What Cap'n Proto RPC needs to know of a network: a vat is an endpoint, its id an Address. The
# other types belong to introductions between three parties, which this version of the library
# cannot do.

@0xa396cb0eb7729add;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("ctdb::wire");

struct ProvisionId {}
struct RecipientId {}
struct ThirdPartyCapId {}
struct JoinResult {}
