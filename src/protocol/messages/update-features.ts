import { type Message, message } from '../schema.ts'

export const UpdateFeaturesRequest = message({
  name: 'UpdateFeaturesRequest',
  kind: 'request',
  apiKey: 57,
  versions: '0-2',
  flexible: '0+',
  fields: {
    timeoutMs: { type: 'int32', versions: '0+', default: 60000 },
    featureUpdates: {
      type: [
        {
          feature: { type: 'string', versions: '0+', key: true },
          maxVersionLevel: { type: 'int16', versions: '0+' },
          allowDowngrade: { type: 'bool', versions: '0' },
          upgradeType: { type: 'int8', versions: '1+', default: 1 },
        },
      ],
      versions: '0+',
    },
    validateOnly: { type: 'bool', versions: '1+' },
  },
})
export type UpdateFeaturesRequest = Message<typeof UpdateFeaturesRequest>

export const UpdateFeaturesResponse = message({
  name: 'UpdateFeaturesResponse',
  kind: 'response',
  apiKey: 57,
  versions: '0-2',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '0+' },
    errorMessage: { type: 'string', versions: '0+', nullable: '0+' },
    results: {
      type: [
        {
          feature: { type: 'string', versions: '0+', key: true },
          errorCode: { type: 'int16', versions: '0+' },
          errorMessage: { type: 'string', versions: '0+', nullable: '0+' },
        },
      ],
      versions: '0-1',
      ignorable: true,
    },
  },
})
export type UpdateFeaturesResponse = Message<typeof UpdateFeaturesResponse>
