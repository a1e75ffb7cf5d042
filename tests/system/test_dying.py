# SPDX-License-Identifier: Apache-2.0
"""Operations on a cell that is being made or dying, from several CPUs at once.

The root cell is a puppet with two CPUs: one does what the test says, one makes management
calls as fast as it can. So every window between a check and its use is hit sooner or
later; a hypervisor that looks at what another CPU has just taken away panics.
"""

import random
import time

import pytest
from rig import Helper, Puppet, Rig, RigError, Victim, cell

SECONDS = 3     # of each storm
CREATE, LOAD, START, SHUTDOWN, DESTROY, RESTART = range(1, 7)
FORCE = 1
ABSENT, CREATED, LOADED, RUNNING, SHUT_DOWN, FAILED = range(6)
CELL_OP, CELL_INFO, CELL_NAME, MESSAGE, CELL_STAT, POOL = (0xc6000010 + n for n in
                                                           (0, 1, 2, 3, 4, 6))
DEVICE_NAME, DEVICE_INFO, IRQ_INFO, REGION_INFO = (0xc6000020 + n for n in range(4))
SYSTEM_OFF, SYSTEM_RESET, CPU_OFF, CPU_ON = 0x84000008, 0x84000009, 0x84000002, 0xc4000003
ANSWERS = {0, 11, 16, 17, 22}       # done; EAGAIN, EBUSY, EEXIST, EINVAL

RTC = 'host = "pl031@9010000"; '


class Manager:
    """The root cell: its puppet, and the second CPU that storms."""

    def __init__(self, rig):
        self.rig = rig
        self.puppet = Puppet(rig, "root")
        self.helper = Helper(self.puppet)
        self.index = {}
        for number in range(8):
            if self.puppet.hvc(CELL_NAME, number) != 0:
                break
            name = b"".join(word.to_bytes(8, "little") for word in self.puppet.x()[1:5])
            self.index[name.rstrip(b"\0").decode()] = number

    def op(self, name, op, flags=0):
        """Start an operation; returns 0 or a positive errno."""
        answer = self.puppet.hvc(CELL_OP, self.index[name], op, flags)
        return (1 << 64) - answer if answer >> 63 else answer

    def info(self, name):
        """(state, job)"""
        assert self.puppet.hvc(CELL_INFO, self.index[name]) == 0
        return tuple(self.puppet.x()[1:3])

    def pool(self):
        assert self.puppet.hvc(POOL) == 0
        return self.puppet.x()[1:]

    def settle(self, name, timeout=20):
        """Until no job is under way; returns the state."""
        deadline = time.monotonic() + timeout
        while True:
            state, job = self.info(name)
            if job == 0:
                return state
            self.rig.poll()
            if time.monotonic() > deadline:
                raise RigError(f"cell {name} hangs in job {job}, state {state}")

    def do(self, name, op, flags=0):
        """One operation that must succeed."""
        assert self.op(name, op, flags) == 0, (name, op)
        return self.settle(name)

    def calm(self, name):
        """The storm ends, and the cell goes the way it should."""
        self.helper.calls()
        if self.settle(name) != ABSENT:
            assert self.do(name, DESTROY) == ABSENT

    def live(self, name):
        """Its whole life still works."""
        self.rig.mark()
        assert self.do(name, CREATE) == CREATED
        assert self.do(name, LOAD) == LOADED
        assert self.do(name, START) == RUNNING
        assert Puppet(self.rig, name).is_alive()
        assert self.do(name, DESTROY) == ABSENT


@pytest.fixture(scope="module", params=[3, 2], ids=["gic3", "gic2"])
def manager(request):
    cells = {"root": cell("root", number=1, memory=(0x60000000, 0x400000), cpus=0x3,
                          properties="management;"),
             "one": cell("one", 2, device=RTC + "x-irqfd = <0>;"),
             "over": cell("over", 3, memory=(0x6a100000, 0x200000), number=106),
             "large": cell("large", 2, memory=(0x68000000, 0x2800000), number=107),
             "patient": cell("patient", 2, number=108, properties="shutdown-ms = <3600000>;"),
             "two": cell("two", 2, cpus=0xc, number=105, properties="shutdown-ms = <20>;")}
    with Rig(gic=request.param, cells=cells, limit=600, keep_configs=False,
             ready="has its mailbox at 0x[0-9a-f]+\r") as rig:
        yield Manager(rig)


@pytest.fixture(autouse=True)
def nothing_is_lost(manager):
    before = manager.pool()
    yield
    manager.calm("one")
    manager.calm("two")
    assert manager.pool() == before
    manager.live("one")
    manager.live("two")
    assert "panic" not in manager.rig.drain(0.1).lower()


def storm_of_questions(index):
    return [(CELL_INFO, index), (CELL_STAT, index, 0, 0), (CELL_STAT, index, 1, 4),
            (DEVICE_NAME, index, 0), (DEVICE_INFO, index, 0), (IRQ_INFO, index, 0, 0),
            (REGION_INFO, index, 0, 0), (MESSAGE, index, 0), (POOL,)]


def storm_of_operations(index):
    ops = [(CREATE, 0), (LOAD, 0), (START, 0), (SHUTDOWN, FORCE), (LOAD, 0), (START, 0),
           (RESTART, FORCE), (SHUTDOWN, 0), (DESTROY, 0)]
    return [(CELL_OP, index, op, flags) for op, flags in ops]


@pytest.mark.parametrize("name", ["one", "two"])
def test_questions_about_a_dying_cell(manager, name):
    """One CPU leads the cell through its lives, the other asks all there is to ask."""
    manager.helper.calls(*storm_of_questions(manager.index[name]))
    end, lives = time.monotonic() + 90, 0       # a slow machine needs longer, not fewer
    while lives <= 10 or manager.helper.turns() <= 1000:
        assert time.monotonic() < end, (lives, manager.helper.turns())
        for op in (CREATE, LOAD, START, DESTROY):
            assert manager.op(name, op) == 0
            manager.settle(name)
        lives += 1


@pytest.mark.parametrize("name", ["one", "two"])
def test_two_managers(manager, name):
    """Both CPUs give orders, in no order: each is carried out or refused."""
    seed = int(time.time())
    print(f"seed {seed}")
    chance = random.Random(seed)
    manager.helper.calls(*storm_of_operations(manager.index[name]))
    start, done = time.monotonic(), 0
    while time.monotonic() < start + SECONDS or done <= 5:
        assert time.monotonic() < start + 10 * SECONDS, done    # a slow machine needs longer
        answer = manager.op(name, chance.randint(CREATE, RESTART), chance.randint(0, 1))
        assert answer in ANSWERS, answer
        done += answer == 0


@pytest.mark.parametrize("call", [SYSTEM_OFF, SYSTEM_RESET, CPU_OFF],
                         ids=["SYSTEM_OFF", "SYSTEM_RESET", "CPU_OFF"])
@pytest.mark.parametrize("op, flags", [(DESTROY, 0), (SHUTDOWN, FORCE), (SHUTDOWN, 0),
                                       (RESTART, FORCE)],
                         ids=["destroy", "force", "shutdown", "restart"])
def test_it_ends_while_it_is_ended(manager, call, op, flags):
    """The guest's own end races with a command, both ways round, on both of its CPUs."""
    for turn in range(6):
        for name in ("one", "two"):
            manager.rig.mark()
            manager.do(name, CREATE)
            manager.do(name, LOAD)
            manager.do(name, START)
            puppet = Puppet(manager.rig, name)
            if name == "two":
                Helper(puppet).calls((0xc6000000,), (call,))
            if turn % 3 == 0:
                puppet.post(Puppet.HVC, call)
                answer = manager.op(name, op, flags)
            else:
                manager.puppet.post(Puppet.HVC, CELL_OP, manager.index[name], op, flags)
                if turn % 3 == 2:
                    time.sleep(random.random() / 1000)
                puppet.post(Puppet.HVC, call)
                while not manager.puppet.is_done():
                    pass
                answer = manager.puppet.x()[0]
                answer = (1 << 64) - answer if answer >> 63 else answer
            assert answer in ANSWERS, answer
            manager.settle(name)
            deadline = time.monotonic() + 10
            while manager.info(name) == (RUNNING, 0) and call != SYSTEM_RESET and op != RESTART:
                assert time.monotonic() < deadline, "it neither ended nor was ended"
            manager.calm(name)


def test_cpu_on_and_off_while_killed(manager):
    """A cell that switches its second CPU off and on without end is killed out of that."""
    for turn in range(40):
        manager.rig.mark()
        manager.do("two", CREATE)
        manager.do("two", LOAD)
        manager.do("two", START)
        puppet = Puppet(manager.rig, "two")
        puppet.do(Puppet.HELPER)
        entry, block = puppet.x()[:2]
        helper = Helper(puppet)
        helper.calls((CPU_OFF,))
        puppet.stuck(Puppet.HVC_LOOP, CPU_ON, 1, entry, block)
        time.sleep(turn / 4000)
        if turn % 2:
            assert manager.do("two", RESTART, FORCE) == RUNNING
        assert manager.do("two", DESTROY) == ABSENT


def test_deadline_of_a_cpu_that_is_off(manager):
    """Not asked, no answer, one CPU off: the deadline of the shutdown ends the cell."""
    manager.rig.mark()
    manager.do("two", CREATE)
    manager.do("two", LOAD)
    manager.do("two", START)
    puppet = Puppet(manager.rig, "two")
    Helper(puppet).calls((CPU_OFF,))
    puppet.stuck(Puppet.SPIN)
    start = time.monotonic()
    assert manager.do("two", SHUTDOWN) == SHUT_DOWN
    assert time.monotonic() - start < 5
    assert not any(manager.rig.timers()[2:])


def test_memory_of_a_cell_in_the_making(manager):
    """Between the command and the end of its work, what a cell claimed is its own."""
    try:
        assert manager.op("large", CREATE) == 0
        state, job = manager.info("large")
        assert manager.op("over", CREATE) == 16
        assert (state, job) == (ABSENT, CREATE), "the work was done before it was looked at"
        assert manager.settle("large") == CREATED
        assert manager.op("over", CREATE) == 16
    finally:
        manager.settle("large")
        manager.op("large", DESTROY)
        manager.settle("large")
    assert manager.do("over", CREATE) == CREATED
    assert manager.op("large", CREATE) == 16
    assert manager.do("over", DESTROY) == ABSENT


@pytest.mark.parametrize("op, flags, end", [(SHUTDOWN, FORCE, SHUT_DOWN), (DESTROY, 0, ABSENT),
                                            (RESTART, FORCE, RUNNING)],
                         ids=["force", "destroy", "restart"])
def test_force_after_request(manager, op, flags, end):
    """A cell that was asked, and has an hour to answer, can still be ended at once."""
    manager.rig.mark()
    for first in (CREATE, LOAD, START):
        manager.do("patient", first)
    Puppet(manager.rig, "patient").stuck(Puppet.SPIN)
    try:
        assert manager.op("patient", SHUTDOWN) == 0
        assert manager.op("patient", SHUTDOWN) == 11
        assert manager.info("patient") == (RUNNING, SHUTDOWN)
        assert manager.op("patient", op, flags) == 0
        assert manager.settle("patient", 5) == end
        if end != RUNNING:
            assert not any(manager.rig.timers()[2:])
    finally:
        manager.op("patient", DESTROY)
        manager.settle("patient")
