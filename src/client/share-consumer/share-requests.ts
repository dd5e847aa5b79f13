import { Apis, type MessageInput } from '../../protocol/index.ts'
import { ShareAcknowledgeRequest, ShareAcknowledgeResponse } from '../../protocol/messages/share-acknowledge.ts'
import { ShareFetchRequest, ShareFetchResponse } from '../../protocol/messages/share-fetch.ts'
import { call } from '../call.ts'
import type { ShareConsumerSettings } from '../config.ts'
import { acknowledgementBatches, type JoinedAcknowledgements, renews, type SharePartition, shareKey } from './acknowledgement.ts'
import type { SessionChanges } from './share-session.ts'

export const shareFetchCall = call(Apis.ShareFetch, ShareFetchRequest, ShareFetchResponse)
export const shareAcknowledgeCall = call(Apis.ShareAcknowledge, ShareAcknowledgeRequest, ShareAcknowledgeResponse)

/** Who asks. */
export interface ShareMembership {
  readonly groupId: string
  readonly memberId: string
}

const acquireModes: Readonly<Record<string, number>> = { batch_optimized: 0, record_limit: 1 }

/** `wantsRecords` false: it says what changed and what is acknowledged, and asks for nothing. */
export function fetchBody(
  { groupId, memberId }: ShareMembership,
  settings: ShareConsumerSettings,
  { epoch, added, removed }: SessionChanges,
  acknowledgements: ReadonlyMap<string, JoinedAcknowledgements>,
  wantsRecords: boolean,
): MessageInput<typeof ShareFetchRequest> {
  const records = settings['max.poll.records']
  const said = new Map<string, SharePartition>(added.map((each) => [shareKey(each), each]))
  for (const [key, { of }] of acknowledgements) said.set(key, of)
  return {
    groupId,
    memberId,
    shareSessionEpoch: epoch,
    ...(wantsRecords
      ? {
          maxWaitMs: settings['fetch.max.wait.ms'],
          minBytes: settings['fetch.min.bytes'],
          maxBytes: settings['fetch.max.bytes'],
          maxRecords: records,
          batchSize: records,
        }
      : { maxWaitMs: 0, minBytes: 0, maxBytes: 0, maxRecords: 0, batchSize: 0 }),
    shareAcquireMode: acquireModes[settings['share.acquire.mode']],
    topics: byTopicId(said.values(), (of) => ({ partitionIndex: of.partition, acknowledgementBatches: batchesOf(acknowledgements, of) })),
    forgottenTopicsData: byTopicId(removed, ({ partition }) => partition),
  }
}

export function acknowledgeBody(
  { groupId, memberId }: ShareMembership,
  epoch: number,
  acknowledgements: ReadonlyMap<string, JoinedAcknowledgements>,
): MessageInput<typeof ShareAcknowledgeRequest> {
  const of = [...acknowledgements.values()].map((each) => each.of)
  return {
    groupId,
    memberId,
    shareSessionEpoch: epoch,
    ...(hasRenewals(acknowledgements) ? { isRenewAck: true } : {}),
    topics: byTopicId(of, (each) => ({ partitionIndex: each.partition, acknowledgementBatches: batchesOf(acknowledgements, each) })),
  }
}

export function hasRenewals(acknowledgements: ReadonlyMap<string, JoinedAcknowledgements>): boolean {
  for (const { codes } of acknowledgements.values()) if (renews(codes)) return true
  return false
}

const batchesOf = (acknowledgements: ReadonlyMap<string, JoinedAcknowledgements>, of: SharePartition) => {
  const known = acknowledgements.get(shareKey(of))
  return known === undefined ? [] : acknowledgementBatches(known.codes)
}

function byTopicId<T>(partitions: Iterable<SharePartition>, each: (of: SharePartition) => T): { topicId: string; partitions: T[] }[] {
  const topics = new Map<string, T[]>()
  for (const of of partitions) {
    const list = topics.get(of.topicId)
    if (list === undefined) topics.set(of.topicId, [each(of)])
    else list.push(each(of))
  }
  return [...topics].map(([topicId, partitions]) => ({ topicId, partitions }))
}
