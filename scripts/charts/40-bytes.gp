# title: Traffic: bytes on the wire per delivery
# read: Shorter is cheaper. Requests, answers, acknowledgements and all TCP and IP headers, in both
#   directions, divided by the events that arrived.
# query:
#   SELECT strategy, value, low, high, believed, human(value, unit)
#   FROM baseline WHERE experiment_id = :experiment AND metric = 'wire_bytes_per_delivery'
UNIT = BYTES
set xlabel "bytes per delivery"
load CHARTS."/bars.gp"
