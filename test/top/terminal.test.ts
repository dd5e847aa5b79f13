import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { loadLive } from '../../src/top/index.ts'
import { RecordingReader, RecordingWriter } from '../../src/top/recording.ts'
import { textOf } from '../../src/top/screen/line.ts'
import { panelIds } from '../../src/top/screen/panels/index.ts'
import { firstUi } from '../../src/top/screen/ui-state.ts'
import { TopSession } from '../../src/top/session.ts'
import type { LiveScreen } from '../../src/top/views/live.ts'
import { eventually } from '../client/broker-at.ts'
import { EmulatedTerminal } from './emulated-terminal.ts'
import { small, syntheticSample } from './synthetic-cluster.ts'

const host = nodeHost({ journal: silentJournal })
const SAMPLES = 30
const PATIENCE_MS = 5000

describe('the screen, from a recording', () => {
  let folder: string
  let path: string
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tkafka-top-'))
    path = join(folder, 'recording.ndjson')
    const writer = await RecordingWriter.open(host.disk, path, small.everyMs)
    for (let tick = 0; tick < SAMPLES; tick++) await writer.write(syntheticSample(small, tick))
    await writer.close()
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  interface Show {
    readonly terminal: EmulatedTerminal
    readonly session: TopSession
    readonly live: LiveScreen
    readonly slept: string[]
    /** Waits until the terminal shows what the session means. */
    settled(): Promise<void>
  }

  async function show(columns: number, rows: number, options: { hasColor?: boolean; isSpoken?: boolean } = {}): Promise<Show> {
    const { hasColor = true, isSpoken = false } = options
    const { openLive } = await loadLive()
    const reader = await RecordingReader.open(host.disk, path)
    const terminal = new EmulatedTerminal(columns, rows)
    const session = new TopSession(
      { clock: host.clock, source: reader, isReplay: true, isSpoken },
      firstUi({ columns, rows, everyMs: reader.everyMs }),
    )
    const slept: string[] = []
    const sleep = async (): Promise<void> => void slept.push('zzz')
    const streams = { stdin: terminal.stdin, stdout: terminal, stderr: terminal } as never as { stdin: never; stdout: never; stderr: never }
    const live = openLive(session, { sleep, write: (text) => terminal.write(text), onQuit: () => {} }, { ...streams, hasColor, isSpoken })
    const wanted = (): string[] => session.lines().map((line) => textOf(line).trimEnd())
    const settled = (): Promise<void> =>
      eventually(
        'the screen shows the frame',
        () => {
          const { screen } = terminal
          return wanted().every((line, row) => screen[row] === line)
        },
        PATIENCE_MS,
      ).catch((error) => {
        assert.deepEqual(terminal.screen.slice(0, wanted().length), wanted(), String(error))
      })
    await session.look()
    await settled()
    return { terminal, session, live, slept, settled }
  }

  for (const [columns, rows] of [
    [80, 24],
    [120, 30],
    [200, 60],
  ] as const) {
    test(`at ${columns}×${rows} it is the frame, line for line, whatever comes and is pressed`, async () => {
      const { terminal, session, live, settled } = await show(columns, rows)
      const cleared = terminal.count('\x1b[2J')
      const keys = [
        '\x1b[B',
        '\x1b[B',
        'G',
        'L',
        '\r',
        '\r',
        '\x1b[6~',
        'd',
        'q',
        '?',
        ' ',
        'x',
        '\x1b[A',
        'w',
        '!',
        '!',
        '/',
        'group-01',
        '\r',
      ]
      for (const key of [...keys, ...panelIds.map((_, index) => String(index + 1))]) {
        terminal.stdin.write(key)
        const before = session.ui
        await eventually('the key arrives', () => session.ui !== before)
        await settled()
        assert.equal(terminal.screen.at(-1), '', 'the last line is never written to')
      }
      for (let tick = 0; tick < 10; tick++) {
        await session.look()
        await settled()
      }
      assert.equal(terminal.count('\x1b[2J') - cleared, 0)
      assert.equal(terminal.count('\x1b[3J'), 0)
      await live.close()
      assert.equal(terminal.buffer, 'normal')
    })
  }

  test('a terminal that changes its size is drawn anew, and right', async () => {
    const { terminal, session, live, settled } = await show(120, 30)
    for (const [columns, rows] of [
      [80, 24],
      [200, 60],
      [60, 12],
      [120, 30],
    ] as const) {
      terminal.resize(columns, rows)
      await eventually('the session knows', () => session.ui.columns === columns && session.ui.rows === rows)
      await settled()
      await session.look()
      await settled()
    }
    assert.equal(terminal.count('\x1b[2J'), 0)
    await live.close()
  })

  test('what a look changes is written, and little else', async () => {
    const { terminal, session, live, settled } = await show(200, 60)
    const before = terminal.bytes
    const looks = 10
    for (let tick = 0; tick < looks; tick++) {
      await session.look()
      await settled()
    }
    const bytesPerSecond = (terminal.bytes - before) / looks / (small.everyMs / 1000)
    assert.ok(bytesPerSecond < 8000, `${Math.round(bytesPerSecond)} bytes a second`)
    await live.close()
  })

  test('q gives the terminal back: the screen from before, the cursor, cooked input', async () => {
    const { terminal, live } = await show(80, 24)
    assert.deepEqual([terminal.buffer, terminal.stdin.isRaw], ['alternate', true])
    terminal.stdin.write('q')
    await live.ended
    assert.deepEqual([terminal.buffer, terminal.stdin.isRaw], ['normal', false])
    assert.ok(terminal.text.lastIndexOf('\x1b[?25h') > terminal.text.lastIndexOf('\x1b[?25l'))
  })

  test('Ctrl-Z leaves the screen while it sleeps, and comes back to it', async () => {
    const { terminal, live, slept, settled } = await show(80, 24)
    terminal.stdin.write('\x1a')
    await eventually('it slept', () => slept.length === 1)
    await eventually('it was away and is back', () => /\?1049l[\s\S]*\?1049h/.test(terminal.text) && terminal.buffer === 'alternate')
    await settled()
    await live.close()
  })

  test('what is pasted is letters, also where it is called like a key', async () => {
    const { terminal, session, live } = await show(80, 24)
    terminal.stdin.write('/')
    await eventually('it asks', () => session.ui.prompt !== null)
    terminal.stdin.write('end')
    await eventually('it is there', () => session.ui.prompt?.text === 'end')
    await live.close()
  })

  test('Enter counts that comes in one piece with what was typed', async () => {
    const { terminal, session, live } = await show(80, 24)
    terminal.stdin.write(':')
    await eventually('it asks', () => session.ui.prompt !== null)
    terminal.stdin.write('help\r')
    await eventually('it shows the help', () => session.ui.prompt === null && session.ui.page !== null)
    await live.close()
  })

  test('c hands the rows to the terminal’s clipboard', async () => {
    const { terminal, session, live } = await show(80, 24)
    terminal.stdin.write('c')
    await eventually('it is copied', () => terminal.text.includes('\x1b]52;c;'))
    const encoded = terminal.text.split('\x1b]52;c;')[1]!.split('\x07')[0]!
    assert.match(Buffer.from(encoded, 'base64').toString(), /^group-\d+ /)
    assert.match(textOf(session.lines().at(-1)!), /^copied group-/)
    await live.close()
  })

  test('without colors nothing is told by color', async () => {
    const colors = /\[(3[0-7]|9[0-7]|4[0-7])m/
    const colored = await show(120, 30)
    assert.match(colored.terminal.text, colors)
    await colored.live.close()
    const plain = await show(120, 30, { hasColor: false })
    for (let tick = 0; tick < 10; tick++) await plain.session.look()
    await plain.settled()
    assert.ok(plain.terminal.screen.some((line) => line.endsWith('STALL')))
    assert.doesNotMatch(plain.terminal.text, colors)
    await plain.live.close()
  })

  test('read aloud, there are no drawings', async () => {
    const { session, live } = await show(120, 30, { isSpoken: true })
    await session.look()
    const text = session.lines().map(textOf).join('\n')
    assert.doesNotMatch(text, /[▁▂▃▄▅▆▇█░│▸]/)
    assert.match(text, /group-\d+ .*(STALL|WARN|OK)/)
    await live.close()
  })

  test('what breaks the screen ends it, and gives the terminal back', async () => {
    const { terminal, session, live } = await show(80, 24)
    Object.assign(session, {
      lines: () => {
        throw new Error('broken')
      },
    })
    terminal.stdin.write('j')
    await assert.rejects(live.ended, /broken/)
    assert.equal(terminal.buffer, 'normal')
  })
})
