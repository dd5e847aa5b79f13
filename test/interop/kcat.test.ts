import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { collect, type Ended } from '../apache/java-program.ts'
import { type RunningBroker, runBroker } from '../broker/broker-fixture.ts'
import { RecordingJournal } from '../broker/recording-journal.ts'
import { eventually } from '../client/broker-at.ts'
import { hasCommand, skipWithout } from './client-cache.ts'

const installed = hasCommand('kcat', '-V') ? { folder: '' } : { missing: 'needs kcat (Debian: apt-get install kcat)' }

/** A member of a group as a process; it prints `partition offset value` of every record and tells its rebalances on standard error. */
class Member {
  readonly records: string[] = []
  readonly #child: ChildProcess
  #stderr = ''
  #stdout = ''

  constructor(bootstrap: string, group: string, topic: string, ...settings: string[]) {
    const choices = [
      'session.timeout.ms=10000',
      'heartbeat.interval.ms=200',
      'fetch.wait.max.ms=100',
      'auto.offset.reset=earliest',
      ...settings,
    ].flatMap((one) => ['-X', one])
    this.#child = spawn('kcat', ['-b', bootstrap, '-u', ...choices, '-f', '%p %o %s\\n', '-G', group, topic])
    this.#child.stdout!.on('data', (chunk) => {
      const lines = (this.#stdout + chunk).split('\n')
      this.#stdout = lines.pop()!
      this.records.push(...lines)
    })
    this.#child.stderr!.on('data', (chunk) => (this.#stderr += chunk))
  }

  /** Partitions of its last assignment. */
  get assigned(): number[] {
    const last = this.#stderr.split('\n').findLast((line) => /assigned:|revoked:/.test(line)) ?? ''
    return last.includes('assigned:') ? [...last.matchAll(/\[(\d+)\]/g)].map(([, partition]) => Number(partition)).sort() : []
  }

  /** SIGINT: it commits and leaves. */
  async leave(): Promise<void> {
    if (this.#child.exitCode !== null) return
    this.#child.kill('SIGINT')
    await once(this.#child, 'close')
  }
}

describe('kcat 1.7.1 (librdkafka 2.0.2)', { skip: skipWithout(installed) }, () => {
  const journal = new RecordingJournal()
  let broker: RunningBroker
  before(async () => {
    broker = await runBroker({ 'num.partitions': '4' }, { journal })
  })
  after(() => broker?.[Symbol.asyncDispose]())
  after(() => assert.deepEqual(journal.failures, []))

  const kcat = async (args: readonly string[], stdin = ''): Promise<Ended> => {
    const ended = await collect(spawn('kcat', ['-b', broker.bootstrap, ...args]), `kcat ${args.join(' ')}`, { stdin, limitMs: 20_000 })
    assert.equal(ended.code, 0, ended.stderr)
    return ended
  }

  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
    it(`writes and reads keys, headers, empty and missing values with ${codec}`, async () => {
      const lines = ['k1:v1', ':no key', 'tombstone:', `long:${'tkafka '.repeat(5000)}`]
      const settings = ['-X', 'enable.idempotence=true', '-z', codec]
      await kcat(
        ['-P', '-t', codec, '-p', '0', '-K', ':', '-Z', '-H', 'one=1', '-H', 'two=zwei ü', '-H', 'empty=', ...settings],
        `${lines.join('\n')}\n`,
      )
      const { stdout } = await kcat(['-C', '-t', codec, '-e', '-q', '-J'])
      const records = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      assert.deepEqual(
        records.map(({ partition, offset, key, payload }) => [partition, offset, key, payload]),
        lines.map((line, index) => {
          const [key, payload] = line.split(':')
          return [0, index, key === '' ? null : key, payload === '' ? null : payload]
        }),
      )
      for (const { headers } of records) assert.deepEqual(headers, ['one', '1', 'two', 'zwei ü', 'empty', ''])
    })
  }

  it('brings a text file back byte for byte', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tkafka-kcat-'))
    const file = join(folder, 'text')
    const text = `${readFileSync(join(import.meta.dirname, '../../LICENSE'), 'utf8')}\n\n Zeile ohne Ende`
    writeFileSync(file, text)
    await kcat(['-P', '-t', 'text', '-p', '0', '-l', file])
    await kcat(['-P', '-t', 'whole', '-p', '0', file])
    assert.equal(
      (await kcat(['-C', '-t', 'text', '-e', '-q'])).stdout.trimEnd(),
      text
        .split('\n')
        .filter((line) => line !== '')
        .join('\n'),
    )
    assert.equal((await kcat(['-C', '-t', 'whole', '-e', '-q', '-D', ''])).stdout, text)
    rmSync(folder, { recursive: true })
  })

  it('describes the cluster, and finds offsets by time', async () => {
    await kcat(['-P', '-t', 'times', '-p', '0'], 'a\nb\n')
    const described = JSON.parse((await kcat(['-L', '-J', '-t', 'times'])).stdout)
    assert.equal(described.brokers[0].name, broker.bootstrap)
    assert.equal(described.topics[0].partitions.length, 4)
    assert.match((await kcat(['-Q', '-t', 'times:0:-2', '-t', 'times:0:-1'])).stdout, /times \[0\] offset/)
    assert.match((await kcat(['-Q', '-t', 'times:0:1'])).stdout, /times \[0\] offset 0/)
    assert.equal((await kcat(['-C', '-t', 'times', '-p', '0', '-o', '-1', '-e', '-q'])).stdout, 'b\n')
  })

  it('shares a topic between two members of a group, and resumes where they left', async () => {
    const send = async (tag: string): Promise<void> => {
      for (const partition of [0, 1, 2, 3]) await kcat(['-P', '-t', 'shared', '-p', String(partition)], `${tag} ${partition}\n`)
    }
    await send('first')
    const one = new Member(broker.bootstrap, 'readers', 'shared')
    const two = new Member(broker.bootstrap, 'readers', 'shared')
    await eventually('both have half', () => one.assigned.length === 2 && two.assigned.length === 2)
    await send('second')
    const all = (): string[] => [...one.records, ...two.records].map((line) => line.slice(4))
    await eventually('everything is read', () =>
      ['first', 'second'].every((tag) => [0, 1, 2, 3].every((partition) => all().includes(`${tag} ${partition}`))),
    )
    await two.leave()
    await eventually('the other has all', () => one.assigned.length === 4)
    await send('third')
    await eventually('it reads all', () => one.records.filter((line) => line.includes('third')).length === 4)
    await one.leave()
    await send('fourth')
    const next = new Member(broker.bootstrap, 'readers', 'shared')
    await eventually('what is new', () => next.records.length >= 4)
    await next.leave()
    assert.deepEqual(next.records.map((line) => line.slice(4)).sort(), ['fourth 0', 'fourth 1', 'fourth 2', 'fourth 3'])
  })

  it('keeps the partitions of a static member that restarts', async () => {
    await kcat(['-P', '-t', 'static', '-p', '0'], 'x\n')
    const one = new Member(broker.bootstrap, 'fixed', 'static', 'group.instance.id=one')
    const two = new Member(broker.bootstrap, 'fixed', 'static', 'group.instance.id=two')
    await eventually('both have half', () => one.assigned.length === 2 && two.assigned.length === 2)
    const { assigned } = one
    await one.leave()
    const again = new Member(broker.bootstrap, 'fixed', 'static', 'group.instance.id=one')
    await eventually('the same again', () => again.assigned.join() === assigned.join())
    assert.equal(two.assigned.length, 2)
    await again.leave()
    await two.leave()
  })
})
