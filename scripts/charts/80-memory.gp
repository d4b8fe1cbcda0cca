# title: Server memory per connection
# read: Shorter is cheaper: what the server process keeps for each subscriber. With few subscribers
#   the figure is coarse: memory comes in whole pages.
# metric: server_memory_bytes_per_connection
load CHARTS."/bars.gp"
