// SPDX-License-Identifier: Apache-2.0
// A CAN controller in loopback: frames that it sends to itself, one interrupt each.

#include <stdio.h>
#include <stdlib.h>

#include "device.h"
#include "mmio.h"
#include "runtime.h"
#include "timer.h"

/* UG1087, module CAN */
#define CAN_RESET 0x00
#define CAN_MODE 0x04
#define CAN_INTERRUPT_ENABLE 0x20
#define CAN_INTERRUPT_CLEAR 0x24
#define CAN_TX_ID 0x30
#define CAN_TX_LENGTH 0x34
#define CAN_TX_DATA_1 0x38
#define CAN_TX_DATA_2 0x3c /* the write of which sends the frame */
#define CAN_RX_ID 0x50
#define CAN_RX_LENGTH 0x54
#define CAN_RX_DATA_1 0x58
#define CAN_RX_DATA_2 0x5c /* the read of which takes the frame off */
#define RESET_ENABLE 0x2
#define MODE_LOOPBACK 0x2
#define INTERRUPT_RX_OK 0x10

#define ID_SHIFT 21
#define LENGTH_SHIFT 28

#define FRAME_COUNT 10
#define TIMEOUT_MS 1000

static uintptr_t can;
static unsigned int interrupt_count;
static unsigned int right_count;

/* What frame n is made of. */
static uint32_t frame_id(uint32_t n)
{
	return (0x100 + n) << ID_SHIFT;
}

static uint32_t frame_data(uint32_t n)
{
	return n * 0x01010101u;
}

static void can_handler(void *arg)
{
	const uint32_t n = interrupt_count;
	uint32_t id, data_1, data_2;

	(void)arg;
	mmio_write32(can + CAN_INTERRUPT_CLEAR, INTERRUPT_RX_OK);
	id = mmio_read32(can + CAN_RX_ID);
	(void)mmio_read32(can + CAN_RX_LENGTH);
	data_1 = mmio_read32(can + CAN_RX_DATA_1);
	data_2 = mmio_read32(can + CAN_RX_DATA_2);
	right_count += id == frame_id(n) && data_1 == frame_data(n) &&
		       data_2 == ~frame_data(n);
	__atomic_fetch_add(&interrupt_count, 1, __ATOMIC_RELAXED);
}

static bool is_received(void *arg)
{
	return __atomic_load_n(&interrupt_count, __ATOMIC_RELAXED) >
	       *(uint32_t *)arg;
}

int main(void)
{
	bool is_pass;

	if (device_open("can-demo", "xlnx,zynq-can-1.0", can_handler, &can) !=
	    0) {
		return EXIT_FAILURE;
	}
	mmio_write32(can + CAN_RESET, 0);
	mmio_write32(can + CAN_MODE, MODE_LOOPBACK);
	mmio_write32(can + CAN_INTERRUPT_CLEAR, UINT32_MAX);
	mmio_write32(can + CAN_INTERRUPT_ENABLE, INTERRUPT_RX_OK);
	mmio_write32(can + CAN_RESET, RESET_ENABLE);
	for (uint32_t i = 0; i < FRAME_COUNT; i++) {
		mmio_write32(can + CAN_TX_ID, frame_id(i));
		mmio_write32(can + CAN_TX_LENGTH, 8u << LENGTH_SHIFT);
		mmio_write32(can + CAN_TX_DATA_1, frame_data(i));
		mmio_write32(can + CAN_TX_DATA_2, ~frame_data(i));
		if (!timer_wait(is_received, &i, TIMEOUT_MS)) {
			break;
		}
	}
	is_pass = interrupt_count == FRAME_COUNT && right_count == FRAME_COUNT;
	printf("can-demo: %d frames, %u interrupts, %u right: %s\n",
	       FRAME_COUNT, interrupt_count, right_count,
	       is_pass ? "PASS" : "FAIL");
	if (!runtime_is_cell()) {
		return is_pass ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	runtime_idle();
}
