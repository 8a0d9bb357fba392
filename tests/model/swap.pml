// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
//
// twinctl swap and twinctl start.

// What a twinctl is at. The phases of a swap are the steps of the journal; these come besides.
#define LOOK 10        // Swap::recover()
#define AFTER 11       // of recover(): what the command was called for
#define CHOOSE 12
#define CLEAR 13
#define BRING_BACK 14  // a new twin that is not up: stop it, then
#define BRING_UP 15    // start it, and wait until it is ready
#define FINISH 16      // Swap::finish(), whose first thing that is
#define CHECK 17       // the look at the new twin after the drain
#define KEEP 18        // keep_old() and undo()
#define PAIR_START 19
#define END 20

#define to (1 - from)

inline enter(step) {
	atomic { journal = step; journal_from = from }
}

// Waits for the new twin's listener: why_not_ready().
inline wait_until_ready() {
#ifdef MUTANT_UNREADY
	ok = true
#else
	if
	:: listens[to] -> ok = true
	:: !listens[to] && (!calm || !alive[to] || draining[to]) -> ok = false
	fi
#endif
}

// SystemFront::steer_to(); OK is false where the twin has no listener.
inline steer_to(q) {
	atomic { ok = alive[q] && listens[q]; slot[q] = slot[q] || ok };
	if
	:: ok -> target = q
	:: else
	fi
}

// The order of the steps.
#ifdef MUTANT_HUP_FIRST
#define AFTER_CHOOSE HUP
#define AFTER_SWITCH DRAIN
#define AFTER_HUP BRING_UP
#else
#define AFTER_CHOOSE BRING_UP
#define AFTER_SWITCH HUP
#define AFTER_HUP DRAIN
#endif

// Where a swap ends: by itself it is over, one that was interrupted was only the beginning.
#define OVER (recovering -> AFTER : END)

inline recover() {
	settle(from);
	atomic { was_up = is_up(from); has_old = alive[from]; hung = draining[from] };
	settle(to);
	atomic {
		recovering = true;
		undo = false;
		if
		:: !has_old && !alive[to] -> journal = NO_JOURNAL; at = AFTER
#ifndef MUTANT_STUCK
		:: !has_old && alive[to] && draining[to] ->
			// The old one died while the new one was taken back: now that is the old one.
			from = to;
			has_old = true;
			hung = true;
			back = FINISH;
			at = BRING_BACK
#endif
		:: else
		fi;
		if
		:: at != LOOK
#ifdef MUTANT_UNDO_ALWAYS
		:: at == LOOK -> at = KEEP; undo = true
#else
		:: at == LOOK && journal < HUP && was_up -> at = KEEP; undo = true
		:: at == LOOK && !(journal < HUP && was_up) ->
			back = FINISH;
			at = (is_up(to) -> SWITCH : BRING_BACK)
#endif
		fi
	}
}

inline keep_old() {
#ifdef STEER
	if
	:: has_old && journal >= SWITCH && is_up(from) ->
		steer_to(from);
		if
		:: ok -> active_twin = from
		:: else
		fi;
		if
		:: alive[to] -> call(hup, to)
		:: else
		fi
	:: else
	fi;
#endif
	insist(stop, to, stopped);
	if
	:: ok -> atomic { journal = NO_JOURNAL; at = OVER }
	:: !ok && undo -> at = END
	:: !ok && !undo -> at = OVER
	fi
}

inline choose_direction() {
	settle(0);
	settle(1);
	atomic {
		recovering = false;
		undo = false;
		from = active_twin;
		if
		:: !is_up(active_twin) && (is_up(1 - active_twin) ||
				state[active_twin] != started && state[1 - active_twin] == started) -> from = 1 - active_twin
		:: else
		fi;
		has_old = alive[from];
		hung = draining[from];
		was_up = alive[to];
		at = (state[from] == started -> CLEAR : END)
	}
}

// What is left in the new twin's place goes the way of every old twin.
inline clear_the_place() {
	atomic { ok = state[to] == stopped; at = AFTER_CHOOSE; back = SWITCH };
	if
	:: was_up -> call(hup, to); ok = false
	:: else
	fi;
	if
	:: !ok -> insist(stop, to, stopped)
	:: else
	fi;
	if
	:: !ok || listens[to] -> at = END
	:: else
	fi
}

inline bring_up() {
#ifndef MUTANT_JOURNAL_AFTER
	enter(START);
#endif
	insist(start, to, started);
#ifdef MUTANT_JOURNAL_AFTER
	enter(START);
#endif
	if
	:: ok -> enter(READY); wait_until_ready()
	:: else
	fi;
	if
	:: back == SWITCH || back == FINISH ->
		at = (ok -> SWITCH : (back == SWITCH || was_up -> KEEP : END))
	:: back == DRAIN -> enter(DRAIN); at = CHECK
	:: back == CHECK -> at = (ok -> STOP : END)
	fi
}

inline switch_over() {
#ifdef STEER
	enter(SWITCH);
	steer_to(to);
	if
	:: ok ->
		active_twin = to;
		if
		:: has_old -> enter(QUIESCE)
		:: else
		fi;
		at = AFTER_SWITCH
	:: !ok -> at = (recovering -> END : KEEP)
	fi
#else
	at = AFTER_SWITCH
#endif
}

inline hang_up() {
	if
	:: !calm -> at = (recovering -> END : KEEP)    // a signal
	:: !has_old -> at = AFTER_HUP
	:: has_old ->
#ifndef MUTANT_JOURNAL_AFTER
		enter(HUP);
#endif
		call(hup, from);
#ifdef MUTANT_JOURNAL_AFTER
		enter(HUP);
#endif
		atomic {
			if
			:: ok || draining[from] -> hung = true; at = AFTER_HUP
			:: else -> at = (recovering -> END : KEEP)
			fi
		}
	fi
}

// The connections of the old twin end, or a deadline passes; a new one that dies is started again.
inline drain() {
#ifdef STEER
	ok = has_old;
#else
	ok = has_old && hung;
#endif
	if
	:: ok ->
		enter(DRAIN);
		if
		:: hung && !alive[to] && state[to] == started -> back = DRAIN; at = BRING_BACK
		:: at = CHECK
		fi
	:: else -> at = CHECK
	fi
}

inline check_new() {
	atomic {
		if
		:: is_up(to) && listens[to] -> at = STOP
		:: else ->
			if
			:: !hung && has_old -> at = KEEP
			:: (hung || !has_old) && state[to] != started -> at = END
			:: else -> back = CHECK; at = BRING_BACK
			fi
		fi
	}
}

inline stop_old() {
	enter(STOP);
#ifndef MUTANT_NO_RETIRING
	retiring[from] = true;
#endif
	retirer[from] = _pid;
	insist(stop, from, stopped);
	if
	:: ok ->
#ifndef MUTANT_NO_RETIRED
		retired[from] = true;
#endif
		atomic { retiring[from] = false; retirer[from] = 0 };
		at = RECORD
	:: !ok ->
		forget_retirement(from);
		atomic {
			if
			:: !hung && is_up(from) -> at = KEEP
			:: else -> active_twin = to; at = OVER
			fi
		}
	fi
}

inline record() {
	enter(RECORD);
	active_twin = to;
	atomic { journal = NO_JOURNAL; swapped = swapped || !recovering; at = OVER }
}

// rc-service NAME start, after a zap where OpenRC takes a dead pair for a started one, and a look
// whether the port leads there.
inline start_pair() {
	atomic {
		if
		:: lock == _pid -> lock = 0; purpose = none
		:: else
		fi
	};
	if
	:: pair_state == started && !is_up(0) && !is_up(1) -> pair_state = stopped
	:: else
	fi;
	call(pair_start, 0);
#ifdef STEER
	if
	:: ok && is_up(active_twin) && !(target == active_twin && slot[active_twin]) ->
		if
		:: atomic { lock == 0 -> lock = _pid; purpose = twinctl; from = active_twin };
			steer_to(from)
		:: lock != 0
		fi
	:: else
	fi;
#endif
	at = END
}

proctype Twinctl(byte k; mtype what) {
	byte at = LOOK, back, from, tries;
	bool ok, has_old, was_up, hung, recovering, undo;
	mtype command = what;
	{
		atomic { job[k] == none -> running[k] = true };
		if
		:: command != start -> command = swap
		:: command != swap -> command = start
		fi;
		if
		:: command == start && journal == NO_JOURNAL -> at = PAIR_START
		:: atomic { (command == swap || journal != NO_JOURNAL) && lock == 0 ->
				lock = _pid;
				purpose = twinctl
			}
		:: (command == swap || journal != NO_JOURNAL) && lock != 0 -> at = END
		fi;
		do
		:: at == LOOK ->
			if
			:: journal == NO_JOURNAL -> at = AFTER
			:: else -> from = journal_from; recover()
			fi
		:: at == AFTER -> at = (command == swap -> CHOOSE : PAIR_START)
		:: at == CHOOSE -> choose_direction()
		:: at == CLEAR -> clear_the_place()
		:: at == BRING_BACK ->
			if
			:: state[to] != stopped -> insist(stop, to, stopped)
			:: else
			fi;
			at = BRING_UP
		:: at == BRING_UP -> bring_up()
		:: at == SWITCH -> switch_over()
		:: at == HUP -> hang_up()
		:: at == DRAIN -> drain()
		:: at == CHECK -> check_new()
		:: at == STOP -> stop_old()
		:: at == RECORD -> record()
		:: at == KEEP -> keep_old()
		:: at == PAIR_START -> start_pair()
		:: at == END -> break
		od
	} unless {
		atomic { shot[k] -> skip }
	};
	atomic {
		drop_locks();
		shot[k] = false;
		running[k] = false;
		if
		:: retirer[0] == _pid -> retirer[0] = 0; gone[0] = false
		:: else
		fi;
		if
		:: retirer[1] == _pid -> retirer[1] = 0; gone[1] = false
		:: else
		fi;
		at_work--
	}
}
