// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
//
// rc-service NAME start and stop: pair_start() and pair_stop() of templates/service.example.

inline lock_pair(what, ok) {
	if
	:: atomic { lock == 0 ->
			lock = _pid;
			purpose = what;
			wanted = wanted && what != by_stop
		};
		ok = true
	:: lock != 0 && !calm -> ok = false
	fi
}

// Whoever asks first whether the pair was started or stopped meanwhile gets a late answer, too.
inline rc_start_pair(ok) {
	pair_seen = pair_state;
	ok = pair_seen == started;
	if
	:: pair_seen != started ->
		atomic {
			if
			:: pair_busy == 0 -> pair_busy = _pid; pair_state = starting
			:: else
			fi
		};
		if
		:: pair_busy == _pid ->
			lock_pair(by_start, ok);
			if
			:: ok -> bring_up_pair(ok)
			:: else
			fi;
			atomic {
				wanted = wanted || ok && reached;
				pair_state = (ok -> started : stopped);
				pair_busy = 0;
				if
				:: lock == _pid -> lock = 0; purpose = none
				:: else
				fi
			}
		:: else
		fi
	:: else
	fi;
	pair_seen = none
}

inline bring_up_pair(ok) {
	if
	:: is_up(0) || is_up(1)
	:: else ->
		p = active_twin;
		atomic {
			if
			:: state[p] == started || state[p] == starting || retired[p] ->
				// zap
				state[p] = stopped;
				retired[p] = false;
				gone[p] = false
			:: else
			fi
		};
		rc_start(p, ok);
		if
		:: ok ->
			// twinctl wait
			if
			:: listens[p]
			:: !listens[p] && (!calm || !alive[p]) -> ok = is_up(p)
			fi
		:: else
		fi
	fi
}

inline rc_stop_pair(ok) {
	pair_seen = pair_state;
	ok = pair_seen == stopped;
	if
	:: pair_seen != stopped ->
		atomic {
			if
			:: pair_busy == 0 -> pair_busy = _pid; pair_state = stopping
			:: else
			fi
		};
		if
		:: pair_busy == _pid ->
			lock_pair(by_stop, ok);
			if
			:: ok -> take_down_pair(ok)
			:: else
			fi;
			atomic {
				pair_state = (ok -> stopped : started);
				pair_busy = 0;
				if
				:: lock == _pid -> lock = 0; purpose = none
				:: else
				fi
			}
		:: else
		fi
	:: else
	fi;
	pair_seen = none
}

inline take_down_pair(ok) {
	all = true;
	for (p : 0 .. 1) {
		tries = 0;
		do
		:: state[p] == stopped -> break
		:: state[p] != stopped && tries < 2 ->
			tries++;
			rc_stop(p, ok);
			if
			:: ok -> break
			:: else
			fi
		:: state[p] != stopped && tries == 2 -> all = false; break
		od
	};
	atomic { ok = all; tries = 0; p = 0 }
}
