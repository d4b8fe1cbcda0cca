# title: Median latency as subscribers grow
# read: Flat is what one hopes for. Where a line bends upwards, one server process runs out of CPU:
#   an event must be written to every subscriber, and the last one waits for all before it.
# over: subscribers
# metric: delivery_latency_p50_us
load CHARTS."/sweep.gp"
