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

struct cell;
struct cpu;

#define VGIC_PRIVATE 32	 /* SGIs and PPIs */
#define VGIC_SGIS 16
#define VGIC_INTID_MAX 1020
#define VGIC_WORDS 32	 /* of 32 INTIDs each */
#define VGIC_LR_MAX 16
#define VGIC_LEVELS 32	 /* priorities that list registers hold: 5 bits */

/** enum virq_kind - what EL2 does with the physical interrupt of that INTID */
enum virq_kind {
	VIRQ_UNOWNED = 0,  /* mask it, count it */
	VIRQ_LINKED,	   /* hardware-linked list register */
	VIRQ_TRAPPED,	   /* the VFIO platform state machine */
	VIRQ_KICK,	   /* SGI from another CPU of EL2 */
	VIRQ_MAINTENANCE,  /* the GIC's own */
	VIRQ_HYP_TIMER,	   /* CNTHP */
	VIRQ_CONSOLE,	   /* the console's UART */
	VIRQ_KIND_NR
};

enum virq_flags {
	VIRQ_ENABLED = 1 << 0,
	VIRQ_EDGE = 1 << 1,	  /* else level-sensitive */
	VIRQ_LINE = 1 << 2,	  /* level of the virtual line */
	VIRQ_PENDING = 1 << 3,	  /* latched, not in a list register */
	VIRQ_ACTIVE = 1 << 4,	  /* active, not in a list register */
	VIRQ_QUEUED = 1 << 5,	  /* waits in a queue of its CPU */
	VIRQ_GROUP1 = 1 << 6,
	VIRQ_RETRACT = 1 << 7,	  /* take "pending" out of the list register */
	VIRQ_DEACTIVATE = 1 << 8, /* take "active" out of it */
};

/** struct virq - one interrupt; guarded by its cell's vgic lock but for @count */
struct virq {
	uint64_t lr;	       /* list register's value when placed as pending */
	struct cpu *cpu;       /* target, NULL: none */
	struct cell *cell;     /* owner, NULL: nobody */
	struct virq *next;     /* in a queue (circular) */
	struct virq *previous;
	void *device;	       /* struct vfio_platform_device, when TRAPPED */
	uint64_t count;	       /* physical interrupts taken; its CPU's */
	uint16_t intid;
	uint16_t flags;	       /* enum virq_flags */
	uint8_t kind;	       /* enum virq_kind */
	uint8_t slot;	       /* list register it was last put in */
	uint8_t priority;
	union {
		uint8_t device_irq; /* SPI: index within @device */
		uint8_t sources;    /* GICv2 SGI: bit n, requested by vCPU n */
	};
};
_Static_assert(sizeof(struct virq) == 64, "one cache line each");

/** struct vgic_cpu - one CPU's list registers and what waits for them */
struct vgic_cpu {
	struct virq *in_lr[VGIC_LR_MAX]; /* last put there; valid by ELRSR */
	uint32_t levels[2];		 /* per group: bit n, queue n not empty */
	struct virq *queue[2][VGIC_LEVELS];
	uint32_t dirty[VGIC_WORDS]; /* bit n: INTID n was changed by another CPU */
	uint32_t dirty_words;	    /* bit n: word n of @dirty is not 0 */
	uint16_t direct; /* flags of a linked virq that may go straight to a free
			   register: ENABLED, perhaps GROUP1; 0: none may */
	bool regroup;	/* another CPU changed the group enables */
	bool underflow; /* the underflow interrupt is on */
	struct virq private[VGIC_PRIVATE];
};

/** struct vgic - one cell's distributor; guarded by @lock */
struct vgic {
	struct spinlock lock;
	bool group_enabled[2];
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

/** vgic_cell_reset() - the distributor of a cell that is about to start */
void vgic_cell_reset(struct cell *cell);

/**
 * vgic_cpu_start() - this CPU begins to run @cell: private interrupts and the
 * virtual CPU interface as after a reset, physical timers' PPIs enabled
 */
void vgic_cpu_start(struct cpu *cpu, struct cell *cell);

/**
 * vgic_cpu_stop() - this CPU leaves its cell: list registers empty, private
 * interrupts neither enabled, pending nor active in the physical GIC
 */
void vgic_cpu_stop(struct cpu *cpu);

/**
 * vgic_spi_assign() - give an SPI to a cell, physically masked and clean
 * @kind: VIRQ_LINKED or VIRQ_TRAPPED
 * @cpu: the first target
 *
 * Return: 0, -HYP_ERANGE (no such SPI) or -HYP_EBUSY (it has an owner).
 */
int vgic_spi_assign(uint32_t intid, struct cell *cell, enum virq_kind kind,
		    bool is_edge, struct cpu *cpu) MUST_CHECK;

/** vgic_spi_open() - let the physical line through */
void vgic_spi_open(uint32_t intid);

/** vgic_spi_close() - mask the physical line, drop what is pending and active */
void vgic_spi_close(uint32_t intid);

/** vgic_spi_release() - close it and take it from its owner; idempotent */
void vgic_spi_release(uint32_t intid);

/**
 * vgic_inject_linked() - a physical interrupt of kind LINKED was taken
 *
 * The general way; irq_line.h has the short one for the common case.
 */
void vgic_inject_linked(struct virq *virq);

/**
 * vgic_line_set() - set the level of a virtual interrupt's line
 *
 * Edge-configured: each 1 latches one pending, a 0 does nothing. May be called on
 * any CPU, with a device lock held.
 */
void vgic_line_set(struct virq *virq, bool level);

/*
 * SPIs without a physical line, for doorbells: edge-triggered.
 * vgic_virtual_assign() - the cell owns it, disabled and idle, for its first CPU
 * vgic_virtual_ring() - latch one pending, with the ringer's lock held
 * vgic_virtual_release() - nobody owns it; idempotent
 */
void vgic_virtual_assign(uint32_t intid, struct cell *cell);
void vgic_virtual_ring(uint32_t intid);
void vgic_virtual_release(uint32_t intid);

/** vgic_linked_open() - has a linked interrupt been taken and not ended yet? */
bool vgic_linked_open(const struct virq *virq);

/** vgic_maintenance() - the GIC's maintenance interrupt on this CPU */
void vgic_maintenance(struct cpu *cpu);

/** vgic_kicked() - another CPU changed virqs of this CPU */
void vgic_kicked(struct cpu *cpu);

/**
 * vgic_distributor_access(), vgic_redistributor_access() - a trapped access
 * @offset: bytes into the register frame
 * @width: bytes: 1, 2, 4 or 8
 * @value: read or written
 *
 * Return: 0, or -HYP_EFAULT: answer with an external abort.
 */
int vgic_distributor_access(struct cpu *cpu, uint64_t offset,
			    unsigned int width, bool is_write, uint64_t *value)
	MUST_CHECK;
int vgic_redistributor_access(struct cpu *cpu, uint64_t offset,
			      unsigned int width, bool is_write,
			      uint64_t *value) MUST_CHECK;

/** vgic_sgi1r_write() - the guest wrote ICC_SGI1R_EL1 */
void vgic_sgi1r_write(struct cpu *cpu, uint64_t value);

#endif /* HYP_VGIC_H */
