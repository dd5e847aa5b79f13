import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ThreeDrivers } from './three-drivers.ts'

/** A quorum of which one node, with a snapshot and a log of several segments behind it, is cut off until the log of the others begins later. */
const withLagging = async (seed: number): Promise<{ quorum: ThreeDrivers; id: number }> => {
  const quorum = await ThreeDrivers.started({ seed, segmentBytes: 150 })
  const id = quorum.follower
  for (const text of ['a', 'b']) quorum.append(text)
  await quorum.allHeard('a', 'b')
  await quorum.cutLog(id, 'a', 'b')
  for (const text of ['c', 'd', 'e', 'f']) {
    quorum.append(text)
    await quorum.world.runFor(20)
  }
  await quorum.allHeard('a', 'b', 'c', 'd', 'e', 'f')
  quorum.cut.add(id)
  quorum.append('g')
  const others = [1, 2, 3].filter((each) => each !== id)
  await quorum.heard(others, 'a', 'b', 'c', 'd', 'e', 'f', 'g')
  await quorum.cutLog(quorum.leader!.core.self.id, 'a', 'b', 'c', 'd', 'e', 'f', 'g')
  return { quorum, id }
}

test('power may be lost at any disk call of a copy: the old log or the snapshot is there', async () => {
  const every = process.env.RAFT_RUNS === undefined ? 4 : 1
  for (let crashAt = 3; ; crashAt += every) {
    const { quorum, id } = await withLagging(crashAt)
    const name = `node-${id}`
    const { storage } = quorum.hostOf(id).disk
    storage.survives = () => quorum.world.random.below(2) === 0
    let calls = 0
    let due = false
    quorum.world.faults = {
      disk: ({ host }) => {
        if (host === name && ++calls === crashAt) due = true
        return undefined
      },
    }
    quorum.cut.delete(id)
    const { log } = quorum.raft.get(id)!.parts
    const before = { snapshot: log.startOffset, end: log.endOffset }
    await quorum.world.runUntil(() => due || quorum.valuesAt(id).includes('g'), 60_000)
    if (!due) {
      assert.ok(crashAt > 40 && log.startOffset > before.snapshot, `only ${crashAt} disk calls`)
      return
    }
    quorum.crash(id)
    quorum.cut.add(id)
    await quorum.start(id)
    const { parts } = quorum.raft.get(id)!
    const { latest } = parts.snapshots
    const isOld = latest?.offset === before.snapshot && parts.log.endOffset === before.end
    assert.ok(
      isOld || (latest?.offset === before.end + 1 && parts.log.startOffset === latest.offset),
      `crashed at call ${crashAt}: ${JSON.stringify({ latest, start: parts.log.startOffset, end: parts.log.endOffset })}`,
    )
    quorum.cut.delete(id)
    await quorum.allHeard('a', 'b', 'c', 'd', 'e', 'f', 'g')
    assert.equal(quorum.recorders.get(id)!.fatal, undefined)
  }
})
