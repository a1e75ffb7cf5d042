#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes random scripts, has a second model of the rules say what they must print, and
replays them against the driver.

The model knows nothing of the driver: one state per IRQ, a list for the queue, scans. It
follows docs/vfio-platform.md word by word. Every seed gives the same script each time.
"""
import argparse
import os
import random
import subprocess
import sys
import tempfile


class Irq:
    """One interrupt: its state, its physical line and its virtual one."""

    def __init__(self, is_level, is_linked):
        self.is_level = is_level
        self.is_linked = is_linked
        self.state = "I"
        self.masked = self.latched = self.held = False
        self.event = False
        self.high = False


class Device:
    """A device and everything that happens to it."""

    def __init__(self, world, name, keys):
        self.world = world
        self.name = name
        flags = keys["flags"]
        linked = bool(keys["irqfd"] and keys["kvmirqfd"] and keys["resamplefd"])
        self.irqs = [Irq(f == "A", linked) for f in flags]
        self.mappable = [r == "M" and not keys["nommap"] for r in keys["rflags"]]
        self.mapped = True
        self.timeout = keys["timeout"]
        self.timer = None
        self.queue = []
        self.say(
            f"realized name={name} sysfsdev=/sys/bus/platform/devices/{name} "
            f"timeout={self.timeout} irqfd={keys['irqfd']} nommap={keys['nommap']} "
            f"compat=vendor,dev num_compat=1"
        )
        for i, irq in enumerate(self.irqs):
            self.say(f"arm {i} {'irqfd' if linked else 'eventfd'}")
            if linked and irq.is_level:
                self.say(f"resample {i}")

    def say(self, text):
        self.world.say(self, text)

    def say_queue(self):
        self.say("queue [" + ",".join(map(str, self.queue)) + "]")

    # ---- the rules ----

    def map(self, mapped):
        if any(self.mappable) and self.mapped != mapped:
            self.say("mmap " + ("on" if mapped else "off"))
        self.mapped = mapped

    def line(self, i, high):
        self.say(f"virq {i} {int(high)}")
        self.irqs[i].high = high

    def unmask(self, i):
        self.say(f"unmask {i}")
        self.irqs[i].masked = False

    def start_timer(self):
        self.timer = self.world.now + self.timeout
        self.say(f"timer {self.timer}")

    def handler(self, i):
        irq = self.irqs[i]
        had_event = irq.event
        irq.event = False
        if irq.state == "P":
            return
        if irq.state == "I" and any(o.state != "I" for o in self.irqs):
            irq.state = "P"
            self.queue.append(i)
            self.say_queue()
            return
        if not had_event:
            self.say("report")
        irq.state = "A"
        self.map(False)
        self.line(i, True)
        if self.timeout:
            self.start_timer()

    def eoi(self):
        for i in reversed(range(len(self.irqs))):
            if self.irqs[i].state == "A":
                self.irqs[i].state = "I"
                self.line(i, False)
                if self.irqs[i].is_level:
                    self.unmask(i)
                break
        if self.queue:
            head = self.queue[0]
            self.irqs[head].state = "A"
            self.line(head, True)
            self.queue.pop(0)
            self.say_queue()

    def expire(self):
        self.say(f"expire {self.world.now}")
        self.timer = None
        if any(irq.state == "A" for irq in self.irqs):
            self.start_timer()
        else:
            self.map(True)

    # ---- the world around ----

    def take(self, i):
        irq = self.irqs[i]
        if irq.is_level:
            irq.masked = True
            irq.latched = False
            self.say(f"mask {i}")
        if not irq.is_linked:
            irq.event = True
        elif irq.is_level:
            self.line(i, True)
        else:
            self.say(f"virq {i} pulse")

    def settle(self):
        changed = False
        for i, irq in enumerate(self.irqs):
            if irq.is_level and not irq.masked and (irq.latched or irq.held):
                self.take(i)
                changed = True
        if not self.world.deferred:
            changed = self.dispatch() or changed
        return changed

    def dispatch(self, only=None):
        changed = False
        for i, irq in enumerate(self.irqs):
            if irq.event and only in (None, i):
                self.handler(i)
                changed = True
        return changed

    def command_irq(self, i):
        irq = self.irqs[i]
        if irq.is_level and irq.masked:
            irq.latched = True
            self.say(f"latch {i}")
        else:
            self.take(i)

    def command_access(self, region, write, ack, fail):
        trapped = not (self.mapped and self.mappable[region])
        self.say(f"{'trap' if trapped else 'direct'} {region}")
        if ack is not None:
            self.irqs[ack].held = False
        if trapped and (write or not fail):
            self.eoi()

    def command_geoi(self, i):
        irq = self.irqs[i]
        if not irq.is_linked:
            self.say(f"geoi {i} unseen")
        elif irq.is_level and irq.high:
            self.line(i, False)
            self.unmask(i)

    def command_swtrig(self, i):
        if not (self.irqs[i].is_level and self.irqs[i].masked):
            self.take(i)

    def command_state(self):
        def bits(field):
            return "".join(str(int(getattr(i, field))) if i.is_level else "-" for i in self.irqs)

        self.say(
            f"state now={self.world.now} irqs="
            + ",".join(f"{n}:{i.state}" for n, i in enumerate(self.irqs))
            + " queue=[" + ",".join(map(str, self.queue)) + "] vline="
            + "".join(str(int(i.high)) for i in self.irqs)
            + f" masked={bits('masked')} latch={bits('latched')} level={bits('held')} mmap="
            + "".join("-" if not m else str(int(self.mapped)) for m in self.mappable)
            + f" timer={'-' if self.timer is None else self.timer}"
        )


class World:
    """All devices and the clock; collects what is printed."""

    def __init__(self):
        self.now = 0
        self.deferred = False
        self.devices = []
        self.current = None
        self.spoke = None
        self.out = []

    def say(self, device, text):
        if self.spoke is not device:
            self.spoke = device
            self.out.append("@" + device.name)
        self.out.append(text)

    def settle(self):
        while any([device.settle() for device in self.devices]):
            pass

    def advance(self, ms):
        limit = self.now + ms
        while True:
            due = [d for d in self.devices if d.timer is not None and d.timer <= limit]
            if not due:
                break
            device = min(due, key=lambda d: d.timer)
            self.now = device.timer
            device.expire()
            self.settle()
        self.now = limit


class Script:
    """Runs random commands against the model and notes both."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.world = World()
        self.lines = []
        self.level_only = self.random.random() < 0.3
        self.no_spurious = self.random.random() < 0.5
        for n in range(self.random.choice([1, 1, 1, 2, 3])):
            self.make_device(f"dev{n}")
        for _ in range(self.random.choice([20, 80, 200])):
            self.make_command()

    def run(self, text, action):
        ornament = self.random.random()
        self.lines.append(
            "  " * (ornament < 0.05) + text + "   # why not" * (ornament > 0.95)
            + "\r" * (0.5 < ornament < 0.53)
        )
        if 0.4 < ornament < 0.42:
            self.lines.append("\n# a comment\n")
        self.world.out.append("> " + text)
        action()
        self.world.settle()

    def make_device(self, name):
        rnd = self.random
        irqs = rnd.choice([0, 1, 1, 2, 2, 3, 3, 4, 8, 64])
        flags = ["A" if self.level_only else rnd.choice("AE") for _ in range(irqs)]
        rflags = [rnd.choice("MMT") for _ in range(rnd.choice([1, 1, 1, 2, 3, 16]))]
        keys = {
            "flags": flags,
            "rflags": rflags,
            "timeout": rnd.choice([0, 1, 5, 10, 50, 1100]),
            "irqfd": int(rnd.random() < 0.3),
            "nommap": int(rnd.random() < 0.1),
            "kvmirqfd": int(rnd.random() < 0.9),
            "resamplefd": int(rnd.random() < 0.9),
        }
        text = f"device {name} irqs={irqs}"
        if irqs:
            text += " flags=" + ",".join(flags)
        text += f" regions={len(rflags)} rflags=" + ",".join(rflags)
        for key in ("timeout", "irqfd", "nommap", "kvmirqfd", "resamplefd"):
            text += f" {key}={keys[key]}"

        def create():
            self.world.current = Device(self.world, name, keys)
            self.world.devices.append(self.world.current)

        self.run(text, create)

    def make_command(self):
        rnd = self.random
        world = self.world
        device = world.current
        irqs = len(device.irqs)
        kinds = ["access"] * 6 + ["advance"] * 3 + ["state"] * 2 + ["defer", "dispatch", "reset"]
        if irqs:
            kinds += ["irq"] * 8 + ["level"] * 2 + ["geoi", "swtrig", "dispatch"]
            if not self.no_spurious and not device.irqs[0].is_linked:
                kinds += ["spurious"]
        if len(world.devices) > 1:
            kinds += ["use"] * 2
        kind = rnd.choice(kinds)
        i = rnd.randrange(irqs) if irqs else None
        if kind == "access":
            self.make_access(device, i)
        elif kind == "advance":
            ms = rnd.choice([0, 1, 1, 4, 5, 10, 49, 50, 51, 1099, 1100])
            self.run(f"advance {ms}", lambda: world.advance(ms))
        elif kind == "state":
            self.run("state", device.command_state)
        elif kind == "defer":
            deferred = rnd.random() < 0.4
            self.run(
                "defer " + ("on" if deferred else "off"),
                lambda: setattr(world, "deferred", deferred),
            )
        elif kind == "dispatch" and (i is None or rnd.random() < 0.5):
            self.run("dispatch", device.dispatch)
        elif kind == "dispatch":
            self.run(f"dispatch {i}", lambda: device.dispatch(i))
        elif kind == "reset":
            self.run("reset", lambda: device.say("reset needs=1 hot=-1"))
        elif kind == "level":
            i = self.pick_level(device, i)
            held = rnd.random() < 0.6
            self.run(
                f"level {i} {int(held)}", lambda: setattr(device.irqs[i], "held", held)
            )
        elif kind == "use":
            other = rnd.choice(world.devices)
            self.run(f"use {other.name}", lambda: setattr(world, "current", other))
        elif kind == "spurious":
            self.run(f"spurious {i}", lambda: device.handler(i))
        else:
            action = getattr(device, "command_" + kind)
            self.run(f"{kind} {i}", lambda: action(i))
        self.run("state", world.current.command_state)

    def pick_level(self, device, default):
        levels = [n for n, irq in enumerate(device.irqs) if irq.is_level]
        return self.random.choice(levels) if levels else default

    def make_access(self, device, i):
        rnd = self.random
        region = rnd.randrange(len(device.mappable))
        text = f"access {region}"
        direction = rnd.choice(["", "r", "w"])
        ack = i if i is not None and rnd.random() < 0.3 else None
        fail = rnd.random() < 0.1
        if direction:
            text += " " + direction
        if ack is not None:
            text += f" ack={ack}"
        if fail:
            text += " fail"
        self.run(text, lambda: device.command_access(region, direction == "w", ack, fail))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--replay", required=True, help="the program that replays a folder")
    parser.add_argument("--seeds", type=int, default=300)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--keep", help="write the traces to this folder and leave them")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or temporary
        os.makedirs(folder, exist_ok=True)
        for seed in range(options.first, options.first + options.seeds):
            script = Script(seed)
            stem = os.path.join(folder, f"random-{seed:05}")
            with open(stem + ".txt", "w", encoding="ascii", newline="") as file:
                file.write("\n".join(script.lines) + "\n")
            with open(stem + ".expect", "w", encoding="ascii", newline="") as file:
                file.write("\n".join(script.world.out) + "\n")
        return subprocess.run([options.replay, folder], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
