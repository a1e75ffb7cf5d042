/* SPDX-License-Identifier: Apache-2.0 */
/* The version of this source tree. */
#ifndef HYP_VERSION_H
#define HYP_VERSION_H

#define BULKHEAD_VERSION "0.1.0"

#endif /* HYP_VERSION_H */
