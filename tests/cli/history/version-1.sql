-- A history as version 1 of the tables had it. Never edited.
CREATE TABLE toolchains (
  id           INTEGER PRIMARY KEY,
  vera         TEXT NOT NULL,
  spec         TEXT NOT NULL,
  fingerprint  TEXT NOT NULL,
  dependencies TEXT NOT NULL,
  UNIQUE (vera, spec, fingerprint, dependencies)
) STRICT;
CREATE TABLE machines (
  id           INTEGER PRIMARY KEY,
  os           TEXT NOT NULL,
  architecture TEXT NOT NULL,
  cores        INTEGER NOT NULL,
  memory       INTEGER NOT NULL,
  UNIQUE (os, architecture, cores, memory)
) STRICT;
CREATE TABLE runs (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  started     TEXT NOT NULL,
  vera_stress TEXT NOT NULL,
  toolchain   INTEGER NOT NULL REFERENCES toolchains (id),
  machine     INTEGER NOT NULL REFERENCES machines (id),
  profile     TEXT NOT NULL,
  seed        TEXT NOT NULL,
  partition   TEXT,
  catalogues  TEXT NOT NULL,
  jobs        INTEGER NOT NULL,
  planned     INTEGER NOT NULL,
  finished    TEXT,
  seconds     REAL,
  interrupted INTEGER,
  passed      INTEGER,
  known       INTEGER,
  failed      INTEGER,
  fixed       INTEGER,
  unsupported INTEGER,
  not_run     INTEGER
) STRICT;
CREATE TABLE cases (
  id       INTEGER PRIMARY KEY,
  scenario TEXT NOT NULL,
  axis     TEXT NOT NULL,
  lane     TEXT NOT NULL,
  n        INTEGER NOT NULL,
  UNIQUE (scenario, axis, lane, n)
) STRICT;
CREATE TABLE outcomes (
  id           INTEGER PRIMARY KEY,
  run          INTEGER NOT NULL REFERENCES runs (id),
  case_id      INTEGER NOT NULL REFERENCES cases (id),
  verdict      TEXT NOT NULL,
  message      TEXT NOT NULL,
  returned     INTEGER NOT NULL,
  seed         TEXT,
  work         INTEGER,
  heap         INTEGER,
  peak_memory  INTEGER,
  collections  INTEGER,
  allocations  INTEGER,
  run_cpu      REAL,
  run_wall     REAL,
  compile_cpu  REAL,
  compile_wall REAL,
  smallest     INTEGER,
  folder       TEXT,
  record       TEXT NOT NULL,
  UNIQUE (run, case_id)
) STRICT;
CREATE INDEX outcomes_of_a_case ON outcomes (case_id, run);
PRAGMA application_id = 0x56537472;
PRAGMA user_version = 1;
INSERT INTO toolchains VALUES (1, '0.2.4', '0.2.4', 'abc', '["wasmtime==1"]');
INSERT INTO machines VALUES (1, 'linux', 'x86_64', 2, 4096);
INSERT INTO runs VALUES (1, '2026-11-01T10:00:00Z', '0.1.0', 1, 1, 'default', '7', NULL, '[]', 2, 1,
  '2026-11-01T10:00:02Z', 1.5, 0, 1, 0, 0, 0, 0, 0);
INSERT INTO cases VALUES (1, 'good', 'axis', 'native', 100);
INSERT INTO outcomes VALUES (1, 1, 1, 'pass', '', 1, '7', 1000, 0, 65536, 0, 0, 0.1, 0.1, NULL, NULL,
  NULL, NULL, '{}');
