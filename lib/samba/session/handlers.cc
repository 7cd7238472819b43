// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/session/handlers.h"

#include <map>

namespace ctdb::samba {
namespace {

std::map<Opcode, Handler> AllHandlers() {
  std::map<Opcode, Handler> all;
  for (const auto rows : {AddressHandlers(), DatabaseHandlers(), IdentityHandlers(),
                          MessageHandlers(), StatisticsHandlers()}) {
    for (const HandlerRow& row : rows) all[row.opcode] = row.handler;
  }
  return all;
}

}  // namespace

Handler FindHandler(Opcode opcode) {
  static const auto* const all = new std::map<Opcode, Handler>(AllHandlers());
  const auto found = all->find(opcode);
  return found == all->end() ? nullptr : found->second;
}

}  // namespace ctdb::samba
