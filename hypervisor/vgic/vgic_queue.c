// SPDX-License-Identifier: Apache-2.0
/*
 * What waits for a list register: one queue per CPU, group and priority, first come,
 * first served. Only memory, so any CPU may change any queue under the lock.
 */
#include "vgic.h"

static void queue_add(struct virq *virq, bool at_head)
{
	struct vgic_cpu *vgic = &virq->cpu->vgic;
	unsigned int group = virq_group(virq);
	unsigned int level = virq_level(virq);
	struct virq **queue = &vgic->queue[group][level];

	if (*queue == NULL) {
		virq->next = virq;
		virq->previous = virq;
		*queue = virq;
		vgic->levels[group] |= 1u << level;
	} else {
		virq->next = *queue;
		virq->previous = (*queue)->previous;
		virq->previous->next = virq;
		virq->next->previous = virq;
		if (at_head) {
			*queue = virq;
		}
	}
	virq_set(virq, VIRQ_QUEUED);
}

/* @virq->priority, group and CPU are still those that it was queued with. */
void vgic_unqueue(struct virq *virq)
{
	struct virq **queue;

	if (!virq_has(virq, VIRQ_QUEUED)) {
		return;
	}
	queue = &virq->cpu->vgic.queue[virq_group(virq)][virq_level(virq)];
	if (virq->next == virq) {
		*queue = NULL;
		virq->cpu->vgic.levels[virq_group(virq)] &=
			~(1u << virq_level(virq));
	} else {
		virq->previous->next = virq->next;
		virq->next->previous = virq->previous;
		if (*queue == virq) {
			*queue = virq->next;
		}
	}
	virq_clear(virq, VIRQ_QUEUED);
}

bool vgic_requeue(struct virq *virq)
{
	bool wants = virq_wants_cpu(virq);

	if (!wants) {
		vgic_unqueue(virq);
	} else if (!virq_has(virq, VIRQ_QUEUED)) {
		queue_add(virq, false);
	}
	return wants;
}

void vgic_queue_first(struct virq *virq)
{
	if (!virq_wants_cpu(virq)) {
		vgic_unqueue(virq);
	} else if (!virq_has(virq, VIRQ_QUEUED)) {
		queue_add(virq, true);
	}
}

/* At one level group 0 comes first. */
struct virq *vgic_queue_best(const struct cpu *cpu, uint32_t groups)
{
	uint32_t group0 = (groups & 1) != 0 ? cpu->vgic.levels[0] : 0;
	uint32_t group1 = (groups & 2) != 0 ? cpu->vgic.levels[1] : 0;
	unsigned int level;

	if ((group0 | group1) == 0) {
		return NULL;
	}
	level = (unsigned int)__builtin_ctz(group0 | group1);
	return cpu->vgic.queue[(group0 >> level & 1) != 0 ? 0 : 1][level];
}
