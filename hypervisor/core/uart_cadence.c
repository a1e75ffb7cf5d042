// SPDX-License-Identifier: Apache-2.0
/* Cadence UART (Xilinx UG1085, UART registers), as the loader left it. */
#include <arch/io.h>
#include <hyp/uart.h>

#define UART_CR 0x00
#define UART_IER 0x08
#define UART_IDR 0x0c
#define UART_ISR 0x14
#define UART_RXWM 0x20
#define UART_SR 0x2c
#define UART_FIFO 0x30
#define CR_TX_ENABLE (1u << 4)
#define CR_RX_ENABLE (1u << 2)
#define SR_RX_EMPTY (1u << 1)
#define SR_TX_FULL (1u << 4)
#define INT_RX_TRIGGER (1u << 0)
#define INT_TX_EMPTY (1u << 3)
#define INT_RX_TIMEOUT (1u << 8)

static void cadence_init(void *base)
{
	io_write32(base, UART_IDR, UINT32_MAX);
	io_write32(base, UART_CR, CR_TX_ENABLE | CR_RX_ENABLE);
	io_write32(base, UART_RXWM, 1);
}

static bool cadence_can_send(const void *base)
{
	return (io_read32(base, UART_SR) & SR_TX_FULL) == 0;
}

static void cadence_send(void *base, char byte)
{
	io_write32(base, UART_FIFO, (uint8_t)byte);
}

static bool cadence_has_input(const void *base)
{
	return (io_read32(base, UART_SR) & SR_RX_EMPTY) == 0;
}

static char cadence_receive(const void *base)
{
	return (char)(io_read32(base, UART_FIFO) & 0xff);
}

static void cadence_interrupts(void *base, bool output)
{
	io_write32(base, UART_IDR, output ? 0 : INT_TX_EMPTY);
	io_write32(base, UART_IER,
		   INT_RX_TRIGGER | INT_RX_TIMEOUT |
			   (output ? INT_TX_EMPTY : 0));
}

static void cadence_acknowledge(void *base)
{
	io_write32(base, UART_ISR, io_read32(base, UART_ISR));
}

const struct uart uart_cadence = {
	.init = cadence_init,
	.can_send = cadence_can_send,
	.send = cadence_send,
	.has_input = cadence_has_input,
	.receive = cadence_receive,
	.interrupts = cadence_interrupts,
	.acknowledge = cadence_acknowledge,
};
