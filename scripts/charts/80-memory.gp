# title: Server memory per connection
# read: Shorter is cheaper: what the server process keeps for each subscriber. Measured with a thousand
#   of them or more: memory comes in whole pages.
# metric: server_memory_bytes_per_connection
# needs: SELECT count(*) > 0 FROM baseline WHERE experiment_id = :experiment
#   AND metric = 'server_memory_bytes_per_connection' AND believed > 0
load CHARTS."/bars.gp"
