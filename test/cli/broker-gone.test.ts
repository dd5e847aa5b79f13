import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { BrokerChild, freePort } from '../broker/broker-child.ts'

const program = join(import.meta.dirname, '../../bin/dev.js')
const start = (port: number, argv: readonly string[]): ChildProcess =>
  spawn(process.execPath, [program, ...argv], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, TKAFKA_BOOTSTRAP_SERVER: `127.0.0.1:${port}` },
  })
const ended = async (child: ChildProcess, limitMs: number): Promise<{ code: number | null; stderr: string }> => {
  let stderr = ''
  child.stderr?.on('data', (chunk) => (stderr += chunk))
  child.stdout?.resume()
  const limit = setTimeout(() => child.kill('SIGKILL'), limitMs)
  const [code] = await once(child, 'close')
  clearTimeout(limit)
  return { code, stderr }
}

/** A producer in the middle of endless input whose broker was just killed. */
const orphan = async (t: TestContext, timeout: string): Promise<ChildProcess> => {
  const directory = await mkdtemp(join(tmpdir(), 'tkafka-gone-'))
  const broker = await BrokerChild.start(join(directory, 'data'))
  const child = start(broker.port, ['produce', 'endless', '--timeout', timeout, '-o', 'ndjson'])
  t.after(async () => {
    child.kill('SIGKILL')
    await rm(directory, { recursive: true, force: true })
  })
  child.stdin?.on('error', () => {})
  const lines = Buffer.from(`${'x'.repeat(1000)}\n`.repeat(1000))
  const feed = (): void => {
    while (child.stdin?.write(lines));
  }
  child.stdin?.on('drain', feed)
  feed()
  // Deliveries are listed: it is on its way.
  await once(child.stdout!, 'data')
  await broker.kill()
  return child
}

describe('a command whose broker is gone', () => {
  it('produce fails after its timeout', async (t) => {
    const { code, stderr } = await ended(await orphan(t, '2s'), 30_000)
    assert.equal(code, 1)
    assert.match(
      stderr,
      /not delivered within 2020 ms of being sent: cannot connect to .*\n {2}Nothing listens there.*\ntkafka produce: \d.* failed, /,
    )
  })

  it('produce ends when told to, in the middle of waiting', async (t) => {
    const child = await orphan(t, '10m')
    child.kill('SIGTERM')
    assert.equal((await ended(child, 30_000)).code, 143)
  })

  it('produce says so at once when it never was there', async () => {
    const child = start(await freePort(), ['produce', 'orders', '--timeout', '5m'])
    child.stdin?.end('a\n')
    const { code, stderr } = await ended(child, 30_000)
    assert.equal(code, 1)
    assert.match(stderr, /cannot connect to 127\.0\.0\.1/)
  })

  it('consume in a group says so when it never was there', async () => {
    const { code, stderr } = await ended(start(await freePort(), ['consume', 'orders', '-g', 'readers', '--timeout', '2s']), 30_000)
    assert.equal(code, 1)
    assert.match(stderr, /cannot connect to 127\.0\.0\.1/)
  })

  it('consume in a group says so, goes on when the broker is back, and ends when told to', async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'tkafka-gone-'))
    t.after(() => rm(directory, { recursive: true, force: true }))
    const broker = await BrokerChild.start(join(directory, 'data'))
    const producing = start(broker.port, ['produce', 'orders'])
    producing.stdin?.end('one\n')
    assert.equal((await ended(producing, 30_000)).code, 0)
    const child = start(broker.port, ['consume', 'orders', '-g', 'readers'])
    t.after(() => child.kill('SIGKILL'))
    const said = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) child[name]!.on('data', (text) => (said[name] += text))
    const says = async (name: keyof typeof said, wanted: RegExp): Promise<void> => {
      const signal = AbortSignal.timeout(30_000)
      while (!wanted.test(said[name])) await once(child[name]!, 'data', { signal })
    }
    await says('stdout', /one/)
    await broker.kill()
    await says('stderr', /127\.0\.0\.1.*; trying again until it answers/)
    const again = await BrokerChild.start(join(directory, 'data'), {}, broker.port)
    await says('stderr', /the cluster answers again/)
    const more = start(broker.port, ['produce', 'orders'])
    more.stdin?.end('two\n')
    await says('stdout', /two/)
    await again.kill()
    await says('stderr', /answers again\n.*; trying again until it answers/)
    child.kill('SIGTERM')
    assert.equal((await ended(child, 30_000)).code, 143)
  })
})
