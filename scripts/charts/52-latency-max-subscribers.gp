# title: The slowest delivery as subscribers grow
# read: The greatest latency of any delivery. An event is written to one subscriber after another, so
#   the last one waits for all others.
# over: subscribers
# metric: delivery_latency_max_us
load CHARTS."/sweep.gp"
