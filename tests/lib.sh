# Helpers of the shell tests: TAP, a scratch directory, servers that are started and surely stopped.
# A test sources this file, calls ok / is / like / unlike, and ends with done_testing.
#
# BIN is where the programs are and BUILD its parent; `make test` sets both.

set -u
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
: "${BUILD:=$ROOT/build/release}" "${BIN:=$BUILD/bin}"
export BUILD BIN
SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/pushpull-test.XXXXXX")
PATIENCE=20 # seconds until a test gives up on something that should come at once

tap_count=0
tap_failed=0
started_pids=()

# --- TAP ------------------------------------------------------------------------------------------

diag() { printf '%s\n' "$*" | sed 's/^/# /' >&2; }

result() { # STATUS DESCRIPTION
    tap_count=$((tap_count + 1))
    if [ "$1" -eq 0 ]; then
        printf 'ok %d - %s\n' $tap_count "$2"
    else
        printf 'not ok %d - %s\n' $tap_count "$2"
        tap_failed=$((tap_failed + 1))
        return 1
    fi
}

# ok DESCRIPTION COMMAND...: COMMAND succeeds.
ok() {
    local description=$1
    shift
    "$@" >"$SCRATCH/ok.out" 2>&1
    result $? "$description" || { diag "failed: $*"; diag "$(head -c 2000 "$SCRATCH/ok.out")"; }
}

# is GOT WANTED DESCRIPTION
is() {
    [ "$1" = "$2" ]
    result $? "$3" || { diag "wanted: $2"; diag "   got: $(printf %s "$1" | head -c 2000)"; }
}

# like GOT PATTERN DESCRIPTION: some line of GOT matches the extended regular expression.
like() {
    grep -Eq -- "$2" <<<"$1"
    result $? "$3" || { diag "wanted a match of: $2"; diag "in: $(printf %s "$1" | head -c 2000)"; }
}

unlike() {
    ! grep -Eq -- "$2" <<<"$1"
    result $? "$3" || { diag "wanted no match of: $2"; diag "in: $(printf %s "$1" | head -c 2000)"; }
}

skip() { # DESCRIPTION REASON
    tap_count=$((tap_count + 1))
    printf 'ok %d - %s # SKIP %s\n' $tap_count "$1" "$2"
}

skip_all() {
    printf '1..0 # SKIP %s\n' "$*"
    exit 0
}

done_testing() {
    printf '1..%d\n' $tap_count
    [ $tap_failed -eq 0 ]
    exit
}

# --- programs ---------------------------------------------------------------------------------------

# eventually COMMAND...: repeats it until it succeeds or the patience is at its end.
eventually() {
    local until=$((SECONDS + PATIENCE))
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $until ] || return 1
        sleep 0.05
    done
}

gone() { ! kill -0 "$1" 2>/dev/null; }

# start_server STRATEGY [OPTION...]: starts it as the runner does, on a port of the kernel's choice.
# Sets `port` and `pid`; its commands go to the descriptor `server_in`; its stdout is in $server_out.
start_server() {
    local strategy=$1 fifo
    shift
    server_out=$SCRATCH/$strategy.$((${#started_pids[@]} + 1)).out
    fifo=$server_out.in
    mkfifo "$fifo"
    "$BIN/${strategy}_server" --supervised --port 0 "$@" <"$fifo" >"$server_out" 2>"$server_out.err" &
    pid=$!
    started_pids+=("$pid")
    exec {server_in}>"$fifo"
    ready() { grep -q '"ready"' "$server_out" || gone "$pid"; }
    eventually ready
    port=$(sed -n 's/.*"port": *\([0-9]*\).*/\1/p' "$server_out" | head -n 1)
    if [ -z "$port" ]; then
        diag "${strategy}_server did not get ready:"
        diag "$(cat "$server_out.err")"
        echo "Bail out! ${strategy}_server does not start"
        exit 1
    fi
}

# stop_server: by the end of its stdin, as when a runner dies. Sets `status` to its exit status.
stop_server() {
    exec {server_in}>&-
    if ! eventually gone "$pid"; then kill -KILL "$pid"; fi
    wait "$pid"
    status=$?
}

# now_ns: CLOCK_MONOTONIC, as the programs count it.
now_ns() { node -p 'String(process.hrtime.bigint())'; }

# raw PORT [OPTION...]: sends stdin to the port and prints all that comes back until the end.
raw() { node "$ROOT/tests/raw.mjs" "$@"; }

# field KEY: a value of the JSON object on stdin
field() { node -e 'console.log(JSON.parse(require("fs").readFileSync(0, "utf8"))[process.argv[1]])' "$1"; }

clean_up() {
    local p
    for p in ${started_pids[@]+"${started_pids[@]}"}; do kill -KILL "$p" 2>/dev/null; done
    rm -rf "$SCRATCH"
}
trap clean_up EXIT
trap 'exit 1' INT TERM HUP
