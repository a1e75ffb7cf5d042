// SPDX-License-Identifier: Apache-2.0
/*
 * From the cells' bytes to what the console shows: lines, each whole and with its
 * cell's name in front, the cells in turn. The cell in focus is shown at once, so that
 * a prompt and an echo are seen; around the line of another its unfinished one is
 * taken off the screen, by overwriting it, and written again.
 */
#include <string.h>

#include "console_internal.h"

_Static_assert(CONFIG_CELLS_MAX <= 32, "one bit each");

static struct console_port *ports[CONFIG_CELLS_MAX];
static uint32_t waiting; /* bit n: ports[n] has output */
static unsigned int turn;
static struct console_port *shown;

static void send_text(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		console_send(text[i]);
	}
}

static void send_name(const char *name)
{
	console_send('[');
	send_text(name, strlen(name));
	send_text("] ", 2);
}

/* The cursor is at the start of an empty line, or of the one that is shown. */
static void port_begin(struct console_port *port)
{
	if (!port->is_raw && !port->is_named) {
		send_name(port->name);
		port->is_named = true;
	}
}

static bool is_on_screen(const struct console_port *port)
{
	return port != NULL && (port->length != 0 || port->is_named);
}

static void erase(struct console_port *port)
{
	size_t length = port->length;

	if (port->is_named) {
		length += strlen(port->name) + 3;
	}
	console_send('\r');
	for (size_t i = 0; i < length; i++) {
		console_send(' ');
	}
	console_send('\r');
	port->is_named = false;
}

static void redraw(struct console_port *port)
{
	if (port->length != 0) {
		port_begin(port);
		send_text(port->text, port->length);
	}
}

static void line(const char *name, const char *text, size_t length)
{
	bool is_broken = is_on_screen(shown);

	if (is_broken) {
		erase(shown);
	}
	if (name != NULL) {
		send_name(name);
	}
	send_text(text, length);
	console_send('\n');
	if (is_broken) {
		redraw(shown);
	}
}

void console_line(const char *name, const char *text, size_t length)
{
	line(name, text, length);
}

/* Return: whether it ended the line. */
static bool shown_byte(struct console_port *port, char byte)
{
	if (byte == '\r' && !port->is_raw) {
		port->has_return = true;
		return false;
	}
	if (byte == '\n' ||
	    (!port->is_raw && port->length == CONSOLE_LINE_SIZE)) {
		port_begin(port);
		console_send('\n');
		port->length = 0;
		port->is_named = false;
		port->has_return = false;
		if (byte == '\n') {
			return true;
		}
	}
	if (port->has_return || byte == '\r') {
		console_send('\r');
		port->length = 0;
		port->is_named = false;
		port->has_return = false;
		if (byte == '\r') {
			return false;
		}
	}
	port_begin(port);
	console_send(byte);
	if (byte == '\b') {
		port->length = (uint16_t)(port->length - (port->length != 0));
	} else if (port->length < CONSOLE_LINE_SIZE) {
		port->text[port->length++] = byte;
	}
	return false;
}

/* The same for one that is seen by whole lines only. */
static bool hidden_byte(struct console_port *port, char byte)
{
	bool is_end = byte == '\n' || port->length == CONSOLE_LINE_SIZE;

	if (is_end) {
		line(port->is_raw ? NULL : port->name, port->text,
		     port->length);
		port->length = 0;
	}
	if (byte == '\b') {
		port->length = (uint16_t)(port->length - (port->length != 0));
	} else if (byte == '\r') {
		port->length = port->is_raw ? 0 : port->length;
	} else if (byte != '\n') {
		port->text[port->length++] = byte;
	}
	return is_end;
}

static bool port_take(struct console_port *port)
{
	char byte = port->output[port->output_out++ % CONSOLE_OUTPUT_SIZE];

	return port == shown ? shown_byte(port, byte) : hidden_byte(port, byte);
}

uint32_t console_port_room(const struct console_port *port)
{
	return CONSOLE_OUTPUT_SIZE - (port->output_in - port->output_out);
}

bool console_port_put(struct console_port *port, char byte)
{
	if (console_port_room(port) == 0) {
		return false;
	}
	port->output[port->output_in++ % CONSOLE_OUTPUT_SIZE] = byte;
	ports[port->index] = port;
	waiting |= UINT32_C(1) << port->index;
	return true;
}

/* Up to the end of a line. */
static void port_turn(struct console_port *port)
{
	while (port->output_out != port->output_in &&
	       console_backlog() < CONSOLE_BACKLOG && !port_take(port)) {
		/* the next byte */
	}
	if (port->output_out == port->output_in) {
		waiting &= ~(UINT32_C(1) << port->index);
	}
}

bool console_waits(void)
{
	return waiting != 0;
}

uint32_t console_pump(void)
{
	uint32_t drained = 0;

	while (waiting != 0 && console_backlog() < CONSOLE_BACKLOG) {
		uint32_t later = waiting & ~((UINT32_C(1) << turn) - 1);
		unsigned int next = (unsigned int)__builtin_ctz(
			later != 0 ? later : waiting);

		port_turn(ports[next]);
		drained |= UINT32_C(1) << next;
		turn = (next + 1) % CONFIG_CELLS_MAX;
	}
	return drained;
}

void console_show(struct console_port *port)
{
	if (port == shown) {
		return;
	}
	if (is_on_screen(shown)) {
		erase(shown);
	}
	shown = port;
	if (port != NULL) {
		redraw(port);
	}
}

void console_flush(struct console_port *port)
{
	while (port->output_out != port->output_in) {
		(void)port_take(port);
	}
	waiting &= ~(UINT32_C(1) << port->index);
	if (port == shown && is_on_screen(port)) {
		console_send('\n');
	} else if (port->length != 0 && !port->is_raw) {
		line(port->name, port->text, port->length);
	}
	port->length = 0;
	port->is_named = false;
	port->has_return = false;
	if (port == shown) {
		shown = NULL;
	}
}

void console_abandon(void)
{
	if (is_on_screen(shown)) {
		console_send('\n');
	}
	shown = NULL;
}
