/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console: one UART, owned by EL2. Output goes through a ring that the UART's
 * interrupt drains, so that nobody waits for the line. Each cell has an end of its
 * own, with room for some output and input: whose output finds no room is told how
 * much was taken, and takes no room from another. The ends send in turn, a line at a
 * time. Input goes to the cell in focus.
 */
#ifndef HYP_CONSOLE_H
#define HYP_CONSOLE_H

#include <hyp/abi.h>
#include <hyp/board.h>
#include <hyp/vuart.h>

struct cell;
struct cpu;

/* The virtual PPI that says "input is waiting". */
#define CONSOLE_INTID 24
#define CONSOLE_LINE_SIZE 160
#define CONSOLE_OUTPUT_SIZE 1024u /* powers of two */
#define CONSOLE_INPUT_SIZE 256u

/** struct console_port - a cell's end; guarded by the console's lock */
struct console_port {
	const char *name;
	unsigned int index; /* of the cell */
	char output[CONSOLE_OUTPUT_SIZE];
	uint32_t output_in;
	uint32_t output_out;
	char input[CONSOLE_INPUT_SIZE];
	uint32_t input_in;
	uint32_t input_out;
	char text[CONSOLE_LINE_SIZE]; /* of its unfinished line */
	uint16_t length;
	bool is_raw;   /* BH_CONSOLE_RAW */
	bool is_named; /* its name stands in front of its line on the screen */
	bool has_return; /* a CR that may belong to a newline */
	bool is_open;	 /* the cell runs */
	struct vuart uart;
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

/** enum console_state - bits: what a cell is to be told by interrupts */
enum console_state {
	CONSOLE_HAS_INPUT = 1 << 0,
	CONSOLE_UART_LINE = 1 << 1, /* its virtual UART's line is up */
};

/** console_cell_state() - now, with the cell's event lock held; none when stopped */
enum console_state console_cell_state(struct cell *cell);

/** console_cell_mode() - lines or raw */
void console_cell_mode(struct cell *cell, enum bh_console_mode mode);

/**
 * console_cell_uart() - an access to a register of the cell's virtual UART
 * @offset: a multiple of 4
 * @value: read or written
 */
void console_cell_uart(struct cell *cell, uint32_t offset, bool is_write,
		       uint32_t *value);

/** console_cell_open() - the cell begins to run; one that manages gets the input */
void console_cell_open(struct cell *cell);

/** console_cell_stop() - print what is left of its output, drop the focus */
void console_cell_stop(struct cell *cell);

/**
 * console_focus() - input goes to this cell from now on
 *
 * Return: 0, or -HYP_EINVAL: it does not run.
 */
int console_focus(struct cell *cell) MUST_CHECK;

#endif /* HYP_CONSOLE_H */
