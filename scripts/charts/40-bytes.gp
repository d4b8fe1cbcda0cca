# title: Traffic: bytes on the wire per delivery
# read: Shorter is cheaper. Requests, answers, acknowledgements and all TCP and IP headers, in both
#   directions, divided by the events that arrived.
# metric: wire_bytes_per_delivery
load CHARTS."/bars.gp"
