// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
//
// rc-service NAME.P start, stop and hup, whoever calls it, and the guard they ask.

// The process of a twin ends at the hands of its own stop.
inline take_down(p) {
	atomic {
		assert(!must_not_go(p, deaths_seen));
		deaths_seen = 0;
		alive[p] = false;
		listens[p] = false;
		slot[p] = false
	}
}

// twin-exec --guard, under the lock of the guard. ALLOWED is also false where it failed. To wait
// for a sibling that is started over is to look later, which can happen anyway.
inline guard(p, is_hup, allowed) {
	bool opened, own, lack;
#ifdef MUTANT_NO_GUARD_LOCK
	true;
#else
	atomic { guard_by == 0 -> guard_by = _pid };
#endif
#ifdef MUTANT_BELIEVE_MARK
	opened = (pair_state == stopping || pair_state == starting) && pair_busy != 0;
#else
	opened = (pair_state == stopping || pair_state == starting) && pair_busy != 0 &&
		lock != 0 && purpose == by_stop;
#endif
	own = alive[p];
#ifndef MUTANT_LATE_HUP
	// What excuses a stop is no excuse for a hup, which has no lock of OpenRC: the twin may be
	// started meanwhile.
	opened = opened && !is_hup;
	own = own || is_hup;
#endif
	lack = state[1 - p] != started;
	atomic {
#ifndef MUTANT_BLIND_GUARD
		lack = lack || !alive[1 - p] || draining[1 - p] || !listens[1 - p];
#endif
		deaths_seen = died[1 - p]
	};
#ifdef GUARD_OFF
	allowed = true;
#else
	allowed = opened || !own || !lack;
#endif
	if
	:: allowed && !lack && !opened ->
#ifdef STEER
		if
		:: alive[p] && target == p ->
			slot[1 - p] = listens[1 - p];
			if
			:: slot[1 - p] -> target = 1 - p
			:: else -> allowed = false
			fi
		:: else
		fi;
#endif
		if
		:: allowed -> active_twin = 1 - p
		:: else
		fi
	:: else
	fi;
	if
	:: is_hup && allowed ->
		if
		:: atomic { alive[p] -> assert(!must_not_go(p, deaths_seen)); draining[p] = true };
			atomic { listens[p] = false; slot[p] = false }
		:: !alive[p] -> allowed = false
		fi
	:: else
	fi;
	atomic {
		guard_by = 0;
		opened = false;
		own = false;
		lack = false;
		deaths_seen = (is_hup || !allowed -> 0 : deaths_seen)
	}
}

// openrc-run reads the mark before it has the lock, and acts on what it has read.
inline rc_start(p, ok) {
	seen = state[p];
	ok = seen == started;
	if
	:: seen != started ->
		atomic {
			if
			:: busy[p] == 0 -> busy[p] = _pid; state[p] = starting
			:: else
			fi
		};
		if
		:: busy[p] == _pid -> start_twin(p, ok)
		:: else
		fi
	:: else
	fi;
	seen = none
}

inline start_twin(p, ok) {
	bool barred;
	if
	:: alive[p] ->
		// twin_adopt: already running, rc 1, and started.
		skip
	:: !alive[p] ->
		barred = retiring[p] && lock != 0 && purpose == twinctl;
		atomic {
			barred = barred || retired[p];
			// A swap has retired it: no plain start brings it back.
			assert(barred || !gone[p])
		};
		if
		:: barred -> atomic { state[p] = stopped; retired[p] = true }
		:: else ->
			draining[p] = false;
			if
			:: atomic { faults < FAULTS && !calm ->
					faults++;
					state[p] = stopped;
					retired[p] = false
				}
			:: atomic { true ->
					alive[p] = true;
#ifdef STEER
					joining[p] = true;
#endif
					if
					:: state[1 - p] != started -> active_twin = p
					:: else
					fi
				};
				atomic {
					// twin_start_post
					if
					:: pair_state == stopped -> pair_state = started
					:: else
					fi
				};
				ok = true
			fi
		fi
	fi;
	atomic {
		if
		:: state[p] == starting -> state[p] = started
		:: else
		fi;
		barred = false;
		busy[p] = 0
	}
}

inline rc_stop(p, ok) {
	seen = state[p];
	ok = seen == stopped;
	if
	:: seen != stopped ->
		atomic {
			if
			:: busy[p] == 0 -> busy[p] = _pid; state[p] = stopping
			:: else
			fi
		};
		if
		:: busy[p] == _pid ->
			guard(p, false, ok);
			if
			:: ok ->
				// One that has read the mark of what was stopped meanwhile.
				seen = (alive[p] -> seen : stopped);
				take_down(p);
				atomic {
					// twin_stop_post
					if
					:: pair_state == started && state[1 - p] != started -> pair_state = stopped
					:: else
					fi
				};
				atomic {
					state[p] = stopped;
					retired[p] = false;
					gone[p] = retirer[p] != 0 && seen != stopped;
					busy[p] = 0
				}
			:: else -> atomic { state[p] = started; busy[p] = 0 }
			fi
		:: else
		fi
	:: else
	fi;
	seen = none
}

// A custom command takes no lock of OpenRC.
inline rc_hup(p, ok) {
	ok = state[p] == started;
	if
	:: ok -> guard(p, true, ok)
	:: else
	fi
}

#ifdef STEER
// wait_and_join() in src/twin-exec/endpoint.cpp.
proctype Helper(byte p) {
	bool alone;
end:	do
	:: atomic { joining[p] && listens[p] && guard_by == 0 -> guard_by = _pid };
		alone = state[1 - p] != started;
		alone = alone || !alive[1 - p] || draining[1 - p] || !listens[1 - p];
		slot[p] = listens[p];
		if
		:: alone -> target = p
		:: else
		fi;
		atomic { joining[p] = false; guard_by = 0; alone = false }
	:: atomic { joining[p] && !alive[p] -> joining[p] = false }
	od
}
#endif
