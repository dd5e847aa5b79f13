import type { GroupClient } from '../../coordinator/group/index.ts'
import type { RequestContext } from '../api-handler.ts'

/** What a coordinator wants to know of the one who asks. */
export const callerOf = (context: RequestContext): GroupClient => ({
  clientId: context.clientId,
  clientAddress: context.clientAddress,
  apiVersion: context.version,
})
