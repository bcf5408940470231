# SPDX-License-Identifier: GPL-2.0-only
"""scripts/check: a level whose runner goes wrong is a failure with its log."""
import importlib.machinery
import importlib.util
import os
import pathlib
import shutil
import signal
import subprocess
import time
import types

import pytest

PATH = pathlib.Path(__file__).resolve().parents[2] / 'scripts/check'


@pytest.fixture(name='check')
def load_check(tmp_path):
    loader = importlib.machinery.SourceFileLoader('check', str(PATH))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader('check', loader))
    loader.exec_module(module)
    module.TESTS, module.LOGS, module.GRACE = str(tmp_path / 'tests'), str(tmp_path / 'logs'), 2
    return module


def run(check, script, patience=1.0, within=1.0, known=None):
    """The failures of a level whose runner is the given script of the shell."""
    folder = pathlib.Path(check.TESTS, 'level')
    folder.mkdir(parents=True, exist_ok=True)
    runner = folder / 'run'
    runner.write_text('#!/bin/bash\necho "KTAP version 1"\n' + script)
    runner.chmod(0o755)
    report = check.Report(types.SimpleNamespace(verbose=False, patience=patience, within=within, again=False), known)
    check.run_level('level', [], report)
    return report.failures


def alive(pid):
    """A zombie that nobody has waited for yet is not, nor what is about to die."""
    for _ in range(50):
        if not running(pid):
            return False
        time.sleep(0.1)
    return True


def running(pid):
    try:
        return pathlib.Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0] != 'Z'
    except FileNotFoundError:
        return False


def test_all_is_well(check):
    assert run(check, 'echo 1..1; echo ok 1 a') == []


def test_status_without_a_failure(check, capsys):
    assert run(check, 'echo ok 1 a; echo "a reason" >&2; exit 3') == ['level: ended with status 3']
    assert '| a reason' in capsys.readouterr().out


def test_killed(check):
    assert run(check, 'echo ok 1 a; kill -9 $$') == ['level: killed by SIGKILL']


def test_no_results(check):
    assert run(check, 'echo hello') == ['level: no results']


def test_hung(check, capsys):
    script = 'echo 1..2; echo ok 1 a; echo "the last words"; setsid sleep 1000 & echo $!; wait'
    assert 'level: hung: no output for 0.02 minutes' in run(check, script, patience=0.02)
    out = capsys.readouterr().out
    assert '| the last words' in out
    child = int(next(line for line in out.splitlines() if line.strip('| ').isdigit()).strip('| '))
    assert not alive(child)


def test_time_is_over(check, capsys):
    assert run(check, 'echo 1..2; echo ok 1 a; sleep 1000', within=0.03) == []
    assert 'level: 1 passed, 0 failed, 1 skipped' in capsys.readouterr().out


def test_time_is_over_after_a_failure(check):
    assert 'level: b' in run(check, 'echo 1..3; echo ok 1 a; echo not ok 2 b; sleep 1000', within=0.03)


def test_time_was_over(check, capsys):
    assert run(check, 'echo ok 1 a', within=0) == []
    assert 'not begun' in capsys.readouterr().out


def test_processes_left_behind(check, capsys):
    assert run(check, 'echo ok 1 a; setsid sleep 30 & echo "child $!"') == [
        'level: left processes behind that hold its output']
    out = capsys.readouterr().out
    os.kill(int(out.split('child ')[1].split()[0]), signal.SIGKILL)


@pytest.fixture(name='tree')
def make_tree(tmp_path):
    """A repository with one file."""
    top = tmp_path / 'top'
    top.mkdir()
    subprocess.run(['git', 'init', '-q', top], check=True)
    (top / 'file').write_text('one')
    return top


def verdicts(check, tree):
    return check.verdicts.Verdicts(str(tree.parent / 'verdicts'), str(tree))


def test_what_has_passed_is_known(check, tree, capsys):
    counted = f'echo x >>{tree.parent}/runs; echo ok 1 a; echo "ok 2 b # SKIP no"'
    for _ in range(2):
        assert run(check, counted, known=verdicts(check, tree)) == []
    assert (tree.parent / 'runs').read_text() == 'x\n'
    out = capsys.readouterr().out
    assert out.count('level: 1 passed, 0 failed, 1 skipped (') == 2 and '(as on 2' in out


@pytest.mark.parametrize('change', [
    lambda tree: (tree / 'file').write_text('two'),
    lambda tree: (tree / 'file').chmod(0o755),
    lambda tree: (tree / 'new').write_text(''),
    lambda tree: (tree / 'file').unlink(),
])
def test_what_has_changed_is_not_known(check, tree, change):
    assert run(check, 'echo ok 1 a', known=verdicts(check, tree)) == []
    change(tree)
    assert run(check, 'echo not ok 1 a', known=verdicts(check, tree)) == ['level: a']


def test_a_tree_that_changed_meanwhile_is_not_known(check, tree):
    assert run(check, f'echo two >{tree}/file; echo ok 1 a', known=verdicts(check, tree)) == []
    assert verdicts(check, tree).find('level') is None


def test_what_has_failed_or_is_unfinished_is_not_known(check, tree):
    assert run(check, 'echo not ok 1 a', known=verdicts(check, tree)) == ['level: a']
    assert run(check, 'echo ok 1 a; exit 3', known=verdicts(check, tree)) != []
    assert run(check, 'echo 1..2; echo ok 1 a; sleep 1000', within=0.03, known=verdicts(check, tree)) == []
    assert verdicts(check, tree).find('level') is None


def test_a_failure_is_the_last_word(check, tree):
    fails_later = f'[[ -e {tree.parent}/ran ]] && echo not ok 1 a || echo ok 1 a; touch {tree.parent}/ran'
    assert run(check, fails_later, known=verdicts(check, tree)) == []
    known = verdicts(check, tree)
    known.find = lambda level: None     # as with --again
    assert run(check, fails_later, known=known) == ['level: a']
    assert verdicts(check, tree).find('level') is None


def test_a_package_that_has_changed(check, tree, monkeypatch):
    log_a_package = 'echo bash >>$TWINIX_PACKAGES_LOG; echo ok 1 a'
    assert run(check, log_a_package, known=verdicts(check, tree)) == []
    assert verdicts(check, tree).find('level')['packages'] == ['bash']
    monkeypatch.setattr(check.verdicts, 'versions', lambda packages: [f'{name} of tomorrow' for name in packages])
    assert verdicts(check, tree).find('level') is None


def test_terminated_with_all_that_it_started(tmp_path):
    """As a program of its own: a copy, so that its levels are ours."""
    top = tmp_path / 'top'
    shutil.copytree(PATH.parent, top / 'scripts')
    runner = top / 'tests/level/run'
    runner.parent.mkdir(parents=True)
    runner.write_text('#!/bin/bash\necho "KTAP version 1"; echo 1..1; setsid sleep 1000 & echo $! >child.new; mv child.new child; wait\n')
    runner.chmod(0o755)
    with subprocess.Popen([top / 'scripts/check'], cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        while not (tmp_path / 'child').exists():
            assert process.poll() is None
            time.sleep(0.1)
        process.terminate()
        out = process.communicate()[0]
    assert 'check: interrupted' in out and process.returncode == 1
    assert not alive(int((tmp_path / 'child').read_text()))
