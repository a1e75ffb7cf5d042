// SPDX-License-Identifier: Apache-2.0
/*
 * Regions of an assigned device: what is mapped, and which accesses are
 * allowed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "../../drivers/vfio_platform/vfio_platform_core.h"
#include "fake_vfio.h"

#define READ VFIO_PLATFORM_REGION_READ
#define WRITE VFIO_PLATFORM_REGION_WRITE
#define MMAP VFIO_PLATFORM_REGION_MMAP

static struct fake_vfio fake;

static void test_setup_says_why_a_region_is_not_mapped(void **state)
{
	static const struct {
		uint64_t base;
		uint64_t size;
		uint32_t flags;
		bool no_mmap;
		uint8_t reason;
	} cases[] = {
		{ 0x1000, 0x1000, READ | WRITE | MMAP, false,
		  VFIO_PLATFORM_TRAP_NOT },
		{ 0x1000, 0, READ | WRITE | MMAP, false,
		  VFIO_PLATFORM_TRAP_HOLE },
		{ 0x1004, 0x1000, READ | WRITE | MMAP, false,
		  VFIO_PLATFORM_TRAP_UNALIGNED },
		{ 0x1000, 0x200, READ | WRITE | MMAP, false,
		  VFIO_PLATFORM_TRAP_UNALIGNED },
		{ 0x1000, 0x1001, READ | WRITE | MMAP, true,
		  VFIO_PLATFORM_TRAP_UNALIGNED },
		{ 0x1000, 0x1000, READ | WRITE | MMAP, true,
		  VFIO_PLATFORM_TRAP_CONFIG },
		{ 0x1000, 0x1000, READ | WRITE, false,
		  VFIO_PLATFORM_TRAP_INFO },
		{ UINT64_MAX - 0xfff, 0x1000, READ | MMAP, false,
		  VFIO_PLATFORM_TRAP_NOT },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct vfio_platform_region_info info = {
			.base = pa(cases[i].base),
			.size = cases[i].size,
			.flags = cases[i].flags,
		};
		struct vfio_platform_region region;
		uint8_t flags = (uint8_t)cases[i].flags;

		if (cases[i].reason != VFIO_PLATFORM_TRAP_NOT) {
			flags &= (uint8_t)~MMAP;
		}
		memset(&region, 0xa5, sizeof(region));
		assert_int_equal(vfio_platform_region_setup(&region, &info,
							    cases[i].no_mmap),
				 0);
		assert_int_equal(region.trap_reason, cases[i].reason);
		assert_int_equal(region.flags, flags);
		assert_int_equal(region.base.raw, cases[i].base);
		assert_int_equal(region.size, cases[i].size);
		assert_int_equal(region.access_count, 0);
		assert_int_equal(region.window, 0);
		assert_int_equal(region.prepare_error, 0);
	}
}

static void test_setup_refuses_a_region_that_wraps(void **state)
{
	struct vfio_platform_region_info info = {
		.base = pa(UINT64_MAX - 0xffe),
		.size = 0x1000,
	};
	struct vfio_platform_region region;

	(void)state;
	assert_int_equal(vfio_platform_region_setup(&region, &info, false),
			 -HYP_EINVAL);
}

static int access_at(unsigned int region, uint64_t offset, unsigned int width,
		     bool is_write)
{
	uint64_t value = 0;

	return vfio_platform_access(&fake.dev, region, offset, width, is_write,
				    &value);
}

/*
 * The class of CVE-2025-21687: offset and width against the region. Compared
 * with arithmetic in 128 bits at every edge, for every width.
 */
static void test_cve_2025_21687_offset_and_width_in_region(void **state)
{
	static const uint64_t sizes[] = {
		1, 2, 3, 4, 7, 8, 0xffe, 0x1000, UINT64_MAX - 0x9000000, 0
	};
	size_t i;
	unsigned int width;
	int edge;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		fake_init(&fake, 1);
		fake.region_info[1].base = pa(0x9000000);
		fake.region_info[1].size = sizes[i];
		assert_int_equal(
			vfio_platform_assign(&fake.dev, &fake.setup, NULL), 0);
		for (width = 0; width <= 17; width++) {
			for (edge = -40; edge <= 40; edge++) {
				uint64_t around[] = {
					(uint64_t)(int64_t)edge,
					sizes[i] + (uint64_t)(int64_t)edge,
					(UINT64_C(1) << 63) +
						(uint64_t)(int64_t)edge,
				};
				size_t k;

				for (k = 0; k < ARRAY_SIZE(around); k++) {
					unsigned __int128 end =
						(unsigned __int128)around[k] +
						width;
					bool is_width =
						width == 1 || width == 2 ||
						width == 4 || width == 8;
					int expected = 0;

					if (!is_width) {
						expected = -HYP_EINVAL;
					} else if (end > sizes[i]) {
						expected = -HYP_ERANGE;
					} else if (around[k] % width != 0) {
						expected = -HYP_EINVAL;
					}
					fake_log_clear(&fake);
					assert_int_equal(access_at(1, around[k],
								   width,
								   false),
							 expected);
					assert_int_equal(fake.log_size == 0,
							 expected != 0);
				}
			}
		}
		assert_int_equal(vfio_platform_revoke(&fake.dev), 0);
	}
}

static void test_access_refuses_unknown_regions(void **state)
{
	(void)state;
	fake_assign(&fake, 1);
	assert_int_equal(access_at(1, 0, 4, true), 0);
	assert_int_equal(access_at(2, 0, 4, true), -HYP_ERANGE);
	assert_int_equal(access_at(UINT32_MAX, 0, 4, true), -HYP_ERANGE);
	fake_log_clear(&fake);
	assert_int_equal(vfio_platform_revoke(&fake.dev), 0);
	fake_log_clear(&fake);
	assert_int_equal(access_at(0, 0, 4, true), -HYP_ERANGE);
	fake_assert_log(&fake, "");
}

static void test_access_keeps_the_directions(void **state)
{
	(void)state;
	fake_init(&fake, 1);
	fake.region_info[0].flags = READ | MMAP;
	fake.region_info[1].flags = WRITE;
	assert_int_equal(vfio_platform_assign(&fake.dev, &fake.setup, NULL), 0);
	fake_log_clear(&fake);
	assert_int_equal(access_at(0, 0, 4, true), -HYP_EPERM);
	assert_int_equal(access_at(1, 0, 4, false), -HYP_EPERM);
	fake_assert_log(&fake, "");
	assert_int_equal(fake.regions[0].access_count, 0);
	assert_int_equal(access_at(0, 0, 4, false), 0);
	assert_int_equal(access_at(1, 4, 4, true), 0);
	fake_assert_log(&fake, "read(0,0,4) write(1,0x4,4,0) ");
}

/* A refused access is no EOI. */
static void test_refused_access_retires_nothing(void **state)
{
	(void)state;
	fake_assign(&fake, 1);
	assert_int_equal(vfio_platform_irq_fire(&fake.dev, 0), 0);
	fake_log_clear(&fake);
	assert_int_equal(access_at(0, 0x1000, 4, false), -HYP_ERANGE);
	assert_int_equal(access_at(0, 2, 4, false), -HYP_EINVAL);
	fake_assert_log(&fake, "");
	assert_int_equal(fake.irqs[0].eoi_count, 0);
	assert_int_equal(fake.dev.machine.active, 0);
}

static void test_access_passes_values(void **state)
{
	uint64_t value = 0;

	(void)state;
	fake_assign(&fake, 0);
	fake.registers[3] = 0x12345678;
	fake.value = UINT64_C(0x1122334455667788);
	assert_int_equal(
		vfio_platform_access(&fake.dev, 0, 12, 4, false, &value), 0);
	assert_int_equal(value, 0x12345678);
	assert_int_equal(
		vfio_platform_access(&fake.dev, 1, 8, 8, false, &value), 0);
	assert_true(value == UINT64_C(0x1122334455667788));
	fake_log_clear(&fake);
	assert_int_equal(
		vfio_platform_access(&fake.dev, 1, 0xff8, 8, true, &value), 0);
	fake_assert_log(&fake, "write(1,0xff8,8,0x1122334455667788) ");
	assert_int_equal(fake.regions[1].access_count, 2);
}

static void test_touch_is_checked_but_is_no_eoi(void **state)
{
	uint64_t value = 9;

	(void)state;
	fake_assign(&fake, 1);
	assert_int_equal(vfio_platform_irq_fire(&fake.dev, 0), 0);
	fake_log_clear(&fake);
	assert_int_equal(vfio_platform_region_touch(&fake.dev, 2, 0, 4, true,
						    &value),
			 -HYP_ERANGE);
	assert_int_equal(vfio_platform_region_touch(&fake.dev, 0, 0x1000, 4,
						    true, &value),
			 -HYP_ERANGE);
	assert_int_equal(vfio_platform_region_touch(&fake.dev, 0, 0, 4, true,
						    &value),
			 0);
	fake_assert_log(&fake, "write(0,0,4,0x9) ");
	assert_int_equal(fake.regions[0].access_count, 0);
	assert_int_equal(fake.dev.machine.active, 0);
}

static int parts_at(uint64_t first, uint64_t second, unsigned int width,
		    bool is_write)
{
	struct vfio_platform_part parts[2] = {
		{ .offset = first, .value = 1, .width = (uint8_t)width },
		{ .offset = second, .value = 2, .width = (uint8_t)width },
	};

	return vfio_platform_access_parts(&fake.dev, 0, parts, 2, is_write);
}

/* One EOI, after the last part: the line is high until then. */
static void test_parts_are_one_eoi(void **state)
{
	struct vfio_platform_part parts[VFIO_PLATFORM_PARTS_MAX] = {
		{ .offset = 0, .width = 4 },
		{ .offset = 4, .width = 4 },
		{ .offset = 8, .width = 8 },
		{ .offset = 16, .width = 8 },
	};

	(void)state;
	fake_assign(&fake, 2);
	assert_int_equal(vfio_platform_irq_fire(&fake.dev, 0), 0);
	assert_int_equal(vfio_platform_irq_fire(&fake.dev, 1), 0);
	fake_log_clear(&fake);
	assert_int_equal(parts_at(8, 12, 4, true), 0);
	fake_assert_log(&fake, "write(0,0x8,4,0x1) write(0,0xc,4,0x2) "
			       "line(0,0) unmask(0) line(1,1) ");
	assert_int_equal(fake.regions[0].access_count, 1);
	fake.registers[0] = 0x11;
	fake.registers[1] = 0x22;
	fake.value = UINT64_C(0x1122334455667788);
	assert_int_equal(
		vfio_platform_access_parts(&fake.dev, 0, parts, 4, false), 0);
	assert_int_equal(parts[0].value, 0x11);
	assert_int_equal(parts[1].value, 0x22);
	assert_true(parts[3].value == UINT64_C(0x1122334455667788));
	fake_assert_log(&fake, "read(0,0,4) read(0,0x4,4) read(0,0x8,8) "
			       "read(0,0x10,8) line(1,0) unmask(1) ");
	assert_int_equal(fake.dev.machine.active, VFIO_PLATFORM_NO_IRQ);
}

/* Nothing is touched if the last part may not be. */
static void test_parts_are_checked_before_all(void **state)
{
	struct vfio_platform_part part = { .width = 4 };

	(void)state;
	fake_assign(&fake, 1);
	assert_int_equal(vfio_platform_irq_fire(&fake.dev, 0), 0);
	fake_log_clear(&fake);
	assert_int_equal(parts_at(0xffc, 0x1000, 4, true), -HYP_ERANGE);
	assert_int_equal(parts_at(0, UINT64_MAX - 3, 4, false), -HYP_ERANGE);
	assert_int_equal(parts_at(0, 2, 4, false), -HYP_EINVAL);
	assert_int_equal(parts_at(0, 16, 16, false), -HYP_EINVAL);
	assert_int_equal(vfio_platform_access_parts(&fake.dev, 0, &part, 0,
						    false),
			 -HYP_EINVAL);
	assert_int_equal(vfio_platform_access_parts(&fake.dev, 0, &part,
						    VFIO_PLATFORM_PARTS_MAX + 1,
						    false),
			 -HYP_EINVAL);
	assert_int_equal(vfio_platform_access_parts(&fake.dev, 2, &part, 1,
						    false),
			 -HYP_ERANGE);
	fake_assert_log(&fake, "");
	assert_int_equal(fake.irqs[0].eoi_count, 0);
}

/* T14 and T15: the failing part ends it; a failed read is no EOI. */
static void test_parts_that_fail(void **state)
{
	(void)state;
	fake_assign(&fake, 1);
	assert_int_equal(vfio_platform_irq_fire(&fake.dev, 0), 0);
	fake_log_clear(&fake);
	fake_fail(&fake, "region_read", 1, -HYP_EFAULT);
	assert_int_equal(parts_at(0, 4, 4, false), -HYP_EFAULT);
	fake_assert_log(&fake, "read(0,0,4) ");
	fake_fail(&fake, "region_read", 2, -HYP_EFAULT);
	assert_int_equal(parts_at(0, 4, 4, false), -HYP_EFAULT);
	fake_assert_log(&fake, "read(0,0,4) read(0,0x4,4) ");
	assert_int_equal(fake.dev.machine.active, 0);
	fake_fail(&fake, "region_write", 1, -HYP_EFAULT);
	assert_int_equal(parts_at(0, 4, 4, true), -HYP_EFAULT);
	fake_assert_log(&fake, "write(0,0,4,0x1) line(0,0) unmask(0) ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_setup_says_why_a_region_is_not_mapped),
		cmocka_unit_test(test_setup_refuses_a_region_that_wraps),
		cmocka_unit_test(
			test_cve_2025_21687_offset_and_width_in_region),
		cmocka_unit_test(test_access_refuses_unknown_regions),
		cmocka_unit_test(test_access_keeps_the_directions),
		cmocka_unit_test(test_refused_access_retires_nothing),
		cmocka_unit_test(test_access_passes_values),
		cmocka_unit_test(test_touch_is_checked_but_is_no_eoi),
		cmocka_unit_test(test_parts_are_one_eoi),
		cmocka_unit_test(test_parts_are_checked_before_all),
		cmocka_unit_test(test_parts_that_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
