# title: Median latency as subscribers grow
# read: An event must be written to every subscriber, and each waits for those before it: twice the
#   subscribers, twice the median, for the floor as well. That is a queue of writes, no lack of CPU;
#   where a line is steeper than that, CPU is lacking too. Polling spreads the subscribers over time.
# over: subscribers
# metric: delivery_latency_p50_us
load CHARTS."/sweep.gp"
