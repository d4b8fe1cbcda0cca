# title: Server CPU per delivery as events come faster
# read: A falling line shares fixed work (polls that find nothing, timers) among more deliveries.
# over: events_per_second
# metric: server_cpu_us_per_delivery
load CHARTS."/sweep.gp"
