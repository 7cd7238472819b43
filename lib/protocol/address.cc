// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/protocol/address.h"

#include <algorithm>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "lib/base/nearest_name.h"
#include "lib/base/status_macros.h"

namespace ctdb {
namespace {

struct ServiceEntry {
  ServiceId id;
  absl::string_view name;
};
constexpr ServiceEntry kServices[] = {
    {ServiceId::kRouter, "router"},       {ServiceId::kTransport, "transport"},
    {ServiceId::kMaster, "master"},       {ServiceId::kCluster, "cluster"},
    {ServiceId::kDatabase, "database"},   {ServiceId::kFailover, "failover"},
    {ServiceId::kConntrack, "conntrack"}, {ServiceId::kService, "service"},
    {ServiceId::kEvent, "event"},         {ServiceId::kSambaProxy, "samba-proxy"},
    {ServiceId::kClient, "client"},
};

struct GroupEntry {
  NodeNumber node;
  absl::string_view name;
};
constexpr GroupEntry kGroups[] = {
    {kThisNode, "this"},      {kAllNodes, "all"},      {kConnectedNodes, "connected"},
    {kActiveNodes, "active"}, {kLeaderNode, "leader"},
};

template <typename Entry, size_t N>
std::vector<absl::string_view> Names(const Entry (&entries)[N]) {
  std::vector<absl::string_view> names;
  for (const Entry& entry : entries) names.push_back(entry.name);
  return names;
}

}  // namespace

std::string ServiceName(ServiceId service) {
  for (const ServiceEntry& entry : kServices) {
    if (entry.id == service) return std::string(entry.name);
  }
  return absl::StrCat(static_cast<uint16_t>(service));
}

absl::StatusOr<ServiceId> ParseService(absl::string_view text) {
  for (const ServiceEntry& entry : kServices) {
    if (entry.name == text) return entry.id;
  }
  uint32_t number = 0;
  if (absl::SimpleAtoi(text, &number) && number >= kOtherServicesMin && number <= 0xffff) {
    return static_cast<ServiceId>(number);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("unknown service \"", text, "\": neither a name nor a number from ",
                   kOtherServicesMin, " to 65535", DidYouMean(text, Names(kServices))));
}

std::string NodeName(NodeNumber node) {
  for (const GroupEntry& entry : kGroups) {
    if (entry.node == node) return std::string(entry.name);
  }
  return absl::StrCat(node.value());
}

absl::StatusOr<NodeNumber> ParseNode(absl::string_view text) {
  for (const GroupEntry& entry : kGroups) {
    if (entry.name == text) return entry.node;
  }
  uint32_t number = 0;
  if (absl::SimpleAtoi(text, &number) && number < kNodesMax) return NodeNumber(number);
  return absl::InvalidArgumentError(absl::StrCat("invalid node \"", text,
                                                 "\": neither a number below ", kNodesMax,
                                                 " nor a group", DidYouMean(text, Names(kGroups))));
}

std::string ToString(const Address& address) {
  std::string text = absl::StrCat(NodeName(address.node), "/", ServiceName(address.service));
  if (address.instance.value() != 0) absl::StrAppend(&text, ":", address.instance.value());
  return text;
}

std::ostream& operator<<(std::ostream& out, const Address& address) {
  return out << ToString(address);
}

absl::StatusOr<Address> ParseAddress(absl::string_view text) {
  const size_t slash = text.find('/');
  if (slash == absl::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat(
        "invalid address \"", text, "\": want NODE/SERVICE[:INSTANCE], for example 2/database"));
  }
  Address address;
  CTDB_ASSIGN_OR_RETURN(address.node, ParseNode(text.substr(0, slash)));
  absl::string_view service = text.substr(slash + 1);
  const size_t colon = service.find(':');
  if (colon != absl::string_view::npos) {
    uint64_t instance = 0;
    if (!absl::SimpleAtoi(service.substr(colon + 1), &instance)) {
      return absl::InvalidArgumentError(absl::StrCat("invalid instance \"",
                                                     service.substr(colon + 1), "\" in address \"",
                                                     text, "\": want a number"));
    }
    address.instance = InstanceNumber(instance);
    service = service.substr(0, colon);
  }
  CTDB_ASSIGN_OR_RETURN(address.service, ParseService(service));
  return address;
}

}  // namespace ctdb
