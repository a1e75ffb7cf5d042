/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's general registers on the EL2 stack, as entry.S lays them out. */
#ifndef ARCH_FRAME_H
#define ARCH_FRAME_H

#define FRAME_SIZE 256	   /* x0 to x30, padded to a multiple of 16 */
#define FRAME_IRQ_SIZE 144 /* x0 to x16, x30 */

#ifndef __ASSEMBLER__
#include <hyp/compiler.h>

/**
 * struct frame - what a synchronous exit saves; x[31] is 0 and not restored
 *
 * Of a call, x[0] to x[16] and x[30] only; so too of a load, store, MSR or MRS of one of
 * the first 16.
 */
struct frame {
	uint64_t x[32];
};
_Static_assert(sizeof(struct frame) == FRAME_SIZE, "entry.S lays it out");
#endif /* __ASSEMBLER__ */

#endif /* ARCH_FRAME_H */
