import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises'
import {
  type Api,
  Apis,
  Errors,
  type Message,
  type MessageInput,
  Reader,
  read,
  readResponseHeader,
  requestFrame,
  type Schema,
} from '../../src/protocol/index.ts'
import { DeleteGroupsRequest, DeleteGroupsResponse } from '../../src/protocol/messages/delete-groups.ts'
import { DescribeGroupsRequest, DescribeGroupsResponse } from '../../src/protocol/messages/describe-groups.ts'
import { FetchRequest, FetchResponse } from '../../src/protocol/messages/fetch.ts'
import { HeartbeatRequest, HeartbeatResponse } from '../../src/protocol/messages/heartbeat.ts'
import { JoinGroupRequest, JoinGroupResponse } from '../../src/protocol/messages/join-group.ts'
import { LeaveGroupRequest, LeaveGroupResponse } from '../../src/protocol/messages/leave-group.ts'
import { OffsetCommitRequest, OffsetCommitResponse } from '../../src/protocol/messages/offset-commit.ts'
import { OffsetDeleteRequest, OffsetDeleteResponse } from '../../src/protocol/messages/offset-delete.ts'
import { OffsetFetchRequest, OffsetFetchResponse } from '../../src/protocol/messages/offset-fetch.ts'
import { SyncGroupRequest, SyncGroupResponse } from '../../src/protocol/messages/sync-group.ts'
import type { Stage } from '../coordinator/group-trace.ts'

/** What a `wait` of a script waits for: so many JoinGroup and SyncGroup answered, and the group in the state it is described in next. */
export interface Awaited {
  readonly answers: number
  readonly state: string | undefined
}

export interface GroupStage extends Stage, Disposable {}

const HOST = '127.0.0.1'
/** Timers that a script tells apart differ by more; up to this factor one may be late against another of the same broker. */
const LATE_FACTOR = 1.5
/** The first is read after all that was sent before, the second decided after it, the third answered after it. */
const MARKER_ROUNDS = 3

/**
 * A broker as the stage of a group script, each request on a connection of its own. A step ends when all that was asked is decided: what is
 * not answered then is parked. The proof is the order of things, so the broker has one partition for its groups, one network thread and one
 * request handler. Time passes only where a script waits: until what it waits for is there, or the broker's clock says that it is late.
 */
export const groupStage = (port: number, groupId: string, waits: readonly Awaited[]): GroupStage => {
  const open = new Set<Socket>()
  const sent: Promise<void>[] = []
  const call = <Q extends Schema, R extends Schema>(
    api: Api,
    version: number,
    clientId: string | null,
    [request, response]: readonly [Q, R],
    body: MessageInput<Q>,
  ): Promise<Message<R>> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, HOST)
      open.add(socket)
      let bytes = Buffer.alloc(0)
      socket.on('data', (chunk: Buffer) => {
        bytes = Buffer.concat([bytes, chunk])
        if (bytes.length < 4 || bytes.length < 4 + bytes.readInt32BE(0)) return
        open.delete(socket)
        socket.destroy()
        const reader = new Reader(bytes, 4)
        readResponseHeader(reader, api, version)
        resolve(read(response, version, reader))
      })
      socket.on('error', reject)
      socket.on('close', () => {
        if (open.delete(socket)) reject(new Error('closed without an answer'))
      })
      const frame = Buffer.concat(requestFrame(api, version, 1, clientId, request, body) as Buffer[])
      sent.push(new Promise((resolve) => socket.write(frame, () => resolve())))
    })
  let answered = 0
  const counted = <A>(answer: Promise<A>): Promise<A> => answer.finally(() => answered++)
  const describeGroups = async (groups: string[]): Promise<Message<typeof DescribeGroupsResponse>['groups']> =>
    (await call(Apis.DescribeGroups, 6, null, [DescribeGroupsRequest, DescribeGroupsResponse], { groups })).groups

  /** Commits of another group: answered when they are in the log, behind all that was decided before. */
  const settle = async (): Promise<void> => {
    const topics = [{ name: 'orders', partitions: [{ partitionIndex: 0, committedOffset: 0, committedMetadata: null }] }]
    for (let round = 0; round < MARKER_ROUNDS; round++) {
      await Promise.all(sent.splice(0))
      const marker = { groupId: `marker of ${groupId}`, topics }
      const committed = await call(Apis.OffsetCommit, 8, null, [OffsetCommitRequest, OffsetCommitResponse], marker)
      assert.equal(committed.topics[0]!.partitions[0]!.errorCode, Errors.NONE)
    }
    await turn()
  }
  /** A fetch of nothing: the same machine slows the timer that answers it and those of the group. */
  const pass = async (ms: number): Promise<void> => {
    const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 }]
    const request = { replicaId: -1, maxWaitMs: ms, minBytes: 1, topics: [{ topic: 'orders', partitions }] }
    const { responses } = await call(Apis.Fetch, 11, null, [FetchRequest, FetchResponse], request)
    assert.equal(responses[0]!.partitions[0]!.errorCode, Errors.NONE)
  }
  let waited = 0
  let dueMs = performance.now()
  const wait = async (ms: number): Promise<void> => {
    const { answers, state } = waits[waited++]!
    const goal = answered + answers
    const isThere = async (): Promise<boolean> =>
      answered >= goal && (state === undefined || (await describeGroups([groupId]))[0]!.groupState === state)
    // Nothing is to come of it. The time that the steps before took counts: a slow machine comes no closer to what comes next.
    dueMs += ms
    if (await isThere()) return pass(Math.max(0, dueMs - performance.now()))
    let isLate = false
    void pass(LATE_FACTOR * ms).then(() => (isLate = true))
    while (!isLate && !(await isThere())) await delay(20)
    dueMs = performance.now()
  }
  return {
    world: {
      run: (main) => main(),
      runFor: async (ms) => {
        if (ms > 0) await wait(ms)
        await settle()
      },
    },
    client: (apiVersion, clientId = 'client') => ({ apiVersion, clientId, clientAddress: HOST }),
    coordinator: {
      joinGroup: (body, client) =>
        counted(call(Apis.JoinGroup, client.apiVersion, client.clientId, [JoinGroupRequest, JoinGroupResponse], body)),
      syncGroup: (body, client) =>
        counted(call(Apis.SyncGroup, client.apiVersion, client.clientId, [SyncGroupRequest, SyncGroupResponse], body)),
      heartbeat: (body) => call(Apis.Heartbeat, 4, null, [HeartbeatRequest, HeartbeatResponse], body),
      leaveGroup: (body, client) => call(Apis.LeaveGroup, client.apiVersion, null, [LeaveGroupRequest, LeaveGroupResponse], body),
      commitOffsets: (body, client) => call(Apis.OffsetCommit, client.apiVersion, null, [OffsetCommitRequest, OffsetCommitResponse], body),
      fetchOffsets: async (group) =>
        (await call(Apis.OffsetFetch, 8, null, [OffsetFetchRequest, OffsetFetchResponse], { groups: [group] })).groups[0]!,
      deleteOffsets: (body) => call(Apis.OffsetDelete, 0, null, [OffsetDeleteRequest, OffsetDeleteResponse], body),
      describeGroups,
      deleteGroups: async (groupsNames) =>
        (await call(Apis.DeleteGroups, 2, null, [DeleteGroupsRequest, DeleteGroupsResponse], { groupsNames })).results,
    },
    [Symbol.dispose]() {
      for (const socket of open) socket.destroy()
      open.clear()
    },
  }
}
