# SPDX-License-Identifier: Apache-2.0
"""A hostile neighbour on two CPUs, at random, beside a victim that must not notice.

The attacker (inmates/tests/fuzz) tries hypercalls, PSCI, the virtual GIC, system
registers and addresses of every kind. Its device's lines toggle meanwhile, and it is
killed and started again all the time. FUZZ_SECONDS in the environment is the length of all
runs on one GIC; `make soak MINUTES=N` sets it. To repeat a run, give the seed that the failure names
to the cell's bootargs: seed=0x...
"""

import os
import random
import re
import struct
import time

import pexpect
import pytest
from rig import DEVICE_NODE, DEVICE_SPIS, INTID, RAM_BASE, Rig, Victim, cell

SECONDS = float(os.environ.get("FUZZ_SECONDS", "10"))
LIVES_S = (0.3, 1.5)    # shortest and longest life of an attacker
DEVICE = f'host = "{DEVICE_NODE}"; x-irqfd = <1 0 0 1>; mmap-timeout-ms = <3>;'


class Attacker:
    """One life of the fuzzer."""

    def __init__(self, rig):
        rig.mark()
        found = rig.line(r'fuzz: "bad" has its record at 0x([0-9a-f]+), seed=(0x[0-9a-f]+)')
        self.rig, self.at, self.seed = rig, int(found[1], 16) - RAM_BASE, found[2]

    def steps(self):
        return struct.unpack_from("<2Q", self.rig.memory, self.at + 16)


def last_words(rig):
    """What the console ends with, and how the emulator ended if it has."""
    try:
        return rig.drain(1)[-1500:]
    except pexpect.EOF:
        rig.console.wait()
        return (f"{rig.log[-1500:]}{rig.console.before}\nthe emulator is gone: exit status "
                f"{rig.console.exitstatus}, signal {rig.console.signalstatus}")


def alive(rig, chance, attacker, victim, seconds):
    """Toggle the attacker's lines for so long; it must get on, and so must the victim."""
    before, end = attacker.steps(), time.monotonic() + seconds
    while time.monotonic() < end:
        rig.set_line(chance.choice(DEVICE_SPIS), chance.randrange(2))
        rig.poll()
        time.sleep(0.002)
    assert attacker.steps()[0] > before[0], "the attacker stands still"
    victim.assert_well(rounds=3)


@pytest.mark.parametrize("gic", [3, 2], ids=["gic3", "gic2"])
@pytest.mark.parametrize("path", [1, 0], ids=["linked", "trapped"])
def test_fuzz(gic, path):
    victim_device = f'host = "pl031@9010000"; x-irqfd = <{path}>; mmap-timeout-ms = <5>;'
    cells = {"bad": cell("bad", cpus=0x6, image="fuzz", device=DEVICE),
             "victim": cell("victim", 3, image="victim", device=victim_device)}
    seeds, steps = [], [0, 0]
    seed = time.time_ns()
    chance = random.Random(seed)
    print(f"the test's own seed: {seed}")
    with Rig(gic=gic, cells=cells, device=True, keep_configs=False,
             limit=SECONDS / 2 + 120) as rig:
        victim = Victim(rig, "victim")
        rig.ok("cell create bad")
        rig.ok("cell destroy bad")
        pool = rig.pool()       # EL2 keeps the table that maps the device's 2 MiB for itself
        end = time.monotonic() + SECONDS / 2
        try:
            rig.ok("cell create bad")
            rig.ok("cell load bad")
            rig.console.send("cell start bad\r")
            while True:
                attacker = Attacker(rig)
                seeds.append(attacker.seed)
                print(f"life {len(seeds)}: seed={attacker.seed}", flush=True)
                alive(rig, chance, attacker, victim, chance.uniform(*LIVES_S))
                steps = [a + b for a, b in zip(steps, attacker.steps())]
                if time.monotonic() > end:
                    break
                if chance.randrange(2):
                    rig.console.send("cell restart bad --force\r")
                else:
                    rig.ok("cell destroy bad")
                    rig.ok("cell create bad")
                    rig.ok("cell load bad")
                    rig.console.send("cell start bad\r")
            rig.drain()
            rig.ok("cell destroy bad")
            for spi in DEVICE_SPIS:
                rig.set_line(spi, 0)
            state = rig.gic_state()
            for kind in ("enabled", "active", "pending"):
                assert not state[kind] & set(INTID), kind
            assert rig.pool() == pool
            victim.assert_well()
            assert not re.search("panic", rig.log, re.IGNORECASE)
        except BaseException as error:
            raise AssertionError(f"seed={seeds[-1:]}, the {len(seeds)}th life, after {steps} "
                                 f"steps: {error}\n{last_words(rig)}") from error
    print(f"{len(seeds)} lives, {steps} steps")
    assert steps[0] > 1000 and steps[1] > 1000
