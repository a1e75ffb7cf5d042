# SPDX-License-Identifier: Apache-2.0
"""Talk to the board's shell over the serial console, line by line.

For the demo and the tests:

    with Shell(machine.spawn(limit=60)) as shell:
        shell.wait_prompt()
        print(shell.run("cell list"))
        alarm = shell.wait_line(r"alarm +1 at RTC time (\\d+)")

A cell's line may come at any time. The console takes the unfinished line off the
screen by overwriting it, prints the cell's, and shows the unfinished one again; here
only what is left to read counts.
"""

import re
import signal
import time

import pexpect

PROMPT = "bulkhead> "
OTHERS = re.compile(r"\[[^\]]+\] ")     # begins the hypervisor's and the cells' lines
WARNING = re.compile(r"qemu-system-\S+: warning: ")


class ShellError(Exception):
    """What did not happen, in one sentence."""


class Shell:
    """The console of a running board.

    console is a pexpect.spawn, timeout how long each wait takes at most (seconds), show
    a function that is called with each whole line. lines holds these lines.
    """

    def __init__(self, console, timeout=60, show=None):
        self.console = console
        self.timeout = timeout
        self.lines = []
        self._show = show
        self._position = 0      # behind the last line that wait_line() found
        self._rest = ""         # what came after the last newline
        console.delaybeforesend = None
        console.ptyproc.delayafterclose = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Kill the emulator, at once."""
        if not self.console.closed:
            if self.console.isalive():
                self.console.kill(signal.SIGKILL)
                self.console.wait()
            self.console.close(force=True)

    def text(self, count=60):
        """The last lines, for a person."""
        return "\n".join(self.lines[-count:] + [_visible(self._rest)])

    def _read(self, deadline, what):
        """Take in what the board says next; what: the wait's aim, for a sentence."""
        try:
            left = max(deadline - time.monotonic(), 0.01)
            data = self.console.read_nonblocking(65536, left)
        except pexpect.TIMEOUT:
            if time.monotonic() < deadline:
                return
            raise ShellError(f"{what} did not come in time") from None
        except pexpect.EOF:
            raise ShellError(f"the emulator ended before {what} came") from None
        *lines, self._rest = (self._rest + data).split("\n")
        for number, line in enumerate(lines):
            line = _visible(line)
            warning = WARNING.search(line)
            if warning:     # the emulator's own, amidst the board's
                rest = line[:warning.start()]
                if number + 1 < len(lines):
                    lines[number + 1] = rest + lines[number + 1]
                else:
                    self._rest = rest + self._rest
                continue
            self.lines.append(line)
            if self._show:
                self._show(line)

    def wait_line(self, pattern, timeout=None, unless=None, what=None):
        """Wait for a line that holds pattern, among those since the last one found.

        unless is the pattern of a line that makes the wait vain. Returns the re.Match;
        ShellError says what did not come.
        """
        deadline = time.monotonic() + (timeout or self.timeout)
        what = what or f'a line with "{pattern}"'
        while True:
            while self._position < len(self.lines):
                line = self.lines[self._position]
                self._position += 1
                match = re.search(pattern, line)
                if match:
                    return match
                if unless and re.search(unless, line):
                    raise ShellError(f'{what} did not come, but "{line}"')
            self._read(deadline, what)

    def rewind(self):
        """Have wait_line() begin with the first line again."""
        self._position = 0

    def wait_prompt(self, timeout=None):
        """Wait until the shell waits for a command."""
        deadline = time.monotonic() + (timeout or self.timeout)
        while _visible(self._rest) != PROMPT:
            self._read(deadline, "the shell's prompt")

    def wait_end(self, timeout=None):
        """Wait until the emulator ends. Returns its status, negative for a signal."""
        deadline = time.monotonic() + (timeout or self.timeout)
        try:
            while True:
                self._read(deadline, "the end of the emulator")
        except ShellError:
            if not self.console.flag_eof:
                raise
        while self.console.isalive():
            if time.monotonic() > deadline:
                raise ShellError("the end of the emulator did not come in time")
            time.sleep(0.01)
        if self.console.signalstatus is not None:
            return -self.console.signalstatus
        return self.console.exitstatus

    def run(self, command, timeout=None):
        """Run a command of the shell. Returns its lines, without those of the cells."""
        deadline = time.monotonic() + (timeout or self.timeout)
        first = len(self.lines)
        self.console.send(command + "\r")
        while PROMPT + command not in self.lines[first:]:
            self._read(deadline, f'the echo of "{command}"')
        first += self.lines[first:].index(PROMPT + command) + 1
        while _visible(self._rest) != PROMPT:
            self._read(deadline, f'the end of "{command}"')
        return [line for line in self.lines[first:] if not OTHERS.match(line)]


def _visible(line):
    """What is left of a line after its carriage returns."""
    return line.rstrip("\r").rpartition("\r")[2]
