import { type Message, message } from '../schema.ts'

export const ControllerRegistrationRequest = message({
  name: 'ControllerRegistrationRequest',
  kind: 'request',
  apiKey: 70,
  versions: '0',
  flexible: '0+',
  fields: {
    controllerId: { type: 'int32', versions: '0+' },
    incarnationId: { type: 'uuid', versions: '0+' },
    zkMigrationReady: { type: 'bool', versions: '0+' },
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
  },
})
export type ControllerRegistrationRequest = Message<typeof ControllerRegistrationRequest>

export const ControllerRegistrationResponse = message({
  name: 'ControllerRegistrationResponse',
  kind: 'response',
  apiKey: 70,
  versions: '0',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '0+' },
    errorMessage: { type: 'string', versions: '0+', nullable: '0+' },
  },
})
export type ControllerRegistrationResponse = Message<typeof ControllerRegistrationResponse>
