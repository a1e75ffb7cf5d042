/* SPDX-License-Identifier: Apache-2.0 */
/* Plain numbers, the same on the host. */
#include "../../../../hypervisor/arch/arm64/include/arch/cpu_offsets.h"
