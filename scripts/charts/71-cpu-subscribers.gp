# title: Server CPU per delivery as subscribers grow
# read: Flat means that a delivery costs the same however many subscribers there are; a falling line
#   shares fixed work among more of them.
# over: subscribers
# metric: server_cpu_us_per_delivery
load CHARTS."/sweep.gp"
