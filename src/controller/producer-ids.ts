import { metadataRecord } from '../metadata/index.ts'
import { Errors } from '../protocol/index.ts'
import type { AllocateProducerIdsRequest, AllocateProducerIdsResponse } from '../protocol/messages/allocate-producer-ids.ts'
import type { ControllerState } from './state.ts'
import { answerOnly, type Decision } from './types.ts'

const BLOCK_SIZE = 1000

/** AllocateProducerIds: each block goes to one broker, once. */
export const allocateProducerIds = (
  state: ControllerState,
  { brokerId, brokerEpoch }: AllocateProducerIdsRequest,
): Decision<AllocateProducerIdsResponse> => {
  const refusal = (errorCode: number): Decision<AllocateProducerIdsResponse> =>
    answerOnly({ throttleTimeMs: 0, errorCode, producerIdStart: 0, producerIdLen: 0 })
  const stale = state.brokerEpochProblem(brokerId, brokerEpoch)
  if (stale !== undefined) return refusal(stale.code)
  const producerIdStart = Math.max(0, state.image.nextProducerId)
  const nextProducerId = producerIdStart + BLOCK_SIZE
  if (nextProducerId > Number.MAX_SAFE_INTEGER) return refusal(Errors.UNKNOWN_SERVER_ERROR)
  return {
    records: [metadataRecord('ProducerIdsRecord', 0, { brokerId, brokerEpoch, nextProducerId })],
    answer: { throttleTimeMs: 0, errorCode: Errors.NONE, producerIdStart, producerIdLen: BLOCK_SIZE },
  }
}
