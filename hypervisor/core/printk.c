// SPDX-License-Identifier: Apache-2.0
/* The hypervisor's own lines, and its last ones. */
#include <arch/power.h>
#include <hyp/console.h>
#include <hyp/lock.h>
#include <hyp/message.h>
#include <hyp/printk.h>

/* One buffer for all CPUs, so that no stack holds one; guarded by @lock. */
static char line[MESSAGE_SIZE];
static struct spinlock lock;

void printk(enum log_level level, const char *format, ...)
{
	va_list args;

	if ((int)level > CONFIG_LOG_LEVEL) {
		return;
	}
	spinlock_lock(&lock);
	va_start(args, format);
	text_format_va(line, sizeof(line), format, args);
	va_end(args);
	console_puts(line);
	spinlock_unlock(&lock);
}

void panic(const char *format, ...)
{
	va_list args;

	/* No lock: its holder may be who failed. */
	console_panic();
	console_puts("panic: the hypervisor itself failed and stops the machine");
	va_start(args, format);
	text_format_va(line, sizeof(line), format, args);
	va_end(args);
	console_puts(line);
	power_off(BOARD_CONDUIT_SMC);
}
