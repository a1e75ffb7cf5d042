// SPDX-License-Identifier: Apache-2.0
// The GIC as the specifications have it. Access sizes: IHI 0069 12.1.3, "GIC memory-mapped
// register access"; IHI 0048B 4.1.4, "GIC register access". What a register has no such
// size for, and what is reserved, is zero here and ignores writes: both documents leave
// that to the implementation, and docs/architecture.md says so.

#include <string.h>

#include "model.h"

#define CPUS_MAX 8
#define WORDS 32
#define INTIDS 1020
#define SGI_BITS 0xffffU
#define PRIORITY_BITS \
	0xf8U /* IHI 0069: at least 16 levels; list registers: 32 */
#define V3_SGI 0x10000U

#define WIDTH_1 (1U << 0)
#define WIDTH_4 (1U << 2)
#define WIDTH_8 (1U << 3)
#define BYTES (WIDTH_1 | WIDTH_4)
#define DOUBLE (WIDTH_4 | WIDTH_8)

/* Implementer Arm, JEP106 0x43b */
#define IIDR 0x43b
/*
 * ITLinesNumber: INTIDs / 32 - 1. The board has 288, of which the emulator's GICv3 counts
 * 256 only in its own GICD_TYPER.
 */
#define LINES_V2 8U
#define LINES_V3 7U
#define CPUS_SHIFT 5
#define IDBITS_10 (9U << 19)
#define NO_1_OF_N (1U << 25)

struct bank {
	uint32_t owned;
	uint32_t edge;
	uint32_t group;
	uint32_t enabled;
	uint32_t pending;
	uint32_t active;
	uint8_t priority[32];
	uint8_t target[32];
	uint32_t route[32];
};

struct private_state {
	uint8_t sources[16]; /* GICv2, of each SGI */
	bool is_asleep;
};

static struct bank private_bank[CPUS_MAX];
static struct bank spi_bank[WORDS];
static struct private_state private_state[CPUS_MAX];
static unsigned int version;
static unsigned int cpu_count;
static uint32_t ctlr;

/* A run of 32 words, one bit per interrupt, its first word without or with. */
#define SPI_BITS_AT(kind, at)                                                  \
	{                                                                      \
		MODEL_DISTRIBUTOR, (at) + 4, (at) + 0x80, at, WIDTH_4, kind, 0 \
	}
#define ALL_BITS_AT(kind, at)                                            \
	{                                                                \
		MODEL_DISTRIBUTOR, at, (at) + 0x80, at, WIDTH_4, kind, 0 \
	}
#define PRIVATE_BITS_AT(kind, at)                                      \
	{                                                              \
		MODEL_REDISTRIBUTOR, V3_SGI + (at), V3_SGI + (at) + 4, \
			V3_SGI + (at), WIDTH_4, kind, 0                \
	}

/* IHI 0069, "GICD_*": with affinity routing those of INTID 0 to 31 are reserved */
static const struct model_register gic_v3[] = {
	{ MODEL_DISTRIBUTOR, 0x0, 0x4, 0, WIDTH_4, MODEL_CTLR, 0 },
	{ MODEL_DISTRIBUTOR, 0x4, 0x8, 0, WIDTH_4, MODEL_CONSTANT,
	  LINES_V3 | IDBITS_10 | NO_1_OF_N },
	{ MODEL_DISTRIBUTOR, 0x8, 0xc, 0, WIDTH_4, MODEL_CONSTANT, IIDR },
	SPI_BITS_AT(MODEL_GROUP, 0x80),
	SPI_BITS_AT(MODEL_ENABLE_SET, 0x100),
	SPI_BITS_AT(MODEL_ENABLE_CLEAR, 0x180),
	SPI_BITS_AT(MODEL_PENDING_SET, 0x200),
	SPI_BITS_AT(MODEL_PENDING_CLEAR, 0x280),
	SPI_BITS_AT(MODEL_ACTIVE_SET, 0x300),
	SPI_BITS_AT(MODEL_ACTIVE_CLEAR, 0x380),
	{ MODEL_DISTRIBUTOR, 0x420, 0x7fc, 0x400, BYTES, MODEL_PRIORITY, 0 },
	{ MODEL_DISTRIBUTOR, 0xc08, 0xd00, 0xc00, WIDTH_4, MODEL_CONFIG, 0 },
	{ MODEL_DISTRIBUTOR, 0x6100, 0x7fe0, 0x6000, DOUBLE, MODEL_ROUTER, 0 },
	{ MODEL_DISTRIBUTOR, 0xffd0, 0x10000, 0xf000, WIDTH_4,
	  MODEL_IDENTIFICATION, 0 },
	{ MODEL_REDISTRIBUTOR, 0x0, 0x4, 0, WIDTH_4, MODEL_CONSTANT, 0 },
	{ MODEL_REDISTRIBUTOR, 0x4, 0x8, 0, WIDTH_4, MODEL_CONSTANT, IIDR },
	{ MODEL_REDISTRIBUTOR, 0x8, 0x10, 0x8, DOUBLE, MODEL_TYPER_CPU, 0 },
	{ MODEL_REDISTRIBUTOR, 0x14, 0x18, 0, WIDTH_4, MODEL_WAKER, 0 },
	{ MODEL_REDISTRIBUTOR, 0xffd0, 0x10000, 0xf000, WIDTH_4,
	  MODEL_IDENTIFICATION, 0 },
	PRIVATE_BITS_AT(MODEL_GROUP, 0x80),
	PRIVATE_BITS_AT(MODEL_ENABLE_SET, 0x100),
	PRIVATE_BITS_AT(MODEL_ENABLE_CLEAR, 0x180),
	PRIVATE_BITS_AT(MODEL_PENDING_SET, 0x200),
	PRIVATE_BITS_AT(MODEL_PENDING_CLEAR, 0x280),
	PRIVATE_BITS_AT(MODEL_ACTIVE_SET, 0x300),
	PRIVATE_BITS_AT(MODEL_ACTIVE_CLEAR, 0x380),
	{ MODEL_REDISTRIBUTOR, V3_SGI + 0x400, V3_SGI + 0x420, V3_SGI + 0x400,
	  BYTES, MODEL_PRIORITY, 0 },
	{ MODEL_REDISTRIBUTOR, V3_SGI + 0xc00, V3_SGI + 0xc08, V3_SGI + 0xc00,
	  WIDTH_4, MODEL_CONFIG, 0 },
};

/* IHI 0048B 4.3, "Distributor register descriptions"; GICD_SGIR reads as zero */
static const struct model_register gic_v2[] = {
	{ MODEL_DISTRIBUTOR, 0x0, 0x4, 0, WIDTH_4, MODEL_CTLR, 0 },
	{ MODEL_DISTRIBUTOR, 0x4, 0x8, 0, WIDTH_4, MODEL_TYPER, LINES_V2 },
	{ MODEL_DISTRIBUTOR, 0x8, 0xc, 0, WIDTH_4, MODEL_CONSTANT, IIDR },
	ALL_BITS_AT(MODEL_GROUP, 0x80),
	ALL_BITS_AT(MODEL_ENABLE_SET, 0x100),
	ALL_BITS_AT(MODEL_ENABLE_CLEAR, 0x180),
	ALL_BITS_AT(MODEL_PENDING_SET, 0x200),
	ALL_BITS_AT(MODEL_PENDING_CLEAR, 0x280),
	ALL_BITS_AT(MODEL_ACTIVE_SET, 0x300),
	ALL_BITS_AT(MODEL_ACTIVE_CLEAR, 0x380),
	{ MODEL_DISTRIBUTOR, 0x400, 0x7fc, 0x400, BYTES, MODEL_PRIORITY, 0 },
	{ MODEL_DISTRIBUTOR, 0x800, 0xbfc, 0x800, BYTES, MODEL_TARGETS, 0 },
	{ MODEL_DISTRIBUTOR, 0xc00, 0xd00, 0xc00, WIDTH_4, MODEL_CONFIG, 0 },
	{ MODEL_DISTRIBUTOR, 0xf10, 0xf20, 0xf10, BYTES, MODEL_SGI_CLEAR, 0 },
	{ MODEL_DISTRIBUTOR, 0xf20, 0xf30, 0xf20, BYTES, MODEL_SGI_SET, 0 },
	{ MODEL_DISTRIBUTOR, 0xfd0, 0x1000, 0, WIDTH_4, MODEL_IDENTIFICATION,
	  0 },
};

static struct bank *bank_of(unsigned int of, uint32_t intid)
{
	return intid < 32 ? &private_bank[of] : &spi_bank[intid / 32];
}

void model_init(unsigned int gic_version, unsigned int cpus)
{
	version = gic_version;
	cpu_count = cpus;
	for (unsigned int i = 0; i < cpus; i++) {
		/* SGIs are edges; GICv2 has them enabled for good. */
		private_bank[i].edge = SGI_BITS;
		private_bank[i].enabled = version == 2 ? SGI_BITS : 0;
		private_state[i].is_asleep = i != 0;
	}
}

void model_own(uint32_t intid, bool is_edge)
{
	for (unsigned int i = 0; i < cpu_count; i++) {
		struct bank *bank = bank_of(i, intid);

		bank->owned |= 1U << intid % 32;
		bank->edge |= is_edge ? 1U << intid % 32 : 0;
	}
}

const struct model_register *model_registers(size_t *count)
{
	*count = version == 3 ? sizeof(gic_v3) / sizeof(gic_v3[0]) :
				sizeof(gic_v2) / sizeof(gic_v2[0]);
	return version == 3 ? gic_v3 : gic_v2;
}

const struct model_register *model_find(enum model_frame frame, uint32_t offset)
{
	size_t count;
	const struct model_register *table = model_registers(&count);

	for (size_t i = 0; i < count; i++) {
		if (table[i].frame == frame && offset >= table[i].first &&
		    offset < table[i].end) {
			return &table[i];
		}
	}
	return NULL;
}

/* IHI 0069 "Identification registers", IHI 0048B 4.3.18 and its recommendation */
static uint32_t identification(uint32_t at)
{
	static const uint8_t bytes[] = {
		0x44, 0, 0, 0, 0x92, 0xb4, 0x3b, 0, 0x0d, 0xf0, 0x05, 0xb1,
	};
	const uint32_t index = (at - 0xfd0) / 4;

	if (version == 2 && index == 0) {
		return 0x04; /* the frame is one page */
	}
	return version == 2 && index == 6 ? 0x2b : bytes[index];
}

/* GICR_TYPER: affinity 0.0.0.n [63:32], Processor_Number [23:8], Last [4] */
static uint64_t typer_of(unsigned int of)
{
	return (uint64_t)of << 32 | (uint64_t)of << 8 |
	       (of + 1 == cpu_count ? 0x10 : 0);
}

static uint32_t bits_read(unsigned int kind, unsigned int of, uint32_t first)
{
	const struct bank *bank = bank_of(of, first);
	uint32_t pending = bank->pending;

	switch (kind) {
	case MODEL_GROUP:
		return bank->group;
	case MODEL_ENABLE_SET:
	case MODEL_ENABLE_CLEAR:
		return bank->enabled;
	case MODEL_ACTIVE_SET:
	case MODEL_ACTIVE_CLEAR:
		return bank->active;
	default:
		for (unsigned int i = 0; first == 0 && i < 16; i++) {
			if (private_state[of].sources[i] != 0) {
				pending |= 1U << i;
			}
		}
		return pending;
	}
}

static uint32_t config_read(unsigned int of, uint32_t first)
{
	const struct bank *bank = bank_of(of, first);
	uint32_t value = 0;

	for (unsigned int i = 0; i < 16; i++) {
		if ((bank->edge >> (first % 32 + i) & 1) != 0) {
			value |= 2U << 2 * i;
		}
	}
	return value;
}

static uint8_t byte_read(unsigned int kind, unsigned int of, uint32_t index)
{
	const struct bank *bank;

	if (kind == MODEL_SGI_CLEAR || kind == MODEL_SGI_SET) {
		return private_state[of].sources[index];
	}
	bank = bank_of(of, index);
	if (kind == MODEL_PRIORITY) {
		return bank->priority[index % 32];
	}
	if (cpu_count == 1 || (bank->owned >> index % 32 & 1) == 0) {
		return 0; /* IHI 0048B 4.3.12: RAZ/WI in a uniprocessor */
	}
	return index < 32 ? (uint8_t)(1U << of) : bank->target[index % 32];
}

static bool has_width(const struct model_register *entry, unsigned int width)
{
	return entry != NULL &&
	       (entry->widths &
		(width == 8 ? WIDTH_8 : 1U << (width == 4 ? 2 : width - 1))) !=
		       0;
}

uint64_t model_read(enum model_frame frame, unsigned int of, uint32_t offset,
		    unsigned int width)
{
	const struct model_register *entry = model_find(frame, offset);
	uint64_t value = 0;
	uint32_t at;

	if (!has_width(entry, width)) {
		return 0;
	}
	at = offset - entry->base;
	switch (entry->kind) {
	case MODEL_CTLR: /* GICv3: ARE and DS are one */
		return version == 3 ? ctlr | 0x50 : ctlr;
	case MODEL_CONSTANT:
		return entry->value;
	case MODEL_TYPER: /* IHI 0048B 4.3.2: CPUNumber */
		return entry->value | (cpu_count - 1) << CPUS_SHIFT;
	case MODEL_TYPER_CPU:
		value = typer_of(of) >> 8 * at;
		return width == 4 ? (uint32_t)value : value;
	case MODEL_WAKER: /* ChildrenAsleep follows ProcessorSleep */
		return private_state[of].is_asleep ? 6 : 0;
	case MODEL_IDENTIFICATION:
		return identification(at);
	case MODEL_CONFIG:
		return config_read(of, at * 4);
	case MODEL_ROUTER:
		return at % 8 != 0 ? 0 :
				     bank_of(of, at / 8)->route[at / 8 % 32];
	case MODEL_PRIORITY:
	case MODEL_TARGETS:
	case MODEL_SGI_CLEAR:
	case MODEL_SGI_SET:
		for (unsigned int i = 0; i < width; i++) {
			value |= (uint64_t)byte_read(entry->kind, of, at + i)
				 << 8 * i;
		}
		return value;
	default:
		return bits_read(entry->kind, of, at * 8);
	}
}

static void bits_write(unsigned int kind, unsigned int of, uint32_t first,
		       uint32_t value)
{
	struct bank *bank = bank_of(of, first);
	const bool is_sgis = first == 0 && version == 2;

	value &= bank->owned;
	switch (kind) {
	case MODEL_GROUP:
		bank->group = value;
		break;
	case MODEL_ENABLE_SET:
		bank->enabled |= value;
		break;
	case MODEL_ENABLE_CLEAR:
		bank->enabled &= ~(is_sgis ? value & ~SGI_BITS : value);
		break;
	case MODEL_PENDING_SET: /* IHI 0048B 4.3.7: not for SGIs */
		bank->pending |= is_sgis ? value & ~SGI_BITS : value;
		break;
	case MODEL_PENDING_CLEAR:
		bank->pending &= ~value;
		break;
	case MODEL_ACTIVE_SET:
		bank->active |= value;
		break;
	case MODEL_ACTIVE_CLEAR:
		bank->active &= ~value;
		break;
	default:
		break;
	}
}

static void byte_write(unsigned int kind, unsigned int of, uint32_t index,
		       uint8_t value)
{
	const uint8_t cpus = (uint8_t)((1U << cpu_count) - 1);
	struct bank *bank;

	if (kind == MODEL_SGI_SET) {
		private_state[of].sources[index] |= value & cpus;
		return;
	}
	if (kind == MODEL_SGI_CLEAR) {
		private_state[of].sources[index] &= (uint8_t)~value;
		return;
	}
	bank = bank_of(of, index);
	if ((bank->owned >> index % 32 & 1) == 0) {
		return;
	}
	if (kind == MODEL_PRIORITY) {
		bank->priority[index % 32] = value & PRIORITY_BITS;
	} else if (index >= 32) {
		bank->target[index % 32] = value & cpus;
	}
}

void model_write(enum model_frame frame, unsigned int of, uint32_t offset,
		 unsigned int width, uint64_t value)
{
	const struct model_register *entry = model_find(frame, offset);
	struct bank *bank;
	uint32_t at;

	if (!has_width(entry, width)) {
		return;
	}
	at = offset - entry->base;
	switch (entry->kind) {
	case MODEL_CTLR:
		ctlr = (uint32_t)value & 3;
		break;
	case MODEL_WAKER:
		private_state[of].is_asleep = (value & 2) != 0;
		break;
	case MODEL_ROUTER: /* no Aff3, no 1 of N: GICD_TYPER */
		bank = bank_of(of, at / 8);
		if (at % 8 == 0 && (bank->owned >> at / 8 % 32 & 1) != 0) {
			bank->route[at / 8 % 32] = (uint32_t)value & 0xffffff;
		}
		break;
	case MODEL_PRIORITY:
	case MODEL_TARGETS:
	case MODEL_SGI_CLEAR:
	case MODEL_SGI_SET:
		for (unsigned int i = 0; i < width; i++) {
			byte_write(entry->kind, of, at + i,
				   (uint8_t)(value >> 8 * i));
		}
		break;
	case MODEL_CONSTANT:
	case MODEL_TYPER:
	case MODEL_TYPER_CPU:
	case MODEL_IDENTIFICATION:
	case MODEL_CONFIG: /* the trigger is the board's: docs/architecture.md */
		break;
	default:
		bits_write(entry->kind, of, at * 8, (uint32_t)value);
		break;
	}
}
