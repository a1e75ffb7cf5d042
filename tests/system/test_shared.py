# SPDX-License-Identifier: Apache-2.0
"""Memory that two cells share because both configs say so, and nothing else is."""

import json
import re
import socket
import time

import pytest

from testbed import SOURCES, WAIT, cell_config, guest, system_config

REGION = 0x6e000000
SIZE = 0x10000
WORDS = SIZE // 4
PEER_NOT_RUNNING = 11       # EAGAIN of hyp/errno.h
NO_SUCH_REGION = 2          # ENOENT
ROUNDS = 100

RING = f"""
		shared-memory {{
			ring {{
				memory = <0x0 {REGION:#x} 0x0 {SIZE:#x}>;
			}};
		}};
	}};"""


def ring_system():
    """The hypervisor's config with one region."""
    head, brace, tail = system_config().rpartition("\t};\n")
    assert brace
    return head + RING + "\n" + tail


def ring_cell(name, number, access="read-write", does=None):
    """A cell of shared-probe: `does` is its bootargs, access None is no region at all."""
    use = f"""bootargs = "{does or name}";"""
    if access:
        use += f"""
			ring {{
				compatible = "bulkhead,shared-memory";
				region = "ring";
				access = "{access}";
			}};"""
    return cell_config(name, cell_id=20 + number, cpus=1 << (1 + number % 3),
                       memory=0x64000000 + number * 0x200000, image="shared-probe", more=use)


@pytest.fixture
def ring(boot, bundle, gic):
    """ring(name=access, ...): a board with these cells; their names say what they do."""
    def start(options=None, **cells):
        configs = {"system": ring_system()}
        for number, (name, access) in enumerate(cells.items()):
            name = name.replace("_", "-")
            configs[f"cell-{name}"] = ring_cell(name, number, access, name.partition("-")[0])
        board = boot(gic=gic, **(options or {}), bundle=bundle(
            configs=configs, files={"shared-probe": guest("shared-probe")}))
        return board

    return start


def seen(board, name):
    """What shared-probe says of the region: words that are zero, that have its pattern."""
    match = board.wait_line(rf"^\[{name}\] shared-probe: {WORDS} words, (\d+) zero, "
                            r"(\d+) patterned, (read-\w+)", unless="FAIL")
    return int(match.group(1)), int(match.group(2)), match.group(3)


# ---- the demo -----------------------------------------------------------------------------


def wait_pass(board, role):
    line = board.wait_line(rf"^\[shared-{role}\] shared-demo: {role}: (\d+) \w+, (\d+) interrupts, "
                           r".*(\d+) wrong: PASS", unless="FAIL")
    assert int(line.group(1)) == ROUNDS and int(line.group(3)) == 0
    if role == "ping":
        board.wait_line("cell shared-ping switched itself off")
    return int(line.group(2))


def test_ping_pong(boot, gic):
    """The one who asks is first, and waits for the other; then again and again."""
    board = boot(gic=gic)
    board.start("shared-ping")
    board.wait_line(rf"ping: pong does not run yet \(errno {PEER_NOT_RUNNING}\)")
    board.start("shared-pong")
    assert wait_pass(board, "ping") >= ROUNDS
    for _ in range(3):
        board.do("restart shared-ping")
        assert wait_pass(board, "ping") == ROUNDS     # one for each answer, none besides
    stats = board.stats("shared-pong")
    assert 4 * ROUNDS - 1 <= stats["kick"] <= 4 * ROUNDS + 4    # one exit for each
    assert stats["spurious"] == 0
    assert board.stats("shared-ping")["fault"] == 0


def test_pong_first(boot, gic):
    board = boot(gic=gic)
    board.start("shared-pong")
    board.start("shared-ping")
    assert wait_pass(board, "ping") == ROUNDS
    answers = f"pong: {ROUNDS} answers, {ROUNDS} interrupts, 0 wrong: PASS"
    if not any(answers in line for line in board.lines):
        board.wait_line(answers)


@pytest.mark.parametrize("state", ["created", "loaded", "shut down"])
def test_peer_is_there_but_does_not_run(boot, gic, state):
    board = boot(gic=gic)
    board.do("create shared-pong")
    if state != "created":
        board.do("load shared-pong")
    if state == "shut down":
        board.do("start shared-pong", "shutdown --force shared-pong")
    assert board.state("shared-pong") == state
    board.start("shared-ping")
    board.wait_line(rf"ping: pong does not run yet \(errno {PEER_NOT_RUNNING}\)")
    board.do("restart shared-pong" if state != "created" else "load shared-pong")
    if state == "created":
        board.do("start shared-pong")
    wait_pass(board, "ping")


@pytest.mark.parametrize("command", ["restart --force", "destroy"])
def test_one_side_comes_back(boot, gic, command):
    """Whenever one of them ends, the other is none the worse for it."""
    board = boot(gic=gic)
    board.start("shared-ping")
    board.start("shared-pong")
    wait_pass(board, "ping")
    for _ in range(5):
        board.do("restart shared-ping", f"{command} shared-pong")
        if command == "destroy":
            board.start("shared-pong")
        wait_pass(board, "ping")
    assert board.state("shared-pong") == "running"


# ---- who may ------------------------------------------------------------------------------


def test_third_cell_is_refused(ring):
    board = ring(fill="read-write", look="read-only", numbers="read-only")
    board.do("create fill", "create look")
    sentence = board.refusal("create numbers")
    assert '"ring"' in sentence and "fill" in sentence and "look" in sentence
    assert board.state("numbers") == "absent"
    board.do("destroy fill", "create numbers")
    assert re.search("ring.*numbers.*look|ring.*look.*numbers", board.refusal("create fill"))


def test_unknown_region(boot, bundle):
    """A system config without the region: the cell is refused, the others are not."""
    shared_ping = (SOURCES / "shared-ping.dts").read_text(encoding="utf-8")
    board = boot(bundle=bundle(configs={"system": system_config(),
                                        "cell-shared-ping": shared_ping}))
    sentence = board.refusal("create shared-ping")
    assert "/domains/shared-ping/ping-pong" in sentence and '"ping-pong"' in sentence
    board.start("hello")
    board.wait_line("hello: done")


def test_memory_of_a_cell_in_the_region(boot, bundle):
    configs = {"system": ring_system(), "cell-thief": cell_config("thief", memory=REGION)}
    board = boot(bundle=bundle(configs=configs))
    assert 'overlaps the shared memory "ring"' in board.refusal("create thief")


def wait_abort(board, name, kind, address):
    """The inmate's report of an exception at that address."""
    board.wait_line(rf"^\[{name}\] inmate: synchronous exception \({kind} abort\)", unless="FAIL")
    match = board.wait_line(rf"^\[{name}\]   ESR 0x\w+ FAR (0x\w+)")
    assert int(match.group(1), 16) == address
    board.wait_line(rf"cell {name} switched itself off")


def test_read_only(ring):
    """The side that may only read sees what the other writes, and its own write is an abort."""
    board = ring(fill="read-write", look="read-only", write="read-only", listen="read-write")
    board.start("fill")
    assert seen(board, "fill") == (0, WORDS, "read-write")
    board.start("look")
    assert seen(board, "look") == (0, WORDS, "read-only")
    board.do("destroy look")
    board.start("write")
    assert seen(board, "write") == (0, WORDS, "read-only")
    wait_abort(board, "write", "data", REGION)
    assert board.stats("write")["fault"] == 1
    board.do("destroy write")
    board.start("look")
    assert seen(board, "look") == (0, WORDS, "read-only")
    assert board.state("fill") == "running"


def test_nothing_is_executed(ring):
    board = ring(execute="read-write")
    board.start("execute")
    board.wait_line("shared-probe: jumps now")
    wait_abort(board, "execute", "instruction", REGION)


@pytest.mark.parametrize("whose, address", [("region", REGION), ("cell", 0x64000000),
                                            ("hypervisor", 0x50000000)])
def test_nothing_is_shared_otherwise(boot, bundle, gic, whose, address):
    """A cell that names no region does not reach it, nor anybody else's memory."""
    configs = {"system": ring_system(), "cell-fill": ring_cell("fill", 0),
               "cell-spy": ring_cell("spy", 1, None, f"peek {address:#x}")}
    board = boot(gic=gic, bundle=bundle(
        configs=configs, files={"shared-probe": guest("shared-probe")}))
    board.start("fill")
    assert seen(board, "fill") == (0, WORDS, "read-write")
    board.start("spy")
    board.wait_line(r"^\[spy\] shared-probe: reads now")
    wait_abort(board, "spy", "data", address)
    assert board.state("fill") == "running", whose


# ---- what is left -------------------------------------------------------------------------


def outside(path):
    """The region's words as the emulator sees them, by its machine protocol."""
    with socket.socket(socket.AF_UNIX) as control:
        control.settimeout(WAIT)
        control.connect(str(path))
        stream = control.makefile("rw")
        dump = path.parent / "region"
        for command, arguments in (("qmp_capabilities", {}),
                                   ("pmemsave", {"val": REGION, "size": SIZE,
                                                 "filename": str(dump)})):
            stream.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
            stream.flush()
            while "return" not in json.loads(stream.readline()):
                pass
        return dump.read_bytes()


def test_zeroed_first_and_last(ring, tmp_path):
    """Nothing of before its first cell is seen, and nothing is left after its last one."""
    control = tmp_path / "control"
    dirt = f"loader,addr={REGION:#x},data=0x600df00d,data-len=4"
    board = ring({"qmp": control, "extra": ("-device", dirt)},
                 look="read-write", fill="read-write", look_more="read-only")
    assert outside(control)[:4] != bytes(4)
    board.start("look")
    assert seen(board, "look") == (WORDS, 0, "read-write")
    board.do("destroy look")
    board.start("fill")
    assert seen(board, "fill") == (0, WORDS, "read-write")
    # Another cell comes, goes, and the first is replaced: the region lives on.
    board.start("look-more")
    assert seen(board, "look-more") == (0, WORDS, "read-only")
    board.do("destroy fill")
    board.start("look")
    assert seen(board, "look") == (0, WORDS, "read-write")
    board.do("destroy look-more")
    assert outside(control) != bytes(SIZE)
    board.do("restart look")
    assert seen(board, "look") == (0, WORDS, "read-write")
    board.do("destroy look")
    assert outside(control) == bytes(SIZE)


def test_created_at_once(boot, bundle, gic):
    """Both cells start by themselves: neither sees what was there, nor loses what is."""
    configs = {"system": ring_system()}
    for number, name in enumerate(("fill", "look")):
        configs[f"cell-{name}"] = ring_cell(name, number).replace("bootargs", "autostart;bootargs")
    board = boot(gic=gic, bundle=bundle(
        configs=configs, files={"shared-probe": guest("shared-probe")}),
        extra=("-device", f"loader,addr={REGION:#x},data=0x600df00d,data-len=4"))
    for _ in range(20):
        if board.state("fill") == board.state("look") == "running":
            break
        time.sleep(0.1)
    assert seen(board, "fill") == (0, WORDS, "read-write")
    board.do("restart look")
    assert seen(board, "look")[:2] in ((0, WORDS), (WORDS, 0))   # at its first start
    board.do("restart look")
    assert seen(board, "look") == (0, WORDS, "read-write")


# ---- the doorbell -------------------------------------------------------------------------


def test_doorbell_numbers(ring):
    """One region, number 0, and nobody on the other side: any number is answered."""
    board = ring(numbers="read-only", look=None)
    board.start("numbers")
    for number in ("0x0", "0x1", "0x8", "0x100000000", "0xffffffffffffffff"):
        errno = PEER_NOT_RUNNING if number == "0x0" else NO_SUCH_REGION
        board.wait_line(rf"shared-probe: doorbell {number}: -{errno}$", unless="FAIL")


def test_flood(ring):
    """Who has disabled the doorbell is left alone; who rings for ever can be killed."""
    board = ring(deaf="read-only", flood="read-only")
    board.start("deaf")
    board.wait_line("shared-probe: deaf")
    board.start("flood")
    board.wait_line("shared-probe: floods, the first with 0$")
    before = board.stats("deaf")["kick"]
    time.sleep(1)
    assert board.stats("flood")["hypercall"] > 1000
    assert board.stats("deaf")["kick"] == before
    # What rang meanwhile is one interrupt as soon as it listens again.
    board.wait_line("shared-probe: heard 0 while deaf")
    board.wait_line("shared-probe: heard it")
    board.do("shutdown --force flood", "destroy flood", "destroy deaf")
    board.start("deaf")
    board.wait_line("shared-probe: deaf")
