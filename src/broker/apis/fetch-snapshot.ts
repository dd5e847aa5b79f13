import { Apis } from '../../protocol/index.ts'
import { FetchSnapshotRequest, FetchSnapshotResponse } from '../../protocol/messages/fetch-snapshot.ts'
import { nodeApiHandler } from '../api-handler.ts'

/** FetchSnapshot (KIP-630): a replica of the metadata log that lags too far copies a snapshot. */
export const fetchSnapshot = nodeApiHandler({
  api: Apis.FetchSnapshot,
  request: FetchSnapshotRequest,
  response: FetchSnapshotResponse,
  handle: (request, { version, listenerName }, { quorum }) => quorum.fetchSnapshot(request, { version, listenerName }),
  refuse: (errorCode) => ({ errorCode }),
})
