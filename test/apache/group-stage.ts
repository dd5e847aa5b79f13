import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type Api,
  Apis,
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
import { HeartbeatRequest, HeartbeatResponse } from '../../src/protocol/messages/heartbeat.ts'
import { JoinGroupRequest, JoinGroupResponse } from '../../src/protocol/messages/join-group.ts'
import { LeaveGroupRequest, LeaveGroupResponse } from '../../src/protocol/messages/leave-group.ts'
import { OffsetCommitRequest, OffsetCommitResponse } from '../../src/protocol/messages/offset-commit.ts'
import { OffsetDeleteRequest, OffsetDeleteResponse } from '../../src/protocol/messages/offset-delete.ts'
import { OffsetFetchRequest, OffsetFetchResponse } from '../../src/protocol/messages/offset-fetch.ts'
import { SyncGroupRequest, SyncGroupResponse } from '../../src/protocol/messages/sync-group.ts'
import type { Stage } from '../coordinator/group-trace.ts'

/** Enough for a broker to decide what it was asked last. */
const SETTLED_MS = 150

/** A broker as the stage of a group script: each request on a connection of its own, time as it passes. */
export const groupStage = (host: string, port: number): Stage => {
  const call = <Q extends Schema, R extends Schema>(
    api: Api,
    version: number,
    clientId: string | null,
    [request, response]: readonly [Q, R],
    body: MessageInput<Q>,
  ): Promise<Message<R>> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, host)
      let bytes = Buffer.alloc(0)
      socket.on('data', (chunk: Buffer) => {
        bytes = Buffer.concat([bytes, chunk])
        if (bytes.length < 4 || bytes.length < 4 + bytes.readInt32BE(0)) return
        socket.destroy()
        const reader = new Reader(bytes, 4)
        readResponseHeader(reader, api, version)
        resolve(read(response, version, reader))
      })
      socket.on('error', reject)
      socket.on('close', () => reject(new Error('closed without an answer')))
      for (const part of requestFrame(api, version, 1, clientId, request, body)) socket.write(part as Buffer)
    })
  // All but JoinGroup and SyncGroup are answered at once, however slow the machine is: time goes on when they are.
  const prompt = new Set<Promise<unknown>>()
  const promptly = <A>(answer: Promise<A>): Promise<A> => {
    const settled: Promise<unknown> = answer.catch(() => {}).then(() => prompt.delete(settled))
    prompt.add(settled)
    return answer
  }
  const runFor = async (ms: number): Promise<void> => {
    await delay(Math.max(ms, SETTLED_MS))
    await Promise.all(prompt)
  }
  return {
    world: { run: (main) => main(), runFor },
    client: (apiVersion, clientId = 'client') => ({ apiVersion, clientId, clientAddress: host }),
    coordinator: {
      joinGroup: (body, client) => call(Apis.JoinGroup, client.apiVersion, client.clientId, [JoinGroupRequest, JoinGroupResponse], body),
      syncGroup: (body, client) => call(Apis.SyncGroup, client.apiVersion, client.clientId, [SyncGroupRequest, SyncGroupResponse], body),
      heartbeat: (body) => promptly(call(Apis.Heartbeat, 4, null, [HeartbeatRequest, HeartbeatResponse], body)),
      leaveGroup: (body, client) => promptly(call(Apis.LeaveGroup, client.apiVersion, null, [LeaveGroupRequest, LeaveGroupResponse], body)),
      commitOffsets: (body, client) =>
        promptly(call(Apis.OffsetCommit, client.apiVersion, null, [OffsetCommitRequest, OffsetCommitResponse], body)),
      fetchOffsets: async (group) =>
        (await promptly(call(Apis.OffsetFetch, 8, null, [OffsetFetchRequest, OffsetFetchResponse], { groups: [group] }))).groups[0]!,
      deleteOffsets: (body) => promptly(call(Apis.OffsetDelete, 0, null, [OffsetDeleteRequest, OffsetDeleteResponse], body)),
      describeGroups: async (groups) =>
        (await promptly(call(Apis.DescribeGroups, 6, null, [DescribeGroupsRequest, DescribeGroupsResponse], { groups }))).groups,
      deleteGroups: async (groupsNames) =>
        (await promptly(call(Apis.DeleteGroups, 2, null, [DeleteGroupsRequest, DeleteGroupsResponse], { groupsNames }))).results,
    },
  }
}
