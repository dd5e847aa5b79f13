import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import {
  type DeciderName,
  type DeciderRequest,
  deciders,
  describeClientQuotas,
  describeUserScramCredentials,
  listPartitionReassignments,
} from '../../src/controller/index.ts'
import { ZERO_UUID } from '../../src/metadata/index.ts'
import { Scene } from './scene.ts'

interface Case {
  readonly listener: 'broker' | 'controller'
  readonly api: string
  readonly version: number
  readonly request: never
  /** Lists are sorted, ids that were drawn are `ID`, settings and throttle times are left out. */
  readonly answer: unknown
}
const revive = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'base64' in value ? Buffer.from(value.base64 as string, 'base64') : value
/** What one fresh Apache Kafka 4.3.1 node answered to these requests, one after the other, per listener. */
const cases = gunzipSync(readFileSync(join(import.meta.dirname, '../vectors/controller-answers.jsonl.gz')))
  .toString()
  .split('\n')
  .map((line) => JSON.parse(line, revive) as Case)

const UNKNOWN_ID = 'AAAAAAAAAAAAAAAAAAAD6Q'
const leftOut = new Set(['configs', 'throttleTimeMs', 'unknownTaggedFields'])
/** A text that is the same for answers that differ in order, messages and drawn ids only. */
const sortKey = (one: unknown): string => {
  if (Array.isArray(one)) return `[${one.map(sortKey).sort()}]`
  if (typeof one !== 'object' || one === null) return JSON.stringify(one)
  const fields = Object.entries(one).filter(([name]) => name !== 'errorMessage' && name !== 'topicId' && !leftOut.has(name))
  return fields
    .map(([name, value]) => `${name}:${sortKey(value)}`)
    .sort()
    .join()
}
const inOrder = (list: readonly unknown[]): unknown[] => list.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
const comparable = (ours: unknown, kafkas: unknown): [unknown, unknown] => {
  if (Array.isArray(ours) && Array.isArray(kafkas)) {
    const sorted = inOrder(ours)
    const pairs = inOrder(kafkas).map((one, index) => comparable(sorted[index], one))
    return [[...pairs.map(([one]) => one), ...sorted.slice(kafkas.length)], pairs.map(([, one]) => one)]
  }
  if (typeof ours !== 'object' || ours === null || typeof kafkas !== 'object' || kafkas === null) return [ours, kafkas]
  const left: Record<string, unknown> = {}
  const right: Record<string, unknown> = {}
  const [mine, theirs] = [ours as Record<string, unknown>, kafkas as Record<string, unknown>]
  for (const name of new Set([...Object.keys(mine), ...Object.keys(theirs)])) {
    if (leftOut.has(name)) continue
    const value = name === 'topicId' && mine[name] !== ZERO_UUID && mine[name] !== UNKNOWN_ID && theirs[name] === 'ID' ? 'ID' : mine[name]
    ;[left[name], right[name]] = comparable(value, theirs[name])
  }
  return [left, right]
}

const answer = (scene: Scene, { listener, api, version, request }: Case): unknown => {
  if (api === 'DescribeClientQuotas') return describeClientQuotas(scene.state.image, request)
  if (api === 'DescribeUserScramCredentials') return describeUserScramCredentials(scene.state.image, request)
  if (api === 'ListPartitionReassignments') return listPartitionReassignments(scene.state.image, request)
  assert.ok(api in deciders, api)
  const name = api as DeciderName
  return scene.request(name, request as DeciderRequest<typeof name>, { apiVersion: version, isForwarded: listener === 'broker' })
}

for (const listener of ['broker', 'controller'] as const)
  test(`answers as Apache Kafka 4.3.1 does on its ${listener} listener`, () => {
    const scene = new Scene({ settings: { nodeId: 1, voterIds: [1] } }).join(1)
    let count = 0
    for (const one of cases) {
      if (one.listener !== listener) continue
      // Versions below 6 have no topic ids to tell.
      const ours = answer(scene, one)
      if (one.api === 'DeleteTopics' && one.version < 6)
        for (const response of (ours as { responses: { topicId: string }[] }).responses) response.topicId = ZERO_UUID
      const [left, right] = comparable(ours, one.answer)
      assert.deepEqual(left, right, `${one.api} ${JSON.stringify(one.request)}`)
      count++
    }
    assert.ok(count >= 50, `${count} cases`)
  })
