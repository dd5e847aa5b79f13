import { Apis } from '../../protocol/index.ts'
import { AlterPartitionRequest, AlterPartitionResponse } from '../../protocol/messages/alter-partition.ts'
import { nodeApiHandler } from '../api-handler.ts'

/** AlterPartition (KIP-497): a leader changes the in-sync replicas. */
export const alterPartition = nodeApiHandler({
  api: Apis.AlterPartition,
  request: AlterPartitionRequest,
  response: AlterPartitionResponse,
  handle: (request, { version }, broker) => broker.controller.decide('AlterPartition', request, version),
  refuse: (errorCode) => ({ errorCode }),
})
