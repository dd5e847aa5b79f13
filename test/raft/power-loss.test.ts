import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { openRaft, type RaftDriver, type Voter, VoterSet } from '../../src/raft/index.ts'
import { type SimHost, World } from '../../src/sim/index.ts'
import { Recorder } from './listener-recorder.ts'

const endpoints = [{ name: 'CONTROLLER', host: '127.0.0.1', port: 9093 }]
const voter: Voter = { id: 1, directoryId: undefined, endpoints, kraftVersionMin: 0, kraftVersionMax: 1 }

/** Small segments and tight retention, so that rolling, snapshots and cleaning happen all the time. */
const settings = { retentionBytes: 3000, retentionMs: -1, cleaningIntervalMs: 40, maxBytesBetween: 800 }

/** A state machine that is the list of all values; its snapshot is that list. */
class Life {
  readonly recorder = new Recorder()
  raft!: RaftDriver
  /** All values that the listener has heard of, the snapshot's included. */
  get values(): string[] {
    return [...(this.recorder.snapshots.at(-1)?.values ?? []), ...this.recorder.values]
  }

  async open(host: SimHost): Promise<void> {
    await host.disk.makeDirectory('/data')
    await host.disk.syncDirectory('/')
    this.raft = await openRaft({
      host,
      logDirectory: '/data',
      nodeId: 1,
      directoryId: 'V2pa8is5RHC23ATa8gYJ7w',
      staticVoters: new VoterSet([voter]),
      endpoints,
      settings,
      logConfig: { segmentBytes: 1000, segmentMs: 3_600_000 },
    })
    this.recorder.onDue = () => {
      const last = this.recorder.batches.at(-1)!
      const values = this.values.map((value) => Buffer.from(value))
      void this.raft.createSnapshot({ offset: last.lastOffset + 1, epoch: last.epoch }, last.appendTimestamp, values).catch(() => {})
    }
    this.raft.register(this.recorder)
  }
}

test('whatever was committed is there after power is lost at any moment, with segments rolled and snapshots taken', async () => {
  const lives = fc.array(fc.record({ appends: fc.integer({ min: 0, max: 60 }), runMs: fc.integer({ min: 1, max: 120 }) }), {
    minLength: 1,
    maxLength: 6,
  })
  let loaded = 0
  let cut = 0
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 0x7fffffff }), lives, async (seed, runs) => {
      const world = new World({ seed })
      let committed: string[] = []
      let appended: string[] = []
      let epoch = 0
      for (const { appends, runMs } of [...runs, { appends: 0, runMs: 0 }]) {
        const host = world.host('one')
        // Of what was not synced, some pages and names reach the disk all the same.
        host.disk.storage.survives = () => world.random.below(2) === 0
        const life = new Life()
        await world.run(() => life.open(host))
        await world.runUntil(() => life.recorder.leaders.length > 0)
        assert.ok(life.raft.leaderAndEpoch.epoch > epoch, 'each life has an epoch of its own')
        epoch = life.raft.leaderAndEpoch.epoch
        assert.deepEqual(life.values.slice(0, committed.length), committed, 'what was committed is there')
        assert.deepEqual(life.values, appended.slice(0, life.values.length), 'and nothing that was not appended')
        appended = life.values
        for (let n = 0; n < appends; n++) {
          const value = `${epoch}/${n}`.padEnd(20 + world.random.below(100), '.')
          life.raft.append(epoch, [{ value: Buffer.from(value) }])
          appended.push(value)
          if (world.random.below(3) === 0) await world.runFor(world.random.below(5))
        }
        await world.runFor(runMs)
        assert.equal(life.recorder.fatal, undefined)
        committed = life.values
        loaded += life.recorder.snapshots.length
        if (life.raft.logStartOffset > 0) cut++
        world.crash('one')
      }
    }),
    { numRuns: Number(process.env.RAFT_RUNS ?? 30) },
  )
  assert.ok(loaded > 10 && cut > 5, `too few snapshots were loaded (${loaded}) or logs cut (${cut}) to mean anything`)
})
