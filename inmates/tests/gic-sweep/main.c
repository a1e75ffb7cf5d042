// SPDX-License-Identifier: Apache-2.0
// Every offset of the GIC's emulated registers, by every width, read and written,
// against model.c. After each block of writes all registers are compared: one that
// changed another, or that lies one offset off, is seen.
//
// Interrupts are masked and none is ever taken.

#include <stdio.h>

#include "access.h"
#include "cpu.h"
#include "devtree.h"
#include "gic_raw.h"
#include "mmu.h"
#include "model.h"
#include "smp.h"
#include "tap.h"

#define PAGE 0x1000U
#define REDISTRIBUTOR_SIZE 0x20000U
#define MIDDLE_MAX 1 /* redistributors between the first and the last */
#define BLOCK 0x80U  /* writes between two looks at everything: first page */
#define FAR_BLOCK 0x4000U /* the same elsewhere */

/* EL2's own PPIs on the board: maintenance 25, CNTHP 26. All else is the cell's. */
#define PPIS_OF_EL2 (1U << 25 | 1U << 26)

struct part {
	enum model_frame frame;
	unsigned int of; /* redistributor: whose */
	uintptr_t base;
	uint32_t size; /* bytes */
};

static struct part parts[1 + SMP_CPUS_MAX];
static unsigned int part_count;

static uint64_t read_at(uintptr_t address, unsigned int width, uint64_t *value)
{
	switch (width) {
	case 1:
		return access_read_1(address, value);
	case 2:
		return access_read_2(address, value);
	case 4:
		return access_read_4(address, value);
	default:
		return access_read_8(address, value);
	}
}

static uint64_t write_at(uintptr_t address, unsigned int width, uint64_t value)
{
	switch (width) {
	case 1:
		return access_write_1(address, value);
	case 2:
		return access_write_2(address, value);
	case 4:
		return access_write_4(address, value);
	default:
		return access_write_8(address, value);
	}
}

static bool read_one(const struct part *part, uint32_t offset,
		     unsigned int width)
{
	uint64_t value = 0;
	const uint64_t esr = read_at(part->base + offset, width, &value);

	return tap_equal(esr, 0, "ESR of reading %u bytes at 0x%x", width,
			 offset) &&
	       tap_equal(value,
			 model_read(part->frame, part->of, offset, width),
			 "%u bytes at 0x%x of CPU %u", width, offset, part->of);
}

/*
 * What every register holds; the two thousand words of GICD_IROUTER only after the blocks
 * of the far pages, and at each end.
 */
static bool compare(uint32_t after)
{
	const bool is_near = after != 0 && after % 0x10000 < PAGE;
	size_t count;
	const struct model_register *table = model_registers(&count);
	bool is_so = true;

	for (size_t i = 0; i < count; i++) {
		for (unsigned int j = 0; j < part_count; j++) {
			if (parts[j].frame != table[i].frame ||
			    (is_near && table[i].kind == MODEL_ROUTER)) {
				continue;
			}
			for (uint32_t at = table[i].first; at < table[i].end;
			     at += 4) {
				is_so = read_one(&parts[j], at, 4) && is_so;
			}
		}
	}
	return tap_check(is_so, "no other register has changed by 0x%x", after);
}

static void write_one(const struct part *part, uint32_t offset,
		      unsigned int width, uint64_t value)
{
	const uint64_t esr = write_at(part->base + offset, width, value);

	tap_equal(esr, 0, "ESR of writing %u bytes at 0x%x", width, offset);
	model_write(part->frame, part->of, offset, width, value);
	if (model_find(part->frame, offset) != NULL) {
		read_one(part, offset & ~3U, 4);
	}
}

static bool ends_block(uint32_t offset, unsigned int width)
{
	const uint32_t next = offset + width;

	return next % (offset % 0x10000 < PAGE ? BLOCK : FAR_BLOCK) == 0;
}

static void write_part(const struct part *part, uint64_t value, bool is_all)
{
	for (unsigned int width = 1; width <= 8; width *= 2) {
		for (uint32_t at = 0; at < part->size; at += width) {
			if (is_all || model_find(part->frame, at) != NULL) {
				write_one(part, at, width, value);
			}
			if (is_all && ends_block(at, width) && !compare(at)) {
				return;
			}
		}
		if (!compare(0)) {
			return;
		}
	}
}

static void for_frame(enum model_frame frame,
		      void (*act)(const struct part *part))
{
	for (unsigned int i = 0; i < part_count; i++) {
		if (parts[i].frame == frame) {
			act(&parts[i]);
		}
	}
}

static void read_part(const struct part *part)
{
	for (unsigned int width = 1; width <= 8; width *= 2) {
		for (uint32_t at = 0; at < part->size; at += width) {
			read_one(part, at, width);
		}
	}
}

static void write_ones(const struct part *part)
{
	write_part(part, UINT64_MAX, true);
}

/* Patterns of which no two bytes, halves or words are alike; and back to zero. */
static void write_patterns(const struct part *part)
{
	write_part(part, UINT64_C(0x08f0183c5aa59669), false);
	write_part(part, 0, false);
	write_part(part, UINT64_C(0xc3e1f0785a1b2d4c), false);
}

static void read_distributor(void)
{
	for_frame(MODEL_DISTRIBUTOR, read_part);
}

static void ones_distributor(void)
{
	for_frame(MODEL_DISTRIBUTOR, write_ones);
}

static void patterns_distributor(void)
{
	for_frame(MODEL_DISTRIBUTOR, write_patterns);
}

static void read_others(void)
{
	for_frame(MODEL_REDISTRIBUTOR, read_part);
	for_frame(MODEL_INTERFACE, read_part);
}

static void ones_others(void)
{
	for_frame(MODEL_REDISTRIBUTOR, write_ones);
	for_frame(MODEL_INTERFACE, write_ones);
}

static void patterns_others(void)
{
	for_frame(MODEL_REDISTRIBUTOR, write_patterns);
}

/*
 * A misaligned access to Device memory is an alignment fault before stage 2 is asked, but
 * not in every emulator; then the hypervisor answers with an external abort.
 */
static bool is_abort(uint64_t esr, bool is_aligned)
{
	return ACCESS_CLASS(esr) == ACCESS_DATA_ABORT &&
	       (ACCESS_FAULT(esr) == ACCESS_EXTERNAL ||
		(!is_aligned && ACCESS_FAULT(esr) == ACCESS_ALIGNMENT));
}

static void abort_both(uintptr_t address, unsigned int width)
{
	const bool is_aligned = address % width == 0;
	uint64_t value;
	uint64_t esr = read_at(address, width, &value);

	tap_check(is_abort(esr, is_aligned),
		  "a read of %u bytes at 0x%llx aborts: ESR 0x%llx", width,
		  (unsigned long long)address, (unsigned long long)esr);
	esr = write_at(address, width, 0);
	tap_check(is_abort(esr, is_aligned),
		  "a write of %u bytes at 0x%llx aborts: ESR 0x%llx", width,
		  (unsigned long long)address, (unsigned long long)esr);
}

/* The registers' pages; the reserved ones beyond are no different. */
static void misalign_part(const struct part *part)
{
	for (unsigned int width = 2; width <= 8; width *= 2) {
		for (uint32_t at = 0; at < PAGE; at++) {
			if (at % width != 0) {
				abort_both(part->base + at, width);
			}
		}
	}
}

static void misaligned(void)
{
	for (unsigned int i = 0; i < part_count; i++) {
		misalign_part(&parts[i]);
	}
	compare(0);
}

static void abort_range(uintptr_t first, uintptr_t end)
{
	for (uintptr_t page = first; page < end; page += PAGE) {
		for (unsigned int width = 1; width <= 8; width *= 2) {
			abort_both(page, width);
			abort_both(page + PAGE - width, width);
		}
	}
}

static void outside(void)
{
	const uintptr_t gicd = gic_raw.distributor;

	if (gic_raw.is_v3) {
		const uintptr_t last = gic_raw.redistributors +
				       gic_raw.cpu_count * REDISTRIBUTOR_SIZE;

		abort_range(gicd + 0x10000, gic_raw.redistributors);
		abort_range(last, last + REDISTRIBUTOR_SIZE);
	} else {
		abort_range(gicd + PAGE, gicd + 0x10000);
		abort_range(gic_raw.interface + 2 * PAGE,
			    gic_raw.interface + 0x10000);
	}
	compare(0);
}

/* The trees of configs of the tests have these devices. */
static unsigned int own_device(const char *compatible)
{
	const int node = devtree_find_compatible(compatible);
	struct devtree_irq irq;
	unsigned int count = 0;

	while (node >= 0 && devtree_irq(node, count, &irq) == 0) {
		model_own(irq.intid, irq.is_edge);
		count++;
	}
	return count;
}

static void own_all(void)
{
	for (uint32_t intid = 0; intid < 32; intid++) {
		if ((PPIS_OF_EL2 >> intid & 1) == 0) {
			model_own(intid, false);
		}
	}
	if (own_device("arm,pl031") + own_device("test,device") +
		    own_device("arm,pl011") <
	    6) {
		tap_note("the cell has not the devices that the table wants");
	}
}

/* All that the library has written, undone. */
static void clear_state(void)
{
	for (unsigned int i = 0; i < 32; i++) {
		gic_raw_set_priority(i, 0);
	}
	if (gic_raw.is_v3) {
		access_write_4(gic_raw_frame(0) + GICD_IGROUPR, 0);
	}
	access_write_4(gic_raw.distributor + GICD_CTLR, 0);
}

static void add_part(enum model_frame frame, unsigned int of, uintptr_t base,
		     uint32_t size)
{
	const struct part part = { frame, of, base, size };

	parts[part_count++] = part;
}

static int open_parts(void)
{
	if (!gic_raw.is_v3) {
		add_part(MODEL_DISTRIBUTOR, 0, gic_raw.distributor, PAGE);
		add_part(MODEL_INTERFACE, 0, gic_raw.interface + PAGE, PAGE);
		return mmu_map_device(gic_raw.distributor, 0x20000);
	}
	add_part(MODEL_DISTRIBUTOR, 0, gic_raw.distributor, 0x10000);
	for (unsigned int i = 0; i < gic_raw.cpu_count; i++) {
		if (i > MIDDLE_MAX && i + 1 < gic_raw.cpu_count) {
			continue; /* like the one before */
		}
		add_part(MODEL_REDISTRIBUTOR, i,
			 gic_raw.redistributors + i * REDISTRIBUTOR_SIZE,
			 REDISTRIBUTOR_SIZE);
	}
	return mmu_map_device(gic_raw.distributor,
			      gic_raw.redistributors - gic_raw.distributor +
				      (gic_raw.cpu_count + 1) *
					      REDISTRIBUTOR_SIZE);
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ "distributor: every offset read", read_distributor },
		{ "distributor: ones to every offset", ones_distributor },
		{ "distributor: patterns", patterns_distributor },
		{ "other frames: every offset read", read_others },
		{ "other frames: ones to every offset", ones_others },
		{ "other frames: patterns", patterns_others },
		{ "misaligned accesses", misaligned },
		{ "outside of the frames", outside },
		{ "distributor: read once more", read_distributor },
	};

	if (gic_raw_open() != 0 || open_parts() != 0) {
		printf("Bail out! no GIC\n");
		return 1;
	}
	model_init(gic_raw.is_v3 ? 3 : 2, gic_raw.cpu_count);
	own_all();
	clear_state();
	fflush(stdout);
	CPU_WRITE(vbar_el1, access_vectors);
	cpu_isb();
	return tap_run(tests, ARRAY_SIZE(tests));
}
