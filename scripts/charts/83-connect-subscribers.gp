# title: Time until everybody is connected
# read: From the first attempt of the first subscriber until the last one is subscribed. A straight
#   line of slope 1 (ten times the subscribers, ten times the time) is a constant rate.
# over: subscribers
# metric: connect_seconds
load CHARTS."/sweep.gp"
