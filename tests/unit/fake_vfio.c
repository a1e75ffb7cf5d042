// SPDX-License-Identifier: Apache-2.0
/* A fake machine for the assignment driver. */
#include "fake_vfio.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "vfio_platform_check.h"

static struct fake_vfio *of(struct vfio_platform_device *dev)
{
	return CONTAINER_OF(dev, struct fake_vfio, dev);
}

static void record(struct fake_vfio *fake, const char *format, ...)
	PRINTF_FORMAT(2, 3);
static void record(struct fake_vfio *fake, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(fake->log + fake->log_size,
			   sizeof(fake->log) - fake->log_size, format, args);
	va_end(args);
	assert_true(length > 0);
	fake->log_size += (size_t)length;
	assert_true(fake->log_size < sizeof(fake->log));
}

static void assert_lock(struct vfio_platform_device *dev, bool is_held)
{
	assert_int_equal(host_lock_is_held(&dev->lock), is_held);
}

static int outcome(struct fake_vfio *fake, const char *op)
{
	if (fake->fail_op == NULL || strcmp(fake->fail_op, op) != 0 ||
	    --fake->fail_countdown != 0) {
		return 0;
	}
	fake->fail_op = NULL;
	return fake->fail_error;
}

static int op_attach(struct vfio_platform_device *dev)
{
	int ret = outcome(of(dev), "attach");

	assert_lock(dev, false);
	assert_false(of(dev)->is_attached);
	record(of(dev), "attach ");
	of(dev)->is_attached = ret == 0;
	return ret;
}

static void op_detach(struct vfio_platform_device *dev)
{
	assert_lock(dev, false);
	assert_true(of(dev)->is_attached);
	record(of(dev), "detach ");
	of(dev)->is_attached = false;
}

static int op_device_info(struct vfio_platform_device *dev,
			  struct vfio_platform_device_info *info)
{
	assert_lock(dev, false);
	record(of(dev), "device_info ");
	*info = of(dev)->device_info;
	return outcome(of(dev), "device_info");
}

static int op_region_info(struct vfio_platform_device *dev, unsigned int region,
			  struct vfio_platform_region_info *info)
{
	assert_lock(dev, false);
	record(of(dev), "region_info(%u) ", region);
	*info = of(dev)->region_info[region];
	return outcome(of(dev), "region_info");
}

static int op_irq_info(struct vfio_platform_device *dev, unsigned int irq,
		       struct vfio_platform_irq_info *info)
{
	assert_lock(dev, false);
	record(of(dev), "irq_info(%u) ", irq);
	*info = of(dev)->irq_info[irq];
	return outcome(of(dev), "irq_info");
}

static int op_region_open(struct vfio_platform_device *dev, unsigned int region)
{
	assert_lock(dev, false);
	record(of(dev), "region_open(%u) ", region);
	return outcome(of(dev), "region_open");
}

static int op_region_prepare(struct vfio_platform_device *dev,
			     unsigned int region)
{
	assert_lock(dev, false);
	record(of(dev), "region_prepare(%u) ", region);
	return outcome(of(dev), "region_prepare");
}

static int op_region_read(struct vfio_platform_device *dev, unsigned int region,
			  uint64_t offset, unsigned int width, uint64_t *value)
{
	int ret = outcome(of(dev), "region_read");

	assert_lock(dev, false);
	record(of(dev), "read(%u,%#llx,%u) ", region,
	       (unsigned long long)offset, width);
	if (ret != 0) {
		return ret;
	}
	*value = width == 4 && region == 0 ? of(dev)->registers[offset / 4] :
					     of(dev)->value;
	return 0;
}

static int op_region_write(struct vfio_platform_device *dev,
			   unsigned int region, uint64_t offset,
			   unsigned int width, uint64_t value)
{
	int ret = outcome(of(dev), "region_write");

	assert_lock(dev, false);
	record(of(dev), "write(%u,%#llx,%u,%#llx) ", region,
	       (unsigned long long)offset, width, (unsigned long long)value);
	if (ret == 0 && width == 4 && region == 0) {
		of(dev)->registers[offset / 4] = (uint32_t)value;
	}
	return ret;
}

static void op_regions_trap(struct vfio_platform_device *dev)
{
	assert_lock(dev, true);
	record(of(dev), "trap ");
	of(dev)->is_mapped = false;
}

static void op_regions_map(struct vfio_platform_device *dev)
{
	record(of(dev), "map ");
	of(dev)->is_mapped = true;
}

static void op_irq_disarm(struct vfio_platform_device *dev, unsigned int irq)
{
	record(of(dev), "disarm(%u) ", irq);
	of(dev)->is_armed[irq] = false;
}

static void op_irq_clear(struct vfio_platform_device *dev, unsigned int irq)
{
	assert_lock(dev, false);
	assert_false(of(dev)->is_armed[irq]);
	record(of(dev), "clear(%u) ", irq);
}

static int op_irq_link(struct vfio_platform_device *dev, unsigned int irq)
{
	int ret = outcome(of(dev), "irq_link");

	assert_lock(dev, false);
	record(of(dev), "link(%u) ", irq);
	of(dev)->is_linked[irq] = ret == 0;
	return ret;
}

static void op_irq_unlink(struct vfio_platform_device *dev, unsigned int irq)
{
	assert_lock(dev, true);
	assert_false(of(dev)->is_armed[irq]);
	record(of(dev), "unlink(%u) ", irq);
	of(dev)->is_linked[irq] = false;
}

static int op_irq_arm(struct vfio_platform_device *dev, unsigned int irq)
{
	int ret = outcome(of(dev), "irq_arm");

	assert_lock(dev, false);
	record(of(dev), "arm(%u) ", irq);
	of(dev)->is_armed[irq] = ret == 0;
	return ret;
}

static void op_irq_unmask(struct vfio_platform_device *dev, unsigned int irq)
{
	assert_lock(dev, true);
	record(of(dev), "unmask(%u) ", irq);
}

static void op_line_set(struct vfio_platform_device *dev, unsigned int irq,
			bool is_high)
{
	assert_lock(dev, true);
	record(of(dev), "line(%u,%d) ", irq, is_high);
	of(dev)->is_high[irq] = is_high;
}

static uint64_t op_now(struct vfio_platform_device *dev)
{
	of(dev)->now_call_count++;
	of(dev)->now += of(dev)->now_step;
	return of(dev)->now;
}

static void op_deadline_set(struct vfio_platform_device *dev, uint64_t ticks)
{
	assert_lock(dev, true);
	assert_int_equal(dev->deadline, ticks);
	record(of(dev), "deadline(%llu) ", (unsigned long long)ticks);
	of(dev)->deadline = ticks;
	of(dev)->is_deadline_set = true;
}

static void op_deadline_cancel(struct vfio_platform_device *dev)
{
	assert_lock(dev, true);
	record(of(dev), "cancel ");
	of(dev)->is_deadline_set = false;
}

static const uint32_t is_traced = 1;

static void op_trace(struct vfio_platform_device *dev,
		     struct vfio_platform_step step, uint64_t now)
{
	assert_lock(dev, true);
	of(dev)->trace_call_count++;
	of(dev)->step = step;
	of(dev)->step_now = now;
	of(dev)->step_log_size = of(dev)->log_size;
}

const struct vfio_platform_ops fake_ops = {
	.attach = op_attach,
	.detach = op_detach,
	.device_info = op_device_info,
	.region_info = op_region_info,
	.irq_info = op_irq_info,
	.region_open = op_region_open,
	.region_prepare = op_region_prepare,
	.region_read = op_region_read,
	.region_write = op_region_write,
	.regions_trap = op_regions_trap,
	.regions_map = op_regions_map,
	.irq_disarm = op_irq_disarm,
	.irq_clear = op_irq_clear,
	.irq_link = op_irq_link,
	.irq_unlink = op_irq_unlink,
	.irq_arm = op_irq_arm,
	.irq_unmask = op_irq_unmask,
	.line_set = op_line_set,
	.now = op_now,
	.deadline_set = op_deadline_set,
	.deadline_cancel = op_deadline_cancel,
	.is_traced = &is_traced,
	.trace = op_trace,
};

static void before_release(struct spinlock *lock)
{
	const struct vfio_platform_device *dev =
		CONTAINER_OF(lock, struct vfio_platform_device, lock);
	const char *mistake = vfio_platform_check(dev);

	if (mistake != NULL) {
		fail_msg("%s", mistake);
	}
}

void fake_init(struct fake_vfio *fake, unsigned int irq_count)
{
	unsigned int i;

	memset(fake, 0, sizeof(*fake));
	fake->device_info.flags = VFIO_PLATFORM_DEVICE_PLATFORM;
	fake->device_info.region_count = 2;
	fake->device_info.irq_count = irq_count;
	fake->device_info.compatible = "vendor,device";
	fake->device_info.compatible_count = 2;
	for (i = 0; i <= VFIO_PLATFORM_REGIONS_MAX; i++) {
		fake->region_info[i].base = pa(0x9000000 + i * 0x10000);
		fake->region_info[i].size = PAGE_SIZE;
		fake->region_info[i].flags = VFIO_PLATFORM_REGION_READ |
					     VFIO_PLATFORM_REGION_WRITE |
					     VFIO_PLATFORM_REGION_MMAP;
	}
	for (i = 0; i <= VFIO_PLATFORM_IRQS_MAX; i++) {
		fake->irq_info[i].intid = 40 + i;
		fake->irq_info[i].flags = VFIO_PLATFORM_IRQ_EVENTFD |
					  VFIO_PLATFORM_IRQ_MASKABLE |
					  VFIO_PLATFORM_IRQ_AUTOMASKED;
	}
	fake->setup.ops = &fake_ops;
	fake->setup.irqs = fake->irqs;
	fake->setup.irq_capacity = VFIO_PLATFORM_IRQS_MAX;
	fake->setup.regions = fake->regions;
	fake->setup.region_capacity = VFIO_PLATFORM_REGIONS_MAX;
	fake->setup.timeout_ticks = 100;
	fake->setup.reset_policy = VFIO_PLATFORM_RESET_NONE;
	host_lock_on_release(before_release);
}

void fake_set_edge(struct fake_vfio *fake, unsigned int irq)
{
	fake->irq_info[irq].flags = VFIO_PLATFORM_IRQ_EVENTFD;
}

void fake_assign(struct fake_vfio *fake, unsigned int irq_count)
{
	fake_init(fake, irq_count);
	assert_int_equal(vfio_platform_assign(&fake->dev, &fake->setup, NULL),
			 0);
	fake_log_clear(fake);
}

void fake_fail(struct fake_vfio *fake, const char *op, unsigned int nth,
	       int error)
{
	fake->fail_op = op;
	fake->fail_countdown = nth;
	fake->fail_error = error;
}

void fake_expire(struct fake_vfio *fake, uint64_t now)
{
	fake->now = now;
	fake->is_deadline_set = false;
	vfio_platform_deadline(&fake->dev, now);
}

void fake_log_clear(struct fake_vfio *fake)
{
	fake->log_size = 0;
	fake->log[0] = '\0';
}

void fake_assert_log(struct fake_vfio *fake, const char *expected)
{
	assert_string_equal(fake->log, expected);
	fake_log_clear(fake);
}

void fake_assert_at_rest(const struct fake_vfio *fake)
{
	unsigned int i;

	assert_false(host_lock_is_held(&fake->dev.lock));
	assert_false(fake->is_attached);
	assert_false(fake->is_mapped);
	assert_false(fake->is_deadline_set);
	for (i = 0; i < VFIO_PLATFORM_IRQS_MAX; i++) {
		assert_false(fake->is_armed[i]);
		assert_false(fake->is_linked[i]);
		assert_false(fake->is_high[i]);
	}
	assert_int_equal(fake->dev.stage, VFIO_PLATFORM_ABSENT);
	assert_int_equal(fake->dev.machine.wired, 0);
	assert_int_equal(fake->dev.machine.pending, 0);
	assert_int_equal(fake->dev.machine.queue_count, 0);
	assert_int_equal(fake->dev.live_region_count, 0);
}
