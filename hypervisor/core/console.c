// SPDX-License-Identifier: Apache-2.0
/* The console's rings, the cells' lines, and who gets the input. */
#include <arch/io.h>
#include <arch/stage1.h>
#include <hyp/cell.h>
#include <hyp/console.h>
#include <hyp/cpu.h>
#include <hyp/errno.h>
#include <hyp/irqchip.h>
#include <hyp/lock.h>
#include <hyp/uart.h>
#include <string.h>

#define OUTPUT_SIZE 4096u /* powers of two */
#define INPUT_SIZE 256u
#define SEND_DEADLINE_MS 500
/* What a whole line may need: a raw line erased, name, text, the raw line again. */
#define LINE_ROOM (CELL_NAME_SIZE + 3 * CONSOLE_LINE_SIZE + 8)

/* All guarded by @lock once the MMU is on. */
static struct spinlock lock;
static const struct uart *uart;
static void *registers;
static bool
	is_driven; /* by interrupts; else output is polled, without the lock */
static char output[OUTPUT_SIZE];
static uint32_t output_in;
static uint32_t output_out;
static char input[INPUT_SIZE];
static uint32_t input_in;
static uint32_t input_out;
static uint64_t input_dropped;
static struct cell *focus;
static struct console_line *raw; /* the raw cell's line on the screen */

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

static uint32_t output_room(void)
{
	return OUTPUT_SIZE - (output_in - output_out);
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
	while (uart != NULL && output_room() == 0) {
		output_byte_polled(output[output_out++ % OUTPUT_SIZE]);
	}
	output[output_in++ % OUTPUT_SIZE] = byte;
}

static void output_byte(char byte)
{
	if (uart == NULL) {
		return;
	}
	if (byte == '\n') {
		output_put('\r');
	}
	output_put(byte);
}

static void output_text(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		output_byte(text[i]);
	}
}

/* Take a raw cell's unfinished line off the screen, by overwriting it. */
static void output_erase(size_t length)
{
	output_byte('\r');
	for (size_t i = 0; i < length; i++) {
		output_byte(' ');
	}
	output_byte('\r');
}

/* A whole line; a raw cell's unfinished one moves below it. */
static void output_line(const char *name, const char *text, size_t length)
{
	bool broken = raw != NULL && raw->length != 0;

	if (broken) {
		output_erase(raw->length);
	}
	output_byte('[');
	output_text(name, strlen(name));
	output_text("] ", 2);
	output_text(text, length);
	output_byte('\n');
	if (broken) {
		output_text(raw->text, raw->length);
	}
}

static void output_done(void)
{
	if (uart == NULL) {
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
		uart->interrupts(registers, output_out != output_in);
	}
}

void console_puts(const char *text)
{
	if (!is_driven) {
		output_line("bulkhead", text, strlen(text));
		output_done();
		return;
	}
	spinlock_lock(&lock);
	output_line("bulkhead", text, strlen(text));
	output_done();
	spinlock_unlock(&lock);
}

void console_panic(void)
{
	is_driven = false;
	if (raw != NULL && raw->length != 0) {
		output_byte('\n'); /* it will not be shown again */
	}
	raw = NULL;
}

static void input_signal(void)
{
	struct cell *cell = focus;

	if (cell != NULL) {
		bool waits = input_in != input_out;

		cell_event(cell, waits ? BH_EVENT_INPUT : 0,
			   waits ? 0 : BH_EVENT_INPUT);
	}
}

void console_interrupt(void)
{
	spinlock_lock(&lock);
	uart->acknowledge(registers);
	for (unsigned int i = 0; i < INPUT_SIZE && uart->has_input(registers);
	     i++) {
		char byte = uart->receive(registers);

		if (input_in - input_out == INPUT_SIZE) {
			input_dropped++;
		} else {
			input[input_in++ % INPUT_SIZE] = byte;
		}
	}
	output_done();
	spinlock_unlock(&lock);
	input_signal();
}

/* In lines: nothing is seen before the newline, so that lines stay whole. */
static bool line_byte(struct cell *cell, char byte)
{
	struct console_line *line = &cell->console;

	if (byte != '\n' && line->length < CONSOLE_LINE_SIZE) {
		if (byte != '\r') {
			line->text[line->length++] = byte;
		}
		return true;
	}
	if (output_room() < LINE_ROOM) {
		return false;
	}
	output_line(cell->name, line->text, line->length);
	line->length = 0;
	if (byte != '\n') {
		line->text[line->length++] = byte;
	}
	return true;
}

static bool raw_byte(struct console_line *line, char byte)
{
	if (output_room() < LINE_ROOM) {
		return false;
	}
	output_byte(byte);
	raw = line;
	if (byte == '\n' || byte == '\r') {
		line->length = 0;
	} else if (byte == '\b') {
		line->length = (uint16_t)(line->length - (line->length != 0));
	} else if (line->length < CONSOLE_LINE_SIZE) {
		line->text[line->length++] = byte;
	}
	return true;
}

size_t console_cell_write(struct cell *cell, const char *bytes, size_t count)
{
	size_t taken = 0;

	spinlock_lock(&lock);
	while (taken < count) {
		bool done = cell->console.is_raw ?
				    raw_byte(&cell->console, bytes[taken]) :
				    line_byte(cell, bytes[taken]);

		if (!done) {
			break;
		}
		taken++;
	}
	output_done();
	spinlock_unlock(&lock);
	return taken;
}

size_t console_cell_read(struct cell *cell, char *bytes, size_t count)
{
	size_t taken = 0;

	spinlock_lock(&lock);
	while (cell == focus && taken < count && input_out != input_in) {
		bytes[taken++] = input[input_out++ % INPUT_SIZE];
	}
	spinlock_unlock(&lock);
	if (cell == focus) {
		input_signal();
	}
	return taken;
}

void console_cell_mode(struct cell *cell, enum bh_console_mode mode)
{
	spinlock_lock(&lock);
	cell->console.is_raw = mode == BH_CONSOLE_RAW;
	if (raw == &cell->console && mode != BH_CONSOLE_RAW) {
		raw = NULL;
	}
	spinlock_unlock(&lock);
}

void console_cell_stop(struct cell *cell)
{
	spinlock_lock(&lock);
	if (!cell->console.is_raw && cell->console.length != 0) {
		output_line(cell->name, cell->console.text,
			    cell->console.length);
	}
	if (raw == &cell->console) {
		raw = NULL;
	}
	cell->console.length = 0;
	cell->console.is_raw = false;
	if (focus == cell) {
		focus = NULL;
	}
	output_done();
	spinlock_unlock(&lock);
}

void console_focus(struct cell *cell)
{
	spinlock_lock(&lock);
	focus = cell;
	spinlock_unlock(&lock);
	input_signal();
}
