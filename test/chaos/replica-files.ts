import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32c } from '../../src/base/index.ts'
import * as records from '../../src/records/index.ts'
import type { ChaosTopic } from './chaos-cluster.ts'
import type { ReplicaLog, StoredBatch } from './checks/replicas.ts'
import { Int32Column } from './columns.ts'
import { decodeValue, partitionOf } from './workload.ts'

const NOTHING = -2

/** A partition's directory, whole. Bytes behind the last valid batch are no part of the log. */
export const readReplica = (directory: string, node: number, key: number): ReplicaLog => {
  const segments = readdirSync(directory)
    .filter((name) => /^\d{20}\.log$/.test(name))
    .sort()
  const values = new Int32Column(NOTHING)
  const batchSums = new Int32Column(0)
  const batches: StoredBatch[] = []
  const startOffset = Number(segments[0]?.slice(0, 20) ?? 0)
  const cursor = new records.RecordCursor()
  for (const segment of segments) {
    const bytes = readFileSync(join(directory, segment))
    for (let at = 0; at < bytes.length; ) {
      const size = records.nextBatchBytes(bytes, at, bytes.length)
      if (size <= 0 || !records.isBatchValid(bytes, at, size)) break
      const sum = crc32c(bytes, at, at + size) | 0
      cursor.open(bytes, at)
      while (cursor.next()) {
        values.set(cursor.offset - startOffset, decodeValue(key, cursor.value()))
        batchSums.set(cursor.offset - startOffset, sum)
      }
      if (records.producerId(bytes, at) >= 0 && !records.isControl(bytes, at)) {
        batches.push({
          producerId: records.producerId(bytes, at),
          producerEpoch: records.producerEpoch(bytes, at),
          baseSequence: records.baseSequence(bytes, at),
          baseOffset: records.baseOffset(bytes, at),
          count: records.recordCount(bytes, at),
        })
      }
      at += size
    }
  }
  return {
    ...{ node, key, startOffset, batches },
    values: values.values.subarray(0, values.length),
    batchSums: batchSums.values.subarray(0, batchSums.length),
  }
}

/** All replicas of a key, from the directories of brokers that have ended, by node. */
export const readReplicas = (topics: readonly ChaosTopic[], key: number, directories: ReadonlyMap<number, string>): ReplicaLog[] => {
  const { topic, partition } = partitionOf(topics, key)
  return [...directories].map(([node, directory]) => readReplica(join(directory, `${topic}-${partition}`), node, key))
}
