// SPDX-License-Identifier: Apache-2.0
/* PL011 (Arm DDI 0183): eight bits, FIFOs on; the rate stays as U-Boot left it. */
#include <arch/io.h>
#include <hyp/uart.h>

#define UARTDR 0x000
#define UARTFR 0x018
#define UARTCR 0x030
#define UARTLCR_H 0x02c
#define UARTIMSC 0x038
#define UARTICR 0x044
#define FR_RXFE (1u << 4)
#define FR_TXFF (1u << 5)
#define CR_ENABLE ((1u << 9) | (1u << 8) | 1u) /* RXE, TXE, UARTEN */
#define LCR_H_FEN (1u << 4)
#define LCR_H_WLEN8 (3u << 5)
#define INT_RX (1u << 4)
#define INT_TX (1u << 5)
#define INT_RT (1u << 6)

static void pl011_init(void *base)
{
	io_write32(base, UARTIMSC, 0);
	io_write32(base, UARTLCR_H, LCR_H_FEN | LCR_H_WLEN8);
	io_write32(base, UARTCR, CR_ENABLE);
}

static bool pl011_can_send(const void *base)
{
	return (io_read32(base, UARTFR) & FR_TXFF) == 0;
}

static void pl011_send(void *base, char byte)
{
	io_write32(base, UARTDR, (uint8_t)byte);
}

static bool pl011_has_input(const void *base)
{
	return (io_read32(base, UARTFR) & FR_RXFE) == 0;
}

static char pl011_receive(const void *base)
{
	return (char)(io_read32(base, UARTDR) & 0xff);
}

static void pl011_interrupts(void *base, bool output)
{
	io_write32(base, UARTIMSC, INT_RX | INT_RT | (output ? INT_TX : 0));
}

static void pl011_acknowledge(void *base)
{
	io_write32(base, UARTICR, INT_RX | INT_RT | INT_TX);
}

const struct uart uart_pl011 = {
	.init = pl011_init,
	.can_send = pl011_can_send,
	.send = pl011_send,
	.has_input = pl011_has_input,
	.receive = pl011_receive,
	.interrupts = pl011_interrupts,
	.acknowledge = pl011_acknowledge,
};
