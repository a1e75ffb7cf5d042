/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console: one UART, owned by EL2. Output goes through a ring that the UART's
 * interrupt drains, so that nobody waits for the line; a cell whose bytes find no
 * room is told how many were taken. Input goes to the cell in focus.
 */
#ifndef HYP_CONSOLE_H
#define HYP_CONSOLE_H

#include <hyp/abi.h>
#include <hyp/board.h>

struct cell;
struct cpu;

/* The virtual PPI that says "input is waiting". */
#define CONSOLE_INTID 24
#define CONSOLE_LINE_SIZE 160

/** struct console_line - a cell's unfinished line; guarded by the console's lock */
struct console_line {
	char text[CONSOLE_LINE_SIZE];
	uint16_t length;
	bool is_raw; /* BH_CONSOLE_RAW */
};

/** console_init() - the UART's registers, usable with the MMU off; polled */
void console_init(const struct board_console *console);

/** console_start() - the GIC is up: use the UART's interrupt, on @cpu */
void console_start(const struct board_console *console, const struct cpu *cpu);

/** console_puts() - a line of EL2's own, whole; polls when the ring is full */
void console_puts(const char *text);

/** console_panic() - from now on output is polled and takes no lock */
void console_panic(void);

/** console_interrupt() - the UART's interrupt */
void console_interrupt(void);

/** console_cell_write() - Return: how many of @count bytes were taken */
size_t console_cell_write(struct cell *cell, const char *bytes, size_t count);

/** console_cell_read() - Return: how many bytes were waiting, at most @count */
size_t console_cell_read(struct cell *cell, char *bytes, size_t count);

/** console_cell_mode() - lines or raw */
void console_cell_mode(struct cell *cell, enum bh_console_mode mode);

/** console_cell_stop() - print what is left of its last line, drop the focus */
void console_cell_stop(struct cell *cell);

/** console_focus() - input goes to this cell; NULL: to nobody */
void console_focus(struct cell *cell);

#endif /* HYP_CONSOLE_H */
