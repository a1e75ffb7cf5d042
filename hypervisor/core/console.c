// SPDX-License-Identifier: Apache-2.0
/* The console's UART and its ring, and the cells' ends: see <hyp/console.h>. */
#include <arch/io.h>
#include <arch/stage1.h>
#include <hyp/cell.h>
#include <hyp/console.h>
#include <hyp/cpu.h>
#include <hyp/errno.h>
#include <hyp/irqchip.h>
#include <hyp/lock.h>
#include <hyp/message.h>
#include <hyp/uart.h>
#include <string.h>

#include "console_internal.h"

#define OUTPUT_SIZE 4096u /* a power of two */
#define INPUT_BURST 256u
#define SEND_DEADLINE_MS 500

/* Keys: Ctrl-] and n: the next cell's turn to get the input; Ctrl-] twice: one of it */
#define KEY_SWITCH '\x1d'
#define KEY_NEXT 'n'

/* All guarded by @lock once the MMU is on. */
static struct spinlock lock;
static const struct uart *uart;
static void *registers;
static bool
	is_driven; /* by interrupts; else output is polled, without the lock */
static char output[OUTPUT_SIZE];
static uint32_t output_in;
static uint32_t output_out;
static struct cell *focus;
static struct cell *manager; /* gets the focus of a cell that stops */
static bool has_key;	     /* KEY_SWITCH came, and what follows has not */
static uint32_t changed;     /* bit n: tell the n-th cell's interrupts */

void console_init(const struct board_console *console)
{
	uart = console->uart == BOARD_UART_CADENCE ? &uart_cadence :
						     &uart_pl011;
	if (console->uart == BOARD_UART_NONE) {
		uart = NULL;
		return;
	}
	is_driven = false;
	registers = io_pointer(console->registers.base);
	uart->init(registers);
}

void console_start(const struct board_console *console, const struct cpu *cpu)
{
	struct virq *virq = vgic_spi(console->intid);

	if (uart == NULL || virq == NULL) {
		return; /* without an interrupt output stays polled */
	}
	virq->kind = VIRQ_CONSOLE;
	irqchip->set_target(console->intid, cpu);
	irqchip->enable(console->intid);
	is_driven = true;
	uart->interrupts(registers, false);
}

/* A UART that takes nothing for so long is broken: output is dropped from then. */
static void output_byte_polled(char byte)
{
	uint64_t deadline = timer_now() + timer_ticks(SEND_DEADLINE_MS);

	while (uart != NULL && !uart->can_send(registers)) {
		if (timer_now() > deadline) {
			uart = NULL;
		}
	}
	if (uart != NULL) {
		uart->send(registers, byte);
	}
}

uint32_t console_backlog(void)
{
	return output_in - output_out;
}

static void output_drain(void)
{
	while (uart != NULL && output_out != output_in &&
	       uart->can_send(registers)) {
		uart->send(registers, output[output_out++ % OUTPUT_SIZE]);
	}
}

static void output_put(char byte)
{
	while (uart != NULL && console_backlog() == OUTPUT_SIZE) {
		output_byte_polled(output[output_out++ % OUTPUT_SIZE]);
	}
	output[output_in++ % OUTPUT_SIZE] = byte;
}

void console_send(char byte)
{
	if (uart == NULL) {
		return;
	}
	if (byte == '\n') {
		output_put('\r');
	}
	output_put(byte);
}

static struct vuart_fifos port_fifos(const struct console_port *port)
{
	return (struct vuart_fifos){
		.received = port->input_in - port->input_out,
		.room = console_port_room(port),
	};
}

/* The interrupts of @port's cell may have to change. */
static void port_changed(const struct console_port *port)
{
	if (port->is_open) {
		changed |= UINT32_C(1) << port->index;
	}
}

/* What the ring takes from the cells gives them room for more. */
static void output_pump(void)
{
	uint32_t drained = console_pump();

	while (drained != 0) {
		struct console_port *port =
			&cell_by_index((uint64_t)__builtin_ctz(drained))
				 ->console;
		struct vuart_fifos fifos = port_fifos(port);

		drained &= drained - 1;
		vuart_drained(&port->uart, &fifos);
		if (vuart_level(&port->uart) != port->uart.line) {
			port_changed(port);
		}
	}
}

static void output_done(void)
{
	if (uart == NULL) {
		output_out = output_in;
		return;
	}
	output_drain();
	if (!is_driven) {
		while (uart != NULL && output_out != output_in) {
			output_byte_polled(output[output_out++ % OUTPUT_SIZE]);
		}
		return;
	}
	if (uart != NULL) {
		uart->interrupts(registers,
				 output_out != output_in || console_waits());
	}
}

/* After the lock was released: the events and the virtual UART's line of cells. */
static void tell_changed(uint32_t cells)
{
	while (cells != 0) {
		struct cell *cell =
			cell_by_index((uint64_t)__builtin_ctz(cells));

		cells &= cells - 1;
		cell_console_changed(cell);
	}
}

/* The end of everything that changes something, with the lock held. */
static void console_done(void)
{
	uint32_t cells;

	do {
		output_pump();
		output_done();
	} while (!is_driven && console_waits());
	cells = changed;
	changed = 0;
	spinlock_unlock(&lock);
	tell_changed(cells);
}

void console_puts(const char *text)
{
	if (!is_driven) {
		console_line("bulkhead", text, strlen(text));
		output_done();
		return;
	}
	/* Locks may be held, so that no cell can be told of new room: none is made. */
	spinlock_lock(&lock);
	console_line("bulkhead", text, strlen(text));
	output_done();
	spinlock_unlock(&lock);
}

void console_panic(void)
{
	is_driven = false;
	console_abandon();
}

/* ---- input ---- */

static void focus_set(struct cell *cell)
{
	focus = cell;
	console_show(cell == NULL ? NULL : &cell->console);
}

static void focus_announce(const struct cell *cell)
{
	char text[CELL_NAME_SIZE + 24];

	text_format(text, sizeof(text), "input goes to %s", cell->name);
	console_line("bulkhead", text, strlen(text));
}

/* The next cell that runs, in the bundle's order, which may be the same. */
static void focus_next(void)
{
	uint64_t first = focus == NULL ? 0 : focus->index + UINT64_C(1);

	for (unsigned int i = 0; i < CONFIG_CELLS_MAX; i++) {
		struct cell *cell =
			cell_by_index((first + i) % CONFIG_CELLS_MAX);

		if (cell != NULL && cell->console.is_open) {
			focus_set(cell);
			focus_announce(cell);
			return;
		}
	}
}

static void input_put(char byte)
{
	struct console_port *port;
	struct vuart_fifos fifos;

	if (focus == NULL) {
		return; /* no cell runs that could want it */
	}
	port = &focus->console;
	if (port->input_in - port->input_out == CONSOLE_INPUT_SIZE) {
		focus->cpu[0]->vcpu.stat[BH_STAT_INPUT_DROPPED]++;
		return;
	}
	port->input[port->input_in++ % CONSOLE_INPUT_SIZE] = byte;
	fifos = port_fifos(port);
	vuart_received(&port->uart, &fifos);
	port_changed(port);
}

static void input_byte(char byte)
{
	if (!has_key) {
		if (byte == KEY_SWITCH) {
			has_key = true;
		} else {
			input_put(byte);
		}
		return;
	}
	has_key = false;
	if (byte == KEY_NEXT) {
		focus_next();
		return;
	}
	input_put(KEY_SWITCH);
	if (byte != KEY_SWITCH) {
		input_put(byte);
	}
}

void console_interrupt(void)
{
	spinlock_lock(&lock);
	uart->acknowledge(registers);
	for (unsigned int i = 0; i < INPUT_BURST && uart->has_input(registers);
	     i++) {
		input_byte(uart->receive(registers));
	}
	console_done();
}

/* ---- the cells' ends ---- */

size_t console_cell_write(struct cell *cell, const char *bytes, size_t count)
{
	size_t taken = 0;

	spinlock_lock(&lock);
	while (taken < count &&
	       console_port_put(&cell->console, bytes[taken])) {
		taken++;
	}
	console_done();
	return taken;
}

static size_t port_read(struct console_port *port, char *bytes, size_t count)
{
	struct vuart_fifos fifos;
	size_t taken = 0;

	while (taken < count && port->input_out != port->input_in) {
		bytes[taken++] =
			port->input[port->input_out++ % CONSOLE_INPUT_SIZE];
	}
	fifos = port_fifos(port);
	vuart_taken(&port->uart, &fifos);
	port_changed(port);
	return taken;
}

size_t console_cell_read(struct cell *cell, char *bytes, size_t count)
{
	size_t taken;

	spinlock_lock(&lock);
	taken = port_read(&cell->console, bytes, count);
	console_done();
	return taken;
}

static void uart_send(struct cell *cell, char byte)
{
	struct console_port *port = &cell->console;
	struct vuart_fifos fifos;

	if (!console_port_put(port, byte)) {
		/* Its flags said so. */
		cell->cpu[0]->vcpu.stat[BH_STAT_OUTPUT_DROPPED]++;
	}
	output_pump();
	fifos = port_fifos(port);
	vuart_sent(&port->uart, &fifos);
}

void console_cell_uart(struct cell *cell, uint32_t offset, bool is_write,
		       uint32_t *value)
{
	struct console_port *port = &cell->console;
	struct vuart_fifos fifos;
	char byte = 0;

	spinlock_lock(&lock);
	fifos = port_fifos(port);
	if (offset == VUART_DATA) {
		if (is_write) {
			uart_send(cell, (char)*value);
		} else {
			(void)port_read(port, &byte, 1);
			*value = (uint8_t)byte;
		}
	} else if (is_write) {
		vuart_write(&port->uart, offset, *value);
	} else {
		*value = vuart_read(&port->uart, offset, &fifos);
	}
	if (vuart_level(&port->uart) != port->uart.line) {
		port_changed(port);
	}
	console_done();
}

enum console_state console_cell_state(struct cell *cell)
{
	struct console_port *port = &cell->console;
	uint32_t state = 0;

	spinlock_lock(&lock);
	if (port->is_open) {
		if (port->input_in != port->input_out) {
			state |= CONSOLE_HAS_INPUT;
		}
		if (vuart_level(&port->uart)) {
			state |= CONSOLE_UART_LINE;
		}
	}
	port->uart.line = (state & CONSOLE_UART_LINE) != 0;
	spinlock_unlock(&lock);
	return (enum console_state)state;
}

void console_cell_mode(struct cell *cell, enum bh_console_mode mode)
{
	spinlock_lock(&lock);
	cell->console.is_raw = mode == BH_CONSOLE_RAW;
	spinlock_unlock(&lock);
}

void console_cell_open(struct cell *cell)
{
	struct console_port *port = &cell->console;

	spinlock_lock(&lock);
	port->name = cell->name;
	port->index = cell->index;
	port->input_out = port->input_in;
	port->is_open = true;
	vuart_reset(&port->uart);
	if (cell->config->may_manage) {
		manager = cell;
		focus_set(cell);
	}
	port_changed(port);
	console_done();
}

void console_cell_stop(struct cell *cell)
{
	struct console_port *port = &cell->console;

	spinlock_lock(&lock);
	port->is_open = false;
	console_flush(port);
	port->is_raw = false;
	if (manager == cell) {
		manager = NULL;
	}
	if (focus == cell) {
		focus_set(manager);
	}
	console_done();
	cell_console_changed(cell); /* its lines go down */
}

int console_focus(struct cell *cell)
{
	int ret = -HYP_EINVAL;

	spinlock_lock(&lock);
	if (cell->console.is_open) {
		focus_set(cell);
		focus_announce(cell);
		ret = 0;
	}
	console_done();
	return ret;
}
