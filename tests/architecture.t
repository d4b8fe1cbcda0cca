#!/usr/bin/env bash
# The house's rules, checked: which way the includes point, where strategies may be named, how long a
# file of the lesson may get, and that the handbook points at things that exist.
. "$(dirname "$0")/lib.sh"
cd "$ROOT" || exit 1
shopt -s nullglob

LONGEST=250 # lines of a server or client: something to read in one sitting

# Quoted includes of a file, one a line.
includes() { sed -n 's/^ *# *include *"\([^"]*\)".*/\1/p' "$1"; }

# What a file includes that is neither beside it nor in core/.
strangers() {
    local file name
    for file in "$@"; do
        while read -r name; do
            [ -e "core/$name" ] || [ -e "$(dirname "$file")/$name" ] || [ "${name%%/*}" = core ] ||
                [ "$name" = llhttp.h ] || echo "$file includes $name"
        done < <(includes "$file")
        grep -HnE '# *include.*\.\./' "$file"
    done
}

sources() { find "$@" -maxdepth 1 -name '*.[ch]' | sort; }

for folder in core servers clients runner; do
    mapfile -t files < <(sources $folder)
    is "$(strangers "${files[@]}")" '' "$folder/ includes only itself, core/ and libraries"
done

# Comments may speak of strategies; the code of core/ may not.
without_comments() { "${CC:-gcc}" -fpreprocessed -dD -E -P "$1" 2>/dev/null; }
named() {
    local file
    for file in $(sources core); do
        without_comments "$file" |
            grep -niE '(^|[^a-z])(polling|sse|websockets?|webhooks?)([^a-z]|$)|"tcp"' | sed "s|^|$file: |"
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
