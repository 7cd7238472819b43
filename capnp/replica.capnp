# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# What nodes send each other about a database of which each has a full copy:
# docs/decisions/0019-replicas-with-a-coordinator.md. One that is larger than a packet goes as a
# stream.

@0x9232aaa6ae077ec2;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("ctdb::wire");

struct LogPosition {
  # A later epoch beats any sequence.
  epoch @0 :UInt64;
  sequence @1 :UInt64;
}

struct TransactionToken {
  # Random, of one attempt of one client. Zero: none.
  high @0 :UInt64;
  low @1 :UInt64;
}

struct TransactionRead {
  key @0 :Data;
  union {
    absent @1 :Void;
    version @2 :LogPosition;
  }
}

struct TransactionWrite {
  key @0 :Data;
  union {
    deleted @1 :Void;
    value @2 :Data;
  }
}

struct TransactionBody {
  # The writes of a large transaction, which travel as bytes in parts, apart from it: for each the
  # length of its key (4 bytes), the length of its value plus 1 or 0 to delete it (4), key, value.
  bytes @0 :UInt64;              # 0: there is none.
  digest @1 :UInt64;             # SipHash-1-3 of each 64 KiB; key: the hash before it, its offset.
}

struct LogEntry {
  position @0 :LogPosition;
  token @1 :TransactionToken;
  isWipe @2 :Bool;               # Deletes all records before it writes.
  writes @3 :List(TransactionWrite);
  body @4 :TransactionBody;      # In batches: instead of the writes. Members have staged it.
}

enum TransactionVerdict {
  unknown @0;
  committed @1;
  aborted @2;
  notCommitted @3;
  busy @4;
  closed @5;
  invalid @6;
  full @7;                       # A member has no room for it.
}

struct RecordDigest {
  high @0 :UInt64;
  low @1 :UInt64;
}

struct LogToken {
  position @0 :LogPosition;
  token @1 :TransactionToken;
}

struct CopiedRecord {
  key @0 :Data;
  version @1 :LogPosition;
  value @2 :Data;
}

struct ReplicaMessage {
  database @0 :UInt32;
  epoch @1 :UInt64;
  round @2 :UInt64;              # Of the coordinator; 0 in commit and outcome.
  union {
    commit :group {              # A client's node to the coordinator: let it happen.
      run @3 :UInt64;            # Of the sending process.
      request @4 :UInt64;
      oldest @5 :UInt64;         # The sender's oldest request without an answer.
      since @6 :LogPosition;     # If it has happened, it was after this.
      isQuestion @7 :Bool;       # Only: has the token happened?
      token @8 :TransactionToken;
      isWipe @9 :Bool;
      reads @10 :List(TransactionRead);
      writes @11 :List(TransactionWrite);
      body @53 :TransactionBody; # Instead of the writes.
    }
    outcome :group {             # The answer.
      clientRun @12 :UInt64;
      clientRequest @13 :UInt64;
      verdict @14 :TransactionVerdict;
      position @15 :LogPosition; # Of committed.
      key @16 :Data;             # Of aborted: what has changed.
      reason @17 :Text;
    }
    ask @18 :Void;               # Coordinator to members: where do you stand?
    standing :group {            # The answer.
      isDamaged @19 :Bool;
      at @20 :LogPosition;
      digest @21 :RecordDigest;
      problem @22 :Text;
    }
    sync :group {                # Coordinator to members: become as the source is.
      source @23 :UInt32;
      target @24 :LogPosition;
      targetDigest @25 :RecordDigest;
    }
    synced :group {              # The answer.
      syncedAt @26 :LogPosition;
      syncedDigest @27 :RecordDigest;
      wasRepaired @28 :Bool;
    }
    batch :group {               # Coordinator to members: these happen next.
      previous @29 :LogPosition;
      committed @30 :LogPosition;
      entries @31 :List(LogEntry);
    }
    stored @32 :LogPosition;     # The answer: everything up to here is stored.
    lost @33 :Text;              # Member to coordinator: begin a new round.
    pull @34 :LogPosition;       # Member to source: what follows in the log?
    pulled :group {              # The answer.
      after @35 :LogPosition;
      isKnown @36 :Bool;
      following @37 :List(LogEntry);
    }
    digestsWanted @38 :Void;     # Member to source.
    digests :group {             # The answer.
      digestsAt @39 :LogPosition;
      slots @40 :List(RecordDigest);  # 4096.
      tokensBase @41 :LogPosition;
      tokens @42 :List(LogToken);
    }
    fetch :group {               # Member to source: what else is in this slot?
      slot @43 :UInt32;
      behind @44 :Data;          # Of keys greater than this,
      until @45 :Data;           # up to this; empty: all.
      fingerprints @46 :List(UInt64);   # Of the member's records there, in the order of keys.
      shortFingerprints @70 :List(UInt32);   # Instead of them: their lower halves.
    }
    page :group {                # The answer.
      pageSlot @47 :UInt32;
      pageBehind @48 :Data;
      isComplete @49 :Bool;
      covered @50 :Data;         # Up to which key, if not complete.
      kept @51 :List(Bool);      # For each fingerprint: the source has it, too.
      records @52 :List(CopiedRecord);
    }
    stage :group {               # Coordinator to members: get this body from the submitter.
      stageToken @54 :TransactionToken;
      stageBody @55 :TransactionBody;
      stageSource @56 :UInt32;
    }
    staged :group {              # The answer.
      stagedToken @57 :TransactionToken;
      stagedProblem @58 :Text;   # Empty: it is here.
      isFull @69 :Bool;          # There is no room for it, and will not be by itself.
    }
    unstage @59 :TransactionToken;   # Coordinator to members: it is not wanted any more.
    partsWanted :group {         # Member to submitter: let me have these bytes.
      partsToken @60 :TransactionToken;
      partsFrom @61 :UInt64;
      partsUntil @62 :UInt64;
    }
    bodyPart :group {            # The answer, one of several.
      partToken @63 :TransactionToken;
      partOffset @64 :UInt64;
      partBytes @65 :Data;
      isGone @66 :Bool;          # There is no such transaction here, or not any more.
    }
    room :group {                # Member to coordinator, when there is little, and once after it.
      roomBytes @67 :UInt64;     # That there are for its copy.
      roomPlace @68 :Text;       # Of what there is little.
    }
  }
}
