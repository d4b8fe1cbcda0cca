# title: Traffic per delivery as events grow
# read: Both axes are logarithmic. Where a line runs along the dotted one, only the payload is paid
#   for; the height above it is what the protocol adds.
# over: payload_bytes
# query:
#   SELECT strategy, x, value, low, high, believed FROM sweep
#   WHERE experiment_id = :experiment AND over = 'payload_bytes'
#     AND metric = 'wire_bytes_per_delivery'
#   ORDER BY x
UNIT = BYTES
set xlabel "bytes of payload"
set ylabel "bytes on the wire per delivery"
LAW = "payload alone"
law(x) = x
load CHARTS."/sweep.gp"
