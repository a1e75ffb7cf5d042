// SPDX-License-Identifier: Apache-2.0
/* The registers of the emulated PL011 against Arm DDI 0183G, 3.2 and 3.3. */
#include <hyp/vuart.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#define FR 0x018
#define LCR_H 0x02c
#define IFLS 0x034
#define IMSC 0x038
#define RIS 0x03c
#define MIS 0x040
#define ICR 0x044
#define RX 0x10
#define TX 0x20
#define RT 0x40
#define RXFE 0x10
#define TXFF 0x20
#define RXFF 0x40
#define TXFE 0x80
#define BUSY 0x08
#define ROOM 1024

static struct vuart vuart;
static struct vuart_fifos fifos;

static int setup(void **state)
{
	(void)state;
	memset(&vuart, 0xff, sizeof(vuart));
	vuart_reset(&vuart);
	fifos = (struct vuart_fifos){ .room = ROOM };
	return 0;
}

static uint32_t read(uint32_t offset)
{
	return vuart_read(&vuart, offset, &fifos);
}

static void receive(unsigned int count)
{
	while (count-- != 0) {
		fifos.received++;
		vuart_received(&vuart, &fifos);
	}
}

static void take(unsigned int count)
{
	while (count-- != 0) {
		fifos.received--;
		vuart_taken(&vuart, &fifos);
	}
}

static void send(unsigned int count)
{
	while (count-- != 0) {
		fifos.room--;
		vuart_sent(&vuart, &fifos);
	}
}

/* Every word of the page: what it reads as at first, and which bits stay. */
static void test_all_registers(void **state)
{
	static const struct {
		uint32_t offset, reset, kept;
	} known[] = {
		{ FR, RXFE | TXFE, 0 }, { 0x020, 0, 0xff },
		{ 0x024, 13, 0xffff },	{ 0x028, 1, 0x3f },
		{ LCR_H, 0x70, 0xff },	{ 0x030, 0x301, 0xff87 },
		{ IFLS, 0x12, 0x3f },	{ IMSC, 0, 0x7ff },
		{ 0xfe0, 0x11, 0 },	{ 0xfe4, 0x10, 0 },
		{ 0xfe8, 0x14, 0 },	{ 0xfec, 0x00, 0 },
		{ 0xff0, 0x0d, 0 },	{ 0xff4, 0xf0, 0 },
		{ 0xff8, 0x05, 0 },	{ 0xffc, 0xb1, 0 },
	};
	unsigned int next = 0;

	(void)state;
	for (uint32_t offset = 4; offset < VUART_SIZE; offset += 4) {
		bool is_known = next < sizeof(known) / sizeof(*known) &&
				known[next].offset == offset;
		uint32_t kept = is_known ? known[next].kept : 0;
		uint32_t reset = is_known ? known[next].reset : 0;

		setup(NULL);
		assert_int_equal(read(offset), reset);
		vuart_write(&vuart, offset, UINT32_MAX);
		assert_int_equal(read(offset), kept != 0 ? kept : reset);
		vuart_write(&vuart, offset, 0);
		assert_int_equal(read(offset), kept != 0 ? 0 : reset);
		next += is_known ? 1 : 0;
	}
	assert_int_equal(next, sizeof(known) / sizeof(*known));
}

static void test_receive_levels(void **state)
{
	static const unsigned int triggers[] = { 2, 4, 8, 12, 14, 14 };

	(void)state;
	for (unsigned int i = 0; i < 6; i++) {
		setup(NULL);
		vuart_write(&vuart, IFLS, i << 3);
		receive(triggers[i] - 1);
		assert_int_equal(read(RIS), RT);
		receive(1);
		assert_int_equal(read(RIS), RX | RT);
		take(1);
		assert_int_equal(read(RIS), RT);
		take(triggers[i] - 1);
		assert_int_equal(read(RIS), 0);
	}
}

/* A driver that waits for the timeout must not be left with bytes. */
static void test_timeout_after_each_read(void **state)
{
	(void)state;
	receive(3);
	vuart_write(&vuart, ICR, 0x7ff);
	assert_int_equal(read(RIS), 0);
	take(1);
	assert_int_equal(read(RIS), RT);
	take(2);
	assert_int_equal(read(RIS), 0);
}

static void test_without_fifos(void **state)
{
	(void)state;
	vuart_write(&vuart, LCR_H, 0x60);
	receive(1);
	assert_int_equal(read(RIS), RX);
	assert_int_equal(read(FR), RXFF | TXFE);
	receive(1);
	take(1);
	assert_int_equal(read(RIS), RX);
	take(1);
	assert_int_equal(read(RIS), 0);
	assert_int_equal(read(FR), RXFE | TXFE);
	fifos.room = 1;
	send(1);
	assert_int_equal(read(FR), RXFE | TXFF | BUSY);
	assert_int_equal(read(RIS), 0);
	fifos.room = 1;
	vuart_drained(&vuart, &fifos);
	assert_int_equal(read(RIS), TX);
}

static void test_receive_flags(void **state)
{
	(void)state;
	receive(15);
	assert_int_equal(read(FR), TXFE);
	receive(1);
	assert_int_equal(read(FR), TXFE | RXFF);
	receive(200);
	assert_int_equal(read(FR), TXFE | RXFF);
}

/* As long as there is room for a FIFO, it is empty after each byte. */
static void test_transmit(void **state)
{
	(void)state;
	assert_int_equal(read(RIS), 0);
	send(1);
	assert_int_equal(read(RIS), TX);
	vuart_write(&vuart, ICR, TX);
	assert_int_equal(read(RIS), 0);
	fifos.room = 16;
	send(8); /* half of it: the level of the reset */
	assert_int_equal(read(RIS), TX);
	assert_int_equal(read(FR), RXFE | BUSY);
	send(1);
	assert_int_equal(read(RIS), 0);
	send(7);
	assert_int_equal(read(FR), RXFE | TXFF | BUSY);
	fifos.room = 7;
	vuart_drained(&vuart, &fifos);
	assert_int_equal(read(RIS), 0);
	fifos.room = 8;
	vuart_drained(&vuart, &fifos);
	assert_int_equal(read(RIS), TX);
	vuart_write(&vuart, ICR, TX);
	fifos.room = ROOM;
	vuart_drained(&vuart, &fifos); /* no new crossing of the level */
	assert_int_equal(read(RIS), 0);
}

static void test_mask(void **state)
{
	(void)state;
	receive(1);
	send(1);
	assert_false(vuart_level(&vuart));
	vuart_write(&vuart, IMSC, TX);
	assert_true(vuart_level(&vuart));
	assert_int_equal(read(MIS), TX);
	assert_int_equal(read(RIS), TX | RT);
	vuart_write(&vuart, ICR, TX);
	assert_false(vuart_level(&vuart));
	vuart_write(&vuart, IMSC, RT);
	assert_true(vuart_level(&vuart));
	take(1);
	assert_false(vuart_level(&vuart));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_all_registers, setup),
		cmocka_unit_test_setup(test_receive_levels, setup),
		cmocka_unit_test_setup(test_timeout_after_each_read, setup),
		cmocka_unit_test_setup(test_without_fifos, setup),
		cmocka_unit_test_setup(test_receive_flags, setup),
		cmocka_unit_test_setup(test_transmit, setup),
		cmocka_unit_test_setup(test_mask, setup),
	};

	return cmocka_run_group_tests_name("vuart", tests, NULL, NULL);
}
