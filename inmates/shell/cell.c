// SPDX-License-Identifier: Apache-2.0
// The management calls, and the wait for a job's end.

#include <stdio.h>
#include <string.h>

#include <hyp/errno.h>

#include "cell.h"
#include "hypercall.h"
#include "timer.h"

#define POLL_MS 10
#define POLL_SOON_MS 1 /* for the first POLL_MS: most jobs are short */
#define JOB_TIMEOUT_MS 30000

static const char *const op_done[BH_OP_NR] = {
	[BH_OP_CREATE] = "created",    [BH_OP_LOAD] = "loaded",
	[BH_OP_START] = "started",     [BH_OP_SHUTDOWN] = "shut down",
	[BH_OP_DESTROY] = "destroyed", [BH_OP_RESTART] = "restarted",
};

int cell_name(unsigned int cell, char *name)
{
	struct hypercall call = { { cell } };
	const int64_t result = hypercall(BH_CELL_NAME, &call);

	if (result < 0) {
		return (int)result;
	}
	memcpy(name, call.x, BH_NAME_SIZE);
	name[BH_NAME_SIZE] = '\0';
	return 0;
}

int cell_find(const char *name)
{
	char found[BH_NAME_SIZE + 1];
	int cell = 0;
	int result;

	while ((result = cell_name((unsigned int)cell, found)) == 0) {
		if (strcmp(found, name) == 0) {
			return cell;
		}
		cell++;
	}
	if (result == -HYP_ENOENT) {
		printf("error: there is no cell \"%s\"; \"cell list\" "
		       "shows them\n",
		       name);
	} else {
		cell_report((unsigned int)cell, name, result);
	}
	return result;
}

int cell_info(unsigned int cell, struct cell_info *info)
{
	struct hypercall call = { { cell } };
	const int64_t result = hypercall(BH_CELL_INFO, &call);

	if (result < 0) {
		return (int)result;
	}
	info->state = call.x[0];
	info->job = call.x[1];
	info->result = (int64_t)call.x[2];
	info->cpus = call.x[3];
	info->memory = call.x[4];
	info->device_count = call.x[5];
	info->reason = call.x[6];
	return 0;
}

size_t cell_sentence(unsigned int cell, enum bh_message which, char *sentence)
{
	size_t length = 0;

	while (length + BH_MESSAGE_CHUNK < CELL_SENTENCE_SIZE) {
		struct hypercall call = { { cell, length, which } };

		if (hypercall(BH_MESSAGE, &call) < 0) {
			break;
		}
		memcpy(sentence + length, call.x, BH_MESSAGE_CHUNK);
		sentence[length + BH_MESSAGE_CHUNK] = '\0';
		if (strlen(sentence + length) < BH_MESSAGE_CHUNK) {
			return strlen(sentence);
		}
		length += BH_MESSAGE_CHUNK;
	}
	return length;
}

void cell_report(unsigned int cell, const char *name, int error)
{
	char sentence[CELL_SENTENCE_SIZE];

	if (error == -HYP_EACCES) {
		printf("error: this cell may not manage cells: its config has "
		       "no \"management;\"\n");
	} else if (error == -HYP_EAGAIN) {
		printf("error: cell %s is busy with another command; try "
		       "again when that is done\n",
		       name);
	} else if (cell_sentence(cell, BH_MESSAGE_LAST, sentence) != 0) {
		printf("error: %s\n", sentence);
	} else {
		printf("error: cell \"%s\": the hypervisor refused, errno %d\n",
		       name, -error);
	}
}

/* Return: the job's result, or -HYP_ETIMEDOUT. */
static int wait_for_job(unsigned int cell)
{
	const uint64_t start_us = timer_now_us();
	struct cell_info info;
	int result;

	while ((result = cell_info(cell, &info)) == 0 && info.job != 0) {
		if (timer_now_us() - start_us > JOB_TIMEOUT_MS * 1000) {
			return -HYP_ETIMEDOUT;
		}
		timer_delay_ms(timer_now_us() - start_us < POLL_MS * 1000 ?
				       POLL_SOON_MS :
				       POLL_MS);
	}
	return result != 0 ? result : (int)info.result;
}

int cell_do_quietly(unsigned int cell, const char *name, enum bh_op op,
		    unsigned int flags)
{
	struct hypercall call = { { cell, op, flags } };
	int result = (int)hypercall(BH_CELL_OP, &call);

	if (result == 0) {
		result = wait_for_job(cell);
		if (result == -HYP_ETIMEDOUT) {
			printf("error: cell \"%s\" is not %s after %d s; "
			       "\"cell list\" shows its state\n",
			       name, op_done[op], JOB_TIMEOUT_MS / 1000);
			return result;
		}
	}
	if (result != 0) {
		cell_report(cell, name, result);
	}
	return result;
}

int cell_do(unsigned int cell, const char *name, enum bh_op op,
	    unsigned int flags)
{
	const int result = cell_do_quietly(cell, name, op, flags);

	if (result == 0) {
		printf("cell %s: %s\n", name, op_done[op]);
	}
	return result;
}

/* Return: its number, or a negative errno. */
static int device_find(unsigned int cell, const char *name)
{
	for (unsigned int device = 0;; device++) {
		struct hypercall call = { { cell, device } };
		char found[BH_DEVICE_NAME_SIZE + 1] = { 0 };
		const int64_t result = hypercall(BH_DEVICE_NAME, &call);

		if (result < 0) {
			return (int)result;
		}
		memcpy(found, call.x, BH_DEVICE_NAME_SIZE);
		if (strcmp(found, name) == 0) {
			return (int)device;
		}
	}
}

int cell_focus(unsigned int cell, const char *name)
{
	struct hypercall call = { { cell } };
	const int result = (int)hypercall(BH_CONSOLE_FOCUS, &call);

	if (result != 0) {
		cell_report(cell, name, result);
	}
	return result;
}

int cell_reset_device(unsigned int cell, const char *name, const char *device)
{
	int result = device_find(cell, device);

	if (result == -HYP_ENOENT) {
		printf("error: cell %s has no device \"%s\"; "
		       "\"cell devices %s\" shows them\n",
		       name, device, name);
		return result;
	}
	if (result >= 0) {
		struct hypercall call = { { cell, (uint64_t)result } };

		result = (int)hypercall(BH_DEVICE_RESET, &call);
	}
	if (result != 0) {
		cell_report(cell, name, result);
		return result;
	}
	printf("cell %s: device %s reset\n", name, device);
	return 0;
}
