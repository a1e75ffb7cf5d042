// SPDX-License-Identifier: Apache-2.0
// The console: hypercalls in a cell, a polled PL011 when bare.

#include <string.h>

#include <libfdt.h>

#include "console.h"
#include "cpu.h"
#include "devtree.h"
#include "hypercall.h"
#include "irq.h"
#include "mmio.h"
#include "mmu.h"
#include "psci.h"
#include "timer.h"

/* DDI 0183G 3.2, PL011 summary of registers */
#define PL011_DR 0x000
#define PL011_FR 0x018
#define PL011_FR_RXFE 0x10U
#define PL011_FR_TXFF 0x20U

#define INPUT_SIZE 256 /* a power of two */
#define POLL_MS 5
#define UART_TIMEOUT_US 100000
#define STDOUT_PATH_MAX 96

static uintptr_t uart; /* 0: none */
static bool is_bare;
static bool has_irq;
static bool is_held; /* the interrupt is disabled: the ring is full */
static uint32_t input_intid;
static char input[INPUT_SIZE];
static unsigned int input_head; /* free-running; where bytes come in */
static unsigned int input_tail;

static unsigned int input_count(void)
{
	return __atomic_load_n(&input_head, __ATOMIC_RELAXED) - input_tail;
}

static void input_put(char byte)
{
	input[input_head % INPUT_SIZE] = byte;
	__atomic_store_n(&input_head, input_head + 1, __ATOMIC_RELAXED);
}

/* Ask the hypervisor once. Return: bytes that came. */
static unsigned int input_from_cell(void)
{
	struct hypercall call = { { 0 } };
	const int64_t count = hypercall(BH_CONSOLE_READ, &call);

	if (count <= 0 || count > BH_CONSOLE_READ_MAX) {
		return 0;
	}
	for (unsigned int i = 0; i < (unsigned int)count; i++) {
		input_put((char)(call.x[i / 8] >> (i % 8 * 8)));
	}
	return (unsigned int)count;
}

static void input_from_uart(void)
{
	while (uart != 0 && input_count() < INPUT_SIZE &&
	       (mmio_read32(uart + PL011_FR) & PL011_FR_RXFE) == 0) {
		input_put((char)(mmio_read32(uart + PL011_DR) & 0xff));
	}
}

/* Take what waits and fits; the line falls when nothing is left. */
static void input_fill(void)
{
	if (is_bare) {
		input_from_uart();
		return;
	}
	while (INPUT_SIZE - input_count() >= BH_CONSOLE_READ_MAX) {
		if (input_from_cell() == 0) {
			return;
		}
	}
	if (has_irq && !is_held) {
		is_held = true;
		irq_disable(input_intid);
	}
}

/* The hypervisor has something to say: input, or that the cell shall end. */
static void input_handler(void *arg)
{
	struct hypercall call = { { 0 } };

	(void)arg;
	if ((hypercall(BH_EVENTS, &call) & BH_EVENT_SHUTDOWN) != 0) {
		psci_system_off();
	}
	input_fill();
}

static bool input_is_ready(void *arg)
{
	(void)arg;
	if (!has_irq) {
		input_fill();
	}
	return input_count() != 0;
}

static void find_uart(void)
{
	const void *fdt = devtree_blob();
	const int chosen = devtree_find_path("/chosen");
	const char *path =
		chosen < 0 ? NULL :
			     fdt_getprop(fdt, chosen, "stdout-path", NULL);
	char name[STDOUT_PATH_MAX];
	struct devtree_region region;
	int node = -1;

	if (path != NULL && strcspn(path, ":") < sizeof(name)) {
		memcpy(name, path, strcspn(path, ":"));
		name[strcspn(path, ":")] = '\0';
		node = devtree_find_path(name);
	}
	if (node < 0 ||
	    fdt_node_check_compatible(fdt, node, "arm,pl011") != 0) {
		node = devtree_find_compatible("arm,pl011");
	}
	if (node >= 0 && devtree_region(node, 0, &region) == 0 &&
	    mmu_map_device(region.address, region.size) == 0) {
		uart = (uintptr_t)region.address;
	}
}

void console_init(void)
{
	is_bare = devtree_blob() != NULL && devtree_hypervisor() < 0;
	if (is_bare) {
		find_uart();
	}
}

int console_init_input(void)
{
	struct devtree_irq irq;
	int result;

	if (is_bare || devtree_irq(devtree_hypervisor(), 0, &irq) != 0) {
		return 0;
	}
	input_intid = irq.intid;
	has_irq = true;
	result = irq_request(irq.intid, input_handler, NULL, irq.is_edge);
	if (result != 0) {
		has_irq = false;
	}
	return result;
}

static void uart_write(char byte)
{
	const uint64_t start_us = timer_now_us();

	if (uart == 0) {
		return;
	}
	while ((mmio_read32(uart + PL011_FR) & PL011_FR_TXFF) != 0) {
		if (timer_now_us() - start_us > UART_TIMEOUT_US) {
			return; /* the line is held: this byte is lost */
		}
		cpu_yield();
	}
	mmio_write32(uart + PL011_DR, (uint8_t)byte);
}

/* Return: bytes taken, 0 when the console is busy. */
static size_t cell_write(const char *bytes, size_t count)
{
	struct hypercall call = { { 0 } };
	int64_t taken;

	if (count > BH_CONSOLE_WRITE_MAX) {
		count = BH_CONSOLE_WRITE_MAX;
	}
	call.x[0] = count;
	memcpy(&call.x[1], bytes, count);
	taken = hypercall(BH_CONSOLE_WRITE, &call);
	if (taken < 0 || (uint64_t)taken > count) {
		return count; /* refused for good: there is nobody to tell */
	}
	return (size_t)taken;
}

void console_write(const char *bytes, size_t count)
{
	if (is_bare) {
		for (size_t i = 0; i < count; i++) {
			if (bytes[i] == '\n') {
				uart_write('\r');
			}
			uart_write(bytes[i]);
		}
		return;
	}
	while (count != 0) {
		const size_t taken = cell_write(bytes, count);

		if (taken == 0) {
			cpu_yield();
		}
		bytes += taken;
		count -= taken;
	}
}

void console_puts(const char *string)
{
	console_write(string, strlen(string));
}

bool console_wait(uint32_t timeout_ms)
{
	const uint64_t start_us = timer_now_us();
	uint32_t passed_ms = 0;

	while (!timer_wait(input_is_ready, NULL,
			   has_irq ? timeout_ms - passed_ms : POLL_MS)) {
		passed_ms = (uint32_t)((timer_now_us() - start_us) / 1000);
		if (passed_ms >= timeout_ms) {
			return false;
		}
	}
	return true;
}

size_t console_read(char *bytes, size_t size)
{
	size_t count = 0;

	while (!console_wait(60000)) {
		/* asleep meanwhile */
	}

	const uint64_t daif = cpu_irq_save();

	while (count < size && input_count() != 0) {
		bytes[count] = input[input_tail % INPUT_SIZE];
		input_tail++;
		count++;
	}
	if (is_held) {
		is_held = false;
		irq_enable(input_intid);
	}
	cpu_irq_restore(daif);
	return count;
}
