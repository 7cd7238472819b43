# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# What database services of different nodes, and clients and their node's database service, send
# each other: packets of kind data, with a DatabasePacket as payload. Requests of clients carry
# their number in the envelope, and the answer repeats it.

@0xd1f0a3c2b4e59687;

using Cxx = import "/capnp/c++.capnp";
using Replica = import "replica.capnp";
$Cxx.namespace("ctdb::wire");

struct RecordVersion {
  # Which of two copies is newer: of a later epoch, or of the same one and a higher counter.
  epoch @0 :UInt64;
  counter @1 :UInt64;
}

enum RefusalReason {
  notReady @0;
  notHome @1;
  busy @2;
  alreadyOwner @3;
  notOwner @4;
  notNewer @5;
  absent @6;
  inUse @7;
  notErased @8;
}

struct RecordMessage {
  # From node to node, about one record: docs/decisions/0014-home-serialised-directory.md.
  database @0 :UInt32;
  epoch @1 :UInt64;
  request @2 :UInt64;            # The requester's, in every message that its request causes.
  key @3 :Data;
  version @4 :RecordVersion;     # Not of wanted, abandon, offer, accept and kept.
  union {
    wanted @5 :Bool;             # Requester to home: make me the owner; true: a reader will do.
    forward :group {             # Home to owner: give the record to `to`.
      to @6 :UInt32;
      stayNanoseconds @7 :Int64; # How long it is to stay from when it came.
    }
    transfer @8 :Data;           # Owner to requester: it is yours; the value.
    confirm @9 :Void;            # New owner to home: I have stored it.
    abandon @10 :Void;           # Requester to home: nobody here wants it any more.
    refused @11 :RefusalReason;
    promote @12 :RecordVersion;  # Home to who has the newest copy: it is yours, with this version.
    giveUp @13 :UInt32;          # Home to who claims it wrongly: it is this node's.
    gaveUp @14 :Void;            # The answer: it is not claimed, or not any more.
    share :group {               # Home to owner: lend a read-only copy, and ask before you write.
      shareTo @15 :UInt32;
      shareLoan @16 :UInt64;     # The loan's number in this epoch. 0: none, it is shown once.
    }
    copy :group {                # Owner to reader: you may read it.
      copyLoan @17 :UInt64;
      copyValue @18 :Data;
    }
    revoke @19 :UInt64;          # Home to reader: this loan and those before are over.
    revoked @20 :UInt64;         # The answer.
    drop @22 :Bool;              # Owner to any node: older copies become empty; true: are removed.
    dropped @23 :Bool;           # The answer; true: an empty copy is here.
    forget @24 :Bool;            # Owner to home: it is empty; true: and nobody else has a copy.
    allow @25 :Void;             # The answer, if not: nobody else reads it or waits for it.
    erase @26 :Void;             # The answer, if so: erase it, unless that has changed.
    erased @27 :Void;            # The answer: it is gone.
    offer @29 :Void;             # Owner to any other node: keep a spare copy.
    accept @30 :UInt64;          # The answer: send it, with this ticket.
    spare :group {               # Owner to who has accepted: the copy.
      spareTicket @31 :UInt64;
      spareValue @32 :Data;
    }
    kept @33 :Void;              # The answer: it is stored.
  }
  watched @21 :Bool;             # Of transfer: clients want to know of the next change.
  once @34 :Bool;                # Of wanted, by a reader: what it is now will do, without a loan.
  otherFlags @28 :UInt32;        # Of transfer and spare: what programs marked the record with.
}

struct Survey {
  # A home to a member after a change of view: what do you have of these slots?
  # docs/decisions/0016-homes-rebuild-their-slots.md
  database @0 :UInt32;
  epoch @1 :UInt64;
  round @2 :UInt64;
  page @3 :UInt64;
  cursor @4 :Data;               # As the page before ended; only the member reads it.
  slots @5 :Data;                # 4096 bits, the lowest slot in the lowest bit of the first byte.
  keys @6 :List(Data);           # If there are any, only these, which belong to the slots.
}

struct Report {
  struct Entry {
    key @0 :Data;
    version @1 :RecordVersion;
    isOwner @2 :Bool;
    loanEpoch @3 :UInt64;        # Of a read-only copy; 0: it is none.
    loanNumber @4 :UInt64;
  }
  database @0 :UInt32;
  epoch @1 :UInt64;
  round @2 :UInt64;
  page @3 :UInt64;
  entries @4 :List(Entry);
  nextCursor @5 :Data;
  last @6 :Bool;
  scanned @7 :UInt64;            # Records that this page looked at,
  stored @8 :UInt64;             # of so many that the member has.
}

enum DatabaseKind {
  volatile @0;                   # One owner for each record; gone when the node starts again.
  persistent @1;
  replicated @2;
}

enum DatabaseEngine {
  native @0;
  tdb @1;                        # Files that unmodified Samba opens, too.
}

struct DatabaseInfo {
  id @0 :UInt32;
  name @1 :Text;
  kind @2 :DatabaseKind;
  path @3 :Text;                 # Of the shared file on the node that is asked.
  memoryBytes @4 :UInt64;        # What the file can grow to.
  engine @5 :DatabaseEngine;
  tdbFlags @6 :UInt32;           # Of engine tdb: what others must open the file with.
}

struct Announcement {
  # A node tells another one which databases it has; the other one makes those that it lacks, and
  # answers one that has none with its own.
  databases @0 :List(DatabaseInfo);
}

struct ClientRequest {
  union {
    attach :group {              # Answered with `attached`.
      name @0 :Text;
      kind @1 :DatabaseKind;
      engine @20 :DatabaseEngine;
      tdbSequence @21 :Bool;     # Of engine tdb: from now on the file counts its changes.
    }
    get :group {                 # This node is to have the record. Answered with `ready`.
      database @2 :UInt32;
      key @3 :Data;
      forRead @4 :Bool;          # A copy to read will do.
    }
    cancel @5 :UInt64;           # The number of a `get` that nobody waits for any more.
    used :group {                # No answer: a record that came was used.
      usedDatabase @6 :UInt32;
      usedKey @7 :Data;
      usedTurns @27 :UInt32 = 1; # By so many that were told `readyInTurn`.
    }
    list :group {                # Records that the asked node owns. Answered with `page`.
      listDatabase @8 :UInt32;
      cursorBucket @9 :UInt64;
      cursorAfter @10 :Data;
    }
    members @11 :Void;           # Answered with `memberNodes`.
    # Of databases of which each node has a copy; `read` of volatile ones of engine tdb, too, which
    # fails with ABORTED while the record is not this node's: `get` it first.
    read :group {                # Answered with `copy`.
      readDatabase @12 :UInt32;
      readKey @13 :Data;
    }
    commit :group {              # Answered with `outcome`.
      commitDatabase @14 :UInt32;
      transaction @15 :ClientTransaction;
    }
    question :group {            # What became of a transaction? Answered with `outcome`.
      questionDatabase @16 :UInt32;
      token @17 :Replica.TransactionToken;
      since @18 :Replica.LogPosition;  # As the unknown outcome said.
    }
    position @19 :UInt32;        # Of this database here. Answered with `position`.
    bodyPart :group {            # Before the commit of a large transaction: its body, from the
      partDatabase @22 :UInt32;  # beginning on and without gaps. Answered with `bodyTaken`.
      partToken @23 :Replica.TransactionToken;
      partTotal @24 :UInt64;     # Bytes of all of it.
      partOffset @25 :UInt64;
      partBytes @26 :Data;
    }
    spare :group {               # All other nodes are to have a copy of what this record is now.
      spareDatabase @28 :UInt32; # Answered with `spareKept`, or fails with ABORTED when it is not
      spareKey @29 :Data;        # this node's.
    }
  }
}

struct ClientTransaction {
  token @0 :Replica.TransactionToken;
  isWipe @1 :Bool;               # Deletes all records before it writes.
  reads @2 :List(Replica.TransactionRead);    # Must be so still, or nothing happens.
  writes @3 :List(Replica.TransactionWrite);  # In this order.
  body @4 :Replica.TransactionBody;           # Instead of the writes: all its parts came before.
}

struct ListedRecord {
  key @0 :Data;
  value @1 :Data;
}

struct ClientAnswer {
  union {
    attached @0 :DatabaseInfo;
    ready @1 :Void;              # The record was here a moment ago: look again.
    absent @9 :Void;             # To who reads: there is no such record.
    readyInTurn @10 :Void;       # As `ready`, to several clients: say `used` when you have had it.
    failed :group {
      code @2 :UInt16;           # An absl::StatusCode.
      reason @3 :Text;
    }
    page :group {
      records @4 :List(ListedRecord);
      nextBucket @5 :UInt64;
      nextAfter @6 :Data;
      last @7 :Bool;
    }
    memberNodes @8 :List(UInt32);
    copy :group {                # Also of a `get` for reading, of engine tdb: what it was then.
      isThere @11 :Bool;
      value @12 :Data;
      version @13 :Replica.LogPosition;
    }
    outcome :group {
      verdict @14 :Replica.TransactionVerdict;
      at @15 :Replica.LogPosition;     # Of committed.
      changedKey @16 :Data;            # Of aborted: what is not as it was read.
      why @17 :Text;
      since @18 :Replica.LogPosition;  # Of unknown: for `question`.
    }
    position @19 :Replica.LogPosition;
    bodyTaken @20 :UInt64;       # So many bytes of the body are here.
    # Of engine tdb, with request 0: say `used` when those whom you told of it have had the record.
    awaited :group {
      awaitedDatabase @21 :UInt32;
      awaitedKey @22 :Data;
      awaitedTurns @23 :UInt32;  # So many were told `readyInTurn`.
    }
    spareKept @24 :Void;         # All other nodes have a copy.
  }
}

struct ChangedFiles {
  # A member to the others: files of engine tdb that count their changes have changed here. Theirs
  # count one more, so that Samba's programs there look again.
  databases @0 :List(UInt32);
}

struct DatabasePacket {
  union {
    record @0 :RecordMessage;
    announcement @1 :Announcement;
    request @2 :ClientRequest;
    answer @3 :ClientAnswer;
    survey @4 :Survey;
    report @5 :Report;
    replica @6 :Replica.ReplicaMessage;
    changedFiles @7 :ChangedFiles;
  }
}
