# title: Server memory per connection
# read: What the server process keeps for each subscriber. Measured with a thousand of them or more:
#   memory comes in whole pages.
# over: subscribers
# metric: server_memory_bytes_per_connection
# only: believed
LINEAR = 1
load CHARTS."/sweep.gp"
