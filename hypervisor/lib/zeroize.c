// SPDX-License-Identifier: Apache-2.0
/*
 * Mbed TLS's wish to wipe a hash state: ours hashes nothing secret, and the
 * library's own version keeps a function pointer in .data, which must stay empty.
 */
#include <mbedtls/platform_util.h>
#include <string.h>

void mbedtls_platform_zeroize(void *buf, size_t len)
{
	memset(buf, 0, len);
}
