# title: Kernel memory per connection
# read: What the kernel keeps for the sockets of each connection, both ends together.
# over: subscribers
# query:
#   SELECT strategy, x, value, low, high, believed FROM sweep
#   WHERE experiment_id = :experiment AND over = 'subscribers'
#     AND metric = 'kernel_memory_bytes_per_connection'
#   ORDER BY x
UNIT = BYTES
set xlabel "subscribers"
set ylabel "kernel memory per connection"
LINEAR = 1
load CHARTS."/sweep.gp"
