# SPDX-License-Identifier: Apache-2.0
"""The story of a device with three interrupt lines, on the ZCU102; see demo.py."""

from story import NotSeen, Story, expect, numbers, say

TRAPPED, LINKED, MIXED = "ttc-demo", "ttc-linked", "ttc-mixed"
ROUNDS = 6
PATIENCE_S = 60


class TtcDemo(Story):
    """Three lines on each path, then twelve in two cells, then other devices."""

    def boot(self):
        say("QEMU's Xilinx ZCU102: four Cortex-A53, GIC-400, Cadence UART as console. Bulkhead,",
            "its bundle and the board's tree are loaded by the emulator.")
        self.shell.wait_line(r"at EL2, (\d+) CPUs", unless=r"^\[bulkhead\]",
                             what="the hypervisor's first line, with its level")
        self.shell.wait_line(r"GICv2 with \d+ list registers", what="the line about the GIC")
        self.shell.wait_prompt()
        self.states(root="running", ttc_demo="absent", ttc_flood="absent")
        self.seen.append("Bulkhead at EL2 on the second board; the shell answered")

    def end_of(self, name, pattern):
        return self.shell.wait_line(rf"^\[{name}\] .*{pattern}", timeout=PATIENCE_S,
                                    unless=rf"^\[{name}\] .*FAIL", what=f"the end of {name}")

    def three_lines(self, name, path):
        """Run a cell with the timer; returns the lines of `cell devices`."""
        self.start(name)
        if name == TRAPPED:
            self.phases()
        self.end_of(name, "served 6 6 6, 0 spurious, 0 wrong: PASS")
        lines = self.shell.run(f"cell devices {name}")
        expect(sum(f", {path} (" in line for line in lines) == (2 if name == MIXED else 3),
               f'"cell devices {name}" does not show its lines as {path}')
        self.do(f"cell destroy {name}", f"cell {name}: destroyed")
        return lines

    def phases(self):
        """The slow and the fast phase, as the shell shows them."""
        wanted = ["trapped", "mapped"]
        for _ in range(200):
            lines = self.shell.run(f"cell devices {TRAPPED}")
            if any(f", {wanted[0]}, " in line for line in lines if "region 0" in line):
                say({"trapped": "One is in service, or was just now: the registers trap.",
                     "mapped": "And here they are mapped again."}[wanted.pop(0)])
            if not wanted:
                return
        raise NotSeen(f'"cell devices {TRAPPED}" does not show the registers {wanted[0]}')

    def run(self):
        self.boot()
        say("1. One timer with three lines, trapped. In each of six rounds two of them fire while",
            "the handler of the third is at work: they wait, and are served as they came.")
        lines = self.three_lines(TRAPPED, "trapped")
        queued = sum(numbers(r"irq \d: .* (\d+) queued", [line], "the line of an irq")[0]
                     for line in lines if " queued" in line)
        # Two in each round, but for what a busy host holds back.
        expect(ROUNDS <= queued <= 2 * ROUNDS, f"{queued} interrupts waited, of {2 * ROUNDS}")
        self.seen.append(f"{TRAPPED}: 18 interrupts in the order of their coming, {queued} of "
                         "them queued; registers trapped and mapped again")
        say("2. The same device, linked: all are in list registers at once, no access traps.")
        self.three_lines(LINKED, "linked")
        say("3. Mixed: x-irqfd = <0 1 0>.")
        self.three_lines(MIXED, "trapped")
        self.seen.append(f"{LINKED}, {MIXED}: each line served six times, none spurious")
        say("4. All twelve lines of four timers, in two cells. One floods itself, far beyond what",
            "can be served; the other must not notice: intervals that passed = served + merged.")
        self.start("ttc-steady")
        self.start("ttc-flood")
        self.end_of("ttc-flood", "ttc-storm: PASS")
        self.end_of("ttc-steady", "round .* 0 spurious, 0 dead: (exact|unclear)")
        self.do("cell destroy ttc-flood", "cell ttc-flood: destroyed")
        self.do("cell destroy ttc-steady", "cell ttc-steady: destroyed")
        self.seen.append("ttc-flood, ttc-steady: no line dead, the neighbour's counts right")
        say("5. Other devices: a UART and a CAN controller that hear themselves, an SPI flash that",
            "says its name, and a clock without an interrupt.")
        for name in ("uart-demo", "can-demo", "spi-demo", "clock-demo"):
            self.start(name)
            self.end_of(name, "PASS")
            self.do(f"cell destroy {name}", f"cell {name}: destroyed")
        self.seen.append("UART, CAN, SPI and clock: each in a cell of its own")
