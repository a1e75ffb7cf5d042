// SPDX-License-Identifier: Apache-2.0
/* The life of a cell: one state machine under one lock; see <hyp/cell.h>. */
#include "cell_internal.h"
#include <hyp/errno.h>
#include <hyp/printk.h>
#include <hyp/shared.h>
#include <string.h>

#define CELL_PREFIX_SIZE 5 /* "cell-" */

static struct cell cells[CONFIG_CELLS_MAX];
static unsigned int cell_count;
static struct spinlock lock;

static const struct board *the_board;
static const struct system_config *the_system;
static const struct bundle *the_bundle;

static const char *const state_words[BH_STATE_NR] = {
	[BH_STATE_ABSENT] = "not created",  [BH_STATE_CREATED] = "created",
	[BH_STATE_LOADED] = "loaded",	    [BH_STATE_RUNNING] = "running",
	[BH_STATE_SHUT_DOWN] = "shut down", [BH_STATE_FAILED] = "failed",
};

static const char *const op_words[BH_OP_NR] = {
	[BH_OP_CREATE] = "create",	 [BH_OP_LOAD] = "load",
	[BH_OP_START] = "start",	 [BH_OP_SHUTDOWN] = "shutdown",
	[BH_OP_DESTROY] = "destroy",	 [BH_OP_RESTART] = "restart",
	[BH_OP_AUTOSTART] = "autostart",
};

/* Per command: the states that it is for, one bit each. */
static const uint8_t op_states[BH_OP_NR] = {
	[BH_OP_CREATE] = BIT(BH_STATE_ABSENT),
	[BH_OP_LOAD] = BIT(BH_STATE_CREATED) | BIT(BH_STATE_LOADED) |
		       BIT(BH_STATE_SHUT_DOWN) | BIT(BH_STATE_FAILED),
	[BH_OP_START] = BIT(BH_STATE_LOADED),
	[BH_OP_SHUTDOWN] = BIT(BH_STATE_RUNNING),
	[BH_OP_DESTROY] = BIT(BH_STATE_CREATED) | BIT(BH_STATE_LOADED) |
			  BIT(BH_STATE_RUNNING) | BIT(BH_STATE_SHUT_DOWN) |
			  BIT(BH_STATE_FAILED),
	[BH_OP_RESTART] = BIT(BH_STATE_LOADED) | BIT(BH_STATE_RUNNING) |
			  BIT(BH_STATE_SHUT_DOWN) | BIT(BH_STATE_FAILED),
};

/* Where the command is not allowed: what the state asks for. */
static const char *const state_advice[BH_STATE_NR] = {
	[BH_STATE_ABSENT] = "create it first",
	[BH_STATE_CREATED] = "load it, or destroy it",
	[BH_STATE_LOADED] = "start it, or destroy it",
	[BH_STATE_RUNNING] = "shut it down first",
	[BH_STATE_SHUT_DOWN] = "load it, or destroy it",
	[BH_STATE_FAILED] = "load it, or destroy it",
};

void cells_lock(void)
{
	spinlock_lock(&lock);
}

void cells_unlock(void)
{
	spinlock_unlock(&lock);
}

struct cell *cell_by_index(uint64_t index)
{
	return index < cell_count ? &cells[index] : NULL;
}

/* One that cannot be a cell is left out, and the others are what they are. */
static int cell_add(const struct bundle_image *image,
		    const struct bundle *bundle, struct message *message)
{
	struct cell *cell = &cells[cell_count];
	const char *name = image->name + CELL_PREFIX_SIZE;
	int ret;

	if (cell_count == CONFIG_CELLS_MAX) {
		printk(LOG_ERROR,
		       "bundle: image \"%s\" is left out: there are %u cells "
		       "already; raise CONFIG_CELLS_MAX",
		       image->name, CONFIG_CELLS_MAX);
		return 0;
	}
	if (strlen(name) >= sizeof(cell->name)) {
		printk(LOG_ERROR,
		       "bundle: image \"%s\" is left out: a cell's name has at "
		       "most %u characters",
		       image->name, CELL_NAME_SIZE - 1);
		return 0;
	}
	ret = bundle_image_check(bundle, image, message);
	if (ret == 0) {
		memcpy(cell->name, name, strlen(name) + 1);
		cell->index = cell_count;
		cell->config_image = *image;
		cell_count++;
	}
	return ret;
}

int cells_init(const struct board *board, const struct system_config *system,
	       const struct bundle *bundle, struct message *message)
{
	struct bundle_image image;
	int ret = 0;

	the_board = board;
	the_system = system;
	the_bundle = bundle;
	for (unsigned int i = 0;
	     ret == 0 && bundle_cell(bundle, i, &image) == 0; i++) {
		ret = cell_add(&image, bundle, message);
	}
	return ret;
}

/* The job is over: its result, then the state, seen by who polls. */
void cell_job_done(struct cell *cell, enum bh_state state, int result)
{
	cells_lock();
	cell->state = state;
	cell->job_result = result;
	cell->job = 0;
	cells_unlock();
}

static void job_create(struct cell *cell)
{
	int ret = cell_build(cell, the_board, &cell->message);

	if (ret != 0) {
		cells_lock();
		cell_unclaim(cell);
		cells_unlock();
	}
	cell_job_done(cell, ret == 0 ? BH_STATE_CREATED : BH_STATE_ABSENT, ret);
}

static int cell_load(struct cell *cell)
{
	int ret = devices_assign(cell, &cell->message);

	return ret == 0 ? cell_image_load(cell, the_bundle, &cell->message) :
			  ret;
}

/* After a failed load the memory holds no whole program. */
static enum bh_state state_unloaded(const struct cell *cell)
{
	return cell->state == BH_STATE_LOADED ? BH_STATE_CREATED : cell->state;
}

static void job_load(struct cell *cell)
{
	int ret = cell_load(cell);

	cell_job_done(cell, ret == 0 ? BH_STATE_LOADED : state_unloaded(cell),
		      ret);
}

/* Under the lock: from now on it runs. */
static void start_commit(struct cell *cell, struct cpu *cpu)
{
	console_cell_open(cell);
	cpu->vcpu.entry = cell->entry.raw;
	cpu->vcpu.context = cell->fdt.raw;
	cpu->vcpu.power = VCPU_ON;
	cell->running_count = 1;
	cell_stop_forget(cell);
	cell->state = BH_STATE_RUNNING;
	cell->job_result = 0;
	cell->job = 0;
}

/* Does not come back: the CPU goes on in the guest. */
static NORETURN void job_start(struct cell *cell, struct cpu *cpu)
{
	vgic_cell_reset(cell);
	cells_lock();
	start_commit(cell, cpu);
	cells_unlock();
	cpu_enter_guest(cpu);
}

static void job_autostart(struct cell *cell, struct cpu *cpu)
{
	int ret = cell_build(cell, the_board, &cell->message);

	if (ret == 0) {
		ret = cell_load(cell);
		if (ret == 0) {
			job_start(cell, cpu);
		}
		cell_job_done(cell, BH_STATE_CREATED, ret);
	} else {
		cells_lock();
		cell_unclaim(cell);
		cells_unlock();
		cell_job_done(cell, BH_STATE_ABSENT, ret);
	}
	printk(LOG_ERROR, "%s", cell->message.text);
}

static void job_destroy(struct cell *cell)
{
	cell_unbuild(cell);
	cells_lock();
	cell_unclaim(cell);
	cell_stop_forget(cell);
	cells_unlock();
	cell_job_done(cell, BH_STATE_ABSENT, 0);
}

/* The restart has got this far, and then the end was asked for: see op_overtakes(). */
static void job_overtaken(struct cell *cell)
{
	if (cell->job == BH_OP_DESTROY) {
		job_destroy(cell);
		return;
	}
	devices_revoke(cell);
	cell_stop_command(cell);
	cell_job_done(cell, BH_STATE_SHUT_DOWN, 0);
}

static void job_restart(struct cell *cell, struct cpu *cpu)
{
	int ret = cell_load(cell);
	bool is_overtaken;

	if (ret == 0) {
		vgic_cell_reset(cell);
	}
	cells_lock();
	is_overtaken = cell->job != BH_OP_RESTART;
	if (!is_overtaken && ret == 0) {
		start_commit(cell, cpu);
		cells_unlock();
		cpu_enter_guest(cpu);
	}
	if (!is_overtaken) {
		cell->state = state_unloaded(cell);
		cell->job_result = ret;
		cell->job = 0;
	}
	cells_unlock();
	if (is_overtaken) {
		job_overtaken(cell);
	} else if (cell->reason == BH_REASON_RESET) {
		printk(LOG_ERROR, "%s", cell->message.text);
	}
}

void cell_job(struct cpu *cpu)
{
	struct cell *cell = cpu->vcpu.cell;

	if (cell == NULL) {
		return;
	}
	switch (cell->job) {
	case BH_OP_CREATE:
		job_create(cell);
		break;
	case BH_OP_LOAD:
		job_load(cell);
		break;
	case BH_OP_START:
		job_start(cell, cpu);
		break;
	case BH_OP_DESTROY:
		job_destroy(cell);
		break;
	case BH_OP_RESTART:
		job_restart(cell, cpu);
		break;
	case BH_OP_AUTOSTART:
		job_autostart(cell, cpu);
		break;
	case BH_OP_SHUTDOWN: /* else done by the CPUs as they leave the guest */
		job_overtaken(cell);
		break;
	case BH_OP_NR:
		break;
	}
}

/* Under the lock: may @op begin now? */
static int op_check(struct cell *cell, enum bh_op op)
{
	if (cell->job != 0) {
		/* The sentence is the job's: this one may not replace it. */
		return -HYP_EAGAIN;
	}
	if ((op_states[op] >> cell->state & 1) == 0) {
		return message_set(&cell->message, -HYP_EINVAL,
				   "cell %s is %s: cannot %s it; %s",
				   cell->name, state_words[cell->state],
				   op_words[op], state_advice[cell->state]);
	}
	if (cell->config != NULL && cell->config->may_manage &&
	    op != BH_OP_CREATE) {
		return message_set(&cell->message, -HYP_EINVAL,
				   "cell %s manages the others: it cannot be "
				   "stopped by a command",
				   cell->name);
	}
	return 0;
}

/*
 * Under the lock: a cell that was asked to end, and has not yet, is ended by force
 * now. What follows is what was asked for last.
 */
static bool op_hastens(struct cell *cell, enum bh_op op, uint64_t flags)
{
	bool is_stop = op == BH_OP_SHUTDOWN || op == BH_OP_RESTART;

	if (cell->stop_deadline == 0 ||
	    !(op == BH_OP_DESTROY || (is_stop && (flags & BH_OP_FORCE) != 0))) {
		return false;
	}
	cell->job = op;
	cell_stop_begin(cell, true);
	return true;
}

/*
 * Under the lock: a cell that is between two lives of a restart does not begin the
 * next one. A guest that resets itself without end is hardly ever found elsewhere.
 */
static bool op_overtakes(struct cell *cell, enum bh_op op)
{
	if (cell->job != BH_OP_RESTART || cell->stop_deadline != 0 ||
	    cell->config->may_manage ||
	    (op != BH_OP_DESTROY && op != BH_OP_SHUTDOWN)) {
		return false;
	}
	cell->job = op;
	return true;
}

int cell_op(struct cell *cell, enum bh_op op, uint64_t flags)
{
	int ret;

	if (op < BH_OP_CREATE || op >= BH_OP_AUTOSTART) {
		return -HYP_EINVAL;
	}
	cells_lock();
	if (op_hastens(cell, op, flags) || op_overtakes(cell, op)) {
		cells_unlock();
		return 0;
	}
	ret = op_check(cell, op);
	if (ret == 0) {
		cell->message.text[0] = '\0';
		cell->job_result = 0;
		cell->job = op;
		cell->is_hushed = false;
		cell->reset_count = 0;
		if (op == BH_OP_CREATE) {
			ret = cell_claim(cell, the_board, the_system,
					 &cell->message);
			if (ret != 0) {
				cell->job = 0;
				cell->job_result = ret;
			}
		}
	}
	if (ret == 0 && cell->state == BH_STATE_RUNNING) {
		cell_stop_begin(cell, (flags & BH_OP_FORCE) != 0 ||
					      op == BH_OP_DESTROY);
	} else if (ret == 0) {
		cpu_request(cell->cpu[0], CPU_REQUEST_JOB);
	}
	cells_unlock();
	return ret;
}

void cell_cpu_entering(struct cpu *cpu)
{
	struct cell *cell = cpu->vcpu.cell;

	cells_lock();
	cpu->vcpu.power = VCPU_ON;
	cells_unlock();
	if (cpu->vcpu.index == 0) {
		cell_event(cell, 0, 0); /* what was said before it listened */
		devices_open(cell);
		shared_open(cell);
	}
}

void cells_autostart(void)
{
	for (unsigned int i = 0; i < cell_count; i++) {
		struct cell *cell = &cells[i];
		int ret;

		if (cell->is_root ||
		    !cell_config_autostarts(cell->config_image.data)) {
			continue;
		}
		cells_lock();
		cell->job = BH_OP_AUTOSTART;
		ret = cell_claim(cell, the_board, the_system, &cell->message);
		if (ret == 0) {
			cpu_request(cell->cpu[0], CPU_REQUEST_JOB);
		} else {
			cell->job = 0;
			cell->job_result = ret;
		}
		cells_unlock();
		if (ret != 0) {
			printk(LOG_ERROR, "%s", cell->message.text);
		}
	}
}

static struct cell *cell_by_name(const char *name)
{
	for (unsigned int i = 0; i < cell_count; i++) {
		if (strcmp(cells[i].name, name) == 0) {
			return &cells[i];
		}
	}
	return NULL;
}

int cell_boot_root(const char *name, struct cpu *cpu, struct message *message)
{
	struct cell *cell = cell_by_name(name);
	int ret;

	if (cell == NULL) {
		return message_set(message, -HYP_ENOENT,
				   "system: /hypervisor: \"root-cell\": there "
				   "is no \"cell-%s\" in the bundle",
				   name);
	}
	cell->is_root = true;
	ret = cell_claim(cell, the_board, the_system, message);
	if (ret != 0) {
		return ret;
	}
	if (cell->cpu[0] != cpu) {
		return message_set(message, -HYP_EINVAL,
				   "cell %s: \"cpus\": the root cell's first "
				   "CPU must be CPU %u, which U-Boot started",
				   name, cpu->index);
	}
	ret = cell_build(cell, the_board, message);
	if (ret == 0) {
		ret = cell_image_load(cell, the_bundle, message);
	}
	if (ret != 0) {
		return ret;
	}
	cells_autostart();
	job_start(cell, cpu);
}
