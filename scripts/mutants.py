#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes each mistake of tests/mutants.list in the assignment driver, one at a time, and
runs the driver's tests against it.

Prints for each whether the traces, the unit tests or both noticed. Exit status 1 when one
survived that was not expected to, or one that was expected to was noticed.
"""
import argparse
import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile

import driver_tests

SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
FLAGS = ["-O1", "-g0", "-w", *SANITIZE]
TIMEOUT_S = 60


class Mutant:
    """One entry of the list."""

    def __init__(self, heading, number):
        self.file, self.meaning = heading.split(": ", 1)
        self.number = number
        self.old = []
        self.new = []
        self.expected = ""

    def source(self):
        return f"{driver_tests.CORE}/{self.file}"

    def apply(self):
        """Return the changed text of the file."""
        with open(self.source(), encoding="utf-8") as file:
            lines = file.read().split("\n")
        # Blank lines and the width of blanks are no part of the comparison.
        numbers = [n for n, line in enumerate(lines) if line.strip()]
        stripped = [" ".join(lines[n].split()) for n in numbers]
        found = [
            i for i in range(len(stripped)) if stripped[i:i + len(self.old)] == self.old
        ]
        if len(found) != 1 or not self.old:
            sys.exit(f"mutants.list: line {self.number}: {self.file}: found "
                     f"{len(found)} times, must be once: {self.old}")
        first = numbers[found[0]]
        last = numbers[found[0] + len(self.old) - 1]
        return "\n".join(lines[:first] + self.new + lines[last + 1:])


def read_list(path):
    mutants = []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")
            if line.startswith("@ "):
                mutants.append(Mutant(line[2:], number))
            elif line.startswith("- "):
                mutants[-1].old.append(" ".join(line[2:].split()))
            elif line.startswith("+ "):
                mutants[-1].new.append(line[2:])
            elif line.startswith("= "):
                mutants[-1].expected = line[2:]
            elif line.strip() and not line.startswith("#"):
                sys.exit(f"{path}:{number}: not @, -, + or =")
    return mutants


def passes(command):
    """Does the program say that all is well? A crash or a hang says no."""
    try:
        result = subprocess.run(
            command, check=False, timeout=TIMEOUT_S, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return False
    return result.returncode == 0


def try_mutant(options, mutant):
    """Return the names of the test programs that notice."""
    with tempfile.TemporaryDirectory(dir=options.build) as folder:
        source = os.path.join(folder, os.path.basename(mutant.file))
        with open(source, "w", encoding="utf-8") as file:
            file.write(mutant.apply())
        local = argparse.Namespace(**vars(options))
        build = driver_tests.Build(local, SANITIZE)
        replaced = build.compile(source, FLAGS, to=source[:-2] + ".o",
                                 original=mutant.source())
        base = options.build

        class Linked(driver_tests.Build):
            """Programs of this mutant go to its own folder."""

            def link(self, name, objects):
                program = os.path.join(folder, name)
                subprocess.run(
                    [options.cc, *SANITIZE, *objects, "-lcmocka", "-o", program], check=True
                )
                return program

        local.build = base
        programs = Linked(local, SANITIZE).programs({mutant.source(): replaced},
                                                    with_work=False)
        return [name for name, command in programs if not passes(command)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    driver_tests.add_options(parser)
    parser.add_argument("--list", default="tests/mutants.list")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    options.build = os.path.abspath(options.build)

    mutants = read_list(options.list)
    shutil.rmtree(options.build, ignore_errors=True)
    build = driver_tests.Build(options, SANITIZE)
    for source in driver_tests.core_sources() + driver_tests.test_sources():
        build.compile(source, FLAGS)
    for name, command in build.programs(with_work=False):
        if not passes(command):
            sys.exit(f"mutants: {name} fails without any mistake")

    wrong = survived = by_traces = by_units = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for mutant, names in zip(
            mutants, pool.map(lambda m: try_mutant(options, m), mutants)
        ):
            by_traces += "conformance" in names
            by_units += any(name != "conformance" for name in names)
            survived += not names
            wrong += bool(names) == bool(mutant.expected)
            said = " ".join(names) if names else "SURVIVED"
            if not names and mutant.expected:
                said = f"survived: {mutant.expected}"
            print(f"{mutant.file}: {mutant.meaning}: {said}", flush=True)
    print(f"mutants: {len(mutants)} made, {len(mutants) - survived} caught "
          f"({by_traces} by conformance, {by_units} by unit tests), {survived} survived")
    if wrong:
        sys.exit(f"mutants: {wrong} not as expected")


if __name__ == "__main__":
    main()
