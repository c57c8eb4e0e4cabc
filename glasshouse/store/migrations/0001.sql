-- Version 1. A migration is a further file `NNNN.sql`, run once, in order, inside a transaction.
CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  agent_name TEXT NOT NULL,
  status TEXT NOT NULL,
  stop_reason TEXT,
  adopted_by TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE log (
  session_id TEXT NOT NULL,
  n INTEGER NOT NULL,
  at TEXT NOT NULL,
  type TEXT NOT NULL,
  data TEXT NOT NULL,
  source_id TEXT,
  PRIMARY KEY (session_id, n)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX log_source ON log (session_id, source_id) WHERE source_id IS NOT NULL;

CREATE TABLE calls (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  session_id TEXT NOT NULL,
  thread_id TEXT,
  kit TEXT NOT NULL,
  tool TEXT NOT NULL,
  input TEXT NOT NULL,
  state TEXT NOT NULL,
  result TEXT,
  reason TEXT,
  claimed_at TEXT NOT NULL
) STRICT;
CREATE INDEX calls_of_session ON calls (session_id, seq);
CREATE INDEX calls_unsettled ON calls (session_id) WHERE state IN ('claimed', 'executed');

CREATE TABLE memory (
  session_id TEXT NOT NULL,
  kit TEXT NOT NULL,
  key TEXT NOT NULL,
  value BLOB NOT NULL,
  PRIMARY KEY (session_id, kit, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE files (
  session_id TEXT NOT NULL,
  id TEXT NOT NULL,
  media_type TEXT NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (session_id, id)
) STRICT;

CREATE TABLE shares (
  id TEXT PRIMARY KEY,
  session_id TEXT NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,
  scope TEXT NOT NULL,
  kit TEXT,
  label TEXT NOT NULL,
  created_at TEXT NOT NULL,
  expires_at TEXT,
  revoked_at TEXT
) STRICT;
CREATE INDEX shares_of_session ON shares (session_id);

CREATE TABLE webhooks (id TEXT PRIMARY KEY, seen_at TEXT NOT NULL) STRICT, WITHOUT ROWID;
