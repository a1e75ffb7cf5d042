/* SPDX-License-Identifier: Apache-2.0 */
/* One line from a person: backspace, Ctrl-C, Ctrl-U, arrows for history. */
#ifndef SHELL_LINE_EDIT_H
#define SHELL_LINE_EDIT_H

#define LINE_SIZE 128 /* with the NUL */

/**
 * line_edit_read() - prompt, and read a line
 * @prompt: printed first
 * @line: LINE_SIZE bytes; the line without its end
 *
 * What is typed is echoed as it is; nothing else is written but backspaces and,
 * at the end, a newline. Ctrl-C gives up the line and prompts again. A line
 * that is not empty joins the history.
 */
void line_edit_read(const char *prompt, char *line);

#endif /* SHELL_LINE_EDIT_H */
