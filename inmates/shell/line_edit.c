// SPDX-License-Identifier: Apache-2.0
// One line from a person, edited at its end, with a few lines of history.

#include <string.h>

#include <hyp/compiler.h>

#include "console.h"
#include "line_edit.h"

#define HISTORY_COUNT 8

#define KEY_CTRL_C 0x03
#define KEY_BACKSPACE 0x08
#define KEY_CTRL_U 0x15
#define KEY_ESCAPE 0x1b
#define KEY_DELETE 0x7f

enum escape { ESCAPE_NONE, ESCAPE_STARTED, ESCAPE_SEQUENCE };

static char history[HISTORY_COUNT][LINE_SIZE];
static unsigned int history_count; /* ever; the newest is at count - 1 */
static bool was_return; /* a newline right after it is its second half */

static char get_key(void)
{
	char key;

	(void)console_read(&key, 1);
	return key;
}

static void erase(size_t count)
{
	while (count-- != 0) {
		console_puts("\b \b");
	}
}

/* Show another line in place of what is typed. */
static void replace(char *line, const char *with)
{
	erase(strlen(line));
	strcpy(line, with); /* both are LINE_SIZE */
	console_puts(line);
}

/* @back: lines ago, 0 is the empty new one. */
static void show_history(char *line, unsigned int back)
{
	replace(line, back == 0 ?
			      "" :
			      history[(history_count - back) % HISTORY_COUNT]);
}

static void remember(const char *line)
{
	const unsigned int last = (history_count - 1) % HISTORY_COUNT;

	if (*line == '\0' ||
	    (history_count != 0 && strcmp(history[last], line) == 0)) {
		return;
	}
	strcpy(history[history_count % HISTORY_COUNT], line);
	history_count++;
}

/* The arrows; other sequences are eaten. Return: lines ago to show now. */
static unsigned int arrow(char key, unsigned int back)
{
	const unsigned int most =
		history_count < HISTORY_COUNT ? history_count : HISTORY_COUNT;

	if (key == 'A' && back < most) {
		return back + 1;
	}
	if (key == 'B' && back > 0) {
		return back - 1;
	}
	return back;
}

static void edit(char *line, char key)
{
	const size_t length = strlen(line);

	if ((key == KEY_BACKSPACE || key == KEY_DELETE) && length != 0) {
		line[length - 1] = '\0';
		erase(1);
	} else if (key == KEY_CTRL_U) {
		replace(line, "");
	} else if (key >= ' ' && key < KEY_DELETE && length < LINE_SIZE - 1) {
		line[length] = key;
		line[length + 1] = '\0';
		console_write(&key, 1);
	}
}

/* Return: whether the line is complete; false: it was given up. */
static bool read_line(char *line)
{
	enum escape escape = ESCAPE_NONE;
	unsigned int back = 0;

	for (;;) {
		const char key = get_key();
		const bool is_second_half = key == '\n' && was_return;

		was_return = key == '\r';
		if (escape == ESCAPE_STARTED && (key == '[' || key == 'O')) {
			escape = ESCAPE_SEQUENCE;
		} else if (escape == ESCAPE_SEQUENCE) {
			if (key >= '@' && key <= '~') {
				const unsigned int now = arrow(key, back);

				if (now != back) {
					back = now;
					show_history(line, back);
				}
				escape = ESCAPE_NONE;
			}
		} else if (key == KEY_ESCAPE) {
			escape = ESCAPE_STARTED;
		} else if (key == '\r' || key == '\n') {
			if (!is_second_half) {
				return true;
			}
		} else if (key == KEY_CTRL_C) {
			return false;
		} else {
			escape = ESCAPE_NONE;
			edit(line, key);
		}
	}
}

void line_edit_read(const char *prompt, char *line)
{
	for (;;) {
		line[0] = '\0';
		console_puts(prompt);
		if (read_line(line)) {
			break;
		}
		console_puts("^C\n");
	}
	console_puts("\n");
	remember(line);
}
