import { Apis, Errors, KafkaError } from '../../protocol/index.ts'
import { DescribeClusterRequest, DescribeClusterResponse } from '../../protocol/messages/describe-cluster.ts'
import { nodeApiHandler } from '../api-handler.ts'
import { CLUSTER_OPERATIONS } from '../authorized-operations.ts'
import type { NodeParts } from '../parts.ts'
import { anyAliveBrokerId, endpointOf } from '../topic-view.ts'

const BROKERS = 1
const CONTROLLERS = 2

/** DescribeCluster (KIP-700): the brokers of a cluster, or on a controller listener its controllers (KIP-919). */
export const describeCluster = nodeApiHandler({
  api: Apis.DescribeCluster,
  request: DescribeClusterRequest,
  response: DescribeClusterResponse,
  handle: (request, context, broker) => {
    const served = context.isController ? CONTROLLERS : BROKERS
    if (request.endpointType !== served) {
      const known = request.endpointType === BROKERS || request.endpointType === CONTROLLERS
      throw new KafkaError(
        known ? Errors.MISMATCHED_ENDPOINT_TYPE : Errors.UNSUPPORTED_ENDPOINT_TYPE,
        `this listener describes ${served === BROKERS ? 'brokers' : 'controllers'}, endpoint type ${request.endpointType} was asked for`,
      )
    }
    const brokers = context.isController ? controllers(broker) : brokersOf(broker, context.listenerName, request.includeFencedBrokers)
    return {
      clusterId: broker.clusterId,
      controllerId: context.isController ? broker.controller.activeId() : anyAliveBrokerId(broker.image),
      endpointType: served,
      brokers,
      ...(request.includeClusterAuthorizedOperations ? { clusterAuthorizedOperations: CLUSTER_OPERATIONS } : {}),
    }
  },
  refuse: (errorCode, errorMessage, request) => ({ errorCode, errorMessage, endpointType: request.endpointType }),
})

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
