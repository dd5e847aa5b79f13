import { randomUuid } from '../base/index.ts'
import type { Random } from '../host/index.ts'

/** Names of files and directories of a log, as LogFileUtils and LocalLog of Kafka write them. */
export const LOG_SUFFIX = '.log'
export const OFFSET_INDEX_SUFFIX = '.index'
export const TIME_INDEX_SUFFIX = '.timeindex'
export const TRANSACTION_INDEX_SUFFIX = '.txnindex'
export const SNAPSHOT_SUFFIX = '.snapshot'
/** A file that waits for its removal. */
export const DELETED_SUFFIX = '.deleted'
/** A cleaner's unfinished output. */
export const CLEANED_SUFFIX = '.cleaned'
/** A cleaner's finished output, not yet in place. */
export const SWAP_SUFFIX = '.swap'

export const LEADER_EPOCH_FILE = 'leader-epoch-checkpoint'
export const PARTITION_METADATA_FILE = 'partition.metadata'
export const RECOVERY_POINT_FILE = 'recovery-point-offset-checkpoint'
export const LOG_START_FILE = 'log-start-offset-checkpoint'
export const HIGH_WATERMARK_FILE = 'replication-offset-checkpoint'
export const CLEANER_FILE = 'cleaner-offset-checkpoint'
export const CLEAN_SHUTDOWN_FILE = '.kafka_cleanshutdown'
export const LOCK_FILE = '.lock'
const REMOTE_INDEX_CACHE = 'remote-log-index-cache'
/** What a fresh ext4 mount holds. */
const LOST_AND_FOUND = 'lost+found'
/** Raft's log: opened by its own room. */
export const METADATA_TOPIC = '__cluster_metadata'

export const offsetName = (offset: number): string => String(offset).padStart(20, '0')

const offsetFile = /^(\d{20})(\.(?:log|index|timeindex|txnindex|snapshot))(\.(?:deleted|cleaned|swap))?$/

export interface SegmentFileName {
  readonly offset: number
  readonly suffix: string
  /** '' or one of `.deleted`, `.cleaned`, `.swap`. */
  readonly state: string
}

/** Undefined for any other name, and for offsets beyond 2^53. */
export const parseSegmentFile = (name: string): SegmentFileName | undefined => {
  const match = offsetFile.exec(name)
  if (match === null) return undefined
  const offset = Number(match[1])
  return Number.isSafeInteger(offset) ? { offset, suffix: match[2]!, state: match[3] ?? '' } : undefined
}

export type DirectoryKind = 'current' | 'future' | 'delete' | 'stray'
export interface PartitionDirectoryName {
  readonly topic: string
  readonly partition: number
  readonly kind: DirectoryKind
}

const marked = /^(\S+)\.(\S+)-(delete|future|stray)$/
const legalTopic = /^[a-zA-Z0-9._-]{1,249}$/

/** LocalLog.parseTopicPartitionName, without its exceptions: undefined is a directory that is no partition's. */
export const parsePartitionDirectory = (name: string): PartitionDirectoryName | undefined => {
  const match = marked.exec(name)
  const kind = match === null ? 'current' : (match[3] as DirectoryKind)
  const base = match === null ? name : match[1]!
  const dash = base.lastIndexOf('-')
  if (dash <= 0) return undefined
  const topic = base.slice(0, dash)
  const digits = base.slice(dash + 1)
  if (!/^\d{1,10}$/.test(digits) || !legalTopic.test(topic) || topic === '.' || topic === '..') return undefined
  const partition = Number(digits)
  return partition > 0x7fffffff ? undefined : { topic, partition, kind }
}

export const isForeignDirectory = (name: string): boolean => name === REMOTE_INDEX_CACHE || name === LOST_AND_FOUND || name.startsWith('.')

export const partitionName = (topic: string, partition: number): string => `${topic}-${partition}`

/** Of the names of directories that may meet others of their partition. Kafka writes a uuid's 32 hexadecimal digits here. */
export const uniquePart = (random: Random): string => Buffer.from(randomUuid(random), 'base64url').toString('hex')

/** The name fits 255 bytes: the topic's end is cut off, as Kafka does (KAFKA-7283 keeps room for the unique part). */
export const deleteDirectoryName = (topic: string, partition: number, unique: string): string => capped(topic, partition, unique, '-delete')
export const strayDirectoryName = (topic: string, partition: number, unique: string): string => capped(topic, partition, unique, '-stray')
export const futureDirectoryName = (topic: string, partition: number, unique: string): string =>
  `${partitionName(topic, partition)}.${unique}-future`

const capped = (topic: string, partition: number, unique: string, suffix: string): string => {
  const tail = `-${partition}.${unique}${suffix}`
  return `${topic.slice(0, Math.max(1, 255 - tail.length))}${tail}`
}
