CREATE TABLE fact (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE purchase (add_on TEXT PRIMARY KEY, units INTEGER NOT NULL) STRICT;
CREATE TABLE environment (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    class TEXT,
    state TEXT NOT NULL,
    dataverse INTEGER NOT NULL,
    security_group TEXT,
    visible INTEGER NOT NULL,
    readable INTEGER NOT NULL,
    consumption TEXT NOT NULL
) STRICT;
CREATE TABLE document (environment TEXT PRIMARY KEY, content TEXT NOT NULL) STRICT;
-- What all environments hold of each add-on together: kept in step with `document` by every write.
CREATE TABLE held (add_on TEXT PRIMARY KEY, units INTEGER NOT NULL) STRICT;
CREATE TABLE failure (environment TEXT PRIMARY KEY, kind TEXT NOT NULL, remaining INTEGER) STRICT;
-- The trace: every write that took effect, with the units of every pool after it. Never changed.
CREATE TABLE write (
    sequence INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    environment TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    totals TEXT NOT NULL
) STRICT;
