// SPDX-License-Identifier: Apache-2.0
/* The registers of the emulated PL011; pure. Arm DDI 0183G 3.2 and 3.3. */
#include <hyp/vuart.h>

#define UARTFR 0x018
#define UARTILPR 0x020
#define UARTIBRD 0x024
#define UARTFBRD 0x028
#define UARTLCR_H 0x02c
#define UARTCR 0x030
#define UARTIFLS 0x034
#define UARTIMSC 0x038
#define UARTRIS 0x03c
#define UARTMIS 0x040
#define UARTICR 0x044
#define UARTPERIPHID0 0xfe0

#define FR_BUSY (1u << 3)
#define FR_RXFE (1u << 4)
#define FR_TXFF (1u << 5)
#define FR_RXFF (1u << 6)
#define FR_TXFE (1u << 7)
#define LCR_H_FEN (1u << 4)
#define LCR_H_WLEN8 (3u << 5)
#define CR_ON 0x301u /* RXE, TXE, UARTEN */
#define IFLS_RESET 0x12u
#define IFLS_RX_SHIFT 3
#define IFLS_MASK 7u
#define INT_RX (1u << 4)
#define INT_TX (1u << 5)
#define INT_RT (1u << 6)

/* 115200 baud from 24 MHz; kept and read back, but nothing is slowed down. */
#define IBRD_115200 13u
#define FBRD_115200 1u

/* [offset / 4]: the bits that can be written and read back */
static const uint16_t kept[VUART_REGISTERS] = {
	[UARTILPR / 4] = 0xff,	[UARTIBRD / 4] = 0xffff, [UARTFBRD / 4] = 0x3f,
	[UARTLCR_H / 4] = 0xff, [UARTCR / 4] = 0xff87,	 [UARTIFLS / 4] = 0x3f,
	[UARTIMSC / 4] = 0x7ff,
};

/* UARTPeriphID0 to 3: part 0x011, designer Arm, revision 1; UARTPCellID0 to 3 */
static const uint8_t identification[] = { 0x11, 0x10, 0x14, 0x00,
					  0x0d, 0xf0, 0x05, 0xb1 };

/* UARTIFLS: eighths of a FIFO: 1, 2, 4, 6, 7; what is reserved is the last */
static const uint8_t eighths[] = { 1, 2, 4, 6, 7, 7, 7, 7 };

static uint32_t fifo_size(const struct vuart *vuart)
{
	return (vuart->word[UARTLCR_H / 4] & LCR_H_FEN) != 0 ? VUART_FIFO_SIZE :
							       1;
}

/* The receive interrupt: with so many bytes, or more. */
static uint32_t receive_trigger(const struct vuart *vuart)
{
	uint32_t select = vuart->word[UARTIFLS / 4] >> IFLS_RX_SHIFT;
	uint32_t size = fifo_size(vuart);

	return size == 1 ? 1 : size * eighths[select & IFLS_MASK] / 8;
}

/* The transmit interrupt: with so many bytes, or fewer. */
static uint32_t transmit_trigger(const struct vuart *vuart)
{
	uint32_t select = vuart->word[UARTIFLS / 4] & IFLS_MASK;
	uint32_t size = fifo_size(vuart);

	return size == 1 ? 0 : size * eighths[select] / 8;
}

static uint32_t transmit_count(const struct vuart *vuart,
			       const struct vuart_fifos *fifos)
{
	uint32_t size = fifo_size(vuart);

	return fifos->room < size ? size - fifos->room : 0;
}

static void interrupt_raise(struct vuart *vuart, uint32_t interrupts)
{
	vuart->raised = (uint16_t)(vuart->raised | interrupts);
}

static void interrupt_lower(struct vuart *vuart, uint32_t interrupts)
{
	vuart->raised = (uint16_t)(vuart->raised & ~interrupts);
}

void vuart_reset(struct vuart *vuart)
{
	for (unsigned int i = 0; i < VUART_REGISTERS; i++) {
		vuart->word[i] = 0;
	}
	vuart->word[UARTIBRD / 4] = IBRD_115200;
	vuart->word[UARTFBRD / 4] = FBRD_115200;
	vuart->word[UARTLCR_H / 4] = LCR_H_FEN | LCR_H_WLEN8;
	vuart->word[UARTCR / 4] = CR_ON;
	vuart->word[UARTIFLS / 4] = IFLS_RESET;
	vuart->raised = 0;
	vuart->is_full = false;
}

static uint32_t flags(const struct vuart *vuart,
		      const struct vuart_fifos *fifos)
{
	uint32_t value = 0;

	if (fifos->received == 0) {
		value |= FR_RXFE;
	} else if (fifos->received >= fifo_size(vuart)) {
		value |= FR_RXFF;
	}
	if (transmit_count(vuart, fifos) == 0) {
		value |= FR_TXFE;
	} else {
		value |= FR_BUSY;
	}
	return fifos->room == 0 ? value | FR_TXFF : value;
}

uint32_t vuart_read(const struct vuart *vuart, uint32_t offset,
		    const struct vuart_fifos *fifos)
{
	if (offset >= UARTPERIPHID0 && offset < VUART_SIZE) {
		return identification[(offset - UARTPERIPHID0) / 4];
	}
	switch (offset) {
	case UARTFR:
		return flags(vuart, fifos);
	case UARTRIS:
		return vuart->raised;
	case UARTMIS:
		return vuart->raised & vuart->word[UARTIMSC / 4];
	default:
		return offset / 4 < VUART_REGISTERS ? vuart->word[offset / 4] :
						      0;
	}
}

void vuart_write(struct vuart *vuart, uint32_t offset, uint32_t value)
{
	if (offset == UARTICR) {
		interrupt_lower(vuart, value);
	} else if (offset / 4 < VUART_REGISTERS) {
		vuart->word[offset / 4] = (uint16_t)(value & kept[offset / 4]);
	}
}

/*
 * The timeout is over at once: what comes in later comes as a byte of its own. A
 * driver that sleeps until the trigger level must not miss the last bytes.
 */
void vuart_received(struct vuart *vuart, const struct vuart_fifos *fifos)
{
	if (fifos->received >= receive_trigger(vuart)) {
		interrupt_raise(vuart, INT_RX);
	}
	if (fifo_size(vuart) != 1) {
		interrupt_raise(vuart, INT_RT);
	}
}

void vuart_taken(struct vuart *vuart, const struct vuart_fifos *fifos)
{
	if (fifos->received < receive_trigger(vuart)) {
		interrupt_lower(vuart, INT_RX);
	}
	if (fifos->received == 0) {
		interrupt_lower(vuart, INT_RT);
	} else if (fifo_size(vuart) != 1) {
		interrupt_raise(vuart, INT_RT);
	}
}

void vuart_sent(struct vuart *vuart, const struct vuart_fifos *fifos)
{
	vuart->is_full = transmit_count(vuart, fifos) > transmit_trigger(vuart);
	if (vuart->is_full) {
		interrupt_lower(vuart, INT_TX);
	} else {
		interrupt_raise(vuart, INT_TX);
	}
}

void vuart_drained(struct vuart *vuart, const struct vuart_fifos *fifos)
{
	if (vuart->is_full &&
	    transmit_count(vuart, fifos) <= transmit_trigger(vuart)) {
		vuart->is_full = false;
		interrupt_raise(vuart, INT_TX);
	}
}

bool vuart_level(const struct vuart *vuart)
{
	return (vuart->raised & vuart->word[UARTIMSC / 4]) != 0;
}
