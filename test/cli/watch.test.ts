import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import { BaseCommand } from '../../src/cli/base-command.ts'
import { watchFlags } from '../../src/cli/flags.ts'
import { runCommand } from '../../src/cli/main.ts'
import { Watch } from '../../src/cli/watch.ts'
import { openCluster, type TestCluster, uniqueName } from './cluster-fixture.ts'
import { capturedShell } from './run-command.ts'

const screen = (isTTY: boolean, rows = 6) => Object.assign(new PassThrough(), { isTTY, rows }) as never

describe('a frame of --watch', () => {
  it('on a terminal is written over the one before, line by line', () => {
    const watch = new Watch('2s', 'text')
    assert.equal(watch.frame('a\nb\n', screen(true)), '\x1b[2J\x1b[Ha\x1b[K\nb\x1b[K\n\x1b[J')
    assert.equal(watch.frame('c\n', screen(true)), '\x1b[Hc\x1b[K\n\x1b[J')
  })

  it('keeps within the height of the terminal, and counts the rest', () => {
    const frame = new Watch('2s', 'wide').frame('1\n2\n3\n4\n5\n6\n', screen(true, 6))
    assert.equal(frame, '\x1b[2J\x1b[H1\x1b[K\n2\x1b[K\n3\x1b[K\n…3 more lines\x1b[K\n\x1b[J')
  })

  it('elsewhere follows the one before', () => {
    const watch = new Watch('2s', 'text')
    assert.equal(watch.frame('a\n', screen(false)) + watch.frame('b\n', screen(false)), 'a\n\nb\n')
    const lines = new Watch('2s', 'ndjson')
    assert.equal(lines.frame('{}\n', screen(true)) + lines.frame('{}\n', screen(true)), '{}\n{}\n')
  })
})

describe('--watch', () => {
  const topic = uniqueName('watch')
  let cluster: TestCluster
  before(async () => {
    cluster = await openCluster()
    await cluster.tkafka(['topics', 'create', topic, '-p', '1'])
  })
  after(() => cluster.close())

  it('looks again until it is told to stop, over one connection, with the head of a table once', async () => {
    const stop = new AbortController()
    const grown = `${topic},0,0,1,1\n`
    const onOutput = (text: string): void => {
      if (text.startsWith('TOPIC')) void cluster.tkafka(['produce', topic], { stdin: 'one\n' })
      if (text.includes(grown)) stop.abort('interrupt')
    }
    const argv = ['topics', 'offsets', topic, '--watch=100ms', '-o', 'csv']
    const limit = setTimeout(() => stop.abort('interrupt'), 20_000)
    const watching = cluster.tkafka(argv, { stop: stop.signal, onOutput })
    const { code, stdout } = await watching
    clearTimeout(limit)
    assert.match(stdout, new RegExp(`^TOPIC,PARTITION,START,END,RECORDS\n(${topic},0,0,0,0\n)+${grown}$`))
    assert.equal(code, 0)
  })

  it('ends when it is told to, also in the middle of a round', async () => {
    const stop = new AbortController()
    const rounds: number[] = []
    class Slow extends BaseCommand {
      static override flags = { watch: watchFlags.watch }
      async run(): Promise<void> {
        await this.read(Slow)
        rounds.push(rounds.length)
        if (rounds.length === 1) return
        setImmediate(() => stop.abort('interrupt'))
        await new Promise(() => {})
      }
    }
    const { shell } = capturedShell({ stop: stop.signal })
    await runCommand(Slow, 'slow', ['--watch=100ms'], shell)
    assert.deepEqual(rounds, [0, 1])
  })

  for (const [argv, said] of [
    [['topics', 'list', '--watch', '--json'], /--watch has no end, json has one\n {2}Use --output ndjson/],
    [['topics', 'list', '--watch=1ms'], /too often/],
    [['topics', 'list', '--watch=soon'], /soon is not a duration/],
    [['topics', 'create', topic, '--watch'], /there is no flag --watch/],
  ] as const) {
    it(`${argv.join(' ').replace(topic, 'T')} is refused`, async () => {
      const { code, stderr } = await cluster.tkafka(argv)
      assert.equal(code, 2)
      assert.match(stderr, said)
    })
  }
})
