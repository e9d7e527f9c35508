-- The results store. One file, SQLite, STRICT tables, WAL. What is found is kept masked and as keyed
-- hashes only; paths and names of files, folders and members are the one exception (README.md says why).
-- A finding is one distinct value of one detector in one document. A file that did not change is not
-- written again: that it was there in sweep N follows from its folder, which was met in sweep N.
-- `user_version` tells the version of this file; migrations are in database.cpp and only go forward.

-- Facts about this database: key_id (which key its hashes were made with), created_by.
CREATE TABLE meta (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Words that repeat: detector and category ids, reasons, formats, owners, lists of signals. Columns
-- called "word" below hold an id of this table.
CREATE TABLE word (
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
) STRICT;

-- A tree (or single file) that was named for scanning.
CREATE TABLE source (
  id INTEGER PRIMARY KEY,
  path BLOB NOT NULL UNIQUE,                                   -- absolute, raw bytes
  label TEXT NOT NULL,                                         -- for people; the path unless set
  single_file INTEGER NOT NULL CHECK (single_file IN (0, 1)),
  device INTEGER NOT NULL DEFAULT 0                            -- st_dev when it was last seen; 0 never
) STRICT;

-- One pass over a set of sources; may take several runs.
CREATE TABLE sweep (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  state INTEGER NOT NULL CHECK (state IN (0, 1)),              -- 0 open, 1 done
  started INTEGER NOT NULL,                                    -- unix seconds
  ended INTEGER NOT NULL,                                      -- unix seconds, 0 = open
  rules TEXT NOT NULL                                          -- RuleSet::id() at its start
) STRICT;

-- Which sources a sweep goes over.
CREATE TABLE sweep_source (
  sweep_id INTEGER NOT NULL REFERENCES sweep (id),
  source_id INTEGER NOT NULL REFERENCES source (id),
  PRIMARY KEY (sweep_id, source_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sweep_of_source ON sweep_source (source_id, sweep_id);

-- One process working on a sweep.
CREATE TABLE run (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  sweep_id INTEGER NOT NULL REFERENCES sweep (id),
  started INTEGER NOT NULL,                                    -- unix seconds
  ended INTEGER,                                               -- NULL: still going, or killed
  how TEXT,                                                    -- done, interrupted, window, failed
  settings TEXT NOT NULL                                       -- JSON: detectors, jail, limits
) STRICT;
CREATE INDEX run_of_sweep ON run (sweep_id);

-- The ledger of a closed sweep: "seen", "read", "not_read:encrypted", "directories_listed" ... -> count.
CREATE TABLE ledger (
  sweep_id INTEGER NOT NULL REFERENCES sweep (id),
  name TEXT NOT NULL,
  count INTEGER NOT NULL CHECK (count >= 0),
  PRIMARY KEY (sweep_id, name)
) STRICT, WITHOUT ROWID;

-- A folder.
CREATE TABLE directory (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL REFERENCES source (id),
  path BLOB NOT NULL,                -- below the source, raw bytes, ending in '/'; the root is empty.
                                     -- The slash makes byte order of folders that of whole paths.
  outcome INTEGER CHECK (outcome BETWEEN 0 AND 3),  -- of its listing: 0 listed, 1 in part, 2 not listed,
                                     -- 3 excluded; NULL: files of it are here, its listing is not yet
  reason INTEGER REFERENCES word (id),
  detail TEXT,
  entries INTEGER NOT NULL DEFAULT 0,  -- objects seen in it, folders left out
  met_sweep INTEGER,                 -- the last sweep that came by; NULL: none of the closed ones did
  met_run INTEGER,
  gone_sweep INTEGER,                -- the sweep that found it removed
  UNIQUE (source_id, path)
) STRICT;

-- An object: a file of a share, or something inside one (archive member, mail, attachment).
CREATE TABLE document (
  id INTEGER PRIMARY KEY,
  directory_id INTEGER NOT NULL REFERENCES directory (id),  -- of the file, also for its members
  file_id INTEGER REFERENCES document (id),    -- the file a member is in; NULL: this is a file
  parent_id INTEGER REFERENCES document (id),  -- the container a member stands in; NULL: this is a file
  name BLOB NOT NULL,                -- file name, or the last step inside; raw bytes
  ordinal INTEGER NOT NULL,          -- position in its container, 0 for files
  unfinished INTEGER NOT NULL CHECK (unfinished IN (0, 1)),  -- files: 1 until its last part is here;
                                     -- such a file and all in it do not count, and go at the next start
  outcome INTEGER CHECK (outcome BETWEEN 0 AND 3),  -- of its last reading: 0 read, 1 read in part,
                                     -- 2 not read, 3 excluded; NULL: only a step on the way to a member
  reason INTEGER REFERENCES word (id),
  detail TEXT,                       -- a rule, a limit, a count; never document text
  format INTEGER REFERENCES word (id),
  media_type INTEGER REFERENCES word (id),
  format_why INTEGER REFERENCES word (id),
  document_kind INTEGER REFERENCES word (id),  -- case_file, invoice ...
  size INTEGER NOT NULL,             -- bytes
  mtime_ns INTEGER NOT NULL,         -- of the file or as the container says; 0 = unknown
  content_id BLOB CHECK (length(content_id) = 16),  -- HMAC(key, bytes); files with findings, containers
  dates BLOB,                        -- date evidence, packed (packing.hpp)
  findings INTEGER NOT NULL,         -- distinct values found in it, members apart
  persons INTEGER NOT NULL,          -- distinct persons in it, official test numbers left out
  test_persons INTEGER NOT NULL,     -- distinct official test numbers in it
  rolled_up INTEGER NOT NULL,        -- low findings beyond the limit, counted only
  mailboxes INTEGER NOT NULL,        -- rows in `mailbox`
  -- files only, NULL for members:
  members INTEGER,                   -- objects inside, at any depth
  dev INTEGER,
  inode INTEGER,
  ctime_ns INTEGER,
  mode INTEGER,
  uid INTEGER,
  gid INTEGER,
  nlink INTEGER,
  exposure INTEGER CHECK (exposure BETWEEN 0 AND 3),  -- 0 unknown, 1 owner, 2 group, 3 everyone
  owner INTEGER REFERENCES word (id),
  exposure_by INTEGER REFERENCES word (id),
  rules INTEGER REFERENCES word (id),  -- under which rules it was read
  first_sweep INTEGER REFERENCES sweep (id),
  read_sweep INTEGER REFERENCES sweep (id),  -- the sweep that read it; later ones carried it over
  read_run INTEGER REFERENCES run (id),
  missing_sweep INTEGER,             -- the sweep that listed its folder without it, or found it changed
  gone_sweep INTEGER,                -- the sweep that closed without it; its findings stay, uncounted
  CHECK ((file_id IS NULL) = (parent_id IS NULL)),
  CHECK (file_id IS NOT NULL OR read_run IS NOT NULL)
) STRICT;
-- What the walk asks for in every folder, and the order of every report.
CREATE INDEX document_file ON document (directory_id, name) WHERE file_id IS NULL;
CREATE INDEX document_member ON document (file_id, parent_id, name, ordinal) WHERE file_id IS NOT NULL;
CREATE INDEX document_unfinished ON document (id) WHERE unfinished = 1;

-- One folder of a mailbox document: what its index promised and what came of it.
CREATE TABLE mailbox (
  document_id INTEGER NOT NULL REFERENCES document (id),
  number INTEGER NOT NULL,           -- order in the document
  folder TEXT NOT NULL,
  expected INTEGER NOT NULL,
  read INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  PRIMARY KEY (document_id, number)
) STRICT, WITHOUT ROWID;

-- A distinct value (or term) of a detector in a document.
CREATE TABLE finding (
  document_id INTEGER NOT NULL REFERENCES document (id),
  detector INTEGER NOT NULL REFERENCES word (id),
  finding_key BLOB NOT NULL CHECK (length(finding_key) = 16),
  subject_key BLOB CHECK (length(subject_key) = 16),       -- NULL for terms
  category INTEGER NOT NULL REFERENCES word (id),
  gdpr INTEGER NOT NULL CHECK (gdpr BETWEEN 0 AND 5),      -- 0 ordinary, 1 extra, 2 national id,
                                                           -- 3 sensitive, 4 criminal, 5 protected
  confidence INTEGER NOT NULL CHECK (confidence BETWEEN 0 AND 2),  -- 0 low, 1 medium, 2 high
  signals INTEGER NOT NULL REFERENCES word (id),           -- list, parted by newlines
  masked TEXT NOT NULL,
  snippet TEXT NOT NULL,                                   -- allow-listed context, else blocked out
  count INTEGER NOT NULL CHECK (count > 0),                -- how often in this document
  places BLOB NOT NULL,                                    -- the first five, packed (packing.hpp)
  test_data INTEGER NOT NULL CHECK (test_data IN (0, 1)),  -- an official test number
  birth_day_class INTEGER NOT NULL,                        -- 5, 15, 25, else 0; 255 unknown day
  birth_year INTEGER NOT NULL,                             -- 0 unknown
  PRIMARY KEY (document_id, detector, finding_key)
) STRICT, WITHOUT ROWID;

-- A person in a document: who (keyed), and what stands in the same record.
CREATE TABLE document_subject (
  document_id INTEGER NOT NULL REFERENCES document (id),
  subject_key BLOB NOT NULL CHECK (length(subject_key) = 16),
  type INTEGER NOT NULL REFERENCES word (id),              -- personnummer, email, name
  categories INTEGER NOT NULL REFERENCES word (id),        -- list, sorted, parted by commas
  count INTEGER NOT NULL,
  birth_day_class INTEGER NOT NULL,
  birth_year INTEGER NOT NULL,
  test_data INTEGER NOT NULL CHECK (test_data IN (0, 1)),
  PRIMARY KEY (document_id, subject_key)
) STRICT, WITHOUT ROWID;

-- A table column with hits.
CREATE TABLE column_facts (
  document_id INTEGER NOT NULL REFERENCES document (id),
  sheet TEXT NOT NULL,
  position INTEGER NOT NULL,                               -- column, 1-based
  detector INTEGER NOT NULL REFERENCES word (id),
  header TEXT NOT NULL,                                    -- only when it is one of our label words
  rows INTEGER NOT NULL,
  hits INTEGER NOT NULL,
  PRIMARY KEY (document_id, sheet, position, detector)
) STRICT, WITHOUT ROWID;

-- For each source: its latest sweep, and the oldest one whose folders still count as known. While a
-- sweep is open, folders it has not reached yet are shown as the last closed sweep left them.
CREATE VIEW source_now AS
SELECT x.source_id, x.latest,
       CASE WHEN s.state = 1 THEN x.latest
            ELSE coalesce((SELECT max(o.sweep_id) FROM sweep_source o JOIN sweep w ON w.id = o.sweep_id
                           WHERE o.source_id = x.source_id AND w.state = 1), x.latest) END AS since
FROM (SELECT source_id, max(sweep_id) AS latest FROM sweep_source GROUP BY source_id) x
JOIN sweep s ON s.id = x.latest
-- A path that was named once and never could be listed (a slip of the pen) is told of until the next
-- sweep, not for ever.
WHERE x.latest = (SELECT max(id) FROM sweep)
   OR EXISTS (SELECT 1 FROM directory d WHERE d.source_id = x.source_id AND d.outcome <= 1);

-- Files that are there now. `carried` = not read in the latest sweep.
CREATE VIEW file_now AS
SELECT f.id, d.id AS directory_id, d.source_id, n.latest, f.read_run, f.read_sweep,
       f.read_sweep <> n.latest AS carried
FROM document f
JOIN directory d ON d.id = f.directory_id
JOIN source_now n ON n.source_id = d.source_id
WHERE f.file_id IS NULL AND f.unfinished = 0 AND f.gone_sweep IS NULL AND d.gone_sweep IS NULL
  AND ((f.read_sweep = n.latest AND f.missing_sweep IS NOT n.latest)
       OR (d.met_sweep >= n.since AND d.outcome <= 1 AND f.missing_sweep IS NOT d.met_sweep));

-- Who saw values in clear, when and why. Append-only: nothing of Gallra updates or deletes a row.
CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,     -- unix seconds, UTC
  user TEXT NOT NULL,      -- name or number of the operating system's user
  what TEXT NOT NULL,      -- "reveal"
  purpose TEXT NOT NULL    -- as the user stated it
) STRICT;
