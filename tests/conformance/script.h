/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the script of one trace against the driver. */
#ifndef CONFORMANCE_SCRIPT_H
#define CONFORMANCE_SCRIPT_H

#include "world.h"

/** struct script_error - the line that could not be run */
struct script_error {
	unsigned int line; /* from 1 */
	char text[160];
};

/**
 * script_run() - run all commands of @script; the output is in @world
 * @script: changed while it is parsed
 *
 * Return: 0, or -HYP_EINVAL: a line is wrong.
 */
int script_run(struct world *world, char *script,
	       struct script_error *error) MUST_CHECK;

#endif /* CONFORMANCE_SCRIPT_H */
