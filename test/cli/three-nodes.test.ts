import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { MixedCluster } from '../apache/mixed-cluster.ts'
import { eventually } from '../client/broker-at.ts'
import { type Ran, run } from './run-command.ts'

type Item = Readonly<Record<string, unknown>>

describe('operating a cluster of three nodes', () => {
  let cluster: MixedCluster
  before(async () => {
    cluster = await MixedCluster.start(['tkafka', 'tkafka', 'tkafka'])
  })
  after(() => cluster[Symbol.asyncDispose]())
  const tkafka = (...argv: string[]): Promise<Ran> =>
    run(argv, { env: { TKAFKA_BOOTSTRAP_SERVER: cluster.bootstrap['bootstrap.servers'] } })
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
    assert.match(await done('cluster', 'health', '--wait'), /^HEALTHY\nCHECK +STATE +DETAIL\nquorum +ok +led by \d in epoch \d+, 3 voting/)
    const [status] = await items('cluster', 'quorum', 'status')
    assert.equal((status!.replicas as Item[]).length, 3)
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

  it('is not healthy while a node is gone: what is concerned is named, and the exit code is 3', async () => {
    await cluster.kill(3)
    await eventually('everything is found', async () => Object.keys(await ill()).join() === 'quorum,brokers,under-replicated')
    const found = await ill()
    assert.deepEqual([found.brokers, found.quorum], [['3'], ['3 (silent)']])
    assert.deepEqual(found['under-replicated'], ['moved-0', 'moved-1', 'moved-2', 'risky-0'])
    const waited = await tkafka('cluster', 'health', '--wait', '--timeout', '1s')
    assert.equal(waited.code, 3)
    assert.match(waited.stdout, /^NOT HEALTHY: .*under-replicated\n/)
    assert.match(waited.stderr, /waiting: .*brokers/)
    const quorum = await tkafka('cluster', 'quorum', 'replication', '--max-lag', '2s')
    assert.equal(quorum.code, 3)
    assert.match(quorum.stdout, /3 {2}Follower .* silent\n/)
  })

  it('gives a partition to a replica out of sync only when asked twice', async () => {
    // Broker 2 alone is in sync; then 3 comes back, which lacks what 2 has, and 2 goes.
    await cluster.kill(2)
    await cluster.run(3, 'tkafka')
    await eventually('risky has no leader', async () => 'offline' in (await ill()))
    const preferred = await tkafka('topics', 'elect-leaders', 'risky')
    assert.equal(preferred.code, 1)
    assert.match(preferred.stderr, /risky-0: .*\[PREFERRED_LEADER_NOT_AVAILABLE 80\]/)
    const refused = await tkafka('topics', 'elect-leaders', '--unclean', '--all')
    assert.equal(refused.code, 2)
    assert.match(refused.stderr, /risky-0: no leader, replicas 3,2, last in sync 2; what the others lack is lost/)
    assert.equal((await tkafka('topics', 'elect-leaders', '--unclean', '--yes')).code, 2, 'of which partitions?')
    assert.match(await done('topics', 'elect-leaders', '--unclean', '--all', '--yes'), /risky +0 +- +3 +- +ELECTED/)
    await cluster.run(2, 'tkafka')
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
})
