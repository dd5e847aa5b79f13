import { type Message, message } from '../schema.ts'

export const GetTelemetrySubscriptionsRequest = message({
  name: 'GetTelemetrySubscriptionsRequest',
  kind: 'request',
  apiKey: 71,
  versions: '0',
  flexible: '0+',
  fields: {
    clientInstanceId: { type: 'uuid', versions: '0+' },
  },
})
export type GetTelemetrySubscriptionsRequest = Message<typeof GetTelemetrySubscriptionsRequest>

export const GetTelemetrySubscriptionsResponse = message({
  name: 'GetTelemetrySubscriptionsResponse',
  kind: 'response',
  apiKey: 71,
  versions: '0',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '0+' },
    clientInstanceId: { type: 'uuid', versions: '0+' },
    subscriptionId: { type: 'int32', versions: '0+' },
    acceptedCompressionTypes: { type: ['int8'], versions: '0+' },
    pushIntervalMs: { type: 'int32', versions: '0+' },
    telemetryMaxBytes: { type: 'int32', versions: '0+' },
    deltaTemporality: { type: 'bool', versions: '0+' },
    requestedMetrics: { type: ['string'], versions: '0+' },
  },
})
export type GetTelemetrySubscriptionsResponse = Message<typeof GetTelemetrySubscriptionsResponse>
