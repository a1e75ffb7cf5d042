/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the specifications say of a GIC's registers: IHI 0048B (GICv2, no Security
 * Extensions) and IHI 0069 (GICv3, affinity routing, GICD_CTLR.DS = 1, no LPIs). Written
 * from them and from docs/, never from what the hypervisor answers.
 */
#ifndef GIC_SWEEP_MODEL_H
#define GIC_SWEEP_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** enum model_frame - blocks of registers, by what they are for */
enum model_frame {
	MODEL_DISTRIBUTOR,
	MODEL_REDISTRIBUTOR, /* RD_base and SGI_base */
	MODEL_INTERFACE,     /* GICv2: the CPU interface's second page */
	MODEL_FRAME_NR
};

/** enum model_kind - how a register behaves */
enum model_kind {
	MODEL_CTLR,
	MODEL_CONSTANT,
	MODEL_TYPER,	 /* GICv2 */
	MODEL_TYPER_CPU, /* GICR_TYPER */
	MODEL_WAKER,
	MODEL_GROUP,
	MODEL_ENABLE_SET,
	MODEL_ENABLE_CLEAR,
	MODEL_PENDING_SET,
	MODEL_PENDING_CLEAR,
	MODEL_ACTIVE_SET,
	MODEL_ACTIVE_CLEAR,
	MODEL_PRIORITY,
	MODEL_TARGETS,
	MODEL_CONFIG,
	MODEL_ROUTER,
	MODEL_SGI_CLEAR, /* GICD_CPENDSGIR */
	MODEL_SGI_SET,
	MODEL_IDENTIFICATION,
};

/** struct model_register - a run of registers of one kind */
struct model_register {
	enum model_frame frame;
	uint32_t first; /* offset of the run */
	uint32_t end;	/* the first byte after it */
	uint32_t base;	/* where the register of INTID 0 is, or would be */
	uint8_t widths; /* bit n: accesses of n bytes are for it; 8 is bit 3 */
	uint8_t kind;	/* enum model_kind */
	uint32_t value; /* of a constant */
};

/**
 * model_init() - the state that the test has put the GIC in: all zero
 * @version: 2 or 3
 * @cpus: of the cell
 */
void model_init(unsigned int version, unsigned int cpus);

/** model_own() - the cell has this interrupt */
void model_own(uint32_t intid, bool is_edge);

/** model_find() - the registers at an offset, or NULL: reserved */
const struct model_register *model_find(enum model_frame frame,
					uint32_t offset);

/** model_registers() - all of them */
const struct model_register *model_registers(size_t *count);

/*
 * model_read(), model_write() - what an aligned access gives, or does
 * @of: the CPU whose private interrupts are meant: redistributor, or banked
 */
uint64_t model_read(enum model_frame frame, unsigned int of, uint32_t offset,
		    unsigned int width);
void model_write(enum model_frame frame, unsigned int of, uint32_t offset,
		 unsigned int width, uint64_t value);

#endif /* GIC_SWEEP_MODEL_H */
