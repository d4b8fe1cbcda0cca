# title: Traffic: bytes on the wire per delivery
# read: Shorter is cheaper. The payload is what the subscriber wanted; framing is the text around it,
#   HTTP requests and headers included; every packet costs a header of TCP and of IP, and packets
#   that carry nothing but an acknowledgement (or the beginning and end of a connection) cost only
#   that. Both directions, divided by the events that arrived.
# prediction: The black strokes are where the models predict the ends of the parts, the last one that of the whole.
# metric: wire_bytes_per_delivery
# query:
#   SELECT w.strategy, w.value, w.low, w.high, w.believed,
#          iif(w.believed > 0, human(w.value, 'bytes'), '(' || human(w.value, 'bytes') || ')'),
#          max(iif(p.metric = 'payload_bytes_per_delivery', p.value, NULL)),
#          max(iif(p.metric = 'framing_bytes_per_delivery', p.value, NULL)),
#          max(iif(p.metric = 'header_bytes_per_delivery', p.value, NULL)),
#          max(iif(p.metric = 'acknowledgement_bytes_per_delivery', p.value, NULL))
#   FROM baseline w JOIN baseline p USING (experiment_id, strategy)
#   WHERE experiment_id = :experiment AND w.metric = 'wire_bytes_per_delivery' GROUP BY w.strategy
stats DATA using (valid(8)) nooutput
if (STATS_max > 0) {
    PARTS = "payload 'framing, HTTP' 'TCP/IP headers of data' acknowledgements"
    stats DATA using 2 nooutput
    call CHARTS."/widen.gp" "STATS" 2
    call CHARTS."/linear.gp" "x" UNIT STATS_max
    set xlabel METRIC
    load CHARTS."/stack.gp"
} else { # of a time when the parts were not counted
    load CHARTS."/bars.gp"
}
