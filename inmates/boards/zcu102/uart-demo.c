// SPDX-License-Identifier: Apache-2.0
// The UART that is not the console: bytes that it sends to itself, one interrupt each.

#include <stdio.h>
#include <stdlib.h>

#include "device.h"
#include "mmio.h"
#include "runtime.h"
#include "timer.h"

/* Cadence UART, UG1087, module UART */
#define UART_CONTROL 0x00
#define UART_MODE 0x04
#define UART_INTERRUPT_ENABLE 0x08
#define UART_INTERRUPT_STATUS 0x14
#define UART_RX_TRIGGER_LEVEL 0x20
#define UART_FIFO 0x30
#define CONTROL_RESET_ENABLE 0x17 /* both ways: FIFO emptied, enabled */
#define MODE_8N1_LOOPBACK 0x220
#define INTERRUPT_RX_TRIGGER 0x1

#define TIMEOUT_MS 1000

static const char text[] = "Bulkhead";
#define TEXT_LENGTH (sizeof(text) - 1)

static uintptr_t uart;
static char received[TEXT_LENGTH];
static unsigned int interrupt_count;

static void uart_handler(void *arg)
{
	const char byte = (char)mmio_read32(uart + UART_FIFO);

	(void)arg;
	mmio_write32(uart + UART_INTERRUPT_STATUS, INTERRUPT_RX_TRIGGER);
	if (interrupt_count < TEXT_LENGTH) {
		received[interrupt_count] = byte;
	}
	__atomic_fetch_add(&interrupt_count, 1, __ATOMIC_RELAXED);
}

static bool is_received(void *arg)
{
	return __atomic_load_n(&interrupt_count, __ATOMIC_RELAXED) >
	       *(unsigned int *)arg;
}

int main(void)
{
	bool is_pass;

	if (device_open("uart-demo", "xlnx,xuartps", uart_handler, &uart) !=
	    0) {
		return EXIT_FAILURE;
	}
	mmio_write32(uart + UART_MODE, MODE_8N1_LOOPBACK);
	mmio_write32(uart + UART_CONTROL, CONTROL_RESET_ENABLE);
	mmio_write32(uart + UART_RX_TRIGGER_LEVEL, 1);
	mmio_write32(uart + UART_INTERRUPT_STATUS, UINT32_MAX);
	mmio_write32(uart + UART_INTERRUPT_ENABLE, INTERRUPT_RX_TRIGGER);
	for (unsigned int i = 0; i < TEXT_LENGTH; i++) {
		mmio_write32(uart + UART_FIFO, (uint8_t)text[i]);
		if (!timer_wait(is_received, &i, TIMEOUT_MS)) {
			break;
		}
	}
	is_pass = interrupt_count == TEXT_LENGTH;
	for (unsigned int i = 0; i < TEXT_LENGTH; i++) {
		is_pass = is_pass && received[i] == text[i];
	}
	printf("uart-demo: %u bytes, %u interrupts: %s\n",
	       (unsigned int)TEXT_LENGTH, interrupt_count,
	       is_pass ? "PASS" : "FAIL");
	if (!runtime_is_cell()) {
		return is_pass ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	runtime_idle();
}
