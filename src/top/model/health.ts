import type { Sample } from '../sample.ts'
import type { BrokerModel } from './brokers.ts'
import { type MoveModel, type MovesSummary, summaryOf } from './moves.ts'
import type { TopicModel } from './topics.ts'
import { lastOf, TREND_POINTS } from './track.ts'

/** The cluster in one line. Null: not known. */
export interface Health {
  readonly brokersUp: number
  readonly brokersKnown: number
  readonly controllerId: number | null
  readonly quorumEpoch: number | null
  readonly underReplicated: number
  readonly underReplicatedTrend: readonly number[]
  readonly underMinIsr: number | null
  readonly atMinIsr: number | null
  readonly offline: number
  readonly nonPreferred: number
  readonly moves: MovesSummary | null
  /** Records a second. */
  readonly inRate: number | null
  readonly inTrend: readonly number[]
  /** Bytes a second, by how logs grew, each partition once. */
  readonly bytesRate: number | null
  readonly produceP99Ms: number | null
  readonly fetchP99Ms: number | null
  /** Records that the hindmost voter is behind. */
  readonly quorumLag: number | null
  readonly quorumFaults: number
  readonly oldestTransactionMs: number | null
  readonly fullestDisk: { readonly broker: number; readonly used: number; readonly fullInMs: number | null } | null
}

interface Parts {
  readonly sample: Sample
  readonly topics: ReadonlyMap<string, TopicModel>
  readonly brokers: ReadonlyMap<number, BrokerModel>
  readonly moves: readonly MoveModel[] | null
}

export function healthOf(before: Health | undefined, { sample, topics, brokers, moves }: Parts): Health {
  const { quorum, transactions, timeMs } = sample
  const list = [...topics.values()]
  const nodes = [...brokers.values()]
  const underReplicated = total(list.map((each) => each.underReplicated))
  const inRate = totalKnown(list.map((each) => each.inRate))
  const voters = quorum?.replicas.filter(({ status }) => status !== 'Observer') ?? []
  const started = transactions?.flatMap(({ startedMs }) => startedMs ?? []) ?? []
  return {
    brokersUp: nodes.filter(({ state }) => state === 'up').length,
    brokersKnown: nodes.length,
    controllerId: quorum?.leaderId ?? null,
    quorumEpoch: quorum?.epoch ?? null,
    underReplicated,
    underReplicatedTrend: lastOf(before?.underReplicatedTrend ?? [], underReplicated, TREND_POINTS / 2),
    underMinIsr:
      list.every(({ underMinIsr }) => underMinIsr === null) && list.length > 0 ? null : total(list.map((each) => each.underMinIsr ?? 0)),
    atMinIsr: list.every(({ atMinIsr }) => atMinIsr === null) && list.length > 0 ? null : total(list.map((each) => each.atMinIsr ?? 0)),
    offline: total(list.map((each) => each.offline)),
    nonPreferred: total(list.map((each) => each.nonPreferred)),
    moves: moves === null ? null : summaryOf(moves),
    inRate,
    inTrend: inRate === null ? [] : lastOf(before?.inTrend ?? [], inRate, TREND_POINTS),
    bytesRate: totalKnown(list.map((each) => each.bytesRate)),
    produceP99Ms: most(nodes.map(({ latency }) => latency?.produceP99Ms ?? null)),
    fetchP99Ms: most(nodes.map(({ latency }) => latency?.fetchP99Ms ?? null)),
    quorumLag: quorum === null ? null : most(voters.map(({ lag }) => lag)),
    quorumFaults: voters.filter(({ fault }) => fault !== null).length,
    oldestTransactionMs: started.length === 0 ? null : Math.max(0, timeMs - started.reduce((least, each) => Math.min(least, each))),
    fullestDisk: fullestOf(nodes),
  }
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

function totalKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : total(known)
}

const most = (values: readonly (number | null)[]): number | null =>
  values.reduce<number | null>((max, value) => (value === null ? max : Math.max(max ?? value, value)), null)

function fullestOf(nodes: readonly BrokerModel[]): Health['fullestDisk'] {
  let worst: Health['fullestDisk'] = null
  for (const { id, disk } of nodes) {
    if (disk !== null && disk.used > (worst?.used ?? -1)) worst = { broker: id, used: disk.used, fullInMs: disk.fullInMs }
  }
  return worst
}
