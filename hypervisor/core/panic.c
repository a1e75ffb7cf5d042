// SPDX-License-Identifier: Apache-2.0
/* The hypervisor's last words; see <hyp/panic.h>. */
#include <arch/boot.h>
#include <arch/cpu.h>
#include <arch/power.h>
#include <hyp/cell.h>
#include <hyp/console.h>
#include <hyp/cpu.h>
#include <hyp/message.h>
#include <hyp/panic.h>
#include <hyp/printk.h>

#define TRACE_MAX 24
#define SETTLE_TURNS 10000u
#define LINE_SIZE 160

static struct message sentence; /* of panic() */
static uint32_t reset_ms;
static bool is_configured;
static uint64_t owner; /* the CPU that reports: its affinity + 1 */
static char line[LINE_SIZE];

void panic_init(uint32_t ms)
{
	reset_ms = ms;
	is_configured = true;
}

/* The registers are saved by the exception, as for a failure of any other kind. */
void panic(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_format_va(sentence.text, sizeof(sentence.text), format, args);
	va_end(args);
	arch_panic();
}

static PRINTF_FORMAT(1, 2) void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_format_va(line, sizeof(line), format, args);
	va_end(args);
	console_puts(line);
}

static NORETURN void stay(void)
{
	for (;;) {
		power_wait();
	}
}

static NORETURN void finish(const struct panic_state *state)
{
	uint32_t ms = is_configured ? reset_ms : CONFIG_PANIC_RESET_MS;
	uint64_t start;

	if (ms == 0 || state->level != 2) {
		say("panic: the machine stays stopped");
		stay();
	}
	say("panic: the machine is reset in %u ms", ms);
	start = timer_now();
	while (timer_now() - start < timer_ticks(ms)) {
		arch_cpu_relax();
	}
	power_reset();
}

/*
 * Only one CPU reports. Exclusive accesses may not work yet, so this is a store and
 * a look after a while: of those that fail at once the last one stays.
 */
static void own(const struct panic_state *state, uint64_t self)
{
	uint64_t before = __atomic_load_n(&owner, __ATOMIC_RELAXED);

	if (before == self) {
		say("panic: and once more while this was said, at 0x%lx (ESR "
		    "0x%lx)",
		    state->pc - arch_image_start(), state->esr);
		finish(state);
	}
	if (before != 0) {
		stay();
	}
	__atomic_store_n(&owner, self, __ATOMIC_RELAXED);
	for (unsigned int i = 0; i < SETTLE_TURNS; i++) {
		arch_cpu_relax();
	}
	if (__atomic_load_n(&owner, __ATOMIC_RELAXED) != self) {
		stay();
	}
}

/* This CPU's record, or NULL: what the register holds cannot be trusted early on. */
static struct cpu *stop_others(unsigned int level)
{
	struct cpu *this = NULL;

	for (unsigned int i = 0; i < CONFIG_CPUS_MAX && level == 2; i++) {
		struct cpu *cpu = cpu_by_index(i);

		if (cpu != NULL && cpu == arch_cpu_this()) {
			this = cpu;
		} else if (cpu != NULL) {
			cpu_request(cpu, CPU_REQUEST_HALT);
		}
	}
	return this;
}

static void say_place(const char *what, uint64_t address)
{
	uint64_t offset = address - arch_image_start();

	if (offset < arch_image_file_size()) {
		say("panic: %s image+0x%lx", what, offset);
	} else {
		say("panic: %s 0x%lx", what, address);
	}
}

/*
 * The chain of frame records (AAPCS64, 6.4.6 The Frame Pointer): each holds the
 * caller's x29 and the return address. It goes up, within one stack; its end is
 * what a guest or nobody left in x29. Where a function without a record failed, its
 * caller is in x30 only.
 */
static void say_trace(const struct panic_state *state)
{
	uint64_t at = state->x[29];
	uint64_t top = at | (CPU_STACK_SIZE - 1);

	say_place("at", state->pc);
	say_place("LR", state->x[30]);
	if (at < state->sp || at - state->sp > 2 * CPU_STACK_SIZE) {
		return;
	}
	for (unsigned int i = 0; i < TRACE_MAX && at % 16 == 0 && at < top;
	     i++) {
		const uint64_t *record = (const uint64_t *)(uintptr_t)at;

		if (record[1] == 0) {
			break;
		}
		say_place("from", record[1]);
		if (record[0] <= at) {
			break;
		}
		at = record[0];
	}
}

void panic_report(const struct panic_state *state, const char *why)
{
	uint64_t self = arch_cpu_mpidr() + 1;
	const uint64_t *x = state->x;
	struct cpu *cpu;

	console_panic(); /* no lock: its holder may be who failed */
	own(state, self);
	cpu = stop_others(state->level);
	say("panic: the hypervisor itself failed: %s",
	    sentence.text[0] != '\0' ? sentence.text : why);
	say("panic: CPU 0x%lx, cell %s, EL%u, image at 0x%lx", self - 1,
	    cpu == NULL || cpu->vcpu.cell == NULL ? "-" : cpu->vcpu.cell->name,
	    state->level, arch_image_start());
	say("panic: ELR 0x%lx ESR 0x%lx FAR 0x%lx SPSR 0x%lx SP 0x%lx",
	    state->pc, state->esr, state->far, state->spsr, state->sp);
	for (unsigned int i = 0; i < 28; i += 4) {
		say("panic: x%u 0x%lx 0x%lx 0x%lx 0x%lx", i, x[i], x[i + 1],
		    x[i + 2], x[i + 3]);
	}
	say("panic: x28 0x%lx 0x%lx 0x%lx", x[28], x[29], x[30]);
	say_trace(state);
	finish(state);
}
