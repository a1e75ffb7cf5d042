# SPDX-License-Identifier: Apache-2.0
"""`make demo`: the whole story through U-Boot in real time, on both interrupt controllers.

What it shows is checked here once more, from the machine's own lines: a demo that forgot to
look would pass its own checks.
"""

import os
import re
import signal
import subprocess
import sys
import termios
import time

import pexpect
import pytest

from testbed import BOARD, OUT, ROOT, emulators, machine, parse_devices

DEMO = [sys.executable, str(ROOT / "scripts" / "demo.py")]
LIMIT = 240         # seconds, of a whole story
EARLY = 60          # until a demo that must fail has failed
ALARMS = 10
CELLS = ("rtc-demo", "rtc-trapped-demo")


def environment(**more):
    return {**os.environ, "BOARD": BOARD, "BUILD": str(OUT.parent), **more}


@pytest.fixture(scope="module")
def stories(tmp_path_factory):
    """Both demos, run at the same time: they sleep most of theirs. {gic: (status, lines)}"""
    folder = tmp_path_factory.mktemp("demo")
    running = {}
    for gic in (3, 2):
        with open(folder / str(gic), "wb") as output:
            running[gic] = subprocess.Popen(
                DEMO, env=environment(GIC=str(gic)), stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, preexec_fn=machine.bounded(LIMIT))
    result = {}
    for gic, process in running.items():
        status = process.wait()
        lines = (folder / str(gic)).read_text(encoding="utf-8").split("\n")
        result[gic] = (status, lines)
    return result


@pytest.fixture
def story(stories, gic):
    """The machine's own lines of a story that ended well."""
    status, lines = stories[gic]
    print("\n".join(lines))
    assert status == 0
    return [line for line in lines if not line.startswith("#")]


def answer(story, command, number=-1):
    """The lines after a command, up to the next, without the cells'."""
    starts = [i for i, line in enumerate(story) if line == f"bulkhead> {command}"]
    lines = []
    for line in story[starts[number] + 1:]:
        if line.startswith("bulkhead> "):
            break
        if line and not line.startswith("["):
            lines.append(line)
    return lines


def test_begins_with_uboot_and_el2(story, gic):
    text = "\n".join(story)
    marks = [r"^U-Boot \d{4}\.\d\d", r"^Starting kernel", r"^\[bulkhead\] .* at EL2, 4 CPUs",
             rf"^\[bulkhead\] GICv{gic} with", r"^bulkhead> cell list$",
             r"^cell rtc-demo: started$", r"^cell rtc-demo: destroyed$",
             r"^cell rtc-trapped-demo: started$", r"^bulkhead> cell stats rtc-trapped-demo$"]
    places = [re.search(mark, text, re.M) for mark in marks]
    assert all(places)
    assert [place.start() for place in places] == sorted(place.start() for place in places)


@pytest.mark.parametrize("cell, path, ended_by", [
    ("rtc-demo", "linked", "the guest"), ("rtc-trapped-demo", "trapped", "access")],
    ids=["linked", "trapped"])
def test_ten_interrupts(story, cell, path, ended_by):
    """The guest's ten alarms, its own count, and the hypervisor's counters agree."""
    alarms = [line for line in story if re.match(rf"\[{cell}\] rtc-demo: alarm +\d+ at", line)]
    assert len(alarms) == ALARMS
    count = next(re.search(r"(\d+) alarms, (\d+) interrupts, (\d+) spurious, (\d+) wrong: PASS",
                           line) for line in story
                 if line.startswith(f"[{cell}]") and " spurious, " in line)
    interrupts = int(count.group(2))
    assert tuple(map(int, count.groups())) == (ALARMS, ALARMS, 0, 0)
    device, = parse_devices(answer(story, f"cell devices {cell}"))
    assert device.irq.path == path and device.irq.ended_by == ended_by
    assert device.irq.interrupts == device.irq.eois == interrupts
    assert device.region.mapping == "mapped"        # at the end: again, or still
    assert device.trapped_times == (ALARMS if path == "trapped" else 0)
    assert any(re.match(r"  spurious +0 ", line) for line in answer(story, f"cell stats {cell}"))


def test_shows_the_states(story):
    lists = []
    for i in range(story.count("bulkhead> cell list")):
        rows = [re.match(r"(\S+) +(absent|created|loaded|running|shut down)", row)
                for row in answer(story, "cell list", i)[1:]]
        lists.append({row.group(1): row.group(2) for row in rows})
    assert all(states["root"] == "running" for states in lists)
    for cell in CELLS:
        seen = [states[cell] for states in lists]
        assert "absent" in seen and "running" in seen
    assert [states["rtc-demo"] for states in lists][-1] == "absent"
    assert "shut down" in [states["hello"] for states in lists]


def test_hello_beside_the_alarms(story):
    """Another cell's lines come between the first and the last alarm."""
    places = {what: next(i for i, line in enumerate(story) if re.match(what, line))
              for what in (r"\[rtc-demo\] rtc-demo: alarm  1 ", r"\[hello\] hello: done",
                           r"\[rtc-demo\] rtc-demo: alarm 10 ")}
    assert list(places.values()) == sorted(places.values())


def test_says_what_to_notice(stories, gic):
    comments = [line for line in stories[gic][1] if line.startswith("# ")]
    text = "\n".join(comments)
    for word in ("U-Boot", "EL2", "linked", "trapped", "EOI", "mapped again", "What was seen"):
        assert word in text, word
    assert len(comments) < 60


@pytest.mark.parametrize("images, words", [
    (["shell"], "shell's prompt|emulator ended"), (["rtc-demo"], "damaged")],
    ids=["shell", "rtc-demo"])
def test_names_what_did_not_happen(bundle, images, words):
    """With a damaged image it fails, early, with one sentence."""
    result = subprocess.run(
        DEMO + ["--bundle", str(bundle(corrupt_data=images))], env=environment(), check=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=EARLY, preexec_fn=machine.bounded(EARLY), universal_newlines=True)
    assert result.returncode == 1
    last = result.stdout.rstrip("\n").split("\n")[-1]
    assert last.startswith("demo: FAILED: ") and re.search(words, last)
    assert "Traceback" not in result.stdout


def test_wrong_gic():
    result = subprocess.run(DEMO, env=environment(GIC="4"), check=False,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, universal_newlines=True, timeout=EARLY)
    assert result.returncode != 0 and "must be 2 or 3" in result.stdout


def emulators_with(word):
    """The command lines of the emulators in which a word stands."""
    return [command for _, command in emulators() if word in command]


@pytest.mark.parametrize("how", ["ctrl-c", "terminate", "kill", "hang-up"])
def test_stopped_early(tmp_path, how):
    """No emulator stays behind and the terminal is as it was."""
    kernel = tmp_path / "kernel-of-this-test"      # a word to find the emulator by
    kernel.symlink_to(OUT / "hypervisor" / "bulkhead.bin")
    demo = pexpect.spawn(DEMO[0], DEMO[1:] + ["--kernel", str(kernel)], env=environment(),
                         timeout=EARLY, encoding="utf-8", preexec_fn=machine.bounded(EARLY))
    before = termios.tcgetattr(demo.child_fd)
    demo.expect("at EL2")
    assert len(emulators_with(str(kernel))) == 1
    if how == "ctrl-c":
        demo.send("\x03")
        demo.expect("stopped")
    else:
        demo.kill({"terminate": signal.SIGTERM, "kill": signal.SIGKILL,
                   "hang-up": signal.SIGHUP}[how])
    assert termios.tcgetattr(demo.child_fd) == before
    demo.expect(pexpect.EOF)
    demo.close()
    if how == "ctrl-c":
        assert demo.exitstatus == 130
    deadline = time.monotonic() + 10
    while emulators_with(str(kernel)):
        assert time.monotonic() < deadline, emulators_with(str(kernel))
        time.sleep(0.05)
