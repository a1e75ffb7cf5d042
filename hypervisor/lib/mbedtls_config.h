/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is built of Mbed TLS (MBEDTLS_CONFIG_FILE): SHA-256 in plain C, no more, and
 * none of the functions of stdio.h that its platform.h would wrap.
 */
#ifndef LIB_MBEDTLS_CONFIG_H
#define LIB_MBEDTLS_CONFIG_H

#define MBEDTLS_SHA256_C
#define MBEDTLS_PLATFORM_NO_STD_FUNCTIONS
#define MBEDTLS_PLATFORM_ZEROIZE_ALT /* zeroize.c */

#endif /* LIB_MBEDTLS_CONFIG_H */
