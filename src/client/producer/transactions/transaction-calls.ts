import { Apis } from '../../../protocol/index.ts'
import { AddOffsetsToTxnRequest, AddOffsetsToTxnResponse } from '../../../protocol/messages/add-offsets-to-txn.ts'
import { AddPartitionsToTxnRequest, AddPartitionsToTxnResponse } from '../../../protocol/messages/add-partitions-to-txn.ts'
import { EndTxnRequest, EndTxnResponse } from '../../../protocol/messages/end-txn.ts'
import { InitProducerIdRequest, InitProducerIdResponse } from '../../../protocol/messages/init-producer-id.ts'
import { TxnOffsetCommitRequest, TxnOffsetCommitResponse } from '../../../protocol/messages/txn-offset-commit.ts'
import type { OffsetToCommit } from '../../admin/group-offsets.ts'
import { byTopic, partitionKey, type TopicPartition } from '../../admin/routes.ts'
import { call } from '../../call.ts'
import { EPOCH_BUMP, type Question } from './transaction-coordinator.ts'
import { decisiveCode } from './transaction-verdict.ts'

const initProducerIdCall = call(Apis.InitProducerId, InitProducerIdRequest, InitProducerIdResponse)
const addPartitionsCall = call(Apis.AddPartitionsToTxn, AddPartitionsToTxnRequest, AddPartitionsToTxnResponse)
const addOffsetsCall = call(Apis.AddOffsetsToTxn, AddOffsetsToTxnRequest, AddOffsetsToTxnResponse)
const offsetCommitCall = call(Apis.TxnOffsetCommit, TxnOffsetCommitRequest, TxnOffsetCommitResponse)
const endCall = call(Apis.EndTxn, EndTxnRequest, EndTxnResponse)

/** From here on AddPartitionsToTxn is for brokers among themselves. */
const BROKERS_ALONE = 4
/** The versions in which requests belong to transactions of version 2 (KIP-890): a partition joins with its first batch, and each end gives a new epoch. */
export const produceV2 = 12
const endV2 = 5
const offsetCommitV2 = 5

/** Whose requests they are. */
export interface TransactionStamp {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
}

/** A member of a group, or somebody who commits for one: only its id. */
export interface TransactionGroup {
  readonly groupId: string
  readonly memberId?: string
  readonly generationId?: number
  readonly groupInstanceId?: string | null
}

type Versions = Question<never, never>['versions']
const inVersion2 = (isV2: boolean, since: number): Versions => (isV2 ? { minVersion: since } : { maxVersion: since - 1 })

/** `stamp` with an id: the same producer under a new epoch; without: whoever had the transactional id is fenced. */
export const initQuestion = (
  stamp: TransactionStamp,
  transactionTimeoutMs: number,
): Question<typeof InitProducerIdRequest, typeof InitProducerIdResponse> => ({
  api: 'InitProducerId',
  call: initProducerIdCall,
  body: (version) => ({
    transactionalId: stamp.transactionalId,
    transactionTimeoutMs,
    ...(version >= EPOCH_BUMP ? { producerId: stamp.producerId, producerEpoch: stamp.producerEpoch } : {}),
  }),
  versions: stamp.producerId >= 0 ? { minVersion: EPOCH_BUMP } : {},
  codeOf: ({ errorCode }) => errorCode,
})

export const addPartitionsQuestion = (
  stamp: TransactionStamp,
  partitions: readonly TopicPartition[],
  delayMs: (code: number) => number | undefined,
): Question<typeof AddPartitionsToTxnRequest, typeof AddPartitionsToTxnResponse> => ({
  api: 'AddPartitionsToTxn',
  call: addPartitionsCall,
  body: {
    v3AndBelowTransactionalId: stamp.transactionalId,
    v3AndBelowProducerId: stamp.producerId,
    v3AndBelowProducerEpoch: stamp.producerEpoch,
    v3AndBelowTopics: byTopic(partitions, (name, list) => ({ name, partitions: list.map(({ partition }) => partition) })),
  },
  versions: { maxVersion: BROKERS_ALONE - 1 },
  codeOf: ({ resultsByTopicV3AndBelow }) =>
    decisiveCode(
      'AddPartitionsToTxn',
      resultsByTopicV3AndBelow.flatMap(({ resultsByPartition }) => resultsByPartition.map((each) => each.partitionErrorCode)),
    ),
  delayMs,
})

export const addOffsetsQuestion = (
  stamp: TransactionStamp,
  groupId: string,
): Question<typeof AddOffsetsToTxnRequest, typeof AddOffsetsToTxnResponse> => ({
  api: 'AddOffsetsToTxn',
  call: addOffsetsCall,
  body: { ...stampOf(stamp), groupId },
  versions: {},
  codeOf: ({ errorCode }) => errorCode,
})

/** Offsets that an answer takes are not sent again with the next attempt. */
export function offsetCommitQuestion(
  stamp: TransactionStamp,
  group: TransactionGroup,
  offsets: readonly OffsetToCommit[],
  isV2: boolean,
): Question<typeof TxnOffsetCommitRequest, typeof TxnOffsetCommitResponse> {
  const { groupId, memberId = '', generationId = -1, groupInstanceId = null } = group
  const left = new Map(offsets.map((each) => [partitionKey(each), each]))
  const isMember = memberId !== '' || generationId >= 0
  return {
    api: 'TxnOffsetCommit',
    call: offsetCommitCall,
    groupId,
    body: (version) => ({
      ...stampOf(stamp),
      groupId,
      ...(version >= 3 ? { memberId, generationId, groupInstanceId } : {}),
      topics: byTopic([...left.values()], (name, list) => ({
        name,
        partitions: list.map((each) => ({
          partitionIndex: each.partition,
          committedOffset: each.offset,
          ...(version >= 2 ? { committedLeaderEpoch: each.leaderEpoch ?? -1 } : {}),
          committedMetadata: each.metadata ?? '',
        })),
      })),
    }),
    // Before KIP-447 the coordinator does not look at members: one that was left behind would go unnoticed.
    versions: isV2 || !isMember ? inVersion2(isV2, offsetCommitV2) : { minVersion: 3, maxVersion: offsetCommitV2 - 1 },
    codeOf: (answer) => {
      const codes = new Map(
        answer.topics.flatMap(({ name, partitions }) => partitions.map((each) => [`${name}-${each.partitionIndex}`, each])),
      )
      for (const [key, { errorCode }] of codes) if (errorCode === 0) left.delete(key)
      return decisiveCode(
        'TxnOffsetCommit',
        [...codes.values()].map(({ errorCode }) => errorCode),
      )
    },
  }
}

export const endQuestion = (
  stamp: TransactionStamp,
  committed: boolean,
  isV2: boolean,
): Question<typeof EndTxnRequest, typeof EndTxnResponse> => ({
  api: 'EndTxn',
  call: endCall,
  body: { ...stampOf(stamp), committed },
  versions: inVersion2(isV2, endV2),
  codeOf: ({ errorCode }) => errorCode,
})

const stampOf = ({ transactionalId, producerId, producerEpoch }: TransactionStamp): TransactionStamp => {
  return { transactionalId, producerId, producerEpoch }
}
