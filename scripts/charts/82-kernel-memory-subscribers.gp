# title: Kernel memory per connection
# read: What the kernel keeps for the sockets of each connection, both ends together. Measured with a
#   thousand of them or more.
# over: subscribers
# metric: kernel_memory_bytes_per_connection
# only: believed
LINEAR = 1
load CHARTS."/sweep.gp"
