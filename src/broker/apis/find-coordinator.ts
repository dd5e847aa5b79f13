import { Apis, type ErrorCode, Errors, errorText, KafkaError } from '../../protocol/index.ts'
import { FindCoordinatorRequest, FindCoordinatorResponse } from '../../protocol/messages/find-coordinator.ts'
import { apiHandler, type RequestContext } from '../api-handler.ts'
import type { BrokerParts } from '../parts.ts'
import { aliveNode } from '../topic-view.ts'

const GROUP = 0
const TRANSACTION = 1
const SHARE = 2
const OFFSETS_TOPIC = '__consumer_offsets'
/** From version 4 on several keys come in one request (KIP-699). */
const SEVERAL_KEYS = 4
/** From version 6 on the brokers among themselves ask for share coordinators (KIP-932). */
const SHARE_COORDINATORS = 6

interface Found {
  readonly errorCode: ErrorCode
  readonly nodeId: number
  readonly host: string
  readonly port: number
  /** Where there is more to say than the error's general text. */
  readonly errorMessage?: string
}
const none = (errorCode: ErrorCode, errorMessage?: string): Found => ({
  errorCode,
  nodeId: -1,
  host: '',
  port: -1,
  ...(errorMessage !== undefined && { errorMessage }),
})

const find = (key: string, { keyType }: FindCoordinatorRequest, context: RequestContext, broker: BrokerParts): Found => {
  // The one refusal that ends every client's search: after others some go on asking for ever.
  if (keyType === TRANSACTION) {
    // Java clients show the error's own text, which speaks of permissions.
    broker.journal.warn('a producer is refused: this broker does not serve transactions', {
      transactionalId: key,
      clientId: context.clientId,
    })
    return none(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, 'this broker does not serve transactions')
  }
  if (keyType === SHARE && context.version < SHARE_COORDINATORS) return none(Errors.INVALID_REQUEST)
  if (keyType === SHARE) return none(Errors.INVALID_REQUEST, 'this broker does not serve share groups')
  const topic = broker.image.topic(OFFSETS_TOPIC)
  if (topic === undefined) {
    broker.autoTopics.create(OFFSETS_TOPIC)
    return none(Errors.COORDINATOR_NOT_AVAILABLE)
  }
  const partition = topic.partitions.get(broker.groups.partitionFor(key))
  const node = partition === undefined ? undefined : aliveNode(broker.image, partition.leader, context.listenerName)
  if (node === undefined) return none(Errors.COORDINATOR_NOT_AVAILABLE)
  return { errorCode: Errors.NONE, nodeId: node.nodeId, host: node.host, port: node.port }
}

const keysOf = (request: FindCoordinatorRequest, version: number): string[] =>
  version >= SEVERAL_KEYS ? request.coordinatorKeys : [request.key]

/** FindCoordinator: which broker leads the partition of the internal topic that a key falls into; the topic is created on first use. */
export const findCoordinator = apiHandler({
  api: Apis.FindCoordinator,
  request: FindCoordinatorRequest,
  response: FindCoordinatorResponse,
  handle: (request, context, broker) => {
    const { version } = context
    if (![GROUP, TRANSACTION, SHARE].includes(request.keyType))
      throw new KafkaError(Errors.INVALID_REQUEST, errorText(Errors.INVALID_REQUEST))
    const found = keysOf(request, version).map((key) => ({ key, ...find(key, request, context, broker) }))
    // Kafka has a text for old versions alone, also when nothing is wrong.
    if (version >= SEVERAL_KEYS) return { coordinators: found.map((each) => ({ errorMessage: '', ...each })) }
    const { key: _, ...only } = found[0]!
    return { errorMessage: errorText(only.errorCode), ...only }
  },
  refuse: (errorCode, errorMessage, request, { version }) =>
    version >= SEVERAL_KEYS
      ? { coordinators: keysOf(request, version).map((key) => ({ key, errorCode, errorMessage, nodeId: -1, host: '', port: -1 })) }
      : { errorCode, errorMessage, nodeId: -1, host: '', port: -1 },
})
