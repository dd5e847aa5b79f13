import type { TopicPartition } from '../../client/index.ts'
import { adminCommandFailed, adminOperation, JavaException } from '../java/exception.ts'
import { arrayField, integerField, integerOf, objectOf, parseJson, textField, textOf } from './json-file.ts'
import { keyOf } from './topic-partitions.ts'

export const anyDirectory = 'any'

/** What a partition is to have; a directory for each replica, or any. */
export interface TargetPartition extends TopicPartition {
  readonly replicas: readonly number[]
  readonly directories: readonly string[]
}

/** A replica that is to lie in a directory. */
export interface TargetDirectory extends TopicPartition {
  readonly broker: number
  readonly path: string
}

/** @throws JavaException */
function jsonOf(text: string): ReturnType<typeof objectOf> {
  const parsed = parseJson(text)
  if (parsed !== undefined) return objectOf(parsed)
  const cause = new JavaException('com.fasterxml.jackson.core.JsonParseException', 'The input string is not a valid JSON')
  throw adminOperation(cause.toString(), cause)
}

function checkVersion(json: ReturnType<typeof objectOf>): void {
  const version = Object.hasOwn(json, 'version') ? integerOf(json.version) : 1
  if (version !== 1) throw adminOperation(`Not supported version field value ${version}`)
}

/** The partitions of a reassignment file. @throws JavaException */
export function parseReassignment(text: string): TargetPartition[] {
  const json = jsonOf(text)
  checkVersion(json)
  return (arrayField(json, 'partitions') ?? []).map((entry) => {
    const each = objectOf(entry)
    const item = { topic: textField(each, 'topic'), partition: integerField(each, 'partition') }
    const replicas = (arrayField(each, 'replicas') ?? []).map((id) => integerOf(id))
    const directories = arrayField(each, 'log_dirs')?.map(textOf) ?? replicas.map(() => anyDirectory)
    if (replicas.length !== directories.length)
      throw adminCommandFailed(
        `Size of replicas list [${replicas.join(', ')}] is different from size of log dirs list [${directories.join(', ')}] for partition ${keyOf(item)}`,
      )
    return { ...item, replicas, directories }
  })
}

/** As `parseReassignment`, of one that is to be executed. @throws JavaException */
export function parseExecution(text: string): TargetPartition[] {
  const targets = parseReassignment(text)
  if (targets.length === 0) throw adminCommandFailed('Partition reassignment list cannot be empty')
  if (targets.some(({ replicas }) => replicas.length === 0)) throw adminCommandFailed('Partition replica list cannot be empty')
  const twice = duplicatesOf(targets.map(keyOf))
  if (twice.length > 0) throw adminCommandFailed(`Partition reassignment contains duplicate topic partitions: ${twice.join(',')}`)
  const repeated = targets.filter(({ replicas }) => duplicatesOf(replicas).length > 0)
  if (repeated.length > 0) {
    const texts = repeated.map((each) => `${keyOf(each)} contains multiple entries for ${duplicatesOf(each.replicas).join(',')}`)
    throw adminCommandFailed(`Partition replica lists may not contain duplicate entries: ${texts.join('. ')}`)
  }
  return targets
}

export function duplicatesOf<T>(values: readonly T[]): T[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))]
}

export function directoriesOf(targets: readonly TargetPartition[]): TargetDirectory[] {
  return targets.flatMap(({ topic, partition, replicas, directories }) =>
    directories.flatMap((path, index) => (path === anyDirectory ? [] : [{ topic, partition, broker: replicas[index]!, path }])),
  )
}

/** The topics of --topics-to-move-json-file. @throws JavaException */
export function parseTopics(text: string): string[] {
  const parsed = parseJson(text)
  if (parsed === undefined) throw adminOperation('The input string is not a valid JSON')
  const json = objectOf(parsed)
  checkVersion(json)
  return (arrayField(json, 'topics') ?? []).map((each) => textField(objectOf(each), 'topic'))
}

export function comparePartitions(a: TopicPartition, b: TopicPartition): number {
  return a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1
}

export const compareReplicas = (a: TargetDirectory, b: TargetDirectory): number => a.broker - b.broker || comparePartitions(a, b)

export const replicaText = ({ topic, partition, broker }: Omit<TargetDirectory, 'path'>): string => `${topic}-${partition}-${broker}`

/** The file that brings partitions to these replicas. */
export function reassignmentJson(
  partitions: readonly (TopicPartition & { readonly replicas: readonly number[] })[],
  directoryOf: (replica: Omit<TargetDirectory, 'path'>) => string | undefined,
): string {
  const entries = [...partitions].sort(comparePartitions).map(({ topic, partition, replicas }) => ({
    topic,
    partition,
    replicas,
    log_dirs: replicas.map((broker) => directoryOf({ topic, partition, broker }) ?? anyDirectory),
  }))
  return JSON.stringify({ version: 1, partitions: entries })
}
