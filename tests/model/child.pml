// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
//
// The rc-service that a twinctl has called, which may live on when that is killed; and how it is
// called: Swap::insist() and Swap::look().

bool running[2];

inline reply(k) {
	atomic {
		job_ok[k] = ok;
		job[k] = none;
		p = 0;
		ok = false
	}
}

// A killed process: the kernel takes its locks back, and nobody its marks.
inline drop_locks() {
	if
	:: busy[0] == _pid -> busy[0] = 0
	:: else
	fi;
	if
	:: busy[1] == _pid -> busy[1] = 0
	:: else
	fi;
	if
	:: pair_busy == _pid -> pair_busy = 0
	:: else
	fi;
	if
	:: guard_by == _pid -> guard_by = 0
	:: else
	fi;
	if
	:: lock == _pid -> lock = 0; purpose = none
	:: else
	fi
}

proctype Child(byte k) {
	byte p;
	bool ok;
	mtype seen;
	byte tries, deaths_seen;
	bool all;
	mtype pair_seen;
end:	do
	:: {
end_idle:	do
		:: job[k] == start -> p = job_twin[k]; rc_start(p, ok); reply(k)
		:: job[k] == stop -> p = job_twin[k]; rc_stop(p, ok); reply(k)
		:: job[k] == hup -> p = job_twin[k]; rc_hup(p, ok); reply(k)
		:: job[k] == pair_start -> rc_start_pair(ok); reply(k)
		od
	} unless {
		atomic { child_shot[k] ->
			child_shot[k] = false;
			drop_locks();
			job[k] = none;
			p = 0;
			ok = false;
			seen = none;
			pair_seen = none;
			deaths_seen = 0
		}
	}
	od
}

inline call(word, q) {
	atomic { job_twin[k] = q; job[k] = word };
	atomic { job[k] == none -> ok = job_ok[k]; job_ok[k] = false; job_twin[k] = 0 }
}

// Swap::look() waits while somebody starts over what runs.
inline settle(q) {
	!(state[q] == starting && alive[q] && busy[q] != 0)
}

inline forget_retirement(q) {
	atomic { retired[q] = false; retiring[q] = false; gone[q] = false; retirer[q] = 0 }
}

// Swap::insist(); its three refusals are two here.
inline insist(word, q, mark) {
	tries = 0;
	do
	:: busy[q] == 0 ->
		if
		:: word == start -> forget_retirement(q)
		:: else
		fi;
		call(word, q);
		if
		:: !ok -> settle(q); ok = state[q] == mark
		:: else
		fi;
		tries++;
		if
		:: ok || tries == 2 -> break
		:: else
		fi
	:: busy[q] != 0 && !calm -> ok = false; break
	od;
	tries = 0
}
