/* SPDX-License-Identifier: Apache-2.0 */
/* The GICv3 list registers, which are system registers, by number. */
#ifndef ARCH_GIC_V3_LR_H
#define ARCH_GIC_V3_LR_H

#include <hyp/compiler.h>

/** gic_v3_lr_read() - ICH_LR<slot>_EL2; @slot below the implemented count */
uint64_t gic_v3_lr_read(unsigned int slot);

/** gic_v3_lr_write() - ICH_LR<slot>_EL2 := value */
void gic_v3_lr_write(unsigned int slot, uint64_t value);

#endif /* ARCH_GIC_V3_LR_H */
