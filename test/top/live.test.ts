import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { openAdmin } from '../../src/client/index.ts'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { freeRange } from '../apache/free-port.ts'
import { eventually } from '../client/broker-at.ts'

const program = join(import.meta.dirname, '../../bin/dev.js')
const skip = spawnSync('tmux', ['-V']).status === 0 ? false : 'needs tmux: apt install tmux'

/** An interval, and what a machine that does much else takes to draw. */
const INTERVAL_MS = 2000
const SLACK_MS = 8000

describe('top in a terminal, of three brokers', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tkafka-live-'))
  const socket = join(folder, 'tmux')
  const output = join(folder, 'output')
  const directory = join(folder, 'cluster')
  let server = ''

  const tkafka = (...argv: string[]): string =>
    execFileSync(process.execPath, [program, ...argv], {
      encoding: 'utf8',
      env: { ...process.env, TKAFKA_BOOTSTRAP_SERVER: server },
      timeout: 120_000,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const produce = (count: number): void => {
    const input = Array.from({ length: count }, (_, index) => `record ${index}\n`).join('')
    execFileSync(process.execPath, [program, 'produce', 'orders'], { input, env: { ...process.env, TKAFKA_BOOTSTRAP_SERVER: server } })
  }
  const tmux = (...argv: string[]): string => execFileSync('tmux', ['-S', socket, '-f', '/dev/null', ...argv], { encoding: 'utf8' })
  const screen = (): string => tmux('capture-pane', '-p')
  const written = (): string => readFileSync(output, 'utf8')
  const shows = (pattern: RegExp, withinMs = INTERVAL_MS + SLACK_MS): Promise<void> =>
    eventually(`the screen shows ${pattern}`, () => pattern.test(screen()), withinMs).catch((error) =>
      assert.match(screen(), pattern, String(error)),
    )
  const pidOf = (node: number): number =>
    JSON.parse(tkafka('dev', 'status', '-d', directory, '--output', 'json')).items.find((each: { node: number }) => each.node === node).pid

  before(async () => {
    // Three brokers in a row; controllers are 1000 above, status pages 2000.
    const port = await freeRange([0, 1000, 2000].flatMap((above) => [above, above + 1, above + 2]))
    server = [0, 1, 2].map((place) => `127.0.0.1:${port + place}`).join(',')
    tkafka('dev', 'up', '-d', directory, '--port', String(port))
    tkafka('topics', 'create', 'orders', '-p', '3', '-r', '3')
    produce(60)
    using admin = openAdmin(nodeHost({ journal: silentJournal }), { 'bootstrap.servers': server })
    const offsets = [0, 1, 2].map((partition) => ({ topic: 'orders', partition, offset: 0 }))
    await eventually('offsets are taken', async () =>
      (await admin.alterGroupOffsets('billing', offsets)).every(({ error }) => error === null),
    )
    // A machine that runs tests for others says so in its environment, and `top` draws one frame there: here a person sits in front of it.
    const person = ['env', '-u', 'CI', '-u', 'CONTINUOUS_INTEGRATION']
    const command = [...person, process.execPath, program, 'top', '-i', `${INTERVAL_MS}ms`, '-b', server]
      .map((word) => `'${word}'`)
      .join(' ')
    tmux('new-session', '-d', '-x', '120', '-y', '30', `sh -c "${command}; echo ended with \\$?; sleep 600"`)
    tmux('pipe-pane', '-o', `cat > '${output}'`)
    await shows(/billing +Empty +60 /, 30_000)
  })
  after(() => {
    spawnSync('tmux', ['-S', socket, 'kill-server'])
    if (server !== '') tkafka('dev', 'down', '-d', directory, '--delete', '--yes')
    rmSync(folder, { recursive: true, force: true })
  })

  test('a group that falls behind is seen at the next look', async () => {
    produce(500)
    await shows(/billing +Empty +560 .* STOP/)
  })

  test('what is written is far less than what is shown, and the screen is never cleared', async () => {
    const before = written().length
    const startedMs = performance.now()
    await eventually('five looks are over', () => performance.now() - startedMs > INTERVAL_MS * 5, INTERVAL_MS * 6)
    const bytesPerSecond = (written().length - before) / ((performance.now() - startedMs) / 1000)
    assert.ok(bytesPerSecond < 8000, `${bytesPerSecond} bytes a second`)
    assert.ok(!written().includes('\x1b[2J') && !written().includes('\x1b[3J'))
  })

  test('a broker that hangs is seen at the next look, and holds up nothing', async () => {
    const pid = pidOf(3)
    tmux('send-keys', '3')
    await shows(/3 .* up /)
    process.kill(pid, 'SIGSTOP')
    try {
      await shows(/Brokers 2\/3/)
      await shows(/3 +\S+ +(silent|fenced) /)
      // What others know goes on: its partitions are led by them, with one in-sync replica less.
      await shows(/URP [1-9]/, 30_000)
      await shows(/isr shrink|leader|broker 3/)
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    await shows(/Brokers 3\/3/, 30_000)
  })

  test('a broker that is killed is seen at the next look', async () => {
    process.kill(pidOf(2), 'SIGKILL')
    await shows(/Brokers 2\/3/)
    await shows(/URP [1-9]/, 30_000)
  })

  test('a reset from the screen shows its command and does what it says', async () => {
    tmux('send-keys', '1')
    await shows(/▸ billing/)
    tmux('send-keys', 'r')
    await shows(/reset billing to/)
    tmux('send-keys', '-l', 'end')
    tmux('send-keys', 'Enter')
    await shows(/\$ tkafka groups reset billing --to=end --all-topics --execute --profile none -b 127/)
    tmux('send-keys', 'y')
    await shows(/orders +2 .*/, 30_000)
    tmux('send-keys', 'Escape')
    await shows(/billing +Empty +0 .* EMPTY/, 30_000)
  })

  test('killed with SIGTERM it gives the screen back', async () => {
    assert.equal(tmux('display-message', '-p', '#{alternate_on}').trim(), '1')
    const shell = tmux('display-message', '-p', '#{pane_pid}').trim()
    const child = execFileSync('pgrep', ['-P', shell], { encoding: 'utf8' }).trim().split('\n')[0]!
    process.kill(Number(child), 'SIGTERM')
    await shows(/ended with 143/)
    assert.equal(tmux('display-message', '-p', '#{alternate_on}').trim(), '0')
    assert.equal(tmux('display-message', '-p', '#{cursor_flag}').trim(), '1')
  })
})
