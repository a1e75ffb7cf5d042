/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The UART that a cell finds where the board has its console's: a PL011 (Arm DDI
 * 0183G) of our own making, with the cell's end of the console behind it.
 *
 * It has no FIFOs itself. What its receive FIFO holds are the first bytes of the
 * cell's input, and its transmit FIFO fills up as the room for the cell's output gets
 * less than a FIFO. So the sender can be told to wait, and nothing that was typed is
 * lost before the cell's driver is there.
 *
 * A cell finds it as a loader leaves a UART: switched on, with FIFOs, eight bits.
 */
#ifndef HYP_VUART_H
#define HYP_VUART_H

#include <hyp/compiler.h>

#define VUART_SIZE UINT64_C(0x1000)
#define VUART_FIFO_SIZE 16u /* that of revision 1, as its identification says */
#define VUART_REGISTERS 18  /* of one word each, up to UARTICR */

/** struct vuart - its registers; guarded by the console's lock */
struct vuart {
	uint16_t word[VUART_REGISTERS]; /* [offset / 4] of those that are kept */
	uint16_t raised;		/* UARTRIS */
	bool is_full; /* the transmit FIFO is above its trigger level */
	bool line; /* as the virtual GIC has it; its writer has the cell's event
			* lock too */
};

/** struct vuart_fifos - the state of the cell's end of the console */
struct vuart_fifos {
	uint32_t received; /* bytes of input that wait */
	uint32_t room;	   /* bytes of output that would be taken */
};

/** vuart_reset() - as a loader leaves it */
void vuart_reset(struct vuart *vuart);

/**
 * vuart_read() - the register at @offset, a multiple of 4
 *
 * The data register reads as zero: whoever takes a byte of the input for it says so
 * with vuart_taken().
 */
uint32_t vuart_read(const struct vuart *vuart, uint32_t offset,
		    const struct vuart_fifos *fifos);

/** vuart_write() - all but the data register, whose writer calls vuart_sent() */
void vuart_write(struct vuart *vuart, uint32_t offset, uint32_t value);

#define VUART_DATA 0x000 /* UARTDR */

/** vuart_received() - a byte came in, and waits */
void vuart_received(struct vuart *vuart, const struct vuart_fifos *fifos);

/** vuart_taken() - bytes of the input were taken, or none was there */
void vuart_taken(struct vuart *vuart, const struct vuart_fifos *fifos);

/** vuart_sent() - a byte was written to the data register */
void vuart_sent(struct vuart *vuart, const struct vuart_fifos *fifos);

/** vuart_drained() - there may be more room for output than before */
void vuart_drained(struct vuart *vuart, const struct vuart_fifos *fifos);

/** vuart_level() - the level of its interrupt: UARTINTR */
bool vuart_level(const struct vuart *vuart);

struct cell;
struct cpu;

/**
 * vuart_claim() - a cell's interrupt for it, if its config names one
 *
 * Under the cells' lock, when the cell is being created.
 *
 * Return: 0, -HYP_ERANGE (the board's GIC has no such SPI) or -HYP_EBUSY (it is a
 * doorbell of the cell), with a sentence.
 */
struct message;
int vuart_claim(struct cell *cell, struct message *message) MUST_CHECK;

/** vuart_release() - give it back; idempotent */
void vuart_release(struct cell *cell);

/** vuart_build() - its registers in the cell's address space: they trap */
int vuart_build(struct cell *cell) MUST_CHECK;

/**
 * vuart_access() - a trapped access
 * @offset: bytes into its page
 * @width: bytes: 1, 2, 4 or 8
 * @value: read or written; unchanged on an error
 *
 * What a PL011 has no register for reads as zero and ignores writes.
 *
 * Return: 0, or -HYP_EFAULT (8 bytes wide, or not aligned).
 */
int vuart_access(struct cpu *cpu, uint32_t offset, unsigned int width,
		 bool is_write, uint64_t *value) MUST_CHECK;

#endif /* HYP_VUART_H */
