import { type Message, message } from '../schema.ts'

export const BrokerHeartbeatRequest = message({
  name: 'BrokerHeartbeatRequest',
  kind: 'request',
  apiKey: 63,
  versions: '0-2',
  flexible: '0+',
  fields: {
    brokerId: { type: 'int32', versions: '0+' },
    brokerEpoch: { type: 'int64', versions: '0+', default: -1 },
    currentMetadataOffset: { type: 'int64', versions: '0+' },
    wantFence: { type: 'bool', versions: '0+' },
    wantShutDown: { type: 'bool', versions: '0+' },
    offlineLogDirs: { type: ['uuid'], versions: '1+', tag: 0 },
    cordonedLogDirs: { type: ['uuid'], versions: '2+', nullable: '2+', default: null, tag: 1 },
  },
})
export type BrokerHeartbeatRequest = Message<typeof BrokerHeartbeatRequest>

export const BrokerHeartbeatResponse = message({
  name: 'BrokerHeartbeatResponse',
  kind: 'response',
  apiKey: 63,
  versions: '0-2',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '0+' },
    isCaughtUp: { type: 'bool', versions: '0+' },
    isFenced: { type: 'bool', versions: '0+', default: true },
    shouldShutDown: { type: 'bool', versions: '0+' },
  },
})
export type BrokerHeartbeatResponse = Message<typeof BrokerHeartbeatResponse>
