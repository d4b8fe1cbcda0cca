-- The views: what charts, reports and people read. Plain SQLite 3.40, no extensions.
--
-- `summary` first of all:
--
--   sqlite3 -box results/pushpull.sqlite "SELECT strategy, value, low, high FROM summary
--       WHERE experiment_id = 1 AND metric = 'delivery_latency_p99_us' ORDER BY value"
--
-- They hold no data. They are made with the tables, and made anew when user_version is raised.

DROP VIEW IF EXISTS sweep;
DROP VIEW IF EXISTS baseline;
DROP VIEW IF EXISTS place;
DROP VIEW IF EXISTS varying;
DROP VIEW IF EXISTS parameter;
DROP VIEW IF EXISTS summary;
DROP VIEW IF EXISTS interval_rank;
DROP VIEW IF EXISTS cell;
DROP VIEW IF EXISTS outcome;

-- Every trial that ended, and whether it may be believed. A server that cannot keep up is a result;
-- so are the figures of a trial with too few samples for its outermost quantiles.
CREATE VIEW IF NOT EXISTS outcome AS
SELECT id AS trial_id, experiment_id, strategy, parameters, repeat, verdict, reason,
       coalesce(verdict, 'failed') IN ('valid', 'saturated', 'too_few_samples') AS believed
FROM trial
WHERE status IN ('done', 'failed');

-- One row a cell: how many trials it has, how many ended, how many are believed, and what was said
-- of them ("valid", or "too_few_samples, valid" where the repeats disagree).
CREATE VIEW IF NOT EXISTS cell AS
SELECT t.experiment_id, t.strategy, t.parameters,
       count(*) AS planned,
       count(o.trial_id) AS repeats,
       coalesce(sum(o.believed), 0) AS believed,
       coalesce(group_concat(DISTINCT iif(o.trial_id IS NULL, NULL,
                                          coalesce(o.verdict, 'failed'))), 'not run') AS verdict,
       min(t.position) AS position
FROM trial t LEFT JOIN outcome o ON o.trial_id = t.id
GROUP BY t.experiment_id, t.strategy, t.parameters;

-- The 95 % interval of a median without assuming any distribution: of n sorted values, those of
-- rank k and n + 1 - k, with the largest k for which P(Binomial(n, 1/2) < k) <= 2.5 %. A row says
-- from which n on a k holds. Fewer than 6 values cannot give 95 %: the interval is then their
-- minimum and maximum (k = 1), which holds the median with 50 % (n = 2), 75 % (3), 87.5 % (4) and
-- 93.75 % (5). Beyond the last row the interval is a little wider than it need be.
CREATE VIEW IF NOT EXISTS interval_rank (from_n, k) AS
VALUES (1, 1), (9, 2), (12, 3), (15, 4), (17, 5), (20, 6), (23, 7), (25, 8), (28, 9), (30, 10),
       (33, 11), (35, 12), (37, 13), (40, 14), (42, 15), (44, 16), (47, 17), (49, 18), (51, 19),
       (54, 20), (56, 21), (58, 22), (61, 23), (63, 24), (65, 25), (67, 26), (70, 27), (72, 28),
       (74, 29), (77, 30), (79, 31), (81, 32), (83, 33), (86, 34), (88, 35), (90, 36), (92, 37),
       (94, 38), (97, 39), (99, 40);

-- One row a cell and metric.
--   repeats    trials of the cell that ended
--   believed   trials that the value rests on; 0: none may be believed, and the value is that of
--              the others (charts draw it hollow). A quantile without an interval of its own, for
--              want of events, is not believed even when its trial is
--   value      the median over these trials
--   low, high  its interval (see interval_rank). A single trial gives its own interval, from its
--              samples; NULL when it has none
--   verdict    as in `cell`
CREATE VIEW IF NOT EXISTS summary AS
WITH measured AS (
    SELECT o.experiment_id, o.strategy, o.parameters, m.name, m.unit, m.value, m.low, m.high,
           o.believed AND NOT (m.low IS NULL AND m.name GLOB '*_p[0-9]*_us') AS believed
    FROM outcome o JOIN metric m ON m.trial_id = o.trial_id
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
    SELECT *, (SELECT max(k) FROM interval_rank WHERE from_n <= n) AS k
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

-- One row a cell and parameter.
CREATE VIEW IF NOT EXISTS parameter AS
SELECT c.experiment_id, c.strategy, c.parameters, j.key AS name, j.value AS value
FROM (SELECT DISTINCT experiment_id, strategy, parameters FROM trial) c, json_each(c.parameters) j;

-- The parameters that have several values within a strategy, and the value at which charts of
-- other parameters hold them: the middle one (of an even number of values the upper middle one).
CREATE VIEW IF NOT EXISTS varying AS
WITH ranked AS (
    SELECT experiment_id, strategy, name, value,
           row_number() OVER (PARTITION BY experiment_id, strategy, name ORDER BY value) AS rank,
           count(*) OVER (PARTITION BY experiment_id, strategy, name) AS n
    FROM (SELECT DISTINCT experiment_id, strategy, name, value FROM parameter)
)
SELECT experiment_id, strategy, name, n AS value_count, value AS held
FROM ranked
WHERE n > 1 AND rank = n / 2 + 1;

-- Where a cell stands: how many of its varying parameters are away from the value at which they
-- are held, and which one (when it is one).
CREATE VIEW IF NOT EXISTS place AS
SELECT c.experiment_id, c.strategy, c.parameters, count(v.name) AS away_count, max(v.name) AS away
FROM cell c
LEFT JOIN parameter p USING (experiment_id, strategy, parameters)
LEFT JOIN varying v ON v.experiment_id = c.experiment_id AND v.strategy = c.strategy
                   AND v.name = p.name AND v.held IS NOT p.value
GROUP BY c.experiment_id, c.strategy, c.parameters;

-- `summary` with every varying parameter held: one row a strategy and metric.
CREATE VIEW IF NOT EXISTS baseline AS
SELECT s.*
FROM summary s JOIN place USING (experiment_id, strategy, parameters)
WHERE place.away_count = 0;

-- `summary` along one varying parameter `over` with the value x, the others held: what a chart of
-- a metric against a parameter draws.
CREATE VIEW IF NOT EXISTS sweep AS
SELECT v.name AS over, p.value AS x, s.*
FROM varying v
JOIN place l ON l.experiment_id = v.experiment_id AND l.strategy = v.strategy
            AND (l.away_count = 0 OR (l.away_count = 1 AND l.away = v.name))
JOIN parameter p ON p.experiment_id = l.experiment_id AND p.strategy = l.strategy
                AND p.parameters = l.parameters AND p.name = v.name
JOIN summary s ON s.experiment_id = l.experiment_id AND s.strategy = l.strategy
              AND s.parameters = l.parameters;
