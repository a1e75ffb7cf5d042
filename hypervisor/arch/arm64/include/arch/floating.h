/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's V registers; floating.S is the only place that moves them. */
#ifndef ARCH_FLOATING_H
#define ARCH_FLOATING_H

#include <hyp/compiler.h>

/**
 * floating_read(), floating_write() - V0 to V31, on the guest's CPU
 * @number: 0 to 31
 * @value: low half first
 */
void floating_read(unsigned int number, uint64_t value[2]);
void floating_write(unsigned int number, const uint64_t value[2]);

#endif /* ARCH_FLOATING_H */
