import { type BrokerModel, replicaBytesOf } from '../../model/brokers.ts'
import type { Model } from '../../model/model.ts'
import type { Tone } from '../line.ts'
import { panelOf } from '../panel.ts'
import { byteRateOf, bytesOf, countOf, gauge, percentOf, rateOf, sparkline, timeOf } from '../quantity.ts'

const missing = 'n/a'
const none = '-'
const stateTones: Readonly<Record<BrokerModel['state'], Tone>> = { up: 'good', silent: 'bad', fenced: 'bad', gone: 'bad' }
const DISK_ALARM = 0.85
const milliseconds = (value: number | null | undefined): string =>
  value === null || value === undefined ? missing : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`

export const brokersPanel = panelOf<BrokerModel>({
  id: 'brokers',
  title: 'Brokers',
  kind: 'TopBroker',
  rows: ({ brokers }) => [...brokers.values()],
  countOf: ({ brokers }) => brokers.size,
  idOf: ({ id }) => String(id),
  sortedBy: 'BROKER',
  isIssue: ({ state, outOfSync, disk, offlineDirectories }) =>
    state !== 'up' || outOfSync > 0 || offlineDirectories > 0 || (disk?.used ?? 0) >= DISK_ALARM,
  drillInto: ({ id }) => ({ kind: 'broker', id: String(id) }),
  columns: [
    {
      ...{ name: 'BROKER', letter: 'B', width: 7, isRight: true, isAscending: true },
      value: ({ id }) => id,
      text: ({ id, isController }) => `${id}${isController ? ' ctl' : ''}`,
    },
    {
      ...{ name: 'HOST', letter: 'H', width: 15, isFlexible: true, rank: 3, isAscending: true },
      value: ({ host, port }) => `${host}:${port}`,
      text: ({ host, port }) => `${host}:${port}`,
    },
    {
      name: 'RACK',
      letter: 'K',
      width: 8,
      rank: 12,
      isWide: true,
      isAscending: true,
      value: ({ rack }) => rack,
      text: ({ rack }) => rack ?? none,
    },
    {
      ...{ name: 'STATE', letter: 'T', width: 6, isAscending: true },
      value: ({ state }) => state,
      text: ({ state }) => state,
      tone: ({ state }) => stateTones[state],
    },
    { name: 'LEADS', letter: 'L', width: 6, isRight: true, value: ({ leaders }) => leaders, text: ({ leaders }) => countOf(leaders) },
    {
      ...{ name: 'REPLICAS', letter: 'R', width: 8, isRight: true, rank: 4 },
      value: ({ replicas }) => replicas,
      text: ({ replicas }) => countOf(replicas),
    },
    {
      ...{ name: 'OUT', letter: 'U', width: 5, isRight: true },
      value: ({ outOfSync }) => outOfSync,
      text: ({ outOfSync }) => countOf(outOfSync),
      tone: ({ outOfSync }) => (outOfSync > 0 ? 'warn' : 'dim'),
    },
    {
      ...{ name: 'IN/S', letter: 'N', width: 5, isRight: true, rank: 2 },
      value: ({ inRate }) => inRate,
      text: ({ inRate }) => (inRate === null ? none : rateOf(inRate)),
    },
    {
      ...{ name: 'TREND', letter: 'D', width: 8, rank: 8, drawing: true },
      value: ({ inRate }) => inRate,
      text: ({ trend }) => sparkline(trend, 8, 'zero'),
    },
    {
      ...{ name: 'GROWS/S', letter: 'G', width: 8, isRight: true, rank: 5 },
      value: ({ bytesRate }) => bytesRate,
      text: ({ bytesRate }) => (bytesRate === null ? none : byteRateOf(bytesRate)),
    },
    {
      ...{ name: 'REQ/S', letter: 'Q', width: 6, isRight: true, rank: 9 },
      value: ({ requestRate }) => requestRate,
      text: ({ requestRate }) => (requestRate === null ? missing : rateOf(requestRate)),
    },
    {
      ...{ name: 'P99-PROD', letter: 'P', width: 8, isRight: true, rank: 7 },
      value: ({ latency }) => latency?.produceP99Ms ?? null,
      text: ({ latency }) => milliseconds(latency?.produceP99Ms),
    },
    {
      ...{ name: 'P99-FETCH', letter: 'F', width: 9, isRight: true, rank: 7.5 },
      value: ({ latency }) => latency?.fetchP99Ms ?? null,
      text: ({ latency }) => milliseconds(latency?.fetchP99Ms),
    },
    {
      ...{ name: 'IDLE', letter: 'E', width: 4, isRight: true, rank: 10 },
      value: ({ latency }) => latency?.handlerIdle ?? null,
      text: ({ latency }) => (latency?.handlerIdle === null || latency === null ? missing : percentOf(latency.handlerIdle)),
    },
    {
      ...{ name: 'SIZE', letter: 'Z', width: 8, isRight: true, rank: 6 },
      value: ({ sizeBytes }) => sizeBytes,
      text: ({ sizeBytes }) => (sizeBytes === null ? missing : bytesOf(sizeBytes)),
    },
    {
      ...{ name: 'DISK', letter: 'A', width: 4, isRight: true },
      value: ({ disk }) => disk?.used ?? null,
      text: ({ disk }) => (disk === null ? missing : percentOf(disk.used)),
      tone: ({ disk }) => ((disk?.used ?? 0) >= DISK_ALARM ? 'bad' : 'plain'),
    },
    {
      ...{ name: 'FULL-IN', letter: 'M', width: 7, isRight: true, rank: 11, isAscending: true },
      value: ({ disk }) => disk?.fullInMs ?? null,
      text: ({ disk }) => (disk === null ? missing : disk.fullInMs === null ? none : timeOf(disk.fullInMs)),
    },
  ],
  details: (broker, { sample }) => [
    `BROKER ${broker.id}   ${broker.host}:${broker.port}   RACK ${broker.rack ?? none}   STATE ${broker.state}`,
    `LEADS ${broker.leaders}   REPLICAS ${broker.replicas}   OUT-OF-SYNC ${broker.outOfSync}`,
    '',
    'LOG DIRECTORIES',
    ...(sample.storage?.directories.filter((each) => each.broker === broker.id) ?? []).map(({ path, online, totalBytes, usableBytes }) => {
      const room =
        totalBytes === null || usableBytes === null
          ? missing
          : `${gauge(1 - usableBytes / totalBytes, 10)} ${bytesOf(usableBytes)} of ${bytesOf(totalBytes)} free`
      return `  ${path}  ${online ? 'online' : 'offline'}  ${room}`
    }),
    ...sample.failures.filter((each) => each.broker === broker.id).map(({ what, message, name }) => `${what}: ${message} [${name}]`),
  ],
})

interface BrokerPartition {
  readonly topic: string
  readonly partition: number
  readonly role: 'leader' | 'follower'
  readonly isInSync: boolean
  readonly leader: number
  readonly sizeBytes: number | null
}

function partitionsOf({ sample }: Model, broker: number): BrokerPartition[] {
  return sample.topics.flatMap(({ name: topic, partitions }) =>
    partitions.flatMap(({ replicas, isr, leader }, partition): BrokerPartition[] => {
      if (!replicas.includes(broker)) return []
      const sizeBytes = replicaBytesOf(sample.storage, broker, topic, partition)
      return [{ topic, partition, role: leader === broker ? 'leader' : 'follower', isInSync: isr.includes(broker), leader, sizeBytes }]
    }),
  )
}

export const brokerPartitionsPanel = panelOf<BrokerPartition>({
  id: 'broker',
  title: 'Broker',
  kind: 'TopBrokerPartition',
  rows: (model, drill) => partitionsOf(model, Number(drill?.id)),
  idOf: ({ topic, partition }) => `${topic}-${partition}`,
  sortedBy: 'SIZE',
  isIssue: ({ isInSync }) => !isInSync,
  drillInto: ({ topic }) => ({ kind: 'topic', id: topic }),
  columns: [
    { name: 'TOPIC', letter: 'T', width: 12, isFlexible: true, isAscending: true, value: ({ topic }) => topic, text: ({ topic }) => topic },
    {
      ...{ name: 'PART', letter: 'P', width: 5, isRight: true, isAscending: true },
      value: ({ partition }) => partition,
      text: ({ partition }) => String(partition),
    },
    { name: 'ROLE', letter: 'R', width: 8, isAscending: true, value: ({ role }) => role, text: ({ role }) => role },
    {
      ...{ name: 'LEADER', letter: 'L', width: 6, isRight: true, isAscending: true },
      value: ({ leader }) => leader,
      text: ({ leader }) => (leader < 0 ? 'none' : String(leader)),
    },
    {
      ...{ name: 'SIZE', letter: 'Z', width: 8, isRight: true },
      value: ({ sizeBytes }) => sizeBytes,
      text: ({ sizeBytes }) => (sizeBytes === null ? missing : bytesOf(sizeBytes)),
    },
    {
      ...{ name: 'SYNC', letter: 'U', width: 11 },
      value: ({ isInSync }) => (isInSync ? 0 : 1),
      text: ({ isInSync }) => (isInSync ? 'in sync' : 'out of sync'),
      tone: ({ isInSync }) => (isInSync ? 'good' : 'warn'),
    },
  ],
})
