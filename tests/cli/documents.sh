#!/bin/sh
# shellcheck disable=SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# usage: documents.sh TWINCTL TWIN-EXEC
#
# Holds the manual pages and the completions against the programs: the same commands, options and
# keys, none forgotten, none left over.

[ $# -eq 2 ] || {
	echo "usage: documents.sh TWINCTL TWIN-EXEC" >&2
	exit 2
}
twinctl=$1
twin_exec=$2
root=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
page=$root/src/twinctl/twinctl.8
completions=$root/src/twinctl/completions
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
LC_ALL=C
export LC_ALL

cases=$(dirname "$0")/../cases.sh
# shellcheck source=tests/cases.sh
. "$cases"

# --- who says what, a word a line -------------------------------------------------------------

# long_options: out of any text.
long_options() { grep -oE -e '--[a-z][a-z-]*'; }

# page_options PAGE [SECTION]: the long options of a page, or of one of its subsections.
page_options() {
	awk -v want="${2:-}" '
		/^\.S[hs] / {
			here = want == ""
			for (i = 2; $1 == ".Ss" && i <= NF; i++) {
				sub(/,$/, "", $i)
				if ($i == want) here = 1
			}
		}
		here
	' "$1" | grep -oE 'Fl -[a-z][a-z-]*' | sed 's/^Fl -/--/'
}

# page_command_options COMMAND: but for those of twinctl itself, which the synopsis repeats.
page_command_options() { page_options "$page" "$1" | grep -vxF -f "$dir/globals"; }

bash_options() {
	sed -n '/^_twinctl_options()/,/^}/p' "$completions/twinctl.bash" |
		awk -v want="$1" -F ')' '/) echo / { if (" " $1 " " ~ "[ |\t]" want "[ |]") print $2 }' | long_options
}

zsh_options() {
	awk -v want="$1" '
		/^\t[a-z |]+\)$/ { here = $0; sub(/\)$/, " ", here); here = here ~ "[ \t]" want " " }
		/^\t\t;;$/ { here = 0 }
		here
	' "$completions/_twinctl" | grep -oE '^[[:blank:]]*.[*]?--[a-z-]+' | long_options
}

fish_options() {
	grep -E -e "-n .__twinctl_is ([a-z]+ )*$1( [a-z]+)*. " "$completions/twinctl.fish" |
		sed -n 's/.* -l \([a-z-]*\) .*/--\1/p'
}

page_commands() {
	sed -n '/^\.Sh COMMANDS/,/^\.Sh THE SWAP/s/^\.Ss //p' "$page" | tr -d ',' | tr ' ' '\n'
}

page_keys() { sed -n 's/^\.It Va \(twin_[a-z_]*\).*/\1/p' "$root/src/twinctl/twin.conf.5"; }

bash_commands() {
	sed -n '/^_twinctl_commands()/,/^}/s/^\techo //p' "$completions/twinctl.bash" | tr ' ' '\n'
}

zsh_commands() {
	sed -n '/^_twinctl_commands()/,/^}/s/^\t\t.\([a-z]*\):.*/\1/p' "$completions/_twinctl"
}

fish_commands() { sed -n '/^for condition/,/^end/s/.* -a \([a-z]*\) .*/\1/p' "$completions/twinctl.fish"; }

# has_words WORDS: they stand in the input, whatever marks are around them.
has_words() { tr -c 'A-Za-z\n-' ' ' | sed 's/.*/ & /' | grep -qF -e " $1 "; }

# holds WHERE COMMAND...: what it prints are the words in $dir/wanted, and no others.
holds() {
	local where=$1 word
	shift
	"$@" | sort -u >"$dir/found"
	for word in $(comm -23 "$dir/wanted" "$dir/found"); do
		complain "$where lacks $word"
	done
	for word in $(comm -13 "$dir/wanted" "$dir/found"); do
		complain "$where has $word, which the program has not"
	done
}

# wanted: keeps what the words on its input are to be.
wanted() { sort -u >"$dir/wanted"; }

# --- the pages --------------------------------------------------------------------------------

find "$root/src" "$root/templates" -name '*.[1-8]' >"$dir/pages"
if command -v mandoc >/dev/null 2>&1; then
	it "mandoc finds no fault with the pages"
	[ "$(wc -l <"$dir/pages")" -ge 4 ] || complain "some are missing"
	while read -r file; do
		mandoc -Tlint -W warning "$file" >"$dir/out" 2>&1 || complain "$(cat "$dir/out")"
	done <"$dir/pages"
else
	skipped=$((skipped + 1))
	printf 'skip - mandoc is not here\n'
fi

# --- commands and options ---------------------------------------------------------------------

commands=$("$twinctl" help | sed -n 's/^  \([a-z]*\) .*/\1/p')

it "the commands of twinctl stand in its page and in the completions"
[ -n "$commands" ] || complain "\`twinctl help\` lists none"
printf '%s\n' "$commands" | wanted
for shell in bash zsh fish; do
	holds "the completion of $shell" "${shell}_commands"
done
printf '%s\nhelp\n' "$commands" | wanted
holds "twinctl(8)" page_commands

"$twinctl" help | sed -n '/^usage:/s/[][|]/ /gp' | tr ' ' '\n' | grep '^-' >"$dir/globals"

it "the options of twinctl itself stand in its page and in the completions"
[ -s "$dir/globals" ] || complain "\`twinctl help\` has none"
while read -r option; do
	case $option in
	--*) fish_word="-l ${option#--}" ;;
	*) fish_word="-s ${option#-}" ;;
	esac
	sed -n '/^\.Ss Global options/,/^\.Sh/s/^\.It//p' "$page" | has_words "Fl ${option#-}" ||
		complain "twinctl(8) lacks $option"
	sed -n '/^_twinctl_options()/,/^}/s/^\t..)//p' "$completions/twinctl.bash" | has_words "$option" ||
		complain "the completion of bash lacks $option"
	sed '1,/_arguments -C/d; /->argument/q; s/([^)]*)//' "$completions/_twinctl" | has_words "$option" ||
		complain "the completion of zsh lacks $option"
	grep '^complete .*not __twinctl_line' "$completions/twinctl.fish" | has_words "$fish_word" ||
		complain "the completion of fish lacks $option"
done <"$dir/globals"

for command in $commands; do
	it "the options of \`twinctl $command\` stand in its page and in the completions"
	"$twinctl" help "$command" >"$dir/usage" || complain "it has no usage"
	long_options <"$dir/usage" | grep -vxF -f "$dir/globals" | wanted
	holds "twinctl(8)" page_command_options "$command"
	for shell in bash zsh fish; do
		holds "the completion of $shell" "${shell}_options" "$command"
	done
done

it "the options of twin-exec stand in its page"
"$twin_exec" --help | long_options | wanted
[ -s "$dir/wanted" ] || complain "\`twin-exec --help\` has none"
holds "twin-exec(8)" page_options "$root/src/twin-exec/twin-exec.8"

# --- keys -------------------------------------------------------------------------------------

# supported_keys: those in config.cpp, without what twinctl itself says it does not support or know.
supported_keys() {
	local key
	mkdir -p "$dir/image"
	grep -oE '\btwin_[a-z][a-z_]*' "$root/src/twinctl/config.cpp" | sort -u |
		while read -r key; do
			"$twinctl" --root "$dir/image" install probe --dry-run --set "$key=auto" 2>&1 |
				grep -qE 'is not supported by this version|there is no such key' || printf '%s\n' "$key"
		done
}

supported_keys | wanted

it "the keys of the configuration stand in twin.conf(5)"
[ -s "$dir/wanted" ] || complain "config.cpp has none"
holds "twin.conf(5)" page_keys

it "no page has another key"
while read -r file; do
	grep -oE 'twin_[a-z][a-z_]*' "$file" | sort -u | comm -13 "$dir/wanted" - >"$dir/found"
	[ ! -s "$dir/found" ] || complain "${file##*/} has $(tr '\n' ' ' <"$dir/found")"
done <"$dir/pages"

it "the keys stand in the completions"
for file in twinctl.bash _twinctl twinctl.fish; do
	holds "$file" grep -oE '\btwin_[a-z][a-z_]*' "$completions/$file"
done

finish
