// SPDX-License-Identifier: Apache-2.0
// The performance monitors: cycles, and instructions in counter 0.

#include <hyp/errno.h>

#include "cpu.h"
#include "pmu.h"

#define PMCR_E BIT(0)
#define PMCR_P BIT(1)
#define PMCR_C BIT(2)
#define PMCR_LC BIT(6)	    /* 64 bits of cycles */
#define FILTER_NSH BIT(27)  /* count at EL2 too */
#define EVENT_INST_RETIRED 0x08
#define CYCLES BIT(31)

int pmu_start(void)
{
	const uint64_t version = CPU_READ(id_aa64dfr0_el1) >> 8 & 0xf;

	if (version == 0 || version == 0xf) {
		return -HYP_ENODEV;
	}
	CPU_WRITE(pmcr_el0, PMCR_P | PMCR_C | PMCR_LC);
	CPU_WRITE(pmccfiltr_el0, FILTER_NSH);
	CPU_WRITE(pmselr_el0, 0);
	cpu_isb();
	CPU_WRITE(pmxevtyper_el0, FILTER_NSH | EVENT_INST_RETIRED);
	CPU_WRITE(pmcntenset_el0, CYCLES | 1);
	CPU_WRITE(pmcr_el0, PMCR_E | PMCR_LC);
	cpu_isb();
	return 0;
}
