# title: Age: how old a subscriber's newest event is
# read: Shorter is fresher. Averaged over time, so it includes the wait for the next event: compare
#   the strategies with each other and with the floor, not with zero.
# query:
#   SELECT strategy, value / 1e6, low / 1e6, high / 1e6, believed, human(value, unit)
#   FROM baseline WHERE experiment_id = :experiment AND metric = 'age_mean_us'
UNIT = SECONDS
set xlabel "mean age"
load CHARTS."/bars.gp"
