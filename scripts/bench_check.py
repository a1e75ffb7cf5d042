#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Compare the figures of the bench with the committed baseline.

    bench_check.py [--baseline FILE] [--write]

Exits 1 when a row is worse by more than 2 %, or has vanished. Rows over their budgets are
listed, but are `make bench`'s affair. --write makes the present figures the baseline, and puts
them into docs/performance.md.
"""

import argparse
import json
import pathlib
import sys

import bench
import bench_doc
import bench_sizes
import machine
import mkbundle

BASELINE = machine.ROOT / "tests" / "bench" / "baseline.json"
TOLERANCE_PERCENT = 2


def figures(result):
    """{group: {row: figure}}"""
    return {group: {name: bench.figure(entry) for name, entry in rows.items()}
            for group, rows in result.items()}


def compare(baseline, now):
    """(lines that tell of failures, lines that tell of other changes)"""
    failures, changes = [], []
    for group in sorted(set(baseline) | set(now)):
        before, after = baseline.get(group, {}), now.get(group, {})
        for name in dict.fromkeys(list(before) + list(after)):
            if name not in after:
                failures.append(f"{group} {name}: is measured no more")
            elif name not in before:
                failures.append(f"{group} {name}: {after[name]}, but not in the baseline")
            elif after[name] * 100 > before[name] * (100 + TOLERANCE_PERCENT):
                failures.append(f"{group} {name}: {before[name]} became {after[name]}")
            elif after[name] != before[name]:
                changes.append(f"{group} {name}: {before[name]} became {after[name]}")
    return failures, changes


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--baseline", type=pathlib.Path, default=BASELINE)
    parser.add_argument("--write", action="store_true", help="take the present figures")
    args = parser.parse_args()
    result = bench.measure(bench.Build())
    now = figures(result)
    if args.write:
        args.baseline.write_text(json.dumps(now, indent=1) + "\n")
        if args.baseline == BASELINE:
            bench_doc.write(result)
        return 0
    failures, changes = compare(json.loads(args.baseline.read_text()), now)
    over = bench.broken(result)
    if over:
        print(f"bench-check: over their budgets, see `make bench`: {', '.join(over)}")
    if changes:
        print(f"bench-check: other than the baseline: {'; '.join(changes)}")
        print("bench-check: `make bench-baseline` takes the present figures for it")
    for line in failures:
        print(f"bench-check: FAIL: {line}")
    if not failures:
        rows = sum(map(len, now.values()))
        print(f"bench-check: none of {rows} rows is worse by more than {TOLERANCE_PERCENT} %")
    return 1 if failures else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (bench.BenchError, bench_sizes.SizeError, mkbundle.BundleError) as error:
        sys.exit(f"bench-check: {error}")
