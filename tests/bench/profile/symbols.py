# SPDX-License-Identifier: GPL-2.0-only
"""Finds the function that an address belongs to."""
import bisect
import pathlib
import subprocess


class Image:
    """The functions of one program, from "nm" or from a System.map."""

    def __init__(self, name, lines):
        self.name = name
        found = [(int(words[0], 16), words[2]) for words in map(str.split, lines)
                 if len(words) == 3 and words[1] in 'tTwW']
        found.sort()
        self.addresses = [address for address, _ in found]
        self.names = [function for _, function in found]

    def find(self, address):
        """The function at or before the address, if that is not too far away."""
        index = bisect.bisect_right(self.addresses, address) - 1
        if index < 0 or address - self.addresses[index] > 0x10000:
            return None
        return self.names[index]


def of_elf(name, path):
    made = subprocess.run(['nm', path], stdout=subprocess.PIPE, text=True, check=True)
    return Image(name, made.stdout.splitlines())


def of_map(name, path):
    return Image(name, pathlib.Path(path).read_text().splitlines())


def attribute(counts, images):
    """Adds up (address, instructions) by (image, function)."""
    result = {}
    for address, instructions in counts:
        for image in images:
            function = image.find(address)
            if function:
                key = (image.name, function)
                break
        else:
            key = ('elsewhere', f'{address & ~0xfff:#x}')
        result[key] = result.get(key, 0) + instructions
    return result
