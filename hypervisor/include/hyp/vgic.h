/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtual GIC: what a cell sees of its interrupts.
 *
 * Every interrupt has one struct virq, found in constant time from its INTID:
 * private ones (SGI, PPI) in their CPU's table, SPIs in one table for the board,
 * since guest INTIDs equal the physical ones and an SPI has one owner. A CPU
 * belongs to one cell, so its list registers hold that cell's interrupts only.
 *
 * A virq that is pending and enabled, and not in a list register, waits in its
 * target CPU's queues (one per group and priority). Only the target CPU touches
 * its list registers: another CPU changes the flags, marks the INTID dirty at the
 * target and kicks it.
 */
#ifndef HYP_VGIC_H
#define HYP_VGIC_H

#include <hyp/addr.h>
#include <hyp/lock.h>
#include <hyp/timer.h>

struct cell;
struct cpu;

#define VGIC_PRIVATE 32 /* SGIs and PPIs */
#define VGIC_SGIS 16
#define VGIC_INTID_MAX 1020
#define VGIC_WORDS 32 /* of 32 INTIDs each */
#define VGIC_LR_MAX 16
#define VGIC_LEVELS 32 /* priorities that list registers hold: 5 bits */

/** enum virq_kind - what EL2 does with the physical interrupt of that INTID */
enum virq_kind {
	VIRQ_UNOWNED = 0, /* mask it, count it */
	VIRQ_LINKED,	  /* hardware-linked list register */
	VIRQ_TRAPPED,	  /* the VFIO platform state machine */
	VIRQ_KICK,	  /* SGI from another CPU of EL2 */
	VIRQ_MAINTENANCE, /* the GIC's own */
	VIRQ_HYP_TIMER,	  /* CNTHP */
	VIRQ_CONSOLE,	  /* the console's UART */
	VIRQ_KIND_NR
};

/*
 * A linked virq's physical line is active exactly as long as it is TAKEN, or stands
 * in a list register with the link, or was EVICTED from one: whoever ends that state
 * owes the deactivation.
 */
enum virq_flags {
	VIRQ_EDGE = 1 << 0, /* else level-sensitive */
	VIRQ_LINE = 1 << 1, /* level of the virtual line */
	VIRQ_ENABLED = 1 << 2,
	VIRQ_GROUP1 = 1 << 3,
	VIRQ_PENDING = 1 << 4, /* latched, not in a list register */
	VIRQ_TAKEN = 1 << 5,   /* linked: acknowledged by EL2, in no register */
	VIRQ_ACTIVE = 1 << 6,  /* active, not in a list register */
	VIRQ_EVICTED = 1 << 7, /* ACTIVE, and @holder's guest will end it */
	VIRQ_QUEUED = 1 << 8,  /* waits in a queue of its CPU */
	VIRQ_AWAY = 1 << 9, /* perhaps in a register of @holder, not of @cpu */
	VIRQ_UNLINKED =
		1 << 10,	/* linked, but in a register without the link */
	VIRQ_REPEND = 1 << 11,	/* the next physical one is EL2's own doing */
	VIRQ_RETRACT = 1 << 12, /* take "pending" out of the list register */
	VIRQ_DEACTIVATE = 1 << 13, /* take "active" out of it */
	VIRQ_LATCHED = 1 << 14, /* level: pending in a register by PENDING, so
				    * that a line that falls takes nothing back */
};

#define VIRQ_UNREGISTERED 0xff /* @slot of an EVICTED one: see vgic_evicted.c */

/** struct virq - one interrupt; guarded by its cell's vgic lock but for @count */
struct virq {
	uint64_t lr;	   /* list register's value when placed as pending */
	struct cpu *cpu;   /* target, NULL: none */
	struct cell *cell; /* owner, or the last one */
	union {
		struct virq *next;  /* QUEUED: in a circle */
		struct cpu *holder; /* AWAY or EVICTED: where it still is */
	};
	struct virq *previous; /* QUEUED */
	void *device;	       /* struct vfio_platform_device, when TRAPPED */
	uint64_t count;	       /* physical interrupts taken; its CPU's */
	uint16_t intid;
	uint16_t flags; /* enum virq_flags */
	uint8_t kind;	/* enum virq_kind */
	uint8_t slot;	/* list register it was last put in; EVICTED: level */
	uint8_t priority;
	union {
		uint8_t device_irq; /* SPI: index within @device */
		uint8_t sources;    /* GICv2 SGI: bit n, requested by vCPU n */
	};
};
_Static_assert(sizeof(struct virq) == 64, "one cache line each");

/** struct vgic_word - 32 interrupts, bit n: INTID n of them */
struct vgic_word {
	uint32_t owned;	  /* the cell has it */
	uint32_t enabled; /* VIRQ_ENABLED */
	uint32_t group1;  /* VIRQ_GROUP1 */
};

/* The flags of a virq but its trigger: they tell whether it is idle. */
#define VIRQ_STATE (0xffffu & ~(unsigned int)(VIRQ_EDGE | VIRQ_LINE))
#define VGIC_READY_NONE 0xffff /* no VIRQ_STATE */

/**
 * struct vgic_cpu - one CPU's list registers and what waits for them
 *
 * Guarded by the cell's vgic lock but for @asked and @answered. @in_lr, @ready and
 * @hcr are written by the CPU itself.
 */
struct vgic_cpu {
	/* Zeroed when the cell is started: from here to @asked. */
	struct virq *in_lr[VGIC_LR_MAX]; /* last put there; valid by ELRSR */
	uint32_t levels[2]; /* per group: bit n, queue n not empty */
	struct virq *queue[2][VGIC_LEVELS];
	struct virq *evicted[VGIC_LEVELS];
	uint32_t evicted_levels;    /* bit n: evicted[n] is set */
	uint32_t dirty_words;	    /* bit n: word n of @dirty is not 0 */
	uint32_t dirty[VGIC_WORDS]; /* bit n: INTID n was changed by another CPU */
	struct vgic_word word;
	uint16_t seen_pending; /* bit n: so was list register n when asked */
	uint16_t seen_active;
	uint16_t ready;	  /* VIRQ_STATE of an idle one that may go straight to a
			  * free register: ENABLED, perhaps GROUP1 */
	uint16_t hcr;	  /* virtual interface control, enum irqchip_control */
	bool is_running;  /* the guest's CPU is on */
	bool is_kicked;	  /* a kick is under way: it will look at all of this */
	bool regroup;	  /* another CPU changed the group enables */
	bool is_settling; /* what another CPU disabled may still be delivered */
	bool is_asleep;	  /* GICR_WAKER.ProcessorSleep */

	uint32_t asked; /* other CPUs' questions, see vgic_look.c */
	uint32_t answered;
	struct virq private[VGIC_PRIVATE];
};

/** struct vgic - one cell's distributor; guarded by @lock */
struct vgic {
	struct spinlock lock;
	uint8_t forward;		   /* bit n: group n is enabled */
	uint16_t outside_count;		   /* VIRQ_ACTIVE ones */
	uint32_t typer;			   /* GICD_TYPER */
	struct vgic_word word[VGIC_WORDS]; /* [0] is each CPU's own */
	/*
	 * An SPI of a device that EL2 emulates for this cell. Its INTID is also that of
	 * a physical one, and of others in other cells: this one is no part of the
	 * board's table.
	 */
	uint32_t emulated_intid; /* 0: none */
	uint32_t emulated_route; /* see vgic_route.c */
	struct virq emulated;
};

/**
 * vgic_init() - allocate the table of SPIs from the page pool, at boot
 *
 * Return: 0 or -HYP_ENOMEM.
 */
int vgic_init(void) MUST_CHECK;

/* The SPIs of the board: [INTID - 32], irqchip_spi_end - 32 of them. */
extern struct virq *vgic_spis;

/** vgic_spi() - the virq of an SPI, or NULL when the board has no such INTID */
struct virq *vgic_spi(uint32_t intid);

/**
 * vgic_cell_reset() - the GIC of a cell that is about to start, as after a reset:
 * its distributor, the private interrupts of its CPUs, and their queues
 */
void vgic_cell_reset(struct cell *cell);

/**
 * vgic_cpu_start() - this CPU begins to run @cell: its virtual CPU interface is as
 * after a reset, its private interrupts are as the cell's CPUs have left them
 */
void vgic_cpu_start(struct cpu *cpu, struct cell *cell);

/**
 * vgic_cpu_stop() - this CPU leaves its cell, perhaps for a while: list registers
 * are emptied, what they held waits; the private interrupts' lines are closed
 */
void vgic_cpu_stop(struct cpu *cpu);

/**
 * vgic_spi_assign() - give an SPI to a cell, physically masked and clean
 * @kind: VIRQ_LINKED or VIRQ_TRAPPED
 * @cpu: the first target, one of the cell's
 *
 * Return: 0, -HYP_ERANGE (no such SPI) or -HYP_EBUSY (it has an owner).
 */
int vgic_spi_assign(uint32_t intid, struct cell *cell, enum virq_kind kind,
		    bool is_edge, struct cpu *cpu) MUST_CHECK;

/** vgic_spi_owner() - the cell that has an SPI, or NULL */
const struct cell *vgic_spi_owner(uint32_t intid);

/** vgic_spi_open() - let the physical line through */
void vgic_spi_open(uint32_t intid);

/** vgic_spi_release() - close it and take it from its owner; idempotent */
void vgic_spi_release(uint32_t intid);

/**
 * vgic_inject_linked() - a physical interrupt of kind LINKED was taken on @cpu
 *
 * The general way; irq_line.h has the short one for the common case.
 */
void vgic_inject_linked(struct cpu *cpu, struct virq *virq);

/**
 * vgic_line_set() - set the level of a virtual interrupt's line
 *
 * Edge-configured: each 1 latches one pending, a 0 does nothing. May be called on
 * any CPU, with a device lock held.
 */
void vgic_line_set(struct virq *virq, bool level);

/** vgic_line_change() - the same by the general way; for the controllers */
void vgic_line_change(struct virq *virq, bool level);

/*
 * SPIs without a physical line, for doorbells: edge-triggered.
 * vgic_virtual_assign() - the cell owns it, disabled and idle, for its first CPU
 * vgic_virtual_ring() - latch one pending, with the ringer's lock held
 * vgic_virtual_release() - nobody owns it; idempotent
 */
void vgic_virtual_assign(uint32_t intid, struct cell *cell);
void vgic_virtual_ring(uint32_t intid);
void vgic_virtual_release(uint32_t intid);

/*
 * The one SPI of a cell that is its own alone, whoever has the physical one: level.
 * vgic_emulated_assign() - the cell owns it, disabled and idle, for its first CPU
 * vgic_emulated_set() - the level of its line, on any CPU; the cell has it
 * vgic_emulated_release() - the cell has none; idempotent
 */
void vgic_emulated_assign(struct cell *cell, uint32_t intid);
void vgic_emulated_set(struct cell *cell, bool level);
void vgic_emulated_release(struct cell *cell);

/** vgic_linked_open() - has a linked interrupt been taken and not ended yet? */
bool vgic_linked_open(const struct virq *virq);

/** vgic_maintenance() - the GIC's maintenance interrupt on this CPU */
void vgic_maintenance(struct cpu *cpu);

/** vgic_kicked() - another CPU changed virqs of this CPU, or asks about them */
void vgic_kicked(struct cpu *cpu);

/**
 * vgic_distributor_access(), vgic_redistributor_access(), vgic_interface_access() -
 * a trapped access
 * @offset: bytes into the register frame; of the interface: into its second page
 * @width: bytes: 1, 2, 4 or 8
 * @value: read or written; unchanged on an error. Of what is written to the
 *	distributor, bits above the width are ignored; of the others, they are 0.
 *
 * What the specification reserves, and what a width is not for, reads as zero and
 * ignores writes.
 *
 * Return: 0, or -HYP_EFAULT (not aligned to its width, or past the frame): answer
 * with an external abort.
 */
int vgic_distributor_access(struct cpu *cpu, uint64_t offset,
			    unsigned int width, bool is_write,
			    uint64_t *value) MUST_CHECK;
int vgic_redistributor_access(struct cpu *cpu, uint64_t offset,
			      unsigned int width, bool is_write,
			      uint64_t *value) MUST_CHECK;
int vgic_interface_access(struct cpu *cpu, uint64_t offset, unsigned int width,
			  bool is_write, uint64_t *value) MUST_CHECK;

/** vgic_sgi1r_write() - the guest wrote ICC_SGI1R_EL1 */
void vgic_sgi1r_write(struct cpu *cpu, uint64_t value);

/** vgic_sgi0r_write() - it wrote ICC_SGI0R_EL1 or ICC_ASGI1R_EL1: group 0 only */
void vgic_sgi0r_write(struct cpu *cpu, uint64_t value);

/** vgic_dir_write() - it wrote ICC_DIR_EL1 where that traps */
void vgic_dir_write(struct cpu *cpu, uint64_t value);

#endif /* HYP_VGIC_H */
