import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { diskLoad } from '../../src/bench/disk-load.ts'
import type { Host } from '../../src/host/index.ts'

const MIB = 1024 * 1024

/** A disk that takes a millisecond for a block and so many for a sync. */
function hostWith(syncMs: number, onWrite: (blocks: number) => void = () => {}): Host {
  let nowMs = 0
  let blocks = 0
  const file = {
    write: async () => {
      nowMs += 1
      onWrite(++blocks)
    },
    sync: async () => {
      nowMs += syncMs
    },
    close: async () => {},
  }
  return {
    clock: { monotonic: () => nowMs },
    random: { bytes: (count: number) => new Uint8Array(count) },
    disk: { open: async () => file, remove: async () => {} },
  } as unknown as Host
}

describe('what a directory gives a log', () => {
  const load = { directory: '.', bytes: 8 * MIB, blockBytes: MIB, syncBytes: 4096, stop: new AbortController().signal }

  it('has a p99 of syncs where the disk is an ordinary one, and ends soon where it is not', async () => {
    const usual = await diskLoad({ ...load, host: hostWith(5), syncs: 1000, syncMsMax: 10_000 })
    assert.deepEqual([usual.syncLatency.count, usual.syncLatency.p99Ms], [1000, 6])
    const slow = await diskLoad({ ...load, host: hostWith(99), syncs: 1000, syncMsMax: 10_000 })
    assert.deepEqual([slow.syncLatency.count, slow.syncLatency.p99Ms], [100, null])
  })

  it('tells the bytes that were written, when it was stopped', async () => {
    const stop = new AbortController()
    const host = hostWith(5, (blocks) => blocks === 3 && stop.abort())
    const { bytes, mibPerSecond, syncLatency } = await diskLoad({ ...load, host, syncs: 1000, syncMsMax: 10_000, stop: stop.signal })
    assert.deepEqual([bytes, mibPerSecond, syncLatency.count], [3 * MIB, 375, 0])
  })
})
