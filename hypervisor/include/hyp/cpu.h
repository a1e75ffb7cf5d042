/* SPDX-License-Identifier: Apache-2.0 */
/* A physical CPU, and the virtual CPU that it is for as long as a cell owns it. */
#ifndef HYP_CPU_H
#define HYP_CPU_H

#include <arch/cpu_offsets.h>
#include <hyp/abi.h>
#include <hyp/board.h>
#include <hyp/timer.h>
#include <hyp/vgic.h>

/** struct cpu_boot - what head.S reads before the MMU is on */
struct cpu_boot {
	uint64_t stack;
	uint64_t table;
	uint64_t mair;
	uint64_t tcr;
	uint64_t sctlr;
	uint64_t argument;
};

/** enum cpu_request - what another CPU asks for, by a kick; bits */
enum cpu_request {
	CPU_REQUEST_STOP = 1 << 0,  /* leave the guest */
	CPU_REQUEST_JOB = 1 << 1,   /* run cell_job() when idle */
	CPU_REQUEST_START = 1 << 2, /* enter the guest at vcpu.entry */
	CPU_REQUEST_TIMER = 1 << 3, /* its first timer was cancelled */
	CPU_REQUEST_HALT = 1
			   << 4, /* another CPU's panic: do nothing any more */
};

enum vcpu_power { VCPU_OFF, VCPU_ON_PENDING, VCPU_ON };

/** struct vcpu - the CPU as its cell sees it */
struct vcpu {
	struct cell *cell;     /* NULL: in the pool */
	unsigned int index;    /* within the cell */
	enum vcpu_power power; /* guarded by the cells' lock */
	uint64_t entry;	       /* IPA */
	uint64_t context;      /* x0 at the entry */
	bool is_os_locked;     /* OSLSR_EL1.OSLK as the guest sees it */
	uint64_t stat[BH_STAT_NR];
	unsigned int retries; /* of an access without a syndrome, in a row */
};

struct cpu {
	void (*irq_handler)(struct cpu *cpu);
	unsigned int index; /* in the board's /cpus order */
	uint64_t mpidr;
	uint64_t stack_top;
	bool is_online;
	bool in_guest;
	uint32_t requests;   /* enum cpu_request, atomic */
	void *redistributor; /* GICv3: this CPU's frames */
	uint8_t gic_mask;    /* GICv2: this CPU's bit in GICD_ITARGETSR */
	struct vcpu vcpu;
	struct vgic_cpu vgic;
	struct timer_queue timers;
	struct cpu_boot boot;
};
_Static_assert(offsetof(struct cpu, irq_handler) == CPU_IRQ_HANDLER,
	       "entry.S loads it");

/** cpu_by_index() - NULL when the board has no such CPU or it did not start */
struct cpu *cpu_by_index(unsigned int index);

/** cpu_this() - the CPU that runs this */
struct cpu *cpu_this(void);

/**
 * cpu_init() - make the boot CPU's record; start the others by PSCI
 *
 * A CPU that does not come up within a second is reported and left out.
 *
 * Return: 0 or -HYP_ENOMEM.
 */
int cpu_init(const struct board *board) MUST_CHECK;

/** cpu_request() - leave a request and kick the CPU; any CPU may call */
void cpu_request(struct cpu *cpu, enum cpu_request request);

/** cpu_serve_requests() - after a kick, or in cpu_main(); may not return */
void cpu_serve_requests(struct cpu *cpu);

/** cpu_main() - a CPU without a guest: serve requests, sleep. Never returns. */
NORETURN void cpu_main(struct cpu *cpu);

/**
 * cpu_enter_guest() - reset the EL1 state and enter vcpu.entry. Never returns:
 * the CPU comes back by an exit, on a fresh stack.
 */
NORETURN void cpu_enter_guest(struct cpu *cpu);

/** cpu_leave_guest() - abandon the guest's context and go to cpu_main() */
NORETURN void cpu_leave_guest(struct cpu *cpu);

#endif /* HYP_CPU_H */
