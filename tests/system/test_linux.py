# SPDX-License-Identifier: Apache-2.0
"""Debian's own kernel in a cell, on devices that are really its own."""

import contextlib
import functools
import hashlib
import http.server
import os
import threading

import pytest

from testbed import OUT, Board

LINUX = OUT.parent / "linux"
PROMPT = "linux# "
TURN = "\x1d"               # Ctrl-], and n: the keys are the next cell's
PAGE = 0xa003000            # eight virtio windows, of which the cell has two
OTHERS = [PAGE + 0x200 * index for index in range(8) if index not in (6, 7)]


@contextlib.contextmanager
def peer(folder):
    """A web server of the host's, for this machine alone; gives its port."""
    data = os.urandom(4 << 20)
    (folder / "data").write_bytes(data)
    (folder / "data.sha256").write_text(f"{hashlib.sha256(data).hexdigest()}  data\n")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    handler.log_message = lambda *_: None
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


class Linux(Board):
    """A board with the bundle of the Linux guests; the keys are the shell's or a cell's."""

    def __init__(self, **options):
        disk = LINUX / "disk"
        super().__init__(life=400, bundle=OUT / "linux.uimg", extra=(
            "-drive", f"if=none,id=disk,format=raw,readonly=on,file={disk}",
            "-device", "virtio-blk-device,drive=disk,bus=virtio-mmio-bus.31",
            "-netdev", "user,id=net",
            "-device", "virtio-net-device,netdev=net,bus=virtio-mmio-bus.30"), **options)
        self.timeout = 200
        self.wait_prompt()

    def enter(self, cell="linux"):
        """The keys go to the cell from now on."""
        self.console.send(f"cell console {cell}\r")

    def leave(self):
        """And back to the shell, the only other cell that runs."""
        self.console.send(TURN + "n\r")
        self.wait_prompt()

    def wait_linux(self, cell="linux"):
        self.wait_line(rf"^\[{cell}\] init: Linux \S+, 2 CPUs", unless="Kernel panic")

    def check(self, words, cell="linux"):
        """A run of inmates/linux/check; returns its line."""
        self.console.send(f"check {words}\r")
        return self.wait_line(rf"^\[{cell}\] check: (.*): (PASS|FAIL)", unless="Kernel panic")


@pytest.mark.parametrize("gic, boot", [(3, "uboot"), (2, "direct")], ids=["gicv3", "gicv2"])
def test_linux(tmp_path, gic, boot):
    """Clock by interrupt, GPIO, 64 MiB from the disk, 4 MiB over the network."""
    with peer(tmp_path) as port, Linux(gic=gic, boot=boot) as board:
        board.start("linux")
        board.enter()
        board.wait_linux()
        for words in ("rtc", "gpio", "block", f"net {port}"):
            found = board.check(words)
            assert found[2] == "PASS", found[0]
        # The windows beside its own are not there for it.
        for address in OTHERS:
            board.console.send(f"devmem {address:#x} 32\r")
            board.wait_line(r"^\[linux\] Bus error")
        board.leave()
        devices = {device.name: device for device in board.devices("linux")}
        assert devices["rtc"].irq.path == "linked" and devices["rtc"].irq.interrupts >= 1
        assert devices["rtc"].region.mapping == "mapped" and devices["rtc"].region.accesses == 0
        for name in ("disk", "net"):
            assert devices[name].irq.path == "linked", devices[name]
            assert devices[name].irq.interrupts == devices[name].irq.eois > 10
            assert devices[name].region.mapping == "trap-only"
        stats = board.stats("linux")
        assert stats["spurious"] == 0
        board.do("restart --force linux")
        board.wait_linux()
