import { type Message, message } from '../schema.ts'

export const PushTelemetryRequest = message({
  name: 'PushTelemetryRequest',
  kind: 'request',
  apiKey: 72,
  versions: '0',
  flexible: '0+',
  fields: {
    clientInstanceId: { type: 'uuid', versions: '0+' },
    subscriptionId: { type: 'int32', versions: '0+' },
    terminating: { type: 'bool', versions: '0+' },
    compressionType: { type: 'int8', versions: '0+' },
    metrics: { type: 'bytes', versions: '0+' },
  },
})
export type PushTelemetryRequest = Message<typeof PushTelemetryRequest>

export const PushTelemetryResponse = message({
  name: 'PushTelemetryResponse',
  kind: 'response',
  apiKey: 72,
  versions: '0',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '0+' },
  },
})
export type PushTelemetryResponse = Message<typeof PushTelemetryResponse>
