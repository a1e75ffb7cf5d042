# SPDX-License-Identifier: Apache-2.0
"""What the tests know of the board that they run on, by the environment's BOARD.

A test that is written by these facts alone may run on every board: it says so by its
module's BOARDS = ALL, or by the mark boards(*ALL). The others run on virt.
"""

import os

BOARD = os.environ.get("BOARD", "virt")
ALL = ("virt", "zcu102")

FACTS = {
    "virt": {
        "gics": (3, 2),
        "ram": (0x40000000, 0x40000000),
        "gicd": 0x08000000,
        "gich": 0x08080000,             # what of a GIC no cell may see: GICv3's ITS here
        "uart": 0x09000000,
        "uart_controls": (0x24, 0x28, 0x2c, 0x30, 0x34, 0x48),   # DDI 0183G 3.2
        # What a victim has, see inmates/tests/victim.c: its node, registers, INTIDs.
        "device": ("pl031@9010000", 0x09010000, (34,)),
        "not_ram": {"flash": 0x0, "PCI": 0x3f000000},
        # Registers of the CPU's own that the emulator does not trap: (op1, CRn).
        "untrapped": {(1, 11), (1, 15)},
        "demos": {"linked": "rtc-demo", "trapped": "rtc-trapped-demo"},
        "demo_end": "rtc-demo: 10 alarms, 10 interrupts, 0 spurious, 0 wrong: PASS",
        "demo_interrupts": 10,
        "guests": "rtc",                # rtc-burst, rtc-stuck
        "time": {"icount": True},       # for tests that sleep much
    },
    "zcu102": {
        "gics": (2,),
        "ram": (0x0, 0x80000000),
        "gicd": 0xf9010000,
        "gich": 0xf9040000,
        "uart": 0xff000000,
        "uart_controls": (0x0, 0x4, 0x18, 0x20, 0x34, 0x44),     # UG1085, UART registers
        "device": ("timer@ff110000", 0xff110000, (68, 69, 70)),
        "not_ram": {"SPI flash": 0xc0000000, "a timer": 0xff120000},
        "untrapped": {(1, 11), (1, 15)},
        "demos": {"linked": "ttc-linked", "trapped": "ttc-demo"},
        "demo_end": "ttc-demo: 6 rounds, served 6 6 6, 0 spurious, 0 wrong: PASS",
        "demo_interrupts": 6,
        "guests": "ttc",
        "time": {"icount": True, "icount_shift": 6},
    },
}[BOARD]

GICS = FACTS["gics"]
RAM_BASE, RAM_SIZE = FACTS["ram"]
GICD = FACTS["gicd"]
DEVICE, DEVICE_REGISTERS, DEVICE_INTIDS = FACTS["device"]
