#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Run the board in the emulator: build its command line, start it, bound its life.

As a program it is the terminal of `make run`. As a module it serves the demo and the
tests:

    machine = Machine(gic=2, boot="direct")
    console = machine.spawn(limit=60)       # a pexpect.spawn on the serial console
    output, status = machine.run(limit=10)  # until power-off

The emulator never outlives its limit, and dies with the thread that started it.

Ways to boot: "uboot" (U-Boot fetches image and bundle over fw_cfg, or has them in memory, and
does booti),
"fit" (bootm of one FIT in memory), "direct" (QEMU's -kernel and -initrd, no U-Boot),
"prompt" (U-Boot stops at its prompt).
"""

import argparse
import ctypes
import dataclasses
import hashlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1

# What is known of a board's emulation; addresses are where U-Boot puts things in RAM.
# "firmware" is Debian's U-Boot; "u-boot" one that `make` builds when it is asked for, with
# everything in memory before it starts.
BOARDS = {
    "virt": {
        "emulator": "qemu-system-aarch64",
        "machine": "virt,virtualization={virtualization},gic-version={gic},acpi=off,"
                   "dtb-randomness=off",
        "gics": (3, 2),         # the first is the default
        "memory": "1G",
        "words": ("-cpu", "cortex-a57", "-nic", "none"),
        "firmware": "/usr/lib/u-boot/qemu_arm64/u-boot.bin",
        "flash_size": 64 << 20,
        "environment_size": 0x40000,
        "fit_address": 0x50000000,
        "environment": {
            "bootdelay": "0",
            "fdt_addr": "0x40000000",
            "kernel_addr_r": "0x40400000",
            "ramdisk_addr_r": "0x44000000",
            "fit_addr": "0x50000000",
        },
    },
    "zcu102": {
        "emulator": "qemu-system-aarch64",
        "machine": "xlnx-zcu102,virtualization={virtualization}",
        "gics": (2,),
        "memory": "2G",
        # Its four Ethernet ports complain when nothing is at their other ends.
        "words": ("-audiodev", "none,id=none") + ("-nic", "user,restrict=on") * 4,
        "tree": "board.dtb",    # in the build's folder: the emulator makes none
        # Where the emulator puts what U-Boot starts with; its bootcmd says the same.
        "u-boot": {"tree": "u-boot.dtb", "address": 0x8000000, "tree_address": 0x100000,
                   "kernel_address": 0x10000000, "bundle_address": 0x14000000},
    },
}
LOAD = "qfw load ${kernel_addr_r} ${ramdisk_addr_r}; "
BOOT_COMMANDS = {
    "uboot": LOAD + "booti ${kernel_addr_r} ${ramdisk_addr_r}:${filesize} ${fdt_addr}",
    "uboot-alone": LOAD + "booti ${kernel_addr_r} - ${fdt_addr}",
    "fit": "bootm ${fit_addr}#bulkhead ${fit_addr}#bulkhead ${fdt_addr}",
    "fit-alone": "bootm ${fit_addr}#bulkhead - ${fdt_addr}",
}
BOOTS = ("uboot", "fit", "direct", "prompt")


def die_with_parent(parent, sig=signal.SIGKILL):
    """Have the kernel send this process a signal when the thread that made it ends."""
    if LIBC.prctl(PR_SET_PDEATHSIG, int(sig), 0, 0, 0) != 0 or os.getppid() != parent:
        os._exit(1)


def bounded(limit):
    """The part of a new process's life before it becomes the emulator.

    It dies with its parent. A child of its own, which dies with it, kills it when the
    limit (seconds, None: none) has passed, whatever has become of the parent by then.
    """
    parent = os.getpid()

    def prepare():
        die_with_parent(parent)
        if limit is None:
            return
        emulator = os.getpid()
        if os.fork() == 0:
            die_with_parent(emulator)
            os.closerange(0, os.sysconf("SC_OPEN_MAX"))
            for sig in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
                signal.signal(sig, signal.SIG_IGN)
            time.sleep(limit)
            os.kill(emulator, signal.SIGKILL)
            os._exit(0)

    return prepare


@dataclasses.dataclass
class Machine:
    """One board with what it boots. Paths that are None are those of the build."""

    board: str = os.environ.get("BOARD", "virt")
    boot: str = None               # None: "uboot" where the board has one, else "direct"
    gic: int = None                # None: the board's
    smp: int = 4
    memory: str = None             # None: the board's
    virtualization: bool = True    # False: everything starts at EL1
    icount: bool = False           # an instruction takes a fixed time: the same run every time
    accelerator: str = "tcg"       # "tcg,thread=single": the CPUs by turns, in one thread
    icount_shift: int = 0          # namely 2 ** this many ns
    kernel: str = None             # the hypervisor's Image
    bundle: str = None             # "" for none
    fit: str = None                # of kernel and bundle
    environment: dict = None       # added to U-Boot's variables, bootcmd for example
    qtest: str = None              # socket to make: lines and memory from outside
    qmp: str = None                # socket to make: QEMU's machine protocol
    extra: tuple = ()              # further words of the command line
    out: str = None                # folder of the build

    def __post_init__(self):
        if self.board not in BOARDS:
            raise ValueError(f"the emulator does not know the board {self.board!r}")
        board = BOARDS[self.board]
        boots = (BOOTS if "firmware" in board else
                 ("direct", "uboot") if "u-boot" in board else ("direct",))
        self.boot = self.boot or boots[0]
        self.gic = self.gic or board["gics"][0]
        self.memory = self.memory or board["memory"]
        if self.boot not in boots:
            raise ValueError(f"boot is {self.boot!r}; on the board {self.board} it must be one "
                             f"of {', '.join(boots)}")
        if self.gic not in board["gics"]:
            raise ValueError(f"the board {self.board} has no GICv{self.gic}")
        build = pathlib.Path(os.environ.get("BUILD", "build"))
        self.out = pathlib.Path(self.out or ROOT / build / self.board)
        if self.kernel is None:
            self.kernel = self.out / "hypervisor" / "bulkhead.bin"
        if self.bundle is None:
            self.bundle = self.out / "bundle.uimg"
        if self.fit is None:
            self.fit = self.out / "bulkhead.fit"

    def _flash(self, name, content):
        """A flash image of this content, padded; written once per content."""
        size = BOARDS[self.board]["flash_size"]
        folder = self.out / "boot"
        path = folder / f"{name}-{hashlib.sha256(content).hexdigest()[:12]}.img"
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=folder, delete=False) as image:
                image.write(content)
                image.truncate(size)    # a hole: it takes no space
            os.replace(image.name, path)
        return path

    def _environment(self):
        """U-Boot's whole environment as the image that mkenvimage makes of it."""
        board = BOARDS[self.board]
        variables = dict(board["environment"])
        if self.boot == "prompt":
            variables["bootdelay"] = "-1"
        else:
            variables["bootcmd"] = BOOT_COMMANDS[
                self.boot if self.bundle else self.boot + "-alone"]
        variables.update(self.environment or {})
        text = "".join(f"{name}={value}\n" for name, value in variables.items())
        return subprocess.run(
            ["mkenvimage", "-s", hex(board["environment_size"]), "-o", "-", "-"],
            input=text.encode(), stdout=subprocess.PIPE, check=True).stdout

    def _machine(self):
        return BOARDS[self.board]["machine"].format(
            gic=self.gic, virtualization="on" if self.virtualization else "off")

    def dump_dtb(self, path):
        """Write the board's device tree: the emulator's, or the one that is passed to it."""
        board = BOARDS[self.board]
        if "tree" in board:
            shutil.copyfile(self.out / board["tree"], path)
            return
        subprocess.run([board["emulator"], "-M", f"{self._machine()},dumpdtb={path}",
                        "-smp", str(self.smp), "-m", self.memory, "-display", "none",
                        *board["words"]], check=True,
                       stderr=subprocess.DEVNULL, preexec_fn=bounded(30))

    def command(self):
        """The emulator's command line; makes U-Boot's flash images on the way."""
        board = BOARDS[self.board]
        words = [board["emulator"], "-M", self._machine(), "-smp", str(self.smp), "-m",
                 self.memory, "-nographic", *board["words"]]
        if self.boot == "uboot" and "u-boot" in board:
            words += self._loaded(board["u-boot"])
        else:
            if "tree" in board:
                words += ["-dtb", str(self.out / board["tree"])]
            words += self._booted(board)
        if self.icount:
            words += ["-icount", f"shift={self.icount_shift},sleep=off", "-rtc", "clock=vm"]
        if self.qtest:
            words += ["-accel", self.accelerator, "-qtest",
                      f"unix:{self.qtest},server=on,wait=off", "-qtest-log", "none"]
        if self.qmp:
            words += ["-qmp", f"unix:{self.qmp},server=on,wait=off"]
        return words + list(self.extra)

    def _loaded(self, places):
        """The words by which U-Boot finds everything in memory, itself too."""
        u_boot = self.out.parent / "third_party" / f"u-boot-{self.board}.bin"
        words = []
        for path, name, more in ((u_boot, "address", ",cpu-num=0"),
                                 (self.out / places["tree"], "tree_address", ""),
                                 (self.kernel, "kernel_address", ""),
                                 (self.bundle, "bundle_address", "")):
            if path:
                words += ["-device", f"loader,file={path},addr={places[name]:#x},force-raw=on"
                                     f"{more}"]
        return words

    def _booted(self, board):
        """The words by which the emulator, or U-Boot in its flash, starts the image."""
        words = []
        if self.boot != "direct":
            flash = (self._flash("u-boot", pathlib.Path(board["firmware"]).read_bytes()),
                     self._flash("environment", self._environment()))
            for unit, path in enumerate(flash):
                words += ["-drive", f"if=pflash,unit={unit},format=raw,readonly=on,file={path}"]
        if self.boot == "fit":
            words += ["-device", f"loader,file={self.fit},addr={board['fit_address']:#x},"
                                 "force-raw=on"]
        else:
            words += ["-kernel", str(self.kernel)]
            if self.bundle:
                words += ["-initrd", str(self.bundle)]
        return words

    def spawn(self, limit, timeout=30, **options):
        """Start it on a terminal of its own.

        limit is the emulator's life, timeout that of one expect(), both in seconds;
        options are those of pexpect.spawn. Returns the pexpect.spawn.
        """
        import pexpect    # here, because `make run` does not need it
        command = self.command()
        options = {"encoding": "utf-8", "codec_errors": "replace", "echo": False,
                   "timeout": timeout, "dimensions": (50, 250), **options}
        return pexpect.spawn(command[0], command[1:], preexec_fn=bounded(limit), **options)

    def run(self, limit, stdin=""):
        """Run until it powers off. Returns (what it printed, exit status).

        The status is negative, -signal.SIGKILL, when the limit (seconds) was reached.
        """
        with subprocess.Popen(self.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, start_new_session=True,
                              preexec_fn=bounded(limit)) as emulator:
            try:
                output = emulator.communicate(stdin.encode())[0]
            except BaseException:
                emulator.kill()
                raise
        return output.decode(errors="replace"), emulator.returncode

    def interact(self, limit=None):
        """Give it this terminal until it powers off or Ctrl-A x; returns its status."""
        saved = termios.tcgetattr(0) if os.isatty(0) else None
        emulator = subprocess.Popen(self.command(), preexec_fn=bounded(limit))

        def stop(*_):
            emulator.kill()

        for sig in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(sig, stop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)    # the guest's, or the emulator's
        try:
            return emulator.wait()
        finally:
            if saved:
                signal.signal(signal.SIGTTOU, signal.SIG_IGN)
                termios.tcsetattr(0, termios.TCSADRAIN, saved)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--board", default=Machine.board)
    parser.add_argument("--boot", choices=BOOTS, default=Machine.boot)
    parser.add_argument("--gic", type=int, choices=(2, 3), help="of those that the board has")
    parser.add_argument("--smp", type=int, default=Machine.smp, help="CPUs")
    parser.add_argument("--memory", default=Machine.memory)
    parser.add_argument("--el1", action="store_true", help="enter at EL1, to see the refusal")
    parser.add_argument("--icount", action="store_true", help="deterministic time")
    for option, text in (("--kernel", "the hypervisor's Image"), ("--fit", "the FIT"),
                         ("--bundle", 'the bundle; "" for none'), ("--out", "the build's folder"),
                         ("--qtest", "make a qtest socket"), ("--qmp", "make a QMP socket")):
        parser.add_argument(option, help=text)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE",
                        help="set a variable of U-Boot")
    parser.add_argument("--limit", type=float, help="seconds until it is killed")
    parser.add_argument("--dump-dtb", metavar="FILE", help="only write the board's tree")
    parser.add_argument("--print", action="store_true", help="only print the command line")
    parser.add_argument("extra", nargs="*", help="further words for the emulator, after --")
    args = parser.parse_args()

    try:
        machine = Machine(board=args.board, boot=args.boot, gic=args.gic, smp=args.smp,
                          memory=args.memory, virtualization=not args.el1, icount=args.icount,
                          kernel=args.kernel, bundle=args.bundle, fit=args.fit, out=args.out,
                          qtest=args.qtest, qmp=args.qmp, extra=tuple(args.extra),
                          environment=dict(item.split("=", 1) for item in args.set))
    except ValueError as error:
        parser.error(str(error))
    if args.dump_dtb:
        machine.dump_dtb(args.dump_dtb)
        return 0
    if args.print:
        print(" ".join(machine.command()))
        return 0
    # If make is killed, so is this, and with it the emulator; the terminal is put right.
    LIBC.prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    if sys.stdin.isatty():
        print("The board runs on this terminal; Ctrl-A x leaves.", flush=True)
    status = machine.interact(args.limit)
    if status == -signal.SIGKILL and args.limit:
        print(f"machine: killed at its limit of {args.limit:g} s", file=sys.stderr)
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main())
