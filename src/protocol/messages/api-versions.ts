import { type Message, message } from '../schema.ts'

export const ApiVersionsRequest = message({
  name: 'ApiVersionsRequest',
  kind: 'request',
  apiKey: 18,
  versions: '0-4',
  flexible: '3+',
  fields: {
    clientSoftwareName: { type: 'string', versions: '3+', ignorable: true },
    clientSoftwareVersion: { type: 'string', versions: '3+', ignorable: true },
  },
})
export type ApiVersionsRequest = Message<typeof ApiVersionsRequest>

export const ApiVersionsResponse = message({
  name: 'ApiVersionsResponse',
  kind: 'response',
  apiKey: 18,
  versions: '0-4',
  flexible: '3+',
  fields: {
    errorCode: { type: 'int16', versions: '0+' },
    apiKeys: {
      type: [
        {
          apiKey: { type: 'int16', versions: '0+', key: true },
          minVersion: { type: 'int16', versions: '0+' },
          maxVersion: { type: 'int16', versions: '0+' },
        },
      ],
      versions: '0+',
    },
    throttleTimeMs: { type: 'int32', versions: '1+', ignorable: true },
    supportedFeatures: {
      type: [
        {
          name: { type: 'string', versions: '3+', key: true },
          minVersion: { type: 'int16', versions: '3+' },
          maxVersion: { type: 'int16', versions: '3+' },
        },
      ],
      versions: '3+',
      tag: 0,
      ignorable: true,
    },
    finalizedFeaturesEpoch: { type: 'int64', versions: '3+', default: -1, tag: 1, ignorable: true },
    finalizedFeatures: {
      type: [
        {
          name: { type: 'string', versions: '3+', key: true },
          maxVersionLevel: { type: 'int16', versions: '3+' },
          minVersionLevel: { type: 'int16', versions: '3+' },
        },
      ],
      versions: '3+',
      tag: 2,
      ignorable: true,
    },
    zkMigrationReady: { type: 'bool', versions: '3+', tag: 3, ignorable: true },
  },
})
export type ApiVersionsResponse = Message<typeof ApiVersionsResponse>
