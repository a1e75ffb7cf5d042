# SPDX-License-Identifier: Apache-2.0
"""The table of docs/performance.md: our figures beside those of the peers."""

import re

import machine

DOCUMENT = machine.ROOT / "docs" / "performance.md"
BEGIN = "<!-- bench table: written by make bench-baseline -->"
END = "<!-- end of bench table -->"

# Measured on the same guest: Bao 738e3dc on GICv3 / GICv2, Xen dom0less 4.17 and 4.20.
PEERS = {
    "spi_linked": ("204 / 209", "1056 / 1041"),
    "spi_linked_exits": ("1", "1"),
    "spi_linked_wfi": ("", "3845, two exits"),
    "access_mapped": ("", "0"),
    "vtimer_ppi": ("199, the first 242", "1083 / 1061"),
    "sgi_self": ("775 to 824, two exits", ""),
    "gicd_typer_read": ("225", "609"),
    "gicd_isenabler_write_one_bit": ("", "750"),
    "gicd_isenabler_write_zero": ("3563", ""),
    "gicd_ipriorityr_write": ("376 to 422", ""),
    "hypercall_null": ("146", "373"),
    "psci_version": ("188", "474"),
    "boot_to_first_guest_instruction": ("361863 with all (16 MiB)",
                                        "21.5 million with all (2 GiB)"),
    "image_text_rodata": ("72158", "983048 (image)"),
    "ram_total": ("442368", ""),
}


def bold_if_over(value, budget):
    return f"**{value}**" if budget is not None and value > budget else str(value)


def row(name, cells):
    return f"| {' | '.join([name, *cells, *PEERS.get(name, ('', ''))])} |"


def table(result):
    """The lines of the table."""
    lines = ["| row | GICv3 | budget | GICv2 | budget | Bao | Xen |",
             "| --- | ---: | ---: | ---: | ---: | --- | --- |"]
    for name, three in result["gicv3"].items():
        cells = []
        for entry in (three, result["gicv2"][name]):
            cells += [bold_if_over(entry["extra"], entry["budget"]),
                      "-" if entry["budget"] is None else str(entry["budget"])]
        lines.append(row(name, cells))
    for name, entry in result["sizes"].items():
        cell = [bold_if_over(entry["value"], entry["budget"]), str(entry["budget"])]
        lines.append(row(name, cell + cell))
    return lines


def write(result):
    """Put the table between its marks."""
    text = DOCUMENT.read_text()
    new = "\n".join([BEGIN, "", *table(result), "", END])
    DOCUMENT.write_text(re.sub(f"{BEGIN}.*?{END}", lambda _: new, text, flags=re.DOTALL))
