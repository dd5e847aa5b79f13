import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { type Host, type Journal, silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { defaultLogConfig, LogDirectories } from '../../src/log/index.ts'
import { DeltaRecorder, DIRECTORY_MIGRATING, localChanges, MetadataImage, metadataRecord } from '../../src/metadata/index.ts'
import { type FetchTarget, type Partition, Partitions, type Replication, ReplicationQuota } from '../../src/replica/index.ts'

export const NODE = 1
const topicIds = new Map<string, string>()

/** The same id for the same word. */
export const idOf = (word: string): string => {
  let id = topicIds.get(word)
  if (id === undefined) topicIds.set(word, (id = Buffer.from(word.padEnd(16, '.')).subarray(0, 16).toString('base64url')))
  return id
}

/** As meta.properties would have it. */
export const directoryIdOf = (path: string): string => idOf(basename(path))

export interface Replicas extends AsyncDisposable {
  readonly host: Host
  readonly image: MetadataImage
  readonly logs: LogDirectories
  readonly partitions: Partitions
  readonly paths: readonly string[]
  /** What happened to the leadership of partitions, in order. */
  readonly told: string[]
  /** A topic is in the metadata; `apply` brings it here. */
  create(topic: string, partitionCount?: number, id?: string, directory?: string): void
  remove(id: string): void
  /** Another leader, in a new epoch. */
  lead(id: string, index: number, leader: number, leaderEpoch: number): void
  /** Everything that changed in the metadata since the last time. */
  apply(): Promise<void>
  at(topic: string, index?: number): Partition
}

/** No follower ever comes. */
export const aloneInTheCluster: Replication = {
  monotonic: () => 0,
  lagMaxMs: 30_000,
  ownEpoch: 1,
  eligibleEpoch: () => undefined,
  proposeIsr: () => {},
}

/** Over Kafka's usual windows. */
export const quotaOf = (bytesPerSecond: number, monotonic = () => performance.now()): ReplicationQuota =>
  new ReplicationQuota({ monotonic, window: { count: 11, sizeMs: 1000 }, limit: () => bytesPerSecond })

/** The partitions of a node over real directories and a metadata image that the test writes. */
export const openReplicas = async (directoryCount = 1, given: { host?: Host; root?: string } = {}): Promise<Replicas> => {
  const root = given.root ?? (await mkdtemp(join(tmpdir(), 'tkafka-replica-')))
  const host = given.host ?? nodeHost({ journal: silentJournal as Journal })
  const paths = Array.from({ length: directoryCount }, (_, n) => join(root, `d${n}`))

  const image = new MetadataImage()
  const recorder = new DeltaRecorder(image)
  const told: string[] = []
  let partitions: Partitions | undefined
  const logs = await LogDirectories.open(host, {
    paths,
    configFor: () => defaultLogConfig,
    directoryFailed: (directory) => partitions?.directoryFailed(directory),
  })
  const opened = new Partitions(NODE, logs, image, silentJournal, aloneInTheCluster, (id) =>
    paths.find((path) => directoryIdOf(path) === id),
  )
  partitions = opened
  opened.observe({
    led: (partition) => void told.push(`led ${partition.name} ${partition.leaderEpoch}`),
    resigned: ({ topic, index }) => void told.push(`resigned ${topic}-${index}`),
  })
  return {
    ...{ host, image, logs, partitions: opened, paths, told },
    create(topic, partitionCount = 1, id = idOf(topic), directory = DIRECTORY_MIGRATING) {
      image.replay(metadataRecord('TopicRecord', 0, { name: topic, topicId: id }), 0)
      for (let partitionId = 0; partitionId < partitionCount; partitionId++) {
        const record = { topicId: id, partitionId, replicas: [NODE], isr: [NODE], leader: NODE, leaderEpoch: 0, partitionEpoch: 0 }
        image.replay(metadataRecord('PartitionRecord', 1, { ...record, directories: [directory] }), 0)
      }
    },
    remove: (topicId) => void image.replay(metadataRecord('RemoveTopicRecord', 0, { topicId }), 0),
    lead(topicId, partitionId, leader, leaderEpoch) {
      const record = { topicId, partitionId, replicas: [NODE], isr: [NODE], leader, leaderEpoch, partitionEpoch: leaderEpoch }
      image.replay(metadataRecord('PartitionRecord', 0, record), 0)
    },
    apply: () => opened.apply(localChanges(recorder.take(), NODE)),
    at: (topic, index = 0) => opened.findByName(topic, index)!,
    async [Symbol.asyncDispose]() {
      await opened.settled()
      await logs.abandon()
      if (given.root === undefined) await rm(root, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

export const target = (topic: string, change: Partial<FetchTarget> = {}): FetchTarget => ({
  topic,
  topicId: idOf(topic),
  partition: 0,
  fetchOffset: 0,
  currentLeaderEpoch: -1,
  lastFetchedEpoch: -1,
  logStartOffset: -1,
  maxBytes: 1 << 20,
  ...change,
})

export const appendTo = (partition: Partition, batch: Buffer, acksAll = true) =>
  partition.append(batch, { origin: 'client', acksAll, zstdAllowed: true }, Date.now())
