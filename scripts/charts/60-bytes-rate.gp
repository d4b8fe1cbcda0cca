# title: Traffic per delivery as events come faster
# read: Both axes are logarithmic. Polling pays for asking, so rare events are dear and frequent ones
#   share the cost of an answer; a pushed event costs the same at any rate.
# over: events_per_second
# query:
#   SELECT strategy, x, value, low, high, believed FROM sweep
#   WHERE experiment_id = :experiment AND over = 'events_per_second'
#     AND metric = 'wire_bytes_per_delivery'
#   ORDER BY x
UNIT = BYTES
set xlabel "events per second"
set ylabel "bytes on the wire per delivery"
load CHARTS."/sweep.gp"
