// SPDX-License-Identifier: Apache-2.0
/* The virtual UART in a cell: its interrupt, its page, and the accesses to it. */
#include <hyp/cell.h>
#include <hyp/errno.h>
#include <hyp/irqchip.h>

static int claim_check(const struct cell *cell, struct message *message)
{
	const struct cell_config *config = cell->config;
	uint32_t intid = config->uart.intid;

	if (intid >= irqchip_spi_end) {
		return message_set(message, -HYP_ERANGE,
				   "cell %s: /domains/%s: \"uart-interrupt\": "
				   "INTID %u; the board's GIC ends at %u",
				   cell->name, cell->name, intid,
				   irqchip_spi_end - 1);
	}
	for (unsigned int i = 0; i < config->shared_count; i++) {
		if (config->shared[i].intid == intid) {
			return message_set(
				message, -HYP_EBUSY,
				"cell %s: /domains/%s: \"uart-interrupt\": "
				"INTID %u is the doorbell of the shared memory "
				"\"%s\"; name another",
				cell->name, cell->name, intid,
				config->shared[i].region->name);
		}
	}
	return 0;
}

int vuart_claim(struct cell *cell, struct message *message)
{
	int ret;

	if (!cell->config->uart.is_present || cell->config->uart.intid == 0) {
		return 0;
	}
	ret = claim_check(cell, message);
	if (ret == 0) {
		vgic_emulated_assign(cell, cell->config->uart.intid);
	}
	return ret;
}

void vuart_release(struct cell *cell)
{
	vgic_emulated_release(cell);
}

int vuart_build(struct cell *cell)
{
	if (!cell->config->uart.is_present) {
		return 0;
	}
	return stage2_tag_pages(&cell->stage2, cell->config->uart.base,
				VUART_SIZE, stage2_tag(STAGE2_UART, 0));
}

/* A part of a register, at its place within the word; others are not written. */
int vuart_access(struct cpu *cpu, uint32_t offset, unsigned int width,
		 bool is_write, uint64_t *value)
{
	struct cell *cell = cpu->vcpu.cell;
	uint32_t shift = offset % 4 * 8;
	uint32_t word;

	if (width > sizeof(word) || (offset & (width - 1)) != 0) {
		return -HYP_EFAULT;
	}
	offset &= ~3u;
	if (!is_write) {
		console_cell_uart(cell, offset, false, &word);
		*value = word >> shift & (UINT32_MAX >> (32 - 8 * width));
	} else if (shift == 0) {
		word = (uint32_t)*value;
		console_cell_uart(cell, offset, true, &word);
	}
	return 0;
}
