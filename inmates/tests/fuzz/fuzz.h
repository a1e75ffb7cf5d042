/* SPDX-License-Identifier: Apache-2.0 */
/* The fuzzer's accesses, each of which may fault and is skipped then. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdint.h>

#define FUZZ_MAGIC UINT64_C(0x313052455a5a5546) /* "FUZZER01" */

/** struct fuzz_record - read from outside */
struct fuzz_record {
	uint64_t magic;
	uint64_t seed;
	uint64_t step_count[2]; /* of each CPU */
	uint64_t fault_count;	/* exceptions that were skipped */
};

extern char fuzz_vectors[];
extern uint64_t fuzz_faults;

uint64_t fuzz_read(uint64_t address, uint64_t width);
void fuzz_write(uint64_t address, uint64_t width, uint64_t value);
void fuzz_pair(uint64_t address); /* no syndrome */
void fuzz_branch(uint64_t address);
void fuzz_hvc(const uint64_t *x);
void fuzz_smc(const uint64_t *x);
void fuzz_execute(uint32_t *code, uint64_t value); /* @code: two words of RAM */

/** fuzz_mmu_off() - addresses are the cell's own from here on; vectors that skip */
void fuzz_mmu_off(void);

/** fuzz_second() - entry of the second CPU, x0 = its stack; goes to fuzz_run(1) */
void fuzz_second(void);

/** fuzz_run() - for ever */
_Noreturn void fuzz_run(unsigned int cpu);

#endif /* FUZZ_FUZZ_H */
