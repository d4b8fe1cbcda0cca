-- The views: what charts, reports and people read. Plain SQLite 3.40, no extensions.
--
-- `summary` first of all:
--
--   sqlite3 -box results/pushpull.sqlite "SELECT strategy, value, low, high FROM summary
--       WHERE experiment_id = 1 AND metric = 'delivery_latency_p99_us' ORDER BY value"
--
-- They hold no data. They are made with the tables, and made anew when user_version is raised.

-- Every trial that ended, and whether all of its figures may be believed. A server that cannot keep up
-- is a result; so are the figures of a trial with too few samples for its outermost quantiles, or whose outermost
-- ones are in doubt. Of a paired run it is the candidate's that are looked at, and the floor's; what they are
-- compared with is in `pair`. Where each trial has a simulated twin, it is what was measured; see `prediction`.
CREATE VIEW outcome AS
SELECT id AS trial_id, experiment_id, strategy, parameters, repeat, verdict, reason,
       NOT EXISTS (SELECT 1 FROM doubt WHERE trial_id = trial.id AND metric_group NOT IN ('', 'tails')) AS believed
FROM trial
WHERE status IN ('done', 'failed') AND variant NOT IN ('base', 'simulated');

-- Every figure of every trial; whether there is enough for it (a quantile has events enough for an interval,
-- memory per connection a thousand of them, for pages are counted whole); and whether it may be believed: there
-- is, and no verdict takes it (see doubt; `tails` are 99th percentiles and beyond, of any group).
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

-- Every pair of a paired run that ended: one trial of the base's programs and one of the candidate's, or of
-- the base's once more (variant `control`).
CREATE VIEW pair AS
SELECT c.experiment_id, c.strategy, c.parameters, c.variant, c.batch, c.repeat AS pair,
       b.id AS base_trial, c.id AS candidate_trial, b.status AS base_status, c.status AS candidate_status,
       min(b.position, c.position) AS position
FROM trial c JOIN trial b USING (experiment_id, strategy, parameters, batch, repeat)
WHERE b.variant = 'base' AND c.variant IN ('candidate', 'control')
  AND b.status IN ('done', 'failed') AND c.status IN ('done', 'failed');

-- Every live trial that ended, and its simulated twin: the same cell, repeat and schedule in virtual time.
CREATE VIEW twin AS
SELECT l.experiment_id, l.strategy, l.parameters, l.repeat, l.id AS live_trial, s.id AS simulated_trial
FROM trial l JOIN trial s USING (experiment_id, strategy, parameters, repeat)
WHERE l.variant = '' AND s.variant = 'simulated'
  AND l.status IN ('done', 'failed') AND s.status IN ('done', 'failed');

-- The quantiles of every trial's histograms: name is the histogram's (delivery_latency), q the share of the
-- samples that were not above `us`.
CREATE VIEW quantile AS
SELECT m.trial_id, substr(m.name, 1, length(m.name) - length('_p50_us') - (k.quantile > 0.99)) AS name,
       k.quantile AS q, m.value AS us, m.low, m.high
FROM metric m JOIN metric_kind k USING (name)
WHERE k.quantile IS NOT NULL;

-- One row per cell: how many trials it has, how many ended, how many are believed as a whole, and what
-- was said of them ("valid", or "too_few_samples, valid" where the repeats disagree).
CREATE VIEW cell AS
SELECT t.experiment_id, t.strategy, t.parameters,
       count(*) AS planned,
       count(o.trial_id) AS repeats,
       coalesce(sum(o.believed), 0) AS believed,
       coalesce(group_concat(DISTINCT iif(o.trial_id IS NULL, NULL,
                                          coalesce(o.verdict, 'failed'))), 'not run') AS verdict,
       min(t.position) AS position
FROM trial t LEFT JOIN outcome o ON o.trial_id = t.id
WHERE t.variant NOT IN ('base', 'simulated')
GROUP BY t.experiment_id, t.strategy, t.parameters;

-- One row per cell and metric.
--   repeats    trials of the cell that ended
--   believed   trials that the value rests on (see `figure`); 0: none may be believed, and the value
--              is that of the others (charts draw it hollow)
--   value      the median over these trials
--   low, high  its interval (see interval_rank). A single trial gives its own interval, from its
--              samples; NULL when it has none
--   verdict    as in `cell`
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

-- What was predicted and what was measured, where each trial has a simulated twin: one row per cell and metric.
--   predicted  the median over the simulated trials
--   measured   the value of `summary`, with its interval and the trials that it rests on
--   off        how far the prediction is from it: 0.1 is 10 % too much; NULL where it is 0
CREATE VIEW prediction AS
WITH ranked AS (
    SELECT t.experiment_id, t.strategy, t.parameters, m.name, m.value,
           row_number() OVER (PARTITION BY t.experiment_id, t.strategy, t.parameters, m.name
                              ORDER BY m.value) AS rank,
           count(*) OVER (PARTITION BY t.experiment_id, t.strategy, t.parameters, m.name) AS n
    FROM trial t JOIN metric m ON m.trial_id = t.id
    WHERE t.variant = 'simulated' AND t.status IN ('done', 'failed')
), predicted AS (
    SELECT experiment_id, strategy, parameters, name AS metric, avg(value) AS value
    FROM ranked
    WHERE rank IN ((n + 1) / 2, n / 2 + 1)
    GROUP BY experiment_id, strategy, parameters, name
)
SELECT s.experiment_id, s.strategy, s.parameters, s.metric, s.unit, p.value AS predicted, s.value AS measured,
       s.low, s.high, s.believed, p.value / nullif(s.value, 0) - 1 AS off
FROM summary s JOIN predicted p USING (experiment_id, strategy, parameters, metric);

-- One row per cell and parameter.
CREATE VIEW parameter AS
SELECT c.experiment_id, c.strategy, c.parameters, j.key AS name, j.value AS value
FROM (SELECT DISTINCT experiment_id, strategy, parameters FROM trial) c, json_each(c.parameters) j;

-- "100 subscribers × 20 events/s × 100 B, loopback": the load that the scenario set, of all cells together, and
-- what lies between servers and clients: "lte, 3g", "round trip 5 to 300 ms, loss 1 %".
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

-- The parameters that have several values within a strategy, and the value at which charts of
-- other parameters hold them: the middle one (of an even number of values the upper middle one).
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

-- Where a cell stands: how many of its varying parameters are away from the value at which they
-- are held, and which one (when it is one).
CREATE VIEW place AS
SELECT c.experiment_id, c.strategy, c.parameters, count(v.name) AS away_count, max(v.name) AS away
FROM cell c
LEFT JOIN parameter p USING (experiment_id, strategy, parameters)
LEFT JOIN varying v ON v.experiment_id = c.experiment_id AND v.strategy = c.strategy
                   AND v.name = p.name AND v.held IS NOT p.value
GROUP BY c.experiment_id, c.strategy, c.parameters;

-- `summary` with every varying parameter held: one row per strategy and metric.
CREATE VIEW baseline AS
SELECT s.*
FROM summary s JOIN place USING (experiment_id, strategy, parameters)
WHERE place.away_count = 0;

-- `summary` along one varying parameter `over` with the value x, the others held: what a chart of
-- a metric against a parameter draws.
CREATE VIEW sweep AS
SELECT v.name AS over, p.value AS x, s.*
FROM varying v
JOIN place l ON l.experiment_id = v.experiment_id AND l.strategy = v.strategy
            AND (l.away_count = 0 OR (l.away_count = 1 AND l.away = v.name))
JOIN parameter p ON p.experiment_id = l.experiment_id AND p.strategy = l.strategy
                AND p.parameters = l.parameters AND p.name = v.name
JOIN summary s ON s.experiment_id = l.experiment_id AND s.strategy = l.strategy
              AND s.parameters = l.parameters;
