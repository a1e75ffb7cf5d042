// SPDX-License-Identifier: Apache-2.0
/* Drivers for a bare board: polled output, the GIC by its version, PSCI. */
#include "board.h"

#define GICD_CTLR 0x000
#define GICD_IGROUPR 0x080
#define GICD_ISENABLER 0x100
#define GICD_IPRIORITYR 0x400
#define GICD_ITARGETSR 0x800
#define GICD_SGIR 0xf00
#define GICD_IROUTER 0x6000
#define GICC_CTLR 0x00
#define GICC_PMR 0x04
#define GICC_IAR 0x0c
#define GICC_EOIR 0x10
#define GICR_WAKER 0x14
#define GICR_SGI 0x10000
#define GICR_STRIDE 0x20000
#define CTLR_GROUP0 (1u << 0)
#define CTLR_GROUP1 (1u << 1)
#define CTLR_ARE (1u << 4)
#define CTLR_RWP (1u << 31)
#define WAKER_SLEEP (1u << 1)
#define WAKER_ASLEEP (1u << 2)

void fault_report(uint64_t esr, uint64_t elr, uint64_t far);
void interrupt_take(void);

struct board board;

static void print_byte(char byte)
{
	while ((get(board.uart + UART_FR) & UART_FR_TXFF) != 0) {
		/* it is sent meanwhile */
	}
	put(board.uart + UART_DR, (uint8_t)byte);
}

void print(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\n') {
			print_byte('\r');
		}
		print_byte(*text);
	}
}

void print_number(uint64_t value)
{
	if (value >= 10) {
		print_number(value / 10);
	}
	print_byte((char)('0' + value % 10));
}

void print_hex(uint64_t value)
{
	unsigned int digit = value & 15;

	if (value >= 16) {
		print_hex(value / 16);
	}
	print_byte((char)(digit < 10 ? '0' + digit : 'a' + digit - 10));
}

void fault_report(uint64_t esr, uint64_t elr, uint64_t far)
{
	print("fault: ESR 0x");
	print_hex(esr);
	print(", ELR 0x");
	print_hex(elr);
	print(", FAR 0x");
	print_hex(far);
	print("\n");
}

int64_t psci(uint32_t function, uint64_t a, uint64_t b, uint64_t c)
{
	register uint64_t x0 __asm__("x0") = function;
	register uint64_t x1 __asm__("x1") = a;
	register uint64_t x2 __asm__("x2") = b;
	register uint64_t x3 __asm__("x3") = c;

	if (board.psci_by_smc) {
		__asm__ volatile("smc #0"
				 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
				 :
				 : "memory");
	} else {
		__asm__ volatile("hvc #0"
				 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
				 :
				 : "memory");
	}
	return (int64_t)x0;
}

static unsigned int cpu_number(void)
{
	return READ_SYSREG(mpidr_el1) & 0xff;
}

static uintptr_t redistributor(void)
{
	return board.interface + cpu_number() * GICR_STRIDE;
}

void gic_init(void)
{
	if (board.gic == 2) {
		put(board.distributor + GICD_CTLR, CTLR_GROUP0);
		return;
	}
	put(board.distributor + GICD_CTLR, CTLR_ARE);
	put(board.distributor + GICD_CTLR, CTLR_ARE | CTLR_GROUP1);
	while ((get(board.distributor + GICD_CTLR) & CTLR_RWP) != 0) {
		/* it takes effect */
	}
}

void gic_cpu_init(void)
{
	if (board.gic == 2) {
		put(board.interface + GICC_PMR, 0xff);
		put(board.interface + GICC_CTLR, 1);
		return;
	}
	put(redistributor() + GICR_WAKER,
	    get(redistributor() + GICR_WAKER) & ~WAKER_SLEEP);
	while ((get(redistributor() + GICR_WAKER) & WAKER_ASLEEP) != 0) {
		/* it wakes up */
	}
	WRITE_SYSREG(S3_0_C12_C12_5, 7);  /* ICC_SRE_EL1 */
	WRITE_SYSREG(S3_0_C4_C6_0, 0xff); /* ICC_PMR_EL1 */
	WRITE_SYSREG(S3_0_C12_C12_7, 1);  /* ICC_IGRPEN1_EL1 */
}

void gic_enable(uint32_t intid)
{
	uintptr_t frame = board.distributor;
	uint32_t bit = 1u << intid % 32;

	if (board.gic == 2) {
		put8(frame + GICD_IPRIORITYR + intid, 0x80);
		if (intid >= 32) {
			put8(frame + GICD_ITARGETSR + intid, 1);
		}
		put(frame + GICD_ISENABLER + intid / 32 * 4, bit);
		return;
	}
	if (intid < 32) {
		frame = redistributor() + GICR_SGI;
	} else {
		put64(frame + GICD_IROUTER + intid * 8, 0);
	}
	put(frame + GICD_IGROUPR + intid / 32 * 4,
	    get(frame + GICD_IGROUPR + intid / 32 * 4) | bit);
	put8(frame + GICD_IPRIORITYR + intid, 0x80);
	put(frame + GICD_ISENABLER + intid / 32 * 4, bit);
}

void gic_sgi(unsigned int cpu, uint32_t intid)
{
	__asm__ volatile("dsb sy");
	if (board.gic == 2) {
		put(board.distributor + GICD_SGIR, 1u << (16 + cpu) | intid);
	} else {
		/* ICC_SGI1R_EL1 */
		WRITE_SYSREG(S3_0_C12_C11_5, (uint64_t)intid << 24 | 1u << cpu);
	}
}

void interrupt_take(void)
{
	uint32_t acknowledged;

	if (board.gic == 2) {
		acknowledged = get(board.interface + GICC_IAR);
		if ((acknowledged & 0x3ff) < SPURIOUS) {
			interrupt(acknowledged & 0x3ff);
			put(board.interface + GICC_EOIR, acknowledged);
		}
		return;
	}
	acknowledged = (uint32_t)READ_SYSREG(S3_0_C12_C12_0); /* ICC_IAR1_EL1 */
	if (acknowledged < SPURIOUS) {
		interrupt(acknowledged);
		WRITE_SYSREG(S3_0_C12_C12_1, acknowledged); /* ICC_EOIR1_EL1 */
	}
}

/* Interrupts are taken in here only, so that what is printed has an order. */
void wait_for(const volatile uint32_t *count, uint32_t wanted)
{
	while (*count < wanted) {
		__asm__ volatile("wfi\n\tmsr daifclr, #2\n\tisb\n\t"
				 "msr daifset, #2"
				 :
				 :
				 : "memory");
	}
}
