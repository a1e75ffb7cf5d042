/* SPDX-License-Identifier: Apache-2.0 */
/* The driver's ops, bound to this hypervisor. */
#ifndef HYP_VFIO_PLATFORM_HYP_H
#define HYP_VFIO_PLATFORM_HYP_H

#include <hyp/device.h>

extern const struct vfio_platform_ops vfio_platform_hyp_ops;

/** device_board() - the board that device_init() was given */
const struct board *device_board(void);

#endif /* HYP_VFIO_PLATFORM_HYP_H */
