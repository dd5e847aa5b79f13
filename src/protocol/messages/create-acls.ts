import { type Message, message } from '../schema.ts'

export const CreateAclsRequest = message({
  name: 'CreateAclsRequest',
  kind: 'request',
  apiKey: 30,
  versions: '1-3',
  flexible: '2+',
  fields: {
    creations: {
      type: [
        {
          resourceType: { type: 'int8', versions: '0+' },
          resourceName: { type: 'string', versions: '0+' },
          resourcePatternType: { type: 'int8', versions: '1+', default: 3 },
          principal: { type: 'string', versions: '0+' },
          host: { type: 'string', versions: '0+' },
          operation: { type: 'int8', versions: '0+' },
          permissionType: { type: 'int8', versions: '0+' },
        },
      ],
      versions: '0+',
    },
  },
})
export type CreateAclsRequest = Message<typeof CreateAclsRequest>

export const CreateAclsResponse = message({
  name: 'CreateAclsResponse',
  kind: 'response',
  apiKey: 30,
  versions: '1-3',
  flexible: '2+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    results: {
      type: [
        {
          errorCode: { type: 'int16', versions: '0+' },
          errorMessage: { type: 'string', versions: '0+', nullable: '0+' },
        },
      ],
      versions: '0+',
    },
  },
})
export type CreateAclsResponse = Message<typeof CreateAclsResponse>
