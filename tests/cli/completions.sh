#!/bin/sh
# shellcheck disable=SC2317
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# usage: completions.sh
#
# Asks bash, zsh and fish what they offer behind words of a command line. twinctl is a fake one,
# which knows only `list`.

completions=$(cd "$(dirname "$0")/../../src/twinctl/completions" && pwd) || exit 1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

cases=$(dirname "$0")/../cases.sh
# shellcheck source=tests/cases.sh
. "$cases"

# --- the three shells: ask_SHELL LINE prints what is offered at its end, a word a line ---------

# Called as readline does; its breaks are bash's own but for @, which has its own case.
ask_bash() {
	# shellcheck disable=SC2016
	bash --norc --noprofile -c '
		. "$1/twinctl.bash"
		COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDBREAKS=${3:-$'\'' \t\n"><=;|&(:'\''}
		complete=$(complete -p twinctl)
		[[ $complete == *" -F "*" twinctl" ]] || exit
		complete=${complete##* -F }
		${complete% twinctl} twinctl
		[ ${#COMPREPLY[@]} -eq 0 ] || printf "%s\n" "${COMPREPLY[@]}"
	' bash "$completions" "$@"
}

# zsh completes only where it edits a line on a terminal: it is given one of its own. What is
# offered passes through compadd.
prepare_zsh() {
	cat >"$dir/.zshrc" <<-'END'
		fpath=($ASK_COMPLETIONS $fpath)
		autoload -U compinit
		compinit -u -C -d $ZDOTDIR/dump
		compadd() {
			local -a __offered
			# With one of these it adds nothing, it only sorts words out.
			if ! (( ${argv[(I)-[OAD]]} )); then
				builtin compadd -O __offered "$@"
				print -rl -- ${(Q)__offered} >>$ASK_OUT
			fi
			builtin compadd "$@"
		}
		zle-line-init() {
			BUFFER=$ASK_LINE
			CURSOR=$#BUFFER
			zle complete-word
			exit
		}
		zle -N zle-line-init
	END
}

ask_zsh() {
	: >"$dir/out"
	# shellcheck disable=SC2016
	ZDOTDIR=$dir ASK_COMPLETIONS=$completions ASK_LINE=$1 ASK_OUT=$dir/out timeout 60 zsh -f -c '
		zmodload zsh/zpty
		zpty child "exec zsh -d -i"
		while zpty -r child line; do :; done
	' || echo "zsh failed" >&2
	grep . "$dir/out"
}

ask_fish() {
	# shellcheck disable=SC2016
	HOME=$dir XDG_CONFIG_HOME=$dir/fish XDG_DATA_HOME=$dir/fish fish -c '
		source $argv[1]/twinctl.fish
		complete -C $argv[2]
	' "$completions" "$1" | cut -f 1
}

# --- what is asked ----------------------------------------------------------------------------

# offered LINE: sorted; of a path its last part, of KEY= the key.
offered() {
	"ask_$shell" "$@" 2>"$dir/errors" | sed 's|[/=]$||; s|.*/||' | sort -u
	[ ! -s "$dir/errors" ] || sed 's/^/error: /' "$dir/errors"
}

# offers LINE [WORD...]: these words, and no others.
offers() {
	local line=$1 wanted out
	shift
	wanted=$(for word; do printf '%s\n' "$word"; done | sort -u)
	out=$(offered "$line")
	[ "$out" = "$wanted" ] ||
		complain "\`$line\` offers: $(echo "$out" | tr '\n' ' '), and should: $(echo "$wanted" | tr '\n' ' ')"
}

offers_also() {
	offered "$1" | grep -qxF -e "$2" || complain "\`$1\` does not offer $2"
}

offers_no() {
	offered "$1" | grep -qxF -e "$2" && complain "\`$1\` offers $2"
}

check_shell() {
	local command commands="install uninstall start stop restart swap rollback status list wait check rehearse render
		deploy autodeploy adopt"

	it "$shell: commands are completed"
	# shellcheck disable=SC2086
	offers "twinctl " $commands help
	offers "twinctl st" start status stop
	offers "twinctl -q sw" swap
	offers "twinctl --root $dir unin" uninstall

	it "$shell: help completes commands"
	# shellcheck disable=SC2086
	offers "twinctl help " $commands
	offers "twinctl help un" uninstall

	it "$shell: commands that take a pair complete its name"
	for command in install uninstall start stop restart swap rollback status wait check rehearse deploy autodeploy; do
		offers "twinctl $command " api web@one web@two worker
		offers "twinctl $command w" web@one web@two worker
	done
	offers "twinctl swap --drain-timeout 5 ap" api
	offers "twinctl swap --quiesce-timeout 5 ap" api

	it "$shell: behind render stand a balancer, then one pair"
	offers "twinctl render " haproxy
	offers "twinctl render haproxy " api web@one web@two worker
	offers "twinctl render haproxy w" web@one web@two worker
	offers_no "twinctl render haproxy api " worker

	it "$shell: behind deploy stand a pair, then a release"
	mkdir -p "$dir/tree/image" "$dir/tree/a b"
	offers "twinctl deploy api $dir/tree/i" image
	offers_no "twinctl deploy api " worker

	it "$shell: a second pair is only for status and autodeploy, and never one that stands there already"
	for command in install uninstall start stop restart swap rollback wait check rehearse; do
		offers_no "twinctl $command api " worker
	done
	for command in status autodeploy; do
		offers "twinctl $command api " web@one web@two worker
	done
	offers_no "twinctl list " api

	it "$shell: behind --root stands a directory, and the pairs are those of its tree"
	mkdir -p "$dir/tree/image" "$dir/tree/a b"
	: >"$dir/tree/file"
	offers "twinctl --root $dir/tree/" image "a b"
	offers "twinctl --root $dir/tree/image uninstall " from-image

	it "$shell: options of twinctl itself are completed"
	for command in --root --quiet --verbose --help --version; do
		offers_also "twinctl --" "$command"
		offers_no "twinctl swap --" "$command"
	done

	it "$shell: options of commands are completed"
	offers "twinctl install --" --command --args --port --public --user --ready --description --set \
		--enable --force --dry-run --json
	offers "twinctl uninstall --" --purge --dry-run
	offers "twinctl start --" --dry-run
	offers "twinctl stop api --" --dry-run
	for command in swap restart; do
		offers "twinctl $command api --" --ready-timeout --quiesce-timeout --drain-timeout \
			--leave-draining --if-stale --dry-run --json
	done
	offers "twinctl rollback api --" --drain-timeout --json
	offers "twinctl deploy api --" --again --unless-stopped --dry-run --json
	for command in status check rehearse; do
		offers "twinctl $command api --" --json
	done
	offers "twinctl wait --" --timeout
	offers "twinctl -q swap --dr" --drain-timeout --dry-run

	it "$shell: values of options are completed where they can be known"
	offers_also "twinctl install new --user nobo" nobody
	offers_also "twinctl install new --user=nobo" "$([ "$shell" = fish ] && echo --user=)nobody"
	offers_also "twinctl install new --command twinc" twinctl
	offers "twinctl install new --set twin_ready" twin_ready twin_ready_timeout
	offers_also "twinctl install new --ready " tcp
	offers "twinctl adopt nginx --as w" web@one web@two worker
	offers "twinctl adopt nginx --signal QU" QUIT
	offers "twinctl wait --timeout "
	offers "twinctl install new --port "
}

mkdir "$dir/bin"
cat >"$dir/bin/twinctl" <<'END'
#!/bin/sh
case "$*" in
list) printf '%s\n' api web@one web@two worker ;;
--root*/image\ list) echo from-image ;;
*) echo "the fake twinctl does not know: $*" >&2 && exit 2 ;;
esac
END
chmod 755 "$dir/bin/twinctl"
PATH=$dir/bin:$PATH
TERM=dumb
export PATH TERM

for shell in bash zsh fish; do
	if ! command -v "$shell" >/dev/null 2>&1; then
		skipped=$((skipped + 1))
		printf 'skip - %s: it is not here\n' "$shell"
		continue
	fi
	[ "$shell" != zsh ] || prepare_zsh
	check_shell
	if [ "$shell" = bash ]; then
		it "$shell: only what stands behind the last of readline's breaks is offered, with an @ before it"
		out=$(ask_bash "twinctl swap web@" ' @=' | tr '\n' ' ')
		[ "$out" = "@one @two " ] || complain "web@ is completed by: $out"
		out=$(ask_bash "twinctl install new --user=nobo" ' @=')
		[ "$out" = nobody ] || complain "--user=nobo is completed by: $out"
		out=$(ask_bash "twinctl install new --user=nobo" ' ')
		[ "$out" = --user=nobody ] || complain "--user=nobo, which = does not break, is completed by: $out"
	fi
	if [ "$shell" != fish ]; then
		it "$shell: an option that is given is not offered again, but for --set"
		offers "twinctl swap --json --drain-timeout 3 --" --dry-run --if-stale --leave-draining \
			--quiesce-timeout --ready-timeout
		offers_also "twinctl install --set a=b --" --set
	fi
	end_case
done
finish
