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

/* ESR_EL2.ISS of a data abort, by field */
#define ISS_ISV BIT(24)
#define ISS_SAS_SHIFT 22
#define ISS_SSE BIT(21)
#define ISS_SRT_SHIFT 16
#define ISS_SF BIT(15)
#define ISS_FNV BIT(10)
#define ISS_EA BIT(9)
#define ISS_CM BIT(8)
#define ISS_S1PTW BIT(7)
#define ISS_WNR BIT(6)
#define ISS_DFSC_TYPE UINT64_C(0x3c)
#define DFSC_TRANSLATION UINT64_C(0x04)

/**
 * mmio_is_plain() - does mmio_decode() say MMIO_ACCESS, and that no sign is extended?
 *
 * If so the three functions below give the access too.
 */
static ALWAYS_INLINE bool mmio_is_plain(uint64_t iss)
{
	return (iss & ISS_ISV) != 0 &&
	       (iss & (ISS_SSE | ISS_FNV | ISS_EA | ISS_CM | ISS_S1PTW |
		       ISS_DFSC_TYPE)) == DFSC_TRANSLATION;
}

static ALWAYS_INLINE unsigned int mmio_width(uint64_t iss)
{
	return 1u << (iss >> ISS_SAS_SHIFT & 3);
}

static ALWAYS_INLINE unsigned int mmio_target(uint64_t iss)
{
	return (unsigned int)(iss >> ISS_SRT_SHIFT & 0x1f);
}

static ALWAYS_INLINE bool mmio_is_write(uint64_t iss)
{
	return (iss & ISS_WNR) != 0;
}

/** mmio_store_value() - the bytes that a store of register value @x writes */
uint64_t mmio_store_value(unsigned int width, uint64_t x);

/** mmio_load_value() - what Xt holds after a load of @data */
uint64_t mmio_load_value(const struct mmio_access *access, uint64_t data);

/* The registers were mapped meanwhile, by another CPU: do the access once more. */
#define MMIO_RETRY 1

/**
 * mmio_access() - find who answers at @address and let it
 * @width: bytes: 1, 2, 4 or 8
 * @value: of a store: in its low bytes; of a load: filled, zero-extended, or unchanged
 *	on an error
 *
 * Return: 0, MMIO_RETRY, or a negative errno: inject an external abort.
 */
int mmio_access(struct cpu *cpu, ipa_t address, unsigned int width,
		bool is_write, uint64_t *value) MUST_CHECK;

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
