#!/usr/bin/env bash
# `pushpull strategies` is the one list that scripts and tests may use: it must name exactly the
# strategies that have a server and a client.
. "$(dirname "$0")/../lib.sh"

all=$("$BIN/pushpull" strategies)
is "$?" 0 'pushpull strategies succeeds'
programs=$(for server in "$BIN"/*_server; do basename "$server" _server; done | sort)
is "$(sort <<<"$all")" "$programs" 'it names whatever has a server'
for strategy in $all; do ok "$strategy has a client" [ -x "$BIN/${strategy}_client" ]; done

compared=$("$BIN/pushpull" strategies --no-floor)
is "$(comm -23 <(sort <<<"$all") <(sort <<<"$compared"))" tcp '--no-floor leaves out the floor'
is "$(comm -13 <(sort <<<"$all") <(sort <<<"$compared"))" '' 'and adds nothing'

message=$("$BIN/pushpull" strategies --floor 2>&1 >/dev/null)
is "$?" 2 'a wrong option: exit status 2'
like "$message" 'no option --floor' 'which is told'
done_testing
