import { supportsControllerRegistration } from '../../metadata/index.ts'
import { Apis, type ErrorCode, Errors, KafkaError } from '../../protocol/index.ts'
import { DescribeClusterRequest, DescribeClusterResponse } from '../../protocol/messages/describe-cluster.ts'
import { nodeApiHandler } from '../api-handler.ts'
import { CLUSTER_OPERATIONS } from '../authorized-operations.ts'
import type { NodeParts } from '../parts.ts'
import { controllerForClients, endpointOf } from '../topic-view.ts'

const BROKERS = 1
const CONTROLLERS = 2

/** DescribeCluster (KIP-700): the brokers of a cluster, or on a controller listener its controllers (KIP-919). */
export const describeCluster = nodeApiHandler({
  api: Apis.DescribeCluster,
  request: DescribeClusterRequest,
  response: DescribeClusterResponse,
  handle: (request, context, broker) => {
    const { isController } = context
    const level = broker.image.metadataVersion
    // Level 0: this node has read nothing yet, and knows of no reason to refuse.
    if (isController && level > 0 && !supportsControllerRegistration(level))
      throw new KafkaError(
        Errors.UNSUPPORTED_VERSION,
        'Direct-to-controller communication is not supported with the current MetadataVersion.',
      )
    const served = isController ? CONTROLLERS : BROKERS
    const refusal = endpointRefusal(request.endpointType, served, context.version)
    if (refusal !== undefined) return refusal
    const brokers = isController ? controllers(broker) : brokersOf(broker, context.listenerName, request.includeFencedBrokers)
    const controllerId = isController ? broker.controller.activeId() : controllerForClients(broker.image, broker.nodeId)
    return {
      clusterId: broker.clusterId,
      controllerId: brokers.some(({ brokerId }) => brokerId === controllerId) ? controllerId : -1,
      endpointType: served,
      brokers,
      ...(request.includeClusterAuthorizedOperations ? { clusterAuthorizedOperations: CLUSTER_OPERATIONS } : {}),
    }
  },
  refuse: (errorCode, errorMessage) => ({ errorCode, errorMessage }),
})

const NAMES = new Map([
  [BROKERS, 'BROKER'],
  [CONTROLLERS, 'CONTROLLER'],
])

const endpointRefusal = (asked: number, served: number, version: number) => {
  if (asked === served) return undefined
  // Version 0 knows nothing of endpoint types.
  const told = (errorCode: ErrorCode): ErrorCode => (version === 0 ? Errors.INVALID_REQUEST : errorCode)
  return NAMES.has(asked)
    ? {
        errorCode: told(Errors.MISMATCHED_ENDPOINT_TYPE),
        errorMessage: `The request was sent to an endpoint of type ${NAMES.get(served)}, but we wanted an endpoint of type ${NAMES.get(asked)}`,
      }
    : { errorCode: told(Errors.UNSUPPORTED_ENDPOINT_TYPE), errorMessage: `Unsupported endpoint type ${asked}` }
}

const brokersOf = ({ image }: NodeParts, listenerName: string, includeFenced: boolean) =>
  [...image.brokers.values()].flatMap((registration) => {
    const endpoint = endpointOf(registration, listenerName)
    if (endpoint === undefined || (registration.fenced && !includeFenced)) return []
    const { id, rack, fenced } = registration
    return [{ brokerId: id, host: endpoint.host, port: endpoint.port, rack, isFenced: fenced }]
  })

const controllers = ({ image }: NodeParts) =>
  [...image.controllers.values()].flatMap(({ id, endpoints }) => {
    const endpoint = endpoints[0]
    return endpoint === undefined ? [] : [{ brokerId: id, host: endpoint.host, port: endpoint.port, rack: null, isFenced: false }]
  })
