# SPDX-License-Identifier: GPL-2.0-only
"""scripts/bench: which control a part is compared with, what is promised, whose fault it was."""
import gzip
import pathlib
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / 'scripts/lib'))
from bench import build, host, report, table    # noqa: E402
from bench.operations import OPERATIONS         # noqa: E402

NULL_CALL = next(row for row in OPERATIONS if row.key == 'null_call')


def figure(run, part, value):
    run.take({'part': part, 'figure': 'null_call', 'value': value})


def control(run, value):
    run.take({'event': 'control'})
    figure(run, 'native', value)


def part(run, name, value):
    run.take({'event': 'begin', 'part': name})
    figure(run, name, value)
    run.take({'event': 'end', 'part': name})


def two_parts(pv=400, uml=5000):
    run = host.Run()
    control(run, 100)
    part(run, 'pv', pv)
    control(run, 300)
    part(run, 'uml', uml)
    control(run, 200)
    return run


def test_a_part_is_compared_with_the_controls_beside_it():
    run = two_parts()
    assert run.ratio('pv', 'null_call') == 2.0
    assert run.ratio('uml', 'null_call') == 20.0
    assert run.ratio('kvm-linux', 'null_call') is None
    assert run.native('null_call') == 200
    assert run.spread('null_call') == 2.0


def test_a_second_boot_has_controls_of_its_own():
    run = host.Run()
    control(run, 1000)
    run.take({'event': 'begin', 'part': 'pv'})
    control(run, 100)
    part(run, 'uml', 300)
    control(run, 100)
    assert run.ratio('uml', 'null_call') == 3.0


def test_targets():
    assert table.verdict(NULL_CALL, two_parts()) == '2.5x: met; UML takes 10.0 times as many: met'
    assert 'MISSED' in table.verdict(NULL_CALL, two_parts(pv=501))
    assert 'UML takes 9.0 times as many: MISSED' in table.verdict(NULL_CALL, two_parts(uml=4500))
    assert table.missed(two_parts(pv=501)) == ['null_call']
    assert table.missed(two_parts()) == []


def test_the_part_that_ended_the_host_failed_and_the_others_follow():
    run = host.Run()
    control(run, 100)
    part(run, 'pv', 200)
    run.take({'event': 'begin', 'part': 'uml'})
    assert host.blame(run, ['pv', 'uml', 'kvm-linux'], 'uml') == ['kvm-linux']
    assert list(run.failed) == ['uml']


def test_a_host_that_does_not_boot_fails_all():
    run = host.Run()
    assert host.blame(run, ['pv', 'uml'], 'the boot') == []
    assert list(run.failed) == ['pv', 'uml']


def test_failures_are_told():
    run = two_parts()
    run.take({'event': 'failed', 'part': 'uml', 'why': 'status 1\n<the log>'})
    assert any('User-Mode Linux failed: status 1' in line for line in table.everything(run, None, ['pv', 'uml']))
    page = report.page(run, None, ['pv', 'uml'], {'CPU': 'EPYC'})
    assert '&lt;the log&gt;' in page


def test_the_report_needs_nothing_else():
    page = report.page(two_parts(), two_parts(pv=501), ['pv', 'uml'], {'CPU': 'EPYC'})
    assert page.count('<svg') == page.count('</svg>') == 2
    assert 'src=' not in page and 'href=' not in page
    assert page.replace('http://www.w3.org/2000/svg', '').count('http') == 0


def test_the_initrd_is_an_archive(tmp_path):
    program = tmp_path / 'mb'
    program.write_bytes(b'a program of 26 bytes, say')
    archive = gzip.decompress(build.initrd(program))
    made = subprocess.run(['cpio', '-itv', '--quiet'], input=archive, stdout=subprocess.PIPE, check=True)
    names = [line.split()[-1] for line in made.stdout.decode().splitlines()]
    assert names == ['dev', 'dev/console', 'init']
