import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { type RunningBroker, runBroker } from '../broker/broker-fixture.ts'
import { eventually } from '../client/broker-at.ts'
import { type Ran, run } from './run-command.ts'

type Item = Readonly<Record<string, unknown>>

describe('log directories of a broker', () => {
  let broker: RunningBroker
  before(async () => {
    broker = await runBroker((directory) => ({ 'log.dirs': `${directory}/a,${directory}/b` }))
  })
  after(() => broker[Symbol.asyncDispose]())
  const tkafka = (...argv: string[]): Promise<Ran> =>
    run(argv, { env: { TKAFKA_BOOTSTRAP_SERVER: broker.bootstrap, TKAFKA_STATE: `${broker.directory}/state` } })
  const items = async (...argv: string[]): Promise<Item[]> => JSON.parse((await tkafka(...argv, '--json')).stdout).items
  const places = async (): Promise<unknown[]> => {
    const replicas = await items('cluster', 'logdirs', 'list', 'disks', '--replicas')
    return replicas.filter(({ future }) => future === false).map(({ path }) => path)
  }

  it('are listed, and what is in them', async () => {
    assert.equal((await tkafka('topics', 'create', 'disks', '-p', '4')).code, 0)
    // The topic is there a moment before its logs are.
    await eventually('four logs are made', async () => (await places()).length === 4)
    const directories = await items('cluster', 'logdirs', 'list', '--broker', '1')
    assert.deepEqual(
      directories.map(({ broker: id, path, state }) => [id, path, state]),
      ['a', 'b'].map((name) => [1, `${broker.directory}/${name}`, 'online']),
    )
    assert.equal(directories.reduce((sum, each) => sum + Number(each.replicas), 0) >= 4, true)
    assert.match((await tkafka('kafka-log-dirs', '--describe', '--broker-list', '1')).stdout, /ONLINE/)
    assert.equal((await tkafka('cluster', 'logdirs', 'list', '--broker', '9')).code, 1)
  })

  it('give their replicas to each other', async () => {
    const [a, b] = [`${broker.directory}/a`, `${broker.directory}/b`]
    const empty = ['cluster', 'logdirs', 'move', 'disks', '--broker', '1', '--to', b]
    assert.match((await tkafka(...empty, '--dry-run')).stdout, /WOULD-MOVE/)
    const moved = await tkafka(...empty)
    assert.equal(moved.code, 0, moved.stderr)
    assert.match(moved.stdout, /STARTED/)
    await eventually('all lie in b', async () => (await places()).every((path) => path === b))
    assert.match((await tkafka(...empty)).stderr, /nothing has to move/)
    const followed = await tkafka(
      'cluster',
      'logdirs',
      'move',
      'disks:2',
      '--broker',
      '1',
      '--from',
      b,
      '--to',
      a,
      '--throttle',
      '90MB/s',
      '--wait',
    )
    assert.equal(followed.code, 0, followed.stderr)
    assert.match(followed.stdout, / MOVED\n$/)
    assert.match(followed.stderr, /throttles set on broker 1\n(.*\n)*throttles cleared on broker 1\n/)
    assert.deepEqual(await items('reassign', 'throttle', 'show'), [])
    assert.deepEqual((await places()).filter((path) => path === a).length, 1)
  })

  it('take replicas from a file of kafka-reassign-partitions, throttled until they are there', async () => {
    const [a, b] = [`${broker.directory}/a`, `${broker.directory}/b`]
    const file = `${broker.directory}/directories.json`
    const entry = (partition: number) => ({ topic: 'disks', partition, replicas: [1], log_dirs: [a] })
    writeFileSync(file, JSON.stringify({ version: 1, partitions: [0, 1].map(entry) }))
    const before = await tkafka('reassign', 'verify', file)
    assert.deepEqual([before.code, /ELSEWHERE/.test(before.stdout)], [3, true])
    const asked = await tkafka('reassign', 'apply', file)
    assert.equal(asked.code, 2)
    assert.match(asked.stderr, new RegExp(`disks-0 on 1: ${b} → ${a}\n(.*\n)*2 replicas to lie in another directory\n`))
    assert.match((await tkafka('reassign', 'apply', file, '--dry-run')).stdout, new RegExp(`disks +1 +1 +1 +1:${a} +WOULD-MOVE`))
    const applied = await tkafka('reassign', 'apply', file, '--directory-throttle', '80MB/s', '--yes')
    assert.equal(applied.code, 0, applied.stderr)
    assert.match(applied.stdout, new RegExp(`disks +1 +1 +1 +1:${a} +STARTED`))
    assert.match(applied.stderr, /throttles set on broker 1\n/)
    await eventually('three lie in a', async () => (await places()).filter((path) => path === a).length === 3)
    await eventually('each lies where it shall', async () => (await tkafka('reassign', 'verify', file)).code === 0)
    await eventually('one is left in b', async () => (await places()).filter((path) => path === b).length === 1)
    await eventually('the throttle goes', async () => {
      await tkafka('reassign', 'status')
      return (await items('reassign', 'throttle', 'show')).length === 0
    })
  })

  it('are waited for, and failed targets are left alone', async () => {
    const [a, b] = [`${broker.directory}/a`, `${broker.directory}/b`]
    const file = `${broker.directory}/waited.json`
    const entry = (partition: number) => ({ topic: 'disks', partition, replicas: [1], log_dirs: [b] })
    writeFileSync(file, JSON.stringify({ version: 1, partitions: [0, 77].map(entry) }))
    const applied = await tkafka('reassign', 'apply', file, '--directory-throttle', '80MB/s', '--wait', '--yes')
    assert.equal(applied.code, 1)
    assert.match(applied.stderr, /disks-77: disks has no partition 77/)
    assert.doesNotMatch(applied.stderr, /disks-77 on 1/)
    assert.match(applied.stdout, new RegExp(`disks +0 +1 +1 +1:${b} +MOVED\n$`))
    assert.match(applied.stderr, /throttles cleared on broker 1\n/)
    assert.deepEqual(await items('reassign', 'throttle', 'show'), [])
    assert.deepEqual((await places()).filter((path) => path === a).length, 2)
    writeFileSync(file, JSON.stringify({ version: 1, partitions: [entry(0)] }))
    assert.match((await tkafka('reassign', 'apply', file, '--wait')).stdout, /disks +0 +1 +1 +UNCHANGED\n$/)
  })

  it('keep their replicas when a copy is cancelled, and its throttle goes', async () => {
    const [a, b] = [`${broker.directory}/a`, `${broker.directory}/b`]
    const env = { TKAFKA_BOOTSTRAP_SERVER: broker.bootstrap }
    assert.equal((await tkafka('topics', 'create', 'heavy', '-p', '1')).code, 0)
    await run(['produce', 'heavy'], { stdin: Buffer.from(`${'x'.repeat(1000)}\n`.repeat(4000)), env })
    const [place] = await items('cluster', 'logdirs', 'list', 'heavy', '--replicas')
    const to = place!.path === a ? b : a
    const file = `${broker.directory}/heavy.json`
    writeFileSync(file, JSON.stringify({ version: 1, partitions: [{ topic: 'heavy', partition: 0, replicas: [1], log_dirs: [to] }] }))
    const heavy = async (): Promise<unknown[]> =>
      (await items('cluster', 'logdirs', 'list', 'heavy', '--replicas')).map(({ path, future }) => [path, future])
    for (const which of [file, '--all']) {
      assert.equal((await tkafka('reassign', 'apply', file, '--directory-throttle', '1KB/s', '--yes')).code, 0)
      assert.match((await tkafka('reassign', 'cancel', which, '--dry-run')).stdout, /heavy-0 on 1 +WOULD-CANCEL\n$/)
      assert.match(
        (await tkafka('reassign', 'cancel', which)).stderr,
        new RegExp(`heavy-0 on 1: stays in ${place!.path}, does not go to ${to}`),
      )
      const cancelled = await tkafka('reassign', 'cancel', which, '--yes')
      assert.match(cancelled.stdout, /^PARTITION +STATUS\nheavy-0 on 1 +CANCELLED\n$/, cancelled.stderr)
      await eventually('the copy is gone', async () => JSON.stringify(await heavy()) === JSON.stringify([[place!.path, false]]))
      await eventually('the throttle goes', async () => {
        await tkafka('reassign', 'status')
        return (await items('reassign', 'throttle', 'show')).length === 0
      })
    }
    writeFileSync(file, JSON.stringify({ version: 1, partitions: [{ topic: 'heavy', partition: 0, replicas: [1] }] }))
    assert.match((await tkafka('reassign', 'cancel', file)).stderr, /no such partition is being moved/)
  })

  it('that are not there are refused, with those that are', async () => {
    const { code, stderr } = await tkafka('cluster', 'logdirs', 'move', 'disks', '--broker', '1', '--to', '/elsewhere')
    assert.equal(code, 1)
    assert.match(stderr, /broker 1 has no log directory \/elsewhere\n {2}It has \S+\/a, \S+\/b\./)
    assert.equal((await tkafka('cluster', 'logdirs', 'move', '--broker', '1', '--to', '/elsewhere')).code, 2)
  })
})
