# title: The slowest hundredth as subscribers grow
# read: As above, for the 99th percentile: 1 of 100 deliveries was slower than this.
# over: subscribers
# metric: delivery_latency_p99_us
load CHARTS."/sweep.gp"
