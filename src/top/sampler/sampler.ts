import type { Admin, Cluster } from '../../client/index.ts'
import { loadQuorumReport, loadReassignment } from '../../ops/index.ts'
import {
  type Attention,
  type BrokerLatency,
  type BrokerSample,
  type MoveSample,
  noAttention,
  type QuorumSample,
  type Sample,
  type StorageSample,
  type TopicSample,
  type TransactionSample,
} from '../sample.ts'
import { BrokerRounds } from './broker-rounds.ts'
import { surveyFenced, surveyStorage, surveyTransactions } from './cluster-survey.ts'
import { surveyGroups } from './group-survey.ts'
import { type Layout, MetadataSurvey } from './metadata-survey.ts'
import { latencyOf, type ReadPage } from './metrics-page.ts'
import { EARLIEST, LATEST, surveyOffsets, surveyReplicas } from './offset-survey.ts'
import { type CommittedRecord, RecordTimes } from './record-times.ts'
import { SlowQuestion } from './slow-question.ts'

export interface SamplerOptions {
  /** Between looks; no broker lets one wait for longer. */
  readonly everyMs: number
  readonly groups?: RegExp | undefined
  readonly topics?: RegExp | undefined
  readonly metrics?: MetricsPages | undefined
}

export interface MetricsPages {
  /** `URL`, in which `{host}` and `{id}` stand for those of a broker, or `ID=URL`. */
  readonly urls: readonly string[]
  readonly read: ReadPage
}

/** What changes slowly, or costs a lot, is asked for less often. */
const STORAGE_EVERY_MS = 10_000
const STARTS_EVERY_MS = 10_000
const TRANSACTIONS_EVERY_MS = 5000
const SETTINGS_EVERY_MS = 60_000
/** How long an answer stands in for one that does not come. */
const AGE_MS_MAX = 10_000
const PATIENCE_MS_MIN = 500
const PATIENCE_MS_MAX = 3000

type ClusterView = Cluster['view']
type TopicSettings = ReadonlyMap<string, Pick<TopicSample, 'minInsyncReplicas' | 'retentionMs'>>

/** What one look leaves to the next ones. */
interface Known {
  readonly times: RecordTimes
  readonly quorum: SlowQuestion<QuorumSample>
  readonly moves: SlowQuestion<MoveSample[]>
  readonly settings: SlowQuestion<TopicSettings>
  starts: { readonly timeMs: number; readonly offsets: Sample['starts'] }
  storage: { readonly askedMs: number; readonly found: StorageSample | null }
  transactions: { readonly timeMs: number; readonly list: TransactionSample[] | null }
}

/**
 * Looks at a whole cluster again and again, with a handful of requests to each broker a look. One look at a time.
 *
 * Questions for the controller go over connections of their own (`controller`): while nobody leads the quorum they are not answered, and
 * what comes after them on a connection would wait as well.
 */
export class Sampler {
  readonly #admin: Admin
  readonly #controller: Admin
  readonly #options: SamplerOptions
  readonly #rounds: BrokerRounds
  readonly #patienceMs: number
  readonly #metadata: MetadataSurvey
  #names: readonly string[] = []
  #clusterId: string | null = null
  #known: Known

  /** The two are open for as long as it is used. */
  constructor(admin: Admin, controller: Admin, options: SamplerOptions) {
    this.#admin = admin
    this.#options = options
    this.#patienceMs = Math.min(PATIENCE_MS_MAX, Math.max(PATIENCE_MS_MIN, options.everyMs * 0.75))
    const rounds = new BrokerRounds(admin.cluster, this.#patienceMs)
    this.#rounds = rounds
    this.#metadata = new MetadataSurvey(admin.cluster, rounds)
    this.#controller = controller
    this.#known = this.#nothing()
  }

  /** What is known of a cluster before it was looked at. */
  #nothing(): Known {
    const { clock } = this.#admin.cluster.host
    const controller = this.#controller
    const question = <T>(what: string, everyMs: number, ask: () => Promise<T>): SlowQuestion<T> =>
      new SlowQuestion(clock, everyMs, ask, (error) => this.#rounds.fail(what, null, error))
    const neverMs = Number.NEGATIVE_INFINITY
    return {
      times: new RecordTimes(),
      quorum: question('DescribeQuorum', 0, () => quorumOf(controller)),
      moves: question('ListPartitionReassignments', 0, () => movesOf(controller)),
      settings: question('DescribeConfigs', SETTINGS_EVERY_MS, () => topicSettings(controller, this.#names)),
      starts: { timeMs: neverMs, offsets: {} },
      storage: { askedMs: neverMs, found: null },
      transactions: { timeMs: neverMs, list: null },
    }
  }

  /** @throws ClientError when no broker tells what there is */
  async take(attention: Attention = noAttention): Promise<Sample> {
    const rounds = this.#rounds
    const { cluster } = this.#admin
    const { clock } = cluster.host
    const layout = await this.#metadata.look(Math.max(this.#patienceMs * 2, this.#options.everyMs))
    this.#names = layout.topics.map(({ name }) => name)
    // Others may have taken the addresses of the one that was there before.
    if (this.#clusterId !== null && layout.clusterId !== this.#clusterId) this.#known = this.#nothing()
    this.#clusterId = layout.clusterId
    const known = this.#known
    const { view } = cluster
    const ids = [...view.nodes.keys()]
    const settings = await known.settings.answer(this.#patienceMs, SETTINGS_EVERY_MS)
    const topics = topicsOf(layout, settings, this.#options.topics)
    const nowMs = clock.monotonic()
    const looked = topics.find(({ name }) => name === attention.topic)
    const [fenced, ends, surveyed, quorum, moves, replicaEnds, latencies] = await Promise.all([
      surveyFenced(rounds, layout.controllerId),
      surveyOffsets(rounds, topics, LATEST),
      surveyGroups(rounds, ids, this.#options.groups),
      known.quorum.answer(this.#patienceMs, AGE_MS_MAX),
      known.moves.answer(this.#patienceMs, AGE_MS_MAX),
      looked === undefined ? undefined : surveyReplicas(rounds, looked),
      this.#latencies(view),
      this.#lookAtStarts(topics, nowMs),
      this.#lookAtStorage(ids, nowMs),
      this.#lookAtTransactions(ids, nowMs),
    ])
    const recordTimes = await known.times.look(rounds, topics, committedAt(attention, surveyed.commits))
    return {
      timeMs: clock.now(),
      clusterId: layout.clusterId,
      controllerId: layout.controllerId,
      brokers: brokersOf(view, fenced),
      topics,
      ends,
      starts: known.starts.offsets,
      ...surveyed,
      storage: known.storage.found,
      quorum,
      moves,
      transactions: known.transactions.list,
      recordTimes,
      replicaEnds: looked === undefined || replicaEnds === undefined ? null : { topic: looked.name, byBroker: replicaEnds },
      latencies,
      failures: rounds.takeFailures(),
    }
  }

  async #lookAtStarts(topics: readonly TopicSample[], nowMs: number): Promise<void> {
    const known = this.#known
    const { timeMs, offsets } = known.starts
    const isNew = topics.some(({ name, partitions }) => offsets[name]?.length !== partitions.length)
    if (!isNew && nowMs - timeMs < STARTS_EVERY_MS) return
    known.starts = { timeMs: nowMs, offsets: await surveyOffsets(this.#rounds, topics, EARLIEST, offsets) }
  }

  async #lookAtStorage(brokers: readonly number[], nowMs: number): Promise<void> {
    const known = this.#known
    if (nowMs - known.storage.askedMs < STORAGE_EVERY_MS) return
    known.storage = { ...known.storage, askedMs: nowMs }
    const found = await surveyStorage(this.#rounds, brokers)
    known.storage = { askedMs: nowMs, found: found === undefined ? null : { timeMs: this.#admin.cluster.host.clock.now(), ...found } }
  }

  async #lookAtTransactions(brokers: readonly number[], nowMs: number): Promise<void> {
    const known = this.#known
    if (nowMs - known.transactions.timeMs < TRANSACTIONS_EVERY_MS) return
    known.transactions = { timeMs: nowMs, list: await surveyTransactions(this.#rounds, brokers) }
  }

  async #latencies(view: ClusterView): Promise<Record<string, BrokerLatency> | null> {
    const { metrics } = this.#options
    if (metrics === undefined) return null
    const found: Record<string, BrokerLatency> = {}
    const read = async (broker: number, url: string): Promise<void> => {
      try {
        found[broker] = latencyOf(await metrics.read(url))
      } catch (error) {
        // A login is nobody's business: not of a screen, nor of a recording.
        this.#rounds.fail(`metrics of ${url.replace(/\/\/[^/?#]*@/, '//')}`, broker, error)
      }
    }
    await Promise.all([...pagesOf(metrics.urls, view)].map(([broker, url]) => read(broker, url)))
    return found
  }
}

/** Where the groups that are looked at stand. */
function committedAt({ records }: Attention, commits: Sample['commits']): CommittedRecord[] {
  return records.flatMap(({ group, topic, partition }) => {
    const list = commits[group]?.[topic] ?? []
    for (let at = 0; at < list.length; at += 2) if (list[at] === partition) return [{ topic, partition, offset: list[at + 1]! }]
    return []
  })
}

/** Which page is whose. */
export function pagesOf(urls: readonly string[], view: Pick<ClusterView, 'nodes'>): Map<number, string> {
  const pages = new Map<number, string>()
  for (const text of urls) {
    const [, id, own] = /^(\d+)=(.*)$/.exec(text) ?? []
    if (own !== undefined) {
      pages.set(Number(id), own)
      continue
    }
    const isPattern = /\{(host|id)\}/.test(text)
    for (const node of view.nodes.values()) {
      if (isPattern) pages.set(node.id, text.replaceAll('{host}', node.host).replaceAll('{id}', String(node.id)))
      else if (new URL(text).hostname === node.host && !pages.has(node.id)) {
        pages.set(node.id, text)
        break
      }
    }
  }
  return pages
}

function brokersOf(view: ClusterView, fenced: Awaited<ReturnType<typeof surveyFenced>>): BrokerSample[] {
  const known = new Map<number, BrokerSample>(
    [...view.nodes.values()].map(({ id, host, port, rack }) => [id, { id, host, port, rack, fenced: null }]),
  )
  for (const each of fenced ?? []) known.set(each.id, each)
  return [...known.values()].sort((a, b) => a.id - b.id)
}

function topicsOf(layout: Layout, settings: TopicSettings | null, wanted: RegExp | undefined): TopicSample[] {
  return layout.topics
    .filter(({ name }) => wanted === undefined || wanted.test(name))
    .map(({ name, internal, partitions }): TopicSample => {
      const { minInsyncReplicas = null, retentionMs = null } = settings?.get(name) ?? {}
      return { name, internal, minInsyncReplicas, retentionMs, partitions }
    })
}

async function topicSettings(admin: Admin, names: readonly string[]): Promise<TopicSettings> {
  const keys = ['min.insync.replicas', 'retention.ms']
  const results = await admin.describeConfigs(names.map((name) => ({ type: 'topic', name, keys })))
  return new Map(
    results.flatMap(({ item, value }) => {
      if (value === null) return []
      const numberOf = (key: string): number | null => {
        const text = value.find(({ name }) => name === key)?.value ?? null
        return text === null ? null : Number(text)
      }
      return [[item.name, { minInsyncReplicas: numberOf('min.insync.replicas'), retentionMs: numberOf('retention.ms') }]]
    }),
  )
}

async function quorumOf(admin: Admin): Promise<QuorumSample> {
  const { judgedQuorum, VOTER_LAG_MS_MAX } = await loadQuorumReport()
  const { leaderId, leaderEpoch: epoch, highWatermark, replicas } = judgedQuorum(await admin.describeQuorum(), VOTER_LAG_MS_MAX)
  return {
    leaderId,
    epoch,
    highWatermark,
    replicas: replicas.map(({ nodeId: id, status, logEndOffset, lag, lagMs, silentMs, fault }) => ({
      ...{ id, status, logEndOffset, lag, lagMs, silentMs, fault },
    })),
  }
}

async function movesOf(admin: Admin): Promise<MoveSample[]> {
  const { moveProgress, leaderRateKey } = await loadReassignment()
  const moves = await moveProgress(admin)
  if (moves.length === 0) return []
  const sources = [...new Set(moves.flatMap(({ replicas, adding }) => replicas.filter((id) => !adding.includes(id))))]
  const described = await admin.describeConfigs(sources.map((id) => ({ type: 'broker', name: String(id), keys: [leaderRateKey] })))
  const rates = new Map(
    described.map(({ item, value }) => [item.name, Number(value?.find(({ name }) => name === leaderRateKey)?.value ?? Number.NaN)]),
  )
  return moves.map(({ topic, partition, replicas, adding, removing, bytesTotal, bytesMoved }) => {
    const own = replicas.flatMap((id) => rates.get(String(id)) ?? []).filter((rate) => rate > 0 && rate < Number.MAX_SAFE_INTEGER)
    return { topic, partition, replicas, adding, removing, bytesTotal, bytesMoved, throttle: own.length === 0 ? null : Math.min(...own) }
  })
}
