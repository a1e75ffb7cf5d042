// SPDX-License-Identifier: Apache-2.0
/* What the console shows of several cells that write at the same time. */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "../../hypervisor/core/console_internal.h"

/* The ring: what is in it, and how much of that the UART has sent. */
static char sent[1 << 16];
static uint32_t sent_count, drained_count;
static struct console_port first, second, third;

void console_send(char byte)
{
	assert_true(sent_count < sizeof(sent) - 1);
	sent[sent_count++] = byte;
}

uint32_t console_backlog(void)
{
	return sent_count - drained_count;
}

static void drain_all(void)
{
	do {
		drained_count = sent_count;
	} while (console_pump() != 0 || console_backlog() != 0);
}

static void write_to(struct console_port *port, const char *text)
{
	for (; *text != '\0'; text++) {
		assert_true(console_port_put(port, *text));
	}
}

/* All that was shown since the last time. */
static void assert_shown(const char *text)
{
	drain_all();
	sent[sent_count] = '\0';
	assert_string_equal(sent, text);
	sent_count = drained_count = 0;
}

static int setup(void **state)
{
	(void)state;
	sent_count = drained_count = 0;
	first = (struct console_port){ .name = "one", .index = 0 };
	second = (struct console_port){ .name = "two", .index = 5 };
	third = (struct console_port){ .name = "three",
				       .index = CONFIG_CELLS_MAX - 1 };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	console_flush(&first);
	console_flush(&second);
	console_flush(&third);
	console_show(NULL);
	return 0;
}

static void test_whole_lines(void **state)
{
	(void)state;
	write_to(&first, "be");
	write_to(&second, "other\r\n");
	assert_shown("[two] other\n");
	write_to(&first, "gun\n\nnext");
	assert_shown("[one] begun\n[one] \n");
	console_line("bulkhead", "own", 3);
	assert_shown("[bulkhead] own\n");
	console_flush(&first);
	assert_shown("[one] next\n");
}

static void test_long_line(void **state)
{
	char expected[400];

	(void)state;
	for (unsigned int i = 0; i < CONSOLE_LINE_SIZE + 2; i++) {
		write_to(&first, "x");
	}
	write_to(&first, "\n");
	snprintf(expected, sizeof(expected), "[one] %.*s\n[one] xx\n",
		 CONSOLE_LINE_SIZE,
		 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	assert_shown(expected);
}

/* A raw one is shown at once, and gets its unfinished line back. */
static void test_raw(void **state)
{
	(void)state;
	first.is_raw = true;
	console_show(&first);
	write_to(&first, "> ab\bc");
	assert_shown("> ab\bc");
	write_to(&second, "hello\n");
	assert_shown("\r    \r[two] hello\n> ac");
	write_to(&first, "\r> d\n");
	assert_shown("\r> d\n");
}

/* So is one in lines that is in focus, with its name in front. */
static void test_in_focus(void **state)
{
	(void)state;
	console_show(&second);
	write_to(&second, "login: ");
	assert_shown("[two] login: ");
	write_to(&first, "x\n");
	assert_shown("\r             \r[one] x\n[two] login: ");
	write_to(&second, "me\r\nagain\rdone\n");
	assert_shown("me\n[two] again\r[two] done\n");
}

static void test_focus_moves(void **state)
{
	(void)state;
	first.is_raw = true;
	console_show(&first);
	write_to(&first, "> ");
	write_to(&second, "part");
	assert_shown("> ");
	console_show(&second);
	assert_shown("\r  \r[two] part");
	write_to(&first, "unseen\n> ");
	assert_shown("\r          \r> unseen\n[two] part");
	console_show(&first);
	assert_shown("\r          \r> ");
	write_to(&second, "ial\n");
	assert_shown("\r  \r[two] partial\n> ");
}

static void test_room(void **state)
{
	(void)state;
	assert_int_equal(console_port_room(&first), CONSOLE_OUTPUT_SIZE);
	for (unsigned int i = 0; i < CONSOLE_OUTPUT_SIZE; i++) {
		assert_true(
			console_port_put(&first, i % 32 == 31 ? '\n' : 'x'));
	}
	assert_false(console_port_put(&first, 'x'));
	assert_true(console_port_put(&second, 'x')); /* its own room */
	assert_true(console_waits());
	assert_int_equal(console_pump() & 1, 1);
	assert_true(console_backlog() < CONSOLE_BACKLOG + 64);
	assert_in_range(console_port_room(&first), 1, CONSOLE_OUTPUT_SIZE - 1);
	drain_all();
	assert_false(console_waits());
	assert_int_equal(console_port_room(&first), CONSOLE_OUTPUT_SIZE);
	sent_count = drained_count = 0;
}

/* A cell that never stops printing: another one's line waits for one of its at most. */
static void test_chatty(void **state)
{
	unsigned int before = 0;
	const char *at;

	(void)state;
	for (unsigned int i = 0; i < 10; i++) {
		while (console_port_put(&first, 'x')) {
			before += 1;
			if (before % 20 == 0) {
				(void)console_port_put(&first, '\n');
			}
		}
		drained_count =
			sent_count; /* the UART is slow: one turn each */
		console_pump();
	}
	sent_count = drained_count = 0; /* so that only what follows is seen */
	while (console_port_put(&first, 'x')) {
		/* it is full again */
	}
	write_to(&second, "quick\n");
	write_to(&third, "too\n");
	console_pump();
	sent[sent_count] = '\0';
	at = strstr(sent, "[two] quick\n");
	assert_non_null(at);
	assert_in_range(at - sent, 0, 2 * CONSOLE_LINE_SIZE);
	at = strstr(sent, "[three] too\n");
	assert_non_null(at);
	assert_in_range(at - sent, 0, 3 * CONSOLE_LINE_SIZE);
	drain_all();
	sent_count = drained_count = 0;
}

static void test_abandon(void **state)
{
	(void)state;
	first.is_raw = true;
	console_show(&first);
	write_to(&first, "> ");
	assert_shown("> ");
	console_abandon();
	console_line("bulkhead", "panic", 5);
	assert_shown("\n[bulkhead] panic\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_whole_lines, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_long_line, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_raw, setup, teardown),
		cmocka_unit_test_setup_teardown(test_in_focus, setup, teardown),
		cmocka_unit_test_setup_teardown(test_focus_moves, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_room, setup, teardown),
		cmocka_unit_test_setup_teardown(test_chatty, setup, teardown),
		cmocka_unit_test_setup_teardown(test_abandon, setup, teardown),
	};

	return cmocka_run_group_tests_name("console_lines", tests, NULL, NULL);
}
