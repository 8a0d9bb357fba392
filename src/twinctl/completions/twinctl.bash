# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# Completion of twinctl in bash, with or without the package bash-completion.

# The options of a command, one word each; those that take a value end in =.
_twinctl_options() {
	case $1 in
	install) echo --command= --args= --port= --public= --user= --ready= --description= --set= --enable= --force --dry-run --json ;;
	uninstall) echo --purge --dry-run ;;
	start | stop) echo --dry-run ;;
	swap | restart) echo --ready-timeout= --quiesce-timeout= --drain-timeout= --leave-draining --if-stale --dry-run --json ;;
	rollback) echo --drain-timeout= --json ;;
	adopt) echo --as= --signal= --drain-timeout= --dry-run --json ;;
	deploy) echo --again --unless-stopped --dry-run --json ;;
	status | check | rehearse) echo --json ;;
	wait) echo --timeout= ;;
	'') echo --root= --quiet --verbose --help --version -q -v ;;
	esac
}

_twinctl_commands() {
	echo install uninstall start stop restart swap rollback status list wait check rehearse render deploy autodeploy adopt
}

_twinctl_keys() {
	echo twin_args= twin_check= twin_command= twin_deploy_interval= twin_deploy_keep= twin_deploy_settle= \
		twin_drain_timeout= twin_endpoint= twin_guard= twin_hup= twin_incoming= twin_listen_fds= twin_ports= \
		twin_public= twin_quiesce_timeout= twin_ready= twin_ready_timeout= twin_releases= twin_stop_retry= \
		twin_switch= twin_upload= twin_upload_max= twin_user= twin_wait_attempts= twin_wait_for= notify= supervisor=
}

# _twinctl_value OPTION CURRENT: what may stand behind an option.
_twinctl_value() {
	case $1 in
	--root) compgen -d -- "$2" ;;
	--command) compgen -c -- "$2" | sort -u ;;
	--as)
		while read -r name; do
			[[ $name != "$2"* ]] || echo "$name"
		done < <(PATH=$PATH:/usr/local/sbin:/usr/sbin "${call[@]}" list 2>/dev/null)
		;;
	--signal) compgen -W 'QUIT TERM HUP USR1 USR2 INT WINCH' -- "$2" ;;
	--user) compgen -u -- "$2" ;;
	--ready) compgen -W 'listen tcp http:/ exec: none' -- "$2" ;;
	--enable) compgen -W "$(ls /etc/runlevels 2>/dev/null)" -- "$2" ;;
	--set) compgen -W "$(_twinctl_keys)" -- "$2" ;;
	esac
}

_twinctl() {
	local current option name command='' names=0 at value='' attached=''
	local -a words call
	# Not COMP_WORDS, which is cut at @ and =: the name of a pair may hold an @. Without -r, a
	# backslash keeps a blank in its word.
	# shellcheck disable=SC2162
	read -a words <<<"${COMP_LINE:0:COMP_POINT}"
	[[ ${COMP_LINE:0:COMP_POINT} != *[[:blank:]] ]] || words+=('')
	current=${words[-1]}
	call=("${words[0]}")

	local given=' '
	for ((at = 1; at < ${#words[@]} - 1; ++at)); do
		option=${words[at]}
		if [[ -n $value ]]; then
			[[ $value != --root ]] || call+=(--root "$option")
			value=''
		elif [[ $option == -* ]]; then
			given+="${option%%=*} "
			[[ " $(_twinctl_options "$command") " != *" $option= "* ]] || value=$option
		elif [[ -z $command ]]; then
			command=$option
			given=' '
		else
			given+="$option "
			names=$((names + 1))
		fi
	done
	# --user=NAME: only what stands behind the = is completed. A global takes no such value.
	if [[ -z $value && -n $command && $current == --*=* ]]; then
		value=${current%%=*}
		attached=$value=
		current=${current#*=}
	fi

	COMPREPLY=()
	if [[ -n $value ]]; then
		mapfile -t COMPREPLY < <(_twinctl_value "$value" "$current")
		[[ $value != --root && ($value != --command || $current != */*) ]] || compopt -o filenames 2>/dev/null
		[[ $value != --set ]] || compopt -o nospace 2>/dev/null
	elif [[ $current == -* ]]; then
		for option in $(_twinctl_options "$command"); do
			option=${option%=}
			if [[ $option == --@(set|enable) || $given != *" $option "* ]] && [[ $option == "$current"* ]]; then
				COMPREPLY+=("$option")
			fi
		done
	elif [[ -z $command ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_twinctl_commands) help" -- "$current")
	elif [[ $command == help && $names -eq 0 ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_twinctl_commands)" -- "$current")
	elif [[ $command == render && $names -eq 0 ]]; then
		mapfile -t COMPREPLY < <(compgen -W haproxy -- "$current")
	elif [[ $command == adopt && $names -eq 0 ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(ls /etc/init.d 2>/dev/null)" -- "$current")
	elif [[ $command == deploy && $names -eq 1 ]]; then
		# IDs of uploads where they are by default, or a directory.
		for option in /srv/twins/"${given##* }"/incoming/"$current"*/; do
			[[ ! -d $option ]] || COMPREPLY+=("$(basename "$option")")
		done
		[[ $current != */* ]] || mapfile -t COMPREPLY < <(compgen -d -- "$current")
	elif [[ $command == @(status|autodeploy) || ($command == render && $names -eq 1) ||
		($command != @(help|list|render|adopt) && $names -eq 0) ]]; then
		# Who is to become root for it may not have it on PATH.
		while read -r name; do
			[[ $given == *" $name "* || $name != "$current"* ]] || COMPREPLY+=("$name")
		done < <(PATH=$PATH:/usr/local/sbin:/usr/sbin "${call[@]}" list 2>/dev/null)
	fi

	# Readline replaces what stands behind the last of its breaks; an @ it leaves in the word.
	local prefix=$attached$current
	if [[ $prefix == *@* && $COMP_WORDBREAKS == *@* ]]; then
		prefix=${prefix%@*}
	elif [[ $prefix == *=* && $COMP_WORDBREAKS == *=* ]]; then
		prefix=${prefix%"${prefix##*=}"}
	else
		prefix=''
	fi
	for at in "${!COMPREPLY[@]}"; do
		COMPREPLY[at]=$attached${COMPREPLY[at]}
		COMPREPLY[at]=${COMPREPLY[at]#"$prefix"}
	done
}

complete -F _twinctl twinctl
