import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Errors, KafkaError } from '../../src/protocol/index.ts'
import { openRaft, type RaftDriver, type RaftSettings, type Voter, VoterSet } from '../../src/raft/index.ts'
import { type Faults, type SimHost, World } from '../../src/sim/index.ts'
import { Recorder } from './listener-recorder.ts'

const endpoints = [{ name: 'CONTROLLER', host: '127.0.0.1', port: 9093 }]
const voter: Voter = { id: 1, directoryId: undefined, endpoints, kraftVersionMin: 0, kraftVersionMax: 1 }

/** One node on a memory disk that outlives its runs. */
class Node {
  readonly faults: Faults = {}
  readonly world = new World({ seed: 7, faults: this.faults })
  host: SimHost = this.world.host('one')
  syncs = 0

  async open(settings: Partial<RaftSettings> = {}): Promise<RaftDriver> {
    await this.host.disk.makeDirectory('/data')
    await this.host.disk.syncDirectory('/')
    return openRaft({
      host: this.host,
      logDirectory: '/data',
      nodeId: 1,
      directoryId: 'V2pa8is5RHC23ATa8gYJ7w',
      staticVoters: new VoterSet([voter]),
      endpoints,
      settings,
    })
  }

  /** Syncs of the log take this long from now on. */
  slowSync(delayMs: number): void {
    this.faults.disk = ({ operation, path }) => {
      if (operation !== 'sync' || !path.endsWith('.log')) return undefined
      this.syncs++
      return { delayMs }
    }
  }

  /** Power loss. */
  crash(): void {
    this.world.crash('one')
    this.host = this.world.host('one')
  }
}

const record = (text: string): { value: Buffer } => ({ value: Buffer.from(text) })

const led = async (node: Node, raft: RaftDriver): Promise<Recorder> => {
  const recorder = new Recorder()
  raft.register(recorder)
  await node.world.runUntil(() => recorder.leaders.some(({ leaderId }) => leaderId === 1))
  return recorder
}
const openAndLead = async (node: Node, settings?: Partial<RaftSettings>): Promise<{ raft: RaftDriver; recorder: Recorder }> => {
  const raft = await node.world.run(() => node.open(settings))
  return { raft, recorder: await led(node, raft) }
}

test('a quorum of one elects itself at once, without waiting for a timeout', async () => {
  const node = new Node()
  const { raft, recorder } = await openAndLead(node)
  assert.ok(node.world.nowMs < 50, `took ${node.world.nowMs} ms`)
  assert.deepEqual(raft.leaderAndEpoch, { leaderId: 1, epoch: 1 })
  assert.deepEqual(recorder.leaders, [{ leaderId: 1, epoch: 1 }])
  assert.equal(raft.highWatermark, 1)
})

test('the quorum state is that of Kafka, byte for byte', async () => {
  const node = new Node()
  await openAndLead(node)
  const text = await node.world.run(async () =>
    Buffer.from(await node.host.disk.readFile('/data/__cluster_metadata-0/quorum-state')).toString(),
  )
  assert.equal(
    text,
    '{"clusterId":"","leaderId":1,"leaderEpoch":1,"votedId":-1,"appliedOffset":0,"currentVoters":[{"voterId":1}],"data_version":0}',
  )
})

test('appended records come back committed, in order, each batch whole', async () => {
  const node = new Node()
  const { raft, recorder } = await openAndLead(node)
  assert.equal(raft.append(1, [record('a'), record('b')]), 2)
  assert.equal(raft.append(1, [record('c')]), 3)
  assert.deepEqual(recorder.values, [])
  await node.world.runUntil(() => recorder.values.length === 3)
  assert.deepEqual(recorder.values, ['a', 'b', 'c'])
  assert.deepEqual(
    recorder.batches.map(({ baseOffset, lastOffset, epoch }) => [baseOffset, lastOffset, epoch]),
    [
      [0, 0, 1],
      [1, 2, 1],
      [3, 3, 1],
    ],
  )
})

test('nothing counts before it is flushed, and what arrives during a flush leaves with the next', async () => {
  const node = new Node()
  const { raft, recorder } = await openAndLead(node)
  node.slowSync(1000)
  raft.append(1, [record('first')])
  await node.world.runFor(100)
  for (let n = 0; n < 100; n++) raft.append(1, [record(`later ${n}`)])
  await node.world.runFor(800)
  assert.deepEqual(recorder.values, [])
  assert.equal(raft.highWatermark, 1)
  await node.world.runUntil(() => recorder.values.length === 101)
  assert.equal(node.syncs, 2)
})

test('a restart begins a new epoch and replays everything that was committed', async () => {
  const node = new Node()
  const first = await openAndLead(node)
  first.raft.append(1, [record('a'), record('b')])
  await node.world.runUntil(() => first.recorder.values.length === 2)
  await node.world.run(() => first.raft.close())

  const second = await openAndLead(node)
  assert.deepEqual(second.raft.leaderAndEpoch, { leaderId: 1, epoch: 2 })
  assert.deepEqual(second.recorder.values, ['a', 'b'])
  assert.equal(second.recorder.leaders.length, 1)
})

test('a kill loses what was not committed and nothing else', async () => {
  const node = new Node()
  const first = await openAndLead(node)
  first.raft.append(1, [record('kept')])
  await node.world.runUntil(() => first.recorder.values.length === 1)
  node.slowSync(1000)
  first.raft.append(1, [record('lost')])
  await node.world.runFor(10)
  node.crash()

  const second = await openAndLead(node)
  assert.deepEqual(second.recorder.values, ['kept'])
  assert.equal(second.raft.leaderAndEpoch.epoch, 2)
})

test('an append by another epoch, of too much, or after the log failed is refused', async () => {
  const node = new Node()
  const { raft, recorder } = await openAndLead(node, { uncommittedBytesMax: 1000 })
  const code = (run: () => unknown): number => {
    try {
      run()
    } catch (error) {
      assert.ok(error instanceof KafkaError)
      return error.code
    }
    return Errors.NONE
  }
  assert.equal(
    code(() => raft.append(0, [record('a')])),
    Errors.NOT_LEADER_OR_FOLLOWER,
  )
  assert.equal(
    code(() => raft.append(1, [{ value: Buffer.alloc(9 * 1024 * 1024) }])),
    Errors.RECORD_LIST_TOO_LARGE,
  )
  assert.equal(
    code(() => raft.append(1, [{ value: Buffer.alloc(1000) }])),
    Errors.UNKNOWN_SERVER_ERROR,
  )
  assert.equal(raft.logEndOffset, 1)
  node.faults.disk = ({ operation }) => (operation === 'sync' ? { error: 'EIO' } : undefined)
  raft.append(1, [record('b')])
  await node.world.runUntil(() => recorder.fatal !== undefined)
  assert.equal(
    code(() => raft.append(1, [record('c')])),
    Errors.UNKNOWN_SERVER_ERROR,
  )
})

test('a listener that appends when it hears of its leadership is heard', async () => {
  const node = new Node()
  const raft = await node.world.run(() => node.open())
  const recorder = new Recorder()
  recorder.onLeader = ({ leaderId, epoch }) => {
    if (leaderId === 1) raft.append(epoch, [record('bootstrap')])
  }
  raft.register(recorder)
  await node.world.runUntil(() => recorder.values.length === 1)
  assert.deepEqual(recorder.values, ['bootstrap'])
})

test('a leader that resigns leads again in a later epoch', async () => {
  const node = new Node()
  const { raft, recorder } = await openAndLead(node)
  raft.resign(1)
  assert.equal(raft.isLeader, false)
  await node.world.runUntil(() => recorder.leaders.at(-1)!.leaderId === 1 && recorder.leaders.at(-1)!.epoch > 1)
  assert.equal(recorder.leaders.at(-1)!.epoch, raft.leaderAndEpoch.epoch)
})

test('a snapshot stands for the log before it: after cleaning, a new listener loads it and goes on behind it', async () => {
  const node = new Node()
  const settings = { retentionBytes: 400, retentionMs: -1, cleaningIntervalMs: 3_600_000 }
  const { raft, recorder } = await openAndLead(node, settings)
  for (const text of ['a', 'b', 'c']) {
    raft.append(1, [record(text)])
    await node.world.runUntil(() => recorder.values.includes(text))
    const id = { offset: raft.highWatermark!, epoch: 1 }
    const state = recorder.values.map((value) => Buffer.from(`state ${value}`))
    assert.equal(await node.world.run(() => raft.createSnapshot(id, 1234, state)), true)
    assert.equal(await node.world.run(() => raft.createSnapshot(id, 1234, state)), false)
  }
  raft.append(1, [record('d')])
  await node.world.runUntil(() => recorder.values.length === 4)
  assert.equal(await node.world.run(() => raft.clean()), true)
  assert.equal(raft.logStartOffset, 4)

  const late = await led(node, raft)
  assert.deepEqual(late.snapshots, [{ offset: 4, epoch: 1, values: ['state a', 'state b', 'state c'] }])
  assert.deepEqual(late.values, ['d'])

  await node.world.run(() => raft.close())
  const again = await openAndLead(node, settings)
  assert.deepEqual(again.recorder.snapshots, late.snapshots)
  assert.deepEqual(again.recorder.values, ['d'])
})

test('a snapshot is refused beyond what is committed, within a batch and under a wrong epoch', async () => {
  const node = new Node()
  const { raft, recorder } = await openAndLead(node)
  raft.append(1, [record('a'), record('b')])
  await node.world.runUntil(() => recorder.values.length === 2)
  const create = (offset: number, epoch: number): Promise<boolean> => node.world.run(() => raft.createSnapshot({ offset, epoch }, 0, []))
  await assert.rejects(create(4, 1), /beyond the high watermark/)
  await assert.rejects(create(2, 1), /within a batch/)
  await assert.rejects(create(3, 0), /not of epoch/)
  assert.equal(await create(3, 1), true)
})

test('a snapshot is due after so many bytes, or after so long', async () => {
  const node = new Node()
  const { raft, recorder } = await openAndLead(node, { maxBytesBetween: 500, maxIntervalMs: 60_000 })
  raft.append(1, [{ value: Buffer.alloc(600) }])
  await node.world.runUntil(() => recorder.due.length === 1)
  await node.world.runFor(70_000)
  assert.deepEqual(recorder.due, ['bytes'])
  raft.append(1, [record('small')])
  await node.world.runUntil(() => recorder.due.length === 2)
  assert.deepEqual(recorder.due, ['bytes', 'age'])
})

test('a quorum state that does not parse keeps the node from starting', async () => {
  const node = new Node()
  const { raft } = await openAndLead(node)
  await node.world.run(async () => {
    await raft.close()
    await node.host.disk.replaceFile('/data/__cluster_metadata-0/quorum-state', Buffer.from('{"leaderId":1'))
    await assert.rejects(node.open(), /quorum-state cannot be read: it is not JSON/)
  })
})
