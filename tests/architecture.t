#!/usr/bin/env bash
# The house's rules, checked: which way the includes point, where strategies may be named, how long a
# file of the lesson may get, and that the handbook points at things that exist.
. "$(dirname "$0")/lib.sh"
cd "$ROOT" || exit 1
shopt -s nullglob

LONGEST=250 # lines of a server or client: something to read in one sitting

# --- arrows -----------------------------------------------------------------------------------------

# Every folder with code in it, and the folders whose files it may include. A folder that has no row,
# and an arrow that does not stand here, is a mistake. A server or client that is more than a file
# keeps the rest in a folder of its name, servers/STRATEGY, which is for nobody else.
declare -A ARROWS=(
    [core]='core'
    [servers]='core servers/STRATEGY'
    [servers/STRATEGY]='core servers/STRATEGY'
    [clients]='core clients/STRATEGY'
    [clients/STRATEGY]='core clients/STRATEGY'
    [runner]='core runner'
    [tests/unit]='core runner tests/unit'
    [tests/tools]='core'
    [tests/fixtures/STRATEGY]='core'
    [tests/fakes]='tests/fakes' # SQL, which includes nothing
)
# Where the compiler looks for "x.h" when it is not beside the file (-iquote in the Makefile).
declare -A SEARCHED=([runner]='core runner' [tests/unit]='core runner')
FOREIGN='llhttp.h' # somebody else's header that we write in quotes

# The code of the tree DIRECTORY, one file a line.
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

# Sets `resolved` to NAME, included from FOLDER of the tree DIRECTORY, as the compiler finds it; to
# nothing when it is not ours.
resolve() { # DIRECTORY FOLDER NAME
    local place
    resolved=
    for place in "$2" ${SEARCHED[$2]-core}; do
        [ -f "$1/$place/$3" ] || continue
        resolved=$place/$3
        [[ $3 != */* ]] || resolved=$(realpath --relative-to="$1" "$1/$resolved")
        return
    done
}

# allowed FILE FOLDER: FILE may include what is in FOLDER.
allowed() {
    local row arrows
    find_row "${1%/*}"
    arrows=${ARROWS[$row]-}
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

# Every mistake of the tree DIRECTORY, one a line.
wrong_arrows() {
    local directory=$1 files file folder line row
    mapfile -t files < <(code_of "$directory")
    [ ${#files[@]} -gt 0 ] || { echo "there is no code in $directory"; return; }
    for folder in $(printf '%s\n' "${files[@]}" | folders); do
        find_row "$folder"
        [ -n "${ARROWS[$row]-}" ] || echo "$folder/ is a folder that the matrix does not know"
    done
    while IFS=: read -r file line; do
        judge "$directory" "$file" "$line"
    done < <(cd "$directory" && printf '%s\0' "${files[@]}" | xargs -0 grep -HE '^[[:space:]]*#[[:space:]]*include' |
        sed -E 's/^([^:]*):[[:space:]]*#[[:space:]]*include(_next)?[[:space:]]*("[^"]*"|<[^>]*>|[^[:space:]]*).*/\1:\3/')
}

is "$(wrong_arrows .)" '' 'every include follows an arrow of the matrix'

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
wrong_include core/list.h '"../runner/store.h"' 'no arrow leads there$'
wrong_include servers/tcp.c '"sse.c"' 'no arrow leads there$'
wrong_include servers/tcp.c '"webhook/registry.h"' 'no arrow leads there$'
wrong_include servers/tcp.c '"store.h"' 'which is nowhere$'
wrong_include servers/tcp.c '<../runner/store.h>' 'store\.h>$'
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
    local file code files=(core/*.[ch])
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
    like "$(cat runner/strategies.c)" "\"$strategy\"" "$strategy is in the runner's table"
    ok "$strategy has a chapter in the handbook" [ -s "docs/$strategy.md" ]
done

# --- the handbook -----------------------------------------------------------------------------------

# Links of a page to files of this repository, one a line, as written.
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
