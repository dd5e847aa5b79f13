import { Apis } from '../../protocol/index.ts'
import { FetchRequest, FetchResponse } from '../../protocol/messages/fetch.ts'
import { nodeApiHandler } from '../api-handler.ts'
import { refuseFetch } from './fetch.ts'

/** Fetch on a controller listener (KIP-595): voters and observers follow the metadata log, the one log that is served there. */
export const fetchMetadataLog = nodeApiHandler({
  api: Apis.Fetch,
  request: FetchRequest,
  response: FetchResponse,
  handle: (request, { version, listenerName }, { quorum }) => quorum.fetch(request, { version, listenerName }),
  refuse: refuseFetch,
})
