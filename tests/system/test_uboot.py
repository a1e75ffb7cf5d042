# SPDX-License-Identifier: Apache-2.0
"""The second board from the U-Boot that `make` builds for it."""

BOARDS = ("zcu102",)


def test_from_uboot(boot):
    board = boot(ready=False, boot="uboot")
    board.wait_line(r"^U-Boot \d{4}\.\d\d", what="U-Boot's banner")
    board.wait_line(r"^EL Level:\s+EL2", what="its level")
    board.wait_line(r"Bulkhead bundle", what="the ramdisk")
    board.wait_line(r"^Starting kernel", what="the jump")
    board.wait_line(r"^\[bulkhead\] .* at EL2, 4 CPUs", unless=r"^\[bulkhead\]",
                    what="the hypervisor's first line")
    board.wait_prompt()
    board.start("hello")
    board.wait_line(r"^\[hello\] hello: done")
