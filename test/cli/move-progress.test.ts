import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { MoveMeter, reportText } from '../../src/cli/move-meter.ts'
import { ProgressLine } from '../../src/cli/progress-line.ts'
import { ThrottleNotes } from '../../src/cli/throttle-note.ts'
import { capturedShell } from './run-command.ts'

const MiB = 1024 * 1024
const sized = (partition: number, bytes: number | null) => ({ topic: 't', partition, bytes })
const left = (partition: number, bytesMoved: number, bytesTotal: number, stuck: string | null = null) => ({
  ...{ topic: 't', partition, adding: [5], bytesMoved, bytesTotal, stuck },
})

describe('the progress of moves', () => {
  it('is told in partitions, bytes, rate, time left and throttle, and names the slowest', () => {
    const meter = new MoveMeter([sized(0, 40 * MiB), sized(1, 40 * MiB), sized(2, 20 * MiB)])
    meter.look(0, [left(0, 0, 40 * MiB), left(1, 0, 40 * MiB)], [sized(2, 20 * MiB)], 50e6)
    const report = meter.look(10_000, [left(1, 10 * MiB, 40 * MiB)], [sized(2, 20 * MiB)], 50e6)
    assert.equal(
      reportText(report, true),
      'MOVED 1/3  ██████████░░░░░░░░░░ 50%  50.0 MiB/100 MiB  5.2 MB/s  ETA 10s  throttle 50 MB/s (auto)  slowest t-1: → 5 25%',
    )
  })

  it('has no rate before there are two looks, and counts partitions where nothing is copied', () => {
    const report = new MoveMeter([sized(0, 0), sized(1, null)]).look(0, [left(1, 0, 0)], [], null)
    assert.equal(reportText(report, false), 'MOVED 1/2  ██████████░░░░░░░░░░ 50%  0 B/0 B  slowest t-1: → 5')
  })

  it('tells why it does not get on', () => {
    const report = new MoveMeter([sized(0, MiB)]).look(0, [left(0, 0, 2 * MiB, 'broker 5 is not there')], [], null)
    assert.match(reportText(report, false), / 0% {2}0 B\/2\.0 MiB {2}stuck t-0: broker 5 is not there$/)
  })

  it('is a line that changes on a terminal, else one every ten seconds', () => {
    const terminal = capturedShell({ terminal: true })
    const line = new ProgressLine(terminal.shell, 0, false)
    for (const text of ['a', 'a', 'b']) line.show(text, 0)
    line.end()
    assert.equal(terminal.ran().stderr, '\ra\x1b[K\rb\x1b[K\n')
    const pipe = capturedShell()
    const lines = new ProgressLine(pipe.shell, 0, false)
    for (const [text, atMs] of [
      ['a', 5000],
      ['b', 10_000],
      ['c', 15_000],
      ['d', 20_000],
    ] as const)
      lines.show(text, atMs)
    lines.end()
    assert.equal(pipe.ran().stderr, 'b\nd\n')
    const quiet = capturedShell({ terminal: true })
    new ProgressLine(quiet.shell, 0, true).show('a', 0)
    assert.equal(quiet.ran().stderr, '')
  })
})

describe('notes of throttles', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tkafka-notes-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  const run = (id: string, pid: number | null = null) => ({ id, pid, set: [], before: [] })

  it('are kept in order, one file for each cluster, and gone with the last', async () => {
    const { shell } = capturedShell({ env: { XDG_STATE_HOME: folder } })
    const notes = await ThrottleNotes.of(shell, 'a/b')
    assert.deepEqual(await notes.read(), [])
    for (const each of [run('1', 7), run('2'), run('1')]) await notes.put(each)
    assert.deepEqual(await notes.read(), [run('1'), run('2')])
    assert.deepEqual(await (await ThrottleNotes.of(shell, 'other')).read(), [])
    await notes.remove(['1', '2'])
    assert.deepEqual(await notes.read(), [])
  })

  it('that make no sense are none', async () => {
    const { shell } = capturedShell({ env: { TKAFKA_STATE: folder } })
    mkdirSync(join(folder, 'throttles'), { recursive: true })
    for (const text of ['', '{', '{}', '[null, {"id": 3}]']) {
      writeFileSync(join(folder, 'throttles', 'c.json'), text)
      assert.deepEqual(await (await ThrottleNotes.of(shell, 'c')).read(), [])
    }
  })
})
