# SPDX-License-Identifier: Apache-2.0
"""Read a device's state out of QEMU's migration stream.

The stream describes itself: behind the devices' states stands a JSON text that names
every field with its type and size, in the order in which they stand in the stream.
RAM is not decoded; a section is found by its header and proved by its footer.

    state = Stream(bytes).device("arm_gic")
    state["irq_state"][34]["pending"]

On GICv2 with several CPUs this is the only way in: QEMU 7.2 crashes when anything but a
CPU reads its distributor.
"""

import json
import struct

SECTION_FULL = 0x04
SUBSECTION = 0x05
VMDESCRIPTION = 0x06
FOOTER = 0x7e
WHOLE_NUMBERS = (1, 2, 4, 8)


class StreamError(Exception):
    """What does not fit the format, in one sentence."""


class Stream:
    """One migration stream, whole."""

    def __init__(self, data):
        self.data = data
        if data[:4] != b"QEVM":
            raise StreamError("it does not begin with QEVM")
        self.devices = self._description()["devices"]

    def _description(self):
        """The JSON text at the end: a type byte, its length, itself."""
        at = self.data.rfind(b'{"')
        while at >= 0:
            start = self.data.rfind(bytes([VMDESCRIPTION]), max(0, at - 5), at)
            if start == at - 5:
                length = struct.unpack(">I", self.data[at - 4:at])[0]
                if at + length <= len(self.data):
                    try:
                        return json.loads(self.data[at:at + length])
                    except ValueError:
                        pass
            at = self.data.rfind(b'{"', 0, at)
        raise StreamError("it has no description")

    def _number(self, at, size):
        return int.from_bytes(self.data[at:at + size], "big")

    def _field(self, field, at):
        """One value and where the next one stands."""
        if "struct" in field:
            return self._structure(field["struct"], at)
        size = field["size"]
        raw = self.data[at:at + size]
        if size in WHOLE_NUMBERS and field["type"] != "buffer":
            return int.from_bytes(raw, "big"), at + size
        return raw, at + size

    def _structure(self, description, at):
        result = {}
        for field in description["fields"]:
            name = field["name"]
            if "array_len" in field:
                values = []
                for _ in range(field["array_len"]):
                    value, at = self._field(field, at)
                    values.append(value)
                result[name] = values
            else:
                value, at = self._field(field, at)
                if "index" in field:
                    result.setdefault(name, []).append(value)
                else:
                    result[name] = value
        for subsection in description.get("subsections", []):
            name = subsection["vmsd_name"].encode()
            head = bytes([SUBSECTION, len(name)]) + name
            if self.data[at:at + len(head)] != head:
                raise StreamError(f"subsection {name.decode()} is not where it should be")
            value, at = self._structure(subsection, at + len(head) + 4)
            result[subsection["vmsd_name"]] = value
        return result, at

    def device(self, name, instance=None):
        """The fields of a device's section by name; arrays are lists.

        instance chooses among sections of one name, as the n-th CPU; None takes the first.
        """
        found = None
        for device in self.devices:
            if device["name"] == name and instance in (None, device["instance_id"]):
                found = device
                break
        if found is None:
            raise StreamError(f"there is no section {name}")
        head = (bytes([len(name)]) + name.encode()
                + struct.pack(">II", found["instance_id"], found["version"]))
        at = self.data.find(head)
        while at >= 0:
            number = self.data[at - 4:at]
            if self.data[at - 5] == SECTION_FULL:
                try:
                    value, end = self._structure(found, at + len(head))
                except StreamError:
                    end = None
                if end is not None and self.data[end:end + 5] == bytes([FOOTER]) + number:
                    return value
            at = self.data.find(head, at + 1)
        raise StreamError(f"section {name} does not end where its description says")
