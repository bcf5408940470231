# SPDX-License-Identifier: GPL-2.0-only
"""scripts/soak: what it plans, what it makes of what a run prints, and how it ends."""
import importlib.machinery
import importlib.util
import itertools
import pathlib
import signal
import subprocess
import sys
import time

import pytest

PATH = pathlib.Path(__file__).resolve().parents[2] / 'scripts/soak'


@pytest.fixture(name='soak')
def load_soak(tmp_path):
    loader = importlib.machinery.SourceFileLoader('soak', str(PATH))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader('soak', loader))
    sys.modules['soak'] = module    # dataclasses look there
    loader.exec_module(module)
    module.SOAK, module.EXTRA, module.SLICE = tmp_path / 'soak', 2, (1, 600)
    return module


def shell_part(soak, script, name='one'):
    return soak.Part(name, 'a script', lambda seed, seconds, cpus: ['bash', '-c', script, 'run', str(seed), str(seconds), str(cpus)])


def play(soak, *scripts, total=1):
    parts = [shell_part(soak, script, f'part{number}') for number, script in enumerate(scripts)]
    machine = soak.Soak(parts, 7, total, {})
    machine.play()
    return machine


def test_every_part_has_its_turn_with_other_seeds_and_cpus(soak):
    parts = [shell_part(soak, '', name) for name in 'abc']
    runs = list(itertools.islice(soak.plan(parts, 10, 90), 7))
    assert [run.part.name for run in runs] == list('abcabca')
    assert [run.seed for run in runs] == [10, 11, 12, 13, 14, 15, 16]
    assert [run.cpus for run in runs] == [3, 3, 3, 4, 4, 4, 2]
    assert {run.seconds for run in runs} == {30}
    assert {run.cpus for run in itertools.islice(soak.plan(parts, 10, 90, 2), 7)} == {2}


def test_a_slice_is_neither_too_short_nor_too_long(soak):
    soak.SLICE = (20, 600)
    assert soak.slice_seconds(60, 12) == 20
    assert soak.slice_seconds(3600, 12) == 300
    assert soak.slice_seconds(86400, 12) == 600


def test_results_are_counted_wherever_they_stand(soak):
    lines = ['KTAP version 1\n', 'ok 1 a\n', '    not ok 2 b\n', 'ok 3 c # SKIP no reason\n', '# ok 4 d\n', 'ok, so\n']
    assert soak.count(lines) == (1, 1)


def test_a_good_run(soak, capsys):
    machine = play(soak, 'echo ok 1 a; echo ok 2 b')
    assert machine.verdict() == 0
    assert 'ok, 2 results' in capsys.readouterr().out
    assert machine.runs[0].log.read_text().startswith('# bash -c')


def test_a_run_is_told_seed_time_and_cpus(soak):
    machine = play(soak, 'echo ok 1 seed $1 seconds $2 cpus $3')
    assert 'ok 1 seed 7 seconds 1 cpus 3' in machine.runs[0].log.read_text()


@pytest.mark.parametrize('script, reason', [
    ('echo not ok 1 a; exit 1', '1 findings'),
    ('echo not ok 1 a; exit 0', '1 findings'),
    ('echo ok 1 a; exit 3', 'status 3'),
    ('echo nothing', 'no result'),
    ('echo ok 1 a; sleep 60', 'no end'),
])
def test_what_is_a_failure(soak, capsys, script, reason):
    machine = play(soak, script)
    assert machine.verdict() == 1
    said = capsys.readouterr().out
    assert f'FAILED: {reason}' in said and 'again:' in said and '0 runs passed, 1 failed' in said


def test_the_others_go_on_behind_a_failure(soak):
    machine = play(soak, 'exit 1', 'echo ok 1 a', total=2)
    assert [run.good() for run in machine.runs][:2] == [False, True]
    assert machine.verdict() == 1


def test_what_hangs_is_ended_with_all_that_it_started(soak):
    machine = play(soak, 'sleep 1000 & echo pid $!; wait')
    pid = int(machine.runs[0].log.read_text().split('pid ')[-1])
    for _ in range(50):
        stat = pathlib.Path(f'/proc/{pid}/stat')
        if not stat.exists() or stat.read_text().rpartition(')')[2].split()[0] == 'Z':
            return
        time.sleep(0.1)
    pytest.fail(f'{pid} is alive')


def test_a_part_that_was_not_come_to_is_no_success(soak, capsys):
    soak.SLICE = (2, 600)
    machine = play(soak, 'echo ok 1 a; sleep 2', 'echo ok 1 a', total=2)
    assert machine.verdict() == 1
    assert 'Not come to: part1' in capsys.readouterr().out


def test_images_and_host_are_named_to_scripts_run(soak):
    part = soak.PARTS['oracle-pv-debug']
    extra = soak.environment(part, {'plain': '/k'})
    assert extra == {'TWINIX_BUILD': str(soak.SOAK / 'debug'), 'TWINIX_BUILT': '1', 'TWINIX_HOST_KERNEL': '/k'}
    assert 'TWINIX_HOST_KERNEL' not in soak.environment(soak.PARTS['oracle-hvm'], {})


def test_a_host_kernel_may_be_given(soak, monkeypatch):
    monkeypatch.setenv('TWINIX_HOST_KERNEL', '/some/kernel')
    assert soak.build_host('plain') == '/some/kernel'


def test_every_part_says_how_to_repeat_it(soak):
    for part in soak.PARTS.values():
        run = soak.Run(part, 4711, 30, 2)
        assert '4711' in soak.repeat(run, {}) or part.name.startswith('oom-')   # which has nothing random
        assert part.what and run.part.slack(30) > 0


@pytest.mark.parametrize('arguments', [['--hours', '1', '--minutes', '2'], ['--minutes', '0'], ['--only', 'nonsense'], ['more']])
def test_wrong_usage(soak, arguments):
    with pytest.raises(SystemExit) as end:
        soak.parse(arguments)
    assert end.value.code == 2


def test_options(soak):
    options = soak.parse(['--minutes', '3', '--only', 'oracle-hvm', '--seed', '5'])
    assert options.total == 180 and options.seed == 5 and [part.name for part in options.parts] == ['oracle-hvm']
    assert soak.parse([]).total == 3600 and len(soak.parse([]).parts) == len(soak.PARTS)


def test_list_and_help():
    listed = subprocess.run([PATH, '--list'], capture_output=True, text=True, check=True).stdout
    assert 'oracle-pv ' in listed and 'calls-hvm-debug' in listed
    assert subprocess.run([PATH, '--help'], capture_output=True, text=True, check=True).stdout.startswith('usage: ')


def start_soak(tmp_path, build):
    """The program in a process of its own, with one part that waits; @build: body of what builds."""
    script = tmp_path / 'driver.py'
    script.write_text(f'''
import importlib.machinery, importlib.util, pathlib, sys, time
loader = importlib.machinery.SourceFileLoader('soak', {str(PATH)!r})
soak = importlib.util.module_from_spec(importlib.util.spec_from_loader('soak', loader))
sys.modules['soak'] = soak
loader.exec_module(soak)
soak.SOAK = pathlib.Path({str(tmp_path / 'soak')!r})
soak.build = lambda parts: {build}
soak.PARTS = {{'one': soak.Part('one', 'waits', lambda *_: ['sleep', '1000'])}}
sys.exit(soak.main(['--minutes', '5']))
''')
    return subprocess.Popen(['/usr/bin/python3', str(script)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def interrupt(process, after):
    while after not in process.stdout.readline():
        pass
    time.sleep(1)
    process.send_signal(signal.SIGTERM)
    return process.communicate(timeout=30)[0]


def test_interrupted_it_ends_the_run_and_gives_a_verdict(tmp_path):
    process = start_soak(tmp_path, '{}')
    rest = interrupt(process, 'logs in')
    assert process.returncode == 1
    assert '(interrupted)' in rest and 'Not come to: one' in rest


def test_interrupted_while_it_builds(tmp_path):
    process = start_soak(tmp_path, 'time.sleep(1000)')
    rest = interrupt(process, 'building')
    assert process.returncode == 1
    assert 'interrupted while building' in rest and 'Traceback' not in rest
