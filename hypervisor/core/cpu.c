// SPDX-License-Identifier: Apache-2.0
/* CPUs: bringing them up, parking them, and in and out of a guest. */
#include <arch/barrier.h>
#include <arch/cache.h>
#include <arch/cpu.h>
#include <arch/guest.h>
#include <arch/power.h>
#include <arch/stage1.h>
#include <hyp/cell.h>
#include <hyp/cpu.h>
#include <hyp/errno.h>
#include <hyp/irqchip.h>
#include <hyp/page.h>
#include <hyp/printk.h>

#define CPU_START_MS 1000

_Static_assert(sizeof(struct cpu) <= 2 * PAGE_SIZE,
	       "cpu_make() takes two pages");

static struct cpu *cpus[CONFIG_CPUS_MAX];
static struct board_timer timer_intids;
static uint32_t maintenance_intid;

struct cpu *cpu_by_index(unsigned int index)
{
	return index < CONFIG_CPUS_MAX && cpus[index] != NULL &&
			       cpus[index]->is_online ?
		       cpus[index] :
		       NULL;
}

struct cpu *cpu_this(void)
{
	return arch_cpu_this();
}

static void private_own(struct cpu *cpu, uint32_t intid, enum virq_kind kind)
{
	if (intid < VGIC_PRIVATE) {
		cpu->vgic.private[intid].intid = (uint16_t)intid;
		cpu->vgic.private[intid].kind = (uint8_t)kind;
	}
}

/* What runs on the CPU itself once its tables are on. */
static int cpu_init_here(struct cpu *cpu)
{
	int ret;

	arch_cpu_set_this(cpu);
	for (uint32_t i = 0; i < VGIC_PRIVATE; i++) {
		cpu->vgic.private[i].intid = (uint16_t)i;
	}
	private_own(cpu, IRQCHIP_KICK_SGI, VIRQ_KICK);
	private_own(cpu, maintenance_intid, VIRQ_MAINTENANCE);
	private_own(cpu, timer_intids.hypervisor, VIRQ_HYP_TIMER);
	private_own(cpu, timer_intids.virtual, VIRQ_LINKED);
	private_own(cpu, timer_intids.physical, VIRQ_LINKED);
	guest_leave();
	stage2_enter(NULL);
	ret = irqchip->cpu_init(cpu);
	if (ret != 0) {
		return ret;
	}
	irqchip->virtual_reset(false);
	irqchip->enable(IRQCHIP_KICK_SGI);
	irqchip->enable(maintenance_intid);
	irqchip->enable(timer_intids.hypervisor);
	cpu->irq_handler = irqchip->handle;
	/* Pairs with the load in cpu_start(). */
	__atomic_store_n(&cpu->is_online, true, __ATOMIC_RELEASE);
	return 0;
}

static struct cpu *cpu_make(unsigned int index, uint64_t mpidr)
{
	struct cpu *cpu = page_alloc_table(sizeof(*cpu));

	if (cpu == NULL) {
		return NULL;
	}
	cpu->index = index;
	cpu->mpidr = mpidr;
	timer_init(&cpu->timers, irqchip->tick);
	cpu->stack_top = stage1_map_stack(index);
	return cpu->stack_top == 0 ? NULL : cpu;
}

static void cpu_start(struct cpu *cpu)
{
	uint64_t deadline = timer_now() + timer_ticks(CPU_START_MS);
	int64_t answer;

	stage1_boot_values(&cpu->boot);
	cpu->boot.stack = cpu->stack_top;
	cpu->boot.argument = (uintptr_t)cpu;
	/* head.S reads it with the MMU off. */
	cache_clean(&cpu->boot, sizeof(cpu->boot));
	answer = power_cpu_on(cpu->mpidr, &cpu->boot);
	while (answer == PSCI_SUCCESS && timer_now() < deadline) {
		if (__atomic_load_n(&cpu->is_online, __ATOMIC_ACQUIRE)) {
			return;
		}
		arch_cpu_relax();
	}
	printk(LOG_ERROR, "CPU %u does not start (PSCI CPU_ON: %ld): left out",
	       cpu->index, answer);
}

int cpu_init(const struct board *board)
{
	uint64_t self = arch_cpu_mpidr();

	arch_cpu_set_this(NULL); /* whatever the firmware kept there */
	timer_intids = board->timer;
	maintenance_intid = board->gic.maintenance_intid;
	for (unsigned int i = 0; i < board->cpu_count; i++) {
		cpus[i] = cpu_make(i, board->cpu_mpidr[i]);
		if (cpus[i] == NULL) {
			return -HYP_ENOMEM;
		}
	}
	for (unsigned int i = 0; i < board->cpu_count; i++) {
		if (cpus[i]->mpidr == self) {
			int ret = cpu_init_here(cpus[i]);

			if (ret != 0) {
				return ret;
			}
		}
	}
	for (unsigned int i = 0; i < board->cpu_count; i++) {
		if (cpus[i]->mpidr != self) {
			cpu_start(cpus[i]);
		}
	}
	return arch_cpu_this() == NULL ? -HYP_ENODEV : 0;
}

void cpu_request(struct cpu *cpu, enum cpu_request request)
{
	/* Pairs with the exchange in cpu_serve_requests(). */
	__atomic_fetch_or(&cpu->requests, (uint32_t)request, __ATOMIC_RELEASE);
	irqchip->kick(cpu);
}

void cpu_serve_requests(struct cpu *cpu)
{
	uint32_t requests =
		__atomic_exchange_n(&cpu->requests, 0, __ATOMIC_ACQUIRE);

	if ((requests & CPU_REQUEST_TIMER) != 0) {
		requests &= ~(uint32_t)CPU_REQUEST_TIMER;
		timer_reprogram(cpu);
	}
	while ((requests & CPU_REQUEST_HALT) != 0) {
		power_wait();
	}
	if (cpu->in_guest) {
		/* The rest is for cpu_main(), which looks when it begins. */
		__atomic_fetch_or(&cpu->requests,
				  requests & ~(uint32_t)CPU_REQUEST_STOP,
				  __ATOMIC_RELAXED);
		if ((requests & CPU_REQUEST_STOP) != 0) {
			cpu_leave_guest(cpu);
		}
		return;
	}
	if ((requests & CPU_REQUEST_STOP) != 0 &&
	    (requests & CPU_REQUEST_START) != 0) {
		requests &= ~(uint32_t)CPU_REQUEST_START;
		cell_cpu_stopped(cpu); /* before it began */
	}
	if ((requests & CPU_REQUEST_JOB) != 0) {
		cell_job(cpu);
	}
	if ((requests & CPU_REQUEST_START) != 0) {
		cpu_enter_guest(cpu);
	}
}

void cpu_main(struct cpu *cpu)
{
	if (!cpu->is_online) {
		int ret = cpu_init_here(cpu);

		if (ret != 0) {
			printk(LOG_ERROR, "CPU %u: no GIC interface (%d)",
			       cpu->index, ret);
		}
	}
	for (;;) {
		cpu_serve_requests(cpu);
		/* Interrupts stay masked at EL2: a pending one ends the wait. */
		power_wait();
		irqchip->handle(cpu);
	}
}

static NORETURN void cpu_enter_now(struct cpu *cpu)
{
	arch_guest_enter(cpu->vcpu.entry, cpu->vcpu.context, cpu->stack_top,
			 GUEST_SPSR);
}

void cpu_enter_guest(struct cpu *cpu)
{
	struct cell *cell = cpu->vcpu.cell;

	for (unsigned int i = 0; i < BH_STAT_NR; i++) {
		cpu->vcpu.stat[i] = 0;
	}
	stage2_enter(&cell->stage2);
	guest_reset(cpu);
	vgic_cpu_start(cpu, cell);
	cpu->in_guest = true;
	cell_cpu_entering(cpu);
	cpu_enter_now(cpu);
}

static void cpu_left(struct cpu *cpu)
{
	cell_cpu_stopped(cpu);
	cpu_main(cpu);
}

void cpu_leave_guest(struct cpu *cpu)
{
	cpu->in_guest = false;
	vgic_cpu_stop(cpu);
	guest_leave();
	/* The abandoned exit's frame is below: start at the top again. */
	arch_call_on_stack(cpu, cpu->stack_top, cpu_left);
}
