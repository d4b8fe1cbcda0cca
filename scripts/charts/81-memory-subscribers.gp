# title: Server memory per connection
# read: What the server process keeps for each subscriber. With few subscribers the figure is coarse:
#   memory comes in whole pages.
# over: subscribers
# metric: server_memory_bytes_per_connection
LINEAR = 1
load CHARTS."/sweep.gp"
