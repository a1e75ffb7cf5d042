/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where an inmate prints and reads: the hypervisor's console in a cell, or,
 * bare, the PL011 that stdout-path names. stdio stands on these.
 */
#ifndef INMATES_LIB_CONSOLE_H
#define INMATES_LIB_CONSOLE_H

#include <hyp/compiler.h>

/** console_init() - choose the console; with no tree, the hypervisor's */
void console_init(void);

/**
 * console_init_input() - have the console's interrupt fill a buffer
 *
 * Called by the runtime after irq_init(). A cell without one polls.
 *
 * Return: 0, or the error of irq_request().
 */
int console_init_input(void) MUST_CHECK;

/** console_write() - print bytes; returns when all are taken */
void console_write(const char *bytes, size_t count);

/** console_puts() - print a string, without a newline of its own */
void console_puts(const char *string);

/**
 * console_wait() - wait in WFI for input, but not for ever
 * @timeout_ms: the longest wait
 *
 * Return: whether console_read() would return at once.
 */
bool console_wait(uint32_t timeout_ms);

/**
 * console_read() - wait in WFI for input
 * @bytes: where it goes
 * @size: room there, bytes, not 0
 *
 * Return: bytes read, at least 1.
 */
size_t console_read(char *bytes, size_t size);

#endif /* INMATES_LIB_CONSOLE_H */
