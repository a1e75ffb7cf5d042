/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What programs for the bare board need of it, from the manuals: PL011 (Arm DDI
 * 0183G), GICv2 (IHI 0048B), GICv3 (IHI 0069), the generic timer, PSCI (DEN 0022).
 * They know of no hypervisor.
 */
#ifndef BARE_BOARD_H
#define BARE_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All is reached relative to the code: it may run anywhere. */
#pragma GCC visibility push(hidden)

#define UART_DR 0x00
#define UART_FR 0x18
#define UART_IBRD 0x24
#define UART_FBRD 0x28
#define UART_LCR_H 0x2c
#define UART_CR 0x30
#define UART_IFLS 0x34
#define UART_IMSC 0x38
#define UART_RIS 0x3c
#define UART_MIS 0x40
#define UART_ICR 0x44
#define UART_DMACR 0x48
#define UART_FR_BUSY (1u << 3)
#define UART_FR_RXFE (1u << 4)
#define UART_FR_TXFF (1u << 5)
#define UART_RX (1u << 4)
#define UART_TX (1u << 5)
#define UART_RT (1u << 6)

#define PSCI_VERSION 0x84000000u
#define PSCI_CPU_OFF 0x84000002u
#define PSCI_CPU_ON 0xc4000003u
#define PSCI_AFFINITY_INFO 0xc4000004u

#define SPURIOUS 1020u

/** struct board - where everything is; the program fills it in */
struct board {
	uintptr_t uart;
	uint32_t uart_intid;
	unsigned int gic; /* 2 or 3 */
	uintptr_t distributor;
	uintptr_t interface; /* GICv2: the CPU's; GICv3: the first redistributor */
	bool psci_by_smc;
};

extern struct board board;

/* board.c */
void print(const char *text);
void print_number(uint64_t value);
void print_hex(uint64_t value);
void gic_init(void);	 /* once */
void gic_cpu_init(void); /* on each CPU */
void gic_enable(uint32_t intid);
void gic_sgi(unsigned int cpu, uint32_t intid);
int64_t psci(uint32_t function, uint64_t a, uint64_t b, uint64_t c);
void wait_for(const volatile uint32_t *count, uint32_t wanted);

/* The program's own. interrupt() runs with interrupts masked. */
void program(const void *tree);
void second_program(uint64_t number);
void second_start(void);
void interrupt(uint32_t intid);

/* As C has it: which form of load or store that is, the compiler says. */
static inline uint32_t get(uintptr_t at)
{
	return *(volatile uint32_t *)at;
}

static inline uint32_t get16(uintptr_t at)
{
	return *(volatile uint16_t *)at;
}

static inline uint32_t get8(uintptr_t at)
{
	return *(volatile uint8_t *)at;
}

static inline void put(uintptr_t at, uint32_t value)
{
	*(volatile uint32_t *)at = value;
}

static inline void put64(uintptr_t at, uint64_t value)
{
	*(volatile uint64_t *)at = value;
}

static inline void put8(uintptr_t at, uint32_t value)
{
	*(volatile uint8_t *)at = (uint8_t)value;
}

#define READ_SYSREG(name)                                          \
	({                                                         \
		uint64_t value_;                                   \
		__asm__ volatile("mrs %0, " #name : "=r"(value_)); \
		value_;                                            \
	})
#define WRITE_SYSREG(name, value) \
	__asm__ volatile("msr " #name ", %0\n\tisb" : : "r"((uint64_t)(value)))

#endif /* BARE_BOARD_H */
