import type { Admin, TopicPartition } from '../../client/index.ts'
import { exceptionOf, resultException } from '../java/client-failure.ts'
import { executionException, type JavaException } from '../java/exception.ts'
import { hashOrder, partitionHash } from '../java/hash-order.ts'
import { padded, widest } from '../java/padded.ts'
import type { CommandLine } from '../options/command-line.ts'
import { printError } from '../tool.ts'
import { describeTopicsOf, parseTopicPartitions } from './topic-partitions.ts'

/** Errors of the group as a whole, and those of single partitions. */
const ofGroup = new Set(['INVALID_GROUP_ID', 'GROUP_ID_NOT_FOUND', 'GROUP_AUTHORIZATION_FAILED', 'NON_EMPTY_GROUP'])
const ofPartition = new Set(['GROUP_SUBSCRIBED_TO_TOPIC', 'TOPIC_AUTHORIZATION_FAILED', 'UNKNOWN_TOPIC_OR_PARTITION'])

interface Row extends TopicPartition {
  readonly exception: JavaException | undefined
}

interface NamedPartitions {
  readonly partitions: readonly TopicPartition[]
  /** Topics that could not be looked up; their partition is -1. */
  readonly failed: readonly Row[]
}

/** Those of `topic:0,1`, and all of topics that are named alone. @throws JavaException */
export async function partitionsNamed(admin: Admin, named: readonly string[], timeoutMs: number): Promise<NamedPartitions> {
  const partitions: TopicPartition[] = named.filter((topic) => topic.includes(':')).flatMap(parseTopicPartitions)
  const failed: Row[] = []
  const whole = named.filter((topic) => !topic.includes(':'))
  for (const { item, error, value } of await describeTopicsOf(admin, whole, timeoutMs)) {
    if (error === null) partitions.push(...value.partitions.map(({ partition }) => ({ topic: item, partition })))
    else failed.push({ topic: item, partition: -1, exception: resultException(error, 'describeTopicPartitions') })
  }
  return { partitions, failed }
}

/** Has the group of --group forget what it committed there, and says of each partition how it went. */
export async function deletePartitionOffsets(line: CommandLine, admin: Admin, { partitions, failed }: NamedPartitions): Promise<void> {
  const groupId = line.required('group')
  const timeoutMs = Number(line.required('timeout'))
  const results = await admin.deleteGroupOffsets(groupId, hashOrder(partitions, partitionHash), { timeoutMs })
  // With no partition left there is no answer to tell of the group.
  const [group] = partitions.length === 0 ? await admin.describeGroups([groupId], { timeoutMs }) : []
  const first = group?.error ?? results.find(({ error }) => error !== null)?.error
  if (first === undefined || first === null) line.io.out(`Request succeeded for deleting offsets from group ${groupId}.\n`)
  else if (ofGroup.has(first.name)) printError(line.io, `${exceptionOf(first.code, null).text}`)
  else if (ofPartition.has(first.name)) printError(line.io, 'Encountered some partition-level error, see the follow-up details.')
  else printError(line.io, `Encountered some unknown error: ${first.name}`)
  const answered = results.map(({ item, error }) => ({
    ...item,
    exception: error === null ? undefined : resultException(error, 'deleteConsumerGroupOffsets'),
  }))
  const rows: Row[] = [...failed, ...answered]
  const topics = rows.map(({ topic }) => topic)
  const widths = [widest(15, topics), 10, 15]
  rows.sort((a, b) => (`${a.topic}${a.partition}` < `${b.topic}${b.partition}` ? -1 : 1))
  line.io.out(`\n${padded(widths, ['TOPIC', 'PARTITION', 'STATUS'])}`)
  for (const { topic, partition, exception } of rows) {
    const status = exception === undefined ? 'Successful' : `Error: ${executionException(exception).text}`
    line.io.out(`\n${padded(widths, [topic, partition >= 0 ? partition : '-', status])}`)
  }
  line.io.out('\n')
}
