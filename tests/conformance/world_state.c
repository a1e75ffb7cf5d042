// SPDX-License-Identifier: Apache-2.0
/* What the commands `state` and `props` print. */
#include <inttypes.h>

#include "world.h"

void world_queue_text(const struct vfio_platform_machine *machine,
		      struct text *text)
{
	unsigned int i;

	text_add(text, "[");
	for (i = 0; i < machine->queue_count; i++) {
		text_add(text, "%s%u", i == 0 ? "" : ",",
			 vfio_platform_queue_at(machine, i));
	}
	text_add(text, "]");
}

void world_state(struct world_device *device)
{
	static const char letters[] = "IPA";
	const struct vfio_platform_machine *machine = &device->dev.machine;
	unsigned int count = device->dev.irq_count;
	struct text text = { 0 };
	unsigned int i;

	text_add(&text, "now=%" PRIu64 " irqs=", device->world->now);
	for (i = 0; i < count; i++) {
		text_add(&text, "%s%u:%c", i == 0 ? "" : ",", i,
			 letters[vfio_platform_irq_state(machine, i)]);
	}
	text_add(&text, " queue=");
	world_queue_text(machine, &text);
	text_add(&text, " vline=");
	for (i = 0; i < count; i++) {
		text_add(&text, "%d", device->lines[i].is_high);
	}
#define ADD_LINES(word, field)                                      \
	do {                                                        \
		text_add(&text, " " word "=");                      \
		for (i = 0; i < count; i++) {                       \
			text_add(&text, "%c",                       \
				 !device->lines[i].is_level ? '-' : \
				 device->lines[i].field	    ? '1' : \
							      '0');     \
		}                                                   \
	} while (0)
	ADD_LINES("masked", is_masked);
	ADD_LINES("latch", is_latched);
	ADD_LINES("level", is_held);
#undef ADD_LINES
	text_add(&text, " mmap=");
	for (i = 0; i < device->dev.region_count; i++) {
		bool is_mappable = (device->regions[i].flags &
				    VFIO_PLATFORM_REGION_MMAP) != 0;

		text_add(&text, "%c",
			 !is_mappable	   ? '-' :
			 device->is_mapped ? '1' :
					     '0');
	}
	if (device->is_timer_set) {
		text_add(&text, " timer=%" PRIu64, device->timer);
	} else {
		text_add(&text, " timer=-");
	}
	world_say(device, "state %s", text.bytes);
	text_free(&text);
}

void world_props(struct world_device *device)
{
	world_say(device,
		  "props mmap-timeout-ms=%" PRIu64 " (%d) x-irqfd=%d (1) "
		  "x-no-mmap=%d (0)",
		  device->config.timeout_ms, VFIO_PLATFORM_TIMEOUT_MS_DEFAULT,
		  device->config.link_mask != 0, device->config.no_mmap);
}
