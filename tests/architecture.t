#!/usr/bin/env bash
# The house's rules, checked: which way the includes point, where strategies may be named, how long a
# file of the lesson may get, and that the handbook points at things that exist.
. "$(dirname "$0")/lib.sh"
cd "$ROOT" || exit 1
shopt -s nullglob

LONGEST=250 # lines of a server or client: something to read in one sitting

# --- arrows -----------------------------------------------------------------------------------------

# Every room with code in it, from the lowest to the highest, and the rooms whose files it may include
# besides its own (servers and clients are for none of their like). A folder that has no row, and an arrow that does not stand here, is a mistake. A
# server or client that is more than a file keeps the rest in a folder of its name, servers/STRATEGY,
# which is for nobody else.
CORE='core/base core/model core/net core/net/http core/harness'
declare -A ARROWS=(
    [core/base]=''
    [core/model]='core/base'
    [core/net]='core/base'
    [core/net/http]='core/base core/net'
    [core/harness]='core/base core/model core/net core/net/http'
    [servers]="$CORE servers/STRATEGY"
    [servers/STRATEGY]="$CORE"
    [clients]="$CORE clients/STRATEGY"
    [clients/STRATEGY]="$CORE"
    [links]="$CORE"
    [simulator]='core/base core/model'
    [runner/system]='core/base'
    [runner/figures]='core/base core/model runner/system'
    [runner/scenario]='core/base core/model runner/system runner/figures'
    [runner/launch]='core/base core/model'
    [runner/trial]='core/base core/model simulator runner/system runner/figures runner/scenario runner/launch'
    [runner/store]='core/base core/model runner/system runner/figures runner/scenario'
    [runner/expect]='core/base runner/system runner/figures runner/scenario runner/store'
    [runner/report]='core/base core/model runner/system runner/figures runner/scenario runner/store runner/expect'
    [runner/chart]='core/base core/model runner/system runner/figures runner/scenario runner/store'
    [runner/compare]='core/base core/model runner/system runner/figures runner/scenario runner/store runner/report runner/chart'
    [runner/page]='core/base runner/system runner/store runner/expect runner/report runner/chart runner/compare'
    [runner/diagram]='core/base runner/system runner/scenario runner/trial runner/page'
    [runner/validate]='core/base core/model runner/system runner/figures runner/scenario runner/trial runner/store runner/report'
    [runner/lab]='core/base runner/system runner/figures runner/scenario runner/store runner/expect runner/chart'
    [runner/live]='core/base core/model core/net core/net/http runner/system runner/scenario runner/trial runner/store'
    [runner/doctor]='core/base core/model runner/system runner/scenario runner/chart'
    [runner]='core/base simulator runner/system runner/scenario runner/trial runner/store runner/expect runner/report runner/chart runner/compare runner/page runner/diagram runner/validate runner/lab runner/live runner/doctor'
    [tests/unit]="$CORE links simulator runner/system runner/figures runner/scenario runner/launch runner/trial runner/store runner/expect runner/report runner/chart runner/compare runner/page runner/diagram runner/validate runner/lab runner/live runner/doctor"
    [tests/tools]="$CORE runner/compare runner/figures runner/scenario runner/store"
    [tests/fixtures/STRATEGY]="$CORE"
    [tests/fakes]='' # SQL, which includes nothing
)
FOREIGN='llhttp.h' # somebody else's header that we write in quotes

# The code of the tree DIRECTORY, one file per line.
code_of() {
    (cd "$1" && find . \( -path ./build -o -path ./results -o -name .git -o -name node_modules \) -prune \
        -o -type f \( -name '*.[ch]' -o -name '*.sql' \) -printf '%P\n') | sort
}

# Sets `row` to the name of FOLDER in the matrix. (Not by $(...): a process for each include is slow.)
find_row() {
    row=$1
    case $1 in
        servers/*/* | clients/*/* | tests/fixtures/*/*) ;;
        servers/* | clients/* | tests/fixtures/*) row=${1%/*}/STRATEGY ;;
    esac
}

# Sets `resolved` to NAME, included from FOLDER of the tree DIRECTORY, as the compiler finds it: beside
# the file, else where the Makefile tells it to look (-iquote). To nothing when it is not ours.
resolve() { # DIRECTORY FOLDER NAME
    local place places=("$2" core)
    [[ $2 != runner* && $2 != tests/unit && $2 != tests/tools ]] || places+=(runner '')
    resolved=
    for place in "${places[@]}"; do
        [ -f "$1/$place/$3" ] || continue
        resolved=${place:+$place/}$3
        [[ $3 != *..* ]] || resolved=$(realpath --relative-to="$1" "$1/$resolved")
        return
    done
}

# allowed FILE FOLDER: FILE may include what is in FOLDER.
allowed() {
    local row arrows
    find_row "${1%/*}"
    arrows=${ARROWS[$row]-}
    [[ $row == servers || $row == clients ]] || arrows+=" $row"
    find_row "$2"
    [[ " $arrows " == *" $row "* ]] || return 1
    [[ $row != */STRATEGY || ${1%.*} == "$2" || ${1%/*} == "$2" ]]
}

# Says what is wrong with one include. Nothing when it is allowed.
judge() { # DIRECTORY FILE INCLUDE
    local directory=$1 file=$2 include=$3 name resolved
    case $include in
        '<'*..*'>') echo "$file includes $include"; return ;;
        '<'*'>') return ;;
        '"'*'"') name=${include#\"} name=${name%\"} ;;
        *) echo "$file includes $include: by a macro nobody can tell what"; return ;;
    esac
    resolve "$directory" "${file%/*}" "$name"
    if [ -z "$resolved" ]; then
        [ "$name" = "$FOREIGN" ] || echo "$file includes $name, which is nowhere"
    elif ! allowed "$file" "${resolved%/*}"; then
        echo "$file includes $resolved: no arrow leads there"
    fi
}

# The folders of the files on stdin.
folders() { sed 's|^[^/]*$|./&|; s|/[^/]*$||' | sort -u; }

# Every mistake of the tree DIRECTORY, one per line.
wrong_arrows() {
    local directory=$1 files file folder line row
    mapfile -t files < <(code_of "$directory")
    [ ${#files[@]} -gt 0 ] || { echo "there is no code in $directory"; return; }
    for folder in $(printf '%s\n' "${files[@]}" | folders); do
        find_row "$folder"
        [ -n "${ARROWS[$row]+known}" ] || echo "$folder/ is a folder that the matrix does not know"
    done
    while IFS=: read -r file line; do
        judge "$directory" "$file" "$line"
    done < <(cd "$directory" && printf '%s\0' "${files[@]}" | xargs -0 grep -HE '^[[:space:]]*#[[:space:]]*include' |
        sed -E 's/^([^:]*):[[:space:]]*#[[:space:]]*include(_next)?[[:space:]]*("[^"]*"|<[^>]*>|[^[:space:]]*).*/\1:\3/')
}

is "$(wrong_arrows .)" '' 'every include follows an arrow of the matrix'

# The rooms of the matrix, and the files of the tree, can be put in an order in which every arrow leads
# down: there is no circle. A .c and a .h of one name are one.
loops() { tsort 2>&1 >/dev/null | grep -v 'input contains a loop' | tr '\n' ' '; }
pairs_of_rooms() {
    local room arrow
    for room in "${!ARROWS[@]}"; do
        for arrow in ${ARROWS[$room]}; do echo "$room $arrow"; done
    done
}
pairs_of_files() {
    local file include name resolved
    while IFS=: read -r file include; do
        name=${include#\"} name=${name%\"}
        resolve . "${file%/*}" "$name"
        file=${file%.*} resolved=${resolved%.*}
        [ -z "$resolved" ] || [ "$file" = "$resolved" ] || echo "$file $resolved"
    done < <(code_of . | xargs grep -HE '^#include "' | sed -E 's/^([^:]*):#include ("[^"]*").*/\1:\2/')
}
# The files of a room call each other, by what the linker sees, in no circle either.
pairs_of_calls() { # ROOM
    local symbols
    symbols=$(nm -A "$BUILD/$1"/*.o | sed -nE 's|^.*/([^/]*)\.o:[0-9a-f ]*([A-Z]) (.*)$|\2 \3 \1|p')
    join -o 1.2,2.2 <(sed -n 's/^U //p' <<<"$symbols" | sort) <(sed -n 's/^[TDRBV] //p' <<<"$symbols" | sort) |
        awk '$1 != $2' | sort -u
}
is "$(pairs_of_rooms | loops)" '' 'no arrow of the matrix climbs'
is "$(pairs_of_files | loops)" '' 'no files include each other in a circle'
like "$(pairs_of_calls runner/trial)" '^stages cast$' 'the calls between the files of a room are seen'
for room in "$BUILD"/links/ "$BUILD"/{core,runner}/{,*/,*/*/}; do
    set -- "$room"*.o
    [ $# -eq 0 ] || is "$(pairs_of_calls "${room#"$BUILD/"}" | loops)" '' "no files of ${room#"$BUILD/"} call each other in a circle"
done
like "$(printf '%s\n' 'a b' 'b c' 'c a' | loops)" 'a|b|c' 'a circle would be seen'

# Can it fail? One wrong include in each folder, one at a time, in a copy.
copy=$SCRATCH/copy
mkdir "$copy"
code_of . | xargs cp --parents -t "$copy"
wrong_include() { # FILE INCLUDE PATTERN
    local whole=$SCRATCH/whole
    cp "$copy/$1" "$whole"
    printf '#include %s\n' "$2" >>"$copy/$1"
    like "$(wrong_arrows "$copy")" "^$1 includes .*$3" "$1 may not include $2"
    cp "$whole" "$copy/$1"
}
# A file that the files of FOLDER may not include.
forbidden_to() {
    local file
    for file in $(code_of .); do
        allowed "$1/x.c" "${file%/*}" || { echo "$file"; return; }
    done
}
for folder in $(code_of . | grep '\.[ch]$' | folders); do
    file=$(code_of . | grep "^$folder/[^/]*\.[ch]$" | head -n 1)
    wrong_include "$file" "\"$(realpath --relative-to="$folder" "$(forbidden_to "$folder")")\"" 'no arrow leads there$'
done
wrong_include core/base/list.h '"../runner/store/store.h"' 'no arrow leads there$'
wrong_include servers/tcp.c '"sse.c"' 'no arrow leads there$'
wrong_include servers/tcp.c '"webhook/registry.h"' 'no arrow leads there$'
wrong_include servers/tcp.c '"store.h"' 'which is nowhere$'
wrong_include servers/tcp.c '<../runner/store/store.h>' 'store\.h>$'
wrong_include servers/tcp.c WHATEVER 'by a macro'
mkdir -p "$copy/tests/unit/deeper" "$copy/attic"
touch "$copy/tests/unit/deeper/a.h" "$copy/attic/a.sql"
like "$(wrong_arrows "$copy")" '^attic/ is a folder' 'a new folder needs a row'
like "$(wrong_arrows "$copy")" '^tests/unit/deeper/ is a folder' 'at any depth'
rm -r "$copy/tests/unit/deeper" "$copy/attic"
is "$(wrong_arrows "$copy")" '' 'the copy is as good as the tree'
mkdir "$SCRATCH/empty"
like "$(wrong_arrows "$SCRATCH/empty")" 'there is no code' 'a tree without code does not pass'

# --- names --------------------------------------------------------------------------------------------

# Comments may speak of strategies; the code of core/ may not.
without_comments() { "${CC:-gcc}" -fpreprocessed -dD -E -P "$1" 2>/dev/null; }
named() {
    local file code files=(core/*/*.[ch] core/*/*/*.[ch])
    [ ${#files[@]} -gt 0 ] || echo 'core/ is empty'
    for file in "${files[@]}"; do
        code=$(without_comments "$file")
        [ -n "$code" ] || echo "$file: the compiler makes nothing of it"
        grep -niE '(^|[^a-z])(polling|sse|websockets?|webhooks?)([^a-z]|$)|"tcp"' <<<"$code" | sed "s|^|$file: |"
    done
}
is "$(named)" '' 'core/ names no strategy'

for file in servers/*.c clients/*.c; do
    lines=$(wc -l <"$file")
    ok "$file is read in one sitting ($lines lines)" [ "$lines" -le $LONGEST ]
    like "$(head -n 1 "$file")" '^/\*' "$file opens with what it is for"
    like "$(cat "$file")" "\.name = \"$(basename "$file" .c)\"" "$file is called what its strategy is called"
done
is "$(cd servers && echo *.c)" "$(cd clients && echo *.c)" 'every server has its client, and the other way round'
is "$(strategies | sort)" "$(cd servers && printf '%s\n' *.c | sed 's/\.c$//' | sort)" 'the runner knows every strategy, and no other'
for file in servers/*.c; do
    strategy=$(basename "$file" .c)
    like "$(cat runner/scenario/strategies.c)" "\"$strategy\"" "$strategy is in the runner's table"
    ok "$strategy has a chapter in the handbook" [ -s "docs/$strategy.md" ]
done

# --- the house on one page ------------------------------------------------------------------------------

# The files of ROOM, without endings, each once.
files_of() {
    code_of . | grep -E "^$1/[^/]*$" | sed 's|.*/||; s|\..*||' | sort -u | tr '\n' ' '
}
# Column NUMBER of ROOM's row on the page, as a sorted list of words.
on_page() { # ROOM NUMBER
    awk -F ' *[|] *' -v room="\`$1\`" -v column="$2" 'index($2, room) { print $column }' docs/architecture.md |
        tr -s ' ' '\n' | sort -u | tr '\n' ' '
}
# The rooms that ROOM stands on, by the last part of their names.
stands_on() { tr ' ' '\n' <<<"${ARROWS[$1]}" | sed 's|.*/||' | sort -u | tr '\n' ' '; }
for room in $(code_of . | grep -v '^tests/' | folders); do
    case $room in servers* | clients*) continue ;; esac
    is "$(on_page "$room" 4)" "$(stands_on "$room")" "docs/architecture.md says what $room stands on"
    is "$(on_page "$room" 5)" "$(files_of "$room")" 'and lists its files'
done

# --- the handbook -----------------------------------------------------------------------------------

# Links of a page to files of this repository, one per line, as written.
links() { grep -oE '\]\([^) ]+\)' "$1" | sed 's/^](//; s/)$//' | grep -vE '^([a-z]+:|#)'; }

for scenario in scenarios/*.ini; do
    like "$(cat docs/scenarios.md)" "$scenario" "$scenario is explained in the handbook"
done
for page in docs/*.md; do
    [ "$page" = docs/README.md ] && continue
    like "$(cat docs/README.md)" "\\($(basename "$page")\\)" "$page is in the handbook's contents"
done

for page in README.md CONTRIBUTING.md CHANGELOG.md docs/*.md; do
    [ -e "$page" ] || continue
    broken=$(
        while read -r link; do
            path=$(dirname "$page")/${link%%#*}
            anchor=
            [[ $link == *'#'* ]] && anchor=${link#*#}
            if [ ! -e "$path" ]; then
                echo "$link: no such file"
            elif [[ $path == *.[ch] && -n $anchor ]]; then
                # A definition, or in a header a declaration, begins in the first column.
                grep -qE "^[a-z].*\b$anchor(\(|\[| = \{| \{)" "$path" || echo "$link: no such function"
            fi
        done < <(links "$page")
    )
    is "$broken" '' "$page links to things that exist"
done

done_testing
