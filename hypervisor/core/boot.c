// SPDX-License-Identifier: Apache-2.0
/*
 * From U-Boot to the root cell. The image runs first where U-Boot put it, MMU off,
 * and only reads; then once more, from its start, in the memory that the system
 * config reserves, where the device tree and the bundle have moved with it.
 */
#include <arch/boot.h>
#include <arch/cache.h>
#include <arch/cpu.h>
#include <arch/power.h>
#include <arch/stage1.h>
#include <hyp/cell.h>
#include <hyp/console.h>
#include <hyp/device.h>
#include <hyp/errno.h>
#include <hyp/irqchip.h>
#include <hyp/mmio.h>
#include <hyp/page.h>
#include <hyp/panic.h>
#include <hyp/printk.h>
#include <hyp/shared.h>
#include <hyp/version.h>
#include <libfdt.h>
#include <string.h>

#define FDT_SIZE_MAX (2 * 1024 * 1024)
#define POOL_SIZE_MIN (64 * PAGE_SIZE)

/* What is known of the machine; the moved image takes it over. */
struct boot_state {
	struct board board;
	struct bundle bundle;
	struct system_config system;
};

static struct boot_state state;
static struct message message;

/* Where everything is to go, in the hypervisor's memory. */
struct boot_layout {
	uint64_t image;
	uint64_t fdt;
	uint64_t bundle;
	uint64_t pool;
};

static NORETURN void boot_refuse(void)
{
	console_panic();
	console_puts(message.text);
	power_off(state.board.psci);
}

static uint64_t page_align(uint64_t address)
{
	return (address + PAGE_MASK) & ~PAGE_MASK;
}

static int boot_read(const void *fdt, size_t fdt_size)
{
	int ret = board_read_console(&state.board, fdt, fdt_size, &message);

	if (ret == 0) {
		console_init(&state.board.console);
	}
	return ret;
}

static int boot_read_bundle(const void *start, size_t size)
{
	struct bundle_image image;
	int ret;

	if (size == 0) {
		return message_set(
			&message, -HYP_ENOENT,
			"there is no bundle: give it to the image as "
			"its initrd, as in booti IMAGE BUNDLE:SIZE "
			"FDT");
	}
	ret = bundle_open(&state.bundle, start, size, &message);
	if (ret == 0) {
		ret = bundle_image(&state.bundle, "system", &image, &message);
	}
	if (ret == 0) {
		ret = bundle_image_check(&state.bundle, &image, &message);
	}
	if (ret == 0) {
		ret = system_config_read(&state.system, image.data, image.size,
					 &state.board, &message);
	}
	return ret;
}

static int overlap_check(const char *what, uint64_t base, uint64_t size)
{
	if (!range_overlaps(state.system.memory.base.raw,
			    state.system.memory.size, base, size)) {
		return 0;
	}
	return message_set(&message, -HYP_EBUSY,
			   "system: /hypervisor: \"memory\" 0x%lx to 0x%lx "
			   "overlaps %s, which U-Boot left at 0x%lx to 0x%lx; "
			   "move one",
			   state.system.memory.base.raw,
			   state.system.memory.base.raw +
				   state.system.memory.size,
			   what, base, base + size);
}

static int layout_make(struct boot_layout *layout)
{
	uint64_t end = state.system.memory.base.raw + state.system.memory.size;
	uint64_t fdt_size = fdt_totalsize(state.board.fdt);
	int ret = overlap_check("the image", arch_image_start(),
				arch_image_memory_size());

	if (ret == 0) {
		ret = overlap_check("the device tree",
				    (uintptr_t)state.board.fdt, fdt_size);
	}
	if (ret == 0) {
		ret = overlap_check("the bundle", state.board.initrd.base.raw,
				    state.board.initrd.size);
	}
	if (ret != 0) {
		return ret;
	}
	layout->image = state.system.memory.base.raw;
	layout->fdt = page_align(layout->image + arch_image_memory_size());
	layout->bundle = page_align(layout->fdt + fdt_size);
	layout->pool = page_align(layout->bundle + state.bundle.size);
	if (layout->pool > end || end - layout->pool < POOL_SIZE_MIN) {
		return message_set(&message, -HYP_ENOMEM,
				   "system: /hypervisor: \"memory\" has 0x%lx "
				   "bytes, but image, device tree, bundle and "
				   "tables need 0x%lx; give it more",
				   state.system.memory.size,
				   layout->pool - layout->image +
					   POOL_SIZE_MIN);
	}
	return 0;
}

static NORETURN void boot_move(const struct boot_layout *layout)
{
	/* Nothing that U-Boot left in the cache may be written over it later. */
	cache_clean((const void *)(uintptr_t)layout->image,
		    state.system.memory.size);
	memcpy((void *)(uintptr_t)layout->image,
	       (const void *)(uintptr_t)arch_image_start(),
	       arch_image_file_size());
	memcpy((void *)(uintptr_t)layout->fdt, state.board.fdt,
	       fdt_totalsize(state.board.fdt));
	memcpy((void *)(uintptr_t)layout->bundle, state.bundle.fit,
	       state.bundle.size);
	arch_reenter(layout->image, layout->fdt, layout->bundle, &state);
}

void boot_from_loader(const void *fdt)
{
	struct boot_layout layout;
	int ret = boot_read(fdt, FDT_SIZE_MAX);

	if (ret != 0) {
		boot_refuse(); /* said only if there is a console */
	}
	if (arch_exception_level() != 2) {
		message_set(&message, 0,
			    "Bulkhead was entered at EL%u and needs EL2: let "
			    "the firmware start it there (QEMU: -M "
			    "virtualization=on)",
			    arch_exception_level());
		boot_refuse();
	}
	ret = board_read(&state.board, &message);
	if (ret == 0) {
		ret = boot_read_bundle(
			(const void *)(uintptr_t)state.board.initrd.base.raw,
			state.board.initrd.size);
	}
	if (ret == 0) {
		ret = layout_make(&layout);
	}
	if (ret != 0) {
		boot_refuse();
	}
	boot_move(&layout);
}

static int map_image(void)
{
	struct pa_range text;
	struct pa_range read_only;
	struct pa_range data;
	int ret;

	arch_image_ranges(&text, &read_only, &data);
	ret = stage1_map(text, STAGE1_TEXT);
	if (ret == 0) {
		ret = stage1_map(read_only, STAGE1_READ_ONLY);
	}
	return ret == 0 ? stage1_map(data, STAGE1_DATA) : ret;
}

/* The tables come from the pool, which they map too. */
static int boot_map(uint64_t pool)
{
	uint64_t end = state.system.memory.base.raw + state.system.memory.size;
	uint64_t fdt = (uintptr_t)state.board.fdt;
	struct pa_range read_only = { pa(fdt), pool - fdt };
	struct pa_range pages = { pa(pool), end - pool };
	int ret;

	page_init(pages.base, pa(end));
	ret = map_image();
	if (ret == 0) {
		ret = stage1_map(read_only, STAGE1_READ_ONLY);
	}
	if (ret == 0) {
		ret = stage1_map(pages, STAGE1_DATA);
	}
	if (ret == 0 && state.board.console.uart != BOARD_UART_NONE &&
	    stage1_map_device(state.board.console.registers) == NULL) {
		ret = -HYP_ENOMEM;
	}
	if (ret != 0) {
		return message_set(&message, ret,
				   "the hypervisor's own tables cannot be "
				   "made (error %d)",
				   -ret);
	}
	stage1_enable();
	page_share();
	return 0;
}

static int boot_start_hardware(void)
{
	int ret = irqchip_init(&state.board.gic);

	if (ret == 0) {
		ret = cpu_init(&state.board);
	}
	if (ret != 0) {
		return message_set(&message, ret,
				   "the interrupt controller or the CPUs "
				   "cannot be started (error %d)",
				   -ret);
	}
	console_start(&state.board.console, cpu_this());
	mmio_init(&state.board.gic);
	device_init(&state.board);
	shared_init(&state.board, &state.system);
	return cells_init(&state.board, &state.system, &state.bundle, &message);
}

static void boot_root(struct cpu *cpu)
{
	printk(LOG_INFO, "starting cell %s", state.system.root_cell);
	if (cell_boot_root(state.system.root_cell, cpu, &message) != 0) {
		boot_refuse();
	}
}

void boot_moved(const void *fdt, const void *bundle,
		const struct boot_state *before)
{
	/* What was read before the move holds still: offsets, and two pointers. */
	state = *before;
	state.board.fdt = fdt;
	state.bundle.fit = bundle;
	console_init(&state.board.console);
	panic_init(state.system.panic_reset_ms);
	if (boot_map(page_align((uintptr_t)bundle + state.bundle.size)) != 0) {
		boot_refuse();
	}
	printk(LOG_INFO,
	       "Bulkhead " BULKHEAD_VERSION " at EL2, %u CPUs, memory 0x%lx to "
	       "0x%lx",
	       state.board.cpu_count, state.system.memory.base.raw,
	       state.system.memory.base.raw + state.system.memory.size);
	if (boot_start_hardware() != 0) {
		boot_refuse();
	}
	printk(LOG_INFO, "%s with %u list registers, INTIDs below %u",
	       irqchip->name, irqchip_lr_count, irqchip_spi_end);
	arch_call_on_stack(cpu_this(), cpu_this()->stack_top, boot_root);
}
