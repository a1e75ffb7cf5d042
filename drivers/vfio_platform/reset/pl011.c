// SPDX-License-Identifier: Apache-2.0
/* PL011 UART: Arm DDI 0183, "Summary of registers". */
#include "reset.h"

#define UARTLCR_H 0x02c
#define UARTCR 0x030
#define UARTCR_TXE_RXE 0x300 /* its value after a hardware reset: disabled */
#define UARTIMSC 0x038
#define UARTICR 0x044
#define UARTICR_ALL 0x7ff
#define UARTDMACR 0x048

int reset_pl011(struct vfio_platform_device *dev)
{
	/* UARTLCR_H.FEN = 0 empties the FIFOs. */
	static const struct reset_write writes[] = {
		{ UARTDMACR, 0 },	    { UARTIMSC, 0 },
		{ UARTCR, UARTCR_TXE_RXE }, { UARTLCR_H, 0 },
		{ UARTICR, UARTICR_ALL },
	};

	return reset_write_all(dev, writes, ARRAY_SIZE(writes));
}
