# title: Age: how old a subscriber's newest event is
# read: Shorter is fresher. Averaged over time, so it includes the wait for the next event, which is
#   hatched: no strategy can avoid it, for the event is not there yet (it is half the gap between
#   events that come evenly). What a strategy adds is the rest of its bar.
# prediction: The black stroke across a bar is what the models predict: where it stands at the bar's end, they
#   explain the figure.
# metric: age_mean_us
# query:
#   SELECT strategy, value / 1e6, low / 1e6, high / 1e6, believed, human(value, 'us'),
#          (SELECT l.value / 1e6 FROM baseline l WHERE l.experiment_id = :experiment
#           AND l.strategy = b.strategy AND l.metric = 'age_least_us')
#   FROM baseline b WHERE experiment_id = :experiment AND metric = 'age_mean_us'
stats DATA using (valid(7)) nooutput
if (STATS_max > 0) { HATCHED = "unavoidable: the next event is not there yet" }
load CHARTS."/bars.gp"
