// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// A counter that programs on all nodes share, and a message to all of them when it was counted.
//
//   cc -std=c99 -o counter counter.c $(pkg-config --cflags --libs ctdbapi)
//   ./counter 1000      # counts, tells everybody, and waits for one message: its own
//   ./counter 1000 2    # waits for two: another program may count meanwhile, on any node
//
// In a local cluster: ctdb local onnode --dir DIRECTORY 0 ./counter 1000
#include <ctdbapi.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHANNEL 4711
#define TIMEOUT_MS 10000

static void check(int error, const char *what) {
  if (error == CTDB_OK) return;
  fprintf(stderr, "cannot %s: %s (%s)\n", what, ctdb_last_error(), ctdb_strerror(error));
  exit(1);
}

static long number(const void *value, size_t size) {
  char text[32] = "0";
  if (size > 0 && size < sizeof(text)) {
    memcpy(text, value, size);
    text[size] = '\0';
  }
  return strtol(text, NULL, 10);
}

// Adds one while nobody else in the cluster can look at the record.
static void increment(ctdb_database *database, const char *key) {
  ctdb_record *record;
  char text[32];
  size_t size;
  check(ctdb_lock(database, key, strlen(key), TIMEOUT_MS, &record), "lock the counter");
  const void *value = ctdb_value(record, &size);
  int length = snprintf(text, sizeof(text), "%ld", number(value, size) + 1);
  int stored = ctdb_store(record, text, (size_t)length);
  ctdb_unlock(record);
  check(stored, "store the counter");
}

static void hear(void *context, uint32_t node, uint64_t instance, uint64_t channel,
                 const void *data, size_t size) {
  (void)instance;
  (void)channel;
  ++*(int *)context;
  printf("heard from node %" PRIu32 ": %.*s\n", node, (int)size, (const char *)data);
}

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 1000;
  int wanted = argc > 2 ? atoi(argv[2]) : 1;
  int heard = 0;
  ctdb_client *client;
  ctdb_database *database;
  void *value;
  size_t size;

  check(ctdb_open(NULL, "counter", TIMEOUT_MS, &client), "open a client");
  check(ctdb_attach(client, "embedding", TIMEOUT_MS, &database), "attach the database");
  check(ctdb_subscribe(client, CHANNEL, hear, &heard, TIMEOUT_MS), "subscribe");
  for (int i = 0; i < count; ++i) increment(database, "visitors");
  check(ctdb_read(database, "visitors", 8, TIMEOUT_MS, &value, &size), "read the counter");
  printf("node %" PRIu32 " counted to %ld\n", ctdb_node(client), number(value, size));
  fflush(stdout);

  check(ctdb_send(client, CTDB_NODE_CONNECTED, CHANNEL, value, size, TIMEOUT_MS), "send");
  ctdb_free(value);
  while (heard < wanted) check(ctdb_dispatch(client, 1000, NULL), "receive");
  ctdb_detach(database);
  ctdb_close(client);
  return 0;
}
