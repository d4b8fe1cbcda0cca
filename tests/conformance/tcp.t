#!/usr/bin/env bash
# The floor: lines on a bare connection. Who has gone is found out, also when nothing is published; who
# has only said that it will say no more goes on listening.
. "$(dirname "$0")/../lib.sh"

start_server tcp --events-per-second 5
before=$(ls "/proc/$pid/fd" | wc -l)
for ((i = 0; i < 20; i++)); do
    exec {socket}<>"/dev/tcp/127.0.0.1/$port"
    read -r begins <&"$socket"
    exec {socket}>&-
done
like "$begins" '^\{"after":"[0-9a-f]{8}-0"\}$' 'the first line says where it begins'
descriptors_back() { [ "$(ls "/proc/$pid/fd" | wc -l)" -le "$before" ]; }
ok 'twenty that closed are let go, while nothing is published' eventually descriptors_back

# Half-closed: node ends its side, and listens.
node -e '
    const net = require("net");
    const socket = net.connect({ port: Number(process.argv[1]), host: "127.0.0.1", allowHalfOpen: true });
    let text = "";
    socket.on("data", (part) => {
        text += part;
        if (!text.includes("\"seq\":3,")) return;
        process.stdout.write(text);
        process.exit(0);
    });
    socket.on("end", () => process.exit(1));
    socket.end();
    setTimeout(() => console.log("ready"), 2500);' "$port" >"$SCRATCH/half" &
half=$!
eventually grep -q ready "$SCRATCH/half"
echo "publish $(now_ns)" >"$server_out.in"
wait $half
is "$?" 0 'one that says no more is not hung up on'
is "$(seqs_of "$(cat "$SCRATCH/half")")" '1 2 3 ' 'and gets its events'
like "$(cat "$SCRATCH/half")" '^$' 'with an empty line when it was asked whether it is still there'
stop_server
is "$status" 0 'the server ends well'
done_testing
