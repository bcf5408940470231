# SPDX-License-Identifier: GPL-2.0-only
"""Tells on standard error how far a long run is, with the time since its start."""
import sys
import threading
import time


class Progress:
    """Lines as things happen; on a terminal also a last line whose time runs."""

    def __init__(self):
        self.start = time.monotonic()
        self.text = ''
        self.live = sys.stderr.isatty()
        self.lock = threading.Lock()
        if self.live:
            threading.Thread(target=self.tick, daemon=True).start()

    def stamp(self):
        seconds = int(time.monotonic() - self.start)
        return f'bench: [{seconds // 60}:{seconds % 60:02}]'

    def tick(self):
        while True:
            time.sleep(1)
            with self.lock:
                if self.text:
                    print(f'\r\x1b[K{self.stamp()} {self.text} ...', end='', file=sys.stderr, flush=True)

    def say(self, text):
        """What is being done from now on."""
        with self.lock:
            self.text = text
            end = '' if self.live else '\n'
            clear = '\r\x1b[K' if self.live else ''
            print(f'{clear}{self.stamp()} {text}', end=end, file=sys.stderr, flush=True)

    def note(self, text):
        """Something that stays in sight."""
        with self.lock:
            self.text = ''
            clear = '\r\x1b[K' if self.live else ''
            print(f'{clear}{self.stamp()} {text}', file=sys.stderr, flush=True)
