// SPDX-License-Identifier: Apache-2.0
/* How a cell is asked to end, is ended, and what follows. */
#include "cell_internal.h"
#include <arch/power.h>
#include <hyp/errno.h>
#include <hyp/printk.h>
#include <hyp/shared.h>

#define RESET_SAY_MS 1000

/* With the cell's event lock held. */
static uint32_t event_change(struct cell *cell, uint32_t set, uint32_t clear)
{
	struct cpu *cpu = cell->cpu[0];
	uint32_t before = cell->events;

	cell->events = (before & ~clear) | set;
	if (cpu != NULL && cpu->in_guest) {
		vgic_line_set(&cpu->vgic.private[CONSOLE_INTID],
			      cell -> events != 0);
	}
	return before;
}

uint32_t cell_event(struct cell *cell, uint32_t set, uint32_t clear)
{
	uint32_t before;

	spinlock_lock(&cell->event_lock);
	before = event_change(cell, set, clear);
	spinlock_unlock(&cell->event_lock);
	return before;
}

/* The state is asked for under the lock, so that what is told last is true. */
void cell_console_changed(struct cell *cell)
{
	enum console_state state;
	bool line;

	spinlock_lock(&cell->event_lock);
	line = cell->console.uart.line;
	state = console_cell_state(cell);
	if ((state & CONSOLE_HAS_INPUT) != 0) {
		event_change(cell, BH_EVENT_INPUT, 0);
	} else {
		event_change(cell, 0, BH_EVENT_INPUT);
	}
	if (line != cell->console.uart.line) {
		vgic_emulated_set(cell, !line);
	}
	spinlock_unlock(&cell->event_lock);
}

/* Under the cells' lock: every CPU that runs leaves the guest now. */
static void stop_force(struct cell *cell)
{
	cell->stop_deadline = 0;
	timer_cancel(&cell->stop_timer);
	for (unsigned int i = 0; i < cell->cpu_count; i++) {
		if (cell->cpu[i]->vcpu.power != VCPU_OFF) {
			cpu_request(cell->cpu[i], CPU_REQUEST_STOP);
		}
	}
}

static void stop_timer_expire(struct timer *timer, uint64_t now)
{
	struct cell *cell = CONTAINER_OF(timer, struct cell, stop_timer);

	cells_lock();
	if (cell->stop_deadline != 0) {
		if (now < cell->stop_deadline) {
			timer_arm(timer, cell->stop_deadline);
		} else {
			message_set(&cell->message, 0,
				    "cell %s did not answer within %u ms and "
				    "was stopped by force",
				    cell->name, cell->config->shutdown_ms);
			stop_force(cell);
		}
	}
	cells_unlock();
}

/* Under the cells' lock, in which the timer is armed and cancelled. */
static void stop_ask(struct cell *cell)
{
	cell->stop_deadline =
		timer_now() + timer_ticks(cell->config->shutdown_ms);
	cell->stop_timer.expire = stop_timer_expire;
	timer_cancel(&cell->stop_timer);
	timer_arm(&cell->stop_timer, cell->stop_deadline);
	cell_event(cell, BH_EVENT_SHUTDOWN, 0);
}

void cell_stop_begin(struct cell *cell, bool by_force)
{
	cell->stop_reason = BH_REASON_COMMAND;
	if (by_force || cell->config->shutdown_ms == 0) {
		stop_force(cell);
	} else {
		stop_ask(cell);
	}
}

/*
 * Under the cells' lock. A guest may reset itself as often as it likes, but not have
 * EL2 print each time, which takes the console from the others.
 */
static void reset_count(struct cell *cell, const char *why)
{
	uint64_t now = timer_now();

	cell->is_hushed = cell->reset_count != 0 &&
			  now - cell->reset_said < timer_ticks(RESET_SAY_MS);
	cell->reset_count++;
	if (cell->is_hushed) {
		return;
	}
	cell->reset_said = now;
	if (cell->reset_count > 1) {
		message_set(&cell->message, 0,
			    "cell %s %s: %u times since that was said last",
			    cell->name, why, cell->reset_count);
	}
	cell->reset_count = 1;
}

void cell_stop(struct cell *cell, enum bh_reason reason, const char *why)
{
	cells_lock();
	if (cell->state == BH_STATE_RUNNING &&
	    (cell->job == 0 || cell->stop_deadline != 0)) {
		if (cell->job == 0) {
			cell->job = reason == BH_REASON_RESET ? BH_OP_RESTART :
								BH_OP_SHUTDOWN;
			cell->stop_reason = reason;
		} else if (reason == BH_REASON_FAULT) {
			cell->stop_reason = reason;
		}
		message_set(&cell->message, 0, "cell %s %s", cell->name, why);
		if (cell->job == BH_OP_RESTART && reason == BH_REASON_RESET) {
			reset_count(cell, why);
		}
		stop_force(cell);
	}
	cells_unlock();
}

/* The machine goes with the cell that manages it. */
static void stop_machine(const struct cell *cell)
{
	if (cell->reason == BH_REASON_SYSTEM_OFF) {
		printk(LOG_NOTICE, "the machine is switched off");
		console_panic();
		console_puts("good-bye");
		power_off(BOARD_CONDUIT_SMC);
	}
	printk(LOG_ERROR,
	       "the root cell has stopped; the others go on without it");
}

/* Under the cells' lock: a stop that nobody commanded, by the last CPU_OFF. */
static void stop_by_cpu_off(struct cell *cell)
{
	cell->job = BH_OP_SHUTDOWN;
	cell->stop_reason = BH_REASON_SYSTEM_OFF;
	message_set(&cell->message, 0,
		    "cell %s: its last CPU switched itself off", cell->name);
}

void cell_stop_forget(struct cell *cell)
{
	cell->reason = BH_REASON_NONE;
	cell->stop_message.text[0] = '\0';
}

void cell_stop_command(struct cell *cell)
{
	cell->reason = BH_REASON_COMMAND;
	message_set(&cell->stop_message, 0, "cell %s was stopped by a command",
		    cell->name);
}

/* Said on the console, unless a command did it, and kept for who asks. */
static void stop_explain(struct cell *cell)
{
	if (cell->message.text[0] == '\0') {
		cell_stop_command(cell);
		return;
	}
	cell->reason = cell->stop_reason;
	cell->stop_message = cell->message;
	if (!cell->is_hushed) {
		printk(LOG_NOTICE, "%s", cell->message.text);
	}
}

static void stop_finish(struct cell *cell)
{
	devices_revoke(cell);
	shared_close(cell);
	console_cell_stop(cell);
	cell_event(cell, 0, UINT32_MAX);
	stop_explain(cell);
	if (cell->is_root && cell->job != BH_OP_RESTART) {
		stop_machine(cell);
	}
	cells_lock();
	if (cell->job == BH_OP_DESTROY || cell->job == BH_OP_RESTART) {
		/* The rest of the job is the first CPU's. */
		cell->state = BH_STATE_SHUT_DOWN;
		cells_unlock();
		cpu_request(cell->cpu[0], CPU_REQUEST_JOB);
		return;
	}
	cells_unlock();
	cell_job_done(cell,
		      cell->reason == BH_REASON_FAULT ? BH_STATE_FAILED :
							BH_STATE_SHUT_DOWN,
		      0);
}

void cell_cpu_stopped(struct cpu *cpu)
{
	struct cell *cell = cpu->vcpu.cell;
	bool is_last;

	cells_lock();
	cpu->vcpu.power = VCPU_OFF;
	/* It may have been told to stop while it did so by itself. */
	__atomic_fetch_and(&cpu->requests, ~(uint32_t)CPU_REQUEST_STOP,
			   __ATOMIC_RELAXED);
	is_last = --cell->running_count == 0;
	if (is_last) {
		cell->stop_deadline = 0;
		timer_cancel(&cell->stop_timer);
		if (cell->job == 0) {
			stop_by_cpu_off(cell);
		}
	}
	cells_unlock();
	if (is_last) {
		stop_finish(cell);
	}
}
