/** The tables of the file. A change of them needs a new {@link SCHEMA_VERSION}. */

/** Marks the file as ours: "mcpS" in ASCII. */
export const APPLICATION_ID = 0x6d637053
export const SCHEMA_VERSION = 1

/**
 * - `sessions.stamp` differs between two contents of one session, except for `expires_at`.
 * - `accounts`: what each owner holds. `totals`: one row, what all hold.
 * - `logs`: one per session that has streams. `held` says whether the session itself is stored. `skipped` counts the messages of its oldest
 *   chunk that are no longer kept; `events` and `bytes` do not include them.
 * - `chunks`: messages that were appended together, separated by U+001E, which JSON text does not contain. `last` is the position of the
 *   last message. `count` 0 marks the end of a stream that keeps no message. Rows are in order of time and never change.
 */
export const SCHEMA = `
  CREATE TABLE sessions (
    id TEXT PRIMARY KEY, stamp REAL NOT NULL, expires_at REAL NOT NULL, created_at REAL NOT NULL, endpoint TEXT NOT NULL,
    revision TEXT NOT NULL, principal_key TEXT NOT NULL, owner TEXT, handshake TEXT NOT NULL, state TEXT NOT NULL, bytes INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX sessions_expiry ON sessions (expires_at);

  CREATE TABLE accounts (owner TEXT PRIMARY KEY, sessions INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE totals (id INTEGER PRIMARY KEY CHECK (id = 1), sessions INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
  INSERT INTO totals VALUES (1, 0, 0);

  CREATE TABLE logs (
    id INTEGER PRIMARY KEY, session TEXT NOT NULL UNIQUE, owner TEXT NOT NULL, held INTEGER NOT NULL, events INTEGER NOT NULL,
    bytes INTEGER NOT NULL, streams INTEGER NOT NULL, skipped INTEGER NOT NULL, skipped_bytes INTEGER NOT NULL, touched_at REAL NOT NULL
  ) STRICT;
  CREATE INDEX logs_owner ON logs (owner);
  CREATE INDEX logs_unheld ON logs (touched_at) WHERE held = 0;

  CREATE TABLE streams (
    id INTEGER PRIMARY KEY, log INTEGER NOT NULL, name TEXT NOT NULL, last INTEGER NOT NULL, trimmed INTEGER NOT NULL,
    ended INTEGER NOT NULL, written_at REAL NOT NULL, owner TEXT NOT NULL, UNIQUE (log, name)
  ) STRICT;

  CREATE TABLE chunks (
    id INTEGER PRIMARY KEY, log INTEGER NOT NULL, stream INTEGER NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL,
    bytes INTEGER NOT NULL, written_at REAL NOT NULL, messages TEXT NOT NULL
  ) STRICT;
  CREATE INDEX chunks_log ON chunks (log);
  CREATE INDEX chunks_stream ON chunks (stream, last);

  CREATE TABLE nodes (id TEXT PRIMARY KEY, alive_until REAL NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE processes (id TEXT PRIMARY KEY, seen_at REAL NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE bus (
    id INTEGER PRIMARY KEY AUTOINCREMENT, sent_at REAL NOT NULL, process TEXT NOT NULL, channel TEXT NOT NULL, message TEXT NOT NULL
  ) STRICT;

  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`
