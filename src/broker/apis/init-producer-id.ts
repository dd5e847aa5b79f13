import { Apis, Errors, KafkaError } from '../../protocol/index.ts'
import { InitProducerIdRequest, InitProducerIdResponse } from '../../protocol/messages/init-producer-id.ts'
import { apiHandler } from '../api-handler.ts'

/** -1: none. */
const isHalf = ({ producerId, producerEpoch }: InitProducerIdRequest): boolean => (producerId === -1) !== (producerEpoch === -1)

/** InitProducerId without a transactional id: a fresh producer id for an idempotent producer (KIP-98). */
export const initProducerId = apiHandler({
  api: Apis.InitProducerId,
  request: InitProducerIdRequest,
  response: InitProducerIdResponse,
  handle: async (request, _context, broker) => {
    if (isHalf(request) || request.transactionalId === '') throw new KafkaError(Errors.INVALID_REQUEST)
    // An error that every client takes for final.
    if (request.transactionalId !== null) throw new KafkaError(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
    return { producerId: await broker.producerIds.next(), producerEpoch: 0 }
  },
  refuse: (errorCode) => ({ errorCode, producerId: -1, producerEpoch: -1 }),
})
