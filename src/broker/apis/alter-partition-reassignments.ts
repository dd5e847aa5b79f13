import { Apis } from '../../protocol/index.ts'
import {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
} from '../../protocol/messages/alter-partition-reassignments.ts'
import { nodeApiHandler } from '../api-handler.ts'

/** AlterPartitionReassignments (KIP-455): moves replicas, or cancels a move. */
export const alterPartitionReassignments = nodeApiHandler({
  api: Apis.AlterPartitionReassignments,
  request: AlterPartitionReassignmentsRequest,
  response: AlterPartitionReassignmentsResponse,
  handle: (request, { version }, broker) => broker.controller.decide('AlterPartitionReassignments', request, version),
  refuse: (errorCode, errorMessage) => ({ errorCode, errorMessage }),
})
