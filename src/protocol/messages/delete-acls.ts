import { type Message, message } from '../schema.ts'

export const DeleteAclsRequest = message({
  name: 'DeleteAclsRequest',
  kind: 'request',
  apiKey: 31,
  versions: '1-3',
  flexible: '2+',
  fields: {
    filters: {
      type: [
        {
          resourceTypeFilter: { type: 'int8', versions: '0+' },
          resourceNameFilter: { type: 'string', versions: '0+', nullable: '0+' },
          patternTypeFilter: { type: 'int8', versions: '1+', default: 3 },
          principalFilter: { type: 'string', versions: '0+', nullable: '0+' },
          hostFilter: { type: 'string', versions: '0+', nullable: '0+' },
          operation: { type: 'int8', versions: '0+' },
          permissionType: { type: 'int8', versions: '0+' },
        },
      ],
      versions: '0+',
    },
  },
})
export type DeleteAclsRequest = Message<typeof DeleteAclsRequest>

export const DeleteAclsResponse = message({
  name: 'DeleteAclsResponse',
  kind: 'response',
  apiKey: 31,
  versions: '1-3',
  flexible: '2+',
  fields: {
    throttleTimeMs: { type: 'int32', versions: '0+' },
    filterResults: {
      type: [
        {
          errorCode: { type: 'int16', versions: '0+' },
          errorMessage: { type: 'string', versions: '0+', nullable: '0+' },
          matchingAcls: {
            type: [
              {
                errorCode: { type: 'int16', versions: '0+' },
                errorMessage: { type: 'string', versions: '0+', nullable: '0+' },
                resourceType: { type: 'int8', versions: '0+' },
                resourceName: { type: 'string', versions: '0+' },
                patternType: { type: 'int8', versions: '1+', default: 3 },
                principal: { type: 'string', versions: '0+' },
                host: { type: 'string', versions: '0+' },
                operation: { type: 'int8', versions: '0+' },
                permissionType: { type: 'int8', versions: '0+' },
              },
            ],
            versions: '0+',
          },
        },
      ],
      versions: '0+',
    },
  },
})
export type DeleteAclsResponse = Message<typeof DeleteAclsResponse>
