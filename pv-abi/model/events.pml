/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * No event is lost: a model of mask, pending and block (SPECIFICATION.md, section 4).
 *
 * The guest runs on one CPU, on which the host delivers; the host on another CPU sends.
 * The guest's CPU has a store buffer, as x86-TSO gives it (Spin by itself knows only
 * sequential consistency): a store goes into the buffer and reaches memory at any later
 * time, in order; loads of other addresses do not wait for it; a locked instruction, a
 * hypercall and an interrupt drain it. The guest's only plain stores are those to mask,
 * so the buffer holds values of mask. The sender's stores are locked instructions.
 *
 * The guest goes round: it masks, works, is interrupted or not, and unmasks as 4.3 says,
 * or blocks as 4.5 says. Then it goes on, or computes until something interrupts it.
 *
 * Checked: no deadlock. Where an event is lost, the guest sleeps, or computes, for ever
 * with the event pending: Spin reports an invalid end state.
 *
 * Variants that must fail:
 *   NO_RECHECK	the guest does not look at pending after it has unmasked
 *   CHECK_FIRST	it looks before it unmasks
 *   LOOK_AT_MASK	the sender does not interrupt a vCPU whose mask it sees set. This is
 *			right with sequential consistency (add SC) and wrong on a real CPU: it
 *			shows that the store buffer of this model does its work. A fence
 *			between store and look makes it right (add FENCE); so FENCE is what
 *			the specified protocol saves, and interrupts are what it pays with
 *   BLOCK_RACE	the host tests pending and goes to sleep in two steps
 *   LAZY_INTERRUPT	an interrupt does not drain the store buffer: what 4.3 relies on
 *   LAZY_HYPERCALL	a hypercall does not
 *   PLAIN_CLEAR	the guest reads pending and clears it in two steps
 */
#ifndef EVENTS
#define EVENTS 3
#endif

#define DEPTH 2				/* entries of the store buffer */

bit mask = 1;				/* as memory has it */
bit pending = 0;
bit blocked = 0;			/* the host's own: the vCPU sleeps */
bit interrupt = 0;			/* on its way to the vCPU's CPU */
byte sent = 0;
byte handled = 0;			/* events whose bit has been seen and cleared */
#ifdef PLAIN_CLEAR
byte seen;
#endif

chan buffer = [DEPTH] of { bit };	/* stores to mask that memory has not seen */

inline store_mask(value)
{
#ifdef SC
	mask = value
#else
	buffer ! value			/* waits while the buffer is full */
#endif
}

/* What locked instructions, hypercalls and interrupts do first; used in atomic sequences. */
inline drain()
{
	do
	:: nempty(buffer) -> buffer ? mask
	:: empty(buffer) -> break
	od
}

inline drain_by_interrupt()
{
#ifndef LAZY_INTERRUPT
	drain()
#else
	skip
#endif
}

inline drain_by_hypercall()
{
#ifndef LAZY_HYPERCALL
	drain()
#else
	skip
#endif
}

/* The oldest store may reach memory at any time. */
active proctype memory()
{
end:	do
	:: atomic { nempty(buffer) -> buffer ? mask }
	od
}

/* An interrupt while masked: the host looks, delivers nothing, and it is used up. */
inline interrupted_in_vain()
{
	if
	:: atomic { interrupt -> interrupt = 0; drain_by_interrupt() }
	:: skip
	fi
}

/*
 * The guest's handler and the tail of its stub (4.4), which leaves with the mask as it
 * was, 0. An event that nests in the tail is the same as one right behind it.
 */
inline handle()
{
	do
	:: interrupted_in_vain();
#ifdef PLAIN_CLEAR
	   if
	   :: atomic { pending -> seen = sent };
	      atomic { pending = 0; handled = seen }
	   :: else
	   fi;
#else
	   atomic {			/* XCHG */
		drain();
		if
		:: pending -> pending = 0; handled = sent
		:: else
		fi
	   };
#endif
	   interrupted_in_vain();
	   store_mask(0);
#ifdef FENCE
	   atomic { drain() };
#endif
#ifdef NO_RECHECK
	   break
#else
	   if
	   :: pending -> store_mask(1)
	   :: else -> break
	   fi
#endif
	od
}

/* The host, on its way back to the guest on the guest's CPU (4.2). */
inline return_to_guest()
{
	if
	:: atomic { !mask && pending -> mask = 1 };
	   handle()
	:: else
	fi
}

/* Between any two instructions of the guest. */
inline maybe_interrupted()
{
	do
	:: atomic { interrupt -> interrupt = 0; drain_by_interrupt() };
	   return_to_guest()
	:: break
	od
}

inline hypercall_nop()
{
	atomic { drain_by_hypercall() };
	return_to_guest()
}

inline unmask()
{
#ifdef CHECK_FIRST
	if
	:: pending -> store_mask(0); hypercall_nop()
	:: else -> maybe_interrupted(); store_mask(0)
	fi;
#else
	store_mask(0);
#ifdef FENCE
	atomic { drain() };
#endif
	maybe_interrupted();
#ifndef NO_RECHECK
	if
	:: pending -> maybe_interrupted(); hypercall_nop()
	:: else
	fi;
#endif
#endif
	maybe_interrupted()
}

/* PV_HC_BLOCK, masked: does not sleep if something is pending. */
inline block()
{
#ifdef BLOCK_RACE
	atomic { drain_by_hypercall() };
	if
	:: pending
	:: else -> blocked = 1; !blocked
	fi
#else
	atomic {
		drain_by_hypercall();
		if
		:: pending
		:: else -> blocked = 1
		fi
	};
	!blocked
#endif
}

active proctype guest()
{
	do
	:: handled == EVENTS -> break
	:: else ->
		store_mask(1);
		maybe_interrupted();
		if
		:: true			/* a critical section */
		:: handled < EVENTS ->	/* nothing to do */
			block()
		fi;
		unmask();
		if
		:: true
		:: true ->		/* a computation that only an interrupt ends */
			interrupt || handled == EVENTS;
			maybe_interrupted()
		fi
	od
}

active proctype sender()
{
	bit was;

	do
	:: sent == EVENTS -> break
	:: else ->
		atomic { was = pending; pending = 1; sent++ };	/* locked OR */
		if
		:: was
		:: else ->
#ifdef LOOK_AT_MASK
			if
			:: mask
			:: else -> interrupt = 1
			fi;
#else
			interrupt = 1;
#endif
			if
			:: atomic { blocked -> blocked = 0 }
			:: else
			fi
		fi
	od
}
