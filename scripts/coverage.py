#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Line and branch coverage of the assignment driver's core by its unit tests and traces.

Compiles the core for the host with gcov's counters, runs the tests and prints a table.
Exit status 1 when a line is not reached or fewer branches than asked for are.
"""
import argparse
import glob
import gzip
import json
import os
import shutil
import subprocess
import sys

import driver_tests


def gcov_files(options, core):
    """Yield what gcov has to say about each of the core's source files."""
    folder = os.path.join(options.build, "gcov")
    os.makedirs(folder)
    objects = [os.path.abspath(driver_tests.object_path(options.build, s)) for s in core]
    subprocess.run(
        [options.gcov, "--branch-probabilities", "--json-format", *objects],
        cwd=folder, check=True, stdout=subprocess.DEVNULL,
    )
    for path in sorted(glob.glob(os.path.join(folder, "*.gcov.json.gz"))):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for entry in json.load(file)["files"]:
                yield entry


def collect(options, core):
    """Map each source and header of the driver to {line: [count, [branch counts]]}."""
    lines = {}
    for entry in gcov_files(options, core):
        path = os.path.relpath(os.path.join(os.getcwd(), entry["file"]))
        if not path.startswith("drivers/vfio_platform/"):
            continue
        table = lines.setdefault(path, {})
        for line in entry["lines"]:
            record = table.setdefault(line["line_number"], [0, []])
            branches = [branch["count"] for branch in line["branches"]]
            record[0] += line["count"]
            # A header's function is compiled once per file that includes it.
            if len(branches) == len(record[1]):
                branches = [a + b for a, b in zip(branches, record[1])]
            record[1] = branches or record[1]
    return lines


def percent(part, whole):
    return 100.0 * part / whole if whole else 100.0


def report(lines):
    """Print the table; return the totals as percentages of lines and of branches."""
    totals = [0, 0, 0, 0]
    missing = []
    print(f"{'file':48} {'lines':>13} {'branches':>13}")
    for path, table in sorted(lines.items()):
        counts = [count for count, _ in table.values()]
        branches = [b for _, all_branches in table.values() for b in all_branches]
        row = [sum(c > 0 for c in counts), len(counts), sum(b > 0 for b in branches),
               len(branches)]
        totals = [a + b for a, b in zip(totals, row)]
        print(f"{path:48} {row[0]:4}/{row[1]:<4}{percent(*row[:2]):3.0f} % "
              f"{row[2]:4}/{row[3]:<4}{percent(*row[2:]):3.0f} %")
        for number, (count, all_branches) in sorted(table.items()):
            if count == 0:
                missing.append(f"{path}:{number}: not reached")
            elif 0 in all_branches:
                missing.append(f"{path}:{number}: {all_branches.count(0)} of "
                               f"{len(all_branches)} branches not taken")
    for text in missing:
        print(text)
    result = percent(*totals[:2]), percent(*totals[2:])
    print(f"coverage: {result[0]:.1f} % of lines, {result[1]:.1f} % of branches")
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    driver_tests.add_options(parser)
    parser.add_argument("--gcov", default="gcov")
    parser.add_argument("--min-lines", type=float, default=100.0)
    parser.add_argument("--min-branches", type=float, default=95.0)
    options = parser.parse_args()

    shutil.rmtree(options.build, ignore_errors=True)
    core = driver_tests.core_sources()
    # Inlined copies would each have branches of their own that cannot happen there.
    flags = ["-O0", "-g", "--coverage", "-Dalways_inline=unused"]
    plain = ["-O0", "-g"]
    build = driver_tests.Build(options, link_flags=["--coverage"])
    for source in core:
        build.compile(source, flags)
    for source in driver_tests.test_sources():
        build.compile(source, plain)
    for name, command in build.programs(with_work=False):
        result = subprocess.run(command, check=False, capture_output=True, text=True)
        if result.returncode != 0:
            sys.exit(f"coverage: {name} failed:\n{result.stdout}{result.stderr}")
    line_percent, branch_percent = report(collect(options, core))
    if line_percent < options.min_lines or branch_percent < options.min_branches:
        sys.exit(f"coverage: below {options.min_lines:.0f} % of lines or "
                 f"{options.min_branches:.0f} % of branches")


if __name__ == "__main__":
    main()
