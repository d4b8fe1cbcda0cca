# title: Server memory per connection
# read: What the server process keeps for each subscriber. With few subscribers the figure is coarse:
#   memory comes in whole pages.
# over: subscribers
# query:
#   SELECT strategy, x, value, low, high, believed FROM sweep
#   WHERE experiment_id = :experiment AND over = 'subscribers'
#     AND metric = 'server_memory_bytes_per_connection'
#   ORDER BY x
UNIT = BYTES
set xlabel "subscribers"
set ylabel "server memory per connection"
LINEAR = 1
load CHARTS."/sweep.gp"
