/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's general registers on the EL2 stack, as entry.S lays them out. */
#ifndef ARCH_FRAME_H
#define ARCH_FRAME_H

#define FRAME_SIZE 256	   /* x0 to x30, padded to a multiple of 16 */
#define FRAME_IRQ_SIZE 176 /* x0 to x18, x29, x30, padded */

#ifndef __ASSEMBLER__
#include <hyp/compiler.h>

/** struct frame - what a synchronous exit saves; x[31] is 0 and not restored */
struct frame {
	uint64_t x[32];
};
_Static_assert(sizeof(struct frame) == FRAME_SIZE, "entry.S lays it out");
#endif /* __ASSEMBLER__ */

#endif /* ARCH_FRAME_H */
