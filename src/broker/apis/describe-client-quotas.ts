import { describeClientQuotas as describe } from '../../controller/index.ts'
import { Apis } from '../../protocol/index.ts'
import { DescribeClientQuotasRequest, DescribeClientQuotasResponse } from '../../protocol/messages/describe-client-quotas.ts'
import { apiHandler } from '../api-handler.ts'

/** DescribeClientQuotas (KIP-546): the quotas of users, client ids and addresses that match a filter. */
export const describeClientQuotas = apiHandler({
  api: Apis.DescribeClientQuotas,
  request: DescribeClientQuotasRequest,
  response: DescribeClientQuotasResponse,
  handle: (request, _context, { image }) => describe(image, request),
  refuse: (errorCode, errorMessage) => ({ errorCode, errorMessage, entries: null }),
})
