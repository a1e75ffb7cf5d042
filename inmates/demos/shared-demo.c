// SPDX-License-Identifier: Apache-2.0
// Two cells and the memory they share: one asks, one answers, both by doorbell.
//
// The cell whose bootargs say "ping" writes a request into the region "ping-pong",
// rings, and waits for the doorbell that says that the answer stands beside it. The
// one that says "pong" answers, as long as it lives. Either may be restarted.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libfdt.h>

#include "devtree.h"
#include "runtime.h"
#include "shared.h"
#include "timer.h"

#define ROUND_COUNT 100
#define WORD_COUNT 64
#define ANSWER_OFFSET 0x800
#define PEER_WAIT_MS 30000
#define PEER_STEP_MS 20
#define ANSWER_WAIT_MS 1000
#define ANSWER_TRIES 10

/** struct mailbox - written by one side only; @sequence last */
struct mailbox {
	uint32_t sequence;
	uint32_t word[WORD_COUNT];
};

static struct shared shared;
static struct mailbox *request;
static struct mailbox *answer;
static unsigned int interrupt_count; /* written by the handler */
static unsigned int wrong_count;

static void handler(void *arg)
{
	(void)arg;
	__atomic_fetch_add(&interrupt_count, 1, __ATOMIC_RELAXED);
}

static unsigned int interrupts(void)
{
	return __atomic_load_n(&interrupt_count, __ATOMIC_RELAXED);
}

static uint32_t sequence_of(const struct mailbox *mailbox)
{
	return __atomic_load_n(&mailbox->sequence, __ATOMIC_ACQUIRE);
}

static uint32_t pattern(uint32_t sequence, unsigned int i)
{
	return sequence * 2654435761u + i;
}

static void mailbox_write(struct mailbox *mailbox, uint32_t sequence,
			  uint32_t flip)
{
	for (unsigned int i = 0; i < WORD_COUNT; i++) {
		mailbox->word[i] = pattern(sequence, i) ^ flip;
	}
	/* Pairs with the load-acquire of the other side's sequence_of(). */
	__atomic_store_n(&mailbox->sequence, sequence, __ATOMIC_RELEASE);
}

static void mailbox_check(const struct mailbox *mailbox, uint32_t sequence,
			  uint32_t flip)
{
	for (unsigned int i = 0; i < WORD_COUNT; i++) {
		if (mailbox->word[i] != (pattern(sequence, i) ^ flip)) {
			wrong_count++;
			return;
		}
	}
}

/* Ring, or wait until there is somebody to ring for. Return: 0 or an errno. */
static int ring(void)
{
	int result = shared_ring(&shared);

	if (result == 0) {
		return 0;
	}
	printf("shared-demo: ping: pong does not run yet (errno %d), waiting\n",
	       -result);
	for (unsigned int ms = 0; result != 0 && ms < PEER_WAIT_MS;
	     ms += PEER_STEP_MS) {
		timer_delay_ms(PEER_STEP_MS);
		result = shared_ring(&shared);
	}
	return result;
}

/** struct wait - for an answer that was rung for */
struct wait {
	uint32_t sequence;
	unsigned int interrupt_count; /* before */
};

static bool has_answer(void *arg)
{
	const struct wait *wait = arg;

	return interrupts() != wait->interrupt_count &&
	       sequence_of(answer) == wait->sequence;
}

/* One request and its answer. Return: whether it came, and by an interrupt. */
static bool ask(uint32_t sequence, unsigned int *again_count)
{
	struct wait wait = { sequence, interrupts() };

	mailbox_write(request, sequence, 0);
	for (unsigned int i = 0; i < ANSWER_TRIES; i++) {
		*again_count += i != 0 ? 1 : 0;
		if (ring() != 0) {
			return false;
		}
		if (timer_wait(has_answer, &wait, ANSWER_WAIT_MS)) {
			mailbox_check(answer, sequence, UINT32_MAX);
			return true;
		}
	}
	return false;
}

static int ping(void)
{
	const uint32_t first = sequence_of(answer) + 1;
	unsigned int round_count = 0, again_count = 0;
	bool is_pass;

	while (round_count < ROUND_COUNT &&
	       ask(first + round_count, &again_count)) {
		round_count++;
	}
	is_pass = round_count == ROUND_COUNT && interrupts() >= round_count &&
		  wrong_count == 0;
	printf("shared-demo: ping: %u rounds, %u interrupts, %u rung again, "
	       "%u wrong: %s\n",
	       round_count, interrupts(), again_count, wrong_count,
	       is_pass ? "PASS" : "FAIL");
	return is_pass ? EXIT_SUCCESS : EXIT_FAILURE;
}

static bool has_more_interrupts(void *than)
{
	return interrupts() != *(const unsigned int *)than;
}

/* Each doorbell is answered by one, also when it asks for the same again. */
static void reply(unsigned int *answer_count)
{
	const uint32_t sequence = sequence_of(request);

	if (sequence != sequence_of(answer)) {
		mailbox_check(request, sequence, 0);
		mailbox_write(answer, sequence, UINT32_MAX);
		(*answer_count)++;
	}
	if (shared_ring(&shared) != 0) {
		printf("shared-demo: pong: ping is gone\n");
	}
}

static void pong(void)
{
	unsigned int answer_count = 0, seen = 0, said = 0;

	/* What was asked while nobody was here to answer. */
	if (sequence_of(request) != sequence_of(answer)) {
		reply(&answer_count);
	}
	for (;;) {
		if (!timer_wait(has_more_interrupts, &seen, ANSWER_WAIT_MS)) {
			continue;
		}
		seen = interrupts();
		reply(&answer_count);
		if (answer_count == ROUND_COUNT) {
			printf("shared-demo: pong: %u answers, %u interrupts, "
			       "%u wrong: %s\n",
			       answer_count, seen - said, wrong_count,
			       wrong_count == 0 ? "PASS" : "FAIL");
			answer_count = 0;
			said = seen;
		}
	}
}

int main(void)
{
	const int chosen = devtree_find_path("/chosen");
	const char *role =
		fdt_getprop(devtree_blob(), chosen, "bootargs", NULL);
	int result = shared_open(&shared, "ping-pong");

	if (result == 0) {
		result = shared_listen(&shared, handler, NULL);
	}
	if (result != 0 || shared.is_read_only) {
		printf("shared-demo: FAIL: no \"ping-pong\" to write to "
		       "(errno %d)\n",
		       -result);
		return EXIT_FAILURE;
	}
	request = shared.memory;
	answer = (struct mailbox *)((uintptr_t)shared.memory + ANSWER_OFFSET);
	printf("shared-demo: %s: %llu bytes at %p, doorbell INTID %u\n",
	       role == NULL ? "?" : role, (unsigned long long)shared.size,
	       shared.memory, (unsigned int)shared.intid);
	if (role != NULL && strcmp(role, "pong") == 0) {
		pong();
	}
	return ping();
}
