# SPDX-License-Identifier: Apache-2.0
"""System registers as a guest sees them: inmates/tests/sysreg-sweep executes every
encoding of MRS, MSR, SYS and SYSL and compares with a table from the architecture's
manual, in cells of one, three and four CPUs, on both GICs."""

import pytest
import tap
from rig import Rig, cell

# CPUs of the cell: the emulated board's, and which of them are the cell's.
CPUS = {1: (4, 0x4), 3: (4, 0xe), 4: (8, 0x78)}


def config(name, cpus, grants=()):
    properties = "".join(f"{grant}; " for grant in grants)
    return cell(name, cpus=CPUS[cpus][1], image="sysreg-sweep",
                properties=f'{properties}bootargs = "{" ".join(grants)}";')


def sweep(gic, cpus, grants=(), processor=None):
    extra = ("-cpu", processor) if processor else ()
    with Rig(gic=gic, smp=CPUS[cpus][0], cells={"sweep": config("sweep", cpus, grants)},
             extra=extra, keep_configs=False) as rig:
        return tap.run(rig, "sweep", seconds=100)


@pytest.mark.parametrize("cpus", CPUS)
@pytest.mark.parametrize("gic", (3, 2))
def test_sweep(gic, cpus):
    """Without grants: no PMU, debug registers RAZ/WI, nothing past what a cell may use."""
    sweep(gic, cpus)


@pytest.mark.parametrize("grants", [("pmu",), ("debug",)], ids="-".join)
def test_granted(grants):
    """What the config grants is there and is seen in the ID registers; nothing else is."""
    sweep(3, 1, grants)


@pytest.mark.parametrize("processor", ["cortex-a53", "cortex-a72", "max"])
def test_processors(processor):
    """Other CPUs; "max" has SVE, SME, MTE, pointer authentication and more to deny."""
    sweep(3, 1, processor=processor)
