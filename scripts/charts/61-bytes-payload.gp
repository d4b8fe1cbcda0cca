# title: Traffic per delivery as events grow
# read: Both axes are logarithmic. Where a line runs along the dotted one, only the payload is paid
#   for; the height above it is what the protocol adds.
# over: payload_bytes
# metric: wire_bytes_per_delivery
LAW = "payload alone"
law(x) = x
load CHARTS."/sweep.gp"
