import { Apis } from '../../protocol/index.ts'
import { GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse } from '../../protocol/messages/get-telemetry-subscriptions.ts'
import { apiHandler } from '../api-handler.ts'
import { telemetryClientOf } from '../client-telemetry.ts'

/** GetTelemetrySubscriptions (KIP-714): which metrics a client should push, and how often. */
export const getTelemetrySubscriptions = apiHandler({
  api: Apis.GetTelemetrySubscriptions,
  request: GetTelemetrySubscriptionsRequest,
  response: GetTelemetrySubscriptionsResponse,
  handle: ({ clientInstanceId }, context, broker) => {
    const answer = broker.telemetry.subscriptionOf(clientInstanceId, telemetryClientOf(context, broker))
    return typeof answer === 'number' ? { errorCode: answer } : answer
  },
  refuse: (errorCode) => ({ errorCode }),
})
