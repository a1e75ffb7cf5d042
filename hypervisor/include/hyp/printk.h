/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor's own lines on the console. */
#ifndef HYP_PRINTK_H
#define HYP_PRINTK_H

#include <hyp/compiler.h>

enum log_level {
	LOG_ERROR = 0,	/* our fault, or the machine's */
	LOG_NOTICE = 1, /* a guest's fault, or a choice said aloud */
	LOG_INFO = 2,
	LOG_DEBUG = 3,
};

/**
 * printk() - one line, "[bulkhead] " in front; levels above CONFIG_LOG_LEVEL are
 * left out. At most 256 bytes with the newline; the rest is cut.
 */
void printk(enum log_level level, const char *format, ...) PRINTF_FORMAT(2, 3);

/** panic() - an invariant of EL2 is broken: say so and why, see <hyp/panic.h> */
NORETURN void panic(const char *format, ...) PRINTF_FORMAT(1, 2) COLD;

#endif /* HYP_PRINTK_H */
