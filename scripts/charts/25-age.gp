# title: Age: how old a subscriber's newest event is
# read: Shorter is fresher. Averaged over time, so it includes the wait for the next event: compare
#   the strategies with each other and with the floor, not with zero.
# metric: age_mean_us
load CHARTS."/bars.gp"
