#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Where the instructions of one row of the bench go, function by function.

    bench_profile.py ROW [--gic 2|3] [--path]

Runs that row alone under the emulator's plugin and compares the two counts: the inmate's,
by the CPU's counter, and the plugin's of the instructions executed at EL2. --path lists
the functions in the order of execution too. Exits 1 when the counts differ.
"""

import argparse
import collections
import sys

import bench
import bench_counter
import mkbundle

# The row's own probe, where a row shares its run with another.
PROBES = {"spi_trapped": ("probe_irq_store",), "access_trapped_eoi": ("probe_store",)}
TRAPPED = {"spi_trapped", "access_trapped_eoi", "access_trapped"}
# Counted by the plugin alone: which run, and which of its classes.
COUNTED = {"boot_to_first_guest_instruction": ("boot", ""), "scrub_per_mib": ("boot", "scrub"),
           "copy_per_kib": ("boot", "copy"), "hash_per_kib": ("boot", "hash"),
           "fdt_parse": ("boot", "parse"), "cell_restart": ("restart", "")}
# A load or store that traps is carried out at EL2 and does not retire in the guest, so the
# guest counts one instruction less than bare.
NOT_RETIRED = ("probe_load", "probe_store", "probe_store_byte")
# Of the GIC's SGI register: a store on GICv2, which traps as any other.
NOT_RETIRED_V2 = {"sgi_self", "sgi_other"}


def visits_of(build, gic, row):
    """[[Visit...]...]: the visits to EL2 of each sample of the row, and the inmate's figure."""
    out = build.scratch / f"{row}.visits"
    names = build.inmate
    first = bench_counter.ROOT_CELL_AT + names.symbols["probe_nothing"]
    last = bench_counter.ROOT_CELL_AT + names.symbols["probe_start_cpu"]
    words = bench_counter.plugin_words(build.plugin, build.image, out, probe=(first, last))
    kind = "trapped" if row in TRAPPED else "linked"
    rows = bench.run_in_cell(build, gic, kind, row, words)
    if row not in rows:
        raise bench.BenchError(f"the inmate has no row \"{row}\"")
    visits = bench_counter.Counts.read(out).visits
    if row in PROBES:
        visits = [visit for visit in visits if origin(build, visit) in PROBES[row]]
    samples = []
    for visit in visits:
        # The receiver's visits belong to the sender's sample.
        if samples and origin(build, visit) == "probe_receive":
            samples[-1].append(visit)
        else:
            samples.append([visit])
    return samples, rows[row]


def origin(build, visit):
    """The guest's function that a visit comes from."""
    return build.inmate.function(visit.origin - bench_counter.ROOT_CELL_AT)


def print_functions(build, sample, with_path):
    """The sample's instructions by function, inlined ones too."""
    offsets = [offset for visit in sample for offset in visit.offsets]
    chains = build.hypervisor.chains(sorted(set(offsets)))
    names = [chains[offset][0][0] for offset in offsets]
    files = {chains[offset][0][0]: chains[offset][0][1].rpartition(":")[0].split("/")[-1]
             for offset in offsets}
    for name, times in collections.Counter(names).most_common():
        print(f"{times:6}  {name:32} {files[name].replace('??', '')}")
    print(f"{len(offsets):6}  in all")
    if with_path:
        print("\nIn order:")
        runs = []
        for name in names:
            if runs and runs[-1][0] == name:
                runs[-1][1] += 1
            else:
                runs.append([name, 1])
        for name, times in runs:
            print(f"{times:6}  {name}")


def print_counted(build, gic, row):
    """A row that only the plugin counts: its functions, and nothing to compare with."""
    kind, of_class = COUNTED[row]
    counts = bench.count_run(build, gic, kind)
    times = {(cpu, offset): number for (cpu, name, offset), number in counts.counts.items()
             if name == of_class}
    chains = build.hypervisor.chains(sorted({offset for _, offset in times}))
    functions = collections.Counter()
    for (_, offset), number in times.items():
        functions[chains[offset][0][0]] += number
    print(f"{row}, GICv{gic}: {sum(times.values())} instructions in all; the first functions:")
    for name, number in functions.most_common(25):
        print(f"{number:9}  {name}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    rows = sorted(set(bench.BUDGETS) - {"spi_linked_exits"})    # that one counts exits
    parser.add_argument("row", choices=rows, metavar="ROW", help=", ".join(rows))
    parser.add_argument("--gic", type=int, choices=bench.GICS, default=bench.GICS[0])
    parser.add_argument("--path", action="store_true", help="in order of execution too")
    args = parser.parse_args()
    build = bench.Build()
    if args.row in COUNTED:
        print_counted(build, args.gic, args.row)
        return 0
    bare = bench.run_bare(build, args.gic, args.row).get(args.row, 0)
    samples, cell = visits_of(build, args.gic, args.row)
    if not samples:
        print(f"{args.row}: no exit; the inmate counts {cell - bare} extra instructions")
        return 0 if cell == bare else 1
    sample = max(samples, key=lambda visits: sum(len(visit.offsets) for visit in visits))
    print(f"{args.row}, GICv{args.gic}: {len(sample)} exit(s) in each of "
          f"{len(samples)} samples; the longest:")
    print_functions(build, sample, args.path)

    at_el2 = sum(len(visit.offsets) for visit in sample)
    is_store = args.gic == 2 and args.row in NOT_RETIRED_V2
    given_back = 1 if is_store or origin(build, sample[0]) in NOT_RETIRED else 0
    print(f"\n{at_el2} executed at EL2 by the emulator's count, less {given_back} that did not "
          f"retire in the guest: {at_el2 - given_back};\nthe inmate counted {cell - bare} more "
          "in a cell than bare", end="")
    if at_el2 - given_back != cell - bare:
        print(": THEY DIFFER")
        return 1
    print(": equal")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (bench.BenchError, mkbundle.BundleError) as error:
        sys.exit(f"bench_profile: {error}")
