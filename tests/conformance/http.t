#!/usr/bin/env bash
# HTTP/1.1 as RFC 9110 and RFC 9112 want it, by hand-written bytes and by curl. All strategies on HTTP
# share this server (core/http_server.c), so one of them stands for all.
. "$(dirname "$0")/../lib.sh"

start_server polling
host=$'Host: localhost\r\n'
close=$'Connection: close\r\n'

# ask BYTES [RAW OPTION...]: the answer of the server, without carriage returns.
ask() {
    local bytes=$1
    shift
    printf '%s' "$bytes" | raw "$port" "$@" | tr -d '\r'
}
statuses() { grep -aoE '^HTTP/1\.1 [0-9]+' <<<"$1" | cut -d ' ' -f 2 | tr '\n' ' '; }
undated() { sed 's/^Date: .*/Date:/' <<<"$1"; }

# expect BYTES STATUSES DESCRIPTION: exactly these answers come, and then the end.
expect() { is "$(statuses "$(ask "$1")")" "$2 " "$3"; }

# --- a plain request --------------------------------------------------------------------------------

answer=$(ask "GET / HTTP/1.1"$'\r\n'"$host$close"$'\r\n')
like "$answer" '^HTTP/1\.1 200 OK$' 'GET / is answered'
like "$answer" '^Date: (Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT$' 'with a Date'
like "$answer" '^Connection: close$' 'and the close that was asked for'
length=$(sed -n 's/^Content-Length: //p' <<<"$answer")
body=$(ask "GET / HTTP/1.1"$'\r\n'"$host$close"$'\r\n' | sed '1,/^$/d' | wc -c)
is "$body" "$length" 'Content-Length is the length of the body'
like "$(statuses "$(ask "GET http://localhost/ HTTP/1.1"$'\r\n'"$host$close"$'\r\n')")" '^200 $' \
    'the absolute form of a target is understood'
expect $'\r\n'"GET / HTTP/1.1"$'\r\n'"$host$close"$'\r\n' 200 'an empty line before a request is skipped'

# --- Host -------------------------------------------------------------------------------------------

expect $'GET / HTTP/1.1\r\n\r\n' 400 'HTTP/1.1 without Host is refused'
expect $'GET / HTTP/1.1\r\n'"$host$host"$'\r\n' 400 'so are two of them'
expect $'GET / HTTP/1.0\r\n\r\n' 200 'HTTP/1.0 needs none, and its connection is closed'

# --- HEAD, methods, paths ---------------------------------------------------------------------------

head=$(ask "HEAD / HTTP/1.1"$'\r\n'"$host$close"$'\r\n')
is "$(sed -n 's/^Content-Length: //p' <<<"$head")" "$length" 'HEAD tells the length that GET would have'
is "$(sed '1,/^$/d' <<<"$head")" '' 'and sends no body'
expect "HEAD / HTTP/1.1"$'\r\n'"$host"$'\r\n'"GET / HTTP/1.1"$'\r\n'"$host$close"$'\r\n' '200 200' \
    'the answer after a HEAD starts where it should'
like "$(ask "DELETE / HTTP/1.1"$'\r\n'"$host$close"$'\r\n')" '^HTTP/1\.1 405 ' 'an unknown method of a known path is 405'
like "$(ask "DELETE / HTTP/1.1"$'\r\n'"$host$close"$'\r\n')" '^Allow: .*GET' 'with Allow'
expect "GET /nowhere HTTP/1.1"$'\r\n'"$host$close"$'\r\n' 404 'an unknown path is 404'

# --- keep-alive and pipelining ------------------------------------------------------------------------

pipeline="GET / HTTP/1.1"$'\r\n'"$host"$'\r\n'"GET /nowhere HTTP/1.1"$'\r\n'"$host"$'\r\n'"POST /publish HTTP/1.1"$'\r\n'"${host}Content-Length: 5"$'\r\n\r\n'"helloGET / HTTP/1.1"$'\r\n'"$host$close"$'\r\n'
whole=$(ask "$pipeline")
like "$(statuses "$whole")" '^200 404 20[0-9] 200 $' 'pipelined requests are answered in order'
like "$(statuses "$(ask "$pipeline" --split)")" '^200 404 20[0-9] 200 $' 'so are requests that come byte by byte'
one="GET /nowhere HTTP/1.1"$'\r\n'"$host"$'Accept: */*\r\n'"$close"$'\r\n'
is "$(undated "$(ask "$one" --split)")" "$(undated "$(ask "$one")")" 'with the same answer to the byte'
like "$(ask "$one" --hold 200)" '^HTTP/1\.1 404' 'a request may pause in its middle'
expect "GET / HTTP/1.1"$'\r\n'"$host$close"$'\r\n'"GET / HTTP/1.1"$'\r\n'"$host"$'\r\n' 200 \
    'nothing is answered after Connection: close'
reused=$(curl -sv "http://127.0.0.1:$port/" "http://127.0.0.1:$port/" 2>&1 >/dev/null | grep -ciE 're-us(ing|ed) existing')
is "$reused" 1 'curl keeps the connection for its second request'

# --- bodies -----------------------------------------------------------------------------------------

chunked="POST /publish HTTP/1.1"$'\r\n'"${host}Transfer-Encoding: chunked"$'\r\n'"$close"$'\r\n'
like "$(statuses "$(ask "$chunked"$'5\r\nhello\r\n6;a=b\r\n world\r\n0\r\n\r\n')")" '^20[0-9] $' 'a chunked body is read'
like "$(statuses "$(ask "$chunked"$'5\r\nhello\r\n0\r\nTrailer: x\r\n\r\n' --split)")" '^20[0-9] $' \
    'also byte by byte, with a trailer'
code=$(curl -s -o /dev/null -w '%{http_code}' -H 'Expect: 100-continue' -d hello "http://127.0.0.1:$port/publish")
like "$code" '^20[0-9]$' 'Expect: 100-continue is granted'

# --- limits -----------------------------------------------------------------------------------------

long() { head -c "$1" /dev/zero | tr '\0' a; }
like "$(statuses "$(ask "POST /publish HTTP/1.1"$'\r\n'"${host}Content-Length: 2000000"$'\r\n\r\n')")" '^413 $' \
    'a body that is announced as too large is 413'
large=$({ printf '%s' "$chunked"; for _ in 1 2 3 4 5 6 7 8 9; do printf '20000\r\n%s\r\n' "$(long 131072)"; done; } |
    raw "$port" | tr -d '\r')
like "$(statuses "$large")" '^413 $' 'so is a chunked one that grows too large'
like "$(statuses "$(ask "GET /$(long 9000) HTTP/1.1"$'\r\n'"$host$close"$'\r\n')")" '^414 $' 'a target that is too long is 414'
like "$(statuses "$(ask "GET / HTTP/1.1"$'\r\n'"${host}X: $(long 20000)"$'\r\n\r\n')")" '^431 $' \
    'header fields that are too long are 431'
many=$(for i in $(seq 150); do printf 'X-%d: y\r\n' "$i"; done)
like "$(statuses "$(ask "GET / HTTP/1.1"$'\r\n'"$host$many"$'\r\n\r\n')")" '^431 $' 'so are too many of them'

# --- what must not be believed (request smuggling) ------------------------------------------------------

smuggled="GET / HTTP/1.1"$'\r\n'"$host"$'\r\n'
refused() { # DESCRIPTION REQUEST: one answer, 400, and the connection ends
    local answer
    answer=$(ask "$2$smuggled")
    like "$(statuses "$answer")" '^(400|501) $' "$1"
}
post="POST /publish HTTP/1.1"$'\r\n'"$host"
refused 'Content-Length and Transfer-Encoding together' \
    "${post}Content-Length: 5"$'\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'
refused 'Transfer-Encoding and Content-Length together' \
    "${post}Transfer-Encoding: chunked"$'\r\nContent-Length: 5\r\n\r\n0\r\n\r\n'
refused 'two lengths that differ' "${post}Content-Length: 5"$'\r\nContent-Length: 6\r\n\r\nhello'
refused 'a length with a sign' "${post}Content-Length: +5"$'\r\n\r\nhello'
refused 'a length that is no number' "${post}Content-Length: five"$'\r\n\r\nhello'
refused 'a length beyond 64 bits' "${post}Content-Length: 99999999999999999999999"$'\r\n\r\nhello'
refused 'an encoding that does not end in chunked' "${post}Transfer-Encoding: chunked, identity"$'\r\n\r\n0\r\n\r\n'
refused 'an encoding nobody knows' "${post}Transfer-Encoding: xchunked"$'\r\n\r\n0\r\n\r\n'
refused 'a blank before the colon' "${post}Transfer-Encoding : chunked"$'\r\n\r\n0\r\n\r\n'
refused 'a chunk size that is no number' "${post}Transfer-Encoding: chunked"$'\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n'
refused 'a chunk longer than it says' "${post}Transfer-Encoding: chunked"$'\r\n\r\n3\r\nhello\r\n0\r\n\r\n'
refused 'a chunk size beyond 64 bits' "${post}Transfer-Encoding: chunked"$'\r\n\r\n10000000000000000f\r\nhello\r\n0\r\n\r\n'
refused 'a bare carriage return in a field' "GET / HTTP/1.1"$'\r\n'"${host}X: a"$'\rb\r\n\r\n'
refused 'a field without a colon' "GET / HTTP/1.1"$'\r\n'"${host}nonsense"$'\r\n\r\n'
refused 'a field without a name' "GET / HTTP/1.1"$'\r\n'"${host}: nonsense"$'\r\n\r\n'
refused 'a target with a blank in it' "GET /a b HTTP/1.1"$'\r\n'"$host"$'\r\n'
nul=$(printf 'GET / HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n' | raw "$port" | tr -d '\r')
like "$(statuses "$nul")" '^400 $' 'a NUL in a field'
like "$(statuses "$(ask $'GET / HTTP/3.7\r\n'"$host"$'\r\n')")" '^(400|505) $' 'a version nobody knows'
like "$(statuses "$(ask $'\x16\x03\x01\x02\x01\r\n\r\n')")" '^400 $' 'TLS on a plain port'

# --- clients that leave -------------------------------------------------------------------------------

printf 'GET / HTTP/1.1\r\nHo' | raw "$port" --end >/dev/null
printf 'POST /publish HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\nhalf' | raw "$port" --end >/dev/null
is "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/")" 200 \
    'requests that break off do no harm'

stop_server
is "$status" 0 'the server ends well'
done_testing
