# title: What delivering adds as events grow
# read: The bytes on the wire besides the payload. Flat means that a delivery costs the same however
#   much is in it; a line rises where a payload no longer fits into one packet, for each packet has
#   headers of its own and is acknowledged.
# over: payload_bytes
# prediction: The lines are what the models predict, the marks are measured. A step of a line is one more packet.
# metric: overhead_bytes_per_delivery
# query:
#   WITH s AS MATERIALIZED (
#       SELECT * FROM sweep WHERE experiment_id = :experiment AND over = 'payload_bytes' AND metric IN
#           ('overhead_bytes_per_delivery', 'wire_bytes_per_delivery', 'payload_bytes_per_delivery'))
#   SELECT w.strategy, w.x, coalesce(o.value, w.value - p.value),
#          iif(o.value IS NULL, w.low - p.value, o.low), iif(o.value IS NULL, w.high - p.value, o.high),
#          w.believed
#   FROM s w JOIN s p ON p.strategy = w.strategy AND p.x = w.x
#        LEFT JOIN s o ON o.strategy = w.strategy AND o.x = w.x
#             AND o.metric = 'overhead_bytes_per_delivery'
#   WHERE w.metric = 'wire_bytes_per_delivery' AND p.metric = 'payload_bytes_per_delivery'
#   ORDER BY w.x
load CHARTS."/sweep.gp"
