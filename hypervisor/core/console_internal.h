/* SPDX-License-Identifier: Apache-2.0 */
/* Between the UART's ring (console.c) and what goes into it (console_lines.c). */
#ifndef CORE_CONSOLE_INTERNAL_H
#define CORE_CONSOLE_INTERNAL_H

#include <hyp/console.h>

/* ---- console.c; tests/unit has its own ---- */

/** console_send() - a byte into the ring; polls when that is full */
void console_send(char byte);

/** console_backlog() - bytes in the ring */
uint32_t console_backlog(void);

/* ---- console_lines.c: pure, under the console's lock ---- */

/* So much waits in the ring before no more is taken from the cells. */
#define CONSOLE_BACKLOG 512u

/** console_port_room() - bytes of output that the port would take */
uint32_t console_port_room(const struct console_port *port);

/** console_port_put() - a byte of a cell's output; false: there is no room */
bool console_port_put(struct console_port *port, char byte);

/**
 * console_pump() - take output of the cells, until the ring holds CONSOLE_BACKLOG
 *
 * Return: the ports that have more room than before, bit n: the n-th cell's.
 */
uint32_t console_pump(void);

/** console_waits() - has a cell output that the ring has not taken yet? */
bool console_waits(void);

/** console_line() - a whole line; one that is being written moves below it */
void console_line(const char *name, const char *text, size_t length);

/** console_show() - the port whose unfinished line is on the screen; NULL: none */
void console_show(struct console_port *port);

/** console_flush() - all of a port's output, whole lines or not, and no more */
void console_flush(struct console_port *port);

/** console_abandon() - whatever is on the screen stays there: go on below it */
void console_abandon(void);

#endif /* CORE_CONSOLE_INTERNAL_H */
