/* SPDX-License-Identifier: Apache-2.0 */
/* Features past Armv8.0 that a cell is not granted. */
#ifndef ARCH_FEATURES_H
#define ARCH_FEATURES_H

/**
 * features_hand_over() - deny them to this CPU's next guest, where HCR_EL2, MDCR_EL2
 * and CPTR_EL2 do not, and clear what they have kept of the last one
 */
void features_hand_over(void);

#endif /* ARCH_FEATURES_H */
