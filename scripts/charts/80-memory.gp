# title: Server memory per connection
# read: Shorter is cheaper: what the server process keeps for each subscriber. With few subscribers
#   the figure is coarse: memory comes in whole pages.
# query:
#   SELECT strategy, value, low, high, believed, human(value, unit)
#   FROM baseline WHERE experiment_id = :experiment AND metric = 'server_memory_bytes_per_connection'
UNIT = BYTES
set xlabel "memory per connection"
load CHARTS."/bars.gp"
