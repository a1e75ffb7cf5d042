// SPDX-License-Identifier: Apache-2.0
// An inmate's fault: say where and why, then stop the cell.

#include <stdio.h>

#include "console.h"
#include "exception.h"
#include "psci.h"
#include "runtime.h"

#define LINE_SIZE 128
#define ESR_EC_SHIFT 26

static bool is_reporting;

static const char *const kind_names[] = {
	[EXCEPTION_SYNC] = "synchronous exception",
	[EXCEPTION_IRQ] = "interrupt outside of EL1h",
	[EXCEPTION_FIQ] = "fast interrupt",
	[EXCEPTION_SERROR] = "SError",
};

/* DDI 0487, ESR_EL1, EC */
static const char *class_name(uint64_t esr)
{
	switch (esr >> ESR_EC_SHIFT & 0x3f) {
	case 0x00:
		return "unknown reason, or undefined instruction";
	case 0x07:
		return "FP or SIMD is off";
	case 0x18:
		return "system register";
	case 0x21:
		return "instruction abort";
	case 0x22:
		return "PC alignment";
	case 0x25:
		return "data abort";
	case 0x26:
		return "SP alignment";
	case 0x3c:
		return "BRK";
	default:
		return "see ESR.EC";
	}
}

void exception_report(const struct exception_frame *frame, unsigned int kind)
{
	char line[LINE_SIZE];

	if (is_reporting) {
		console_puts("inmate: a fault while reporting a fault\n");
		psci_system_off();
	}
	is_reporting = true;
	snprintf(line, sizeof(line), "\ninmate: %s (%s)\n", kind_names[kind],
		 class_name(frame->esr));
	console_puts(line);
	snprintf(line, sizeof(line), "  ESR 0x%llx FAR 0x%llx SPSR 0x%llx\n",
		 (unsigned long long)frame->esr, (unsigned long long)frame->far,
		 (unsigned long long)frame->spsr);
	console_puts(line);
	snprintf(line, sizeof(line),
		 "  ELR 0x%llx (image + 0x%llx) SP 0x%llx\n",
		 (unsigned long long)frame->elr,
		 (unsigned long long)(frame->elr - (uintptr_t)image_start),
		 (unsigned long long)frame->sp);
	console_puts(line);
	for (unsigned int i = 0; i < 31; i++) {
		snprintf(line, sizeof(line), "  x%-2u %016llx%s", i,
			 (unsigned long long)frame->x[i],
			 i % 3 == 2 || i == 30 ? "\n" : "");
		console_puts(line);
	}
	psci_system_off();
}
