/* SPDX-License-Identifier: Apache-2.0 */
/* What Mbed TLS takes of C's <assert.h>; it asserts nothing at run time. */
#ifndef LIB_ASSERT_H
#define LIB_ASSERT_H

#define static_assert _Static_assert

#endif /* LIB_ASSERT_H */
