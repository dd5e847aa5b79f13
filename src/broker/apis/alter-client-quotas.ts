import { Apis } from '../../protocol/index.ts'
import { AlterClientQuotasRequest, AlterClientQuotasResponse } from '../../protocol/messages/alter-client-quotas.ts'
import { nodeApiHandler } from '../api-handler.ts'

/** AlterClientQuotas (KIP-546): limits for users, client ids and addresses. */
export const alterClientQuotas = nodeApiHandler({
  api: Apis.AlterClientQuotas,
  request: AlterClientQuotasRequest,
  response: AlterClientQuotasResponse,
  handle: (request, { version }, broker) => broker.controller.decide('AlterClientQuotas', request, version),
  refuse: (errorCode, errorMessage, request) => ({ entries: request.entries.map(({ entity }) => ({ entity, errorCode, errorMessage })) }),
})
