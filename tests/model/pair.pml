// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
//
// The protocol of a pair, for spin: everything that can happen is tried, in every order. What a
// case has in it is given by -D; tests/model/check runs the cases.
//
// How it maps to the sources:
//   openrc.pml   openrc-run of OpenRC for a twin, the twin's part of templates/service.example,
//                src/core/guard.cpp, src/twin-exec/guard.cpp, prepare.cpp and endpoint.cpp
//   pair.pml     the state they share, the properties, and whatever happens by itself
//   child.pml    ProcessRcService::run(), Swap::insist()
//   script.pml   the pair's part of templates/service.example
//   swap.pml     src/twinctl/swap*.cpp and commands/start_stop.cpp; a phase is a Step
//
// What a process does between two looks at, or changes of, the shared state is one statement here.
// A deadline is a choice: it may pass at any moment at which what is waited for is not there.
// While the world is calm, in the end, none does.
//
// Left out: connections and their drain (it takes some time, that is all), the endpoint inherit,
// twin_hup=no, --leave-draining and rollback, rehearsals, supervise-daemon's respawn, zap by hand,
// a start that OpenRC forgets, shutdown, a reboot, and what the kernel does to a half-open connection.

#ifndef KILLS
#define KILLS 0    // how often a twinctl is killed, with or without the rc-service it has started
#endif
#ifndef DEATHS
#define DEATHS 0   // how often a twin dies by itself
#endif
#ifndef FAULTS
#define FAULTS 0   // how often the start of a twin fails
#endif
#ifndef SWAPS
#define SWAPS 1    // how many twinctls there are at the same time, 1 or 2
#endif
#ifndef ADMINS
#define ADMINS 0   // how many call rc-service on a twin, each ORDERS times
#endif
#ifndef ORDERS
#define ORDERS 1
#endif
// PAIR: somebody stops the pair, and starts it again. STEER: a public port stands before it.
// GUARD_OFF: twin_guard=off. RACE: a steered port may lead to a twin that is about to get its
// signal; a swap points without the guard's lock, and may point back to a twin hung up by hand.
// CALM: nothing fails, all come in time.

// OpenRC's marks of a service, and what one can be told.
mtype = { stopped, starting, started, stopping };
mtype = { none, start, stop, hup, pair_start, swap, any };
// For what the pair is locked.
mtype = { twinctl, by_start, by_stop };

// --- a twin ---------------------------------------------------------------------------------------

mtype state[2] = stopped;
byte busy[2];       // which process has the lock on exclusive/NAME.P
bool alive[2];
bool listens[2];
bool draining[2];   // the mark of a twin that was hung up
bool retired[2];
bool retiring[2];

// --- the pair -------------------------------------------------------------------------------------

mtype pair_state = started;
byte pair_busy;     // which process has the lock on exclusive/NAME
byte lock;          // which one has the lock of the pair, and for what
mtype purpose = none;
byte guard_by;      // which one has the guard's
byte active_twin;

// What the journal says; src/twinctl/journal.hpp.
#define NO_JOURNAL 0
#define START 1
#define READY 2
#define SWITCH 3
#define QUIESCE 4
#define HUP 5
#define DRAIN 6
#define STOP 7
#define RECORD 8
byte journal;
byte journal_from;

// The steered public port: the twin it is pointed at, and which of them have a socket there. Where
// the one has none, the port leads to the other (src/core/steer_program.cpp).
byte target;
bool slot[2];
bool joining[2];    // a helper of twin-exec waits until the twin listens

// What a twinctl has told its rc-service to do.
mtype job[2] = none;
byte job_twin[2];
bool job_ok[2];

// --- what is not there, and only the properties look at -------------------------------------------

bool wanted;       // nobody has stopped the pair
#ifdef CALM
bool calm = true;   // nothing happens by itself (any more), and no deadline passes
#else
bool calm;          // the same
#endif
byte died[2];       // how often it did, by itself
bool gone[2];       // a swap has retired it, and has not been killed
byte retirer[2];    // which twinctl is about to retire it
bool swapped;       // a swap came to its end
byte kills, deaths, faults;
byte at_work;
bool shot[2];       // a twinctl is to end now,
bool child_shot[2]; // and its rc-service

// --- the properties -------------------------------------------------------------------------------

#define is_up(p) (state[p] == started && alive[p] && !draining[p])
// For its clients, whatever OpenRC's mark: a stop that is refused has it stopping for a moment, and
// a start of the pair that sees this takes it for crashed, zaps it and adopts it.
#define serves(p) (alive[p] && listens[p] && !draining[p])
#ifdef STEER
#define leads_to(p) (slot[p] && (target == (p) || !slot[1 - (p)]))
#ifdef RACE
#define reached (leads_to(0) && listens[0] || leads_to(1) && listens[1])
#else
#define reached (leads_to(0) && serves(0) || leads_to(1) && serves(1))
#endif
#else
#define reached (serves(0) || serves(1))
#endif

// As long as no twin dies by itself, clients find one that serves: at any moment.
active proctype Watch() {
end:	atomic { wanted && deaths == 0 && !reached -> assert(false) }
}

// And where one has died, no command takes the other down, unless it had looked just before.
#define must_not_go(p, before) \
	(wanted && serves(p) && !serves(1 - (p)) && died[1 - (p)] == before)

#include "openrc.pml"
#include "script.pml"
#include "child.pml"
#include "swap.pml"

// --- what happens by itself -----------------------------------------------------------------------

proctype Twin(byte p) {
end:	do
	:: atomic { alive[p] && !listens[p] && !draining[p] -> listens[p] = true }
	:: atomic { alive[p] && draining[p] && !listens[p] && !calm -> alive[p] = false }
	:: atomic { alive[p] && deaths < DEATHS && !calm ->
		deaths++;
		died[p]++;
		alive[p] = false;
		listens[p] = false;
		slot[p] = false
	}
	od
}

#if KILLS
proctype Killer() {
	byte k;
end:	do
	:: atomic { kills < KILLS && !calm && (running[0] || running[1]) ->
		kills++;
		if
		:: running[0] -> k = 0
		:: running[1] -> k = 1
		fi;
		shot[k] = true;
		if
		:: job[k] != none -> child_shot[k] = true
		:: true
		fi
	}
	od
}
#endif

// --- who calls what -------------------------------------------------------------------------------

proctype Admin() {
	byte orders, p, deaths_seen;
	bool ok;
	mtype seen;
	do
	:: orders < ORDERS ->
		orders++;
		if
		:: p = 0
		:: p = 1
		fi;
		if
		:: rc_start(p, ok)
		:: rc_stop(p, ok)
		:: rc_hup(p, ok)
		fi
	:: orders == ORDERS -> break
	:: true -> break
	od;
	at_work--
}

proctype PairAdmin() {
	byte p, tries, deaths_seen;
	bool ok, all;
	mtype seen, pair_seen;
	rc_stop_pair(ok);
	rc_start_pair(ok);
	at_work--
}

// Before that no guard lets its sibling go.
#define has_settled(p) (!alive[p] || listens[p] || draining[p])

init {
	byte n;
	atomic {
		state[0] = started;
		alive[0] = true;
		listens[0] = true;
		slot[0] = true;
		wanted = true;
		run Twin(0);
		run Twin(1);
#ifdef STEER
		run Helper(0);
		run Helper(1);
#endif
		for (n : 0 .. SWAPS - 1) {
			at_work++;
			run Child(n);
			run Twinctl(n, (n == 0 -> swap : any))
		}
#if ADMINS
		for (n : 1 .. ADMINS) {
			at_work++;
			run Admin()
		}
#endif
#ifdef PAIR
		at_work++;
		run PairAdmin();
#endif
#if KILLS
		run Killer();
#endif
	}
	// Liveness, as what holds in the end: whatever was left, the next command cures.
	atomic { at_work == 0 && job[0] == none && job[1] == none -> calm = true; at_work++ };
	has_settled(0) && has_settled(1);
#ifdef CALM
	// With nothing in its way a swap swaps.
	assert(swapped);
#endif
	run Twinctl(0, start);
	at_work == 0 && has_settled(0) && has_settled(1);
	assert(journal == NO_JOURNAL && lock == 0 && reached);
#if SWAPS == 1 && !ADMINS && !defined(PAIR)
	assert(is_up(0) != is_up(1) && alive[0] != alive[1]);
#endif
	atomic { swapped = false; at_work++ };
	run Twinctl(0, swap);
	at_work == 0;
	assert(swapped && journal == NO_JOURNAL && lock == 0 && reached);
	assert(is_up(0) != is_up(1) && alive[0] != alive[1]);
}
