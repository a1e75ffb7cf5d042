// SPDX-License-Identifier: Apache-2.0
// Prints the hypervisor's trace. docs/trace.md fixes the lines' form.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "hypercall.h"
#include "timer.h"
#include "trace.h"

#define RINGS_MAX 64
#define NS_PER_S UINT64_C(1000000000)

/** struct event - what BH_TRACE_READ answers */
struct event {
	bool is_there;
	uint64_t sequence;
	uint64_t time;
	uint64_t where;
	uint64_t detail;
};

/** struct ring - how far one CPU's ring was printed */
struct ring {
	uint64_t next;	    /* number of the event to ask for */
	struct event event; /* read, not printed yet */
};

static struct ring rings[RINGS_MAX];
static uint64_t overwritten_count;

static const char *const rule_names[BH_TRACE_RULE_NR] = {
	[BH_TRACE_RULE_INJECT] = "inject",
	[BH_TRACE_RULE_QUEUE] = "queue",
	[BH_TRACE_RULE_RAISE_AGAIN] = "raise-again",
	[BH_TRACE_RULE_STAY_QUEUED] = "stay-queued",
	[BH_TRACE_RULE_RETIRE] = "retire",
	[BH_TRACE_RULE_RETIRE_NEXT] = "retire-next",
	[BH_TRACE_RULE_EOI_IDLE] = "eoi-idle",
	[BH_TRACE_RULE_REARM] = "rearm",
	[BH_TRACE_RULE_RESTORE] = "restore",
	[BH_TRACE_RULE_READ_FAILED] = "read-failed",
};

static const char *const action_names[] = {
	"report", "trap", "lower", "unmask", "raise", "queue", "timer", "map",
};

static unsigned int field(uint64_t value, unsigned int shift)
{
	return (unsigned int)(value >> shift & 0xff);
}

/* What is being printed stays as it is: the next event takes the place of one. */
static void read_event(unsigned int cpu)
{
	struct hypercall call = { { BH_TRACE_READ, cpu, rings[cpu].next } };
	const int64_t result = hypercall(BH_TRACE, &call);
	struct event *event = &rings[cpu].event;

	if (result < 0) {
		return;
	}
	overwritten_count += call.x[0] - rings[cpu].next;
	rings[cpu].next = call.x[0];
	if (result == 0) {
		return;
	}
	rings[cpu].next++;
	event->is_there = true;
	event->sequence = call.x[1];
	event->time = call.x[2];
	event->where = call.x[3];
	event->detail = call.x[4];
}

/* Return: the CPU whose event is the earliest, or @count. */
static unsigned int earliest(unsigned int count)
{
	unsigned int best = count;

	for (unsigned int i = 0; i < count; i++) {
		if (!rings[i].event.is_there) {
			read_event(i);
		}
		if (rings[i].event.is_there &&
		    (best == count ||
		     rings[i].event.sequence < rings[best].event.sequence)) {
			best = i;
		}
	}
	return best;
}

static void print_actions(uint64_t actions)
{
	const char *between = "";

	printf(" do=");
	for (unsigned int i = 0; i < ARRAY_SIZE(action_names); i++) {
		if ((actions >> i & 1) != 0) {
			printf("%s%s", between, action_names[i]);
			between = ",";
		}
	}
	printf("%s", *between == '\0' ? "-" : "");
}

static void print_step(const struct event *event)
{
	const unsigned int rule = field(event->detail, 8);

	printf("step rule=%s irq=%u lowered=%u region=%u",
	       rule < BH_TRACE_RULE_NR ? rule_names[rule] : "unknown",
	       field(event->detail, 16), field(event->detail, 24),
	       field(event->detail, 32));
	print_actions(event->detail & 0xff);
	printf(" queued=%u\n", field(event->where, BH_TRACE_EXTRA_SHIFT));
}

static void print_irq(const char *what, const struct event *event)
{
	printf("%s irq=%u intid=%lu\n", what,
	       field(event->where, BH_TRACE_INDEX_SHIFT),
	       (unsigned long)(event->detail & UINT32_MAX));
}

static void print_access(const char *what, const char *key,
			 const struct event *event)
{
	const unsigned int extra = field(event->where, BH_TRACE_EXTRA_SHIFT);

	printf("%s region=%u width=%u write=%u %s=%lu\n", what,
	       field(event->where, BH_TRACE_INDEX_SHIFT),
	       extra & ~(unsigned int)BH_TRACE_WRITE,
	       (extra & BH_TRACE_WRITE) != 0 ? 1U : 0U, key,
	       (unsigned long)event->detail);
}

static void print_path(const struct event *event)
{
	const unsigned int flags = field(event->detail, 32);

	printf("path irq=%u intid=%lu trigger=%s path=%s errno=%lu\n",
	       field(event->where, BH_TRACE_INDEX_SHIFT),
	       (unsigned long)(event->detail & UINT32_MAX),
	       (flags & BH_IRQ_LEVEL) != 0 ? "level" : "edge",
	       (flags & BH_IRQ_LINKED) != 0 ? "linked" : "trapped",
	       (unsigned long)(event->detail >> 40));
}

/* Names by the hypervisor, as long as the cell has its devices; else numbers. */
static void print_where(const struct event *event)
{
	const unsigned int cell = field(event->where, BH_TRACE_CELL_SHIFT);
	const unsigned int device =
		(unsigned int)(event->where >> BH_TRACE_DEVICE_SHIFT & 0xffff);
	struct hypercall call = { { cell, device } };
	char name[BH_DEVICE_NAME_SIZE + 1] = { 0 };

	if (cell_name(cell, name) == 0) {
		printf("%s/", name);
	} else {
		printf("%u/", cell);
	}
	if ((event->where & 0xff) == BH_TRACE_MARK) {
		printf("- ");
	} else if (hypercall(BH_DEVICE_NAME, &call) == 0) {
		memset(name, 0, sizeof(name));
		memcpy(name, call.x, BH_DEVICE_NAME_SIZE);
		printf("%s ", name);
	} else {
		printf("%u ", device);
	}
}

static void print_what(const struct event *event)
{
	switch ((unsigned int)(event->where & 0xff)) {
	case BH_TRACE_STEP:
		print_step(event);
		break;
	case BH_TRACE_MASK:
		print_irq("mask", event);
		break;
	case BH_TRACE_UNMASK:
		print_irq("unmask", event);
		break;
	case BH_TRACE_LINKED:
		print_irq("linked", event);
		break;
	case BH_TRACE_ACCESS:
		print_access("access", "offset", event);
		break;
	case BH_TRACE_FAILED:
		print_access("failed", "errno", event);
		break;
	case BH_TRACE_PATH:
		print_path(event);
		break;
	case BH_TRACE_MARK:
		printf("mark number=%llu\n", (unsigned long long)event->detail);
		break;
	default: /* a newer hypervisor's */
		printf("unknown where=0x%llx detail=0x%llx\n",
		       (unsigned long long)event->where,
		       (unsigned long long)event->detail);
		break;
	}
}

static void print_event(unsigned int cpu, const struct event *event)
{
	const uint64_t frequency = timer_freq_hz();

	printf("%8llu %5llu.%09llu cpu%u ", (unsigned long long)event->sequence,
	       (unsigned long long)(event->time / frequency),
	       (unsigned long long)(event->time % frequency * NS_PER_S /
				    frequency),
	       cpu);
	print_where(event);
	print_what(event);
}

/* At most as many as the rings hold, so that it ends while the trace is on. */
static void print_all(unsigned int cpu_count, uint64_t limit)
{
	uint64_t count = 0;
	unsigned int cpu;

	overwritten_count = 0;
	while (count < limit && (cpu = earliest(cpu_count)) != cpu_count) {
		print_event(cpu, &rings[cpu].event);
		rings[cpu].event.is_there = false;
		count++;
	}
	printf("trace: %llu events, %llu overwritten before they were read\n",
	       (unsigned long long)count,
	       (unsigned long long)overwritten_count);
}

static void clear_all(unsigned int cpu_count)
{
	for (unsigned int i = 0; i < cpu_count; i++) {
		struct hypercall call = { { BH_TRACE_READ, i, UINT64_MAX } };

		if (hypercall(BH_TRACE, &call) == 0) {
			rings[i].next = call.x[0];
			rings[i].event.is_there = false;
		}
	}
}

static void switch_to(enum bh_trace_op op)
{
	struct hypercall call = { { op } };

	(void)hypercall(BH_TRACE, &call);
	printf("trace: %s\n", op == BH_TRACE_ON ? "on" : "off");
}

static void mark(const char *number)
{
	struct hypercall call;
	char *end;

	errno = 0;
	call.x[0] = strtoull(number, &end, 0);
	if (*number < '0' || *number > '9' || *end != '\0' || errno != 0) {
		printf("error: \"trace mark\" takes a number, not \"%s\"\n",
		       number);
		return;
	}
	(void)hypercall(BH_MARK, &call);
}

void trace_command(char *const *word, unsigned int count)
{
	struct hypercall info = { { BH_TRACE_INFO } };
	const char *what = count == 0 ? "" : word[0];
	unsigned int cpu_count;

	if (hypercall(BH_TRACE, &info) != 0) {
		printf("error: the hypervisor refuses the trace: it is too "
		       "old, or this cell may not manage\n");
		return;
	}
	cpu_count = info.x[1] < RINGS_MAX ? (unsigned int)info.x[1] : RINGS_MAX;
	if (count == 0) {
		print_all(cpu_count, info.x[1] * info.x[2]);
	} else if (count == 1 && strcmp(what, "on") == 0) {
		switch_to(BH_TRACE_ON);
	} else if (count == 1 && strcmp(what, "off") == 0) {
		switch_to(BH_TRACE_OFF);
	} else if (count == 1 && strcmp(what, "clear") == 0) {
		clear_all(cpu_count);
	} else if (count == 2 && strcmp(what, "mark") == 0) {
		mark(word[1]);
	} else {
		printf("error: it is \"trace\" or \"trace "
		       "on|off|clear|mark NUMBER\"\n");
	}
}
