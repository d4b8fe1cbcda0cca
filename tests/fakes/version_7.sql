-- What the seventh version stored: what the sixth did (four trials with a label, and a pair), and a trial over a link
-- that was not what was asked for. A dump of the file, views and all.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE experiment (
    id              INTEGER PRIMARY KEY,
    scenario        TEXT NOT NULL,           -- the file's stem: quick
    scenario_text   TEXT NOT NULL,           -- the file
    overrides       TEXT NOT NULL CHECK (json_valid(overrides)), -- of the command line:
                                             -- {"set":{"subscribers":"7"},"only":"sse,tcp"}
    mode            TEXT NOT NULL CHECK (mode IN ('live', 'simulated')),
    seed            INTEGER NOT NULL,
    started_at      TEXT NOT NULL,
    finished_at     TEXT,                    -- NULL: interrupted, or still running
    git_revision    TEXT NOT NULL,           -- "unknown"; ends with "-dirty" when files were changed
    environment     TEXT NOT NULL CHECK (json_valid(environment)),
    label           TEXT NOT NULL DEFAULT '' -- a word of whoever ran it
) STRICT;
INSERT INTO experiment VALUES(1,'few',replace('[scenario]\ntitle = Of version 5\nrepeats = 4\nwarmup_seconds = 0\nmeasure_seconds = 0.1\ndrain_seconds = 0.1\n[hold]\nsubscribers = 2\n[vary]\nstrategy = sse\n','\n',char(10)),'{}','live',1,'2026-01-01T00:00:00Z',NULL,'0123456789ab','{"kernel":"Linux","cores":2}','kept');
INSERT INTO experiment VALUES(2,'few',replace('[scenario]\ntitle = Of version 5\nrepeats = 4\nwarmup_seconds = 0\nmeasure_seconds = 0.1\ndrain_seconds = 0.1\n[hold]\nsubscribers = 2\n[vary]\nstrategy = sse\n','\n',char(10)),'{"base":"base/bin","pairs":1}','live',1,'2026-01-01T00:00:00Z','2026-01-01T00:00:00Z','0123456789ab','{"kernel":"Linux","cores":2}','pairs');
INSERT INTO experiment VALUES(3,'few',replace('[scenario]\ntitle = Of version 5\nrepeats = 4\nwarmup_seconds = 0\nmeasure_seconds = 0.1\ndrain_seconds = 0.1\n[hold]\nlink.rtt_ms = 50\nsubscribers = 2\n[vary]\nstrategy = sse\n','\n',char(10)),'{}','live',1,'2026-01-01T00:00:00Z','2026-01-01T00:00:00Z','0123456789ab','{"kernel":"Linux","cores":2}','far');
CREATE TABLE metric (
    trial_id INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
    name     TEXT NOT NULL,
    unit     TEXT NOT NULL,
    value    REAL NOT NULL,
    low      REAL,                           -- 95 % interval; NULL where there is none
    high     REAL,
    PRIMARY KEY (trial_id, name)
) STRICT, WITHOUT ROWID;
INSERT INTO metric VALUES(1,'client_cpu_us_per_delivery','us',10.0,NULL,NULL);
INSERT INTO metric VALUES(1,'client_cpu_utilisation','cores',0.0010000000000000000208,NULL,NULL);
INSERT INTO metric VALUES(1,'client_cpu_wait','cores',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'client_memory_bytes_per_connection','bytes',1000.0,NULL,NULL);
INSERT INTO metric VALUES(1,'connect_seconds','s',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'deliveries','count',100.0,NULL,NULL);
INSERT INTO metric VALUES(1,'deliveries_per_second','1/s',100.0,NULL,NULL);
INSERT INTO metric VALUES(1,'duplicates','count',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'empty_responses','count',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'errors','count',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'events','count',50.0,NULL,NULL);
INSERT INTO metric VALUES(1,'expected','count',100.0,NULL,NULL);
INSERT INTO metric VALUES(1,'kernel_memory_bytes_per_connection','bytes',2784.0,NULL,NULL);
INSERT INTO metric VALUES(1,'kisses','count',4.0,NULL,NULL);
INSERT INTO metric VALUES(1,'lost','count',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'malformed','count',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'missed','count',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'payload_bytes_per_delivery','bytes',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'reconnects','count',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'refusals','count',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'reordered','count',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'requests','count',7.0,NULL,NULL);
INSERT INTO metric VALUES(1,'requests_per_delivery','ratio',0.070000000000000006661,NULL,NULL);
INSERT INTO metric VALUES(1,'resets','count',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'segments','count',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'server_cpu_us_per_delivery','us',10.0,NULL,NULL);
INSERT INTO metric VALUES(1,'server_cpu_utilisation','cores',0.0010000000000000000208,NULL,NULL);
INSERT INTO metric VALUES(1,'server_cpu_wait','cores',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'server_memory_bytes_per_connection','bytes',1000.0,NULL,NULL);
INSERT INTO metric VALUES(1,'stamps_dropped','count',0.0,NULL,NULL);
INSERT INTO metric VALUES(1,'subscribers','count',2.0,NULL,NULL);
INSERT INTO metric VALUES(1,'wire_bytes_down','bytes',1800.0,NULL,NULL);
INSERT INTO metric VALUES(1,'wire_bytes_per_delivery','bytes',20.0,NULL,NULL);
INSERT INTO metric VALUES(1,'wire_bytes_per_subscriber_second','bytes',1000.0,NULL,NULL);
INSERT INTO metric VALUES(1,'wire_bytes_up','bytes',200.0,NULL,NULL);
INSERT INTO metric VALUES(2,'deliveries','count',100.0,NULL,NULL);
INSERT INTO metric VALUES(2,'lost','count',0.0,NULL,NULL);
INSERT INTO metric VALUES(2,'wire_bytes_per_delivery','bytes',20.0,NULL,NULL);
INSERT INTO metric VALUES(3,'deliveries','count',100.0,NULL,NULL);
INSERT INTO metric VALUES(3,'lost','count',0.0,NULL,NULL);
INSERT INTO metric VALUES(3,'wire_bytes_per_delivery','bytes',20.0,NULL,NULL);
INSERT INTO metric VALUES(7,'lost','count',0.0,NULL,NULL);
CREATE TABLE doubt (
    trial_id     INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
    metric_group TEXT NOT NULL,              -- metric_kind.metric_group; '': takes nothing, a remark
    verdict      TEXT NOT NULL,
    reason       TEXT NOT NULL,
    PRIMARY KEY (trial_id, metric_group, verdict, reason)
) STRICT, WITHOUT ROWID;
INSERT INTO doubt VALUES(2,'bytes','generator_bound','client 0 used 0.90 of a core, above 0.80: it measured itself');
INSERT INTO doubt VALUES(2,'client_cpu','generator_bound','client 0 used 0.90 of a core, above 0.80: it measured itself');
INSERT INTO doubt VALUES(2,'connections','generator_bound','client 0 used 0.90 of a core, above 0.80: it measured itself');
INSERT INTO doubt VALUES(2,'freshness','generator_bound','client 0 used 0.90 of a core, above 0.80: it measured itself');
INSERT INTO doubt VALUES(2,'generator','generator_bound','client 0 used 0.90 of a core, above 0.80: it measured itself');
INSERT INTO doubt VALUES(2,'latency','generator_bound','client 0 used 0.90 of a core, above 0.80: it measured itself');
INSERT INTO doubt VALUES(2,'ledger','generator_bound','client 0 used 0.90 of a core, above 0.80: it measured itself');
INSERT INTO doubt VALUES(2,'memory','generator_bound','client 0 used 0.90 of a core, above 0.80: it measured itself');
INSERT INTO doubt VALUES(2,'parts','generator_bound','client 0 used 0.90 of a core, above 0.80: it measured itself');
INSERT INTO doubt VALUES(2,'server_cpu','generator_bound','client 0 used 0.90 of a core, above 0.80: it measured itself');
INSERT INTO doubt VALUES(2,'work','generator_bound','client 0 used 0.90 of a core, above 0.80: it measured itself');
INSERT INTO doubt VALUES(3,'','saturated','server 0 used 0.99 of a core, above 0.95');
INSERT INTO doubt VALUES(7,'latency','link_off','the round trip was 61 ms, not 50');
INSERT INTO doubt VALUES(7,'link','link_off','the round trip was 61 ms, not 50');
CREATE TABLE histogram (
    trial_id INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
    name     TEXT NOT NULL,                  -- delivery_latency, schedule_lag, ...
    unit     TEXT NOT NULL,                  -- of minimum, maximum and buckets: ns
    count    INTEGER NOT NULL,
    minimum  INTEGER NOT NULL,
    maximum  INTEGER NOT NULL,
    buckets  BLOB NOT NULL,
    PRIMARY KEY (trial_id, name)
) STRICT;
CREATE TABLE series (
    trial_id INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
    t_ms     INTEGER NOT NULL,               -- since the window opened; negative in the warm-up
    role     TEXT NOT NULL,                  -- server, client
    process  INTEGER NOT NULL,               -- 0, 1, ... within its role
    name     TEXT NOT NULL,                  -- deliveries, events, ...
    value    REAL NOT NULL,
    PRIMARY KEY (trial_id, role, process, name, t_ms)
) STRICT, WITHOUT ROWID;
INSERT INTO series VALUES(1,1000,'client',0,'cpu_utilisation',0.25);
INSERT INTO series VALUES(1,1000,'server',0,'cpu_utilisation',0.25);
INSERT INTO series VALUES(2,1000,'client',0,'cpu_utilisation',0.25);
INSERT INTO series VALUES(2,1000,'server',0,'cpu_utilisation',0.25);
INSERT INTO series VALUES(3,1000,'client',0,'cpu_utilisation',0.25);
INSERT INTO series VALUES(3,1000,'server',0,'cpu_utilisation',0.25);
CREATE TABLE report (
    trial_id INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
    role     TEXT NOT NULL,
    process  INTEGER NOT NULL,
    json     TEXT NOT NULL CHECK (json_valid(json)),
    PRIMARY KEY (trial_id, role, process)
) STRICT;
INSERT INTO report VALUES(1,'client',0,'{"type":"report","role":"client","seconds":1,"cpu_ns":1000000,"events":50,"deliveries":100,"requests":7,"resident_bytes_ready":1000,"resident_bytes_connected":3000,"counters":{"kisses":2},"wire":{"bytes_up":100,"bytes_down":900},"histograms":{}}');
INSERT INTO report VALUES(1,'server',0,'{"type":"report","role":"server","seconds":1,"cpu_ns":1000000,"events":50,"deliveries":50,"requests":7,"resident_bytes_ready":1000,"resident_bytes_connected":3000,"counters":{"kisses":2},"wire":{"bytes_up":100,"bytes_down":900},"histograms":{}}');
INSERT INTO report VALUES(2,'server',0,'{"type":"report","role":"server","seconds":1,"cpu_ns":1000000,"events":50,"deliveries":50,"requests":7,"resident_bytes_ready":1000,"resident_bytes_connected":3000,"counters":{"kisses":2},"wire":{"bytes_up":100,"bytes_down":900},"histograms":{}}');
INSERT INTO report VALUES(2,'client',0,'{"type":"report","role":"client","seconds":1,"cpu_ns":1000000,"events":50,"deliveries":100,"requests":7,"resident_bytes_ready":1000,"resident_bytes_connected":3000,"counters":{"kisses":2},"wire":{"bytes_up":100,"bytes_down":900},"histograms":{}}');
INSERT INTO report VALUES(3,'client',0,'{"type":"report","role":"client","seconds":1,"cpu_ns":1000000,"events":50,"deliveries":100,"requests":7,"resident_bytes_ready":1000,"resident_bytes_connected":3000,"counters":{"kisses":2},"wire":{"bytes_up":100,"bytes_down":900},"histograms":{}}');
INSERT INTO report VALUES(3,'server',0,'{"type":"report","role":"server","seconds":1,"cpu_ns":1000000,"events":50,"deliveries":50,"requests":7,"resident_bytes_ready":1000,"resident_bytes_connected":3000,"counters":{"kisses":2},"wire":{"bytes_up":100,"bytes_down":900},"histograms":{}}');
INSERT INTO report VALUES(7,'link',0,'{"rtt_ms":61}');
CREATE TABLE metric_kind (
    name         TEXT PRIMARY KEY,
    metric_group TEXT NOT NULL,              -- latency, freshness, bytes, ...
    unit         TEXT NOT NULL,
    title        TEXT NOT NULL,
    better       TEXT NOT NULL CHECK (better IN ('less', 'more', 'neither')),
    quantile     REAL,                       -- 0.99 of a p99; NULL of what is no quantile
    what         TEXT NOT NULL,              -- a sentence
    rank         INTEGER NOT NULL            -- the order in which people see them
) STRICT, WITHOUT ROWID;
CREATE TABLE interval_rank (
    from_n INTEGER PRIMARY KEY,
    k      INTEGER NOT NULL
) STRICT;
CREATE TABLE trial (
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
                  CHECK (variant IN ('', 'base', 'candidate', 'control')), -- more, against themselves
    batch         INTEGER NOT NULL DEFAULT 1, -- of a paired run: 1 looks, 2 confirms; `repeat` is the pair
    UNIQUE (experiment_id, position)
) STRICT;
INSERT INTO trial VALUES(1,1,'sse','{"client_processes":1,"server_processes":1,"subscribers":2}',1,1,2249824620328494,'done','valid',NULL,'2026-01-01T00:00:00Z',0.0073712150000000004057,'',1);
INSERT INTO trial VALUES(2,1,'sse','{"client_processes":1,"server_processes":1,"subscribers":2}',2,2,854889608580759,'done','generator_bound','client 0 used 0.90 of a core, above 0.80: it measured itself','2026-01-01T00:00:00Z',0.0078057140000000000551,'',1);
INSERT INTO trial VALUES(3,1,'sse','{"client_processes":1,"server_processes":1,"subscribers":2}',3,3,3115488861511270,'done','saturated','server 0 used 0.99 of a core, above 0.95','2026-01-01T00:00:00Z',0.0067640879999999996979,'',1);
INSERT INTO trial VALUES(4,1,'sse','{"client_processes":1,"server_processes":1,"subscribers":2}',4,4,827012080189950,'planned',NULL,NULL,NULL,NULL,'',1);
INSERT INTO trial VALUES(5,2,'sse','{"client_processes":1,"server_processes":1,"subscribers":2}',1,1,2249824620328494,'done','valid',NULL,NULL,NULL,'base',2);
INSERT INTO trial VALUES(6,2,'sse','{"client_processes":1,"server_processes":1,"subscribers":2}',1,2,2249824620328494,'done','valid',NULL,NULL,NULL,'candidate',2);
INSERT INTO trial VALUES(7,3,'sse','{"client_processes":1,"link.rtt_ms":50,"server_processes":1,"subscribers":2}',1,1,2249824620328494,'done','link_off','the round trip was 61 ms, not 50','2026-01-01T00:00:00Z',0.5,'',1);
CREATE INDEX metric_by_name ON metric (name, trial_id);
CREATE INDEX trial_by_experiment ON trial (experiment_id, strategy);
CREATE VIEW outcome AS
SELECT id AS trial_id, experiment_id, strategy, parameters, repeat, verdict, reason,
       NOT EXISTS (SELECT 1 FROM doubt WHERE trial_id = trial.id AND metric_group NOT IN ('', 'tails')) AS believed
FROM trial
WHERE status IN ('done', 'failed') AND variant != 'base';
CREATE VIEW figure AS
WITH enough AS (
    SELECT m.*, coalesce(k.metric_group, 'work') AS metric_group,
           coalesce(k.quantile >= 0.99, 0) OR m.name LIKE '%\_max\_us' ESCAPE '\' AS tail,
           NOT (m.low IS NULL AND k.quantile IS NOT NULL) AND
           NOT (k.metric_group IS 'memory' AND coalesce((SELECT value FROM metric s WHERE
                s.trial_id = m.trial_id AND s.name = 'subscribers'), 1000) < 1000) AS enough
    FROM metric m LEFT JOIN metric_kind k USING (name)
)
SELECT *, enough AND NOT EXISTS (SELECT 1 FROM doubt d WHERE d.trial_id = e.trial_id
                                 AND (d.metric_group = e.metric_group OR d.metric_group = 'tails' AND e.tail)) AS believed
FROM enough e;
CREATE VIEW pair AS
SELECT c.experiment_id, c.strategy, c.parameters, c.variant, c.batch, c.repeat AS pair,
       b.id AS base_trial, c.id AS candidate_trial, b.status AS base_status, c.status AS candidate_status,
       min(b.position, c.position) AS position
FROM trial c JOIN trial b USING (experiment_id, strategy, parameters, batch, repeat)
WHERE b.variant = 'base' AND c.variant IN ('candidate', 'control')
  AND b.status IN ('done', 'failed') AND c.status IN ('done', 'failed');
CREATE VIEW quantile AS
SELECT m.trial_id, substr(m.name, 1, length(m.name) - length('_p50_us') - (k.quantile > 0.99)) AS name,
       k.quantile AS q, m.value AS us, m.low, m.high
FROM metric m JOIN metric_kind k USING (name)
WHERE k.quantile IS NOT NULL;
CREATE VIEW cell AS
SELECT t.experiment_id, t.strategy, t.parameters,
       count(*) AS planned,
       count(o.trial_id) AS repeats,
       coalesce(sum(o.believed), 0) AS believed,
       coalesce(group_concat(DISTINCT iif(o.trial_id IS NULL, NULL,
                                          coalesce(o.verdict, 'failed'))), 'not run') AS verdict,
       min(t.position) AS position
FROM trial t LEFT JOIN outcome o ON o.trial_id = t.id
WHERE t.variant != 'base'
GROUP BY t.experiment_id, t.strategy, t.parameters;
CREATE VIEW summary AS
WITH measured AS (
    SELECT o.experiment_id, o.strategy, o.parameters, f.name, f.unit, f.value, f.low, f.high,
           f.believed
    FROM outcome o JOIN figure f ON f.trial_id = o.trial_id
), judged AS (
    SELECT *, max(believed) OVER (PARTITION BY experiment_id, strategy, parameters, name) AS chosen
    FROM measured
), ranked AS (
    SELECT *,
           row_number() OVER (PARTITION BY experiment_id, strategy, parameters, name
                              ORDER BY value) AS rank,
           count(*) OVER (PARTITION BY experiment_id, strategy, parameters, name) AS n
    FROM judged
    WHERE believed = chosen
), counted AS (
    SELECT *, (SELECT k FROM interval_rank WHERE from_n <= n
               ORDER BY from_n DESC LIMIT 1) AS k
    FROM ranked
)
SELECT c.experiment_id, c.strategy, c.parameters, c.name AS metric, min(c.unit) AS unit,
       cell.repeats AS repeats,
       sum(c.believed) AS believed,
       avg(CASE WHEN c.rank IN ((c.n + 1) / 2, c.n / 2 + 1) THEN c.value END) AS value,
       CASE WHEN c.n = 1 THEN min(c.low) ELSE min(CASE WHEN c.rank = c.k THEN c.value END) END AS low,
       CASE WHEN c.n = 1 THEN max(c.high)
            ELSE max(CASE WHEN c.rank = c.n + 1 - c.k THEN c.value END) END AS high,
       cell.verdict AS verdict
FROM counted c JOIN cell USING (experiment_id, strategy, parameters)
GROUP BY c.experiment_id, c.strategy, c.parameters, c.name;
CREATE VIEW parameter AS
SELECT c.experiment_id, c.strategy, c.parameters, j.key AS name, j.value AS value
FROM (SELECT DISTINCT experiment_id, strategy, parameters FROM trial) c, json_each(c.parameters) j;
CREATE VIEW workload AS
WITH unit (rank, name, unit) AS (
    VALUES (1, 'subscribers', 'subscribers'), (2, 'events_per_second', 'events/s'),
           (3, 'payload_bytes', 'B')
), span AS (
    SELECT experiment_id, rank, unit, min(value) AS least, max(value) AS most
    FROM parameter JOIN unit USING (name) GROUP BY experiment_id, rank
    ORDER BY experiment_id, rank
), distance (rank, name, ahead, behind) AS (
    VALUES (1, 'path', '', ''), (2, 'link.rtt_ms', 'round trip ', ' ms'), (3, 'link.jitter_ms', 'jitter ', ' ms'),
           (4, 'link.loss_percent', 'loss ', ' %'), (5, 'link.burst_loss', 'bursts of loss ', ''),
           (6, 'link.reorder_percent', 'reordered ', ' %'), (7, 'link.down_mbit', 'down ', ' Mbit/s'),
           (8, 'link.up_mbit', 'up ', ' Mbit/s'), (9, 'link.mtu', 'packets of ', ' B')
), way AS (
    SELECT experiment_id, rank, ahead || iif(typeof(max(value)) = 'text', group_concat(DISTINCT value),
           iif(min(value) = max(value), min(value), min(value) || ' to ' || max(value))) || behind AS text
    FROM parameter JOIN distance USING (name) GROUP BY experiment_id, rank
    HAVING max(value) NOT IN (0, '', 'loopback') ORDER BY experiment_id, rank
)
SELECT experiment_id,
       group_concat(iif(least = most, least, least || ' to ' || most) || ' ' || unit, ' × ')
       || ', ' || coalesce((SELECT group_concat(text, ', ') FROM way
                            WHERE way.experiment_id = span.experiment_id), 'loopback') AS text
FROM span GROUP BY experiment_id;
CREATE VIEW varying AS
WITH ranked AS (
    SELECT experiment_id, strategy, name, value,
           row_number() OVER (PARTITION BY experiment_id, strategy, name ORDER BY value) AS rank,
           count(*) OVER (PARTITION BY experiment_id, strategy, name) AS n
    FROM (SELECT DISTINCT experiment_id, strategy, name, value FROM parameter)
)
SELECT experiment_id, strategy, name, n AS value_count, value AS held
FROM ranked
WHERE n > 1 AND rank = n / 2 + 1;
CREATE VIEW place AS
SELECT c.experiment_id, c.strategy, c.parameters, count(v.name) AS away_count, max(v.name) AS away
FROM cell c
LEFT JOIN parameter p USING (experiment_id, strategy, parameters)
LEFT JOIN varying v ON v.experiment_id = c.experiment_id AND v.strategy = c.strategy
                   AND v.name = p.name AND v.held IS NOT p.value
GROUP BY c.experiment_id, c.strategy, c.parameters;
CREATE VIEW baseline AS
SELECT s.*
FROM summary s JOIN place USING (experiment_id, strategy, parameters)
WHERE place.away_count = 0;
CREATE VIEW sweep AS
SELECT v.name AS over, p.value AS x, s.*
FROM varying v
JOIN place l ON l.experiment_id = v.experiment_id AND l.strategy = v.strategy
            AND (l.away_count = 0 OR (l.away_count = 1 AND l.away = v.name))
JOIN parameter p ON p.experiment_id = l.experiment_id AND p.strategy = l.strategy
                AND p.parameters = l.parameters AND p.name = v.name
JOIN summary s ON s.experiment_id = l.experiment_id AND s.strategy = l.strategy
              AND s.parameters = l.parameters;
COMMIT;
PRAGMA user_version = 7;
