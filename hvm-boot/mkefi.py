#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Pack kernel.elf behind the PE and bzImage header of setup.S: kernel.efi."""

import argparse
import struct
import sys

SETUP_SIZE = 0x1000
ENTRY_SYMBOL = "efi_entry"

# Fields of setup.S that depend on the kernel.
PE_SIZE_OF_CODE = 0x5C
PE_ENTRY = 0x68
PE_SIZE_OF_IMAGE = 0x90
SECTION_VIRTUAL_SIZE = 0x100
SECTION_RAW_SIZE = 0x108
HDR_SYSSIZE = 0x1F4
HDR_MAGIC = 0x202
HDR_INIT_SIZE = 0x260

PT_LOAD = 1
SHT_SYMTAB = 2


class Elf:
    """The little of ELF64 that is needed: load segments and one symbol."""

    def __init__(self, data):
        if data[:6] != b"\x7fELF\x02\x01":
            raise ValueError("not a little-endian ELF64 file")
        self.data = data
        (self.phoff, self.shoff) = struct.unpack_from("<QQ", data, 32)
        (self.phentsize, self.phnum, self.shentsize, self.shnum) = struct.unpack_from("<4H", data, 54)

    def segments(self):
        """Yield (paddr, vaddr, file bytes, memory size) of each PT_LOAD."""
        for i in range(self.phnum):
            kind, _, off, vaddr, paddr, filesz, memsz = struct.unpack_from(
                "<IIQQQQQ", self.data, self.phoff + i * self.phentsize)
            if kind == PT_LOAD and memsz:
                yield paddr, vaddr, self.data[off:off + filesz], memsz

    def symbol(self, name):
        """Return the value of symbol NAME."""
        sections = [struct.unpack_from("<IIQQQQIIQQ", self.data, self.shoff + i * self.shentsize)
                    for i in range(self.shnum)]
        for _, kind, _, _, off, size, link, _, _, entsize in sections:
            if kind != SHT_SYMTAB:
                continue
            names = sections[link][4]
            for pos in range(off, off + size, entsize):
                st_name, _, _, _, value, _ = struct.unpack_from("<IBBHQQ", self.data, pos)
                end = self.data.index(b"\0", names + st_name)
                if self.data[names + st_name:end] == name.encode():
                    return value
        raise ValueError(f"no symbol {name}")


def flatten(elf):
    """Return (flat image, size in memory, first virtual address) of the load segments."""
    segments = sorted(elf.segments(), key=lambda s: s[0])
    if not segments:
        raise ValueError("no load segment")
    start, first_vaddr = segments[0][0], segments[0][1]
    image = bytearray()
    end = start
    for paddr, _, data, memsz in segments:
        if data:
            image.extend(bytes(paddr - start - len(image)))
            image += data
        end = max(end, paddr + memsz)
    return image, end - start, first_vaddr


def pack(setup, kernel):
    """Return the bytes of kernel.efi."""
    if len(setup) != SETUP_SIZE or setup[HDR_MAGIC:HDR_MAGIC + 4] != b"HdrS":
        raise ValueError("the setup part is not setup.S")
    elf = Elf(kernel)
    image, memory_size, first_vaddr = flatten(elf)
    image.extend(bytes(-len(image) % 512))
    memory_size = max(memory_size, len(image))
    memory_size += -memory_size % 4096
    head = bytearray(setup)
    for offset, value in (
            (PE_SIZE_OF_CODE, len(image)),
            (PE_ENTRY, SETUP_SIZE + elf.symbol(ENTRY_SYMBOL) - first_vaddr),
            (PE_SIZE_OF_IMAGE, SETUP_SIZE + memory_size),
            (SECTION_VIRTUAL_SIZE, memory_size),
            (SECTION_RAW_SIZE, len(image)),
            (HDR_SYSSIZE, len(image) // 16),
            (HDR_INIT_SIZE, memory_size)):
        struct.pack_into("<I", head, offset, value)
    return bytes(head + image)


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("setup", help="setup.S as a flat binary")
    parser.add_argument("kernel", help="kernel.elf")
    parser.add_argument("output", help="kernel.efi")
    args = parser.parse_args()
    try:
        with open(args.setup, "rb") as setup, open(args.kernel, "rb") as kernel:
            packed = pack(setup.read(), kernel.read())
        with open(args.output, "wb") as out:
            out.write(packed)
    except (OSError, ValueError, struct.error) as err:
        sys.exit(f"mkefi: {err}")


if __name__ == "__main__":
    main()
