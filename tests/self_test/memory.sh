# 5,000 idle connections: what pushpull says they cost in the kernel, against the growth of `Slab` in
# /proc/meminfo. pushpull adds up the objects in the caches that sockets use (/proc/slabinfo); `Slab`
# counts the pages of all caches, with no list to forget something from. Not MemFree or MemAvailable:
# they hold every process's pages too, which move by more than these connections.
attempts=3

# "SOCKETS SLAB_KB" of this moment.
sample() {
    local word rest tcp slab
    while read -r word _ tcp rest; do [ "$word" = TCP: ] && break; done </proc/net/sockstat
    while read -r word slab rest; do [ "$word" = Slab: ] && break; done </proc/meminfo
    echo "${tcp%% *} $slab"
}

sample_until_stopped() {
    trap 'exit 0' TERM
    while :; do
        sample
        read -r -t 0.02 <>"$work/never"
    done
}

# Bytes by which the slabs grew while the connections were made: from the last five samples before to
# the first five after, the median of each.
growth() {
    awk '{ sockets[NR] = $1; slab[NR] = $2 }
        END { open = sockets[1] + 10000
              for (after = 1; after <= NR && sockets[after] < open; after++)
                  if (sockets[after] < sockets[1] + 50) before = after
              if (before < 5 || after + 4 > NR) exit # not seen both before and after
              for (i = 0; i < 5; i++) print slab[before - i], slab[after + i] }' "$work/samples" >"$work/both"
    cut -d ' ' -f 1 "$work/both" >"$work/slab_before"
    cut -d ' ' -f 2 "$work/both" >"$work/slab_after"
    calculate "1024 * ($(median "$work/slab_after") - $(median "$work/slab_before"))"
}

enough_samples() { [ "$(wc -l <"$work/samples")" -ge 10 ]; }

check() {
    [ -p "$work/never" ] || mkfifo "$work/never"
    start samples sample_until_stopped
    eventually enough_samples
    run_scenario memory || return
    stop_started
    near 'kernel memory of a connection' "$(metric tcp kernel_memory_bytes_per_connection)" \
        "$(calculate "$(growth) / 5000")" 20 bytes
}
