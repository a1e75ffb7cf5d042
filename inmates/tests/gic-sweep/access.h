/* SPDX-License-Identifier: Apache-2.0 */
/* Accesses that may fault. */
#ifndef GIC_SWEEP_ACCESS_H
#define GIC_SWEEP_ACCESS_H

#include <stdint.h>

/* DDI 0487, ESR_EL1.EC 0x25 and ISS.DFSC of a data abort */
#define ACCESS_CLASS(esr) ((esr) >> 26)
#define ACCESS_FAULT(esr) ((esr)&0x3f)
#define ACCESS_DATA_ABORT 0x25
#define ACCESS_EXTERNAL 0x10
#define ACCESS_ALIGNMENT 0x21

extern char access_vectors[];

/*
 * access_read_N(), access_write_N() - one access of N bytes, with access_vectors
 *
 * Return: ESR_EL1 of the exception that answered it, or 0.
 */
uint64_t access_read_1(uintptr_t address, uint64_t *value);
uint64_t access_read_2(uintptr_t address, uint64_t *value);
uint64_t access_read_4(uintptr_t address, uint64_t *value);
uint64_t access_read_8(uintptr_t address, uint64_t *value);
uint64_t access_write_1(uintptr_t address, uint64_t value);
uint64_t access_write_2(uintptr_t address, uint64_t value);
uint64_t access_write_4(uintptr_t address, uint64_t value);
uint64_t access_write_8(uintptr_t address, uint64_t value);

#endif /* GIC_SWEEP_ACCESS_H */
