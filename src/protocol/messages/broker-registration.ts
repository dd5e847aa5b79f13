import { type Message, message } from '../schema.ts'

export const BrokerRegistrationRequest = message({
  name: 'BrokerRegistrationRequest',
  kind: 'request',
  apiKey: 62,
  versions: '0-4',
  flexible: '0+',
  fields: {
    brokerId: { type: 'int32', versions: '0+' },
    clusterId: { type: 'string', versions: '0+' },
    incarnationId: { type: 'uuid', versions: '0+' },
    listeners: {
      type: [
        {
          name: { type: 'string', versions: '0+', key: true },
          host: { type: 'string', versions: '0+' },
          port: { type: 'uint16', versions: '0+' },
          securityProtocol: { type: 'int16', versions: '0+' },
        },
      ],
      versions: '0+',
    },
    features: {
      type: [
        {
          name: { type: 'string', versions: '0+', key: true },
          minSupportedVersion: { type: 'int16', versions: '0+' },
          maxSupportedVersion: { type: 'int16', versions: '0+' },
        },
      ],
      versions: '0+',
    },
    rack: { type: 'string', versions: '0+', nullable: '0+' },
    isMigratingZkBroker: { type: 'bool', versions: '1+' },
    logDirs: { type: ['uuid'], versions: '2+', ignorable: true },
    previousBrokerEpoch: { type: 'int64', versions: '3+', default: -1, ignorable: true },
  },
})
export type BrokerRegistrationRequest = Message<typeof BrokerRegistrationRequest>

export const BrokerRegistrationResponse = message({
  name: 'BrokerRegistrationResponse',
  kind: 'response',
  apiKey: 62,
  versions: '0-4',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '0+' },
    brokerEpoch: { type: 'int64', versions: '0+', default: -1 },
  },
})
export type BrokerRegistrationResponse = Message<typeof BrokerRegistrationResponse>
