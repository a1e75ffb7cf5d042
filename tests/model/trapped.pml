/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trapped path with everything that runs beside it: the device's lines, the GIC, the
 * driver's machine (docs/vfio-platform.md, rules T1 to T15), its deadline, two CPUs of the
 * guest, and the destruction of the cell. What happens under the device's lock is atomic;
 * the rest is not: a line is taken before the lock, an access is carried out before it.
 *
 * All counters are bounded, so every run ends; where it ends, nothing may be left over.
 *
 *	N	lines; the last one is an edge, the others are levels
 *	RAISES	times that each line is raised
 *	EXTRA	accesses of each CPU that have nothing to do with an interrupt
 *	HIDES	times that each CPU disables an interrupt and enables it again
 *	DESTROY	1: the cell may be destroyed at any time
 *	ACK	1: eoi-after-ack
 *	STARVE	instead: one CPU accesses for ever, the other takes the interrupts
 */
#ifndef N
#define N 3
#endif
#ifndef RAISES
#define RAISES 1
#endif
#ifndef EXTRA
#define EXTRA 1
#endif
#ifndef HIDES
#define HIDES 1
#endif
#ifndef DESTROY
#define DESTROY 1
#endif
#ifndef ACK
#define ACK 0
#endif

#define CPUS 2
#define NONE 255
#define IS_EDGE(i) (i == N - 1)
#define INACTIVE 0
#define PENDING 1
#define ACTIVE 2

/* The device and the GIC */
bool asserted[N];	/* level: the line; edge: latched by the GIC */
bool owed[N];		/* raised, and the guest has not taken it since */
bool masked[N];		/* taken and left active */
bool taken[N];		/* on its way to the driver's lock */
byte raises[N];
bool armed = true;	/* lines may be taken */

/* The driver */
bool live = true;
byte state[N];
byte active = NONE;
byte queue[N];
byte queued;
bool mapped = true;
byte deadline;		/* 0: none; 2: set; 1: has passed while one was ACTIVE */
bool acked[N];

/* The virtual GIC and the guest */
bool line[N];
bool latch[N];		/* of an edge */
bool serving[N];	/* the guest is in its handler */
bool hidden[N];
bool stopping;
byte stopped;
bool destroyed;

inline line_up(k)
{
	line[k] = true;
	acked[k] = false;
	if
	:: IS_EDGE(k) -> latch[k] = true;
	:: else
	fi;
}

inline check()
{
	d_step {
		n = 0; m = 0;
		do
		:: n < N ->
			assert((state[n] == ACTIVE) == (active == n));	/* I1 */
			assert(line[n] == (active == n));		/* I4 */
			assert(state[n] == INACTIVE || IS_EDGE(n) || masked[n]); /* I5 */
			m = m + (state[n] == PENDING);
			n++;
		:: else -> break
		od;
		assert(m == queued);					/* I2 */
		assert(queued == 0 || active != NONE);			/* I3 */
		assert(active == NONE || !mapped);			/* I6 */
		assert(mapped || deadline != 0 || !live);		/* it comes back */
		n = 0; m = 0;
	}
}

inline fire(i)
{
	atomic {
		taken[i] = false;
		if
		:: !live /* refused; a level stays masked */
		:: live && active == NONE ->			/* T1 */
			state[i] = ACTIVE;
			active = i;
			mapped = false;
			line_up(i);
			deadline = 2;
		:: live && active == i ->			/* T3 */
			line_up(i);
			deadline = 2;
		:: live && active != NONE && active != i && state[i] == PENDING /* T4' */
		:: live && active != NONE && active != i && state[i] == INACTIVE -> /* T2 */
			state[i] = PENDING;
			queue[queued] = i;
			queued++;
		fi;
		check();
	}
}

inline eoi()
{
	atomic {
		if
		:: !live || active == NONE			/* T8 */
		:: live && active != NONE && ACK && !acked[active] /* eoi-after-ack */
		:: live && active != NONE && !(ACK && !acked[active]) -> /* T6 */
			k = active;
			state[k] = INACTIVE;
			line[k] = false;
			masked[k] = false;
			active = NONE;
			if
			:: queued != 0 ->			/* T7 */
				active = queue[0];
				state[active] = ACTIVE;
				line_up(active);
				queued--;
				n = 0;
				do
				:: n < queued -> queue[n] = queue[n + 1]; n++;
				:: else -> break
				od;
				queue[queued] = 0;
			:: else
			fi;
			k = 0; n = 0;
		fi;
		check();
	}
}

proctype device()
{
	byte i;
	do
	:: atomic {
		armed && !stopping -> select (i : 0 .. N - 1);
		if
		:: raises[i] < RAISES && (IS_EDGE(i) || !asserted[i]) ->
			raises[i]++;
			asserted[i] = true;
			owed[i] = true;
		:: else
		fi;
		i = 0;
	}
	:: atomic { stopping -> break }
	od
}

/* The CPUs of EL2 that take lines; one a line, since a line is taken once at a time. */
proctype gic(byte i)
{
	byte k, n, m;
end:	do
	:: atomic {
		armed && asserted[i] && !masked[i] && !taken[i] ->
		taken[i] = true;
		if
		:: IS_EDGE(i) -> asserted[i] = false;
		:: else -> masked[i] = true;
		fi;
	}
	   fire(i);
	od
}

proctype timer()
{
	byte n, m;
end:	do
	:: atomic {
		deadline == 2 ->
		if
		:: active != NONE -> deadline = 1;		/* T10 */
		:: else -> deadline = 0; mapped = true;		/* T11 */
		fi;
		check();
	}
	:: atomic {	/* it has passed often; only the last time changes anything */
		deadline == 1 && active == NONE ->
		deadline = 0;
		mapped = true;
		check();
	}
	od
}

/* What the guest does to the device with an access; i == NONE: nothing. */
inline touch(i)
{
	if
	:: i != NONE && !IS_EDGE(i) -> asserted[i] = false;
	:: else
	fi;
}

inline access(i)
{
	if
	:: atomic { mapped -> touch(i) }
	:: atomic { !mapped -> touch(i) }
		eoi();
	fi;
}

#define IS_PENDING(i) ((IS_EDGE(i) && latch[i] || !IS_EDGE(i) && line[i]) && \
	!serving[i] && !hidden[i])

proctype guest(byte extra; byte hides)
{
	byte i, k, n, m;
	do
	:: atomic {
		!stopping;
		i = 0;
		do
		:: i < N && !IS_PENDING(i) -> i++;
		:: else -> break
		od;
		i < N;
		do	/* any of those that are pending */
		:: IS_PENDING(i) -> break
		:: i < N - 1 -> i++;
		od;
		serving[i] = true;
		latch[i] = false;
		owed[i] = false;
		acked[i] = (active == i);
	}
	   if
	   :: access(NONE);	/* it reads what is the matter first */
	   :: true
	   fi;
	   if
	   :: !stopping -> access(i);
	   :: stopping
	   fi;
	   serving[i] = false;
	:: !stopping && extra > 0 -> extra--; access(NONE);
	:: atomic {
		!stopping && hides > 0 -> hides--;
		select (i : 0 .. N - 1);
		hidden[i] = true;
	}
	   hidden[i] = false;
	:: atomic { stopping -> stopped++; break }
	od;
}

/* Or nobody is there to be destroyed, and the guest stops in the end. */
#define IS_REST (!armed || timeout)

proctype life()
{
	byte i;
	if
	:: DESTROY -> stopping = true;
		stopped == CPUS;
		atomic {	/* vfio_platform_revoke(), under the lock */
			live = false;
			armed = false;
			deadline = 0;
			queued = 0;
			active = NONE;
			mapped = false;
			i = 0;
			do
			:: i < N ->
				state[i] = INACTIVE;
				line[i] = false;
				latch[i] = false;
				queue[i] = 0;
				i++;
			:: else -> break
			od;
			i = 0;
		}
		atomic {	/* without it: reset, and every line is cleared */
			do
			:: i < N ->
				asserted[i] = false;
				owed[i] = false;
				masked[i] = false;
				i++;
			:: else -> break
			od;
			i = 0;
			destroyed = true;
		}
	:: true
	fi;
	timeout;	/* nothing can happen any more */
	d_step {
		do
		:: i < N ->
			assert(!asserted[i] && !owed[i]);	/* none is lost */
			assert(!masked[i] && !taken[i]);	/* each mask is undone */
			assert(state[i] == INACTIVE && !line[i]);
			assert(!serving[i] && !hidden[i]);
			i++;
		:: else -> break
		od;
		assert(mapped == !destroyed);	/* the fast path is back */
		assert(deadline == 0 && queued == 0);
	}
}
