/* SPDX-License-Identifier: Apache-2.0 */
/* What vectors.S hands to C when an inmate faults. */
#ifndef INMATES_LIB_EXCEPTION_H
#define INMATES_LIB_EXCEPTION_H

#define EXCEPTION_SYNC 0
#define EXCEPTION_IRQ 1
#define EXCEPTION_FIQ 2
#define EXCEPTION_SERROR 3
#define EXCEPTION_FRAME_SIZE 288

#ifndef __ASSEMBLER__

#include <stdint.h>

struct exception_frame {
	uint64_t x[31];
	uint64_t sp;
	uint64_t elr;
	uint64_t spsr;
	uint64_t esr;
	uint64_t far;
};

_Static_assert(sizeof(struct exception_frame) == EXCEPTION_FRAME_SIZE,
	       "vectors.S stores this layout");

/**
 * exception_report() - say what happened, then stop the cell
 * @frame: the registers at the fault
 * @kind: EXCEPTION_SYNC and the like
 */
_Noreturn void exception_report(const struct exception_frame *frame,
				unsigned int kind);

#endif /* __ASSEMBLER__ */

#endif /* INMATES_LIB_EXCEPTION_H */
