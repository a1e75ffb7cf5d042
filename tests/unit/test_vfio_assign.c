// SPDX-License-Identifier: Apache-2.0
/*
 * Assignment and revocation: the order, every step made to fail once, quiescing
 * in every state, and both interrupt paths side by side.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "fake_vfio.h"

static struct fake_vfio fake;
static struct vfio_platform_failure failure;

static int assign(void)
{
	memset(&failure, 0xff, sizeof(failure));
	return vfio_platform_assign(&fake.dev, &fake.setup, &failure);
}

static void assert_failure(enum vfio_platform_stage stage, unsigned int index,
			   int error)
{
	assert_int_equal(failure.stage, stage);
	assert_int_equal(failure.index, index);
	assert_int_equal(failure.error, error);
}

static void add_reset_writes(void)
{
	static const struct vfio_platform_reset_write writes[] = {
		{ .offset = 0x10, .value = 0, .region = 0, .width = 4 },
		{ .offset = 0x1c, .value = 1, .region = 0, .width = 4 },
	};

	fake.setup.reset_policy = VFIO_PLATFORM_RESET_REQUIRED;
	fake.setup.reset_writes = writes;
	fake.setup.reset_write_count = ARRAY_SIZE(writes);
}

static void test_order_of_assignment(void **state)
{
	(void)state;
	fake_init(&fake, 2);
	fake.setup.link_mask = 2;
	add_reset_writes();
	assert_int_equal(assign(), 0);
	fake_assert_log(
		&fake,
		"attach device_info "
		"region_info(0) region_open(0) region_prepare(0) "
		"region_info(1) region_open(1) region_prepare(1) "
		"irq_info(0) disarm(0) clear(0) irq_info(1) disarm(1) clear(1) "
		"write(0,0x10,4,0) write(0,0x1c,4,0x1) map "
		"arm(0) link(1) arm(1) ");
	assert_int_equal(fake.dev.stage, VFIO_PLATFORM_LIVE);
	assert_int_equal(fake.dev.irq_count, 2);
	assert_int_equal(fake.dev.region_count, 2);
	assert_int_equal(fake.dev.compatible_count, 2);
	assert_string_equal(fake.dev.compatible, "vendor,device");
	assert_int_equal(fake.irqs[0].intid, 40);
	assert_int_equal(fake.irqs[1].intid, 41);
	assert_int_equal(fake.irqs[0].path, VFIO_PLATFORM_PATH_TRAPPED);
	assert_int_equal(fake.irqs[0].link_error, 0);
	assert_int_equal(fake.irqs[1].path, VFIO_PLATFORM_PATH_LINKED);
	assert_int_equal(fake.dev.machine.wired, 1);
	assert_int_equal(fake.dev.machine.level, 3);
	assert_int_equal(fake.dev.machine.mapping, VFIO_PLATFORM_MAPPED);
	assert_int_equal(assign(), -HYP_EBUSY);
	assert_failure(VFIO_PLATFORM_SETUP, 0, -HYP_EBUSY);
	fake_assert_log(&fake, "");
	assert_int_equal(fake.dev.stage, VFIO_PLATFORM_LIVE);
}

static void test_order_of_revocation(void **state)
{
	(void)state;
	fake_init(&fake, 3);
	fake.setup.link_mask = 4;
	add_reset_writes();
	assert_int_equal(assign(), 0);
	assert_int_equal(vfio_platform_irq_fire(&fake.dev, 1), 0);
	assert_int_equal(vfio_platform_irq_fire(&fake.dev, 0), 0);
	fake_log_clear(&fake);
	assert_int_equal(vfio_platform_revoke(&fake.dev), 0);
	fake_assert_log(&fake, "disarm(0) disarm(1) disarm(2) cancel line(1,0) "
			       "unlink(0) unlink(1) unlink(2) "
			       "write(0,0x10,4,0) write(0,0x1c,4,0x1) "
			       "clear(0) clear(1) clear(2) detach ");
	fake_assert_at_rest(&fake);
	assert_int_equal(fake.irqs[0].path, VFIO_PLATFORM_PATH_NONE);
	/* What it did can still be read. */
	assert_int_equal(fake.irqs[1].interrupt_count, 1);
	assert_int_equal(vfio_platform_revoke(&fake.dev), 0);
	fake_assert_log(&fake, "");
}

static void test_revocation_without_anything_to_do(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof(fake));
	assert_int_equal(vfio_platform_revoke(&fake.dev), 0);
	assert_int_equal(vfio_platform_reset(&fake.dev, NULL), -HYP_ENODEV);
	fake_assign(&fake, 0);
	assert_int_equal(vfio_platform_revoke(&fake.dev), 0);
	fake_assert_log(&fake, "trap detach ");
	fake_assert_at_rest(&fake);
}

static void test_assigned_again_all_starts_anew(void **state)
{
	uint64_t value = 0;

	(void)state;
	fake_assign(&fake, 2);
	assert_int_equal(vfio_platform_irq_fire_without_event(&fake.dev, 0), 0);
	assert_int_equal(vfio_platform_irq_fire(&fake.dev, 1), 0);
	assert_int_equal(vfio_platform_irq_fire(&fake.dev, 2), -HYP_ENODEV);
	assert_int_equal(vfio_platform_access(&fake.dev, 0, 0, 4, true, &value),
			 0);
	fake_expire(&fake, 100);
	assert_int_equal(vfio_platform_irq_fire(&fake.dev, 1), 0);
	assert_int_equal(vfio_platform_revoke(&fake.dev), 0);
	fake.setup.no_mmap = true;
	fake.device_info.irq_count = 1;
	fake_set_edge(&fake, 0);
	assert_int_equal(assign(), 0);
	assert_int_equal(fake.dev.trap_count, 0);
	assert_int_equal(fake.dev.expiry_count, 0);
	assert_int_equal(fake.dev.idle_eoi_count, 0);
	assert_int_equal(fake.dev.refused_count, 0);
	assert_int_equal(fake.dev.report_count, 0);
	assert_int_equal(fake.irqs[0].interrupt_count, 0);
	assert_int_equal(fake.irqs[0].eoi_count, 0);
	assert_int_equal(fake.irqs[0].queued_count, 0);
	assert_int_equal(fake.irqs[0].expiry_count, 0);
	assert_int_equal(fake.irqs[0].refire_count, 0);
	assert_int_equal(fake.regions[0].access_count, 0);
	assert_int_equal(fake.dev.machine.level, 0);
	assert_int_equal(fake.dev.machine.wired, 1);
	assert_int_equal(fake.dev.machine.active, VFIO_PLATFORM_NO_IRQ);
	assert_int_equal(fake.dev.machine.mapping, VFIO_PLATFORM_UNMAPPABLE);
	assert_true(fake.dev.deadline == VFIO_PLATFORM_NO_DEADLINE);
}

/* Each operation that can fail, each time it is called, with what is told. */
static void test_each_step_fails_once_and_is_unwound(void **state)
{
	static const struct {
		const char *op;
		unsigned int nth;
		enum vfio_platform_stage stage;
		unsigned int index;
	} steps[] = {
		{ "attach", 1, VFIO_PLATFORM_ATTACH, 0 },
		{ "device_info", 1, VFIO_PLATFORM_DEVICE_INFO, 0 },
		{ "region_info", 1, VFIO_PLATFORM_REGION, 0 },
		{ "region_info", 2, VFIO_PLATFORM_REGION, 1 },
		{ "region_open", 1, VFIO_PLATFORM_REGION_OPEN, 0 },
		{ "region_open", 2, VFIO_PLATFORM_REGION_OPEN, 1 },
		{ "irq_info", 1, VFIO_PLATFORM_IRQ, 0 },
		{ "irq_info", 3, VFIO_PLATFORM_IRQ, 2 },
		{ "region_write", 1, VFIO_PLATFORM_RESET_WRITE, 0 },
		{ "region_write", 2, VFIO_PLATFORM_RESET_WRITE, 1 },
		{ "irq_arm", 1, VFIO_PLATFORM_ARM, 0 },
		{ "irq_arm", 2, VFIO_PLATFORM_ARM, 1 },
		{ "irq_arm", 3, VFIO_PLATFORM_ARM, 2 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		fake_init(&fake, 3);
		fake.setup.link_mask = 2;
		add_reset_writes();
		fake_fail(&fake, steps[i].op, steps[i].nth, -HYP_EIO);
		assert_int_equal(assign(), -HYP_EIO);
		assert_failure(steps[i].stage, steps[i].index, -HYP_EIO);
		fake_assert_at_rest(&fake);
		assert_null(fake.fail_op);
		/* And once more without anybody to tell. */
		fake_fail(&fake, steps[i].op, steps[i].nth, -HYP_EIO);
		assert_int_equal(vfio_platform_assign(&fake.dev, &fake.setup,
						      NULL),
				 -HYP_EIO);
		/* Nothing is left that would keep the next one from working. */
		assert_int_equal(assign(), 0);
		assert_int_equal(vfio_platform_revoke(&fake.dev), 0);
		fake_assert_at_rest(&fake);
	}
}

static void test_unwinding_in_order(void **state)
{
	(void)state;
	fake_init(&fake, 2);
	fake.setup.link_mask = 1;
	fake_fail(&fake, "irq_arm", 2, -HYP_EIO);
	assert_int_equal(assign(), -HYP_EIO);
	fake_assert_log(
		&fake,
		"attach device_info "
		"region_info(0) region_open(0) region_prepare(0) "
		"region_info(1) region_open(1) region_prepare(1) "
		"irq_info(0) disarm(0) clear(0) irq_info(1) disarm(1) clear(1) "
		"map link(0) arm(0) arm(1) "
		"disarm(0) disarm(1) unlink(0) unlink(1) trap "
		"clear(0) clear(1) detach ");
	fake_init(&fake, 2);
	fake_fail(&fake, "irq_info", 2, -HYP_EIO);
	assert_int_equal(assign(), -HYP_EIO);
	fake_assert_log(&fake,
			"attach device_info "
			"region_info(0) region_open(0) region_prepare(0) "
			"region_info(1) region_open(1) region_prepare(1) "
			"irq_info(0) disarm(0) clear(0) irq_info(1) "
			"clear(0) detach ");
	/* An unwound IRQ before any was armed is not taken out of the vGIC. */
	fake_init(&fake, 2);
	fake_fail(&fake, "irq_arm", 1, -HYP_EIO);
	assert_int_equal(assign(), -HYP_EIO);
	assert_non_null(strstr(fake.log, "disarm(1) unlink(0) trap clear(0) "));
}

/* An IRQ may fire as soon as it is armed, before the next one is. */
static int arm_and_fire(struct vfio_platform_device *dev, unsigned int irq)
{
	if (irq == 1) {
		return -HYP_EIO;
	}
	fake.is_armed[irq] = true;
	assert_int_equal(vfio_platform_irq_fire(dev, irq), 0);
	return 0;
}

static void test_unwinding_of_one_that_fired_already(void **state)
{
	struct vfio_platform_ops ops = fake_ops;

	(void)state;
	fake_init(&fake, 2);
	ops.irq_arm = arm_and_fire;
	fake.setup.ops = &ops;
	assert_int_equal(assign(), -HYP_EIO);
	assert_failure(VFIO_PLATFORM_ARM, 1, -HYP_EIO);
	assert_int_equal(fake.irqs[0].interrupt_count, 1);
	fake_assert_at_rest(&fake);
}

static void test_ops_table_has_no_hole(void **state)
{
	size_t count =
		sizeof(struct vfio_platform_ops) / sizeof(void (*)(void));
	size_t i;

	(void)state;
	for (i = 0; i < count; i++) {
		struct vfio_platform_ops ops = fake_ops;

		memset((char *)&ops + i * sizeof(void (*)(void)), 0,
		       sizeof(void (*)(void)));
		fake_init(&fake, 1);
		fake.setup.ops = &ops;
		assert_int_equal(assign(), -HYP_EINVAL);
		assert_failure(VFIO_PLATFORM_SETUP, 0, -HYP_EINVAL);
		fake_assert_log(&fake, "");
		assert_int_equal(fake.dev.stage, VFIO_PLATFORM_ABSENT);
	}
}

static void test_refuses_what_is_no_platform_device(void **state)
{
	(void)state;
	fake_init(&fake, 1);
	fake.device_info.flags = VFIO_PLATFORM_DEVICE_RESET;
	assert_int_equal(assign(), -HYP_ENODEV);
	assert_failure(VFIO_PLATFORM_DEVICE_INFO, 0, -HYP_ENODEV);
	fake_assert_log(&fake, "attach device_info detach ");
	fake_assert_at_rest(&fake);
}

static void test_refuses_more_than_the_records(void **state)
{
	static const struct {
		unsigned int irq_count;
		unsigned int irq_capacity;
		unsigned int region_count;
		unsigned int region_capacity;
		int error;
	} cases[] = {
		{ 2, 2, 3, 3, 0 },
		{ 3, 2, 3, 3, -HYP_E2BIG },
		{ 2, 2, 4, 3, -HYP_E2BIG },
		{ 64, 64, 16, 16, 0 },
		{ 65, 100, 16, 16, -HYP_E2BIG },
		{ 64, 64, 17, 100, -HYP_E2BIG },
		{ 0, 0, 0, 0, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		fake_init(&fake, cases[i].irq_count);
		fake.device_info.region_count = cases[i].region_count;
		fake.setup.irq_capacity = cases[i].irq_capacity;
		fake.setup.region_capacity = cases[i].region_capacity;
		assert_int_equal(assign(), cases[i].error);
		if (cases[i].error != 0) {
			assert_failure(VFIO_PLATFORM_DEVICE_INFO, 0,
				       cases[i].error);
		}
		assert_int_equal(vfio_platform_revoke(&fake.dev), 0);
		fake_assert_at_rest(&fake);
	}
}

static void test_refuses_flags_that_contradict(void **state)
{
	uint32_t flags;

	(void)state;
	for (flags = 0; flags < 8; flags++) {
		bool is_good = flags == VFIO_PLATFORM_IRQ_EVENTFD || flags == 7;

		fake_init(&fake, 2);
		fake.irq_info[1].flags = flags;
		assert_int_equal(assign(), is_good ? 0 : -HYP_EINVAL);
		if (!is_good) {
			assert_failure(VFIO_PLATFORM_IRQ, 1, -HYP_EINVAL);
			fake_assert_at_rest(&fake);
		} else {
			assert_int_equal(fake.irqs[1].flags, flags);
		}
	}
}

static void test_refuses_a_region_that_wraps(void **state)
{
	(void)state;
	fake_init(&fake, 1);
	fake.region_info[1].base = pa(UINT64_MAX - 0xfff);
	fake.region_info[1].size = 0x2000;
	assert_int_equal(assign(), -HYP_EINVAL);
	assert_failure(VFIO_PLATFORM_REGION, 1, -HYP_EINVAL);
	fake_assert_at_rest(&fake);
}

static void test_hole_is_neither_opened_nor_prepared(void **state)
{
	(void)state;
	fake_init(&fake, 0);
	fake.region_info[0].size = 0;
	assert_int_equal(assign(), 0);
	fake_assert_log(&fake, "attach device_info region_info(0) "
			       "region_info(1) region_open(1) "
			       "region_prepare(1) map ");
	assert_int_equal(fake.regions[0].trap_reason, VFIO_PLATFORM_TRAP_HOLE);
}

static void test_failed_preparation_is_a_warning(void **state)
{
	(void)state;
	fake_init(&fake, 1);
	fake_fail(&fake, "region_prepare", 1, -HYP_ENOMEM);
	assert_int_equal(assign(), 0);
	assert_int_equal(fake.regions[0].trap_reason,
			 VFIO_PLATFORM_TRAP_PREPARE);
	assert_int_equal(fake.regions[0].prepare_error, -HYP_ENOMEM);
	assert_int_equal(fake.regions[0].flags,
			 VFIO_PLATFORM_REGION_READ |
				 VFIO_PLATFORM_REGION_WRITE);
	assert_int_equal(fake.regions[1].trap_reason, VFIO_PLATFORM_TRAP_NOT);
	assert_int_equal(fake.dev.machine.mapping, VFIO_PLATFORM_MAPPED);

	/* The only one: there is nothing to map. */
	fake_init(&fake, 1);
	fake.device_info.region_count = 1;
	fake_fail(&fake, "region_prepare", 1, -HYP_ENOMEM);
	assert_int_equal(assign(), 0);
	assert_int_equal(fake.dev.machine.mapping, VFIO_PLATFORM_UNMAPPABLE);
	assert_false(fake.is_mapped);
}

static void test_link_falls_back_per_irq(void **state)
{
	uint64_t value = 0;

	(void)state;
	fake_init(&fake, 3);
	fake.setup.link_mask = 3;
	fake_set_edge(&fake, 0);
	fake_fail(&fake, "irq_link", 2, -HYP_EOPNOTSUPP);
	assert_int_equal(assign(), 0);
	assert_int_equal(fake.irqs[0].path, VFIO_PLATFORM_PATH_LINKED);
	assert_int_equal(fake.irqs[0].link_error, 0);
	assert_int_equal(fake.irqs[1].path, VFIO_PLATFORM_PATH_TRAPPED);
	assert_int_equal(fake.irqs[1].link_error, -HYP_EOPNOTSUPP);
	assert_int_equal(fake.irqs[2].path, VFIO_PLATFORM_PATH_TRAPPED);
	assert_int_equal(fake.irqs[2].link_error, 0);
	assert_int_equal(fake.dev.machine.wired, 6);
	fake_log_clear(&fake);

	/* The linked one neither waits nor makes others wait. */
	assert_int_equal(vfio_platform_irq_fire(&fake.dev, 1), 0);
	assert_int_equal(vfio_platform_irq_fire(&fake.dev, 0), -HYP_ENODEV);
	assert_int_equal(vfio_platform_access(&fake.dev, 0, 0, 4, true, &value),
			 0);
	fake_assert_log(&fake, "trap line(1,1) deadline(100) "
			       "write(0,0,4,0) line(1,0) unmask(1) ");
	assert_int_equal(vfio_platform_revoke(&fake.dev), 0);
	fake_assert_at_rest(&fake);
}

/* Every state that a few events lead to, on both paths, mapped or not. */
static void test_quiesce_in_every_state(void **state)
{
	unsigned int sequence;
	unsigned int kind;

	(void)state;
	for (sequence = 0; sequence < 5 * 5 * 5 * 5 * 5; sequence++) {
		for (kind = 0; kind < 8; kind++) {
			unsigned int rest = sequence;
			unsigned int i;
			uint64_t now = 0;
			uint64_t value = 0;

			fake_init(&fake, 3);
			fake.setup.no_mmap = (kind & 1) != 0;
			fake.setup.timeout_ticks = (kind & 2) != 0 ? 0 : 100;
			fake.setup.link_mask = (kind & 4) != 0 ? 4 : 0;
			fake_set_edge(&fake, 1);
			assert_int_equal(assign(), 0);
			for (i = 0; i < 5; i++) {
				unsigned int event = rest % 5;

				rest /= 5;
				if (event < 3) {
					(void)!vfio_platform_irq_fire(&fake.dev,
								      event);
				} else if (event == 3) {
					(void)!vfio_platform_access(&fake.dev,
								    0, 0, 4,
								    false,
								    &value);
				} else {
					now += 100;
					fake_expire(&fake, now);
				}
			}
			fake_log_clear(&fake);
			assert_int_equal(vfio_platform_revoke(&fake.dev), 0);
			fake_assert_at_rest(&fake);
			assert_int_equal(fake.dev.machine.active,
					 VFIO_PLATFORM_NO_IRQ);
			fake_log_clear(&fake);
			assert_int_equal(vfio_platform_revoke(&fake.dev), 0);
			fake_assert_log(&fake, "");
		}
	}
}

static void test_revocation_tells_of_a_failed_reset(void **state)
{
	(void)state;
	fake_init(&fake, 1);
	add_reset_writes();
	assert_int_equal(assign(), 0);
	fake_fail(&fake, "region_write", 1, -HYP_EFAULT);
	assert_int_equal(vfio_platform_revoke(&fake.dev), -HYP_EFAULT);
	fake_assert_at_rest(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_of_assignment),
		cmocka_unit_test(test_order_of_revocation),
		cmocka_unit_test(test_revocation_without_anything_to_do),
		cmocka_unit_test(test_assigned_again_all_starts_anew),
		cmocka_unit_test(test_each_step_fails_once_and_is_unwound),
		cmocka_unit_test(test_unwinding_in_order),
		cmocka_unit_test(test_unwinding_of_one_that_fired_already),
		cmocka_unit_test(test_ops_table_has_no_hole),
		cmocka_unit_test(test_refuses_what_is_no_platform_device),
		cmocka_unit_test(test_refuses_more_than_the_records),
		cmocka_unit_test(test_refuses_flags_that_contradict),
		cmocka_unit_test(test_refuses_a_region_that_wraps),
		cmocka_unit_test(test_hole_is_neither_opened_nor_prepared),
		cmocka_unit_test(test_failed_preparation_is_a_warning),
		cmocka_unit_test(test_link_falls_back_per_irq),
		cmocka_unit_test(test_quiesce_in_every_state),
		cmocka_unit_test(test_revocation_tells_of_a_failed_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
