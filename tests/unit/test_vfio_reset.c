// SPDX-License-Identifier: Apache-2.0
/*
 * Resets of an assigned device: configured writes, and each known device's
 * hook.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "../../drivers/vfio_platform/reset/reset.h"
#include "fake_vfio.h"

#define ALL_ONES 0xffffffff

static struct fake_vfio fake;
static struct vfio_platform_failure failure;

/* Opted out while it is assigned; the reset itself is called later. */
static void assign_as(const char *compatible)
{
	fake_init(&fake, 2);
	fake.device_info.compatible = compatible;
	fake.setup.reset_timeout_ticks = 50;
	assert_int_equal(vfio_platform_assign(&fake.dev, &fake.setup, NULL), 0);
	fake.dev.reset_policy = VFIO_PLATFORM_RESET_REQUIRED;
	memset(fake.registers, 0xff, sizeof(fake.registers));
	fake_log_clear(&fake);
}

static int reset(void)
{
	memset(&failure, 0xff, sizeof(failure));
	return vfio_platform_reset(&fake.dev, &failure);
}

static void test_device_without_reset_is_refused(void **state)
{
	(void)state;
	fake_init(&fake, 1);
	fake.setup.reset_policy = VFIO_PLATFORM_RESET_REQUIRED;
	assert_int_equal(vfio_platform_assign(&fake.dev, &fake.setup, &failure),
			 -HYP_ENOTTY);
	assert_int_equal(failure.stage, VFIO_PLATFORM_RESET_HOOK);
	assert_int_equal(failure.error, -HYP_ENOTTY);
	fake_assert_at_rest(&fake);

	fake.device_info.compatible = NULL;
	fake.device_info.compatible_count = 0;
	assert_int_equal(vfio_platform_assign(&fake.dev, &fake.setup, &failure),
			 -HYP_ENOTTY);

	/* Unless it was opted out of. */
	fake.setup.reset_policy = VFIO_PLATFORM_RESET_NONE;
	assert_int_equal(vfio_platform_assign(&fake.dev, &fake.setup, &failure),
			 0);
	fake_log_clear(&fake);
	assert_int_equal(vfio_platform_reset(&fake.dev, NULL), 0);
	fake_assert_log(&fake, "");
}

static void test_configured_writes_come_first(void **state)
{
	static const struct vfio_platform_reset_write writes[] = {
		{ .offset = 0x20, .value = 5, .region = 1, .width = 2 },
		{ .offset = 0x48, .value = 6, .region = 0, .width = 8 },
	};

	(void)state;
	assign_as("arm,pl031");
	fake.dev.reset_writes = writes;
	fake.dev.reset_write_count = 2;
	assert_int_equal(reset(), 0);
	fake_assert_log(&fake, "write(1,0x20,2,0x5) write(0,0x48,8,0x6) "
			       "write(0,0x10,4,0) write(0,0x1c,4,0x1) ");

	/* They are a reset of their own. */
	fake.dev.compatible = "vendor,unknown";
	assert_int_equal(reset(), 0);
	fake_assert_log(&fake, "write(1,0x20,2,0x5) write(0,0x48,8,0x6) ");
}

static void test_configured_write_must_be_allowed(void **state)
{
	static const struct {
		struct vfio_platform_reset_write write;
		int error;
	} cases[] = {
		{ { .offset = 0x1000, .region = 0, .width = 4 }, -HYP_ERANGE },
		{ { .offset = 0, .region = 2, .width = 4 }, -HYP_ERANGE },
		{ { .offset = 2, .region = 0, .width = 4 }, -HYP_EINVAL },
		{ { .offset = 0, .region = 0, .width = 3 }, -HYP_EINVAL },
		{ { .offset = 0, .region = 1, .width = 4 }, -HYP_EPERM },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assign_as("arm,pl031");
		fake.regions[1].flags = VFIO_PLATFORM_REGION_READ;
		fake.dev.reset_writes = &cases[i].write;
		fake.dev.reset_write_count = 1;
		assert_int_equal(reset(), cases[i].error);
		assert_int_equal(failure.stage, VFIO_PLATFORM_RESET_WRITE);
		assert_int_equal(failure.index, 0);
		assert_int_equal(failure.error, cases[i].error);
		fake_assert_log(&fake, "");
	}
}

/* T16: a reset of the hardware is no event of the state machine. */
static void test_reset_leaves_the_state_machine_alone(void **state)
{
	struct vfio_platform_machine before;

	(void)state;
	assign_as("arm,pl031");
	assert_int_equal(vfio_platform_irq_fire(&fake.dev, 1), 0);
	assert_int_equal(vfio_platform_irq_fire(&fake.dev, 0), 0);
	before = fake.dev.machine;
	fake_log_clear(&fake);
	fake.trace_call_count = 0;
	assert_int_equal(reset(), 0);
	fake_assert_log(&fake, "write(0,0x10,4,0) write(0,0x1c,4,0x1) ");
	assert_memory_equal(&before, &fake.dev.machine, sizeof(before));
	assert_int_equal(fake.trace_call_count, 0);
	assert_int_equal(fake.regions[0].access_count, 0);
}

static void test_pl011(void **state)
{
	(void)state;
	assign_as("arm,pl011");
	assert_int_equal(reset(), 0);
	fake_assert_log(&fake, "write(0,0x48,4,0) write(0,0x38,4,0) "
			       "write(0,0x30,4,0x300) write(0,0x2c,4,0) "
			       "write(0,0x44,4,0x7ff) ");
}

static void test_pl031(void **state)
{
	(void)state;
	assign_as("arm,pl031");
	assert_int_equal(reset(), 0);
	fake_assert_log(&fake, "write(0,0x10,4,0) write(0,0x1c,4,0x1) ");
}

static void test_pl061(void **state)
{
	(void)state;
	assign_as("arm,pl061");
	assert_int_equal(reset(), 0);
	fake_assert_log(&fake, "write(0,0x410,4,0) write(0,0x400,4,0) "
			       "write(0,0x420,4,0) write(0,0x404,4,0) "
			       "write(0,0x408,4,0) write(0,0x40c,4,0) "
			       "write(0,0x41c,4,0xff) ");
}

static void test_cdns_ttc(void **state)
{
	(void)state;
	assign_as("cdns,ttc");
	assert_int_equal(reset(), 0);
	fake_assert_log(&fake, "write(0,0x60,4,0) write(0,0xc,4,0x21) "
			       "read(0,0x54,4) "
			       "write(0,0x64,4,0) write(0,0x10,4,0x21) "
			       "read(0,0x58,4) "
			       "write(0,0x68,4,0) write(0,0x14,4,0x21) "
			       "read(0,0x5c,4) ");
}

static void test_virtio_mmio(void **state)
{
	(void)state;
	assign_as("virtio,mmio");
	fake.registers[0] = 0x74726976;
	assert_int_equal(reset(), 0);
	fake_assert_log(&fake, "read(0,0,4) write(0,0x70,4,0) read(0,0x70,4) ");
}

static void test_virtio_mmio_with_another_magic(void **state)
{
	(void)state;
	assign_as("virtio,mmio");
	assert_int_equal(reset(), -HYP_EIO);
	assert_int_equal(failure.stage, VFIO_PLATFORM_RESET_HOOK);
	fake_assert_log(&fake, "read(0,0,4) ");
}

/* The status stays up for some time, or for ever. */
static unsigned int busy_reads;
static int read_busy(struct vfio_platform_device *dev, unsigned int region,
		     uint64_t offset, unsigned int width, uint64_t *value)
{
	(void)dev;
	(void)region;
	(void)width;
	*value = 0x74726976;
	if (offset == 0x70) {
		*value = busy_reads != 0;
		busy_reads -= busy_reads != 0;
	}
	return 0;
}

static void test_virtio_mmio_waits_but_not_for_ever(void **state)
{
	struct vfio_platform_ops ops = fake_ops;

	(void)state;
	ops.region_read = read_busy;
	assign_as("virtio,mmio");
	fake.dev.ops = &ops;
	fake.now_step = 10;
	busy_reads = 3;
	assert_int_equal(reset(), 0);
	assert_int_equal(busy_reads, 0);

	/*
	 * A deadline of 50: read at 10, 20, 30, 40, 50 and, the last time, 60.
	 */
	busy_reads = 5;
	assert_int_equal(reset(), 0);
	busy_reads = 6;
	assert_int_equal(reset(), -HYP_ETIMEDOUT);
	assert_int_equal(busy_reads, 0);
	busy_reads = 1000;
	assert_int_equal(reset(), -HYP_ETIMEDOUT);
	assert_int_equal(busy_reads, 994);
	assert_int_equal(failure.stage, VFIO_PLATFORM_RESET_HOOK);
	assert_int_equal(failure.error, -HYP_ETIMEDOUT);
}

/* Every access of every hook, made to fail once. */
static void test_each_access_fails_once(void **state)
{
	static const struct {
		const char *compatible;
		unsigned int read_count;
		unsigned int write_count;
	} hooks[] = {
		{ "arm,pl011", 0, 5 },	 { "arm,pl031", 0, 2 },
		{ "arm,pl061", 0, 7 },	 { "cdns,ttc", 3, 6 },
		{ "virtio,mmio", 2, 1 },
	};
	size_t i;
	unsigned int nth;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(hooks); i++) {
		for (nth = 1; nth <= hooks[i].write_count + 1; nth++) {
			bool is_past = nth > hooks[i].write_count;

			assign_as(hooks[i].compatible);
			fake.registers[0] = 0x74726976;
			fake_fail(&fake, "region_write", nth, -HYP_EFAULT);
			assert_int_equal(reset(), is_past ? 0 : -HYP_EFAULT);
		}
		for (nth = 1; nth <= hooks[i].read_count + 1; nth++) {
			bool is_past = nth > hooks[i].read_count;

			assign_as(hooks[i].compatible);
			fake.registers[0] = 0x74726976;
			fake_fail(&fake, "region_read", nth, -HYP_EFAULT);
			assert_int_equal(reset(), is_past ? 0 : -HYP_EFAULT);
			if (!is_past) {
				assert_int_equal(failure.stage,
						 VFIO_PLATFORM_RESET_HOOK);
			}
		}
	}
}

static void test_hook_is_found_by_the_whole_string(void **state)
{
	(void)state;
	assert_null(vfio_platform_reset_find(NULL));
	assert_null(vfio_platform_reset_find(""));
	assert_null(vfio_platform_reset_find("arm,pl03"));
	assert_null(vfio_platform_reset_find("arm,pl0311"));
	assert_null(vfio_platform_reset_find("ARM,pl031"));
	assert_non_null(vfio_platform_reset_find("arm,pl031"));
	assert_ptr_equal(vfio_platform_reset_find("arm,pl061")->reset,
			 reset_pl061);
	assert_ptr_equal(vfio_platform_reset_find("cdns,ttc")->reset,
			 reset_cdns_ttc);
}

static void test_required_reset_that_fails_refuses_the_device(void **state)
{
	(void)state;
	fake_init(&fake, 1);
	fake.device_info.compatible = "arm,pl031";
	fake.setup.reset_policy = VFIO_PLATFORM_RESET_REQUIRED;
	fake_fail(&fake, "region_write", 2, -HYP_EFAULT);
	assert_int_equal(vfio_platform_assign(&fake.dev, &fake.setup, &failure),
			 -HYP_EFAULT);
	assert_int_equal(failure.stage, VFIO_PLATFORM_RESET_HOOK);
	fake_assert_at_rest(&fake);
	assert_int_equal(vfio_platform_assign(&fake.dev, &fake.setup, &failure),
			 0);
	fake_log_clear(&fake);
	assert_int_equal(vfio_platform_revoke(&fake.dev), 0);
	fake_assert_log(&fake, "disarm(0) unlink(0) trap write(0,0x10,4,0) "
			       "write(0,0x1c,4,0x1) clear(0) detach ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_device_without_reset_is_refused),
		cmocka_unit_test(test_configured_writes_come_first),
		cmocka_unit_test(test_configured_write_must_be_allowed),
		cmocka_unit_test(test_reset_leaves_the_state_machine_alone),
		cmocka_unit_test(test_pl011),
		cmocka_unit_test(test_pl031),
		cmocka_unit_test(test_pl061),
		cmocka_unit_test(test_cdns_ttc),
		cmocka_unit_test(test_virtio_mmio),
		cmocka_unit_test(test_virtio_mmio_with_another_magic),
		cmocka_unit_test(test_virtio_mmio_waits_but_not_for_ever),
		cmocka_unit_test(test_each_access_fails_once),
		cmocka_unit_test(test_hook_is_found_by_the_whole_string),
		cmocka_unit_test(
			test_required_reset_that_fails_refuses_the_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
