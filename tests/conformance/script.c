// SPDX-License-Identifier: Apache-2.0
/* The command language of the traces: tests/conformance/README.md. */
#include "script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 24

/** struct command - one line, cut into words */
struct command {
	char *words[WORDS_MAX];
	unsigned int count; /* of words, the first one included */
};

static int wrong(struct script_error *error, const char *what, const char *word)
{
	snprintf(error->text, sizeof(error->text), "%s: '%s'", what, word);
	return -HYP_EINVAL;
}

static bool number_read(const char *word, uint64_t limit, uint64_t *value)
{
	char *end;

	if (*word < '0' || *word > '9') {
		return false;
	}
	*value = strtoull(word, &end, 10);
	return *end == '\0' && *value <= limit;
}

/* A list "A,E,..." of one character each; shorter ones keep their defaults. */
static bool list_read(const char *word, const char *allowed, char *list,
		      unsigned int count)
{
	unsigned int i;

	for (i = 0; *word != '\0'; i++) {
		if (i >= count || strchr(allowed, *word) == NULL) {
			return false;
		}
		list[i] = *word++;
		if (*word == ',') {
			word++;
		} else if (*word != '\0') {
			return false;
		}
	}
	return true;
}

static bool flag_read(const char *word, bool *flag)
{
	uint64_t value;

	if (!number_read(word, 1, &value)) {
		return false;
	}
	*flag = value != 0;
	return true;
}

/* One for all IRQs, or a list of one for each of the first ones. */
static bool irqfd_read(const char *word, uint64_t *link_mask)
{
	char list[VFIO_PLATFORM_IRQS_MAX];
	unsigned int i;
	bool flag;

	if (flag_read(word, &flag)) {
		*link_mask = flag ? UINT64_MAX : 0;
		return true;
	}
	memset(list, '1', sizeof(list));
	if (!list_read(word, "01", list, VFIO_PLATFORM_IRQS_MAX)) {
		return false;
	}
	for (i = 0; i < VFIO_PLATFORM_IRQS_MAX; i++) {
		if (list[i] == '0') {
			*link_mask &= ~BIT(i);
		}
	}
	return true;
}

static bool device_key(struct world_config *config, char *flags,
		       const char *key, const char *value)
{
	uint64_t number;

	if (strcmp(key, "irqs") == 0) {
		if (!number_read(value, VFIO_PLATFORM_IRQS_MAX, &number)) {
			return false;
		}
		config->irq_count = (unsigned int)number;
		return true;
	}
	if (strcmp(key, "regions") == 0) {
		if (!number_read(value, VFIO_PLATFORM_REGIONS_MAX, &number)) {
			return false;
		}
		config->region_count = (unsigned int)number;
		return true;
	}
	if (strcmp(key, "flags") == 0) {
		return list_read(value, "AE", flags, VFIO_PLATFORM_IRQS_MAX);
	}
	if (strcmp(key, "rflags") == 0) {
		return list_read(value, "MT0", config->region_kind,
				 VFIO_PLATFORM_REGIONS_MAX);
	}
	if (strcmp(key, "timeout") == 0) {
		return number_read(value, UINT32_MAX, &config->timeout_ms);
	}
	if (strcmp(key, "irqfd") == 0) {
		return irqfd_read(value, &config->link_mask);
	}
	if (strcmp(key, "nommap") == 0) {
		return flag_read(value, &config->no_mmap);
	}
	if (strcmp(key, "kvmirqfd") == 0) {
		return flag_read(value, &config->has_irqfd);
	}
	if (strcmp(key, "resamplefd") == 0) {
		return flag_read(value, &config->has_resamplefd);
	}
	return false;
}

static struct world_device *device_find(struct world *world, const char *name)
{
	struct world_device *device = world->devices;

	while (device != NULL && strcmp(device->name, name) != 0) {
		device = device->next;
	}
	return device;
}

static int run_device(struct world *world, struct command *command,
		      struct script_error *error)
{
	struct world_config config = {
		.irq_count = 1,
		.region_count = 1,
		.timeout_ms = VFIO_PLATFORM_TIMEOUT_MS_DEFAULT,
		.link_mask = UINT64_MAX,
		.has_irqfd = true,
		.has_resamplefd = true,
	};
	char flags[VFIO_PLATFORM_IRQS_MAX];
	unsigned int i;

	if (command->count < 2 ||
	    strlen(command->words[1]) >= WORLD_NAME_SIZE ||
	    device_find(world, command->words[1]) != NULL) {
		return wrong(error, "device without a new name",
			     command->words[0]);
	}
	memset(flags, 'A', sizeof(flags));
	memset(config.region_kind, 'M', sizeof(config.region_kind));
	for (i = 2; i < command->count; i++) {
		char *value = strchr(command->words[i], '=');

		if (value == NULL) {
			return wrong(error, "not key=value", command->words[i]);
		}
		*value = '\0';
		if (!device_key(&config, flags, command->words[i], value + 1)) {
			return wrong(error, "bad device key or value",
				     command->words[i]);
		}
	}
	for (i = 0; i < config.irq_count; i++) {
		config.is_edge[i] = flags[i] == 'E';
	}
	world_device_create(world, command->words[1], &config);
	return 0;
}

static int run_access(struct world_device *device, struct command *command,
		      unsigned int region, struct script_error *error)
{
	bool is_write = false;
	bool is_failing = false;
	int ack_irq = -1;
	unsigned int i;

	for (i = 2; i < command->count; i++) {
		const char *word = command->words[i];
		uint64_t irq;

		if (strcmp(word, "r") == 0 || strcmp(word, "w") == 0) {
			is_write = *word == 'w';
		} else if (strcmp(word, "fail") == 0) {
			is_failing = true;
		} else if (strncmp(word, "ack=", 4) == 0 &&
			   number_read(word + 4, VFIO_PLATFORM_IRQS_MAX - 1,
				       &irq)) {
			ack_irq = (int)irq;
		} else {
			return wrong(error, "bad word after access", word);
		}
	}
	world_access(device, region, is_write, ack_irq, is_failing);
	return 0;
}

static bool switch_read(const char *word, bool *is_on)
{
	*is_on = strcmp(word, "on") == 0 || strcmp(word, "1") == 0;
	return *is_on || strcmp(word, "off") == 0 || strcmp(word, "0") == 0;
}

/* Commands whose first argument is an IRQ of the current device. */
static int run_irq(struct world_device *device, struct command *command,
		   struct script_error *error)
{
	const char *name = command->words[0];
	uint64_t number;
	unsigned int irq;
	bool is_on;

	if (command->count < 2 ||
	    !number_read(command->words[1], UINT32_MAX, &number) ||
	    number >= device->dev.irq_count) {
		return wrong(error, "no such IRQ", name);
	}
	irq = (unsigned int)number;
	if (strcmp(name, "irq") == 0) {
		world_irq(device, irq);
	} else if (strcmp(name, "geoi") == 0) {
		world_guest_eoi(device, irq);
	} else if (strcmp(name, "swtrig") == 0) {
		world_software_trigger(device, irq);
	} else if (strcmp(name, "spurious") == 0) {
		world_spurious(device, irq);
	} else if (strcmp(name, "dispatch") == 0) {
		world_dispatch(device, (int)irq);
	} else if (command->count == 3 &&
		   switch_read(command->words[2], &is_on)) {
		world_level(device, irq, is_on);
	} else {
		return wrong(error, "level without 0 or 1", name);
	}
	return 0;
}

static bool takes_irq(const struct command *command)
{
	static const char *const names[] = { "irq",	 "geoi",  "swtrig",
					     "spurious", "level", "dispatch" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(command->words[0], names[i]) == 0) {
			return i + 1 < ARRAY_SIZE(names) || command->count > 1;
		}
	}
	return false;
}

/* Commands of the world and of the current device that name no IRQ. */
static int run_other(struct world *world, struct command *command,
		     struct script_error *error)
{
	struct world_device *device = world->current;
	const char *name = command->words[0];
	const char *argument = command->count > 1 ? command->words[1] : "";
	uint64_t number;

	if (strcmp(name, "use") == 0) {
		device = device_find(world, argument);
		if (device == NULL) {
			return wrong(error, "no such device", argument);
		}
		world->current = device;
	} else if (strcmp(name, "advance") == 0) {
		if (!number_read(argument, UINT64_MAX / 2, &number)) {
			return wrong(error, "not milliseconds", argument);
		}
		world_advance(world, number);
	} else if (strcmp(name, "defer") == 0) {
		if (!switch_read(argument, &world->is_deferred)) {
			return wrong(error, "defer without on or off",
				     argument);
		}
	} else if (strcmp(name, "access") == 0) {
		if (!number_read(argument, UINT32_MAX, &number) ||
		    number >= device->dev.region_count) {
			return wrong(error, "no such region", argument);
		}
		return run_access(device, command, (unsigned int)number, error);
	} else if (strcmp(name, "dispatch") == 0) {
		world_dispatch(device, -1);
	} else if (strcmp(name, "reset") == 0) {
		world_reset(device);
	} else if (strcmp(name, "state") == 0) {
		world_state(device);
	} else if (strcmp(name, "props") == 0) {
		world_props(device);
	} else {
		return wrong(error, "no such command", name);
	}
	return 0;
}

static int run(struct world *world, struct command *command,
	       struct script_error *error)
{
	if (strcmp(command->words[0], "device") == 0) {
		return run_device(world, command, error);
	}
	if (world->current == NULL) {
		return wrong(error, "no device yet", command->words[0]);
	}
	if (takes_irq(command)) {
		return run_irq(world->current, command, error);
	}
	return run_other(world, command, error);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Cut comment and blanks off; returns the line's first character. */
static char *trim(char *line)
{
	char *end;

	line[strcspn(line, "#")] = '\0';
	while (is_blank(*line)) {
		line++;
	}
	end = line + strlen(line);
	while (end > line && is_blank(end[-1])) {
		*--end = '\0';
	}
	return line;
}

static int split(struct command *command, char *line,
		 struct script_error *error)
{
	command->count = 0;
	while (*line != '\0') {
		if (command->count == WORDS_MAX) {
			return wrong(error, "too many words",
				     command->words[0]);
		}
		command->words[command->count++] = line;
		while (*line != '\0' && !is_blank(*line)) {
			line++;
		}
		while (is_blank(*line)) {
			*line++ = '\0';
		}
	}
	return 0;
}

int script_run(struct world *world, char *script, struct script_error *error)
{
	error->line = 0;
	while (*script != '\0') {
		size_t length = strcspn(script, "\n");
		char *next = script + length + (script[length] != '\0');
		struct command command;
		int ret;

		script[length] = '\0';
		script = trim(script);
		error->line++;
		if (*script != '\0') {
			text_add(&world->out, "> %s\n", script);
			ret = split(&command, script, error);
			if (ret == 0) {
				ret = run(world, &command, error);
			}
			if (ret != 0) {
				return ret;
			}
			world_settle(world);
		}
		script = next;
	}
	return 0;
}
