# SPDX-License-Identifier: Apache-2.0
"""Cells whose inmate reports in TAP (inmates/lib/tap.h), and what they must report.

    lines = tap.run(rig, "gic-sweep")

starts the cell, reads its tests and destroys it. It is an AssertionError, with all that the
cell said, if one test is "not ok", if there is no plan or more than one, if the tests are
not numbered 1 to the plan's number, if the cell says anything that is not TAP, or if it does
not end by itself with nothing to complain about.
"""

import re
import time


class TapError(AssertionError):
    """What is wrong with a report, and the report."""


def check(lines):
    """The names of the tests in the lines of a report; or a TapError."""
    plans, names, text = [], [], "\n".join(lines)
    for line in lines:
        if line.startswith("#") or not line:
            continue
        plan = re.fullmatch(r"1\.\.(\d+)", line)
        if plan:
            plans.append(int(plan[1]))
            continue
        test = re.fullmatch(r"(not ok|ok) (\d+) - ([^#]+)", line)
        if not test:
            raise TapError(f"not a line of TAP: {line!r} in\n{text}")
        if int(test[2]) != len(names) + 1:
            raise TapError(f"test {test[2]} follows test {len(names)} in\n{text}")
        names.append(test[3])
        if test[1] != "ok":
            raise TapError(f"{line}:\n{text}")
    if len(plans) != 1 or plans[0] == 0:
        raise TapError(f"{len(plans)} plans: {plans} in\n{text}")
    if len(names) != plans[0]:
        raise TapError(f"{len(names)} tests of {plans[0]} in\n{text}")
    return names


def said(log, name):
    """The lines of a cell, without its name, on a console that others use too."""
    lines = re.findall(rf"\[{re.escape(name)}\] ([^\r\n]*)[\r\n]", log)
    return [re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", line) for line in lines]


def is_complete(lines):
    """All tests that were planned have been heard of."""
    plans = [int(line[3:]) for line in lines if re.fullmatch(r"1\.\.\d+", line)]
    return bool(plans) and sum(1 for line in lines
                               if re.match(r"(not )?ok \d+ ", line)) >= plans[0]


def collect(rig, name, seconds):
    """What a started cell says until its report is complete, or it takes too long."""
    deadline = time.monotonic() + seconds
    while not is_complete(said(rig.log, name)) and time.monotonic() < deadline:
        rig.drain(0.05)
        if re.search(rf"\[{re.escape(name)}\] inmate: ", rig.log):
            break           # it died; that stands in the report
    return said(rig.log, name)


def run(rig, name, seconds=60, look=None):
    """Run a cell's tests; returns the lines that it said, for what a test wants besides. look()
    is called when they are done and the cell is not destroyed yet."""
    rig.mark()
    rig.start(name)
    try:
        check(collect(rig, name, seconds))
        deadline = time.monotonic() + 20
        while (state := rig.state(name)) != "shut down":
            if time.monotonic() > deadline:
                raise TapError(f"{name} is {state}, although its tests are done")
        lines = said(rig.log, name)
        check(lines)
        if look is not None:
            look()
    finally:
        rig.shell(f"cell destroy {name}")
    return lines
