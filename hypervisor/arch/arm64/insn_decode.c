// SPDX-License-Identifier: Apache-2.0
/* From an A64 load or store to an access; pure, linked into the host's tests. */
#include <hyp/errno.h>
#include <hyp/insn.h>

/* DDI 0487, "Loads and Stores": the classes, by bits 29:27 and 25:24 */
#define CLASS_MASK UINT32_C(0x3a000000)
#define CLASS_PAIR UINT32_C(0x28000000)
#define CLASS_REGISTER UINT32_C(0x38000000)
#define CLASS_LITERAL UINT32_C(0x18000000)
#define INSN_VECTOR BIT(26)
#define INSN_UNSIGNED_OFFSET BIT(24)
#define INSN_PAIR_LOAD BIT(22)
#define INSN_LOAD BIT(22)
#define INSN_HAS_INDEX BIT(21)

#define FIELD(insn, high, low) \
	((insn) >> (low) & ((UINT32_C(1) << ((high) - (low) + 1)) - 1))
#define FIELD_RT(insn) ((uint8_t)FIELD(insn, 4, 0))
#define FIELD_RN(insn) ((uint8_t)FIELD(insn, 9, 5))
#define FIELD_RT2(insn) ((uint8_t)FIELD(insn, 14, 10))
#define FIELD_RM(insn) ((uint8_t)FIELD(insn, 20, 16))

/* INSN[@high:@low] is a signed number. */
static int64_t field_signed(uint32_t insn, unsigned int high, unsigned int low)
{
	/* A negative number keeps its sign: so GCC defines the shift. */
	return (int32_t)(insn << (31 - high)) >> (31 - high + low);
}

/* The base is written back and would be loaded too, or stored: unpredictable. */
static bool is_base_a_target(const struct insn_access *access)
{
	if (access->index_mode == INSN_INDEX_OFFSET || access->is_vector ||
	    access->base == 31) {
		return false;
	}
	return access->target[0] == access->base ||
	       (access->count == 2 && access->target[1] == access->base);
}

static int decode_pair(uint32_t insn, struct insn_access *access)
{
	static const uint8_t modes[] = {
		INSN_INDEX_OFFSET, /* no-allocate hint */
		INSN_INDEX_POST,
		INSN_INDEX_OFFSET,
		INSN_INDEX_PRE,
	};
	uint32_t size = FIELD(insn, 31, 30);
	uint32_t mode = FIELD(insn, 24, 23);

	if (size == 3) {
		return -HYP_EINVAL;
	}
	access->is_write = (insn & INSN_PAIR_LOAD) == 0;
	if (access->is_vector) {
		access->width = (uint8_t)(4u << size);
	} else {
		access->width = size == 2 ? 8 : 4;
		access->sign_extend = size == 1; /* LDPSW */
		access->is_64bit = true;
		if (size == 1 && (access->is_write || mode == 0)) {
			return -HYP_EINVAL;
		}
	}
	access->count = 2;
	access->target[1] = FIELD_RT2(insn);
	access->base = FIELD_RN(insn);
	access->index_mode = modes[mode];
	access->offset = field_signed(insn, 21, 15) * access->width;
	if (!access->is_write && access->target[0] == access->target[1]) {
		return -HYP_EINVAL;
	}
	return is_base_a_target(access) ? -HYP_EINVAL : 0;
}

/* The width, direction and extension that "size" and "opc" give. */
static int decode_kind(uint32_t insn, struct insn_access *access)
{
	uint32_t size = FIELD(insn, 31, 30);
	uint32_t opc = FIELD(insn, 23, 22);

	if (access->is_vector) {
		if (opc >= 2 && size != 0) {
			return -HYP_EINVAL;
		}
		access->width = (uint8_t)(opc >= 2 ? 16u : 1u << size);
		access->is_write = (insn & INSN_LOAD) == 0;
		return 0;
	}
	/* 10: into 64 bits, 11: into 32 bits; 64 bits have nothing to extend. */
	if ((opc == 2 && size == 3) || (opc == 3 && size >= 2)) {
		return -HYP_EINVAL;
	}
	access->width = (uint8_t)(1u << size);
	access->is_write = opc == 0;
	access->sign_extend = opc >= 2;
	access->is_64bit = opc != 3;
	return 0;
}

static int decode_index(uint32_t insn, struct insn_access *access)
{
	if (FIELD(insn, 11, 10) != 2 || FIELD(insn, 14, 14) == 0) {
		return -HYP_EINVAL;
	}
	access->index = FIELD_RM(insn);
	access->extend = (uint8_t)FIELD(insn, 15, 13);
	if (FIELD(insn, 12, 12) != 0) {
		access->shift = (uint8_t)__builtin_ctz(access->width);
	}
	return 0;
}

static int decode_register(uint32_t insn, struct insn_access *access)
{
	static const uint8_t modes[] = {
		INSN_INDEX_OFFSET,
		INSN_INDEX_POST,
		INSN_INDEX_OFFSET, /* as if from EL0 */
		INSN_INDEX_PRE,
	};
	uint32_t mode = FIELD(insn, 11, 10);

	if (decode_kind(insn, access) != 0) {
		return -HYP_EINVAL;
	}
	access->base = FIELD_RN(insn);
	if ((insn & INSN_UNSIGNED_OFFSET) != 0) {
		access->offset = (int64_t)FIELD(insn, 21, 10) * access->width;
		return 0;
	}
	if ((insn & INSN_HAS_INDEX) != 0) {
		return decode_index(insn, access);
	}
	if (mode == 2 && access->is_vector) {
		return -HYP_EINVAL;
	}
	access->index_mode = modes[mode];
	access->offset = field_signed(insn, 20, 12);
	return is_base_a_target(access) ? -HYP_EINVAL : 0;
}

static int decode_literal(uint32_t insn, struct insn_access *access)
{
	uint32_t size = FIELD(insn, 31, 30);

	if (size == 3 || (insn & INSN_UNSIGNED_OFFSET) != 0) {
		return -HYP_EINVAL;
	}
	if (access->is_vector) {
		access->width = (uint8_t)(4u << size);
	} else {
		access->width = size == 1 ? 8 : 4;
		access->sign_extend = size == 2;
		access->is_64bit = true;
	}
	access->base = INSN_BASE_PC;
	access->offset = field_signed(insn, 23, 5) * 4;
	return 0;
}

int insn_decode(uint32_t insn, struct insn_access *access)
{
	*access = (struct insn_access){
		.count = 1,
		.target = { FIELD_RT(insn), 0 },
		.index = INSN_NO_INDEX,
		.is_vector = (insn & INSN_VECTOR) != 0,
	};
	switch (insn & CLASS_MASK) {
	case CLASS_PAIR:
		return decode_pair(insn, access);
	case CLASS_REGISTER:
		return decode_register(insn, access);
	case CLASS_LITERAL:
		return decode_literal(insn, access);
	default:
		return -HYP_EINVAL;
	}
}

uint64_t insn_offset(const struct insn_access *access, uint64_t index)
{
	if (access->index == INSN_NO_INDEX) {
		return (uint64_t)access->offset;
	}
	switch (access->extend) {
	case 2: /* UXTW */
		index &= UINT32_MAX;
		break;
	case 6: /* SXTW */
		index = (uint64_t)(int64_t)(int32_t)(uint32_t)index;
		break;
	default: /* LSL, SXTX: all 64 bits */
		break;
	}
	return index << access->shift;
}
