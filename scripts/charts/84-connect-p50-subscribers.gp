# title: Time until one subscriber is connected
# read: The median of all subscribers, from its first attempt until it is subscribed.
# over: subscribers
# metric: connect_p50_us
load CHARTS."/sweep.gp"
