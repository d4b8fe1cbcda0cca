# title: Kernel memory per connection
# read: What the kernel keeps for the sockets of each connection, both ends together. Measured with a
#   thousand of them or more.
# over: subscribers
# metric: kernel_memory_bytes_per_connection
# query:
#   SELECT strategy, x, value, low, high, believed FROM sweep WHERE experiment_id = :experiment
#          AND over = 'subscribers' AND metric = 'kernel_memory_bytes_per_connection' AND believed > 0
#   ORDER BY x
# needs: SELECT count(*) > 0 FROM sweep WHERE experiment_id = :experiment AND over = 'subscribers'
#   AND metric = 'kernel_memory_bytes_per_connection' AND believed > 0
LINEAR = 1
load CHARTS."/sweep.gp"
