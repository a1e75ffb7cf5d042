/* SPDX-License-Identifier: Apache-2.0 */
/* The management calls of <hyp/abi.h>, as C functions. */
#ifndef SHELL_CELL_H
#define SHELL_CELL_H

#include <stddef.h>

#include <hyp/abi.h>
#include <hyp/compiler.h>

#define CELL_SENTENCE_SIZE (8 * BH_MESSAGE_CHUNK)

/** struct cell_info - what BH_CELL_INFO answers, field by field */
struct cell_info {
	uint64_t state;	 /* enum bh_state */
	uint64_t job;	 /* enum bh_op, or 0 */
	int64_t result;	 /* of the last job: 0 or negative errno */
	uint64_t cpus;	 /* bit n: the board's CPU n */
	uint64_t memory; /* bytes */
	uint64_t device_count;
	uint64_t reason; /* enum bh_reason */
};

/**
 * cell_name() - the name of a cell
 * @cell: from 0
 * @name: BH_NAME_SIZE + 1 bytes
 *
 * Return: 0, or a negative errno: -HYP_ENOENT (past the last), -HYP_EPERM.
 */
int cell_name(unsigned int cell, char *name) MUST_CHECK;

/**
 * cell_find() - the number of a cell, or a sentence on the console
 *
 * Return: the cell, or a negative errno after the sentence.
 */
int cell_find(const char *name) MUST_CHECK;

/**
 * cell_info() - a cell's state
 *
 * Return: 0, or a negative errno.
 */
int cell_info(unsigned int cell, struct cell_info *info) MUST_CHECK;

/**
 * cell_sentence() - what BH_MESSAGE has to say
 * @cell: from 0
 * @which: the last refusal, or why it stopped
 * @sentence: CELL_SENTENCE_SIZE bytes, NUL-terminated if there is one
 *
 * Return: its length, 0 when there is none.
 */
size_t cell_sentence(unsigned int cell, enum bh_message which, char *sentence);

/**
 * cell_do() - carry out one operation and wait for its end
 * @cell: from 0
 * @name: for the sentence
 * @flags: enum bh_op_flags
 *
 * Sleeps while it waits, and says how it ended on one line.
 *
 * Return: 0, or a negative errno after an error's sentence.
 */
int cell_do(unsigned int cell, const char *name, enum bh_op op,
	    unsigned int flags);

/** cell_do_quietly() - the same without the line, unless it fails */
int cell_do_quietly(unsigned int cell, const char *name, enum bh_op op,
		    unsigned int flags);

/**
 * cell_reset_device() - reset one of a cell's devices, and say how that ended
 * @cell: from 0
 * @name: of the cell
 * @device: the device's name in the cell's config
 *
 * Return: 0, or a negative errno after an error's sentence.
 */
int cell_reset_device(unsigned int cell, const char *name, const char *device);

/**
 * cell_report() - print the hypervisor's sentence for a failure
 * @cell: from 0
 * @error: negative errno
 */
void cell_report(unsigned int cell, const char *name, int error);

/** cell_focus() - the console's input goes to it. Return: 0, or an errno, said */
int cell_focus(unsigned int cell, const char *name);

#endif /* SHELL_CELL_H */
