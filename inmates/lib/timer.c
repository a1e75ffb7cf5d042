// SPDX-License-Identifier: Apache-2.0
// Time, by the generic timer's virtual counter and its interrupt.

#include <hyp/errno.h>

#include "cpu.h"
#include "devtree.h"
#include "irq.h"
#include "timer.h"

#define CTL_ENABLE 1
#define NODE_IRQ_VIRTUAL 2 /* secure, non-secure, virtual, hypervisor */

/* Nobody waits for the interrupt as such: it ends a WFI. */
static void timer_handler(void *arg)
{
	(void)arg;
	CPU_WRITE(cntv_ctl_el0, 0);
	cpu_isb();
}

int timer_init(void)
{
	struct devtree_irq irq;
	int node = devtree_find_compatible("arm,armv8-timer");
	int result;

	if (node < 0) {
		node = devtree_find_compatible("arm,armv7-timer");
	}
	if (node < 0 || timer_freq_hz() == 0) {
		return -HYP_ENODEV;
	}
	CPU_WRITE(cntv_ctl_el0, 0);
	result = devtree_irq(node, NODE_IRQ_VIRTUAL, &irq);
	if (result != 0) {
		return result;
	}
	return irq_request(irq.intid, timer_handler, NULL, irq.is_edge);
}

uint64_t timer_ticks(void)
{
	cpu_isb();
	return CPU_READ(cntvct_el0);
}

uint64_t timer_freq_hz(void)
{
	return CPU_READ(cntfrq_el0) & UINT32_MAX;
}

static uint64_t timer_scaled(uint64_t per_second)
{
	const uint64_t ticks = timer_ticks();
	const uint64_t freq_hz = timer_freq_hz();

	return ticks / freq_hz * per_second +
	       ticks % freq_hz * per_second / freq_hz;
}

uint64_t timer_now_us(void)
{
	return timer_scaled(1000000);
}

uint64_t timer_now_ns(void)
{
	return timer_scaled(1000000000);
}

static bool never_done(void *arg)
{
	(void)arg;
	return false;
}

void timer_delay_ms(uint32_t delay_ms)
{
	(void)timer_wait(never_done, NULL, delay_ms);
}

bool timer_wait(bool (*is_done)(void *arg), void *arg, uint32_t timeout_ms)
{
	const uint64_t deadline =
		timer_ticks() + timer_freq_hz() * timeout_ms / 1000;
	const uint64_t daif = cpu_irq_save();
	bool done = is_done(arg);

	while (!done && timer_ticks() < deadline) {
		CPU_WRITE(cntv_cval_el0, deadline);
		CPU_WRITE(cntv_ctl_el0, CTL_ENABLE);
		cpu_isb();
		cpu_wait_for_interrupt();
		done = is_done(arg);
	}
	CPU_WRITE(cntv_ctl_el0, 0);
	cpu_isb();
	cpu_irq_restore(daif);
	return done;
}
