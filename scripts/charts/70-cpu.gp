# title: Server CPU per delivery
# read: Shorter is cheaper: the CPU time that the server process spends on one event for one
#   subscriber, work inside the kernel included.
# query:
#   SELECT strategy, value / 1e6, low / 1e6, high / 1e6, believed, human(value, unit)
#   FROM baseline WHERE experiment_id = :experiment AND metric = 'server_cpu_us_per_delivery'
UNIT = SECONDS
set xlabel "CPU time per delivery"
load CHARTS."/bars.gp"
