import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecordingJournal } from '../broker/recording-journal.ts'
import { ThreeDrivers } from './three-drivers.ts'

/** A quorum, and what each node says of roles from now on. */
const withJournals = async (): Promise<{ quorum: ThreeDrivers; said: (id: number) => string[]; fields: (id: number) => unknown[] }> => {
  const journals = new Map<string, RecordingJournal>()
  const journal = (host: string): RecordingJournal => {
    const own = journals.get(host) ?? new RecordingJournal()
    journals.set(host, own)
    return own
  }
  const quorum = await ThreeDrivers.started({ journal })
  const about = (id: number) => journals.get(`node-${id}`)!.entries.filter(({ message }) => message.includes('metadata quorum'))
  return {
    quorum,
    said: (id) => about(id).map(({ level, message }) => `${level}: ${message}`),
    fields: (id) => about(id).map(({ fields }) => fields),
  }
}

test('who leads is said once by each node', async () => {
  const { quorum, said } = await withJournals()
  await quorum.world.runFor(30_000)
  const id = quorum.leader!.core.self.id
  for (const each of [1, 2, 3]) {
    assert.deepEqual(said(each), [each === id ? 'info: this node leads the metadata quorum' : `info: node ${id} leads the metadata quorum`])
  }
})

test('a node that is cut off warns once that the leader is lost, with what it knows, and says when it is back', async () => {
  const { quorum, said, fields } = await withJournals()
  quorum.append('a')
  await quorum.allHeard('a')
  const leader = quorum.leader!.core.self.id
  const id = quorum.follower
  quorum.cut.add(id)
  await quorum.world.runFor(60_000)
  const lost = `warn: node ${leader}, which led the metadata quorum, is lost: this node asks for an election`
  assert.deepEqual(said(id).slice(1), [lost])
  const known = fields(id)[1] as Record<string, unknown>
  assert.ok((known.unheardMs as number) >= 2000 && (known.unheardMs as number) < 3000)
  assert.deepEqual([known.leader, known.epoch, known.logEndOffset], [leader, 1, quorum.leader!.logEndOffset])
  quorum.cut.delete(id)
  await quorum.led()
  await quorum.world.runFor(10_000)
  assert.deepEqual(said(id).slice(2), [`info: node ${quorum.leader!.core.self.id} leads the metadata quorum`])
})

test('a leader that nobody follows warns that it gives up; one that closes says that it hands over', async () => {
  const { quorum, said } = await withJournals()
  const first = quorum.leader!.core.self.id
  quorum.cut.add(first)
  await quorum.world.runUntil(() => said(first).length > 1, 60_000)
  assert.match(said(first)[1]!, /^warn: this node gives up the lead/)
  const others = [1, 2, 3].filter((id) => id !== first)
  const leads = 'info: this node leads the metadata quorum'
  await quorum.world.runUntil(() => others.some((id) => said(id).at(-1) === leads), 60_000)
  const second = others.find((id) => said(id).at(-1) === leads)!
  await quorum.world.run(() => quorum.raft.get(second)!.close())
  assert.equal(said(second).at(-1), 'info: this node hands over the lead of the metadata quorum')
})
