/* SPDX-License-Identifier: Apache-2.0 */
/* A UART as the console needs it. */
#ifndef HYP_UART_H
#define HYP_UART_H

#include <hyp/compiler.h>

/** struct uart - @base: its registers; no function waits */
struct uart {
	void (*init)(void *base);
	bool (*can_send)(const void *base);
	void (*send)(void *base, char byte);
	bool (*has_input)(const void *base);
	char (*receive)(const void *base);
	/* interrupt on input always, on free space for output if @on */
	void (*interrupts)(void *base, bool output);
	void (*acknowledge)(void *base);
};

extern const struct uart uart_pl011;
extern const struct uart uart_cadence;

#endif /* HYP_UART_H */
