import { type Message, message } from '../schema.ts'

export const ListConfigResourcesRequest = message({
  name: 'ListConfigResourcesRequest',
  kind: 'request',
  apiKey: 74,
  versions: '0-1',
  flexible: '0+',
  fields: {
    resourceTypes: { type: ['int8'], versions: '1+' },
  },
})
export type ListConfigResourcesRequest = Message<typeof ListConfigResourcesRequest>

export const ListConfigResourcesResponse = message({
  name: 'ListConfigResourcesResponse',
  kind: 'response',
  apiKey: 74,
  versions: '0-1',
  flexible: '0+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    errorCode: { type: 'int16', versions: '0+' },
    configResources: {
      type: [
        {
          resourceName: { type: 'string', versions: '0+' },
          resourceType: { type: 'int8', versions: '1+', default: 16, ignorable: true },
        },
      ],
      versions: '0+',
    },
  },
})
export type ListConfigResourcesResponse = Message<typeof ListConfigResourcesResponse>
