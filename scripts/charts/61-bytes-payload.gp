# title: What delivering adds as events grow
# read: The bytes on the wire besides the payload. Flat means that a delivery costs the same however
#   much is in it; a line rises where a payload no longer fits into one packet, for each packet has
#   headers of its own and is acknowledged.
# over: payload_bytes
# metric: overhead_bytes_per_delivery
load CHARTS."/sweep.gp"
