#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Turn the hypervisor's trace into a trace of the conformance format, and a script.

    trace_export.py CAPTURE --out DIR --name NAME [--commands FILE]

CAPTURE is what the shell printed, with `cell devices CELL` and one `trace` or more in
it; other lines do no harm. The trace must have been on since before the first interrupt.
Written are DIR/NAME.expect, what the hypervisor did in the words of
tests/conformance/README.md, and DIR/NAME.txt, the script of events that makes the
replay do the same:

    make conformance TRACES=DIR IGNORE_TIMES=1

Without --commands the script is what the hypervisor saw: `irq` for each interrupt that it
took, `access` for each that trapped, `advance` for the time between. With --commands it
is what was done from outside. FILE holds one command a line; the n-th, `use` not
counted, was begun after mark n of the trace and was over before mark n + 1. So a line
that is held, and an access that did not trap, can be told too. The times of `advance`
are those that let each deadline pass where it did.

Not known to the hypervisor, and filled in from the rules: that the guest's EOI lowers
and unmasks a linked level line (`geoi`, done by the GIC alone).
"""

import argparse
import dataclasses
import pathlib
import re
import sys

NS_PER_MS = 1000000
# The trace's times are cut to a whole ns each, and the clock ticks in tens of them.
CLOCK_ERROR_NS = 1000

DEVICE = re.compile(r"device (\S+): mmap-timeout-ms (\d+), (.*)")
IRQ = re.compile(r"  irq (\d+): INTID (\d+), (level|edge), (linked|trapped) \(")
REGION = re.compile(r"  region (\d+): 0x[0-9a-f]+, size 0x[0-9a-f]+, \S+, "
                    r"(mapped|trapped|trap-only),")
EVENT = re.compile(r" *(\d+) +(\d+)\.(\d{9}) cpu(\d+) (\S+)/(\S+) ([a-z]+)((?: \S+=\S*)*)$")
SUMMARY = re.compile(r"trace: \d+ events, (\d+) overwritten before they were read")


class ExportError(Exception):
    """Why the trace cannot be told in the format, in one sentence."""


class Race(ExportError):
    """A deadline passed in the midst of a command: no script can have it there."""


@dataclasses.dataclass
class Event:
    """A line of `trace`."""

    sequence: int
    time: int       # ns
    cpu: int
    device: str     # its name in the cell's config, or "-"
    kind: str
    fields: dict

    def number(self, name):
        return int(self.fields[name])


@dataclasses.dataclass
class Action:
    """What belongs together: a fire with its mask, a trapped access with its EOI."""

    kind: str       # fire, access, expire, linked or mark
    event: Event    # the step, if there was one
    first: Event    # the mask or the access before it


@dataclasses.dataclass
class Device:
    """What `cell devices` says, and the state that the events lead to."""

    name: str
    timeout: int    # ms
    no_mmap: bool
    levels: list = dataclasses.field(default_factory=list)
    linked: list = dataclasses.field(default_factory=list)
    mappable: list = dataclasses.field(default_factory=list)
    queue: list = dataclasses.field(default_factory=list)
    high: set = dataclasses.field(default_factory=set)    # linked level lines
    mapped: bool = True
    expiries: int = 0
    deadline: int = None        # of the script, ms
    real_deadline: int = None   # of the board, ns

    def command(self):
        """The script's line that makes such a device."""
        linked = ["1" if flag else "0" for flag in self.linked]
        words = [f"irqs={len(self.levels)}"]
        if self.levels:
            words += ["flags=" + ",".join("A" if level else "E" for level in self.levels)]
        words += [f"regions={len(self.mappable)}",
                  "rflags=" + ",".join("M" if flag else "T" for flag in self.mappable),
                  f"timeout={self.timeout}",
                  "irqfd=" + (linked[0] if len(set(linked)) == 1 else ",".join(linked) or "1"),
                  f"nommap={int(self.no_mmap)}"]
        return f"device {self.name} {' '.join(words)}"

    def realized(self):
        """What it then prints."""
        lines = [f"realized name={self.name} sysfsdev=/sys/bus/platform/devices/{self.name} "
                 f"timeout={self.timeout} irqfd={int(any(self.linked) or not self.linked)} "
                 f"nommap={int(self.no_mmap)} compat=vendor,dev num_compat=1"]
        for index, linked in enumerate(self.linked):
            lines += [f"arm {index} {'irqfd' if linked else 'eventfd'}"]
            if linked and self.levels[index]:
                lines += [f"resample {index}"]
        return lines


def parse(text):
    """The devices and the events, in the order of their sequence."""
    devices, events, current = {}, {}, None
    for line in text.replace("\r", "").split("\n"):
        # A prompt, or what took its place, may stand in front of another's line.
        match = DEVICE.search(line)
        if match:
            name, timeout, options = match.groups()
            current = devices[name] = Device(name, int(timeout), "x-no-mmap" in options)
        match = IRQ.match(line)
        if match and current and int(match[1]) == len(current.levels):
            current.levels.append(match[3] == "level")
            current.linked.append(match[4] == "linked")
        match = REGION.match(line)
        if match and current and int(match[1]) == len(current.mappable):
            current.mappable.append(match[2] != "trap-only")
        match = SUMMARY.search(line)
        if match and int(match[1]) != 0:
            raise ExportError(f"{match[1]} events were overwritten before they were read")
        match = EVENT.search(line)
        if match:
            sequence, seconds, nanoseconds, cpu, _, device, kind, fields = match.groups()
            events[int(sequence)] = Event(
                int(sequence), int(seconds) * 1000 * NS_PER_MS + int(nanoseconds), int(cpu),
                device, kind, dict(word.split("=", 1) for word in fields.split()))
    return devices, [events[sequence] for sequence in sorted(events)]


RULES = {"inject": "fire", "queue": "fire", "raise-again": "fire", "stay-queued": "fire",
         "retire": "access", "retire-next": "access", "eoi-idle": "access",
         "read-failed": "access", "rearm": "expire", "restore": "expire"}


LEADS_TO = {"fire": ("mask", "step"), "access": ("access",), "expire": ("step",)}


def combine(events):
    """The actions, each at the place of its step; EL2 does one at a time on each CPU."""
    actions, begun, unmask = [], {}, {}
    for event in events:
        due = unmask.pop(event.cpu, None)
        if (event.kind == "unmask") != (due is not None) or \
                due and (due[0] != event.device or due[1] != event.fields["irq"]):
            raise ExportError(f"event {event.sequence}: the unmask that a step asks for and "
                              "the one that was done differ")
        if event.kind in ("mask", "access"):
            begun[event.cpu] = event
        elif event.kind == "step":
            kind = RULES[event.fields["rule"]]
            first = begun.pop(event.cpu, event)
            if first.kind not in LEADS_TO[kind] or first.device != event.device:
                raise ExportError(f"event {event.sequence}: a step after event "
                                  f"{first.sequence}, which is not what leads to it")
            if first.kind == "mask" and first.fields["irq"] != event.fields["irq"]:
                raise ExportError(f"event {event.sequence}: another IRQ was masked")
            actions.append(Action(kind, event, first))
            if "unmask" in event.fields["do"].split(","):
                unmask[event.cpu] = (event.device, event.fields["lowered"])
        elif event.kind in ("linked", "mark"):
            actions.append(Action(event.kind, event, event))
        elif event.kind == "failed" and event.cpu in begun:
            del begun[event.cpu]    # refused: nothing was done
    return actions


class Export:
    """Writes the script and what it leads to, action by action."""

    def __init__(self, devices):
        self.devices = devices
        self.script, self.lines = [], []
        self.spoke = self.current = None
        self.now = 0            # of the script, ms
        self.start = None       # of the board, ns
        self.lateness = 0       # of the latest deadline, ns
        for device in devices.values():
            self.echo(device.command())
            device.mapped = any(device.mappable) and not device.no_mmap
            for line in device.realized():
                self.say(device, line)
            self.current = device

    def echo(self, command):
        self.script.append(command)
        self.lines.append(f"> {command}")

    def say(self, device, line):
        if self.spoke is not device:
            self.lines.append(f"@{device.name}")
            self.spoke = device
        self.lines.append(line)

    def command(self, device, command):
        if self.current is not device:
            self.echo(f"use {device.name}")
            self.current = device
        self.echo(command)

    def real_ms(self, time):
        return (time - self.start) // NS_PER_MS

    def pass_time(self, time):
        """Let the script's clock follow, but not as far as a deadline."""
        if self.start is None:
            self.start = time
        armed = [device.deadline - 1 for device in self.devices.values()
                 if device.deadline is not None]
        self.advance(min([self.real_ms(time)] + armed))

    def advance(self, to):
        if to > self.now:
            self.echo(f"advance {to - self.now}")
            self.now = to

    def step(self, device, action):
        """The lines of a step, in the order in which its actions are carried out."""
        event = action.event
        do = event.fields["do"].split(",")
        irq, lowered = event.fields["irq"], event.fields["lowered"]
        if action.first.kind == "mask":
            self.say(device, f"mask {irq}")
        elif action.kind == "access":
            self.say(device, f"trap {event.fields['region']}")
        elif action.kind == "expire":
            self.say(device, f"expire {self.real_ms(event.time)}")
        if "report" in do:
            self.say(device, "report")
        if "trap" in do:
            self.map(device, False)
        if "lower" in do:
            self.say(device, f"virq {lowered} 0")
        if "unmask" in do:
            self.say(device, f"unmask {lowered}")
        if "raise" in do:
            self.say(device, f"virq {irq} 1")
        if "queue" in do:
            self.queue(device, event)
        if event.number("queued") != len(device.queue):
            raise ExportError(f"event {event.sequence}: {event.fields['queued']} IRQs wait, "
                              f"but by the trace {device.queue} do")
        if "timer" in do:
            device.real_deadline = event.time + device.timeout * NS_PER_MS
            device.deadline = self.now + device.timeout
            self.say(device, f"timer {self.real_ms(device.real_deadline)}")
        if "map" in do:
            self.map(device, True)

    def map(self, device, is_mapped):
        if device.mapped == is_mapped:
            raise ExportError(f"{device.name}: regions that are so already are mapped or "
                              "trapped")
        device.mapped = is_mapped
        self.say(device, f"mmap {'on' if is_mapped else 'off'}")

    def queue(self, device, event):
        irq = event.number("irq")
        if event.fields["rule"] == "queue":
            device.queue.append(irq)
        elif not device.queue or device.queue.pop(0) != irq:
            raise ExportError(f"event {event.sequence}: IRQ {irq} was not the queue's head")
        self.say(device, f"queue [{','.join(map(str, device.queue))}]")

    def expire(self, device, action):
        """The deadline passes: the clock goes exactly there."""
        if device.deadline is None or action.event.time + CLOCK_ERROR_NS < device.real_deadline:
            raise ExportError(f"event {action.event.sequence}: no deadline was due")
        others = [other.deadline for other in self.devices.values()
                  if other is not device and other.deadline is not None]
        if others and min(others) <= device.deadline:
            raise Race(f"event {action.event.sequence}: two devices' deadlines are too close")
        self.lateness = max(self.lateness, action.event.time - device.real_deadline)
        self.advance(device.deadline)
        device.deadline = None
        device.expiries += 1
        self.step(device, action)

    def linked(self, device, action):
        irq = action.event.number("irq")
        if device.levels[irq]:
            device.high.add(irq)
            self.say(device, f"mask {irq}")
            self.say(device, f"virq {irq} 1")
        else:
            self.say(device, f"virq {irq} pulse")

    def guest_eoi(self, device, irq):
        if not device.linked[irq]:
            self.say(device, f"geoi {irq} unseen")
        elif irq in device.high:
            device.high.remove(irq)
            self.say(device, f"virq {irq} 0")
            self.say(device, f"unmask {irq}")

    def device_of(self, action):
        try:
            return self.devices[action.event.device]
        except KeyError:
            raise ExportError(f"event {action.event.sequence}: device {action.event.device} is "
                              "not among those of `cell devices`") from None

    def carry_out(self, device, action):
        if action.kind == "linked":
            self.linked(device, action)
            return
        if action.kind == "fire" and \
                device.levels[action.event.number("irq")] != (action.first.kind == "mask"):
            raise ExportError(f"event {action.event.sequence}: a level line was not masked, or "
                              "an edge was")
        self.step(device, action)


def derive(export, actions):
    """The script as the hypervisor saw it."""
    for action in actions:
        if action.kind == "mark":
            continue
        device = export.device_of(action)
        if action.kind == "expire":
            export.expire(device, action)
            continue
        export.pass_time(action.event.time)
        if action.kind == "access":
            is_write = action.first.fields["write"] == "1"
            failed = action.event.fields["rule"] == "read-failed"
            export.command(device, f"access {action.event.fields['region']} "
                                   f"{'w' if is_write else 'r'}{' fail' if failed else ''}")
        else:
            irq = action.event.number("irq")
            if irq in device.high:
                export.command(device, f"geoi {irq}")
                export.guest_eoi(device, irq)
            export.command(device, f"irq {irq}")
        export.carry_out(device, action)


def follow_one(export, device, command, actions):
    """A command of the commands' file, and what was done between its mark and the next."""
    words = command.split()
    has_begun = False

    def begin():
        if words[0] != "advance":
            export.command(device, command)
        if words[0] == "geoi":
            export.guest_eoi(device, int(words[1]))

    for position, action in enumerate(actions):
        if action.kind == "expire":
            if has_begun and any(later.kind != "expire" for later in actions[position:]):
                raise Race(f"`{command}`: a deadline passed in its midst")
            export.expire(export.device_of(action), action)
            continue
        if not has_begun:
            begin()
            has_begun = True
            if (words[0] == "access") != (action.kind == "access"):
                raise ExportError(f"`{command}`: event {action.event.sequence} is no answer")
        elif action.kind == "access":
            raise ExportError(f"`{command}`: a second access, event {action.event.sequence}")
        export.carry_out(export.device_of(action), action)
    if not has_begun:
        begin()
        if words[0] == "access":
            region = int(words[1])
            if not (device.mapped and device.mappable[region]):
                raise ExportError(f"`{command}`: the region traps, but nothing was seen")
            export.say(device, f"direct {region}")


def follow(export, actions, commands):
    """The script as it was carried out from outside."""
    device = next(iter(export.devices.values()))
    windows, current = {}, []
    for action in actions:
        if action.kind == "mark":
            current = windows[action.event.number("number")] = [action.event.time, []]
        elif current:
            current[1].append(action)
        else:
            raise ExportError(f"event {action.event.sequence} comes before the first mark")
    number = 0
    for command in commands:
        if command.startswith("use "):
            device = export.devices[command.split()[1]]
            continue
        number += 1
        if number not in windows:
            raise ExportError(f"`{command}`: there is no mark {number}")
        time, its_actions = windows.pop(number)
        export.pass_time(time)
        follow_one(export, device, command, its_actions)
    if windows:
        raise ExportError(f"marks without a command: {sorted(windows)}")


def export_trace(text, commands=None):
    """The Export of a capture; its script and lines are what is to be written."""
    devices, events = parse(text)
    if not devices:
        raise ExportError("no output of `cell devices` is there")
    export = Export(devices)
    actions = combine([event for event in events if event.kind != "path"])
    if commands is None:
        derive(export, actions)
    else:
        follow(export, actions, commands)
    return export


def read_commands(text):
    """The commands of a file, without comments and blank lines."""
    lines = (line.split("#")[0].strip() for line in text.split("\n"))
    return [line for line in lines if line]


def write(export, folder, name):
    """Write NAME.txt and NAME.expect."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for suffix, lines in ((".txt", export.script), (".expect", export.lines)):
        (folder / (name + suffix)).write_text("\n".join(lines) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("capture", help="what the shell printed; - for standard input")
    parser.add_argument("--out", required=True, metavar="DIR")
    parser.add_argument("--name", required=True)
    parser.add_argument("--commands", metavar="FILE", help="what was done from outside")
    args = parser.parse_args()
    text = sys.stdin.read() if args.capture == "-" else \
        pathlib.Path(args.capture).read_text(encoding="utf-8", errors="replace")
    commands = args.commands and read_commands(
        pathlib.Path(args.commands).read_text(encoding="utf-8"))
    try:
        export = export_trace(text, commands)
    except ExportError as error:
        sys.exit(f"trace_export: {error}")
    write(export, args.out, args.name)
    print(f"{args.name}: {len(export.script)} commands, {len(export.lines)} lines, the latest "
          f"deadline {export.lateness / 1e3:.0f} us late")


if __name__ == "__main__":
    main()
