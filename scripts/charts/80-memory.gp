# title: Server memory per connection
# read: Shorter is cheaper: what the server process keeps for each subscriber. Measured with a thousand
#   of them or more: memory comes in whole pages.
# metric: server_memory_bytes_per_connection
# only: believed
load CHARTS."/bars.gp"
