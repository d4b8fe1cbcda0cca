# What it costs to book a delivery: 100 subscribers, 2,000 events, no network; the median of 9 rounds.
attempts=3

check() { at_most 'a recorded delivery' "$("$TOOLS/null" 100 2000 9)" 1000 ns; }
