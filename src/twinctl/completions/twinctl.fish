# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# Completion of twinctl in fish.

# The command on the line and the words behind it, one on a line; fails where there is none yet.
function __twinctl_line
    set -l words (commandline -opc)
    set -e words[1]
    while set -q words[1]
        if test "$words[1]" = --root
            set -e words[1]
        else if not string match -q -- '-*' "$words[1]"
            printf '%s\n' $words
            return 0
        end
        set -q words[1]; and set -e words[1]
    end
    return 1
end

# Whether the command on the line is one of these.
function __twinctl_is
    set -l line (__twinctl_line)
    and contains -- "$line[1]" $argv
end

# The words behind the command that are no options and no values of options.
function __twinctl_names
    set -l line (__twinctl_line)
    set -l is_value no
    for word in $line[2..-1]
        if test $is_value = yes
            set is_value no
        else if contains -- "$word" --command --args --port --public --user --ready --description --set --enable --as --signal --ready-timeout --quiesce-timeout --drain-timeout --timeout
            set is_value yes
        else if not string match -q -- '-*' "$word"
            printf '%s\n' $word
        end
    end
end

function __twinctl_has_name
    set -l names (__twinctl_names)
    test (count $names) -gt 0
end

# Names that stand on the line already are not offered again.
function __twinctl_pairs
    set -l words (commandline -opc)
    set -l call $words[1]
    if set -l at (contains -i -- --root $words)
        set -a call --root (string unescape -- $words[(math $at + 1)])
    end
    # Who is to become root for it may not have it on PATH.
    set -lx PATH $PATH /usr/local/sbin /usr/sbin
    set -l given (__twinctl_names)
    for pair in ($call list 2>/dev/null)
        contains -- $pair $given; or echo $pair
    end
end

# IDs of uploads where they are by default, or a directory.
function __twinctl_releases
    path basename -- /srv/twins/(__twinctl_names)[1]/incoming/*/
    __fish_complete_directories (commandline -ct)
end

complete -c twinctl -f

complete -c twinctl -n 'not __twinctl_line' -l root -x -a '(__fish_complete_directories (commandline -ct))' -d 'Work on the files below a directory'
complete -c twinctl -n 'not __twinctl_line' -s q -l quiet -d 'Print only what was asked for and what went wrong'
complete -c twinctl -n 'not __twinctl_line' -s v -l verbose -d 'The opposite of --quiet'
complete -c twinctl -n 'not __twinctl_line' -s h -l help -d 'List the commands'
complete -c twinctl -n 'not __twinctl_line' -l version -d 'Print the version'

complete -c twinctl -n 'not __twinctl_line' -a help -d 'Say what a command does'
for condition in 'not __twinctl_line' '__twinctl_is help; and not __twinctl_has_name'
    complete -c twinctl -n $condition -a install -d 'Set a pair up'
    complete -c twinctl -n $condition -a uninstall -d 'Take a pair away'
    complete -c twinctl -n $condition -a start -d 'Start the twin that was active last'
    complete -c twinctl -n $condition -a stop -d 'Stop both twins'
    complete -c twinctl -n $condition -a restart -d 'The same as swap'
    complete -c twinctl -n $condition -a swap -d 'Replace the active twin by the other one'
    complete -c twinctl -n $condition -a rollback -d 'Go back to the twin, or the release, that served before'
    complete -c twinctl -n $condition -a status -d 'Show pairs, their twins, and what is wrong with them'
    complete -c twinctl -n $condition -a list -d 'List the pairs of this system, a name a line'
    complete -c twinctl -n $condition -a wait -d 'Wait until the pair is ready'
    complete -c twinctl -n $condition -a check -d 'Say what is wrong with a pair, and what a swap would do'
    complete -c twinctl -n $condition -a rehearse -d 'Try the contract on the idle twin'
    complete -c twinctl -n $condition -a render -d 'Print the configuration of a balancer'
    complete -c twinctl -n $condition -a deploy -d 'Bring a release to a pair, losing nothing'
    complete -c twinctl -n $condition -a autodeploy -d 'Deploy each release as it is uploaded'
    complete -c twinctl -n $condition -a adopt -d 'Take the place of a service that runs'
end

complete -c twinctl -n '__twinctl_is install uninstall start stop swap restart rollback wait check rehearse deploy; and not __twinctl_has_name' -a '(__twinctl_pairs)' -d Pair
complete -c twinctl -n '__twinctl_is status autodeploy' -a '(__twinctl_pairs)' -d Pair
complete -c twinctl -n '__twinctl_is render; and not __twinctl_has_name' -a haproxy -d 'HAProxy'
complete -c twinctl -n '__twinctl_is render; and test (count (__twinctl_names)) -eq 1' -a '(__twinctl_pairs)' -d Pair

complete -c twinctl -n '__twinctl_is deploy; and test (count (__twinctl_names)) -eq 1' -a '(__twinctl_releases)' -d Release

complete -c twinctl -n '__twinctl_is adopt; and not __twinctl_has_name' -a '(ls /etc/init.d 2>/dev/null)' -d Service
complete -c twinctl -n '__twinctl_is adopt' -l as -x -a '(__twinctl_pairs)' -d Pair
complete -c twinctl -n '__twinctl_is adopt' -l signal -x -a 'QUIT TERM HUP USR1 USR2 INT WINCH' -d 'That tells the service to end gracefully'
complete -c twinctl -n '__twinctl_is adopt' -l drain-timeout -x -d 'How long the connections of the service may last'
complete -c twinctl -n '__twinctl_is adopt' -l dry-run -d 'Print the plan, change nothing'
complete -c twinctl -n '__twinctl_is adopt' -l json -d 'Print the outcome as one JSON object'

complete -c twinctl -n '__twinctl_is install' -l command -x -a '(__fish_complete_command)' -d 'What runs'
complete -c twinctl -n '__twinctl_is install' -l args -x -d 'Its arguments, in one word'
complete -c twinctl -n '__twinctl_is install' -l port -x -d 'The even base port, or several'
complete -c twinctl -n '__twinctl_is install' -l user -x -a '(__fish_complete_users)' -d 'As whom the service runs'
complete -c twinctl -n '__twinctl_is install' -l public -x -d 'What clients are given'
complete -c twinctl -n '__twinctl_is install' -l ready -x -a 'listen tcp http:/ exec: none' -d 'When it is ready'
complete -c twinctl -n '__twinctl_is install' -l description -x -d 'What rc-service describe says'
complete -c twinctl -n '__twinctl_is install' -l enable -x -a '(ls /etc/runlevels 2>/dev/null)' -d 'Add the pair to a runlevel'
complete -c twinctl -n '__twinctl_is install' -l set -x -a 'twin_args= twin_check= twin_command= twin_deploy_interval= twin_deploy_keep= twin_deploy_settle= twin_drain_timeout= twin_endpoint= twin_guard= twin_hup= twin_incoming= twin_listen_fds= twin_ports= twin_public= twin_quiesce_timeout= twin_ready= twin_ready_timeout= twin_releases= twin_stop_retry= twin_switch= twin_upload= twin_upload_max= twin_user= twin_wait_attempts= twin_wait_for= notify= supervisor=' -d 'Any other line of the configuration'
complete -c twinctl -n '__twinctl_is install' -l force -d 'Replace an initscript or link that twinctl did not write'
complete -c twinctl -n '__twinctl_is install' -l dry-run -d 'Print what would be written, change nothing'
complete -c twinctl -n '__twinctl_is install' -l json -d 'Print one JSON object'

complete -c twinctl -n '__twinctl_is uninstall' -l purge -d 'Remove edited configuration and logs, too'
complete -c twinctl -n '__twinctl_is uninstall' -l dry-run -d 'Print what would be removed, change nothing'

complete -c twinctl -n '__twinctl_is start stop' -l dry-run -d 'Print the call of rc-service, change nothing'

complete -c twinctl -n '__twinctl_is swap restart' -l ready-timeout -x -d 'How long the new twin may take to become ready'
complete -c twinctl -n '__twinctl_is swap restart' -l quiesce-timeout -x -d 'How long handshakes with the old twin may last'
complete -c twinctl -n '__twinctl_is swap restart' -l drain-timeout -x -d 'How long the connections of the old twin may last'
complete -c twinctl -n '__twinctl_is swap restart' -l leave-draining -d 'Do not wait for them'
complete -c twinctl -n '__twinctl_is swap restart' -l if-stale -d 'Only if program, configuration or initscript have changed'
complete -c twinctl -n '__twinctl_is swap restart' -l dry-run -d 'Print the plan, change nothing'
complete -c twinctl -n '__twinctl_is swap restart' -l json -d 'Print the outcome as one JSON object'

complete -c twinctl -n '__twinctl_is rollback' -l drain-timeout -x -d 'How long the connections of the twin that goes may last'
complete -c twinctl -n '__twinctl_is rollback' -l json -d 'Print the outcome as one JSON object'

complete -c twinctl -n '__twinctl_is deploy' -l again -d 'Also if it was refused before'
complete -c twinctl -n '__twinctl_is deploy' -l unless-stopped -d 'Leave a pair that is stopped alone'
complete -c twinctl -n '__twinctl_is deploy' -l dry-run -d 'Read it and print the plan, change nothing'
complete -c twinctl -n '__twinctl_is deploy' -l json -d 'Print the outcome as one JSON object'

complete -c twinctl -n '__twinctl_is status check rehearse' -l json -d 'Print one JSON object'

complete -c twinctl -n '__twinctl_is wait' -l timeout -x -d 'For how long'
