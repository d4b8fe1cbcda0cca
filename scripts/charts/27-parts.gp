# title: Where the time goes
# read: The mean latency of each strategy, cut into the parts of an event's way to the subscriber's
#   socket. Waiting to be asked is what polling is about; waiting in the server is mostly waiting for
#   one's turn among the subscribers; what is left is the write and the kernel's way. (Each part is its own
#   median over the repeats; they are drawn as shares of what these come to together.)
# prediction: The black strokes are where the models predict the ends of the parts: where each stands between two
#   colours, the time goes where the models say.
# query:
#   SELECT strategy, total / 1e6, NULL, NULL, sure,
#          iif(sure > 0, human(total, 'us'), '(' || human(total, 'us') || ')'),
#          100 * coalesce(max(CASE metric WHEN 'schedule_lag_mean_us' THEN value END), 0) / parts,
#          100 * coalesce(max(CASE metric WHEN 'ask_wait_mean_us' THEN value END), 0) / parts,
#          100 * coalesce(max(CASE metric WHEN 'server_work_mean_us' THEN value END), 0) / parts,
#          100 * coalesce(max(CASE metric WHEN 'transit_mean_us' THEN value END), 0) / parts
#   FROM (SELECT *, max(CASE metric WHEN 'delivery_latency_mean_us' THEN value END)
#                       OVER (PARTITION BY strategy) AS total,
#                max(CASE metric WHEN 'delivery_latency_mean_us' THEN believed END)
#                       OVER (PARTITION BY strategy) AS sure,
#                sum(CASE WHEN metric IN ('schedule_lag_mean_us', 'ask_wait_mean_us', 'server_work_mean_us',
#                                         'transit_mean_us') THEN value END)
#                       OVER (PARTITION BY strategy) AS parts
#         FROM baseline WHERE experiment_id = :experiment)
#   GROUP BY strategy
# needs: SELECT count(*) > 0 FROM baseline
#   WHERE experiment_id = :experiment AND metric = 'transit_mean_us'
PARTS = "'late schedule' 'waiting to be asked' 'waiting in the server' 'on the way'"
set xrange [0:112]
set xtics ("0 %%" 0, "25 %%" 25, "50 %%" 50, "75 %%" 75, "100 %%" 100)
set xlabel "share of the mean latency"
load CHARTS."/stack.gp"
