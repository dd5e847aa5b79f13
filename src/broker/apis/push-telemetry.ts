import { Apis } from '../../protocol/index.ts'
import { PushTelemetryRequest, PushTelemetryResponse } from '../../protocol/messages/push-telemetry.ts'
import { apiHandler } from '../api-handler.ts'
import { telemetryClientOf } from '../client-telemetry.ts'

/** PushTelemetry (KIP-714): a client's metrics, as it was asked for them. */
export const pushTelemetry = apiHandler({
  api: Apis.PushTelemetry,
  request: PushTelemetryRequest,
  response: PushTelemetryResponse,
  handle: (request, context, broker) => ({
    errorCode: broker.telemetry.push(request, telemetryClientOf(context, broker)),
  }),
  refuse: (errorCode) => ({ errorCode }),
})
