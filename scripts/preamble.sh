# The world as every script and test of this project finds it, whoever runs it: no proxies, no decimal
# commas, no settings from a home directory. Sourced first by each of them.
#
# A figure that is not there is the word `missing`, never 0: awk, bash and printf all take nothing for
# zero. `known` makes it so, and what computes with figures passes it on.

# --- the user's settings ----------------------------------------------------------------------------

# Proxies are kept for what fetches from the network: `outside`.
outside_world=()
for name in http_proxy https_proxy ftp_proxy all_proxy no_proxy HTTP_PROXY HTTPS_PROXY FTP_PROXY ALL_PROXY NO_PROXY; do
    [ -z "${!name+set}" ] || outside_world+=("$name=${!name}")
    unset "$name"
done
unset name

# outside COMMAND...: runs it with the user's proxies.
outside() { env ${outside_world[@]+"${outside_world[@]}"} "$@"; }

unset LANG LANGUAGE "${!LC_@}" # LC_NUMERIC: 0,5 is no number for awk
export LC_ALL=C TZ=UTC0
unset "${!PUSHPULL_@}" "${!GREP_@}" "${!GIT_@}" "${!GNUPLOT_@}" "${!HARNESS_@}"
unset CDPATH GLOBIGNORE BASH_ENV ENV POSIXLY_CORRECT TIME_STYLE BLOCK_SIZE
unset COLUMNS LINES GNUTERM FIT_LOG NODE_OPTIONS NODE_DEBUG SSLKEYLOGFILE

# ~/.curlrc, ~/.sqliterc, ~/.gnuplot. curl gets a file of ours instead of an option: it is also started
# by `timeout` and in the background, where a function would stand in the way.
CURL_HOME=$(cd "$(dirname "${BASH_SOURCE[0]}")/world" && pwd)
export CURL_HOME
sqlite3() { command sqlite3 -init /dev/null "$@"; }
gnuplot() { command gnuplot -d "$@"; }

# usage: the comment at the head of the script, for --help.
usage() { sed -n '2,/^set -/{/^#/s/^# \{0,1\}//p}' "$0"; }

# --- figures ----------------------------------------------------------------------------------------

# known [FIGURE]: the figure, or `missing` when there is none.
known() { printf '%s\n' "${1:-missing}"; }

# all_known FIGURE...: none is missing. Also words with a missing figure in them count.
all_known() {
    local figure
    for figure in "$@"; do
        [[ -n $figure && $figure != *missing* ]] || return 1
    done
}

# --- strategies -------------------------------------------------------------------------------------

# strategies [--no-floor]: their keys, one per line, the floor last, from the runner's own table. ($BIN is
# where the programs are.) Nowhere else are they listed.
strategies() { "$BIN/pushpull" strategies "$@"; }
