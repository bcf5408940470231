# SPDX-License-Identifier: GPL-2.0-only
"""What earlier runs of scripts/check found good, so that one that was interrupted, or is
repeated with nothing changed, need not do it all again.

A verdict is a level's results, kept with a hash of every file of the tree and the state of
all that it took from outside of it: Debian packages, this machine's kernel and processor.
"""
import dataclasses
import hashlib
import json
import os
import pathlib
import platform
import subprocess
import time


def _output(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout


def tree_hash(top):
    """A hash of names, modes and contents of the files that git knows or would add; None without git."""
    names = sorted(name for name in _output('git', '-C', top, 'ls-files', '-coz', '--exclude-standard').split(b'\0') if name)
    if not names:
        return None
    digest = hashlib.sha256()
    for name in names:
        path = os.path.join(os.fsencode(top), name)
        if os.path.islink(path):
            mode, data = b'link', os.readlink(path)
        elif os.path.exists(path):
            mode, data = (b'x' if os.access(path, os.X_OK) else b'-'), pathlib.Path(os.fsdecode(path)).read_bytes()
        else:
            mode, data = b'gone', b''
        digest.update(b'\0'.join((name, mode, hashlib.sha256(data).digest())))
    return digest.hexdigest()


def machine():
    """What of this machine the results may depend on, apart from packages."""
    try:
        models = [line for line in pathlib.Path('/proc/cpuinfo').read_text(encoding='utf-8').splitlines()
                  if line.startswith('model name')]
    except OSError:
        models = []
    settings = {name: value for name, value in os.environ.items()
                if name.startswith('TWINIX_') and name not in ('TWINIX_CHECK_RUN', 'TWINIX_PACKAGES_LOG')}
    return [platform.release(), models, settings]


def versions(packages):
    """The installed versions of packages."""
    shown = _output('dpkg-query', '-W', '-f', '${Package} ${Version} ${db:Status-Status}\n', *packages) if packages else b''
    return sorted(shown.decode().splitlines())


def offered():
    """The sources of Linux that apt has: a new one is a new host to be tested."""
    return _output('apt-cache', 'madison', 'linux-source-6.12').decode().splitlines()


@dataclasses.dataclass
class Verdicts:
    """Verdicts kept in a folder about the tree at top."""
    folder: str
    top: str

    def __post_init__(self):
        self.tree, self.offered = tree_hash(self.top), offered()

    def _path(self, level):
        return pathlib.Path(self.folder, level.replace('/', '-') + '.json')

    def find(self, level):
        """What is known of a level: {'when', 'results': [[name, outcome], ...]}, or None."""
        try:
            kept = json.loads(self._path(level).read_text(encoding='utf-8'))
            good = (self.tree is not None and kept['tree'] == self.tree and kept['machine'] == machine()
                    and kept['versions'] == versions(kept['packages']) and kept['offered'] == self.offered)
            return kept if good else None
        except (OSError, ValueError, KeyError):
            return None

    def keep(self, level, results, packages_log):
        """Keeps the results of a level that has passed, unless the tree has changed meanwhile."""
        if self.tree is None or tree_hash(self.top) != self.tree:
            return
        try:
            packages = sorted(set(pathlib.Path(packages_log).read_text(encoding='utf-8').split()))
        except OSError:
            packages = []
        path = self._path(level)
        path.parent.mkdir(parents=True, exist_ok=True)
        # What apt offers is asked anew: the level may have updated its lists.
        path.write_text(json.dumps({
            'when': time.strftime('%Y-%m-%d %H:%M'), 'tree': self.tree, 'machine': machine(), 'packages': packages,
            'versions': versions(packages), 'offered': offered(), 'results': [list(result) for result in results]}), encoding='utf-8')

    def forget(self, level):
        """What is about to be found out anew is not known."""
        self._path(level).unlink(missing_ok=True)
