import { Apis, type ErrorCode, Errors, type Message } from '../../protocol/index.ts'
import { FindCoordinatorRequest, FindCoordinatorResponse } from '../../protocol/messages/find-coordinator.ts'
import { apiHandler, type RequestContext } from '../api-handler.ts'
import type { BrokerParts } from '../parts.ts'
import { aliveNode } from '../topic-view.ts'

const GROUP = 0
const OFFSETS_TOPIC = '__consumer_offsets'
/** From version 4 on several keys come in one request (KIP-699). */
const SEVERAL_KEYS = 4

interface Found {
  readonly errorCode: ErrorCode
  readonly errorMessage: string | null
  readonly nodeId: number
  readonly host: string
  readonly port: number
}
const none = (errorCode: ErrorCode, errorMessage: string | null = null): Found => ({
  errorCode,
  errorMessage,
  nodeId: -1,
  host: '',
  port: -1,
})

const find = (key: string, keyType: number, context: RequestContext, broker: BrokerParts): Found => {
  if (keyType !== GROUP) return none(Errors.INVALID_REQUEST, `coordinator type ${keyType} is not served by this broker`)
  const topic = broker.image.topic(OFFSETS_TOPIC)
  if (topic === undefined) {
    broker.autoTopics.create(OFFSETS_TOPIC)
    return none(Errors.COORDINATOR_NOT_AVAILABLE)
  }
  const partition = topic.partitions.get(broker.groups.partitionFor(key))
  const node = partition === undefined ? undefined : aliveNode(broker.image, partition.leader, context.listenerName)
  if (node === undefined) return none(Errors.COORDINATOR_NOT_AVAILABLE)
  return { errorCode: Errors.NONE, errorMessage: null, nodeId: node.nodeId, host: node.host, port: node.port }
}

const keysOf = (request: Message<typeof FindCoordinatorRequest>, version: number): string[] =>
  version >= SEVERAL_KEYS ? request.coordinatorKeys : [request.key]

/** FindCoordinator: which broker leads the partition of the internal topic that a key falls into; the topic is created on first use. */
export const findCoordinator = apiHandler({
  api: Apis.FindCoordinator,
  request: FindCoordinatorRequest,
  response: FindCoordinatorResponse,
  handle: (request, context, broker) => {
    const coordinators = keysOf(request, context.version).map((key) => ({ key, ...find(key, request.keyType, context, broker) }))
    if (context.version >= SEVERAL_KEYS) return { coordinators }
    const { key: _, ...only } = coordinators[0]!
    return only
  },
  refuse: (errorCode, errorMessage, request, { version }) =>
    version >= SEVERAL_KEYS
      ? { coordinators: keysOf(request, version).map((key) => ({ key, errorCode, errorMessage, nodeId: -1, host: '', port: -1 })) }
      : { errorCode, errorMessage, nodeId: -1, host: '', port: -1 },
})
