# title: Server CPU per delivery
# read: Shorter is cheaper: the CPU time that the server process spends on one event for one
#   subscriber, work inside the kernel included.
# metric: server_cpu_us_per_delivery
load CHARTS."/bars.gp"
