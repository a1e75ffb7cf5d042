// SPDX-License-Identifier: Apache-2.0
/*
 * A program for QEMU's virt board as one finds them in tutorials: every address is
 * compiled in. It drives the GIC, the timer, the PL031 and the PL011 at EL1.
 */
#include "board.h"

#define UART 0x09000000
#define UART_INTID 33
#define RTC 0x09010000
#define RTC_INTID 34
#define GICD 0x08000000
#define GICC 0x08010000
#define GICR 0x080a0000
#define TIMER_INTID 30 /* the physical one of EL1 */

#define RTC_DR 0x00
#define RTC_MR 0x04
#define RTC_LR 0x08
#define RTC_IMSC 0x10
#define RTC_RIS 0x14
#define RTC_ICR 0x1c

#define TICKS 5
#define INPUT_WANTED 24

static volatile uint32_t tick_count, rtc_count, send_count, input_count;
static volatile uint32_t send_left;
static char input[INPUT_WANTED + 1];

static void timer_next(void)
{
	WRITE_SYSREG(cntp_tval_el0, READ_SYSREG(cntfrq_el0) / 100);
	WRITE_SYSREG(cntp_ctl_el0, 1);
}

static void uart_interrupt(void)
{
	uint32_t why = get(UART + UART_MIS);

	put(UART + UART_ICR, why & ~(UART_RX | UART_RT));
	if ((why & UART_TX) != 0) {
		if (send_left == 0) {
			put(UART + UART_IMSC, get(UART + UART_IMSC) & ~UART_TX);
			send_count++;
		} else {
			send_left--;
			put(UART + UART_DR, '.');
		}
	}
	while ((get(UART + UART_FR) & UART_FR_RXFE) == 0 &&
	       input_count < INPUT_WANTED) {
		input[input_count] = (char)get(UART + UART_DR);
		input_count++;
	}
}

void interrupt(uint32_t intid)
{
	switch (intid) {
	case TIMER_INTID:
		tick_count++;
		timer_next();
		break;
	case RTC_INTID:
		rtc_count++;
		put(RTC + RTC_ICR, 1);
		put(RTC + RTC_IMSC, 0);
		break;
	case UART_INTID:
		uart_interrupt();
		break;
	default:
		print("an interrupt that nobody asked for\n");
		break;
	}
}

/* As the manuals say: off, rate, line, on; then what reads back. */
static void uart_init(void)
{
	put(UART + UART_CR, 0);
	put(UART + UART_IMSC, 0);
	put(UART + UART_ICR, 0x7ff);
	put(UART + UART_IBRD, 26);
	put(UART + UART_FBRD, 3);
	put(UART + UART_LCR_H, 0x70);
	put(UART + UART_IFLS, 0x12);
	put(UART + UART_CR, 0x301);
}

static void uart_show(void)
{
	static const char names[] = "IBRD\0FBRD\0LCRH\0CR  \0IFLS\0IMSC\0";
	const char *name = names;
	static const uint16_t offsets[] = { UART_IBRD, UART_FBRD, UART_LCR_H,
					    UART_CR,   UART_IFLS, UART_IMSC };

	for (unsigned int i = 0; i < 6; i++, name += 5) {
		print("uart: ");
		print(name);
		print(" 0x");
		print_hex(get(UART + offsets[i]));
		print("\n");
	}
	print("uart: identification");
	for (unsigned int i = 0; i < 8; i++) {
		print(" ");
		print_hex(get(UART + 0xfe0 + 4 * i));
	}
	print("\nuart: by bytes ");
	print_hex(get8(UART + 0xfe0));
	print(", by half words ");
	print_hex(get16(UART + 0xff4));
	print("\n");
	while ((get(UART + UART_FR) & UART_FR_BUSY) != 0) {
		/* the last byte is on its way */
	}
	print("uart: FR 0x");
	print_hex(get(UART + UART_FR));
	print("\n");
}

static void timer_show(void)
{
	gic_enable(TIMER_INTID);
	timer_next();
	wait_for(&tick_count, TICKS);
	WRITE_SYSREG(cntp_ctl_el0, 0);
	print("timer: ");
	print_number(tick_count);
	print(" ticks\n");
}

/* The match value is the present time: it goes off at once. */
static void rtc_show(void)
{
	gic_enable(RTC_INTID);
	for (uint32_t i = 1; i <= 3; i++) {
		put(RTC + RTC_LR, 1000 * i);
		put(RTC + RTC_MR, 1000 * i);
		put(RTC + RTC_IMSC, 1);
		wait_for(&rtc_count, i);
	}
	print("rtc: ");
	print_number(rtc_count);
	print(" interrupts, RIS ");
	print_number(get(RTC + RTC_RIS));
	print("\n");
}

static void uart_interrupts_show(void)
{
	gic_enable(UART_INTID);
	send_left = 40;
	put(UART + UART_IMSC, UART_TX);
	put(UART + UART_DR, '.');
	wait_for(&send_count, 1);
	print("\nuart: sent by interrupts\nfixed: type, please\n");
	put(UART + UART_IMSC, UART_RX | UART_RT);
	wait_for(&input_count, INPUT_WANTED);
	print("uart: received \"");
	print(input);
	print("\"\n");
}

void second_program(uint64_t number)
{
	(void)number;
}

void program(const void *tree)
{
	(void)tree;
	board.uart = UART;
	board.uart_intid = UART_INTID;
	board.gic = (READ_SYSREG(id_aa64pfr0_el1) >> 24 & 15) != 0 ? 3 : 2;
	board.distributor = GICD;
	board.interface = board.gic == 3 ? GICR : GICC;
	uart_init();
	print("fixed: EL");
	print_number(READ_SYSREG(currentel) >> 2);
	print(", GICv");
	print_number(board.gic);
	print("\n");
	uart_show();
	gic_init();
	gic_cpu_init();
	timer_show();
	rtc_show();
	uart_interrupts_show();
	print("fixed: done\n");
}
