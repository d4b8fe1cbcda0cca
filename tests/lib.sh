# Helpers of the shell tests: TAP, a scratch directory, servers that are started and surely stopped.
# A test sources this file, calls ok / is / like / unlike, and ends with done_testing.
#
# BIN is where the programs are and BUILD its parent; `make test` sets both.

set -u
. "$(dirname "${BASH_SOURCE[0]}")/../scripts/preamble.sh"
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
: "${BUILD:=$ROOT/build/release}" "${BIN:=$BUILD/bin}"
export BUILD BIN
export PUSHPULL_MACHINE=test-$$ # other tests run beside this one, which is no machine's fault
unset "${!GITHUB_@}"            # what they try is not for the page of the run that they are part of
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
    result $? "$description" && return
    diag "failed: $*"
    diag "$(head -c 2000 "$SCRATCH/ok.out")"
    return 1
}

# is GOT WANTED DESCRIPTION
is() {
    [ "$1" = "$2" ]
    result $? "$3" && return
    diag "wanted: $2"
    diag "   got: $(printf %s "$1" | head -c 2000)"
    return 1
}

# like GOT PATTERN DESCRIPTION: some line of GOT matches the extended regular expression.
like() {
    grep -Eq -- "$2" <<<"$1"
    result $? "$3" && return
    diag "wanted a match of: $2"
    diag "in: $(printf %s "$1" | head -c 2000)"
    return 1
}

unlike() {
    ! grep -Eq -- "$2" <<<"$1"
    result $? "$3" && return
    diag "wanted no match of: $2"
    diag "in: $(printf %s "$1" | head -c 2000)"
    return 1
}

# ran STATUS STDERR_FILE DESCRIPTION: `pushpull run` came to its end.
ran() {
    [ "$1" -eq 0 ]
    result $? "$3" && return
    diag "exit status $1: $(head -c 2000 "$2")"
    return 1
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

# start_server STRATEGY [OPTION...]: starts it as the runner does, on a port of the kernel's choice
# unless there is a --port.
# Sets `port` and `pid`; its stdout is in $server_out. Its stdin is kept open by a process of its own,
# `keeper`, so that nothing else that a test starts can keep it open as well.
start_server() {
    local strategy=$1 fifo
    shift
    [[ " $* " == *' --port '* ]] || set -- --port 0 "$@"
    server_out=$SCRATCH/$strategy.$((${#started_pids[@]} + 1)).out
    fifo=$server_out.in
    mkfifo "$fifo"
    sleep 3600 >"$fifo" &
    keeper=$!
    "$BIN/${strategy}_server" --supervised "$@" <"$fifo" >"$server_out" 2>"$server_out.err" &
    pid=$!
    started_pids+=("$pid" "$keeper")
    disown "$keeper"
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
    kill "$keeper"
    eventually gone "$pid" || kill -KILL "$pid"
    { wait "$pid"; } 2>/dev/null
    status=$?
    [ $status -eq 0 ] || diag "$(tail -n 40 "$server_out.err")"
}

# start_client STRATEGY [OPTION...]: the same for a client of the server on $port. Sets client_pid,
# client_out, client_keeper.
start_client() {
    local strategy=$1
    shift
    client_out=$SCRATCH/${strategy}_client.$((${#started_pids[@]} + 1)).out
    mkfifo "$client_out.in"
    sleep 3600 >"$client_out.in" &
    client_keeper=$!
    "$BIN/${strategy}_client" --supervised --servers "127.0.0.1:$port" "$@" \
        <"$client_out.in" >"$client_out" 2>"$client_out.err" &
    client_pid=$!
    started_pids+=("$client_pid" "$client_keeper")
    disown "$client_keeper"
}

# peer FILE CODE: a server that is not ours, in the background. CODE gets `request` (1, 2, ... over all
# connections), `socket`, `event` (a line, without its end) and `answer(BODY, FIELD...)`. Sets `port`; FILE
# has a line for each request.
peer() {
    node -e '
        const fs = require("fs");
        const [file, code] = process.argv.slice(1);
        const say = new Function("socket", "request", "event", "answer", code);
        let request = 0;
        require("net").createServer((socket) => {
            socket.on("error", () => {});
            socket.on("data", (chunk) => {
                const method = String(chunk).split(" ")[0];
                fs.appendFileSync(file, `request ${++request} ${method}\n`);
                say(socket, request, `{"seq":${request},"due_ns":${process.hrtime.bigint()},"lag_ns":0,"payload":"x"}`,
                    (body, ...fields) => ["HTTP/1.1 200 OK", "Content-Length: " + body.length, ...fields, "",
                        method === "HEAD" ? "" : body].join("\r\n"));
            });
        }).listen(0, "127.0.0.1", function () { fs.appendFileSync(file, `port ${this.address().port}\n`); });' "$@" &
    started_pids+=("$!")
    eventually grep -q '^port' "$1"
    port=$(sed -n 's/^port //p' "$1")
}

# status_of_end PID: waits until it has ended, and sets `status` to its exit status; killed: over 128.
status_of_end() {
    eventually gone "$1" || kill -KILL "$1"
    { wait "$1"; } 2>/dev/null
    status=$?
}

# The processes that PID has started and that are still there. (cat passes over a process that went
# meanwhile; awk would stop there.)
children_of() {
    cat /proc/[0-9]*/stat 2>/dev/null |
        awk -v parent="$1" '{ pid = $1; sub(/.*\) /, ""); if ($2 == parent && $1 != "Z") print pid }'
}

# running PROGRAM: the ids of those children of $runner that run it in a trial (it also starts each program
# to ask for its options).
running() {
    local one
    for one in $(children_of "$runner"); do
        [[ $(tr '\0' ' ' 2>/dev/null <"/proc/$one/cmdline") == *"/$1 --supervised "* ]] && echo "$one"
    done
}

# now_ns: CLOCK_MONOTONIC, as the programs count it.
now_ns() { node -p 'String(process.hrtime.bigint())'; }

# within VALUE LEAST MOST: there is a value, and it lies between them.
within() { [ -n "$1" ] && awk -v x="$1" -v least="$2" -v most="$3" 'BEGIN { exit !(x >= least && x <= most) }'; }

# raw PORT [OPTION...]: sends stdin to the port and prints all that comes back until the end.
raw() { node "$ROOT/tests/raw.mjs" "$@"; }

# all_read: the server on $port has accepted every connection and read all that was sent to it. (For a
# listener the kernel gives the length of its queue in the place of unread bytes.)
all_read() {
    local unread
    unread=$(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
        awk -v port="$(printf ':%04X' "$port")" '$2 ~ port "$" && $5 !~ /:0+$/')
    [ -z "$unread" ]
}

# taken FILE: what a `raw --sent FILE` in the background sends has reached the server.
taken() { [ -e "$1" ] && all_read; }

# field KEY: a value of the JSON object on stdin
field() { node -e 'console.log(JSON.parse(require("fs").readFileSync(0, "utf8"))[process.argv[1]])' "$1"; }

# publish TEXT: one more event at the server on $port. Prints its sequence number.
publish() {
    curl -sS --max-time $PATIENCE --data-binary "$1" "http://127.0.0.1:$port/publish" | field seq
}

# publish_many COUNT BYTES: that many events of that size, one after the other.
publish_many() {
    node -e '
        const http = require("http");
        const [port, count, bytes] = process.argv.slice(1).map(Number);
        const agent = new http.Agent({ keepAlive: true });
        const body = "x".repeat(bytes);
        (function next(left) {
            if (left === 0) return process.exit(0);
            http.request({ port, agent, path: "/publish", method: "POST" }, (answer) => {
                answer.resume().on("end", () => next(left - 1));
            }).end(body);
        })(count);' "$port" "$1" "$2"
}

# get PATH [CURL OPTION...]: head and body of the answer, without carriage returns.
get() {
    local path=$1
    shift
    curl -sSi --max-time $PATIENCE "$@" "http://127.0.0.1:$port$path" | tr -d '\r'
}
body_of() { sed '1,/^$/d' <<<"$1"; }
seqs_of() { grep -aoE '"seq":[0-9]+' <<<"$1" | cut -d : -f 2 | tr '\n' ' '; }

# Only what is still a child of ours: the number of one that ended may be somebody else's by now.
clean_up() {
    local p children
    children=" $(children_of $$ | tr '\n' ' ')"
    for p in ${started_pids[@]+"${started_pids[@]}"}; do
        [[ $children == *" $p "* ]] || continue
        kill -KILL "$p" 2>/dev/null && wait "$p" 2>/dev/null
    done
    rm -rf "$SCRATCH"
}
trap clean_up EXIT
trap 'exit 1' INT TERM HUP
