// SPDX-License-Identifier: Apache-2.0
// An SPI controller: the flash behind it says what it is, by interrupt.

#include <stdio.h>
#include <stdlib.h>

#include "device.h"
#include "mmio.h"
#include "runtime.h"
#include "timer.h"

/* Cadence SPI, UG1087, module SPI */
#define SPI_CONFIG 0x00
#define SPI_INTERRUPT_ENABLE 0x08
#define SPI_INTERRUPT_DISABLE 0x0c
#define SPI_ENABLE 0x14
#define SPI_TX 0x1c
#define SPI_RX 0x20
#define SPI_RX_THRESHOLD 0x2c
#define CONFIG_MASTER 0x1
#define CONFIG_CHIP_0 (1u << 14 | 0xeu << 10) /* selected by hand */
#define CONFIG_NO_CHIP (1u << 14 | 0xfu << 10)
#define INTERRUPT_RX 0x10

#define FLASH_READ_ID 0x9f
#define ID_LENGTH 3
#define TRANSFER_LENGTH (1 + ID_LENGTH)
#define TRANSFER_COUNT 5
#define TIMEOUT_MS 1000

static uintptr_t spi;
static uint8_t received[TRANSFER_LENGTH];
static unsigned int interrupt_count;

static void spi_handler(void *arg)
{
	(void)arg;
	mmio_write32(spi + SPI_INTERRUPT_DISABLE, INTERRUPT_RX);
	for (unsigned int i = 0; i < TRANSFER_LENGTH; i++) {
		received[i] = (uint8_t)mmio_read32(spi + SPI_RX);
	}
	__atomic_fetch_add(&interrupt_count, 1, __ATOMIC_RELAXED);
}

static bool is_received(void *arg)
{
	return __atomic_load_n(&interrupt_count, __ATOMIC_RELAXED) >
	       *(unsigned int *)arg;
}

/* Bytes out, as many in: the interrupt comes when all are there. */
static bool spi_read_id(unsigned int number)
{
	bool is_over;

	mmio_write32(spi + SPI_CONFIG, CONFIG_MASTER | CONFIG_CHIP_0);
	mmio_write32(spi + SPI_INTERRUPT_ENABLE, INTERRUPT_RX);
	mmio_write32(spi + SPI_TX, FLASH_READ_ID);
	for (unsigned int i = 0; i < ID_LENGTH; i++) {
		mmio_write32(spi + SPI_TX, 0);
	}
	is_over = timer_wait(is_received, &number, TIMEOUT_MS);
	mmio_write32(spi + SPI_CONFIG, CONFIG_MASTER | CONFIG_NO_CHIP);
	return is_over;
}

int main(void)
{
	bool is_pass = true;

	if (device_open("spi-demo", "cdns,spi-r1p6", spi_handler, &spi) != 0) {
		return EXIT_FAILURE;
	}
	mmio_write32(spi + SPI_RX_THRESHOLD, TRANSFER_LENGTH);
	mmio_write32(spi + SPI_ENABLE, 1);
	for (unsigned int i = 0; i < TRANSFER_COUNT && is_pass; i++) {
		is_pass = spi_read_id(i);
	}
	is_pass = is_pass && interrupt_count == TRANSFER_COUNT &&
		  received[1] != 0 && received[1] != 0xff;
	printf("spi-demo: %d transfers, %u interrupts, flash %02x %02x %02x: "
	       "%s\n",
	       TRANSFER_COUNT, interrupt_count, received[1], received[2],
	       received[3], is_pass ? "PASS" : "FAIL");
	if (!runtime_is_cell()) {
		return is_pass ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	runtime_idle();
}
