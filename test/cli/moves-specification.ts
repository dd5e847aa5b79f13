import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { type Kind, MixedCluster } from '../apache/mixed-cluster.ts'
import { eventually } from '../client/broker-at.ts'
import { type Ran, type RunOptions, run } from './run-command.ts'

export type Item = Readonly<Record<string, unknown>>

/** Commands with a cluster of three nodes. */
export class Operator {
  readonly cluster: MixedCluster
  readonly env: Readonly<Record<string, string>>

  constructor(cluster: MixedCluster) {
    this.cluster = cluster
    this.env = { TKAFKA_BOOTSTRAP_SERVER: cluster.bootstrap['bootstrap.servers'], TKAFKA_STATE: join(cluster.folder, 'state') }
  }

  tkafka(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return run(argv, { ...options, env: this.env })
  }

  async done(...argv: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.tkafka(argv)
    assert.equal(code, 0, `${argv.join(' ')}: ${stdout}${stderr}`)
    return stdout
  }

  async items(...argv: string[]): Promise<Item[]> {
    return JSON.parse((await this.tkafka([...argv, '--json'])).stdout).items
  }

  /** Replicas of the partitions of a topic, the preferred leader first. */
  async replicas(topic: string): Promise<string[]> {
    const [described] = await this.cluster.admin.describeTopics([topic])
    return described!.value!.partitions.map(({ replicas }) => replicas.join())
  }

  /** Brokers learn a moment later what the controller knows. */
  async untilReplicas(topic: string, wanted: readonly string[]): Promise<void> {
    await eventually(`${topic} has replicas ${wanted.join(' ')}`, async () => (await this.replicas(topic)).join(' ') === wanted.join(' '))
  }

  async throttles(): Promise<string[]> {
    return (await this.items('reassign', 'throttle', 'show')).map(({ type, name, own }) => `${type} ${name}${own ? ' own' : ''}`)
  }

  /** Each broker tells of its settings as far as it has heard of them. */
  async untilThrottles(wanted: readonly string[]): Promise<void> {
    await eventually(`throttled are: ${wanted.join(', ')}`, async () => (await this.throttles()).join() === wanted.join())
  }

  /** A file as kafka-reassign-partitions takes it: `topic-partition → replicas`. */
  plan(name: string, moves: readonly (readonly [topic: string, partition: number, replicas: readonly number[]])[]): string {
    const path = join(this.cluster.folder, name)
    const partitions = moves.map(([topic, partition, replicas]) => ({ topic, partition, replicas }))
    writeFileSync(path, JSON.stringify({ version: 1, partitions }))
    return path
  }
}

/** What holds for moves of replicas in a cluster of either kind. */
export function describeMoves(kind: Kind, more: (operator: () => Operator) => void = () => {}): void {
  describe(`moving replicas in a cluster of ${kind} brokers`, () => {
    let operator: Operator
    before(async () => {
      operator = new Operator(await MixedCluster.start([kind, kind, kind]))
      await operator.done('cluster', 'health', '--wait', '--timeout', '60s')
    })
    after(() => operator.cluster[Symbol.asyncDispose]())

    const up3 = async (): Promise<void> => {
      await operator.cluster.run(3, kind)
      await operator.done('cluster', 'health', '--wait', '--timeout', '60s')
    }

    // A test that fails in the middle leaves no broken cluster to those after it.
    afterEach(async () => {
      if (operator.cluster.kindOf(3) !== undefined) return
      await up3()
      await operator.tkafka(['reassign', 'cancel', '--all', '--yes'])
    })

    it('a plan is made, followed to its end, and taken back, order and all', async () => {
      await operator.done('topics', 'create', 'orders', '--replica-assignment', '1:2,2:1,2:3')
      const records = Buffer.from(`${'x'.repeat(1000)}\n`.repeat(200))
      await operator.tkafka(['produce', 'orders', '-p', '0'], { stdin: records })
      const plan = join(operator.cluster.folder, 'three.json')
      const shown = await operator.done('reassign', 'plan', 'orders', '--replication-factor', '3', '-f', plan)
      assert.match(shown, /^PLAN 3 partitions to change, 19\d KiB to copy, 0 preferred leaders to change\nBROKER/)
      const other = await operator.tkafka(['reassign', 'plan', 'orders', '--replication-factor', '1', '-f', plan])
      assert.deepEqual([other.code, /three\.json is there already/.test(other.stderr)], [2, true], other.stderr)
      const applied = await operator.tkafka(['reassign', 'apply', plan, '--throttle', 'auto', '--batch', '1', '--wait', '--yes'])
      assert.equal(applied.code, 0, applied.stderr)
      assert.match(applied.stdout, /orders +0 +1,2 +1,2,3 +MOVED/)
      assert.match(
        applied.stderr,
        /throttles set on brokers 1,2,3 and topic orders\n(.*\n)*throttles cleared on brokers 1,2,3 and topic orders\n/,
      )
      await operator.untilThrottles([])
      assert.match(await operator.done('reassign', 'apply', plan), /orders +0 +1,2,3 +1,2,3 +UNCHANGED/)
      const back = await operator.tkafka(['reassign', 'rollback', plan, '--wait', '--yes'])
      assert.equal(back.code, 0, back.stderr)
      assert.match(back.stdout, /orders +2 +2,3,1 +2,3 +BACK/)
      await operator.untilReplicas('orders', ['1,2', '2,1', '2,3'])
      assert.match((await operator.tkafka(['reassign', 'rollback', plan])).stderr, /everything is as it was before/)
    })

    it('a plan of another tool is taken back to what apply has found', async () => {
      const plan = operator.plan('theirs.json', [
        ['orders', 0, [2, 1]],
        ['orders', 1, [3, 2]],
      ])
      const unknown = await operator.tkafka(['reassign', 'rollback', plan, '--yes'])
      assert.equal(unknown.code, 1)
      assert.match(unknown.stderr, /nobody has noted what was there before/)
      const stopped = await operator.tkafka(['reassign', 'apply', plan, '--throttle', '1MB/s', '--wait', '--yes'], {
        stop: AbortSignal.abort(),
      })
      assert.match(stopped.stderr, /throttles set on .*\n(.*\n)*throttles cleared on /, 'it was stopped before anything had begun')
      await operator.untilThrottles([])
      await operator.untilReplicas('orders', ['1,2', '2,1', '2,3'])
      await operator.done('reassign', 'apply', plan, '--wait', '--yes')
      await operator.untilReplicas('orders', ['2,1', '3,2', '2,3'])
      assert.ok(existsSync(join(operator.cluster.folder, 'theirs.rollback.json')))
      await operator.done('reassign', 'rollback', plan, '--wait', '--yes')
      await operator.untilReplicas('orders', ['1,2', '2,1', '2,3'])
      const refused = await operator.tkafka([
        'reassign',
        'apply',
        operator.plan('two.json', [['orders', 0, [1]]]),
        '-y',
        '--disallow-replication-factor-change',
      ])
      assert.equal(refused.code, 1)
      assert.match(refused.stderr, /orders-0 would have 1 replicas, not 2/)
    })

    it('a move that another cancels is not said to be made', async () => {
      // More than one fetch brings, so that a throttle holds the rest back.
      const records = Buffer.from(`${'x'.repeat(1000)}\n`.repeat(5000))
      await operator.tkafka(['produce', 'orders', '-p', '0'], { stdin: records })
      const plan = operator.plan('slow.json', [
        ['orders', 0, [1, 2, 3]],
        ['orders', 1, [1, 2]],
      ])
      const moving = Promise.withResolvers<void>()
      const followed = operator.tkafka(['reassign', 'apply', plan, '--throttle', '100', '--wait', '--yes', '-o', 'ndjson'], {
        onOutput: () => moving.resolve(),
      })
      await Promise.race([moving.promise, followed])
      await operator.done('reassign', 'cancel', plan, '--yes', '--preserve-throttles')
      const { code, stdout, stderr } = await followed
      assert.equal(code, 3, stderr)
      assert.match(stdout, /"partition":0,.*"status":"ELSEWHERE"/)
      assert.match(stdout, /"partition":1,.*"status":"MOVED"/)
      await operator.untilThrottles([])
      await operator.untilReplicas('orders', ['1,2', '1,2', '2,3'])
      await operator.done('reassign', 'apply', operator.plan('away.json', [['orders', 0, [3, 2]]]), '--wait', '--yes')
      const returning = Promise.withResolvers<void>()
      const back = [
        'reassign',
        'rollback',
        join(operator.cluster.folder, 'away.json'),
        '--throttle',
        '100',
        '--wait',
        '--yes',
        '-o',
        'ndjson',
      ]
      const followedBack = operator.tkafka(back, { onOutput: () => returning.resolve() })
      await Promise.race([returning.promise, followedBack])
      await operator.done('reassign', 'cancel', '--all', '--yes', '--preserve-throttles')
      assert.match((await followedBack).stdout, /"partition":0,.*"status":"ELSEWHERE"/)
      assert.equal((await followedBack).code, 3)
      await operator.done('reassign', 'apply', operator.plan('home.json', [['orders', 0, [1, 2]]]), '--wait', '--yes')
      await operator.done('reassign', 'apply', operator.plan('order.json', [['orders', 1, [2, 1]]]), '--wait', '--yes')
    })

    it('plans spread leaders without a copy, and need racks for racks', async () => {
      await operator.done('topics', 'create', 'uneven', '--replica-assignment', '1:2,1:2,1:2,1:3')
      const leaders = await operator.items('reassign', 'plan', 'uneven', '--balance', 'leaders')
      assert.ok(leaders.length >= 2)
      for (const { adding, removing, bytes } of leaders) assert.deepEqual([adding, removing, bytes], [[], [], 0])
      assert.match((await operator.tkafka(['reassign', 'plan', 'uneven', '--racks'])).stderr, /nothing has to move/)
      assert.match((await operator.tkafka(['reassign', 'plan', 'uneven', '--balance', 'size'])).stderr, /nothing has to move/)
      assert.equal((await operator.tkafka(['reassign', 'plan', '--racks', '--drain', '1'])).code, 2)
      await operator.done('topics', 'delete', 'uneven', '--yes')
    })

    it('a move that cannot get on is told with the reason, is gone on with, and is taken back', async () => {
      await operator.cluster.inSync('orders')
      const plan = operator.plan('stuck.json', [['orders', 0, [1, 2, 3]]])
      await operator.cluster.kill(3)
      // It is taken for alive for a moment, and never gets its copy.
      assert.match(await operator.done('reassign', 'apply', plan, '--yes'), /orders +0 +1,2 +1,2,3 +STARTED/)
      await eventually('broker 3 is missed', async () => (await operator.items('cluster', 'describe')).length === 2, 30_000)
      assert.match(await operator.done('reassign', 'apply', plan, '--throttle', '50MB/s'), /orders +0 +1,2 +1,2,3 +MOVING/)
      const status = await operator.tkafka(['reassign', 'status'])
      assert.match(status.stdout, /orders +0 +1,2,3 +3 +- +.*broker 3 is not there\n/)
      // Each broker tells its own settings, as soon as it knows them.
      await eventually('both are throttled', async () =>
        /throttled: broker 1, 2 to 50 MB\/s\n/.test((await operator.tkafka(['reassign', 'status'])).stderr),
      )
      const throttle = ['reassign', 'throttle', 'set', '50MB/s']
      assert.match(await operator.done(...throttle, '--dry-run'), /orders +0 +50 MB\/s +WOULD-SET\n/)
      assert.match(await operator.done(...throttle), /orders +0 +50 MB\/s +SET\n/)
      await operator.untilThrottles([
        'broker 1 own',
        'broker 1 own',
        'broker 2 own',
        'broker 2 own',
        'topic orders own',
        'topic orders own',
      ])
      assert.match(
        await operator.done(
          'reassign',
          'apply',
          operator.plan('stuck2.json', [
            ['orders', 0, [1, 2, 3]],
            ['orders', 1, [2, 1]],
          ]),
          '--dry-run',
        ),
        /orders +0 +1,2 +1,2,3 +MOVING/,
      )
      const stop = new AbortController()
      const followed = operator.tkafka(['reassign', 'apply', plan, '--wait', '-o', 'ndjson'], {
        stop: stop.signal,
        onOutput: () => stop.abort(),
      })
      const [progress] = (await followed).stdout.split('\n')
      assert.equal(JSON.parse(progress!).progress.moves, 1)
      assert.match((await followed).stdout, /"status":"MOVING"/)

      const back = await operator.tkafka(['reassign', 'rollback', '--all', '--wait', '--yes'])
      assert.equal(back.code, 0, back.stderr)
      await operator.untilReplicas('orders', ['1,2', '2,1', '2,3'])
      assert.match(back.stderr, /throttles cleared on brokers 1,2 and topic orders\n/)
      const refused = await operator.tkafka(['reassign', 'apply', plan, '--yes'])
      assert.equal(refused.code, 1, 'broker 3 is known to be gone')
      await up3()
      await operator.done('reassign', 'status')
      await operator.untilThrottles([])
    })

    it('the throttle of a run that was killed goes with the next look after the moves', async () => {
      const plan = operator.plan('killed.json', [['orders', 1, [2, 1, 3]]])
      await operator.cluster.kill(3)
      // It is taken for alive for a moment.
      await operator.done('reassign', 'apply', plan, '--yes')
      await eventually('broker 3 is missed', async () => (await operator.items('cluster', 'describe')).length === 2, 30_000)
      const program = join(import.meta.dirname, '../../bin/dev.js')
      const argv = [program, 'reassign', 'apply', plan, '--throttle', '1MB/s', '--wait', '--yes']
      const child = spawn(process.execPath, argv, { stdio: 'ignore', env: { ...process.env, ...operator.env } })
      const gone = once(child, 'exit')
      const own = ['broker 1 own', 'broker 2 own', 'topic orders own']
      await eventually('it is throttled', async () => new Set(own).isSubsetOf(new Set(await operator.throttles())))
      child.kill('SIGKILL')
      await gone
      await operator.done('reassign', 'cancel', plan, '--yes', '--preserve-throttles')
      assert.notDeepEqual(await operator.throttles(), [])
      assert.match((await operator.tkafka(['reassign', 'status'])).stderr, /throttles cleared on brokers 1,2.* and topic orders\n/)
      await up3()
      await operator.done('reassign', 'status')
      await operator.untilThrottles([])
    })

    it('throttles that others have set are told of, and go when asked', async () => {
      await operator.done('configs', 'alter', 'brokers', '1', '--set', 'leader.replication.throttled.rate=1000000')
      await operator.untilThrottles(['broker 1'])
      const status = await operator.tkafka(['reassign', 'status'])
      assert.match(status.stderr, /throttles are still set on broker 1: tkafka reassign throttle clear/)
      assert.match(await operator.done('reassign', 'throttle', 'clear', '--dry-run'), /broker +1 +WOULD-CLEAR/)
      assert.match(await operator.done('reassign', 'throttle', 'clear'), /broker +1 +CLEARED/)
      await operator.untilThrottles([])
      assert.equal((await operator.tkafka(['reassign', 'throttle', 'set', '1MB/s'])).code, 3, 'nothing is being moved')
    })

    more(() => operator)

    it('a broker is relieved of everything, also in several runs, and then forgotten', async () => {
      await operator.done('topics', 'create', 'spread', '--replica-assignment', '3:1,1:3,3:2')
      // More than one fetch brings, so that a throttle holds it back.
      const records = Buffer.from(`${'x'.repeat(1000)}\n`.repeat(4000))
      assert.equal((await operator.tkafka(['produce', 'spread', '-p', '0'], { stdin: records })).code, 0)
      assert.equal((await operator.tkafka(['broker', 'decommission', '42'])).code, 1)
      const many = await operator.tkafka(['broker', 'decommission', '1', '3', '--dry-run'])
      assert.match(many.stderr, /need 2 brokers, and 1 can take them/)
      assert.match(await operator.done('broker', 'decommission', '3', '--dry-run'), /^PLAN 4 partitions to change/)
      const asked = await operator.tkafka(['broker', 'decommission', '3'])
      assert.equal(asked.code, 2)
      assert.match(asked.stderr, /PLAN 4 partitions to change(.*\n)+.*Take everything from broker 3\? Nobody can be asked here/)

      const kept = join(operator.cluster.folder, 'decommission.json')
      const started = await operator.tkafka(['broker', 'decommission', '3', '--detach', '--throttle', '10KB/s', '--yes', '-f', kept])
      assert.equal(started.code, 0, started.stderr)
      assert.equal(JSON.parse(readFileSync(kept, 'utf8')).before.length, 4)
      assert.match(started.stderr, /broker 3 takes no new replicas from now on; .*tkafka broker recommission 3\n/)
      const stateOf3 = async () => (await operator.items('cluster', 'logdirs', 'list', '--broker', '3'))[0]!.state
      await eventually('broker 3 is cordoned', async () => (await stateOf3()) === 'cordoned')
      assert.match(await operator.done('broker', 'recommission', '3', '--dry-run'), / 3 +WOULD-STAY +-\n$/)
      const stays = await operator.tkafka(['broker', 'recommission', '3', '--yes'])
      assert.match(stays.stdout, /^BROKER +STATUS +UNCORDONED\n +3 +STAYS +\S+3\/data\n$/)
      assert.match(stays.stderr, /^\d moves? stopped\nthrottles cleared on brokers 1,2,3 /)
      await eventually('broker 3 is not cordoned any more', async () => (await stateOf3()) === 'online')
      assert.match(await operator.done('broker', 'recommission', '3', '--yes'), / 3 +STAYS +-\n$/)

      const followed = await operator.tkafka(['broker', 'decommission', '3', '--yes'])
      assert.equal(followed.code, 0, followed.stderr)
      assert.match(followed.stdout, /^BROKER +STATE +REPLICAS +LEADERS +SIZE +STATUS\n +3 +up +0 +0 +\S+ B +DRAINED\n$/)
      assert.match(followed.stderr, /broker 3 holds nothing any more: stop it, then tkafka broker unregister 3\n/)
      for (const topic of ['orders', 'spread'])
        await eventually(`${topic} is not on broker 3`, async () => !/3/.test((await operator.replicas(topic)).join(' ')))
      await eventually('all are led as preferred', async () => (await operator.items('topics', 'elect-leaders', '--dry-run')).length === 0)

      await operator.cluster.stop(3)
      await eventually('it has left', async () => (await operator.items('cluster', 'describe')).length === 2, 30_000)
      const down = await operator.tkafka(['broker', 'recommission', '3'])
      assert.equal(down.code, 1)
      assert.match(down.stderr, /broker 3 is not up\n.*--bootstrap-controller/)
      const cordons = async () =>
        (await operator.items('configs', 'describe', 'brokers', '3')).filter(({ name }) => name === 'cordoned.log.dirs')
      const { stdout, stderr } = await operator.tkafka(['broker', 'decommission', '3', '--unregister', '--yes', '--json'])
      assert.doesNotMatch(stderr, /recommission/)
      assert.match(stderr, /broker 3 has a vote .* fixes it .*--feature kraft\.version=1/)
      const [forgotten] = JSON.parse(stdout).items
      assert.deepEqual([forgotten!.state, forgotten!.votes, forgotten!.status], ['fenced', true, 'UNREGISTERED'])
      const [gone] = await operator.items('broker', 'unregister', '3', '--dry-run')
      assert.equal(gone!.status, 'WOULD-UNREGISTER')
      assert.equal((await operator.tkafka(['broker', 'decommission', '3'])).code, 1, 'it is not known any more')

      await operator.cluster.run(3, kind)
      await eventually('another one is there', async () => (await operator.items('cluster', 'describe')).length === 3, 30_000)
      assert.deepEqual(await cordons(), [], 'it is not cordoned as the one before it was')
    })
  })
}
