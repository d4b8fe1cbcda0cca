# title: Time until everybody is connected
# read: From the first attempt of the first subscriber until the last one is subscribed. A straight
#   line of slope 1 (ten times the subscribers, ten times the time) is a constant rate.
# over: subscribers
# query:
#   SELECT strategy, x, value, low, high, believed FROM sweep
#   WHERE experiment_id = :experiment AND over = 'subscribers'
#     AND metric = 'connect_seconds'
#   ORDER BY x
UNIT = SECONDS
set xlabel "subscribers"
set ylabel "time to connect all"
load CHARTS."/sweep.gp"
