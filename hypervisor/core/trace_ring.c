// SPDX-License-Identifier: Apache-2.0
/* One CPU's ring of events: one writer that never waits, readers that check. */
#include <hyp/trace.h>

#define RING_MASK (CONFIG_TRACE_EVENTS - 1)

static void event_store(struct trace_event *to, const struct trace_event *event)
{
	__atomic_store_n(&to->sequence, event->sequence, __ATOMIC_RELAXED);
	__atomic_store_n(&to->time, event->time, __ATOMIC_RELAXED);
	__atomic_store_n(&to->where, event->where, __ATOMIC_RELAXED);
	__atomic_store_n(&to->detail, event->detail, __ATOMIC_RELAXED);
}

static void event_load(struct trace_event *event,
		       const struct trace_event *from)
{
	event->sequence = __atomic_load_n(&from->sequence, __ATOMIC_RELAXED);
	event->time = __atomic_load_n(&from->time, __ATOMIC_RELAXED);
	event->where = __atomic_load_n(&from->where, __ATOMIC_RELAXED);
	event->detail = __atomic_load_n(&from->detail, __ATOMIC_RELAXED);
}

void trace_ring_put(struct trace_ring *ring, const struct trace_event *event)
{
	uint64_t count = ring->count;

	/*
	 * The count of the event before stands before this one is touched: pairs
	 * with the fence in trace_ring_get().
	 */
	__atomic_thread_fence(__ATOMIC_RELEASE);
	event_store(&ring->event[count & RING_MASK], event);
	/* Pairs with the first load in trace_ring_get(). */
	__atomic_store_n(&ring->count, count + 1, __ATOMIC_RELEASE);
}

/*
 * The slot of event @count - CONFIG_TRACE_EVENTS may be in the making, so that one
 * counts as overwritten already.
 */
static uint64_t oldest(uint64_t count)
{
	return count < CONFIG_TRACE_EVENTS ? 0 :
					     count - CONFIG_TRACE_EVENTS + 1;
}

bool trace_ring_get(const struct trace_ring *ring, uint64_t *number,
		    struct trace_event *event)
{
	uint64_t count = __atomic_load_n(&ring->count, __ATOMIC_ACQUIRE);
	uint64_t at = *number;

	/* Overtaken while it copies, it tries once more, further from the end. */
	for (unsigned int tries = 0; tries < 2; tries++) {
		if (at < oldest(count)) {
			at = oldest(count) + tries * CONFIG_TRACE_EVENTS / 2;
		}
		if (at >= count) {
			at = count;
			break;
		}
		event_load(event, &ring->event[at & RING_MASK]);
		/* Pairs with the fence in trace_ring_put(). */
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		count = __atomic_load_n(&ring->count, __ATOMIC_RELAXED);
		if (at >= oldest(count)) {
			*number = at;
			return true;
		}
	}
	*number = at;
	return false;
}
