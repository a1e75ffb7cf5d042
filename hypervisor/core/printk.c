// SPDX-License-Identifier: Apache-2.0
/* The hypervisor's own lines. */
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
