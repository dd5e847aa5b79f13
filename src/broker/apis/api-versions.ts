import { Apis, Errors, parseVersions } from '../../protocol/index.ts'
import { ApiVersionsRequest, ApiVersionsResponse } from '../../protocol/messages/api-versions.ts'
import { nodeApiHandler, type RequestContext } from '../api-handler.ts'
import type { NodeParts } from '../parts.ts'

/** A client's name and version as KIP-511 allows them. */
const LEGAL_SOFTWARE = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/

const served = (context: RequestContext, broker: NodeParts) =>
  broker.servedApis(context.isController ? 'controller' : 'broker').map((api) => {
    const { lowest } = parseVersions(api.versions)
    // KIP-896: librdkafka before 2.8 takes a Produce that does not start at 0 for a broker from before 0.10.
    const minVersion = api.key === Apis.Produce.key ? 0 : lowest
    return { apiKey: api.key, minVersion, maxVersion: api.stableMax }
  })

/** ApiVersions: what this listener answers, and the features of the cluster (KIP-584). Asked first by every client. */
export const apiVersions = nodeApiHandler({
  api: Apis.ApiVersions,
  request: ApiVersionsRequest,
  response: ApiVersionsResponse,
  handle: (request, context, broker) => {
    if (context.version >= 3) {
      if (!LEGAL_SOFTWARE.test(request.clientSoftwareName) || !LEGAL_SOFTWARE.test(request.clientSoftwareVersion)) {
        return { errorCode: Errors.INVALID_REQUEST }
      }
      broker.clientSoftware(context.connectionId, request.clientSoftwareName, request.clientSoftwareVersion)
    }
    const finalized = broker.finalizedFeatures()
    return {
      apiKeys: served(context, broker),
      supportedFeatures: broker.supportedFeatures().filter(({ minVersion }) => context.version >= 4 || minVersion > 0),
      finalizedFeaturesEpoch: finalized.epoch,
      finalizedFeatures: finalized.levels,
    }
  },
  refuse: (errorCode, _message, _request, context) => ({
    errorCode,
    // The one error that comes with an answer: the versions of this very API, so that the client can ask again.
    apiKeys:
      errorCode === Errors.UNSUPPORTED_VERSION ? [{ apiKey: Apis.ApiVersions.key, minVersion: 0, maxVersion: context.api.stableMax }] : [],
  }),
})
