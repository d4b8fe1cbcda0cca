# title: Traffic per delivery as events come faster
# read: Both axes are logarithmic. Polling pays for asking, so rare events are dear and frequent ones
#   share the cost of an answer; a pushed event costs the same at any rate.
# over: events_per_second
# metric: wire_bytes_per_delivery
load CHARTS."/sweep.gp"
