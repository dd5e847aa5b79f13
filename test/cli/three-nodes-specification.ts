import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { type Kind, MixedCluster } from '../apache/mixed-cluster.ts'
import { eventually } from '../client/broker-at.ts'
import { type Ran, run } from './run-command.ts'

type Item = Readonly<Record<string, unknown>>

/** What holds for operating a cluster of either kind. */
export const describeOperations = (kind: Kind): Promise<void> =>
  describe(`operating a cluster of three ${kind} nodes`, () => {
    let cluster: MixedCluster
    before(async () => {
      cluster = await MixedCluster.start([kind, kind, kind])
    })
    after(() => cluster[Symbol.asyncDispose]())
    const tkafka = (...argv: string[]): Promise<Ran> =>
      run(argv, { env: { TKAFKA_BOOTSTRAP_SERVER: cluster.bootstrap['bootstrap.servers'], TKAFKA_STATE: `${cluster.folder}/state` } })
    const done = async (...argv: string[]): Promise<string> => {
      const { code, stdout, stderr } = await tkafka(...argv)
      assert.equal(code, 0, `${argv.join(' ')}: ${stdout}${stderr}`)
      return stdout
    }
    const items = async (...argv: string[]): Promise<Item[]> => JSON.parse((await tkafka(...argv, '--json')).stdout).items
    const ill = async (): Promise<Record<string, unknown>> =>
      Object.fromEntries(
        (await items('cluster', 'health', '--max-lag', '2s')).flatMap((each) => (each.healthy ? [] : [[each.check, each.concerned]])),
      )

    it('is healthy when all is up, and all three vote', async () => {
      assert.match(
        await done('cluster', 'health', '--wait'),
        /^HEALTHY\nCHECK +STATE +DETAIL\nquorum +ok +led by \d in epoch \d+, 3 voting/,
      )
      const [status] = await items('cluster', 'quorum', 'status')
      assert.equal((status!.replicas as Item[]).length, 3)
    })

    it('says of voters that the files fix what has to be done, before it asks anybody', async () => {
      const fixed = /fixed by controller\.quorum\.voters \(kraft\.version 0\)\n {2}.*features upgrade --feature kraft\.version=1/
      const removed = await tkafka('cluster', 'quorum', 'remove-controller', '-i', '3')
      assert.deepEqual([removed.code, fixed.test(removed.stderr)], [1, true], removed.stderr)
      const listener = ['-d', '3ZK1h2aRQbK8l0oQ7nq5Xw', '--listener', 'CONTROLLER://host-4:9093']
      const added = await tkafka('cluster', 'quorum', 'add-controller', '-i', '4', ...listener, '--dry-run')
      assert.deepEqual([added.code, fixed.test(added.stderr)], [1, true], added.stderr)
    })

    it('has nothing that its doctor finds, who reaches each broker where it says it is', async () => {
      const found = await items('cluster', 'doctor', '--disk-full', '100')
      assert.deepEqual(
        found.filter(({ state }) => state !== 'ok'),
        [],
      )
      assert.deepEqual(
        found.filter(({ check }) => check === 'advertised').map(({ of }) => of),
        ['broker 1', 'broker 2', 'broker 3'],
      )
    })

    it('elects nobody where all is right', async () => {
      await done('topics', 'create', 'moved', '--replica-assignment', '3:1:2,3:2:1,1:2:3')
      await done('topics', 'create', 'risky', '--replica-assignment', '3:2')
      await done('cluster', 'health', '--wait')
      assert.match((await tkafka('topics', 'elect-leaders')).stderr, /no partition needs an election/)
      const named = await done('topics', 'elect-leaders', 'moved', '-p', '0,2', '-o', 'awk')
      assert.equal(named, 'moved\t0\t3\t3\t3,1,2\tNOT-NEEDED\nmoved\t2\t1\t1\t1,2,3\tNOT-NEEDED\n')
      const missing = await tkafka('topics', 'elect-leaders', 'moved:9')
      assert.equal(missing.code, 1)
    })

    it('moves everything away from a broker, throttled, and back', async () => {
      await done('topics', 'create', 'heavy', '--replica-assignment', '3:1,1:2,2:3,3:2')
      const records = Buffer.from(`${'x'.repeat(1000)}\n`.repeat(100))
      const env = { TKAFKA_BOOTSTRAP_SERVER: cluster.bootstrap['bootstrap.servers'] }
      for (const partition of ['0', '1', '2', '3']) await run(['produce', 'heavy', '-p', partition], { stdin: records, env })
      const [plan, back] = [`${cluster.folder}/drain.json`, `${cluster.folder}/drain.rollback.json`]
      const planned = await done('reassign', 'plan', 'heavy', '--drain', '3', '-f', plan)
      assert.match(planned, /^PLAN 3 partitions to change, [\d.]+ KiB to copy, 2 preferred leaders to change\nBROKER +REPLICAS/)
      assert.match(planned, /\n +3 +3 +0 +[\d.]+ KiB +0 B +2 +0\n/)
      assert.deepEqual(JSON.parse(readFileSync(plan, 'utf8')).partitions[0], {
        ...{ topic: 'heavy', partition: 0, replicas: [2, 1], log_dirs: ['any', 'any'] },
      })
      assert.match(await done('reassign', 'apply', plan, '--dry-run'), /heavy +0 +3,1 +2,1 +WOULD-MOVE/)
      const asked = await tkafka('reassign', 'apply', plan)
      assert.equal(asked.code, 2)
      assert.match(asked.stderr, /heavy-0: 3,1 → 2,1\n/)
      const before = await tkafka('reassign', 'verify', plan)
      assert.equal(before.code, 3)
      assert.match(before.stdout, /heavy +0 +2,1 +3,1 +ELSEWHERE/)

      const applied = await tkafka('reassign', 'apply', plan, '--throttle', '50MB/s', '--wait', '--yes')
      assert.equal(applied.code, 0, applied.stderr)
      assert.match(applied.stdout, /heavy +0 +3,1 +2,1 +MOVED/)
      assert.match(applied.stderr, /throttles set on brokers 1,2,3 and topic heavy\n/)
      assert.match(applied.stderr, /throttles cleared on brokers 1,2,3 and topic heavy\n/)
      assert.deepEqual(await items('configs', 'describe', 'topics', 'heavy'), [])
      assert.match(await done('kafka-reassign-partitions', '--verify', '--reassignment-json-file', plan), /heavy +3 +\S+ +\S+ +COMPLETE/)
      assert.match((await tkafka('reassign', 'plan', 'heavy', '--drain', '3')).stderr, /nothing has to move/)

      const started = await tkafka('reassign', 'apply', back, '--throttle', '50MB/s', '-y')
      assert.match(started.stdout, /STARTED/)
      await eventually('it is as it was', async () => (await tkafka('reassign', 'verify', back)).code === 0)
      assert.deepEqual(await items('configs', 'describe', 'brokers', '3'), [])
    })

    it('plans for more brokers and replicas, and refuses what cannot be', async () => {
      const onto = await items('reassign', 'plan', 'heavy', '--brokers', '1,2')
      assert.deepEqual(
        onto.map(({ to }) => (to as number[]).toSorted().join()),
        ['1,2', '1,2', '1,2'],
      )
      assert.match((await tkafka('reassign', 'plan', 'heavy', '--replication-factor', '3')).stdout, /PLAN 4 partitions to change/)
      const many = await tkafka('reassign', 'plan', 'heavy', '--replication-factor', '4')
      assert.equal(many.code, 1)
      assert.match(many.stderr, /4 replicas need as many brokers, and 3 can take them/)
      assert.match((await tkafka('reassign', 'plan', '--drain', '1,2')).stderr, /the replicas of \S+ need \d brokers, and 1 can take them/)
      assert.match((await tkafka('reassign', 'plan', '--brokers', '1,9')).stderr, /there is no broker 9/)
      assert.equal((await tkafka('reassign', 'plan')).code, 2)
      const none = await tkafka('reassign', 'plan', '-r', 'no.such.*', '--drain', '3')
      assert.deepEqual([none.code, /no topic matches no\.such\.\*/.test(none.stderr)], [1, true])
      const both = await tkafka('reassign', 'plan', 'heavy', '--drain', '3', '--replication-factor', '1')
      assert.deepEqual([both.code, /--drain and --replication-factor exclude each other/.test(both.stderr)], [2, true])
      const file = `${cluster.folder}/bad.json`
      writeFileSync(file, '{"version":1,"partitions":[{"topic":"heavy","partition":0,"replicas":[1,9]}]}')
      assert.match((await tkafka('reassign', 'apply', file, '-y')).stderr, /there is no broker 9 that could take replicas/)
      writeFileSync(file, '{"version":1,"partitions":[{"topic":"heavy","partition":0,"replicas":[1,1]}]}')
      assert.equal((await tkafka('reassign', 'apply', file, '-y')).code, 2)
    })

    it('shows what is under way, and cancels it', async () => {
      assert.match((await tkafka('reassign', 'status')).stderr, /no partition is being moved/)
      const file = `${cluster.folder}/stuck.json`
      writeFileSync(file, '{"version":1,"partitions":[{"topic":"heavy","partition":1,"replicas":[1,2,3]}]}')
      // It is taken for alive for a moment, and never gets its copy.
      await cluster.kill(3)
      assert.match(await done('reassign', 'apply', file, '--yes'), /heavy +1 +1,2 +1,2,3 +STARTED/)
      assert.match(await done('reassign', 'status', '-o', 'awk'), /^heavy\t1\t1,2,3\t3\t-\t0\t0\t[1-9]\d*\t(-|broker 3 is not there)\n$/)
      assert.equal((await tkafka('reassign', 'verify', file)).code, 3)
      await eventually('broker 3 is missed', async () => (await items('cluster', 'describe')).length === 2)
      const again = await tkafka('reassign', 'apply', `${cluster.folder}/drain.json`, '-y')
      assert.equal(again.code, 1)
      assert.match(again.stderr, /partitions are being moved already/)
      assert.equal((await tkafka('reassign', 'cancel')).code, 2)
      assert.match(await done('reassign', 'cancel', '--all', '--dry-run'), /heavy-1 +WOULD-CANCEL/)
      assert.match(await done('reassign', 'cancel', file, '--yes'), /heavy-1 +CANCELLED/)
      assert.match((await tkafka('reassign', 'cancel', '--all')).stderr, /no such partition is being moved/)
    })

    it('is not healthy while a node is gone: what is concerned is named, and the exit code is 3', async () => {
      await eventually('everything is found', async () => Object.keys(await ill()).join() === 'quorum,brokers,under-replicated')
      const found = await ill()
      assert.deepEqual([found.brokers, found.quorum], [['3'], ['3 (silent)']])
      assert.deepEqual(found['under-replicated'], ['heavy-0', 'heavy-2', 'heavy-3', 'moved-0', 'moved-1', 'moved-2', 'risky-0'])
      const waited = await tkafka('cluster', 'health', '--wait', '--timeout', '1s')
      assert.equal(waited.code, 3)
      assert.match(waited.stdout, /^NOT HEALTHY: .*under-replicated\n/)
      assert.match(waited.stderr, /waiting: .*brokers/)
      const doctor = await tkafka('cluster', 'doctor', '--disk-full', '100', '--max-lag', '2s')
      assert.equal(doctor.code, 3)
      for (const said of [
        /^\d WRONG\n/,
        /\nWRONG tcp of \S+: connection refused\n/,
        /\nWRONG brokers: 1 of 3 fenced: 3\n/,
        /\nWRONG quorum: .*3 \(silent\)\n/,
      ])
        assert.match(doctor.stdout, said)
      const quorum = await tkafka('cluster', 'quorum', 'replication', '--max-lag', '2s')
      assert.equal(quorum.code, 3)
      assert.match(quorum.stdout, /3 {2}Follower .* silent\n/)
    })

    it('gives a partition to a replica out of sync only when asked twice', async () => {
      // Broker 2 alone is in sync; then 3 comes back, which lacks what 2 has, and 2 goes.
      await cluster.kill(2)
      let alone = ''
      await eventually('nobody leads the quorum', async () => {
        alone = (await tkafka('cluster', 'health', '--timeout', '1s')).stdout
        return /quorum +NOT-OK +DescribeQuorum did not succeed within \d+ ms/.test(alone)
      })
      assert.match(alone, /offline +ok +0 of 8 partitions/, 'what can be known is told all the same')
      await cluster.run(3, kind)
      await eventually('risky has no leader', async () => 'offline' in (await ill()))
      const preferred = await tkafka('topics', 'elect-leaders', 'risky')
      assert.equal(preferred.code, 1)
      assert.match(preferred.stderr, /risky-0: .*\[PREFERRED_LEADER_NOT_AVAILABLE 80\]/)
      const refused = await tkafka('topics', 'elect-leaders', '--unclean', '--all')
      assert.equal(refused.code, 2)
      assert.match(refused.stderr, /risky-0: no leader, replicas 3,2, last in sync 2; what the others lack is lost/)
      assert.equal((await tkafka('topics', 'elect-leaders', '--unclean', '--yes')).code, 2, 'of which partitions?')
      assert.match(await done('topics', 'elect-leaders', '--unclean', '--all', '--yes'), /risky +0 +- +3 +- +ELECTED/)
      await cluster.run(2, kind)
    })

    it('leads as it should again when the node is back and leaders were elected', async () => {
      await done('cluster', 'health', '--wait', '--max-lag', '2s')
      const before = await items('topics', 'elect-leaders', '--dry-run')
      assert.deepEqual(
        before.filter(({ topic }) => topic === 'moved').map(({ partition, status }) => [partition, status]),
        [
          [0, 'WOULD-ELECT'],
          [1, 'WOULD-ELECT'],
        ],
      )
      const file = `${cluster.folder}/election.json`
      writeFileSync(file, '{"partitions":[{"topic":"moved","partition":1}]}')
      assert.match(await done('kafka-leader-election', '--election-type', 'PREFERRED', '--path-to-json-file', file), /moved +1 .* ELECTED/)
      assert.match(await done('topics', 'elect-leaders'), /moved +0 .* ELECTED/)
      await eventually('all are led by their first replica', async () => (await items('topics', 'elect-leaders', '--dry-run')).length === 0)
    })

    it('gets the replicas and partitions that a file says, and loses the topic when that may go', async () => {
      const file = `${cluster.folder}/desired.yaml`
      const says = (spec: string): void => writeFileSync(file, `topics:\n  desired.a: ${spec}\n`)
      says('{partitions: 1, replicationFactor: 1}')
      assert.match(await done('apply', '-f', file, '--yes'), /create +topic +desired\.a .* DONE\n/)
      says('{partitions: 2, replicationFactor: 3}')
      const grown = await done('apply', '-f', file, '--yes')
      assert.match(grown, /replicationFactor 1 → 3 +STARTED\n(.*\n)*.*partitions 1 → 2 +DONE\n/)
      await done('diff', '-f', file)
      await eventually('all are in sync', async () =>
        ((await items('topics', 'describe', 'desired.a'))[0]!.partitions as Item[]).every(({ isr }) => (isr as unknown[]).length === 3),
      )
      says('{replicationFactor: 2}')
      assert.match((await tkafka('apply', '-f', file)).stderr, /replicationFactor 3 → 2 \(cannot be undone\)\n/)
      await done('apply', '-f', file, '--yes')
      await done('diff', '-f', file)
      says('{replicationFactor: 4}')
      const many = await tkafka('apply', '-f', file, '--yes')
      assert.equal(many.code, 1)
      assert.match(many.stderr, /topic desired\.a: 4 replicas need as many brokers, and there are 3/)
      writeFileSync(file, 'topics: {}')
      await done('apply', '-f', file, '--allow-delete', 'topics', '--prune-prefix', 'desired.', '--yes')
    })

    it('forgets a broker that is gone, when it is told so', async () => {
      const unknown = await tkafka('broker', 'unregister', '42', '--yes')
      assert.equal(unknown.code, 1)
      assert.match(unknown.stderr, /BROKER_ID_NOT_REGISTERED/)
      await cluster.stop(3)
      const asked = await tkafka('broker', 'unregister', '3')
      assert.equal(asked.code, 2)
      assert.match(await done('broker', 'unregister', '3', '--dry-run'), /WOULD-UNREGISTER/)
      assert.match(asked.stderr, /7 partitions with a replica on broker 3\n/)
      // As a controller it still has its vote.
      const brokers = async (): Promise<unknown[]> =>
        (await items('cluster', 'describe', '--include-fenced'))
          .filter(({ roles }) => (roles as string[] | null)?.includes('broker') !== false)
          .map(({ id }) => id)
      assert.deepEqual(await brokers(), [1, 2, 3])
      assert.match(await done('kafka-cluster', 'unregister', '--id', '3', '--yes'), /3 {2}UNREGISTERED/)
      await eventually('it is forgotten', async () => (await brokers()).join() === '1,2')
    })
  })
