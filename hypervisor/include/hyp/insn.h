/* SPDX-License-Identifier: Apache-2.0 */
/* An A64 load or store whose data abort has no syndrome, from its 32 bits. */
#ifndef HYP_INSN_H
#define HYP_INSN_H

#include <hyp/compiler.h>

#define INSN_BASE_PC 32	 /* the base is the instruction's own address */
#define INSN_NO_INDEX 32 /* no register is added to the base */
#define INSN_ELEMENTS_MAX 2

/** enum insn_index - when the base register gets the offset added */
enum insn_index {
	INSN_INDEX_OFFSET, /* never */
	INSN_INDEX_PRE,	   /* before the access, and it is kept */
	INSN_INDEX_POST,   /* after the access, and it is kept */
};

/** struct insn_access - what one instruction does */
struct insn_access {
	int64_t offset; /* bytes; INSN_NO_INDEX: the whole offset */
	uint8_t width;	/* of an element, bytes: 1, 2, 4, 8 or 16 */
	uint8_t count;	/* elements, one after the other: 1 or 2 */
	uint8_t target[INSN_ELEMENTS_MAX]; /* Xt or Vt; Xt 31: zero register */
	uint8_t base;			   /* Xn; 31: SP, or INSN_BASE_PC */
	uint8_t index;			   /* Xm, or INSN_NO_INDEX */
	uint8_t extend;	    /* of the index: the field "option" */
	uint8_t shift;	    /* of the index, to the left, bits */
	uint8_t index_mode; /* enum insn_index */
	bool is_write;
	bool is_vector;	  /* V registers; what is not loaded becomes zero */
	bool sign_extend; /* of a load into Xt */
	bool is_64bit;	  /* of a sign extension: else bits 63:32 are zero */
};

/**
 * insn_decode() - DDI 0487, A64 "Loads and Stores"
 * @insn: the instruction
 *
 * Known are: load and store of a register, of a literal and of a pair, with each
 * of their addressing forms, general and SIMD&FP. All others (exclusive, ordered
 * and atomic ones, structures, tags), what is unallocated, and what is CONSTRAINED
 * UNPREDICTABLE (a base register that is a target too and written back, a pair
 * loaded into one register) are not.
 *
 * Return: 0, or -HYP_EINVAL: none of the known; @access is undefined.
 */
int insn_decode(uint32_t insn, struct insn_access *access) MUST_CHECK;

/**
 * insn_offset() - bytes to add to the base
 * @index: value of the register access->index; ignored without one
 */
uint64_t insn_offset(const struct insn_access *access, uint64_t index);

#endif /* HYP_INSN_H */
