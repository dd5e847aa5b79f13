import { listPartitionReassignments as list } from '../../controller/index.ts'
import { Apis } from '../../protocol/index.ts'
import {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from '../../protocol/messages/list-partition-reassignments.ts'
import { nodeApiHandler } from '../api-handler.ts'

/** ListPartitionReassignments (KIP-455): moves of replicas that are under way. */
export const listPartitionReassignments = nodeApiHandler({
  api: Apis.ListPartitionReassignments,
  request: ListPartitionReassignmentsRequest,
  response: ListPartitionReassignmentsResponse,
  handle: (request, _context, { image }) => list(image, request),
  refuse: (errorCode, errorMessage) => ({ errorCode, errorMessage }),
})
