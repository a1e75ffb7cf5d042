// SPDX-License-Identifier: Apache-2.0
/* From the driver's trace records back to the lines of the trace format. */
#include "expand.h"

#include <inttypes.h>

void expand_step(struct text *text, struct vfio_platform_step step,
		 uint64_t now, uint64_t timeout_ticks, const char *queue)
{
	switch (vfio_platform_step_rule(step)) {
	case VFIO_PLATFORM_RULE_INJECT:
	case VFIO_PLATFORM_RULE_QUEUE:
	case VFIO_PLATFORM_RULE_RAISE_AGAIN:
	case VFIO_PLATFORM_RULE_STAY_QUEUED:
	case VFIO_PLATFORM_NR_RULES:
		break;
	case VFIO_PLATFORM_RULE_RETIRE:
	case VFIO_PLATFORM_RULE_RETIRE_NEXT:
	case VFIO_PLATFORM_RULE_EOI_IDLE:
	case VFIO_PLATFORM_RULE_READ_FAILED:
		text_add(text, "trap %u\n", vfio_platform_step_region(step));
		break;
	case VFIO_PLATFORM_RULE_REARM:
	case VFIO_PLATFORM_RULE_RESTORE:
		text_add(text, "expire %" PRIu64 "\n", now);
		break;
	}
	if (vfio_platform_step_does(step, VFIO_PLATFORM_DO_REPORT)) {
		text_add(text, "report\n");
	}
	if (vfio_platform_step_does(step, VFIO_PLATFORM_DO_TRAP)) {
		text_add(text, "mmap off\n");
	}
	if (vfio_platform_step_does(step, VFIO_PLATFORM_DO_LINE_DOWN)) {
		text_add(text, "virq %u 0\n", vfio_platform_step_retired(step));
	}
	if (vfio_platform_step_does(step, VFIO_PLATFORM_DO_UNMASK)) {
		text_add(text, "unmask %u\n", vfio_platform_step_retired(step));
	}
	if (vfio_platform_step_does(step, VFIO_PLATFORM_DO_LINE_UP)) {
		text_add(text, "virq %u 1\n", vfio_platform_step_raised(step));
	}
	if (vfio_platform_step_does(step, VFIO_PLATFORM_DO_QUEUE)) {
		text_add(text, "queue %s\n", queue);
	}
	if (vfio_platform_step_does(step, VFIO_PLATFORM_DO_DEADLINE)) {
		text_add(text, "timer %" PRIu64 "\n", now + timeout_ticks);
	}
	if (vfio_platform_step_does(step, VFIO_PLATFORM_DO_MAP)) {
		text_add(text, "mmap on\n");
	}
}
