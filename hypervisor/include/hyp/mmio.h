/* SPDX-License-Identifier: Apache-2.0 */
/* A guest's trapped access: what it was, and who answers it. */
#ifndef HYP_MMIO_H
#define HYP_MMIO_H

#include <hyp/addr.h>

struct cpu;
struct frame;

/** struct mmio_access - a decoded load or store */
struct mmio_access {
	uint8_t width;	/* bytes: 1, 2, 4 or 8 */
	uint8_t target; /* Xt: 0 to 30, 31: the zero register */
	bool is_write;
	bool sign_extend;
	bool is_64bit; /* of the target: else bits 63:32 become zero */
};

/** enum mmio_verdict - what a data abort's syndrome says */
enum mmio_verdict {
	MMIO_ACCESS,	  /* decoded */
	MMIO_SKIP,	  /* cache maintenance: nothing to do */
	MMIO_NO_SYNDROME, /* ISV = 0 */
	MMIO_ABORT,	  /* nothing to emulate: give it back to the guest */
};

/**
 * mmio_decode() - DDI 0487, ISS encoding for an exception from a Data Abort
 * @iss: ESR_EL2.ISS, bits 24:0
 * @access: filled when the verdict is MMIO_ACCESS
 */
enum mmio_verdict mmio_decode(uint64_t iss, struct mmio_access *access);

/** mmio_store_value() - the bytes that a store of register value @x writes */
uint64_t mmio_store_value(const struct mmio_access *access, uint64_t x);

/** mmio_load_value() - what Xt holds after a load of @data */
uint64_t mmio_load_value(const struct mmio_access *access, uint64_t data);

/* The registers were mapped meanwhile, by another CPU: do the access once more. */
#define MMIO_RETRY 1

/**
 * mmio_read() - find who answers at @address and let it
 * @width: bytes: 1, 2, 4 or 8
 * @value: filled, zero-extended; unchanged on an error
 *
 * Return: 0, MMIO_RETRY, or a negative errno: inject an external abort.
 */
int mmio_read(struct cpu *cpu, ipa_t address, unsigned int width,
	      uint64_t *value) MUST_CHECK;

/** mmio_write() - the same for a store of @value, zero-extended */
int mmio_write(struct cpu *cpu, ipa_t address, unsigned int width,
	       uint64_t value) MUST_CHECK;

#define MMIO_PARTS_MAX 4

/** struct mmio_part - one of the accesses of an instruction */
struct mmio_part {
	ipa_t address;
	uint64_t value; /* as for mmio_read() and mmio_write() */
	uint8_t width;	/* bytes: 1, 2, 4 or 8 */
};

/**
 * mmio_parts() - the accesses of one instruction, in order, up to a failing one
 * @part_count: 1 to MMIO_PARTS_MAX
 *
 * Those to a device must be in one region of it, and are one EOI together. Those to
 * what the hypervisor emulates are as many accesses of their own.
 *
 * Return: as mmio_read().
 */
int mmio_parts(struct cpu *cpu, struct mmio_part *parts,
	       unsigned int part_count, bool is_write) MUST_CHECK;

/** mmio_init() - where the virtual GIC's registers are */
struct board_gic;
void mmio_init(const struct board_gic *gic);

#endif /* HYP_MMIO_H */
