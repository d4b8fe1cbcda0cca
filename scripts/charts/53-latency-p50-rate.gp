# title: Median latency as events come faster
# read: Flat until the server or the network has more to do than it can.
# over: events_per_second
# metric: delivery_latency_p50_us
load CHARTS."/sweep.gp"
