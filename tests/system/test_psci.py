# SPDX-License-Identifier: Apache-2.0
"""PSCI as a guest finds it: inmates/tests/psci in cells of one, three and four CPUs, on
both GICs; and the calls that end a cell, watched from outside."""

import pytest
import tap
from rig import PSCI_CPU_ON, Helper, Puppet, Rig, Victim, cell

# CPUs of the cell: the emulated board's, and which of them are the cell's.
CPUS = {1: (4, 0x4), 3: (4, 0xe), 4: (8, 0x78)}
SYSTEM_OFF, SYSTEM_RESET = 0x84000008, 0x84000009
SYSTEM_RESET2_32, SYSTEM_RESET2 = 0x84000012, 0xc4000012


@pytest.mark.parametrize("cpus", CPUS)
@pytest.mark.parametrize("gic", (3, 2))
def test_calls(gic, cpus):
    """Every function and every wrong argument, by HVC and SMC; CPUs that come and go."""
    config = cell("psci", cpus=CPUS[cpus][1])
    with Rig(gic=gic, smp=CPUS[cpus][0], cells={"psci": config.replace('"puppet"', '"psci"')},
             keep_configs=False) as rig:
        def look():
            # A WFI of the guest's is no exit; nothing else that it did was one of these.
            counts = [line.split()[1] for line in rig.ok("cell stats psci")
                      if line.split()[:1] == ["other"]]
            assert counts and set(counts) == {"0"}, counts

        tap.run(rig, "psci", seconds=100, look=look)


@pytest.fixture(scope="module", params=(3, 2), ids=("gic3", "gic2"))
def rig(request):
    cells = {"two": cell("two", cpus=0x6),
             "victim": cell("victim", 3, image="victim", device='host = "pl031@9010000";')}
    with Rig(gic=request.param, cells=cells, keep_configs=False) as board:
        yield board


RESETS = [(SYSTEM_RESET,), (SYSTEM_RESET2, 0, 0), (SYSTEM_RESET2_32, 0, 0x12345678)]


def test_resets(rig):
    """Each reset, by either conduit and from either CPU, starts the cell anew, with its first
    CPU only; its neighbour is not touched."""
    victim = Victim(rig, "victim")
    rig.mark()
    rig.start("two")
    for number, reset in enumerate(RESETS * 2):
        puppet = Puppet(rig, "two")
        assert puppet.hvc(0xc4000004, 1, 0) == 1, "the second CPU is on in the new life"
        rig.mark()      # the next Puppet() waits for what the next life says
        if number % 2 == 0:
            puppet.post(Puppet.SMC if number < 3 else Puppet.HVC, *reset)
        else:
            helper = Helper(puppet)
            while puppet.hvc(0xc4000004, 1, 0) == 2:
                pass        # on its way
            assert puppet.hvc(PSCI_CPU_ON, 1, 0x68000000) == (1 << 64) - 4
            helper.calls(reset)
    assert Puppet(rig, "two").is_alive()
    victim.assert_well()
    rig.ok("cell destroy two")
    rig.ok("cell destroy victim")


@pytest.mark.parametrize("conduit", [Puppet.HVC, Puppet.SMC], ids=("hvc", "smc"))
def test_system_off(rig, conduit):
    """SYSTEM_OFF ends all CPUs of the cell, and nothing else."""
    rig.mark()
    rig.start("two")
    puppet = Puppet(rig, "two")
    Helper(puppet)
    puppet.post(conduit, SYSTEM_OFF)
    rig.line(r"\[bulkhead\] cell two switched itself off")
    assert rig.state("two") == "shut down"
    rig.ok("cell destroy two")
