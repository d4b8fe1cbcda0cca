-- What experiments leave behind. Views (views.sql) are what charts, reports and people read.
--
-- PRAGMA user_version counts the shapes this file and views.sql have had; a program refuses a newer
-- one. migrations.c knows the way from each older one.
-- Times of day are UTC text ("2026-01-31T12:00:00Z"). `parameters`, `overrides` and `environment` are
-- JSON objects. A parameter that a scenario writes with a strategy's prefix (polling.interval_ms) stands
-- here without it (interval_ms), in the trials of that strategy alone.

CREATE TABLE IF NOT EXISTS experiment (
    id              INTEGER PRIMARY KEY,
    scenario        TEXT NOT NULL,           -- the file's stem: quick
    scenario_text   TEXT NOT NULL,           -- the file
    overrides       TEXT NOT NULL CHECK (json_valid(overrides)), -- of the command line:
                                             -- {"set":{"subscribers":"7"},"only":"sse,tcp","mode":"both"}
    mode            TEXT NOT NULL            -- both: each live trial is followed by its simulated twin
                    CHECK (mode IN ('live', 'simulated', 'both')),
    seed            INTEGER NOT NULL,
    started_at      TEXT NOT NULL,
    finished_at     TEXT,                    -- NULL: interrupted, or still running
    git_revision    TEXT NOT NULL,           -- "unknown"; ends with "-dirty" when files were changed
    environment     TEXT NOT NULL CHECK (json_valid(environment)),
    label           TEXT NOT NULL DEFAULT '' -- a word of whoever ran it
) STRICT;

-- One run of one cell. All rows are inserted before the first trial starts.
CREATE TABLE IF NOT EXISTS trial (
    id            INTEGER PRIMARY KEY,
    experiment_id INTEGER NOT NULL REFERENCES experiment (id) ON DELETE CASCADE,
    strategy      TEXT NOT NULL,
    parameters    TEXT NOT NULL CHECK (json_valid(parameters)), -- the cell, without the strategy
    repeat        INTEGER NOT NULL,          -- 1, 2, ...
    position      INTEGER NOT NULL,          -- 1, 2, ...: the order in which trials run
    seed          INTEGER NOT NULL,          -- the same for all strategies of a repeat
    status        TEXT NOT NULL DEFAULT 'planned'
                  CHECK (status IN ('planned', 'running', 'done', 'failed')),
    verdict       TEXT CHECK (verdict IN ('valid', 'failed', 'faulty', 'disturbed',
                                          'generator_bound', 'saturated', 'not_stationary',
                                          'too_few_samples', 'link_off', 'link_bound')),
                                             -- the gravest of its doubts
    reason        TEXT,                      -- why the verdict is not `valid`, in words and numbers
    started_at    TEXT,
    seconds       REAL,                      -- how long the whole trial took
    variant       TEXT NOT NULL DEFAULT ''   -- of a paired run: whose programs; control: the base's once
                                             -- more, against themselves. simulated: of an experiment of
                                             -- mode both, the twin of a live trial
                  CHECK (variant IN ('', 'base', 'candidate', 'control', 'simulated')),
    batch         INTEGER NOT NULL DEFAULT 1, -- of a paired run: 1 looks, 2 confirms; `repeat` is the pair
    UNIQUE (experiment_id, position)
) STRICT;

CREATE TABLE IF NOT EXISTS metric (
    trial_id INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
    name     TEXT NOT NULL,
    unit     TEXT NOT NULL,
    value    REAL NOT NULL,
    low      REAL,                           -- 95 % interval; NULL where there is none
    high     REAL,
    PRIMARY KEY (trial_id, name)
) STRICT, WITHOUT ROWID;

-- Which figures of a trial may not be believed, and why: a row per verdict and group of metrics that it
-- takes away. A metric without a row in metric_kind belongs to `work`.
CREATE TABLE IF NOT EXISTS doubt (
    trial_id     INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
    metric_group TEXT NOT NULL,              -- metric_kind.metric_group; '': takes nothing, a remark
    verdict      TEXT NOT NULL,
    reason       TEXT NOT NULL,
    PRIMARY KEY (trial_id, metric_group, verdict, reason)
) STRICT, WITHOUT ROWID;

-- All processes of a trial merged. `buckets` is the compact form of core/model/histogram.h.
CREATE TABLE IF NOT EXISTS histogram (
    trial_id INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
    name     TEXT NOT NULL,                  -- delivery_latency, schedule_lag, ...
    unit     TEXT NOT NULL,                  -- of minimum, maximum and buckets: ns
    count    INTEGER NOT NULL,
    minimum  INTEGER NOT NULL,
    maximum  INTEGER NOT NULL,
    buckets  BLOB NOT NULL,
    PRIMARY KEY (trial_id, name)
) STRICT;

-- What the programs told of themselves once per second.
CREATE TABLE IF NOT EXISTS series (
    trial_id INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
    t_ms     INTEGER NOT NULL,               -- since the window opened; negative in the warm-up
    role     TEXT NOT NULL,                  -- server, client
    process  INTEGER NOT NULL,               -- 0, 1, ... within its role
    name     TEXT NOT NULL,                  -- deliveries, events, ...
    value    REAL NOT NULL,
    PRIMARY KEY (trial_id, role, process, name, t_ms)
) STRICT, WITHOUT ROWID;

-- Each program's own report, verbatim.
CREATE TABLE IF NOT EXISTS report (
    trial_id INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
    role     TEXT NOT NULL,
    process  INTEGER NOT NULL,
    json     TEXT NOT NULL CHECK (json_valid(json)),
    PRIMARY KEY (trial_id, role, process)
) STRICT;

-- What this machine takes for what a program does, as it was found: simulated trials know the newest. `figures`
-- is a JSON object, and so is `environment` (as of an experiment).
CREATE TABLE IF NOT EXISTS calibration (
    id          INTEGER PRIMARY KEY,
    made_at     TEXT NOT NULL,
    figures     TEXT NOT NULL CHECK (json_valid(figures)),
    environment TEXT NOT NULL CHECK (json_valid(environment))
) STRICT;

-- What somebody predicted of a cell's figure before it was measured: charts draw it. In the metric's own unit.
CREATE TABLE IF NOT EXISTS guess (
    experiment_id INTEGER NOT NULL REFERENCES experiment (id) ON DELETE CASCADE,
    strategy      TEXT NOT NULL,
    parameters    TEXT NOT NULL,             -- as of a trial
    metric        TEXT NOT NULL,
    value         REAL NOT NULL,
    PRIMARY KEY (experiment_id, strategy, parameters, metric)
) STRICT, WITHOUT ROWID;

-- What a student predicted before the run of a lab. No row is ever changed: a second thought is a second row, and
-- the last one before the run counts.
CREATE TABLE IF NOT EXISTS lab_prediction (
    id      INTEGER PRIMARY KEY,
    lab     TEXT NOT NULL,                   -- its name: 01-half-the-interval
    student TEXT NOT NULL,
    made_at TEXT NOT NULL,
    answers TEXT NOT NULL CHECK (json_valid(answers)), -- an object: NAME -> number
    sha256  TEXT NOT NULL                    -- of these four, a line each
) STRICT;

-- Which experiment is a lab's run, and what it was when it ended.
CREATE TABLE IF NOT EXISTS lab_run (
    experiment_id INTEGER PRIMARY KEY REFERENCES experiment (id) ON DELETE CASCADE,
    prediction_id INTEGER NOT NULL REFERENCES lab_prediction (id),
    begun_at      TEXT NOT NULL,             -- of the recorded one: when it was taken
    recorded      INTEGER NOT NULL,          -- 1: it is the one that the lab brings along
    seal          TEXT NOT NULL              -- of its rows (seal.h)
) STRICT;

-- The table of metrics (runner/figures/metric_kinds.c), for those who read this database alone: filled
-- when it is made and when it is opened to write. A counter of a strategy's own has no row.
CREATE TABLE IF NOT EXISTS metric_kind (
    name         TEXT PRIMARY KEY,
    metric_group TEXT NOT NULL,              -- latency, freshness, bytes, ...
    unit         TEXT NOT NULL,
    title        TEXT NOT NULL,
    better       TEXT NOT NULL CHECK (better IN ('less', 'more', 'neither')),
    quantile     REAL,                       -- 0.99 of a p99; NULL of what is no quantile
    what         TEXT NOT NULL,              -- a sentence
    rank         INTEGER NOT NULL            -- the order in which people see them
) STRICT, WITHOUT ROWID;

-- The 95 % interval of a median of n values: those of rank k and n + 1 - k, k from the last row whose
-- from_n is not above n (runner/figures/statistics.h says why). Beyond the last row the interval is a
-- little wider than it need be.
CREATE TABLE IF NOT EXISTS interval_rank (
    from_n INTEGER PRIMARY KEY,
    k      INTEGER NOT NULL
) STRICT;

CREATE INDEX IF NOT EXISTS trial_by_experiment ON trial (experiment_id, strategy);
CREATE INDEX IF NOT EXISTS metric_by_name ON metric (name, trial_id);

PRAGMA user_version = 9;
