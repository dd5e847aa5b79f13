import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Server } from '../../src/net/index.ts'
import { Apis, Errors, Reader, readHeaderStart, responseFrame } from '../../src/protocol/index.ts'
import { ApiVersionsResponse } from '../../src/protocol/messages/api-versions.ts'
import { VoteResponse } from '../../src/protocol/messages/vote.ts'
import type { Vote } from '../../src/raft/core/messages.ts'
import { NetworkTransport, type Voter } from '../../src/raft/index.ts'
import { type SimHost, World } from '../../src/sim/index.ts'
import { RecordingJournal } from '../broker/recording-journal.ts'

const requestTimeoutMs = 2000

const voterOf = (id: number): Voter => ({
  id,
  directoryId: `AAAAAAAAAAAAAAAAAAA${id}0Q`,
  endpoints: [{ name: 'CONTROLLER', host: `node-${id}`, port: 9093 }],
  kraftVersionMin: 0,
  kraftVersionMax: 1,
})

const vote: Vote = {
  type: 'vote',
  epoch: 3,
  candidate: voterOf(1),
  voter: voterOf(2),
  last: { offset: 10, epoch: 2 },
  preVote: false,
}

/** A controller that says which versions it knows after a while, and answers every vote alike. */
class Elector {
  votes = 0
  open = 0
  versionsDelayMs = 0
  errorCode: number = Errors.NONE
  readonly #host: SimHost

  constructor(host: SimHost) {
    this.#host = host
  }

  static async listening(world: World, id: number): Promise<Elector> {
    const host = world.host(`node-${id}`)
    const elector = new Elector(host)
    const listener = { name: 'CONTROLLER', securityProtocol: 'PLAINTEXT', host: host.name, port: 9093 } as const
    await Server.open(host, {
      listeners: [listener],
      onOpen: () => void elector.open++,
      onClose: () => void elector.open--,
      onFrame: (connection, frame) => {
        const { apiKey, apiVersion, correlationId } = readHeaderStart(new Reader(Buffer.from(frame)))
        if (apiKey === Apis.ApiVersions.key) {
          const apiKeys = [Apis.ApiVersions, Apis.Vote].map(({ key }) => ({ apiKey: key, minVersion: 0, maxVersion: 2 }))
          const frame = responseFrame(Apis.ApiVersions, apiVersion, correlationId, ApiVersionsResponse, { apiKeys })
          elector.#host.clock.after(elector.versionsDelayMs, () => connection.respond(frame))
          return
        }
        elector.votes++
        const partition = { partitionIndex: 0, errorCode: Errors.NONE, leaderId: -1, leaderEpoch: 3, voteGranted: true }
        const topics = elector.errorCode === Errors.NONE ? [{ topicName: '__cluster_metadata', partitions: [partition] }] : []
        connection.respond(responseFrame(Apis.Vote, apiVersion, correlationId, VoteResponse, { errorCode: elector.errorCode, topics }))
      },
    })
    return elector
  }
}

const transportOn = (host: SimHost, journal = new RecordingJournal()): NetworkTransport =>
  new NetworkTransport({
    host,
    journal,
    self: voterOf(1),
    listenerName: voterOf(1).endpoints[0]!.name,
    clusterId: 'ours',
    requestTimeoutMs,
  })

test('a request ends with the request timeout, whatever it waits for', async () => {
  const world = new World()
  world.faults = { link: () => ({ delayMs: 700 }) }
  await world.run(async () => {
    const elector = await Elector.listening(world, 2)
    elector.versionsDelayMs = 1000
    const transport = transportOn(world.host('node-1'))
    const start = world.nowMs
    assert.equal(await transport.send(voterOf(2), vote), undefined)
    assert.ok(world.nowMs - start <= requestTimeoutMs, `took ${world.nowMs - start} ms`)
  })
})

test('a request that waited too long for its connection is not sent after all', async () => {
  const world = new World()
  await world.run(async () => {
    const elector = await Elector.listening(world, 2)
    world.faults = { link: () => ({ delayMs: 400 }) }
    elector.versionsDelayMs = 1200
    const host = world.host('node-1')
    const transport = transportOn(host)
    const first = transport.send(voterOf(2), vote)
    await new Promise<void>((resolve) => void host.clock.after(requestTimeoutMs, resolve))
    const second = await transport.send(voterOf(2), { ...vote, epoch: 4 })
    assert.equal(await first, undefined)
    assert.equal(second?.type, 'vote')
    assert.equal(elector.votes, 1)
  })
})

test('what a controller refuses is told once, in words', async () => {
  const world = new World()
  const journal = new RecordingJournal()
  await world.run(async () => {
    const elector = await Elector.listening(world, 2)
    elector.errorCode = Errors.INCONSISTENT_CLUSTER_ID
    const transport = transportOn(world.host('node-1'), journal)
    for (let n = 0; n < 3; n++) assert.equal(await transport.send(voterOf(2), vote), undefined)
    elector.errorCode = Errors.CLUSTER_AUTHORIZATION_FAILED
    await transport.send(voterOf(2), vote)
    await transport.send({ ...voterOf(2), id: -2 }, vote)
    elector.errorCode = Errors.REQUEST_TIMED_OUT
    await transport.send(voterOf(2), vote)
  })
  assert.deepEqual(
    journal.entries.map(({ level, fields }) => [level, fields.node, fields.request, fields.error]),
    [
      ['warn', 2, 'vote', 'INCONSISTENT_CLUSTER_ID'],
      ['warn', 2, 'vote', 'CLUSTER_AUTHORIZATION_FAILED'],
    ],
  )
  assert.match(journal.entries[0]!.message, /belongs to another cluster/)
})

test('connections to replicas that are none of the quorum any more close; bootstrap servers stay', async () => {
  const world = new World()
  await world.run(async () => {
    const electors = [await Elector.listening(world, 2), await Elector.listening(world, 3), await Elector.listening(world, 4)]
    const transport = transportOn(world.host('node-1'))
    for (const voter of [voterOf(2), voterOf(3), { ...voterOf(4), id: -2 }]) await transport.send(voter, vote)
    const counts = (): string => electors.map(({ open }) => open).join()
    assert.equal(counts(), '1,1,1')
    transport.keepOnly(new Set([3]))
    await new Promise<void>((resolve) => void world.host('watch').clock.after(100, resolve))
    assert.equal(counts(), '0,1,1')
    assert.equal((await transport.send(voterOf(2), vote))?.type, 'vote', 'one that is back is connected to again')
  })
})
