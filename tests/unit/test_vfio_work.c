// SPDX-License-Identifier: Apache-2.0
/*
 * The work of an event does not grow with the device's IRQs: instructions are
 * counted, one by one, in a traced child, for few IRQs and for 64 of them.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../drivers/vfio_platform/vfio_platform.h"

#define COUNTS_MAX 8
#define STEPS_MAX 1000000

static struct vfio_platform_device dev;
static struct vfio_platform_irq irqs[VFIO_PLATFORM_IRQS_MAX];
static struct vfio_platform_region regions[1];
static unsigned int irq_count;
static bool is_edge;

/* Operations that do nothing, in the same number of instructions each time. */
static int op_attach(struct vfio_platform_device *d)
{
	(void)d;
	return 0;
}

static void op_nothing(struct vfio_platform_device *d)
{
	(void)d;
}

static int op_device_info(struct vfio_platform_device *d,
			  struct vfio_platform_device_info *info)
{
	(void)d;
	info->flags = VFIO_PLATFORM_DEVICE_PLATFORM;
	info->region_count = 1;
	info->irq_count = irq_count;
	return 0;
}

static int op_region_info(struct vfio_platform_device *d, unsigned int region,
			  struct vfio_platform_region_info *info)
{
	(void)d;
	(void)region;
	info->size = PAGE_SIZE;
	info->flags = VFIO_PLATFORM_REGION_READ | VFIO_PLATFORM_REGION_WRITE |
		      VFIO_PLATFORM_REGION_MMAP;
	return 0;
}

static int op_irq_info(struct vfio_platform_device *d, unsigned int irq,
		       struct vfio_platform_irq_info *info)
{
	(void)d;
	(void)irq;
	info->flags = VFIO_PLATFORM_IRQ_EVENTFD;
	if (!is_edge) {
		info->flags |= VFIO_PLATFORM_IRQ_MASKABLE |
			       VFIO_PLATFORM_IRQ_AUTOMASKED;
	}
	return 0;
}

static int op_index(struct vfio_platform_device *d, unsigned int index)
{
	(void)d;
	(void)index;
	return 0;
}

static void op_irq(struct vfio_platform_device *d, unsigned int irq)
{
	(void)d;
	(void)irq;
}

static int op_read(struct vfio_platform_device *d, unsigned int region,
		   uint64_t offset, unsigned int width, uint64_t *value)
{
	(void)d;
	(void)region;
	(void)offset;
	(void)width;
	*value = 0;
	return 0;
}

static int op_write(struct vfio_platform_device *d, unsigned int region,
		    uint64_t offset, unsigned int width, uint64_t value)
{
	(void)d;
	(void)region;
	(void)offset;
	(void)width;
	(void)value;
	return 0;
}

static void op_line_set(struct vfio_platform_device *d, unsigned int irq,
			bool is_high)
{
	(void)d;
	(void)irq;
	(void)is_high;
}

static uint64_t op_now(struct vfio_platform_device *d)
{
	(void)d;
	return 0;
}

static void op_deadline_set(struct vfio_platform_device *d, uint64_t ticks)
{
	(void)d;
	(void)ticks;
}

static const uint32_t is_traced = 1;

static void op_trace(struct vfio_platform_device *d,
		     struct vfio_platform_step step, uint64_t now)
{
	(void)d;
	(void)step;
	(void)now;
}

static const struct vfio_platform_ops ops = {
	.attach = op_attach,
	.detach = op_nothing,
	.device_info = op_device_info,
	.region_info = op_region_info,
	.irq_info = op_irq_info,
	.region_open = op_index,
	.region_prepare = op_index,
	.region_read = op_read,
	.region_write = op_write,
	.regions_trap = op_nothing,
	.regions_map = op_nothing,
	.irq_disarm = op_irq,
	.irq_clear = op_irq,
	.irq_link = op_index,
	.irq_unlink = op_irq,
	.irq_arm = op_index,
	.irq_unmask = op_irq,
	.line_set = op_line_set,
	.now = op_now,
	.deadline_set = op_deadline_set,
	.deadline_cancel = op_nothing,
	.is_traced = &is_traced,
	.trace = op_trace,
};

/* What is counted lies between two of these. */
static void mark(void)
{
	raise(SIGUSR1);
}

static void fire(unsigned int irq)
{
	if (vfio_platform_irq_fire(&dev, irq) != 0) {
		_exit(2);
	}
}

static void touch(void)
{
	uint64_t value;

	if (vfio_platform_access(&dev, 0, 0, 4, false, &value) != 0) {
		_exit(3);
	}
}

static void assign(void)
{
	const struct vfio_platform_setup setup = {
		.ops = &ops,
		.irqs = irqs,
		.irq_capacity = VFIO_PLATFORM_IRQS_MAX,
		.regions = regions,
		.region_capacity = 1,
		.timeout_ticks = 100,
		.reset_policy = VFIO_PLATFORM_RESET_NONE,
	};

	if (vfio_platform_assign(&dev, &setup, NULL) != 0) {
		_exit(4);
	}
}

/* One IRQ in service: T1, T3, T10, T6, T8 and T11, of the last IRQ. */
static void run_alone(void)
{
	unsigned int irq = irq_count - 1;

	assign();
	mark();
	fire(irq);
	mark();
	fire(irq);
	mark();
	vfio_platform_deadline(&dev, 100);
	mark();
	touch();
	mark();
	touch();
	mark();
	vfio_platform_deadline(&dev, 200);
	mark();
}

/* All IRQs busy: T2 for the last one to come, T4' for it, T7. */
static void run_crowded(void)
{
	unsigned int irq;

	assign();
	for (irq = 0; irq < irq_count - 1; irq++) {
		fire(irq);
	}
	mark();
	fire(irq);
	mark();
	fire(irq);
	mark();
	touch();
	mark();
}

/* Steps the child from one mark to the next. Returns the number of counts. */
static unsigned int count_in_child(void (*run)(void), unsigned int count,
				   bool edge, unsigned long counts[COUNTS_MAX])
{
	unsigned int marks = 0;
	unsigned long steps = 0;
	int status;
	pid_t child = fork();

	if (child == 0) {
		irq_count = count;
		is_edge = edge;
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) {
			_exit(5);
		}
		raise(SIGSTOP);
		run();
		_exit(0);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	while (!WIFEXITED(status)) {
		assert_true(WIFSTOPPED(status));
		if (WSTOPSIG(status) == SIGUSR1) {
			if (marks != 0) {
				assert_true(marks <= COUNTS_MAX);
				counts[marks - 1] = steps;
			}
			marks++;
			steps = 0;
		} else if (WSTOPSIG(status) == SIGTRAP) {
			steps++;
			assert_true(steps < STEPS_MAX);
		} else {
			assert_int_equal(WSTOPSIG(status), SIGSTOP);
		}
		assert_int_equal(ptrace(marks != 0 ? PTRACE_SINGLESTEP :
						     PTRACE_CONT,
					child, NULL, NULL),
				 0);
		assert_int_equal(waitpid(child, &status, 0), child);
	}
	assert_int_equal(WEXITSTATUS(status), 0);
	return marks - 1;
}

static void compare(void (*run)(void), unsigned int few, bool edge,
		    unsigned int expected)
{
	unsigned long small[COUNTS_MAX] = { 0 };
	unsigned long large[COUNTS_MAX] = { 0 };
	unsigned int i;

	assert_int_equal(count_in_child(run, few, edge, small), expected);
	assert_int_equal(count_in_child(run, VFIO_PLATFORM_IRQS_MAX, edge,
					large),
			 expected);
	for (i = 0; i < expected; i++) {
		assert_true(small[i] > 20);
		assert_int_equal(small[i], large[i]);
	}
}

static void test_fire_eoi_expiry_of_1_and_64_irqs(void **state)
{
	(void)state;
	compare(run_alone, 1, false, 6);
	compare(run_alone, 1, true, 6);
}

static void test_queue_of_1_and_63_irqs(void **state)
{
	(void)state;
	compare(run_crowded, 2, false, 3);
	compare(run_crowded, 2, true, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fire_eoi_expiry_of_1_and_64_irqs),
		cmocka_unit_test(test_queue_of_1_and_63_irqs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
