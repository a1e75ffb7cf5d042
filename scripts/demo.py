#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Run the whole story without a keystroke: from the boot to a device's interrupts in a cell.

Shows what the machine says as it says it; lines that begin with "# " are the demo's own
and say what to notice. Each thing that is expected is checked. Exit status: 0 when all of
them happened, 1 with one sentence about the first that did not, 130 after Ctrl-C.
"""

import argparse
import os
import signal
import sys
import time

import machine
from demo_ttc import TtcDemo
from shell import Shell, ShellError
from story import NotSeen, Story, expect, numbers, say

LIFE_S = 240        # of the emulator, whatever happens
ALARMS = 10
ALARM_S = 30        # patience for one: it takes 1.4 s
LINKED, TRAPPED = "rtc-demo", "rtc-trapped-demo"


class Demo(Story):
    """The story of virt: U-Boot, two paths of one interrupt, one owner at a time."""

    def boot(self):
        say(f"QEMU's virt board with four CPUs and a GICv{self.gic}; Debian's own U-Boot starts "
            "first,",
            "fetches Bulkhead and its bundle (configs and guests) and does booti.")
        banner = self.shell.wait_line(r"^U-Boot \d+\.\d+\S*", what="U-Boot's banner")
        self.shell.wait_line(r"Starting kernel", what="U-Boot's jump to the hypervisor")
        match = self.shell.wait_line(r"at EL(\d), (\d+) CPUs", unless=r"^\[bulkhead\]",
                                     what="the hypervisor's first line, with its level")
        expect(match.group(1) == "2", f"the hypervisor runs at EL{match.group(1)}, not at EL2")
        cpus = match.group(2)
        self.shell.wait_line(rf"GICv{self.gic} with \d+ list registers",
                             what=f"the line about the GICv{self.gic}")
        self.shell.wait_prompt()
        say("Bulkhead runs at EL2, below everything that follows. Its root cell runs the shell,",
            "a guest like the others, that may manage cells. The others are configs as yet:")
        self.states(root="running", hello="absent", rtc_demo="absent",
                    rtc_trapped_demo="absent")
        self.seen.append(f"{banner.group(0)} started Bulkhead at EL2 on {cpus} CPUs with a "
                         f"GICv{self.gic}; the shell answered")

    def alarm(self, name, number):
        self.shell.wait_line(rf"^\[{name}\] rtc-demo: alarm +{number} at RTC time",
                             timeout=ALARM_S, unless=rf"^\[{name}\] .*FAIL",
                             what=f"alarm {number} of {name}")

    def guest_count(self, name):
        """The interrupts that the guest counted itself, when it is through."""
        match = self.shell.wait_line(
            rf"^\[{name}\] .* (\d+) alarms, (\d+) interrupts, (\d+) spurious, (\d+) wrong: PASS",
            timeout=ALARM_S, unless=r"FAIL", what=f"the count of {name}, with PASS")
        alarms, interrupts, spurious, wrong = map(int, match.groups())
        expect((alarms, spurious, wrong) == (ALARMS, 0, 0),
               f"{name} counted {alarms} alarms, {spurious} spurious and {wrong} wrong ones")
        return interrupts

    def statistics(self, name, path, ended_by):
        """Check the hypervisor's counters against the guest's. Returns EOIs and devices' lines."""
        interrupts = self.guest_count(name)
        expect(interrupts == ALARMS, f"{name} took {interrupts} interrupts, not {ALARMS}")
        lines = self.shell.run(f"cell devices {name}")
        what = f'"cell devices {name}"'
        expect(any(f", {path} (" in line for line in lines),
               f"{what} does not show the interrupt as {path}")
        counted, eois = numbers(rf"(\d+) interrupts, (\d+) EOIs by {ended_by}", lines, what)
        expect(counted == interrupts, f"{what} counts {counted} interrupts, the guest "
               f"{interrupts}")
        expect(eois == interrupts, f"{what} counts {eois} EOIs by {ended_by} for {interrupts} "
               "interrupts")
        spurious, = numbers(r"^ +spurious +(\d+)", self.shell.run(f"cell stats {name}"),
                            f'"cell stats {name}"')
        expect(spurious == 0, f'"cell stats {name}" counts {spurious} spurious interrupts')
        self.states(**{name.replace("-", "_"): "running"})
        return eois, lines

    def linked(self):
        say("1. The linked path. The cell rtc-demo owns the board's real-time clock, a PL031, and",
            "sets ten alarms. Each is a level interrupt of the GIC, handed over in a list register",
            "that is linked to it: one exit, and the guest's own EOI readies it for the next.")
        self.start(LINKED)
        self.alarm(LINKED, 1)
        say("Another cell beside it, on another CPU. The alarms go on:")
        self.start("hello")
        self.shell.wait_line(r"^\[hello\] hello: done", what="the end of hello")
        self.shell.wait_line(r"hello switched itself off", what="the report that hello ended")
        self.states(root="running", hello="shut down", rtc_demo="running")
        say("A device has one owner. This refusal says who has it:")
        refusal = " / ".join(self.shell.run(f"cell create {TRAPPED}"))
        expect(refusal.startswith("error: ") and f"belongs to {LINKED}" in refusal,
               f"a second owner of the RTC was not refused, but: {refusal}")
        eois, lines = self.statistics(LINKED, "linked", "the guest")
        accesses, = numbers(r"region 0: .*, mapped, (\d+) trapped accesses", lines,
                            f'"cell devices {LINKED}"')
        expect(accesses == 0, f"{accesses} accesses of {LINKED} trapped, and none should")
        say("Ten interrupts, ten EOIs by the guest: its count and the hypervisor's are the same.",
            "Its registers were mapped all the time: no access trapped.")
        self.seen.append(f"{LINKED}: linked; {ALARMS} interrupts, {eois} EOIs by the guest, "
                         f"{accesses} trapped accesses, 0 spurious")

    def change_owner(self):
        say("The clock changes hands: the cell is shut down and destroyed, its device reset.")
        self.do(f"cell shutdown {LINKED}", f"cell {LINKED}: shut down")
        self.states(rtc_demo="shut down")
        self.do(f"cell destroy {LINKED}", f"cell {LINKED}: destroyed")

    def trapped(self):
        say("2. The trapped path, for whoever cannot link. The same program, under a config with",
            "x-irqfd = <0>: while an interrupt is in service the clock's registers trap, the first",
            "access to them is its EOI, and 300 ms after the last one they are mapped again.")
        self.start(TRAPPED)
        self.alarm(TRAPPED, 2)
        lines = self.shell.run(f"cell devices {TRAPPED}")
        if any(", trapped, " in line for line in lines):
            say("Just after an alarm: region 0 is still trapped. It will be mapped again.")
        eois, lines = self.statistics(TRAPPED, "trapped", "access")
        what = f'"cell devices {TRAPPED}"'
        # Trapped counts only what was mapped before, so each time but the last was undone.
        times, expiries = numbers(r"regions trapped (\d+) times, (\d+) deadline expiries", lines,
                                  what)
        expect(times == ALARMS, f"{what} says that the registers were trapped {times} times: they "
               "were not mapped again after each alarm")
        accesses, = numbers(r"region 0: .*, mapped, (\d+) trapped accesses", lines,
                            f"{what}, when the registers should be mapped again,")
        say(f"Ten interrupts, ten EOIs by access. The page was trapped {times} times and mapped",
            f"again each time ({expiries} deadlines): only {accesses} accesses trapped, those of "
            "the handler.")
        self.seen.append(f"{TRAPPED}: trapped; {ALARMS} interrupts, {eois} EOIs by access, page "
                         f"trapped and mapped again {times} times, 0 spurious")

    def run(self):
        self.boot()
        self.linked()
        self.change_owner()
        self.trapped()


STORIES = {"virt": Demo, "zcu102": TtcDemo}


def tell(board):
    """Run the story and say how it went. Returns the exit status."""
    start = time.monotonic()
    with Shell(board.spawn(limit=LIFE_S), show=lambda line: print(line, flush=True)) as shell:
        demo = STORIES[board.board](shell, board.gic)
        try:
            demo.run()
        except (NotSeen, ShellError) as reason:
            print(f"\ndemo: FAILED: {reason}.", flush=True)
            return 1
    say("What was seen:", *(f"  - {line}" for line in demo.seen),
        f"All as expected, in {time.monotonic() - start:.0f} s. `make run` gives you this "
        "machine's shell.")
    return 0


def end(*_):
    raise KeyboardInterrupt


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gic", choices=("2", "3"), default=os.environ.get("GIC") or None)
    parser.add_argument("--kernel", help="another hypervisor than the build's")
    parser.add_argument("--bundle", help="another bundle than the build's")
    args = parser.parse_args()
    if args.gic not in (None, "2", "3"):
        parser.error(f"GIC is {args.gic}; it must be 2 or 3")
    for sig in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sig, end)
    try:
        board = machine.Machine(gic=args.gic and int(args.gic), kernel=args.kernel,
                                bundle=args.bundle)
    except ValueError as error:
        parser.error(str(error))
    try:
        return tell(board)
    except KeyboardInterrupt:
        print("\ndemo: stopped; the emulator has ended too.", flush=True)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


if __name__ == "__main__":
    sys.exit(main())
