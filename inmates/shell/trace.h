/* SPDX-License-Identifier: Apache-2.0 */
/* The command "trace": what the hypervisor did for assigned devices. */
#ifndef SHELL_TRACE_H
#define SHELL_TRACE_H

/**
 * trace_command() - carry out "trace ..."
 * @word: the words after "trace"
 * @count: of @word
 */
void trace_command(char *const *word, unsigned int count);

#endif /* SHELL_TRACE_H */
