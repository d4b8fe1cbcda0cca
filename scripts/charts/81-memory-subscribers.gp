# title: Server memory per connection
# read: What the server process keeps for each subscriber. Measured with a thousand of them or more:
#   memory comes in whole pages.
# over: subscribers
# metric: server_memory_bytes_per_connection
# query:
#   SELECT strategy, x, value, low, high, believed FROM sweep WHERE experiment_id = :experiment
#          AND over = 'subscribers' AND metric = 'server_memory_bytes_per_connection' AND believed > 0
#   ORDER BY x
# needs: SELECT count(*) > 0 FROM sweep WHERE experiment_id = :experiment AND over = 'subscribers'
#   AND metric = 'server_memory_bytes_per_connection' AND believed > 0
LINEAR = 1
load CHARTS."/sweep.gp"
