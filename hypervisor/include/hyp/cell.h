/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cells: what they own and how they live.
 *
 *     ABSENT --create--> CREATED --load--> LOADED --start--> RUNNING
 *        ^                  |                ^ |                |
 *        |<--destroy--------+-----------<----|-+   shutdown, SYSTEM_OFF, fault
 *        |                                   |                  v
 *        |<--destroy-------------------------+--load-- SHUT_DOWN, FAILED
 *
 * restart is shutdown, load and start in one job; the guest's own SYSTEM_RESET too.
 * A command checks and claims under the cells' lock, then a job does the work on
 * the cell's own first CPU, so that no other cell pays for it. While a job is under
 * way other commands for that cell are refused, see cell_op().
 */
#ifndef HYP_CELL_H
#define HYP_CELL_H

#include <arch/stage2.h>
#include <hyp/abi.h>
#include <hyp/bundle.h>
#include <hyp/config.h>
#include <hyp/console.h>
#include <hyp/cpu.h>
#include <hyp/image.h>
#include <hyp/lock.h>
#include <hyp/vgic.h>

struct cell {
	char name[CELL_NAME_SIZE];
	struct bundle_image config_image; /* "cell-NAME" in the bundle */
	unsigned int index;		  /* in the bundle's order */
	bool is_root;			  /* the machine goes off with it */

	/* Guarded by the cells' lock. */
	enum bh_state state;
	enum bh_op job; /* 0: none */
	int job_result;
	enum bh_reason reason;
	enum bh_reason stop_reason; /* of the stop under way */
	uint64_t stop_deadline; /* ticks: by force then; 0: no answer awaited */
	struct timer stop_timer;
	unsigned int running_count; /* CPUs that have not stopped yet */
	uint64_t reset_said;	  /* ticks: when its own reset was told last */
	unsigned int reset_count; /* its own resets since then, that one too */
	bool is_hushed;		  /* what its restart has to say is not said */

	/* Written by the job, read by who waited for its end. */
	struct message message;
	struct message stop_message; /* why it stopped last; until it starts */
	struct cell_config *config;  /* a page, while not ABSENT */
	struct cpu *cpu[CONFIG_CPUS_MAX];
	unsigned int cpu_count;
	struct stage2 stage2;
	uint64_t memory_size;
	bool image_is_checked; /* its hash was right; the bundle cannot change */
	bool initrd_is_checked;	  /* the same */
	bool memory_is_clean;	  /* zeroed since the last guest ran */
	struct image_plan plan;	  /* of the load under way */
	struct image_part initrd; /* file_size 0: none */
	ipa_t entry;
	ipa_t fdt;

	struct vgic vgic;
	struct console_port console; /* guarded by the console's lock */

	struct spinlock event_lock;
	uint32_t events; /* enum bh_events; guarded by event_lock */
};

/**
 * cells_init() - a record for each "cell-NAME" of the bundle, hashes checked
 *
 * What is more than CONFIG_CELLS_MAX, or has too long a name, is left out, and said.
 *
 * Return: 0, or -HYP_EBADMSG: a config's hash is wrong, so the bundle is damaged.
 */
int cells_init(const struct board *board, const struct system_config *system,
	       const struct bundle *bundle, struct message *message) MUST_CHECK;

/** cell_by_index() - NULL past the last */
struct cell *cell_by_index(uint64_t index);

/**
 * cell_op() - check a command and start its job
 *
 * A cell that was asked to shut down and has not answered yet can be ended by force,
 * or destroyed; one that is being restarted can be shut down or destroyed instead.
 * Every other command waits for the end of the one before.
 *
 * Return: 0 (see the job for its end), or, with a sentence in cell->message,
 *	-HYP_EAGAIN: a job is under way (without a sentence: that is the job's),
 *	-HYP_EBUSY: another cell owns what the config names,
 *	-HYP_EINVAL: not in this state, or no such command,
 *	-HYP_ENOMEM, or the error of cell_config_read().
 */
int cell_op(struct cell *cell, enum bh_op op, uint64_t flags) MUST_CHECK;

/** cell_job() - do the job of the cell whose first CPU this is */
void cell_job(struct cpu *cpu);

/**
 * cell_boot_root() - create, load and start the root cell; its first CPU must be
 * this one. Does not return on success.
 *
 * Return: a negative errno with a sentence in @message.
 */
int cell_boot_root(const char *name, struct cpu *cpu,
		   struct message *message) MUST_CHECK;

/** cells_autostart() - begin to start every cell whose config says so */
void cells_autostart(void);

/**
 * cell_stop() - all CPUs of a running cell shall leave it; any CPU may call
 * @why: what a person reads after the cell's name
 *
 * After BH_REASON_RESET the cell is loaded and started again.
 */
void cell_stop(struct cell *cell, enum bh_reason reason, const char *why);

/**
 * cell_event() - set or take back bits of what the cell is told (enum bh_events)
 *
 * Return: the bits before.
 */
uint32_t cell_event(struct cell *cell, uint32_t set, uint32_t clear);

/** cell_console_changed() - input waits or not, its virtual UART's line too: tell it */
void cell_console_changed(struct cell *cell);

/** cell_cpu_entering() - the last step before the guest's first instruction */
void cell_cpu_entering(struct cpu *cpu);

/** cell_cpu_stopped() - this CPU has left its guest; the last one cleans up */
void cell_cpu_stopped(struct cpu *cpu);

/** cells_lock(), cells_unlock() - for vcpu.power, see psci.c */
void cells_lock(void);
void cells_unlock(void);

#endif /* HYP_CELL_H */
