#!/usr/bin/env bash
# Polling: entity tags and conditional requests (RFC 9110, section 13), the cursor, the gap that is told.
. "$(dirname "$0")/../lib.sh"

start_server polling --events-per-second 0

# --- nothing yet ------------------------------------------------------------------------------------

answer=$(get /events)
like "$answer" '^HTTP/1\.1 200 ' 'an empty feed is no error'
like "$answer" '^ETag: "0"$' 'its tag is "0"'
is "$(body_of "$answer")" '' 'its body is empty'

# --- events -----------------------------------------------------------------------------------------

is "$(publish 'one')" 1 'POST /publish answers with the sequence number'
publish $'two\nlines, a "quote", a \\ and \x01' >/dev/null
publish 'snow ☃' >/dev/null
answer=$(get /events)
is "$(seqs_of "$answer")" '1 2 3 ' 'a poll without a cursor gets all that the server holds, in order'
is "$(body_of "$answer" | wc -l)" 3 'one event a line'
payloads=$(body_of "$answer" | node -e '
    const lines = require("fs").readFileSync(0, "utf8").trim().split("\n");
    console.log(JSON.stringify(lines.map((line) => JSON.parse(line).payload)))')
is "$payloads" '["one","two\nlines, a \"quote\", a \\ and \u0001","snow ☃"]' 'the payloads come back as they were'
like "$answer" '^ETag: "3"$' 'the tag is the newest sequence number, strong'
like "$answer" '^Cache-Control: no-cache$' 'caches must ask'
like "$answer" '^Content-Type: application/x-ndjson' 'the type is NDJSON'

is "$(seqs_of "$(get '/events?after=1')")" '2 3 ' 'a cursor gets what came after it'
is "$(seqs_of "$(get '/events?x=5&after=2&y=')")" '3 ' 'also among other parameters'
is "$(body_of "$(get '/events?after=3')")" '' 'up to date: an empty body'
is "$(seqs_of "$(get '/events?after=99')")" '1 2 3 ' 'a cursor from an earlier life of the server gets all there is'
for bad in '' x -1 1x 99999999999999999999999; do
    like "$(get "/events?after=$bad")" '^HTTP/1\.1 400 ' "after=$bad is refused"
done

# --- conditional requests ------------------------------------------------------------------------------

answer=$(get '/events?after=3' -H 'If-None-Match: "3"')
like "$answer" '^HTTP/1\.1 304 ' 'nothing new: 304'
like "$answer" '^ETag: "3"$' 'which repeats the tag'
is "$(body_of "$answer")" '' 'and has no body'
unlike "$answer" '^Content-Length: [1-9]' 'nor claims to'
like "$(get '/events?after=2' -H 'If-None-Match: "2"')" '^HTTP/1\.1 200 ' 'an old tag: 200'
like "$(get /events -H 'If-None-Match: *')" '^HTTP/1\.1 304 ' '* matches whatever there is'
like "$(get /events -H 'If-None-Match: "1", "3"')" '^HTTP/1\.1 304 ' 'a list matches when one of its tags does'
like "$(get /events -H 'If-None-Match: W/"3"')" '^HTTP/1\.1 304 ' 'the comparison is the weak one'
like "$(get /events -H 'If-None-Match: "33"')" '^HTTP/1\.1 200 ' 'a tag is compared whole'
curl -sS --etag-save "$SCRATCH/tag" -o "$SCRATCH/first" "http://127.0.0.1:$port/events"
is "$(curl -sS --etag-compare "$SCRATCH/tag" -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/events")" 304 \
    "curl's own ETag support works"
pair="GET /events HTTP/1.1"$'\r\n'"Host: x"$'\r\nIf-None-Match: "3"\r\n\r\n'
both=$(printf '%sGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' "$pair" | raw "$port" | tr -d '\r')
is "$(grep -aoE '^HTTP/1\.1 [0-9]+' <<<"$both" | cut -d ' ' -f 2 | tr '\n' ' ')" '304 200 ' \
    'the answer after a 304 starts where it should'
is "$(printf 'HEAD /events HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' | raw "$port" | grep -acE '^HTTP/1.1 200|"seq"')" 1 'HEAD has no body'

# --- payloads ---------------------------------------------------------------------------------------

code=$(printf 'a\xff' | curl -s -o /dev/null -w '%{http_code}' --data-binary @- "http://127.0.0.1:$port/publish")
is "$code" 400 'a payload that is no UTF-8 is refused'
stop_server
is "$status" 0 'the server ends well'

# --- a feed that is too short, and pages of another origin ------------------------------------------------

start_server polling --events-per-second 0 --feed-events 4 --allow-origin https://example.org
publish_many 10 5
answer=$(get '/events?after=2')
is "$(seqs_of "$answer")" '7 8 9 10 ' 'a slow poller gets what the feed still holds'
like "$answer" '^Events-Missed: 4$' 'and is told how many are gone'
unlike "$(get '/events?after=6')" '^Events-Missed' 'the oldest one held is no gap'

answer=$(get /events -H 'Origin: https://example.org')
like "$answer" '^Access-Control-Allow-Origin: https://example\.org$' 'the allowed origin may read'
like "$answer" '^Access-Control-Expose-Headers: .*ETag' 'the tag, too'
like "$answer" '^Vary: .*Origin' 'and caches know that the answer depends on it'
answer=$(get /events -X OPTIONS -H 'Origin: https://example.org' -H 'Access-Control-Request-Method: GET' \
    -H 'Access-Control-Request-Headers: if-none-match')
like "$answer" '^HTTP/1\.1 20[04] ' 'its preflight is answered'
like "$answer" '^Access-Control-Allow-Headers: .*[Ii]f-[Nn]one-[Mm]atch' 'If-None-Match is allowed'
stop_server
is "$status" 0 'the server ends well'
done_testing
