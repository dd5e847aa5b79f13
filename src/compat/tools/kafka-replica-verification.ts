import { type Admin, call, type TopicMetadata } from '../../client/index.ts'
import type { Clock } from '../../host/index.ts'
import { Apis } from '../../protocol/index.ts'
import { FetchRequest, FetchResponse } from '../../protocol/messages/fetch.ts'
import { withAdmin } from '../admin-session.ts'
import { options } from '../declared/kafka-replica-verification.ts'
import { allAnswered, answered } from '../java/client-failure.ts'
import { dateFormat } from '../java/date-format.ts'
import { CommandLine } from '../options/command-line.ts'
import { guarded, log, messageAndTrace, type Tool, ToolExit } from '../tool.ts'
import { checkBootstrapServer } from './bootstrap-address.ts'
import { type ComparisonFinding, compareReplicas, type ReplicaAnswer } from './replica-comparison.ts'
import { includeList } from './topic-names.ts'

const logger = 'org.apache.kafka.tools.ReplicaVerificationTool'
const fetchCall = call(Apis.Fetch, FetchRequest, FetchResponse)
/** From this version on topics travel by id, and the replica's id in a structure of its own. */
const topicIdVersion = 13
const replicaStateVersion = 15
/** Whoever looks at one replica, leader or not. */
const debuggingReplicaId = -2
const failurePauseMs = 200

const format = dateFormat('yyyy-MM-dd HH:mm:ss,SSS')

export const kafkaReplicaVerification: Tool = async (args, io) => {
  await log(io, 'WARN', 'This tool is deprecated and may be removed in a future major release.', logger)
  return guarded(async () => {
    const line = CommandLine.parse(options, args, io)
    line.helpOrVersion('Validate that all replicas for a set of topics have the same data.')
    line.checkRequired('broker-list')
    const servers = line.required('broker-list')
    checkBootstrapServer(line, servers)
    await withAdmin(io, { 'bootstrap.servers': servers }, (admin) => verify(line, admin))
    return 0
  }, messageAndTrace(io))
}

/** One partition, and how far all of its replicas have been found equal. */
interface Verified {
  readonly topic: TopicMetadata
  readonly partition: number
  readonly replicas: readonly number[]
  offset: number
}

async function verify(line: CommandLine, admin: Admin): Promise<void> {
  const { io } = line
  const partitions = await partitionsOf(line, admin)
  const at = line.number('time')!
  const queries = partitions.map(
    ({ topic, partition }) => ({ topic: topic.name, partition, at: at === -1 ? 'latest' : at === -2 ? 'earliest' : at }) as const,
  )
  const found = await allAnswered('listOffsets', admin.listOffsets(queries))
  for (const [index, each] of partitions.entries()) each.offset = Number(found[index]!.offset)
  const intervalMs = line.number('report-interval-ms')!
  const { clock } = await io.host()
  const stop = io.stopSignal()
  const fetching = { maxWaitMs: line.number('max-wait-ms')!, partitionMaxBytes: line.number('fetch-size')! }
  const brokers = [...new Set(partitions.flatMap(({ replicas }) => replicas))]
  io.out(`${format(clock.now())}: verification process is started\n`)
  let reportedMs = clock.now()
  while (!stop.aborted) {
    const answers = await Promise.all(
      brokers.map(async (id) => [id, await fetchFrom(admin, id, partitions, fetching, clock, stop)] as const),
    )
    if (stop.aborted) return
    const lag = compareAll(line, partitions, new Map(answers), () => format(clock.now()))
    if (clock.now() - reportedMs <= intervalMs) continue
    reportedMs = clock.now()
    io.out(
      `${format(reportedMs)}: max lag is ${lag.most} for partition ${lag.where} at offset ${lag.offset} among ${partitions.length} partitions\n`,
    )
  }
}

async function partitionsOf(line: CommandLine, admin: Admin): Promise<Verified[]> {
  await answered('listTopics', admin.listTopics({ includeInternal: true }))
  const view = await answered('listTopics', admin.cluster.refresh(null))
  const isWanted = includeList(line.required('topics-include'))
  const topics = [...view.topics.values()].filter(({ name }) => isWanted(name, false))
  if (topics.length === 0) {
    const why = 'No topics found. [topics-include] if specified, is either filtering out all topics or there is no topic.'
    await log(line.io, 'ERROR', why, logger)
    throw new ToolExit(1)
  }
  return topics.flatMap((topic) => topic.partitions.map(({ partition, replicas }) => ({ topic, partition, replicas, offset: 0 })))
}

type Answers = ReadonlyMap<string, ReplicaAnswer>

const keyOf = ({ topic, partition }: Verified): string => `${topic.name}-${partition}`

/** What one broker has of its replicas, from where each stands; nothing of a broker that does not answer. */
async function fetchFrom(
  admin: Admin,
  broker: number,
  partitions: readonly Verified[],
  { maxWaitMs, partitionMaxBytes }: { readonly maxWaitMs: number; readonly partitionMaxBytes: number },
  clock: Clock,
  stop: AbortSignal,
): Promise<Answers> {
  const own = partitions.filter(({ replicas }) => replicas.includes(broker))
  const byTopic = Map.groupBy(own, ({ topic }) => topic)
  const request = admin.cluster.send(broker, fetchCall, (version) => ({
    ...(version >= replicaStateVersion ? { replicaState: { replicaId: debuggingReplicaId } } : { replicaId: debuggingReplicaId }),
    ...{ maxWaitMs, minBytes: 1, sessionId: 0, sessionEpoch: -1 },
    topics: [...byTopic].map(([topic, list]) => ({
      ...(version >= topicIdVersion ? { topicId: topic.id } : { topic: topic.name }),
      partitions: list.map(({ partition, offset }) => ({ partition, fetchOffset: offset, partitionMaxBytes, currentLeaderEpoch: -1 })),
    })),
  }))
  const { promise: stopped, resolve } = Promise.withResolvers<undefined>()
  const onStop = (): void => resolve(undefined)
  stop.addEventListener('abort', onStop, { once: true })
  try {
    const answer = await Promise.race([request, stopped])
    const names = new Map(own.map(({ topic }) => [topic.id, topic.name]))
    return new Map(
      (answer?.responses ?? []).flatMap(({ topic, topicId, partitions }) =>
        partitions.map((each) => [
          `${topic === '' ? names.get(topicId) : topic}-${each.partitionIndex}`,
          { records: each.records ?? Buffer.alloc(0), highWatermark: Number(each.highWatermark) },
        ]),
      ),
    )
  } catch {
    await new Promise<void>((resolve) => void clock.after(failurePauseMs, resolve))
    return new Map()
  } finally {
    stop.removeEventListener('abort', onStop)
  }
}

interface Lag {
  readonly most: number
  readonly where: string
  readonly offset: number
}

/** Tells what differs. Gives the partition that is the furthest behind. @throws ToolExit when replicas stand at different offsets */
function compareAll(line: CommandLine, partitions: readonly Verified[], answers: ReadonlyMap<number, Answers>, now: () => string): Lag {
  let lag: Lag = { most: -1, where: 'null', offset: -1 }
  for (const each of partitions) {
    const key = keyOf(each)
    const replicas = new Map(each.replicas.map((id) => [id, answers.get(id)?.get(key) ?? { records: Buffer.alloc(0), highWatermark: -1 }]))
    const { nextOffset, findings } = compareReplicas(replicas, each.offset)
    each.offset = nextOffset
    for (const finding of findings) {
      line.io.out(`${now()}: ${findingText(key, finding)}\n`)
      if (finding.kind === 'offset') throw new ToolExit(1)
    }
    const behind = Math.max(...[...replicas.values()].map(({ highWatermark }) => highWatermark)) - each.offset
    if (behind > lag.most) lag = { most: behind, where: key, offset: each.offset }
  }
  return lag
}

function findingText(partition: string, finding: ComparisonFinding): string {
  const { replica, offset, otherReplica } = finding
  return finding.kind === 'offset'
    ? `partition ${partition}: replica ${replica}'s offset ${offset} doesn't match replica ${otherReplica}'s offset ${finding.otherOffset}`
    : `partition ${partition} has unmatched checksum at offset ${offset}; replica ${replica}'s checksum ${finding.checksum}; replica ${otherReplica}'s checksum ${finding.otherChecksum}`
}
