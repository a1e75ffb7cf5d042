// SPDX-License-Identifier: Apache-2.0
/*
 * Events of an assigned device: the operations in their order, the deadline,
 * the counters, and interrupts that nobody handles.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "fake_vfio.h"

static struct fake_vfio fake;

static void fire(unsigned int irq)
{
	assert_int_equal(vfio_platform_irq_fire(&fake.dev, irq), 0);
}

static void touch(void)
{
	uint64_t value = 0;

	assert_int_equal(
		vfio_platform_access(&fake.dev, 0, 0, 4, false, &value), 0);
}

static void test_first_interrupt_traps_then_raises(void **state)
{
	(void)state;
	fake_assign(&fake, 2);
	fake.now = 1000;
	fire(1);
	fake_assert_log(&fake, "trap line(1,1) deadline(1100) ");
	assert_int_equal(fake.dev.trap_count, 1);
	assert_int_equal(fake.irqs[1].interrupt_count, 1);
	assert_int_equal(fake.irqs[1].refire_count, 0);
	assert_int_equal(fake.irqs[1].queued_count, 0);
	/* Recorded before it is carried out. */
	assert_int_equal(fake.trace_call_count, 1);
	assert_int_equal(fake.step_log_size, 0);
	assert_int_equal(fake.step_now, 1000);
	assert_int_equal(vfio_platform_step_rule(fake.step),
			 VFIO_PLATFORM_RULE_INJECT);
	assert_int_equal(vfio_platform_step_raised(fake.step), 1);
}

static void test_second_interrupt_finds_regions_trapped(void **state)
{
	(void)state;
	fake_assign(&fake, 2);
	fire(0);
	touch();
	fake_log_clear(&fake);
	fake.now = 30;
	fire(1);
	fake_assert_log(&fake, "line(1,1) deadline(130) ");
	assert_int_equal(fake.dev.trap_count, 1);
}

static void test_access_retires_lowers_unmasks_raises(void **state)
{
	(void)state;
	fake_assign(&fake, 3);
	fire(0);
	fire(2);
	fire(1);
	fake_log_clear(&fake);
	touch();
	fake_assert_log(&fake, "read(0,0,4) line(0,0) unmask(0) line(2,1) ");
	touch();
	fake_assert_log(&fake, "read(0,0,4) line(2,0) unmask(2) line(1,1) ");
	touch();
	fake_assert_log(&fake, "read(0,0,4) line(1,0) unmask(1) ");
	touch();
	fake_assert_log(&fake, "read(0,0,4) ");
	assert_int_equal(fake.irqs[0].eoi_count, 1);
	assert_int_equal(fake.irqs[1].eoi_count, 1);
	assert_int_equal(fake.irqs[2].eoi_count, 1);
	assert_int_equal(fake.irqs[0].queued_count, 0);
	assert_int_equal(fake.irqs[1].queued_count, 1);
	assert_int_equal(fake.irqs[1].interrupt_count, 1);
	assert_int_equal(fake.dev.idle_eoi_count, 1);
	assert_int_equal(fake.regions[0].access_count, 4);
	assert_int_equal(fake.regions[1].access_count, 0);
}

static void test_edge_is_never_unmasked(void **state)
{
	(void)state;
	fake_init(&fake, 2);
	fake_set_edge(&fake, 1);
	assert_int_equal(vfio_platform_assign(&fake.dev, &fake.setup, NULL), 0);
	fire(1);
	fake_log_clear(&fake);
	touch();
	fake_assert_log(&fake, "read(0,0,4) line(1,0) ");
}

static void test_edge_again_while_active_raises_again(void **state)
{
	(void)state;
	fake_init(&fake, 2);
	fake_set_edge(&fake, 0);
	assert_int_equal(vfio_platform_assign(&fake.dev, &fake.setup, NULL), 0);
	fire(0);
	fake_log_clear(&fake);
	fake.now = 60;
	fire(0);
	fake_assert_log(&fake, "line(0,1) deadline(160) ");
	assert_int_equal(fake.irqs[0].interrupt_count, 2);
	assert_int_equal(fake.irqs[0].refire_count, 1);
	assert_int_equal(fake.irqs[0].queued_count, 0);
}

static void test_edge_again_while_pending_stays_queued_once(void **state)
{
	(void)state;
	fake_init(&fake, 3);
	fake_set_edge(&fake, 1);
	fake_set_edge(&fake, 2);
	assert_int_equal(vfio_platform_assign(&fake.dev, &fake.setup, NULL), 0);
	fire(0);
	fire(1);
	fire(2);
	fake_log_clear(&fake);
	fire(1);
	fake_assert_log(&fake, "");
	assert_int_equal(vfio_platform_step_rule(fake.step),
			 VFIO_PLATFORM_RULE_STAY_QUEUED);
	assert_int_equal(fake.irqs[1].refire_count, 1);
	assert_int_equal(fake.irqs[1].queued_count, 1);
	assert_int_equal(fake.dev.machine.queue_count, 2);
	touch();
	touch();
	touch();
	fake_log_clear(&fake);
	touch();
	fake_assert_log(&fake, "read(0,0,4) ");
}

static void test_failed_read_is_no_eoi_failed_write_is(void **state)
{
	uint64_t value = 77;

	(void)state;
	fake_assign(&fake, 1);
	fire(0);
	fake_log_clear(&fake);
	fake_fail(&fake, "region_read", 1, -HYP_EFAULT);
	assert_int_equal(vfio_platform_access(&fake.dev, 0, 8, 4, false,
					      &value),
			 -HYP_EFAULT);
	assert_int_equal(value, 77);
	fake_assert_log(&fake, "read(0,0x8,4) ");
	assert_int_equal(fake.regions[0].access_count, 1);
	assert_int_equal(vfio_platform_step_rule(fake.step),
			 VFIO_PLATFORM_RULE_READ_FAILED);
	assert_int_equal(vfio_platform_step_region(fake.step), 0);
	assert_int_equal(fake.irqs[0].eoi_count, 0);

	fake_fail(&fake, "region_write", 1, -HYP_EFAULT);
	assert_int_equal(vfio_platform_access(&fake.dev, 1, 8, 4, true, &value),
			 -HYP_EFAULT);
	fake_assert_log(&fake, "write(1,0x8,4,0x4d) line(0,0) unmask(0) ");
	assert_int_equal(fake.regions[1].access_count, 1);
	assert_int_equal(vfio_platform_step_region(fake.step), 1);
	assert_int_equal(fake.irqs[0].eoi_count, 1);
}

static void test_deadline_rearms_while_active_then_maps(void **state)
{
	(void)state;
	fake_assign(&fake, 2);
	fire(1);
	fake_log_clear(&fake);
	fake_expire(&fake, 100);
	fake_assert_log(&fake, "deadline(200) ");
	assert_int_equal(vfio_platform_step_rule(fake.step),
			 VFIO_PLATFORM_RULE_REARM);
	assert_int_equal(fake.step_now, 100);
	/* A late timer counts from when it ran. */
	fake_expire(&fake, 250);
	fake_assert_log(&fake, "deadline(350) ");
	touch();
	fake_log_clear(&fake);
	fake_expire(&fake, 350);
	fake_assert_log(&fake, "map ");
	assert_int_equal(fake.dev.expiry_count, 3);
	assert_int_equal(fake.irqs[1].expiry_count, 2);
	assert_int_equal(fake.irqs[0].expiry_count, 0);
	/* It was one shot. */
	fake_expire(&fake, 450);
	fake_assert_log(&fake, "");
	assert_int_equal(fake.dev.expiry_count, 3);
}

static void test_early_deadline_is_set_again(void **state)
{
	unsigned int traces;

	(void)state;
	fake_assign(&fake, 1);
	fire(0);
	fake_log_clear(&fake);
	traces = fake.trace_call_count;
	fake_expire(&fake, 99);
	fake_assert_log(&fake, "deadline(100) ");
	assert_int_equal(fake.dev.expiry_count, 0);
	assert_int_equal(fake.trace_call_count, traces);
}

static void test_pending_is_never_mapped_over(void **state)
{
	(void)state;
	fake_assign(&fake, 2);
	fire(0);
	fire(1);
	touch();
	fake_log_clear(&fake);
	fake_expire(&fake, 100);
	fake_assert_log(&fake, "deadline(200) ");
	assert_int_equal(fake.irqs[1].expiry_count, 1);
}

static void test_without_timeout_once_slow_always_slow(void **state)
{
	(void)state;
	fake_init(&fake, 1);
	fake.setup.timeout_ticks = 0;
	assert_int_equal(vfio_platform_assign(&fake.dev, &fake.setup, NULL), 0);
	fake_log_clear(&fake);
	fake.now_call_count = 0;
	fire(0);
	fake_assert_log(&fake, "trap line(0,1) ");
	assert_int_equal(fake.now_call_count, 0);
	assert_int_equal(fake.step_now, 0);
	touch();
	fake_log_clear(&fake);
	fake_expire(&fake, 1000000);
	fake_assert_log(&fake, "");
	fire(0);
	fake_assert_log(&fake, "line(0,1) ");
}

static void test_unmappable_regions_are_left_alone(void **state)
{
	(void)state;
	fake_init(&fake, 1);
	fake.setup.no_mmap = true;
	assert_int_equal(vfio_platform_assign(&fake.dev, &fake.setup, NULL), 0);
	fake_log_clear(&fake);
	fire(0);
	touch();
	fake_expire(&fake, 100);
	fake_assert_log(&fake, "line(0,1) deadline(100) read(0,0,4) line(0,0) "
			       "unmask(0) ");
	assert_int_equal(fake.dev.trap_count, 0);
	assert_int_equal(fake.dev.expiry_count, 1);
}

static void test_handler_without_event_reports_and_injects(void **state)
{
	(void)state;
	fake_assign(&fake, 3);
	assert_int_equal(vfio_platform_irq_fire_without_event(&fake.dev, 0), 0);
	fake_assert_log(&fake, "trap line(0,1) deadline(100) ");
	assert_true(
		vfio_platform_step_does(fake.step, VFIO_PLATFORM_DO_REPORT));
	assert_int_equal(fake.dev.report_count, 1);
	assert_int_equal(vfio_platform_irq_fire_without_event(&fake.dev, 0), 0);
	assert_int_equal(fake.dev.report_count, 2);
	/* One that has to wait, or waits already, reports nothing. */
	assert_int_equal(vfio_platform_irq_fire_without_event(&fake.dev, 1), 0);
	assert_int_equal(vfio_platform_irq_fire_without_event(&fake.dev, 1), 0);
	assert_int_equal(fake.dev.report_count, 2);
	assert_int_equal(vfio_platform_irq_fire_without_event(
				 &fake.dev, VFIO_PLATFORM_IRQS_MAX),
			 -HYP_ERANGE);
	assert_int_equal(vfio_platform_irq_fire_without_event(&fake.dev, 3),
			 -HYP_ENODEV);
}

/* The class of CVE-2024-26813: a trigger for an IRQ without a handler. */
static void test_cve_2024_26813_trigger_without_handler(void **state)
{
	unsigned int irq;

	(void)state;
	/* Never assigned: no ops, no records. */
	memset(&fake, 0, sizeof(fake));
	vfio_platform_deadline(&fake.dev, 1);
	for (irq = 0; irq < 2 * VFIO_PLATFORM_IRQS_MAX; irq++) {
		assert_int_equal(vfio_platform_irq_fire(&fake.dev, irq),
				 irq < VFIO_PLATFORM_IRQS_MAX ? -HYP_ENODEV :
								-HYP_ERANGE);
	}
	assert_int_equal(vfio_platform_irq_fire(&fake.dev, UINT32_MAX),
			 -HYP_ERANGE);

	/* Past the device's own, on the linked path, and after revocation. */
	fake_init(&fake, 3);
	fake.setup.link_mask = 2;
	assert_int_equal(vfio_platform_assign(&fake.dev, &fake.setup, NULL), 0);
	fake_log_clear(&fake);
	assert_int_equal(vfio_platform_irq_fire(&fake.dev, 3), -HYP_ENODEV);
	assert_int_equal(vfio_platform_irq_fire(&fake.dev, 1), -HYP_ENODEV);
	assert_int_equal(vfio_platform_irq_fire(&fake.dev, 64), -HYP_ERANGE);
	fake_assert_log(&fake, "");
	assert_int_equal(fake.dev.refused_count, 2);
	assert_int_equal(fake.irqs[1].interrupt_count, 0);
	assert_int_equal(fake.trace_call_count, 0);
	assert_int_equal(vfio_platform_revoke(&fake.dev), 0);
	fake_log_clear(&fake);
	assert_int_equal(vfio_platform_irq_fire(&fake.dev, 0), -HYP_ENODEV);
	fake_expire(&fake, 5000);
	fake_assert_log(&fake, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_interrupt_traps_then_raises),
		cmocka_unit_test(test_second_interrupt_finds_regions_trapped),
		cmocka_unit_test(test_access_retires_lowers_unmasks_raises),
		cmocka_unit_test(test_edge_is_never_unmasked),
		cmocka_unit_test(test_edge_again_while_active_raises_again),
		cmocka_unit_test(
			test_edge_again_while_pending_stays_queued_once),
		cmocka_unit_test(test_failed_read_is_no_eoi_failed_write_is),
		cmocka_unit_test(test_deadline_rearms_while_active_then_maps),
		cmocka_unit_test(test_early_deadline_is_set_again),
		cmocka_unit_test(test_pending_is_never_mapped_over),
		cmocka_unit_test(test_without_timeout_once_slow_always_slow),
		cmocka_unit_test(test_unmappable_regions_are_left_alone),
		cmocka_unit_test(
			test_handler_without_event_reports_and_injects),
		cmocka_unit_test(test_cve_2024_26813_trigger_without_handler),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
