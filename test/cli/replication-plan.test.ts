import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import TopicsAlter from '../../commands/topics/alter.ts'
import { runCommand } from '../../src/cli/main.ts'
import type { Admin, Reassignment } from '../../src/client/index.ts'
import { replicationPlan } from '../../src/ops/replication-plan.ts'
import { capturedShell, type Ran } from './run-command.ts'

const broker = (id: number, rack: string | null = null) => ({ id, rack })
const partitions = (...lists: number[][]) => lists.map((replicas, partition) => ({ partition, replicas, isr: replicas }))
const to = (plan: ReturnType<typeof replicationPlan>) => plan?.map((move) => move.to)

describe('a change of the replication factor', () => {
  const three = [broker(1), broker(2), broker(3)]

  it('adds replicas behind those that are there, and spreads them', () => {
    assert.deepEqual(to(replicationPlan(partitions([1], [1], [1], [1]), three, 2)), [
      [1, 2],
      [1, 3],
      [1, 2],
      [1, 3],
    ])
  })

  it('prefers racks that have no replica of the partition', () => {
    const racks = [broker(1, 'a'), broker(2, 'a'), broker(3, 'b')]
    assert.deepEqual(to(replicationPlan(partitions([1], [1], [2]), racks, 2)), [
      [1, 3],
      [1, 3],
      [2, 3],
    ])
  })

  it('takes away what is out of sync first, else never the preferred leader', () => {
    const [first, second] = partitions([1, 2, 3], [2, 3, 1])
    const plan = replicationPlan(
      [
        { ...first!, isr: [1, 3] },
        { ...second!, isr: [3] },
      ],
      three,
      1,
    )
    assert.deepEqual(to(plan), [[1], [3]])
    assert.deepEqual(to(replicationPlan([{ ...first!, isr: [1, 3] }], three, 2)), [[1, 3]])
  })

  it('takes away a preferred leader out of sync before all others; a replica in sync follows it', () => {
    const shrunk = (replicas: number[], isr: number[], factor: number) =>
      to(replicationPlan([{ partition: 0, replicas, isr }], [broker(2), broker(3), broker(4)], factor))
    assert.deepEqual(shrunk([1, 2, 3], [2, 3], 2), [[2, 3]])
    assert.deepEqual(shrunk([1, 2, 3, 4], [3, 4], 3), [[3, 2, 4]])
    assert.deepEqual(shrunk([1, 2, 3, 4], [4], 1), [[4]])
    assert.deepEqual(shrunk([1, 2, 3], [], 1), [[1]])
  })

  it('moves nothing that has as many already, and cannot have more than there are brokers', () => {
    assert.deepEqual(replicationPlan(partitions([1, 2], [3]), three, 2), [{ partition: 1, from: [3], to: [3, 1] }])
    assert.equal(replicationPlan(partitions([1]), three, 4), undefined)
  })

  it('needs brokers only for replicas that are new', () => {
    const alive = [broker(2), broker(3)]
    assert.deepEqual(replicationPlan(partitions([1, 2, 3]), alive, 3), [])
    assert.deepEqual(to(replicationPlan([{ partition: 0, replicas: [1, 2, 3, 4], isr: [2, 3] }], alive, 3)), [[2, 3, 4]])
    assert.deepEqual(to(replicationPlan(partitions([2]), alive, 2)), [[2, 3]])
    assert.equal(replicationPlan(partitions([2, 3]), alive, 3), undefined)
  })
})

describe('starting it', () => {
  const asked: Reassignment[][] = []
  const told = { code: 39, name: 'INVALID_REPLICA_ASSIGNMENT', message: 'no', retriable: false }
  /** A cluster of three brokers, as far as it is asked; one node is what tests can run today. */
  const cluster = ({ lists = [[1], [2]], moving = [] as { topic: string; partition: number }[], refuse = -1, minIsr = '1' } = {}): Admin =>
    ({
      describeTopics: async (names: string[]) =>
        names.map((item) => ({ item, error: null, value: { name: item, partitions: partitions(...lists) } })),
      describeCluster: async () => ({ nodes: [broker(1), broker(2), broker(3)] }),
      describeConfigs: async (resources: { name: string }[]) =>
        resources.map((item) => ({ item, error: null, value: [{ name: 'min.insync.replicas', value: minIsr }] })),
      listReassignments: async () => moving,
      alterReassignments: async (list: Reassignment[]) => {
        asked.push(list)
        return list.map((item) => ({ item, error: item.partition === refuse ? told : null, value: null }))
      },
    }) as unknown as Admin

  const alter = async (admin: Admin, argv: readonly string[], confirmed?: () => void): Promise<Ran> => {
    class Alter extends TopicsAlter {
      protected override openAdmin = async () => admin
      protected override async confirm(...asked: Parameters<TopicsAlter['confirm']>): Promise<void> {
        if (confirmed === undefined) await super.confirm(...asked)
        else confirmed()
      }
    }
    const { shell, ran } = capturedShell()
    asked.length = 0
    await runCommand(Alter, 'topics alter', [...argv], shell)
    return ran()
  }

  it('asks for all partitions of all topics at once, unless it shall only look', async () => {
    const looked = await alter(cluster(), ['t', 'u', '--replication-factor', '2', '--dry-run', '-o', 'awk'])
    assert.deepEqual(asked, [])
    const done = await alter(cluster(), ['t', 'u', '--replication-factor', '2', '-o', 'awk'])
    assert.equal(done.stdout.replaceAll('STARTED', 'VALID'), looked.stdout)
    const moves = (topic: string) => [
      { topic, partition: 0, replicas: [1, 3] },
      { topic, partition: 1, replicas: [2, 1] },
    ]
    assert.deepEqual(asked, [[...moves('t'), ...moves('u')]])
  })

  it('leaves alone a topic whose partitions are being moved', async () => {
    const moving = [{ topic: 'busy', partition: 1 }]
    const { code, stderr } = await alter(cluster({ moving }), ['busy', '--replication-factor', '2'])
    assert.equal(code, 1)
    assert.match(stderr, /busy: partition 1 is being moved \[REASSIGNMENT_IN_PROGRESS 60\]/)
    assert.deepEqual(asked, [])
  })

  it('names the partitions that are refused, and those that were started', async () => {
    const { code, stdout, stderr } = await alter(cluster({ refuse: 1 }), ['t', '--replication-factor', '2', '-o', 'awk'])
    assert.equal(code, 1)
    assert.equal(stdout, 't-0\treplicas 1 → 1,3\tSTARTED\n')
    assert.match(stderr, /t-1: no \[INVALID_REPLICA_ASSIGNMENT 39\]/)
  })

  it('that destroys copies shows them and asks; where nobody can be asked, only with --yes', async () => {
    const lists = [[1, 2], [2]]
    const refused = await alter(cluster({ lists }), ['t', '--replication-factor', '1'])
    assert.deepEqual([refused.code, asked.length], [2, 0])
    assert.match(refused.stderr, /^t-0: replicas 1,2 → 1\n.*Nobody can be asked here.*\n.*--yes/)
    const done = await alter(cluster({ lists }), ['t', '--replication-factor', '1', '--yes'])
    assert.deepEqual([done.code, done.stderr, asked.length], [0, '', 1])
    assert.equal((await alter(cluster({ lists }), ['t', '--replication-factor', '1', '--dry-run'])).code, 0)
  })

  it('that destroys copies starts nothing when replicas changed while it asked', async () => {
    const lists = [[1, 2]]
    const changed = await alter(cluster({ lists }), ['t', '--replication-factor', '1'], () => lists.splice(0, 1, [1, 3]))
    assert.deepEqual([changed.code, asked.length], [1, 0])
    assert.match(changed.stderr, /have changed since the plan was made/)
    assert.equal((await alter(cluster({ lists }), ['t', '--replication-factor', '1'], () => {})).code, 0)
    assert.equal(asked.length, 1)
  })

  it('warns of fewer replicas than min.insync.replicas', async () => {
    const lists = [[1, 2, 3]]
    const said = async (factor: string) =>
      (await alter(cluster({ lists, minIsr: '2' }), ['t', '--replication-factor', factor, '-y'])).stderr
    assert.match(await said('1'), /^t: warning: 1 is less than min\.insync\.replicas, which is 2\n$/)
    assert.equal(await said('2'), '')
  })

  it('has no short letter: -r are regular expressions elsewhere', async () => {
    assert.match((await alter(cluster(), ['t', '-r', '1'])).stderr, /there is no flag -r/)
  })
})
